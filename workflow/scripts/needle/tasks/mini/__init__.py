"""The embedded benchmark: pictures drawn from what the Python packages hold.

`domains` draws the upstream domains that models are pre-trained on; `natural`, `specialized` and
`structured` draw the downstream tasks, which `tasks` lists. All are uint8 (N, 3, 32, 32), and the
same seed draws the same pictures.
"""

"""One model for a user's own data: from a pool's ranking to a folder that timm loads.

`admission` says which models may be recommended, `ranking` ranks them, `answer` chooses the best of
all that was trained on val and predicts test once, `export` writes it. `findings` gathers what the
other files say in words, for the page (`page`) and the terminal (`summary`).

Takes proxies, heads, picks' runs and predictions; gives the tables and pages of
``results/{run}/recommendation/``.
"""

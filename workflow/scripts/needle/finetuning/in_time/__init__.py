"""Fine-tuning with a time as the budget: the best picks and learning rates are trained longest.

Takes a ranking, protocols and seconds. Gives what fine-tuning gives for each pick that the time was
enough for, and the plan of all runs. `halving` says what to train next, `costs` what that takes,
`tune` does it.
"""

"""What the paper's tables and figures show, in numbers: one file a table.

Takes scores, picks and regret as DataFrames; gives DataFrames that become
``results/{run}/tables/*.csv``. Nothing here reads a file or draws.
"""

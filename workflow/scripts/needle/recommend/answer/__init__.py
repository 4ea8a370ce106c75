"""The answer: the simplest of all candidates that no other clearly surpasses on val.

`candidates` says what was tried, `frozen` builds models with tuned heads, `ensemble` weighs several
together, `temperature` calibrates each, `choose` judges them on val and decides, `words` says so.
`predictions` and `reliability` say what the chosen one makes of test.

Begin with `choose.judged`, which gives the rows of candidates.csv.
"""

"""All that is measured, in one table: model, task, score, repeat, value.

`score_table` makes it from the files of a run, `finished` from CSV files that a user brings.
`known` is what a strategy may look at before it picks: all scores but the task's own results;
`earlier` reads what finished runs know, and `additions` which models joined a run after it was
first finished. `columns` names the columns.

Begin with `point_values(scores)`: index (task, model), a column for each score; and `Known`.
"""

"""What a model really reaches: trained on train by a protocol, measured on val and test.

Takes a checkpoint, a task file, a protocol and seeds. Gives a row for each run: repeat,
learning_rate, val_accuracy, test_accuracy, diverged, steps, seconds; with `partial`, also what was
reached part of the way. `protocols` says what a protocol is for one model, `frozen`, `adapters`,
`heads`, `optimisers`, `augment` and `batch_norms` do what it asks for, `best_state` keeps the best
of a run. `resume` keeps finished runs of a killed job, `best_weights` the best runs' weights, of
which `soup` makes the mean.

Begin with `finetune`, which yields these rows, and `training.train`, the loop itself.
"""

"""What a model really reaches: all weights trained on train, measured on val and test.

Takes a checkpoint, a task file, a protocol and seeds. Gives a row for each run: repeat,
learning_rate, val_accuracy, test_accuracy, diverged, steps, seconds; with `partial`, also what was
reached part of the way. `resume` keeps finished runs of a killed job, `best_weights` the best
model's.

Begin with `finetune`, which yields these rows, and `train`, the loop itself.
"""

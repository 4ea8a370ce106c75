"""What a frozen model makes of a task.

Takes a checkpoint and a task file. Gives embeddings of train and val: float32 (N, D) and labels
int64 (N,), with ``train_source_probabilities`` (N, Z) where the model has a source head. `readings`
has what is read of a model: its last features, their mean over layers, or its tokens. `task2vec`
embeds a whole task by a probe network. A user's own embeddings come in by `own_features`.

Begin with `embed`, and with `Embeddings`, which is all that proxies see.
"""

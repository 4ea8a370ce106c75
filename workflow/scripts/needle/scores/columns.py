"""Columns of the tables that all analysis reads."""

MODEL_COLUMNS = [
    "model",
    "architecture",
    "params",
    "embedding_dim",
    "reference_accuracy",
    "upstream_dataset",
    "upstream_examples",
    "tags",
    "license",
    "contaminated_tasks",
]
LIST_COLUMNS = ["tags", "contaminated_tasks"]  # entries separated by ;
TASK_COLUMNS = ["task", "label", "group"]
TASK_EMBEDDINGS = "task_embeddings"  # folder in the results of a run
DATA = "data"  # the one task of a recommendation
SCORE_COLUMNS = ["model", "task", "score", "repeat", "value"]
MISSING_COLUMNS = ["model", "task", "score", "reason"]

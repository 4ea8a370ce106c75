"""Columns of the tables that all analysis reads."""

MODEL_COLUMNS = [
    "model",
    "architecture",
    "family",
    "params",
    "embedding_dim",
    "reference_accuracy",
    "upstream_dataset",
    "upstream_examples",
    "tags",
    "license",
    "contaminated_tasks",
]
# Measured where a recommendation embeds its pictures: for one, for most at once, MB, on what.
SPEED_COLUMNS = ["milliseconds", "pictures_per_second", "inference_mb", "device"]
LIST_COLUMNS = ["tags", "contaminated_tasks"]  # entries separated by ;
TASK_COLUMNS = ["task", "label", "group"]
TASK_EMBEDDINGS = "task_embeddings"  # folder in the results of a run
DATA = "data"  # the one task of a recommendation
SCORE_COLUMNS = ["model", "task", "score", "repeat", "value"]
MISSING_COLUMNS = ["model", "task", "score", "reason"]

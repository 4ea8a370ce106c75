"""The paper's task-agnostic oracle: the one order that fine-tuning on all tasks suggests."""

from needle.strategies.ranking import by_score


def rank(pool, task, points):
    """Rank by mean fine-tune accuracy over all tasks, the same for every task.

    Parameters and returns are those of `task_agnostic.rank`.
    """
    average = points["finetune"].groupby("model", sort=False).mean()
    return by_score(pool, average, missing="no fine-tune score")

"""Strategies that learn from fine-tune results on other tasks, of this run and of stores.

`experience` gathers what is known on one scale, and all others read it. `prior` and `portfolio`
predict by `ridge`, `nearest_tasks` and `task2vec` by `neighbours`; `known_average` does not look at
the task.
"""

"""What was done in a given time, in words."""

import pandas as pd

from needle.recommend.answer.time_words import time_words

COLUMNS = ["rung", "model", "learning_rate", "steps", "predicted_seconds", "seconds"]


PROTOCOL = {"steps": 60, "batch_size": 32, "learning_rates": [0.1], "repeats": 1}
WHOLE = "A whole run of fine-tuning was 60 steps of 32 images at learning rate 0.1. "


def words(rows):
    text = time_words(pd.DataFrame(rows, columns=COLUMNS), "20m", PROTOCOL)
    assert text.startswith(WHOLE)
    return text.removeprefix(WHOLE)


def test_rungs_and_what_was_left_out_are_counted():
    rows = [(1, "a", 0.1, 15, 20, 30.0), (1, "b", 0.1, 15, 20, 30.0), (2, "a", 0.1, 60, 70, 65.0),
            (None, "b", 0.1, 60, 80.0, None), (None, "c", 0.1, 60, 100.0, None)]  # fmt: skip
    assert words(rows) == (
        "Time: 20m for search and fine-tuning. 2 runs of 15 steps, then 1 run of 60 steps took "
        "2 min 5 s. More time would have tried 2 runs of 60 steps, b at 0.1 first: about 3 min."
    )


def test_where_all_was_tried_more_time_would_try_nothing():
    assert words([(1, "a", 0.1, 60, 70, 65.0)]).endswith(
        "More time would have tried nothing more: all were trained with all steps."
    )


def test_a_search_that_took_all_of_it_is_named():
    assert words([(None, "a", 0.1, 60, 70.0, None)]) == (
        "Time: 20m for search and fine-tuning. The search left too little of it to fine-tune. More "
        "time would have tried 1 run of 60 steps, a at 0.1: about 1 min 10 s."
    )

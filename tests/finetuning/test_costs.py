"""What a run will cost, by hand."""

import pytest

from needle.finetuning.in_time.costs import Costs, from_search


def test_a_model_that_was_measured_is_a_line_through_its_longest_runs():
    costs = Costs({"a": (1.0, 1.0)})
    costs.add("a", 10, 45.0, 40.0)
    assert costs.seconds("a", 40) == 5 + 40 * 4
    costs.add("a", 40, 63.0, 60.0)
    costs.add("a", 40, 84.0, 80.0)
    # Fixed: the mean of 5, 3 and 4. The slowest pace of the longest is 2 a step.
    assert costs.seconds("a", 30) == 64.0


def test_the_search_predicts_until_a_run_corrects_it():
    costs = Costs({"a": (2.0, 0.5), "b": (4.0, 1.0), "c": (1.0, 0.1)})
    assert costs.seconds("b", 10) == 14.0
    costs.add("a", 10, 21.0, 20.0)  # three times the 7 that were predicted
    assert costs.seconds("b", 10) == pytest.approx(42.0)
    costs.add("c", 10, 2.0, 1.5)  # as predicted: the median of 3 and 1 corrects
    assert costs.seconds("b", 10) == pytest.approx(28.0)


def test_what_the_search_measured_counts_a_forward_pass_three_times():
    # 20 seconds for 1000 pictures; 64 a step, of a quarter of the pixels: 3 x 64 x 0.02 / 4.
    assert from_search(20.0, 1000, 64, shrunk=0.25) == pytest.approx((5.0, 0.96))


def test_a_soup_takes_three_passes_over_all_images():
    costs = Costs({"a": (2.0, 0.5)})
    assert costs.soup("a") == 6.0
    costs.add("a", 10, 14.0, 14.0)  # twice the 7 that were predicted
    assert costs.soup("a") == 12.0

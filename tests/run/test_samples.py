"""Samples of what a job takes, by Snakemake's own timer."""

import importlib.util

import pytest

from needle.run.samples import space_out


@pytest.fixture
def benchmark():
    """A copy of Snakemake's module, so that no other test's is changed."""
    spec = importlib.util.find_spec("snakemake.benchmark")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def sampled(benchmark, seconds, monkeypatch):
    """When a job of so many seconds is measured, on a clock that does not wait."""
    clock, armed, times = [0.0], [], []

    class Timer:
        def __init__(self, interval, function):
            armed.append((clock[0] + interval, function))

        def start(self):
            pass

    class Measured(benchmark.ScheduledPeriodicTimer):
        def work(self):
            times.append(clock[0])

    monkeypatch.setattr(benchmark, "DaemonTimer", Timer)
    job = Measured(benchmark.BENCHMARK_INTERVAL)
    job.start()
    while armed[-1][0] < seconds:
        clock[0], action = armed[-1]
        action()
    return times


@pytest.mark.parametrize("seconds", [1, 5, 20, 100, 250])
def test_little_of_a_job_is_missed_and_long_ones_are_seldom_looked_at(
    seconds, benchmark, monkeypatch
):
    space_out(benchmark)
    times = sampled(benchmark, seconds, monkeypatch)
    assert times[:2] == [0, 0.5]
    assert times[-1] >= (seconds - 0.5) / 1.2
    assert len(times) <= seconds + 2  # half of Snakemake's


def test_snakemake_alone_misses_the_last_quarter_of_twenty_seconds(benchmark, monkeypatch):
    """When this fails, Snakemake may do well enough without `space_out`."""
    assert sampled(benchmark, 20, monkeypatch)[-1] == 15

"""How often Snakemake measures a job for its `benchmark` file."""

FIRST, LONGEST = 0.5, 30.0  # seconds; Snakemake's own
GROWTH = 1.2


def pause(samples):
    """Tell how many seconds the next sample of a job is off.

    Snakemake takes 30 samples at half a second, then one in 30 s: of a job of 20 s it records the
    processor time of the first 15. Growing pauses miss a sixth and half a second at most. They cost
    less, too: a sample reads all pages of a process, 12 ms with torch.

    Parameters
    ----------
    samples : int
        Those taken, at least the one of the start.

    Examples
    --------
    >>> pause(1), round(pause(8), 2), pause(100)
    (0.5, 1.79, 30.0)
    """
    return min(FIRST * GROWTH ** (samples - 1), LONGEST)


def space_out(benchmark):
    """Make the timers of Snakemake's module `benchmark` keep these pauses."""

    def schedule(timer):
        timer._timer = benchmark.DaemonTimer(pause(timer._times_called), timer._action)
        timer._timer.start()

    benchmark.ScheduledPeriodicTimer._schedule = schedule

"""How often Snakemake looks at the jobs that are ready."""

import re
from types import SimpleNamespace

import pytest
from snakemake.scheduling.job_scheduler import JobRateLimiter
from snakemake.settings.types import MaxJobsPerTimespan

from needle.run.scheduling import unlimit
from workflow import snakemake


@pytest.mark.parametrize(("limit", "stays"), [("100/1s", False), ("100/1m", True), ("5/1s", True)])
def test_a_limit_that_the_user_sets_stays(limit, stays):
    limiter = JobRateLimiter(MaxJobsPerTimespan.parse_choice(limit))
    scheduler = SimpleNamespace(job_rate_limiter=limiter)
    unlimit(scheduler)
    assert scheduler.job_rate_limiter is (limiter if stays else None)


def test_no_limit_stays_none():
    scheduler = SimpleNamespace(job_rate_limiter=None)
    unlimit(scheduler)
    assert scheduler.job_rate_limiter is None


def test_snakemake_looks_at_the_jobs_once_for_each_that_ends(project, monkeypatch):
    monkeypatch.setenv("NEEDLE_WARM", "0")  # for jobs of some length
    proxies = [
        str(path.relative_to(project)) for path in project.glob("results/tiny/proxies/**/*.csv")
    ]
    result = snakemake(project, "--verbose", "--force", "--", *proxies, shared=False)
    ended = len(re.findall("Finished jobid", result.stdout))
    looks = len(re.findall("Ready jobs: ", result.stdout))
    assert ended > 4
    assert looks <= ended + 1, result.stdout

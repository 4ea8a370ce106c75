"""How often Snakemake looks at the jobs that are ready."""

OWN_LIMIT = (100, 1)  # jobs, seconds: what Snakemake has where a user says nothing


def unlimit(scheduler):
    """Take away the limit of jobs a second that Snakemake sets by itself; a user's stays.

    With a limit, every look at the jobs that are ready makes it look again when the time is over,
    and that look too: once a second more for each job that has ended (seen in 9.27).

    Parameters
    ----------
    scheduler : snakemake.scheduling.job_scheduler.JobScheduler
        Changed in place.
    """
    limit = scheduler.job_rate_limiter
    if limit and (limit.max_jobs, limit.timespan) == OWN_LIMIT:
        scheduler.job_rate_limiter = None

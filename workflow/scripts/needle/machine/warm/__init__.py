"""Jobs that are forked from one process, which has loaded what they would each import.

`start` gives the jobs of a Snakemake another `python` (a shell script), which runs `client`; that
has `server` fork the job, and stands for it: its files, folder, environment, signals, exit status.
Both are scripts and import nothing of Needle's, so that a job finds its own as it would alone.

Begin with `fork_jobs(libraries, programs)`.
"""

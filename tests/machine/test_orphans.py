"""Jobs that a killed Snakemake left on a cluster, with stand-ins for SLURM's programs."""

import pytest

from fake_slurm import job_name, write_slurm
from needle.machine.orphans import cancel_orphans


@pytest.fixture
def slurm(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", f"{write_slurm(tmp_path)}:/usr/bin:/bin")
    return tmp_path


def test_jobs_of_this_folder_are_cancelled_and_no_others(slurm):
    folder, said = slurm / "clone", []
    folder.mkdir()
    lines = [
        f"7|{job_name()}|{folder}",
        f"8|{job_name()}|{slurm}/other clone",
        f"9|snakemake itself|{folder}",  # a Snakemake that runs as a job
        f"10|{job_name()}-mine|{folder}",
        f"11|{job_name()}|{folder}",
    ]
    (slurm / "jobs").write_text("\n".join(lines) + "\n")
    assert cancel_orphans(folder, said.append) == ["7", "11"]
    assert (slurm / "cancelled").read_text() == "7 11\n"
    assert said == ["cancelling SLURM jobs that a killed Snakemake left behind: 7 11"]
    assert cancel_orphans(folder, said.append) == []
    assert len((slurm / "jobs").read_text().splitlines()) == 3


def test_a_job_that_does_not_end_is_not_waited_for_for_ever(slurm):
    (slurm / "bin/scancel").write_text("#!/bin/sh\n")
    (slurm / "jobs").write_text(f"7|{job_name()}|{slurm}\n")
    assert cancel_orphans(slurm, print, patience=0) == []


def test_without_slurm_nothing_is_done(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cancel_orphans(tmp_path, pytest.fail) == []


def test_a_slurm_that_does_not_answer_stops_nothing(slurm):
    (slurm / "bin/squeue").write_text("#!/bin/sh\necho 'error: no controller' >&2; exit 1\n")
    assert cancel_orphans(slurm, pytest.fail) == []


def test_jobs_that_cannot_be_cancelled_are_said(slurm):
    (slurm / "bin/scancel").write_text("#!/bin/sh\necho 'error: not yours' >&2; exit 1\n")
    (slurm / "jobs").write_text(f"7|{job_name()}|{slurm}\n")
    said = []
    assert cancel_orphans(slurm, said.append) == []
    assert said[-1] == "they could not be cancelled: error: not yours"

"""A SLURM for the tests of this folder, which run only if asked for."""

import os

import pytest
from cluster import Cluster


def pytest_runtest_setup(item):
    if not item.config.getoption("--slurm"):
        pytest.skip("starts a real SLURM: ask for it with --slurm, or run: make test-slurm")


@pytest.fixture(scope="session")
def cluster():
    with Cluster() as cluster, pytest.MonkeyPatch.context() as patch:
        patch.setenv("PATH", f"{cluster.bin}{os.pathsep}{os.environ['PATH']}")
        # Its GPUs are only scheduled: the processor computes in their place.
        patch.setenv("NEEDLE_DEVICE", "cpu")
        yield cluster

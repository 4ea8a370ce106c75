"""The benchmark of memory runs with a config as users have it."""

import re
import subprocess
import sys

from needle.machine import job_memory
from workflow import ROOT

MODEL = "efficientnet_lite0.in1k"  # 3.4 million parameters


def test_a_job_stays_within_what_its_rule_asks_for():
    command = [sys.executable, "benchmarks/memory.py", "--models", MODEL]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr
    row = result.stdout.splitlines()[-1]
    embedding, tuning = re.fullmatch(rf"\| {MODEL} \| 3.4 M \| (\d+) \| (\d+) \|", row).groups()
    assert 300 < int(embedding) <= job_memory.embedding(3_400_000)
    assert 300 < int(tuning) <= job_memory.tuning(3_400_000, {})

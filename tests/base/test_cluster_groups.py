"""On a cluster the whole analysis is one submission, which Snakemake refuses if it has a hole."""

import re
from pathlib import Path

from needle.base.schema import read_yaml

ROOT = Path(__file__).parents[2]
ANALYSIS = ["regret", "tables", "figures", "summary"]


def test_every_rule_of_the_analysis_is_in_its_group():
    groups = read_yaml(ROOT / "profiles/slurm/config.yaml")["groups"]
    for stage in ANALYSIS:
        text = (ROOT / f"rules/{stage}.smk").read_text()
        for rule, body in re.findall(r"^ *rule (\w+):\n(.*?)(?=^ *rule |\Z)", text, re.M | re.S):
            if "localrule: True" not in body:
                assert groups.get(rule) == "analysis", rule

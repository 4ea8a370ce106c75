"""Proxies through the real Snakefile: adding one, changing one, doing without."""

import pandas as pd
import yaml
from test_run_the_benchmark import ANALYSIS

from needle.proxies.registry import TRAINED
from workflow import edit, planned, snakemake

PROBES = "workflow/scripts/needle/proxies/formulas"
RUN = "tests/config/run.yaml"
QUICK = {
    "quick_proxies": 6, "collect_scores": 1, "collect_seconds": 1, "describe_run": 1, **ANALYSIS
}  # fmt: skip
LENGTH = '''"""Mean length of the embeddings."""

import numpy as np


def score(embeddings):
    """Compute the mean length."""
    return float(np.linalg.norm(embeddings.train_features, axis=1).mean())
'''


def test_a_new_proxy_is_a_file_and_a_line(project):
    before = pd.read_csv(project / "results/tiny/scores.csv")
    (project / PROBES / "length.py").write_text(LENGTH)
    assert planned(project) == {}
    edit(project / RUN, "  knn: {}\n", "  knn: {}\n  length: {}\n")
    assert planned(project) == QUICK
    result = snakemake(project, "--", "results/tiny/picks.csv")
    assert result.returncode == 0, result.stdout
    scores = pd.read_csv(project / "results/tiny/scores.csv")
    is_new = scores["score"] == "length"
    assert is_new.sum() == 6
    assert (scores["value"][is_new] > 0).all()
    pd.testing.assert_frame_equal(scores[~is_new].reset_index(drop=True), before)
    strategies = set(pd.read_csv(project / "results/tiny/picks.csv")["strategy"])
    assert {"length", "hybrid-length"} <= strategies


def test_a_changed_proxy_or_setting_reruns_the_quick_ones_alone(project):
    edit(project / PROBES / "likelihood/logme.py", "PER_DECADE = 4", "PER_DECADE = 5")
    assert planned(project) == {rule: n for rule, n in QUICK.items() if rule != "describe_run"}
    edit(project / PROBES / "likelihood/logme.py", "PER_DECADE = 5", "PER_DECADE = 4")
    assert planned(project) == {}
    edit(project / PROBES / "geometry/gbc.py", "8 * average", "9 * average")  # not of this run
    assert planned(project) == {}
    edit(project / RUN, "  logme: {}\n", "  transrate: {epsilon: 0.01}\n")
    assert planned(project) == QUICK


def test_a_run_may_have_no_quick_proxy(finished, tmp_path):
    config = yaml.safe_load((finished / RUN).read_text())
    config["proxies"] = dict.fromkeys(TRAINED, config["proxies"]["linear"])
    config["shown"] = ["linear"]
    path = tmp_path / "linear.yaml"
    path.write_text(yaml.safe_dump(config | {"run": "linear"}))
    jobs = planned(finished, config=str(path))
    assert jobs["linear"] == 2 * 6
    assert "quick_proxies" not in jobs


def test_a_proxy_that_no_model_has_leaves_the_others_alone(project):
    for path in (project / "results/tiny/proxies/leep").glob("*/*.csv"):
        row = pd.read_csv(path).assign(value=None, reason="the model has no source head")
        row.to_csv(path, index=False)
    before = pd.read_csv(project / "results/tiny/regret.csv")
    result = snakemake(project)
    assert result.returncode == 0, result.stdout
    missing = pd.read_csv(project / "results/tiny/missing.csv")
    assert (missing["score"] == "leep").all()
    assert len(missing) == 6
    regret = pd.read_csv(project / "results/tiny/regret.csv")
    others = regret[~regret["strategy"].isin(["leep", "hybrid-leep"])].reset_index(drop=True)
    expected = before[~before["strategy"].isin(["leep", "hybrid-leep"])].reset_index(drop=True)
    pd.testing.assert_frame_equal(others, expected)

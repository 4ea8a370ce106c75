"""The whole pipeline through the real Snakefile: what runs, what runs again, what does not."""

import pandas as pd
import pytest
import yaml

from workflow import edit, planned, snakemake

PLOTS = {"plot_regret": 1, "plot_scores": 1}
ANALYSIS = {
    "pick": 1, "compute_regret": 1, "summarise": 1, "lay_out": 1, "summarise_cost": 1,
    "compare_strategies": 1, "leave_out_additions": 1, "lay_out_summary": 1, "level_pools": 1,
    "judge_pools": 1, **PLOTS
}  # fmt: skip
FIGURES_ONLY = ["--allowed-rules", "figures", *PLOTS, "--forceall", "--", "figures"]


def test_everything_is_made(finished):
    results = finished / "results/tiny"
    scores = pd.read_csv(results / "scores.csv")
    assert list(scores.columns) == ["model", "task", "score", "repeat", "value"]
    # Models x tasks x (fine-tune, twice on the way, linear, kNN, LogME, LEEP).
    assert len(scores) == 3 * 2 * (2 + 2 * 2 + 2 + 1 + 1 + 1)
    assert scores[scores["score"].isin(["finetune", "linear", "knn"])]["value"].between(0, 1).all()
    missing = pd.read_csv(results / "missing.csv")
    assert list(missing.columns) == ["model", "task", "score", "reason"]
    assert missing.to_numpy().tolist() == [
        ["resnet10t.simclr", task, "leep", "the model has no source head"]
        for task in ("digits", "count")
    ]
    assert scores["value"].isna().sum() == len(missing)
    proxy = pd.read_csv(results / "proxies/leep/digits/resnet10t.simclr.csv")
    assert list(proxy.columns) == ["repeat", "learning_rate", "value", "seconds", "reason"]

    models = pd.read_csv(results / "models.csv").set_index("model")
    assert list(models.index) == ["resnet10t.mix", "resnet10t.glyph", "resnet10t.simclr"]
    assert models["reference_accuracy"].notna().tolist() == [True, False, False]
    assert (models["params"] > 1000).all()
    assert models["family"].tolist() == ["convnet", "convnet", "hybrid"]

    regret = pd.read_csv(results / "regret.csv")
    assert regret.groupby("pool")["budget"].max().to_dict() == {"all": 3, "expert": 1}
    assert regret["relative_regret"].between(0, 1).all()

    runs = pd.read_csv(results / "finetune/digits/resnet10t.mix.csv")
    assert list(runs.columns) == [
        "repeat", "learning_rate", "val_accuracy", "test_accuracy", "diverged", "steps", "seconds",
        "val_accuracy_34", "steps_34", "seconds_34", "val_accuracy_67", "steps_67", "seconds_67",
        "seconds_100", "device",
    ]  # fmt: skip
    assert len(runs) == 4
    seconds = pd.read_csv(results / "seconds.csv")
    # Models x tasks x (embedding, kNN, linear, LogME, LEEP, fine-tune, three times on the way).
    assert len(seconds) == 3 * 2 * (6 + 3)
    assert (seconds["seconds"] > 0).all()

    tables = {
        name: (results / f"tables/{name}.txt").read_text() for name in ("headline", "strategies")
    }
    assert all("hybrid-linear" in table for table in tables.values())
    claims = (results / "tables/claims.txt").read_text()
    assert "3 models of 2 families (convnet 2, hybrid 1) on 2 tasks" in claims
    hidden = pd.read_csv(results / "tables/hidden_models.csv")
    assert set(hidden["strategy"]) == {"known-average"}  # the others need two other tasks
    static = pd.read_csv(results / "tables/staticness.csv")
    assert static.groupby("pool")["models"].first()[["all", "expert"]].tolist() == [3, 1]
    level = pd.read_csv(results / "tables/level_pools.csv")
    compared = pd.read_csv(results / "tables/strategies.csv")
    there = level.loc[level["reason"].isna(), "pool"].unique()
    assert {*compared["pool"]} == {"all", "expert", *there}
    # Which is not among those to show.
    assert [name for name, table in tables.items() if "hybrid-logme" in table] == ["strategies"]

    for figure in (
        "regret/linear", "logodds_regret/knn", "delta/task-agnostic-minus-linear-B1",
        "overview/all", "optimal_picks", "scatter/knn/all", "correlation_and_regret",
        "knn_by_dimension", "regret_by_compute",
    ):  # fmt: skip
        assert (results / f"figures/{figure}.svg").stat().st_size > 5000
        assert (results / f"figures/{figure}.pdf").read_bytes().startswith(b"%PDF")


def test_a_second_call_does_nothing(finished):
    assert planned(finished) == {}


def test_touching_files_reruns_nothing(project):
    for pattern in ("workflow/**/*.py", "resources/**/*.safetensors", "results/**/*.safetensors"):
        files = list(project.glob(pattern))
        assert files
        for file in files:
            file.touch()
    assert planned(project) == {}


def test_a_changed_strategy_reruns_analysis_and_no_training(project):
    edit(project / "workflow/scripts/needle/strategies/hybrid.py", "models[0]", "models[:1][0]")
    assert planned(project) == ANALYSIS


def test_figures_alone_are_drawn_even_after_training_code_changed(project):
    edit(
        project / "workflow/scripts/needle/finetuning/training.py",
        "CHECK_EVERY = 25",
        "CHECK_EVERY = 20",
    )
    assert planned(project)["finetune"] == 6
    assert planned(project, *FIGURES_ONLY) == PLOTS
    result = snakemake(project, *FIGURES_ONLY)
    assert result.returncode == 0, result.stdout


def test_a_changed_learning_rate_reruns_its_stage_and_what_follows(project):
    edit(project / "tests/config/run.yaml", "finetune: {", "finetune: {learning_rates: [0.1], ")
    assert planned(project) == {
        "finetune": 6, "collect_scores": 1, "collect_seconds": 1, "describe_run": 1, **ANALYSIS
    }  # fmt: skip


def test_a_changed_family_makes_no_weights_anew(project):
    edit(project / "tests/config/zoo.yaml", "family: hybrid", "family: mlp")
    assert planned(project) == {"collect_models": 1, "describe_run": 1, **ANALYSIS}


def test_adding_a_task_leaves_the_files_of_others_alone(project):
    edit(project / "tests/config/run.yaml", "[digits, count]", "[digits, count, symbols]")
    per_pair = dict.fromkeys(("embed", "quick_proxies", "linear", "finetune"), 3)
    assert planned(project) == {
        "prepare_task": 1, **per_pair, "collect_tasks": 1, "collect_scores": 1,
        "collect_seconds": 1, "describe_run": 1, **ANALYSIS
    }  # fmt: skip


def test_a_further_protocol_costs_its_fine_tuning_and_no_more(project):
    results = project / "results/tiny"
    edit(
        project / "tests/config/run.yaml", "pools:", "protocols: [tests/config/short.yaml]\npools:"
    )
    assert planned(project) == {
        "finetune": 6, "collect_scores": 1, "collect_seconds": 1, "describe_run": 1,
        "compare_protocols": 1, **ANALYSIS
    }  # fmt: skip
    before = {name: pd.read_csv(results / f"{name}.csv") for name in ("scores", "picks", "regret")}
    result = snakemake(project, "--", "tables")
    assert result.returncode == 0, result.stdout
    assert len(pd.read_csv(results / "finetune-short/count/resnet10t.mix.csv")) == 2
    after = {name: pd.read_csv(results / f"{name}.csv") for name in before}
    # Models x tasks x repeats; it is no proxy, and changes nothing of what was there.
    further = after["scores"]["score"] == "finetune-short"
    assert further.sum() == 3 * 2 * 2
    after["scores"] = after["scores"][~further].reset_index(drop=True)
    for name, table in before.items():
        pd.testing.assert_frame_equal(after[name], table, check_exact=True)
    seconds = pd.read_csv(results / "seconds.csv")
    assert (seconds.loc[seconds["stage"] == "finetune-short", "steps"] == 2).all()
    table = pd.read_csv(results / "tables/protocols.csv")
    assert set(table["protocol"].dropna()) == {"own", "short"}
    regret = after["regret"].groupby(["pool", "strategy", "budget"])["relative_regret"].mean()
    own = table[(table["protocol"] == "own") & (table["measure"] == "relative_regret")]
    own = own.set_index(["pool", "strategy", "budget"])["value"]
    assert own.to_dict() == pytest.approx(regret.loc[own.index].to_dict())
    assert "short minus own" in (results / "tables/protocols.txt").read_text()


def test_what_diverged_is_reported_by_name(project):
    lost = [("digits", "resnet10t.glyph"), ("count", "resnet10t.mix"), ("count", "resnet10t.glyph"),
            ("count", "resnet10t.simclr")]  # fmt: skip
    for task, model in lost:
        path = project / f"results/tiny/finetune/{task}/{model}.csv"
        runs = pd.read_csv(path)
        runs[["val_accuracy", "test_accuracy"]] = None
        runs.assign(diverged=True).to_csv(path, index=False)
    result = snakemake(project)
    assert result.returncode == 0, result.stdout
    headline = (project / "results/tiny/tables/headline.txt").read_text()
    assert "resnet10t.mix: diverged on count (no fine-tune run had a finite loss)" in headline
    assert "resnet10t.glyph: diverged on all tasks" in headline
    assert "EXPERT: no oracle on all tasks" in headline
    assert "ALL: no oracle on count" in headline
    regret = pd.read_csv(project / "results/tiny/regret.csv")
    assert regret[["pool", "task"]].drop_duplicates().to_numpy().tolist() == [["all", "digits"]]


def test_the_report_shows_figures_and_tables(project):
    result = snakemake(project, "--report", "results/tiny/report.html")
    assert result.returncode == 0, result.stdout
    report = (project / "results/tiny/report.html").read_text()
    for part in ("headline.html", "configuration.html", "regret/hybrid-linear.svg",
                 "6. Proxies and fine-tuning", "7. Cost"):  # fmt: skip
        assert part in report


SCORES = """model,task,finetune,linear,magic,finetune-slow
a,t,80,60,-3,90
b,t,70,65,,95
c,t,75,,-1,
a,u,,50,-2,
b,u,,50,-2,
c,u,,50,-2,
"""


@pytest.fixture
def own_scores(finished):
    """A user's own table: a proxy and a protocol, missing cells, a task without oracle."""
    (finished / "own.csv").write_text(SCORES)
    config = {
        "run": "own", "seed": 1, "scores_file": "own.csv",
        "unit": {
            "finetune": "percent", "linear": "percent", "magic": "score", "finetune-slow": "percent"
        },
    }  # fmt: skip
    return config


def test_own_scores_go_the_same_way(finished, own_scores, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(own_scores))
    result = snakemake(finished, config=str(path))
    assert result.returncode == 0, result.stdout
    results = finished / "results/own"
    regret = pd.read_csv(results / "regret.csv").set_index(["strategy", "budget", "task"])
    # linear picks b, magic c; a is the oracle. Nothing is known on u.
    assert regret.loc[("linear", 1, "t"), "relative_regret"] == pytest.approx(0.1 / 0.3)
    assert regret.loc[("magic", 1, "t"), "relative_regret"] == pytest.approx(0.05 / 0.25)
    assert set(regret.index.get_level_values("task")) == {"t"}
    headline = (results / "tables/headline.txt").read_text()
    assert "ALL: no oracle on u" in headline
    assert "ALL magic: short ranking on t (no magic score: b)" in headline
    # It ranks two of three models, so that the third pick is drawn.
    assert "(0 of 1)" in next(line for line in headline.splitlines() if " magic " in line)
    assert regret.loc["magic", "drawn"].tolist() == [0, 0, 1]
    assert "a: no score on u" in headline
    assert (results / "figures/scatter/magic/all.svg").exists()
    protocols = pd.read_csv(results / "tables/protocols.csv").set_index(["measure", "protocol"])
    # Of a and b, 80 and 70 become 90 and 95; c has no accuracy there.
    assert protocols.loc[("accuracy", "slow"), "difference"] == pytest.approx(0.925 - 0.75)
    assert protocols.loc[("regret_of_own_best", "slow"), "value"] == pytest.approx(0.05 / 0.1)
    assert "finetune-slow" not in set(pd.read_csv(results / "picks.csv")["strategy"])
    assert not (results / "figures/knn_by_dimension.svg").exists()
    assert planned(finished, config=str(path)) == {}


def test_a_mistake_in_own_scores_stops_before_any_work(finished, own_scores, tmp_path):
    path = tmp_path / "own.yaml"
    path.write_text(yaml.safe_dump(own_scores | {"unit": "fraction"}))
    result = snakemake(finished, "--dry-run", config=str(path))
    assert result.returncode != 0
    assert "error: own.csv: line 2: finetune of a on t is 80, which is no fraction" in result.stdout
    assert "Traceback" not in result.stdout


@pytest.mark.parametrize("run", ["haystack2021", "vtab2019", "logme2022"])
def test_published_runs_are_planned(finished, run):
    jobs = planned(finished, config=f"config/published/{run}.yaml")
    assert jobs["import_scores"] == 1
    assert jobs.get("compare_with_paper", 0) == (run == "haystack2021")
    assert "finetune" not in jobs


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"buget": 3}, "config: top level: unknown key 'buget'; allowed: run, seed"),
        ({"budgets": [0, 1]}, "config: budgets.0: 0 is not allowed"),
        (
            {"pools": {"none": {"label": "NONE", "where": {"tags": {"any": ["exprt"]}}}}},
            "config: pools.none.where: selects no model",
        ),
        ({"models": ["resnet10t.mix", "resnet10t.mix"]}, "'resnet10t.mix' is listed twice"),
        ({"tasks": ["digit"]}, "config: tasks: no card 'digit' in config/tasks/mini.yaml"),
        (
            {"protocols": ["modrn"]},
            "config: protocols: no protocol 'modrn'; name one of modern, paper, quick, or the path",
        ),
        (
            {"earlier_runs": ["results/nowhere"]},
            "is no key any more; add each of the runs to a store",
        ),
        (
            {"store": ["results/tiny"]},
            "config: store: results/tiny is no store; name another, or add",
        ),
        ({"task_embedding": {"model": "big"}}, "task_embedding.model: 'big' is no model of this"),
        ({"shown": ["linear", "liner"]}, "config: shown.1: no strategy 'liner'; allowed: task-"),
    ],
)
def test_a_mistake_in_the_config_stops_before_any_work(finished, tmp_path, change, message):
    config = yaml.safe_load((finished / "tests/config/run.yaml").read_text()) | change
    path = tmp_path / "wrong.yaml"
    path.write_text(yaml.safe_dump(config))
    result = snakemake(finished, "--dry-run", config=str(path))
    assert result.returncode != 0
    assert message in result.stdout
    errors = [line for line in result.stdout.splitlines() if line.startswith("error: ")]
    assert len(errors) == 1
    assert "Traceback" not in result.stdout

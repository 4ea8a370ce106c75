# Search: which models of the pool to fine-tune on the user's data.
#
# Needs:  results/{run}/models.csv, embeddings and proxy runs of all models, stores
# Gives:  results/{run}/recommendation/ranking.csv, the first answer
from needle.base.measures import ACCURACY

ADVICE = f"{RESULTS}/recommendation"
METRIC = config.get("metric", ACCURACY)  # what val decides by
DECIDE_ON = config.get("decide_on", "val")
IN_TIME = "time" in config

# Snakemake would take its ranking for this run's: it looks no further while `fetch_pool` has not run.
if LEAVE_OUT and Path(ADVICE, "ranking.csv").exists() and not Path(POOL_WEIGHTS).exists():
    sys.exit(
        f"error: {RESULTS} is of another config, with another pool; give this run another name "
        f"(--config run=NAME, or the key `run`), or remove {RESULTS}"
    )


checkpoint search:
    """Rank the pool and pick the models to fine-tune; a target of its own."""
    input:
        code=code("search.py"),
        weights=POOL_WEIGHTS if LEAVE_OUT else [],  # asked again, ranked again
        models=f"{RESULTS}/models.csv",
        classes=f"{RESULTS}/data/classes.csv",
        problems=f"{RESULTS}/data/problems.csv",
        folds=FOLDS,
        embeddings=of_pairs(EMBEDDINGS),
        proxies=of_pairs(f"{RESULTS}/proxies/{{proxy}}/{{task}}/{{model}}.csv", proxy=PROXIES),
        stores=FETCHED_STORES,
        task_embeddings=EMBEDDED_TASKS,
    output:
        ranking=f"{ADVICE}/ranking.csv",
        summary=f"{ADVICE}/search.txt",
        choice=f"{ADVICE}/choice.json",
    log:
        f"{LOGS}/search.log",
    benchmark:
        f"{LOGS}/search.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        results=lambda wildcards, output: Path(output.ranking).parents[1],
        runs=lambda wildcards: json.dumps(runs(PROXIES)),
        proxies=lambda wildcards: json.dumps({name: config["proxies"][name] for name in PROXIES}),
        cards=lambda wildcards: json.dumps(RUN.left_out | (MODELS if LEAVE_OUT else {})),
        where=lambda wildcards: json.dumps(config.get("where", {})),
        seen=lambda wildcards: config.get("seen", []),
        stores=lambda wildcards: list(STORES),
        state=lambda wildcards: state_of_stores(),
        embeddings=f"{RESULTS}/embeddings" if RUN.kind == "images" else [],
        hidden=lambda wildcards: [
            f"--hidden={name}" for name in (DATA, TASKS[DATA]["label"], *config.get("seen", []))
        ],
        strategy=config["strategy"],
        budget=config["budget"],
        decides=([f"--metric={METRIC}", f"--decide-on={DECIDE_ON}"] if RUN.kind == "images" else []),
    message:
        "Pick models with {params.strategy}"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --results {params.results:q}"
        " --runs {params.runs:q}"
        " --proxies {params.proxies:q}"
        " --folds {input.folds:q}"
        " --cards {params.cards:q}"
        " --weights {input.weights:q}"
        " --where {params.where:q}"
        " --seen {params.seen:q}"
        " --stores {params.stores:q}"
        " --embeddings {params.embeddings:q}"
        " {params.hidden:q}"
        " --task-embeddings {input.task_embeddings:q}"
        " --strategy {params.strategy}"
        " --budget {params.budget}"
        " {params.decides:q}"
        " --classes {input.classes:q}"
        " --problems {input.problems:q}"
        " --ranking {output.ranking:q}"
        " --summary {output.summary:q}"
        " --choice {output.choice:q}"
        " > {log:q} 2>&1"


def ranking(wildcards):
    """The ranking of the search; known once it is done.

    Where the pool is asked for again and the ranking stays as it was, Snakemake looks at it again
    only in jobs that wait for both.
    """
    if LEAVE_OUT:
        checkpoints.fetch_pool.get()
    return checkpoints.search.get().output.ranking

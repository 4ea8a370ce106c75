# What claims about strategies rest on: static pools, level pools, hidden models.
#
# Needs:  results/{run}/models.csv, scores.csv, tables/strategies.csv
# Gives:  results/{run}/level_regret.csv; results/{run}/tables/level_pools.csv, staticness.csv,
#         hidden_models.csv, claims.txt and its page


rule level_pools:
    """Find the models of each pool that are level on average, and the regret among these."""
    input:
        code=code("level_pools.py"),
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        stores=FETCHED_STORES,
        embeddings=IDENTITIES,
        task_embeddings=EMBEDDED_TASKS,
    output:
        members=f"{RESULTS}/tables/level_pools.csv",
        regret=f"{RESULTS}/level_regret.csv",
    log:
        f"{LOGS}/level_pools.log",
    benchmark:
        f"{LOGS}/level_pools.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=lambda wildcards: json.dumps(config["pools"]),
        margin=config["level_margin"],
        stores=lambda wildcards: list(STORES),
        state=lambda wildcards: state_of_stores(),
        embeddings=f"{RESULTS}/embeddings" if IDENTITIES else [],
        run=RUN.name,
        budgets=config["budgets"],
        resamples=config["uncertainty"]["resamples"],
        level=config["uncertainty"]["level"],
        seed=config["seed"],
    message:
        "Find the level pools"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --pools {params.pools:q}"
        " --margin {params.margin}"
        " --budgets {params.budgets}"
        " --stores {params.stores:q}"
        " --run-name {params.run}"
        " --embeddings {params.embeddings:q}"
        " --task-embeddings {input.task_embeddings:q}"
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --members {output.members:q}"
        " --regret {output.regret:q}"
        " > {log:q} 2>&1"


rule judge_pools:
    """Say how static and how level each pool is, and what hidden models change."""
    input:
        code=code("judge_pools.py"),
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        strategies=f"{RESULTS}/tables/strategies.csv",
        level_pools=rules.level_pools.output.members,
        stores=FETCHED_STORES,
        embeddings=IDENTITIES,
        task_embeddings=EMBEDDED_TASKS,
    output:
        staticness=f"{RESULTS}/tables/staticness.csv",
        hidden=f"{RESULTS}/tables/hidden_models.csv",
        text=f"{RESULTS}/tables/claims.txt",
        page=report(
            f"{RESULTS}/tables/claims.html",
            caption="../workflow/report/claims.rst",
            category="1. Headline",
            labels={"table": "What a claim rests on"},
        ),
    log:
        f"{LOGS}/claims.log",
    benchmark:
        f"{LOGS}/claims.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=lambda wildcards: json.dumps(config["pools"]),
        stores=lambda wildcards: list(STORES),
        state=lambda wildcards: state_of_stores(),
        embeddings=f"{RESULTS}/embeddings" if IDENTITIES else [],
        run=RUN.name,
        budgets=config["budgets"],
        resamples=config["uncertainty"]["resamples"],
        level=config["uncertainty"]["level"],
        seed=config["seed"],
    message:
        "Judge the pools"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --strategies {input.strategies:q}"
        " --level-pools {input.level_pools:q}"
        " --pools {params.pools:q}"
        " --budgets {params.budgets}"
        " --stores {params.stores:q}"
        " --run-name {params.run}"
        " --embeddings {params.embeddings:q}"
        " --task-embeddings {input.task_embeddings:q}"
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --staticness {output.staticness:q}"
        " --hidden {output.hidden:q}"
        " --text {output.text:q}"
        " --page {output.page:q}"
        " > {log:q} 2>&1"

# Regret: how good each way of choosing is.
#
# Needs:  results/{run}/models.csv, results/{run}/scores.csv
# Gives:  results/{run}/picks.csv, regret.csv, level_regret.csv, most of results/{run}/tables/, with
#         protocols.csv where the run has further protocols of fine-tuning

# Why proxies have no value, where they were computed here.
MISSING = [] if RUN.kind == "finished" else rules.collect_scores.output.missing
# Their cards tell which models and tasks of a store are those of this run.
IDENTITIES = of_pairs(EMBEDDINGS) if STORES and RUN.kind != "finished" else []


rule pick:
    """Rank every pool for every task with every strategy; name what is missing and why."""
    input:
        code=code("pick.py"),
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        missing=MISSING,
        stores=FETCHED_STORES,
        embeddings=IDENTITIES,
        task_embeddings=EMBEDDED_TASKS,
    output:
        picks=f"{RESULTS}/picks.csv",
        gaps=report(
            f"{RESULTS}/tables/gaps.csv",
            caption="../workflow/report/gaps.rst",
            category="1. Headline",
            labels={"table": "What is missing, and why"},
        ),
    log:
        f"{LOGS}/picks.log",
    benchmark:
        f"{LOGS}/picks.jsonl"
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
    message:
        "Pick models with every strategy"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --pools {params.pools:q}"
        " --stores {params.stores:q}"
        " --run-name {params.run}"
        " --embeddings {params.embeddings:q}"
        " --task-embeddings {input.task_embeddings:q}"
        " --missing {input.missing:q}"
        " --picks {output.picks:q}"
        " --gaps {output.gaps:q}"
        " > {log:q} 2>&1"


rule compute_regret:
    """Compute the regret of every strategy, and compare pairs of strategies."""
    input:
        code=code("compute_regret.py"),
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        picks=rules.pick.output.picks,
    output:
        regret=f"{RESULTS}/regret.csv",
        delta=f"{RESULTS}/tables/delta.csv",
    log:
        f"{LOGS}/regret.log",
    benchmark:
        f"{LOGS}/regret.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=lambda wildcards: json.dumps(config["pools"]),
        deltas=lambda wildcards: json.dumps(config["deltas"]),
        resamples=config["uncertainty"]["resamples"],
        level=config["uncertainty"]["level"],
        seed=config["seed"],
    message:
        "Compute regret"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --picks {input.picks:q}"
        " --pools {params.pools:q}"
        " --deltas {params.deltas:q}"
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --regret {output.regret:q}"
        " --delta {output.delta:q}"
        " > {log:q} 2>&1"


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


rule summarise:
    """Average over tasks, correlate proxies with fine-tuning, measure the noise floor."""
    input:
        code=code("summarise.py"),
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        picks=rules.pick.output.picks,
        regret=rules.compute_regret.output.regret,
        delta=rules.compute_regret.output.delta,
    output:
        mean_regret=f"{RESULTS}/tables/mean_regret.csv",
        mean_delta=f"{RESULTS}/tables/mean_delta.csv",
        optimal_picks=f"{RESULTS}/tables/optimal_picks.csv",
        budget_to_zero_regret=f"{RESULTS}/tables/budget_to_zero_regret.csv",
        correlation=f"{RESULTS}/tables/correlation.csv",
        noise=report(
            f"{RESULTS}/tables/noise.csv",
            caption="../workflow/report/noise.rst",
            category="1. Headline",
            labels={"table": "Noise floor by task"},
        ),
    log:
        f"{LOGS}/summary.log",
    benchmark:
        f"{LOGS}/summary.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=lambda wildcards: json.dumps(config["pools"]),
        resamples=config["uncertainty"]["resamples"],
        level=config["uncertainty"]["level"],
        seed=config["seed"],
    message:
        "Summarise regret"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --picks {input.picks:q}"
        " --regret {input.regret:q}"
        " --delta {input.delta:q}"
        " --pools {params.pools:q}"
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --mean-regret {output.mean_regret:q}"
        " --mean-delta {output.mean_delta:q}"
        " --optimal-picks {output.optimal_picks:q}"
        " --budget-to-zero-regret {output.budget_to_zero_regret:q}"
        " --correlation {output.correlation:q}"
        " --noise {output.noise:q}"
        " > {log:q} 2>&1"


if RUN.protocols:

    rule compare_protocols:
        """Set accuracy and regret under all protocols of fine-tuning beside one another."""
        input:
            code=code("compare_protocols.py"),
            models=f"{RESULTS}/models.csv",
            scores=f"{RESULTS}/scores.csv",
            seconds=[] if RUN.kind == "finished" else f"{RESULTS}/seconds.csv",
            stores=FETCHED_STORES,
            embeddings=IDENTITIES,
            task_embeddings=EMBEDDED_TASKS,
        output:
            table=f"{RESULTS}/tables/protocols.csv",
            text=f"{RESULTS}/tables/protocols.txt",
            page=report(
                f"{RESULTS}/tables/protocols.html",
                caption="../workflow/report/protocols.rst",
                category="1. Headline",
                labels={"table": "Protocols of fine-tuning compared"},
            ),
        log:
            f"{LOGS}/protocols.log",
        benchmark:
            f"{LOGS}/protocols.jsonl"
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
            strategies=SHOWN,
            resamples=config["uncertainty"]["resamples"],
            level=config["uncertainty"]["level"],
            seed=config["seed"],
        message:
            "Compare the protocols"
        shell:
            "python {input.code[0]:q}"
            " --models {input.models:q}"
            " --scores {input.scores:q}"
            " --seconds {input.seconds:q}"
            " --stores {params.stores:q}"
            " --run-name {params.run}"
            " --embeddings {params.embeddings:q}"
            " --task-embeddings {input.task_embeddings:q}"
            " --pools {params.pools:q}"
            " --budgets {params.budgets}"
            " --strategies {params.strategies:q}"
            " --resamples {params.resamples}"
            " --level {params.level}"
            " --seed {params.seed}"
            " --table {output.table:q}"
            " --text {output.text:q}"
            " --page {output.page:q}"
            " > {log:q} 2>&1"

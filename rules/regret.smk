# Regret: how good each way of choosing is.
#
# Needs:  results/{run}/models.csv, results/{run}/scores.csv
# Gives:  results/{run}/picks.csv, results/{run}/regret.csv, results/{run}/tables/


rule pick:
    """Rank every pool for every task with every strategy; name what is missing and why."""
    input:
        code=code("pick.py"),
        models=rules.collect_models.output[0],
        scores=rules.collect_scores.output[0],
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
        mem_mb=1000,
        runtime=10,
    params:
        pools=json.dumps(config["pools"]),
    message:
        "Pick models with every strategy"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --pools {params.pools:q}"
        " --picks {output.picks:q}"
        " --gaps {output.gaps:q}"
        " > {log:q} 2>&1"


rule compute_regret:
    """Compute the regret of every strategy for every pool, task and budget."""
    input:
        code=code("compute_regret.py"),
        models=rules.collect_models.output[0],
        scores=rules.collect_scores.output[0],
        picks=rules.pick.output.picks,
    output:
        f"{RESULTS}/regret.csv",
    log:
        f"{LOGS}/regret.log",
    benchmark:
        f"{LOGS}/regret.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        pools=json.dumps(config["pools"]),
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
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule summarise:
    """Average regret over tasks, compare strategies, and measure the noise floor."""
    input:
        code=code("summarise.py"),
        scores=rules.collect_scores.output[0],
        regret=rules.compute_regret.output[0],
    output:
        mean_regret=f"{RESULTS}/tables/mean_regret.csv",
        delta=f"{RESULTS}/tables/delta.csv",
        optimal_picks=f"{RESULTS}/tables/optimal_picks.csv",
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
        mem_mb=1000,
        runtime=10,
    params:
        deltas=json.dumps(config["deltas"]),
        resamples=config["uncertainty"]["resamples"],
        level=config["uncertainty"]["level"],
        seed=config["seed"],
    message:
        "Summarise regret"
    shell:
        "python {input.code[0]:q}"
        " --scores {input.scores:q}"
        " --regret {input.regret:q}"
        " --deltas {params.deltas:q}"
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --mean-regret {output.mean_regret:q}"
        " --delta {output.delta:q}"
        " --optimal-picks {output.optimal_picks:q}"
        " --noise {output.noise:q}"
        " > {log:q} 2>&1"


rule headline:
    """Lay out the mean relative regret for reading, with what is missing."""
    input:
        code=code("headline.py"),
        mean_regret=rules.summarise.output.mean_regret,
        gaps=rules.pick.output.gaps,
    output:
        text=f"{RESULTS}/tables/headline.txt",
        html=report(
            f"{RESULTS}/tables/headline.html",
            caption="../workflow/report/headline.rst",
            category="1. Headline",
            labels={"table": "Mean relative regret"},
        ),
    log:
        f"{LOGS}/headline.log",
    benchmark:
        f"{LOGS}/headline.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        pools=json.dumps(config["pools"]),
        tasks=len(TASKS),
        budgets=config["budgets"],
        level=config["uncertainty"]["level"],
    message:
        "Lay out the headline table"
    shell:
        "python {input.code[0]:q}"
        " --mean-regret {input.mean_regret:q}"
        " --gaps {input.gaps:q}"
        " --pools {params.pools:q}"
        " --tasks {params.tasks}"
        " --budgets {params.budgets}"
        " --level {params.level}"
        " --text {output.text:q}"
        " --html {output.html:q}"
        " > {log:q} 2>&1"


rule describe_run:
    """Write down the run's configuration, cards included, for the report."""
    input:
        code=code("describe_run.py"),
    output:
        report(
            f"{RESULTS}/tables/configuration.html",
            caption="../workflow/report/configuration.rst",
            category="6. Run configuration",
            labels={"table": "Configuration"},
        ),
    log:
        f"{LOGS}/configuration.log",
    benchmark:
        f"{LOGS}/configuration.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        run=json.dumps(
            {
                "config": config,
                "zoo": ZOO | {"models": list(MODELS.values())},
                "source": SOURCE | {"tasks": list(TASKS.values())},
            }
        ),
    message:
        "Write down the configuration"
    shell:
        "python {input.code[0]:q}" " --run {params.run:q}" " --output {output:q}" " > {log:q} 2>&1"


rule tables:
    """All tables of the run."""
    input:
        rules.pick.output,
        rules.compute_regret.output,
        rules.summarise.output,
        rules.headline.output,
        rules.describe_run.output,

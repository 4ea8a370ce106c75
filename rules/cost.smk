# Cost: what each strategy spends.
#
# Needs:  embeddings, proxy runs and fine-tuning runs, results/{run}/scores.csv, picks.csv, regret.csv
# Gives:  results/{run}/seconds.csv, results/{run}/tables/cost.csv, equal_cost.csv


rule collect_seconds:
    """Collect how long embedding, proxies and fine-tuning took, and how many steps."""
    input:
        code=code("collect_seconds.py"),
        embeddings=of_pairs(EMBEDDINGS),
        runs=rules.collect_scores.input.finetune,
        proxies=rules.collect_scores.input.proxies,
    output:
        f"{RESULTS}/seconds.csv",
    log:
        f"{LOGS}/seconds.log",
    benchmark:
        f"{LOGS}/seconds.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        models=lambda wildcards: available(),
        tasks=list(TASKS),
        runs=lambda wildcards: json.dumps(runs(["finetune", *PROXIES])),
        left_out=[f"{task}/{model}" for model, task in SEEN],
        results=lambda wildcards, output: Path(output[0]).parent,
    message:
        "Collect the seconds"
    shell:
        "python {input.code[0]:q}"
        " --models {params.models:q}"
        " --tasks {params.tasks:q}"
        " --runs {params.runs:q}"
        " --left-out {params.left_out:q}"
        " --results {params.results:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule summarise_cost:
    """Set what each strategy spends beside its regret, and the regret of all at equal cost."""
    input:
        code=code("summarise_cost.py"),
        seconds=rules.collect_seconds.output[0],
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        picks=f"{RESULTS}/picks.csv",
        regret=f"{RESULTS}/regret.csv",
    output:
        cost=f"{RESULTS}/tables/cost.csv",
        equal_cost=report(
            f"{RESULTS}/tables/equal_cost.csv",
            caption="../workflow/report/equal_cost.rst",
            category="7. Cost",
            labels={"table": "Regret at equal cost"},
        ),
    log:
        f"{LOGS}/cost.log",
    benchmark:
        f"{LOGS}/cost.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=json.dumps(config["pools"]),
        resamples=config["uncertainty"]["resamples"],
        level=config["uncertainty"]["level"],
        seed=config["seed"],
    message:
        "Summarise the cost"
    shell:
        "python {input.code[0]:q}"
        " --seconds {input.seconds:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --picks {input.picks:q}"
        " --regret {input.regret:q}"
        " --pools {params.pools:q}"
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --cost {output.cost:q}"
        " --equal-cost {output.equal_cost:q}"
        " > {log:q} 2>&1"

# Figures: see workflow/report/ for what each shows.
#
# Needs:  results/{run}/models.csv, scores.csv, picks.csv, regret.csv, tables/
# Gives:  results/{run}/figures/, each figure as SVG and PDF
from needle.figures.names import strategy_label

FIGURES = f"{RESULTS}/figures"
DELTAS = {"{first}-minus-{second}-B{budget}".format(**delta): delta for delta in config["deltas"]}


rule plot_regret:
    """Draw the regret of every strategy by pool and task."""
    input:
        code=code("plot_regret.py"),
        regret=rules.compute_regret.output[0],
    output:
        svg=[
            report(
                f"{FIGURES}/regret/{strategy}.svg",
                caption="../workflow/report/regret.rst",
                category="2. Regret by strategy",
                labels={"strategy": strategy_label(strategy)},
            )
            for strategy in STRATEGIES
        ],
        pdf=expand(f"{FIGURES}/regret/{{strategy}}.pdf", strategy=STRATEGIES),
    log:
        f"{LOGS}/plot_regret.log",
    benchmark:
        f"{LOGS}/plot_regret.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        pools=json.dumps(config["pools"]),
        tasks=json.dumps(list(TASKS.values())),
        budgets=config["budgets"][:2],
        level=config["uncertainty"]["level"],
        strategies=STRATEGIES,
    message:
        "Draw regret"
    shell:
        "python {input.code[0]:q}"
        " --regret {input.regret:q}"
        " --pools {params.pools:q}"
        " --tasks {params.tasks:q}"
        " --budgets {params.budgets}"
        " --level {params.level}"
        " --strategies {params.strategies:q}"
        " --svg {output.svg:q}"
        " > {log:q} 2>&1"


rule plot_delta:
    """Draw the compared pairs of strategies by pool and task."""
    input:
        code=code("plot_delta.py"),
        delta=rules.summarise.output.delta,
    output:
        svg=[
            report(
                f"{FIGURES}/delta/{name}.svg",
                caption="../workflow/report/delta.rst",
                category="3. Strategies compared",
                labels={
                    "first": strategy_label(delta["first"]),
                    "second": strategy_label(delta["second"]),
                    "budget": str(delta["budget"]),
                },
            )
            for name, delta in DELTAS.items()
        ],
        pdf=expand(f"{FIGURES}/delta/{{name}}.pdf", name=DELTAS),
    log:
        f"{LOGS}/plot_delta.log",
    benchmark:
        f"{LOGS}/plot_delta.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        deltas=json.dumps(list(DELTAS.values())),
        pools=json.dumps(config["pools"]),
        tasks=json.dumps(list(TASKS.values())),
        strategies=STRATEGIES,
    message:
        "Draw the compared strategies"
    shell:
        "python {input.code[0]:q}"
        " --delta {input.delta:q}"
        " --deltas {params.deltas:q}"
        " --pools {params.pools:q}"
        " --tasks {params.tasks:q}"
        " --strategies {params.strategies:q}"
        " --svg {output.svg:q}"
        " > {log:q} 2>&1"


rule plot_optimal_picks:
    """Draw how soon each strategy finds the best model of every pool."""
    input:
        code=code("plot_optimal_picks.py"),
        optimal_picks=rules.summarise.output.optimal_picks,
    output:
        svg=report(
            f"{FIGURES}/optimal_picks.svg",
            caption="../workflow/report/optimal_picks.rst",
            category="4. Optimal picks",
            labels={"pool": "every pool"},
        ),
        pdf=f"{FIGURES}/optimal_picks.pdf",
    log:
        f"{LOGS}/plot_optimal_picks.log",
    benchmark:
        f"{LOGS}/plot_optimal_picks.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        pools=json.dumps(config["pools"]),
        strategies=STRATEGIES,
    message:
        "Draw optimal picks"
    shell:
        "python {input.code[0]:q}"
        " --optimal-picks {input.optimal_picks:q}"
        " --pools {params.pools:q}"
        " --strategies {params.strategies:q}"
        " --svg {output.svg:q}"
        " > {log:q} 2>&1"


rule plot_overview:
    """Draw what every pool can reach on every task and what each strategy picks."""
    input:
        code=code("plot_overview.py"),
        models=rules.collect_models.output[0],
        scores=rules.collect_scores.output[0],
        picks=rules.pick.output.picks,
    output:
        svg=[
            report(
                f"{FIGURES}/overview/{pool}.svg",
                caption="../workflow/report/overview.rst",
                category="5. Overview of the pools",
                labels={"pool": declared["label"]},
            )
            for pool, declared in config["pools"].items()
        ],
        pdf=expand(f"{FIGURES}/overview/{{pool}}.pdf", pool=config["pools"]),
    log:
        f"{LOGS}/plot_overview.log",
    benchmark:
        f"{LOGS}/plot_overview.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        pools=json.dumps(config["pools"]),
        tasks=json.dumps(list(TASKS.values())),
        strategies=STRATEGIES,
    message:
        "Draw the overview of the pools"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --picks {input.picks:q}"
        " --pools {params.pools:q}"
        " --tasks {params.tasks:q}"
        " --strategies {params.strategies:q}"
        " --svg {output.svg:q}"
        " > {log:q} 2>&1"


rule figures:
    """All figures of the run."""
    input:
        rules.plot_regret.output,
        rules.plot_delta.output,
        rules.plot_optimal_picks.output,
        rules.plot_overview.output,

# Figures: see workflow/report/ for what each shows.
#
# Needs:  results/{run}/models.csv, tasks.csv, scores.csv, picks.csv, regret.csv, tables/
# Gives:  results/{run}/figures/, each figure as SVG and PDF
from needle.figures.names import strategy_label

FIGURES = f"{RESULTS}/figures"
DELTAS = {"{first}-minus-{second}-B{budget}".format(**delta): delta for delta in config["deltas"]}
# Folders of the figures that are drawn in two measures.
REGRET = {"regret": "relative", "logodds_regret": "log-odds"}
DELTA = {"delta": "relative", "logodds_delta": "log-odds"}


rule plot_regret:
    """Draw the regret of every strategy by pool and task."""
    input:
        code=code("plot_regret.py"),
        regret=rules.compute_regret.output.regret,
        tasks=f"{RESULTS}/tasks.csv",
    output:
        svg=[
            report(
                f"{FIGURES}/{folder}/{strategy}.svg",
                caption=f"../workflow/report/{folder}.rst",
                category="2. Regret by strategy",
                labels={"strategy": strategy_label(strategy), "measure": measure},
            )
            for folder, measure in REGRET.items()
            for strategy in STRATEGIES
        ],
        pdf=expand(f"{FIGURES}/{{folder}}/{{strategy}}.pdf", folder=REGRET, strategy=STRATEGIES),
    log:
        f"{LOGS}/plot_regret.log",
    benchmark:
        f"{LOGS}/plot_regret.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=json.dumps(config["pools"]),
        budgets=config["budgets"][:2],
        level=config["uncertainty"]["level"],
        strategies=STRATEGIES,
    message:
        "Draw regret"
    shell:
        "python {input.code[0]:q}"
        " --regret {input.regret:q}"
        " --tasks {input.tasks:q}"
        " --pools {params.pools:q}"
        " --budgets {params.budgets}"
        " --level {params.level}"
        " --strategies {params.strategies:q}"
        " --svg {output.svg:q}"
        " > {log:q} 2>&1"


rule plot_delta:
    """Draw the compared pairs of strategies by pool and task."""
    input:
        code=code("plot_delta.py"),
        delta=rules.compute_regret.output.delta,
        mean_delta=rules.summarise.output.mean_delta,
        tasks=f"{RESULTS}/tasks.csv",
    output:
        svg=[
            report(
                f"{FIGURES}/{folder}/{name}.svg",
                caption=f"../workflow/report/{folder}.rst",
                category="3. Strategies compared",
                labels={
                    "first": strategy_label(delta["first"]),
                    "second": strategy_label(delta["second"]),
                    "budget": str(delta["budget"]),
                    "measure": measure,
                },
            )
            for folder, measure in DELTA.items()
            for name, delta in DELTAS.items()
        ],
        pdf=expand(f"{FIGURES}/{{folder}}/{{name}}.pdf", folder=DELTA, name=DELTAS),
    log:
        f"{LOGS}/plot_delta.log",
    benchmark:
        f"{LOGS}/plot_delta.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        deltas=json.dumps(list(DELTAS.values())),
        pools=json.dumps(config["pools"]),
        level=config["uncertainty"]["level"],
        strategies=STRATEGIES,
    message:
        "Draw the compared strategies"
    shell:
        "python {input.code[0]:q}"
        " --delta {input.delta:q}"
        " --mean-delta {input.mean_delta:q}"
        " --tasks {input.tasks:q}"
        " --deltas {params.deltas:q}"
        " --pools {params.pools:q}"
        " --level {params.level}"
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
            labels={"figure": "Share of tasks by budget"},
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
        mem_mb=growing(1000),
        runtime=growing(10),
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
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        tasks=f"{RESULTS}/tasks.csv",
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
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=json.dumps(config["pools"]),
        strategies=STRATEGIES,
    message:
        "Draw the overview of the pools"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --tasks {input.tasks:q}"
        " --picks {input.picks:q}"
        " --pools {params.pools:q}"
        " --strategies {params.strategies:q}"
        " --svg {output.svg:q}"
        " > {log:q} 2>&1"


rule plot_scatter:
    """Draw the scores of every proxy against fine-tune accuracy, pool by pool."""
    input:
        code=code("plot_scatter.py"),
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        tasks=f"{RESULTS}/tasks.csv",
        picks=rules.pick.output.picks,
        correlation=rules.summarise.output.correlation,
    output:
        svg=[
            report(
                f"{FIGURES}/scatter/{proxy}/{pool}.svg",
                caption="../workflow/report/scatter.rst",
                category="6. Proxies and fine-tuning",
                labels={
                    "figure": "Score and accuracy",
                    "proxy": strategy_label(proxy),
                    "pool": declared["label"],
                },
            )
            for proxy in PROXIES
            for pool, declared in config["pools"].items()
        ],
        pdf=expand(f"{FIGURES}/scatter/{{proxy}}/{{pool}}.pdf", proxy=PROXIES, pool=config["pools"]),
    log:
        f"{LOGS}/plot_scatter.log",
    benchmark:
        f"{LOGS}/plot_scatter.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=json.dumps(config["pools"]),
        proxies=PROXIES,
        strategies=STRATEGIES,
    message:
        "Draw the scores of the proxies"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --tasks {input.tasks:q}"
        " --picks {input.picks:q}"
        " --correlation {input.correlation:q}"
        " --pools {params.pools:q}"
        " --proxies {params.proxies:q}"
        " --strategies {params.strategies:q}"
        " --svg {output.svg:q}"
        " > {log:q} 2>&1"


rule plot_correlation:
    """Draw the regret of every proxy against its correlation with fine-tune accuracy."""
    input:
        code=code("plot_correlation.py"),
        correlation=rules.summarise.output.correlation,
        tasks=f"{RESULTS}/tasks.csv",
    output:
        svg=report(
            f"{FIGURES}/correlation_and_regret.svg",
            caption="../workflow/report/correlation_and_regret.rst",
            category="6. Proxies and fine-tuning",
            labels={
                "figure": "Correlation and regret",
                "proxy": "every proxy",
                "pool": "every pool",
            },
        ),
        pdf=f"{FIGURES}/correlation_and_regret.pdf",
    log:
        f"{LOGS}/plot_correlation.log",
    benchmark:
        f"{LOGS}/plot_correlation.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=json.dumps(config["pools"]),
        strategies=STRATEGIES,
    message:
        "Draw correlation and regret"
    shell:
        "python {input.code[0]:q}"
        " --correlation {input.correlation:q}"
        " --tasks {input.tasks:q}"
        " --pools {params.pools:q}"
        " --strategies {params.strategies:q}"
        " --svg {output.svg:q}"
        " > {log:q} 2>&1"


if "knn" in PROXIES:

    rule plot_dimension:
        """Draw the best kNN score by embedding dimension, task by task."""
        input:
            code=code("plot_dimension.py"),
            models=f"{RESULTS}/models.csv",
            scores=f"{RESULTS}/scores.csv",
            tasks=f"{RESULTS}/tasks.csv",
        output:
            svg=report(
                f"{FIGURES}/knn_by_dimension.svg",
                caption="../workflow/report/knn_by_dimension.rst",
                category="6. Proxies and fine-tuning",
                labels={
                    "figure": "Best score by dimension",
                    "proxy": "kNN",
                    "pool": "every model",
                },
            ),
            pdf=f"{FIGURES}/knn_by_dimension.pdf",
        log:
            f"{LOGS}/plot_dimension.log",
        benchmark:
            f"{LOGS}/plot_dimension.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(10),
        params:
            strategies=STRATEGIES,
        message:
            "Draw kNN by dimension"
        shell:
            "python {input.code[0]:q}"
            " --models {input.models:q}"
            " --scores {input.scores:q}"
            " --tasks {input.tasks:q}"
            " --strategies {params.strategies:q}"
            " --svg {output.svg:q}"
            " > {log:q} 2>&1"


if RUN.kind != "finished":

    rule plot_cost:
        """Draw the regret that each strategy reaches against what it costs, pool by pool."""
        input:
            code=code("plot_cost.py"),
            cost=rules.summarise_cost.output[0],
        output:
            svg=report(
                f"{FIGURES}/regret_by_compute.svg",
                caption="../workflow/report/regret_by_compute.rst",
                category="7. Cost",
                labels={"figure": "Regret by compute"},
            ),
            pdf=f"{FIGURES}/regret_by_compute.pdf",
        log:
            f"{LOGS}/plot_cost.log",
        benchmark:
            f"{LOGS}/plot_cost.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(10),
        params:
            pools=json.dumps(config["pools"]),
            strategies=STRATEGIES,
        message:
            "Draw the cost"
        shell:
            "python {input.code[0]:q}"
            " --cost {input.cost:q}"
            " --pools {params.pools:q}"
            " --strategies {params.strategies:q}"
            " --svg {output.svg:q}"
            " > {log:q} 2>&1"


localrules:
    figures,


rule figures:
    """All figures of the run."""
    input:
        rules.plot_regret.output,
        rules.plot_delta.output,
        rules.plot_optimal_picks.output,
        rules.plot_overview.output,
        rules.plot_scatter.output,
        rules.plot_correlation.output,
        rules.plot_dimension.output if "knn" in PROXIES else [],
        [] if RUN.kind == "finished" else rules.plot_cost.output,

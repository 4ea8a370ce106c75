# Figures: see workflow/report/ for what each shows. Two jobs draw them all: starting a process and
# its matplotlib takes as long as drawing a figure.
#
# Needs:  results/{run}/models.csv, tasks.csv, scores.csv, picks.csv, regret.csv, tables/
# Gives:  results/{run}/figures/, each figure as SVG and PDF
from needle.strategies.labels import strategy_label

FIGURES = f"{RESULTS}/figures"
DELTAS = {"{first}-minus-{second}-B{budget}".format(**delta): delta for delta in config["deltas"]}
# Folders of the figures that are drawn in two measures.
REGRET = {"regret": "relative", "logodds_regret": "log-odds"}
DELTA = {"delta": "relative", "logodds_delta": "log-odds"}
SHOWN_PROXIES = [proxy for proxy in PROXIES if proxy in SHOWN]
BY_DIMENSION = ["knn_by_dimension"] if "knn" in SHOWN_PROXIES else []
BY_COMPUTE = [] if RUN.kind == "finished" else ["regret_by_compute"]


rule plot_regret:
    """Draw the regret of every strategy, the compared pairs, optimal picks and cost."""
    input:
        code=code("plot_regret.py"),
        regret=rules.compute_regret.output.regret,
        delta=rules.compute_regret.output.delta,
        mean_delta=rules.summarise.output.mean_delta,
        optimal_picks=rules.summarise.output.optimal_picks,
        cost=rules.summarise_cost.output.cost if BY_COMPUTE else [],
        tasks=f"{RESULTS}/tasks.csv",
    output:
        regret=[
            figure(
                f"{folder}/{strategy}",
                folder,
                "2. Regret by strategy",
                strategy=strategy_label(strategy),
                measure=measure,
            )
            for folder, measure in REGRET.items()
            for strategy in SHOWN
        ],
        delta=[
            figure(
                f"{folder}/{name}",
                folder,
                "3. Strategies compared",
                first=strategy_label(delta["first"]),
                second=strategy_label(delta["second"]),
                budget=str(delta["budget"]),
                measure=measure,
            )
            for folder, measure in DELTA.items()
            for name, delta in DELTAS.items()
        ],
        optimal_picks=figure(
            "optimal_picks", "optimal_picks", "4. Optimal picks", figure="Share of tasks by budget"
        ),
        cost=[figure(name, name, "7. Cost", figure="Regret by compute") for name in BY_COMPUTE],
        pdf=[
            *expand(f"{FIGURES}/{{folder}}/{{name}}.pdf", folder=REGRET, name=SHOWN),
            *expand(f"{FIGURES}/{{folder}}/{{name}}.pdf", folder=DELTA, name=DELTAS),
            *expand(f"{FIGURES}/{{name}}.pdf", name=["optimal_picks", *BY_COMPUTE]),
        ],
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
        deltas=lambda wildcards: json.dumps(list(DELTAS.values())),
        pools=lambda wildcards: json.dumps(config["pools"]),
        budgets=config["budgets"][:2],
        level=config["uncertainty"]["level"],
        strategies=SHOWN,
    message:
        "Draw the regret of the strategies"
    shell:
        "python {input.code[0]:q}"
        " --regret {input.regret:q}"
        " --delta {input.delta:q}"
        " --mean-delta {input.mean_delta:q}"
        " --optimal-picks {input.optimal_picks:q}"
        " --cost {input.cost:q}"
        " --tasks {input.tasks:q}"
        " --deltas {params.deltas:q}"
        " --pools {params.pools:q}"
        " --budgets {params.budgets}"
        " --level {params.level}"
        " --strategies {params.strategies:q}"
        " --regret-svg {output.regret:q}"
        " --delta-svg {output.delta:q}"
        " --optimal-picks-svg {output.optimal_picks:q}"
        " --cost-svg {output.cost:q}"
        " > {log:q} 2>&1"


rule plot_scores:
    """Draw what every pool reaches on every task, and what the proxies tell of it."""
    input:
        code=code("plot_scores.py"),
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        tasks=f"{RESULTS}/tasks.csv",
        picks=rules.pick.output.picks,
        correlation=rules.summarise.output.correlation,
    output:
        overview=[
            figure(f"overview/{pool}", "overview", "5. Overview of the pools", pool=shown["label"])
            for pool, shown in config["pools"].items()
        ],
        scatter=[
            figure(
                f"scatter/{proxy}/{pool}",
                "scatter",
                "6. Proxies and fine-tuning",
                figure="Score and accuracy",
                proxy=strategy_label(proxy),
                pool=shown["label"],
            )
            for proxy in SHOWN_PROXIES
            for pool, shown in config["pools"].items()
        ],
        correlation=figure(
            "correlation_and_regret",
            "correlation_and_regret",
            "6. Proxies and fine-tuning",
            figure="Correlation and regret",
            proxy="every proxy",
            pool="every pool",
        ),
        dimension=[
            figure(
                name,
                name,
                "6. Proxies and fine-tuning",
                figure="Best score by dimension",
                proxy="kNN",
                pool="every model",
            )
            for name in BY_DIMENSION
        ],
        pdf=[
            *expand(f"{FIGURES}/overview/{{pool}}.pdf", pool=config["pools"]),
            *expand(
                f"{FIGURES}/scatter/{{proxy}}/{{pool}}.pdf",
                proxy=SHOWN_PROXIES,
                pool=config["pools"],
            ),
            *expand(f"{FIGURES}/{{name}}.pdf", name=["correlation_and_regret", *BY_DIMENSION]),
        ],
    log:
        f"{LOGS}/plot_scores.log",
    benchmark:
        f"{LOGS}/plot_scores.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=lambda wildcards: json.dumps(config["pools"]),
        proxies=SHOWN_PROXIES,
        strategies=SHOWN,
    message:
        "Draw the scores"
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
        " --overview-svg {output.overview:q}"
        " --scatter-svg {output.scatter:q}"
        " --correlation-svg {output.correlation:q}"
        " --dimension-svg {output.dimension:q}"
        " > {log:q} 2>&1"


rule figures:
    """All figures of the run."""
    input:
        rules.plot_regret.output,
        rules.plot_scores.output,
    localrule: True

# Tables for reading: pages of the report, what strategies spend, the paper's values beside the run's.
#
# Needs:  results/{run}/models.csv, tasks.csv, scores.csv, picks.csv, regret.csv, level_regret.csv,
#         tables/, and seconds.csv of a run that trains
# Gives:  results/{run}/tables/headline.txt, strategies.csv, pages; cost.csv and equal_cost.csv of a
#         run that trains; paper_vs_run.csv where the config has paper_file
PAPER = "paper_file" in config


if RUN.kind != "finished":

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
            pools=lambda wildcards: json.dumps(config["pools"]),
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


rule lay_out:
    """Lay out the headline table, the models and the budgets to zero regret for reading."""
    input:
        code=code("lay_out.py"),
        models=f"{RESULTS}/models.csv",
        tasks=f"{RESULTS}/tasks.csv",
        mean_regret=rules.summarise.output.mean_regret,
        budgets=rules.summarise.output.budget_to_zero_regret,
        gaps=rules.pick.output.gaps,
    output:
        text=f"{RESULTS}/tables/headline.txt",
        headline=report(
            f"{RESULTS}/tables/headline.html",
            caption="../workflow/report/headline.rst",
            category="1. Headline",
            labels={"table": "Mean relative regret"},
        ),
        budgets=report(
            f"{RESULTS}/tables/budget_to_zero_regret.html",
            caption="../workflow/report/budgets.rst",
            category="4. Optimal picks",
            labels={"table": "Budget to zero regret"},
        ),
        models=report(
            f"{RESULTS}/tables/models.html",
            caption="../workflow/report/models.rst",
            category="8. The run",
            labels={"table": "Models"},
        ),
    log:
        f"{LOGS}/pages.log",
    benchmark:
        f"{LOGS}/pages.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        pools=lambda wildcards: json.dumps(config["pools"]),
        budgets=config["budgets"],
        strategies=SHOWN,
        level=config["uncertainty"]["level"],
    message:
        "Lay out the tables"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --tasks {input.tasks:q}"
        " --mean-regret {input.mean_regret:q}"
        " --budget-to-zero-regret {input.budgets:q}"
        " --gaps {input.gaps:q}"
        " --pools {params.pools:q}"
        " --budgets {params.budgets}"
        " --strategies {params.strategies:q}"
        " --level {params.level}"
        " --text {output.text:q}"
        " --headline {output.headline:q}"
        " --budget-page {output.budgets:q}"
        " --model-page {output.models:q}"
        " > {log:q} 2>&1"


rule compare_strategies:
    """Set all strategies beside one another, and say what differs."""
    input:
        code=code("compare_strategies.py"),
        regret=[rules.compute_regret.output.regret, rules.level_pools.output.regret],
        gaps=rules.pick.output.gaps,
        cost=[] if RUN.kind == "finished" else rules.summarise_cost.output.cost,
    output:
        table=f"{RESULTS}/tables/strategies.csv",
        text=f"{RESULTS}/tables/strategies.txt",
        page=report(
            f"{RESULTS}/tables/strategies.html",
            caption="../workflow/report/strategies.rst",
            category="1. Headline",
            labels={"table": "All strategies compared"},
        ),
    log:
        f"{LOGS}/strategies.log",
    benchmark:
        f"{LOGS}/strategies.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        proxies=PROXIES,
        pools=lambda wildcards: json.dumps(config["pools"]),
        budgets=config["budgets"],
        resamples=config["uncertainty"]["resamples"],
        level=config["uncertainty"]["level"],
        seed=config["seed"],
    message:
        "Compare the strategies"
    shell:
        "python {input.code[0]:q}"
        " --regret {input.regret:q}"
        " --gaps {input.gaps:q}"
        " --cost {input.cost:q}"
        " --proxies {params.proxies:q}"
        " --pools {params.pools:q}"
        " --budgets {params.budgets}"
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --table {output.table:q}"
        " --text {output.text:q}"
        " --page {output.page:q}"
        " > {log:q} 2>&1"


rule describe_run:
    """Write down the run's configuration, cards included, for the report."""
    input:
        code=code("describe_run.py"),
    output:
        page=report(
            f"{RESULTS}/tables/configuration.html",
            caption="../workflow/report/configuration.rst",
            category="8. The run",
            labels={"table": "Configuration"},
        ),
        configuration=f"{RESULTS}/config.yaml",
    log:
        f"{LOGS}/configuration.log",
    benchmark:
        f"{LOGS}/configuration.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        run=lambda wildcards: json.dumps({"config": config, "protocols": all_protocols()} | CARDS),
        files=lambda wildcards: json.dumps(files_of_cards()),
    message:
        "Write down the configuration"
    shell:
        "python {input.code[0]:q}"
        " --run {params.run:q}"
        " --files {params.files:q}"
        " --page {output.page:q}"
        " --configuration {output.configuration:q}"
        " > {log:q} 2>&1"


if PAPER:

    rule compare_with_paper:
        """Set the values of the paper beside those of the run."""
        input:
            code=code("compare_with_paper.py"),
            models=f"{RESULTS}/models.csv",
            scores=f"{RESULTS}/scores.csv",
            tasks=f"{RESULTS}/tasks.csv",
            regret=rules.compute_regret.output.regret,
            optimal_picks=rules.summarise.output.optimal_picks,
            budgets=rules.summarise.output.budget_to_zero_regret,
        output:
            table=f"{RESULTS}/tables/paper_vs_run.csv",
            page=report(
                f"{RESULTS}/tables/paper_vs_run.html",
                caption="../workflow/report/paper_vs_run.rst",
                category="1. Headline",
                labels={"table": "The paper's values and this run's"},
            ),
        log:
            f"{LOGS}/paper.log",
        benchmark:
            f"{LOGS}/paper.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(10),
        params:
            paper=lambda wildcards: FILES["paper_file"],
            state=lambda wildcards: state_of_files(FILES["paper_file"]),
            pools=lambda wildcards: json.dumps(config["pools"]),
        message:
            "Compare with the paper"
        shell:
            "python {input.code[0]:q}"
            " --paper {params.paper:q}"
            " --models {input.models:q}"
            " --scores {input.scores:q}"
            " --tasks {input.tasks:q}"
            " --regret {input.regret:q}"
            " --optimal-picks {input.optimal_picks:q}"
            " --budget-to-zero-regret {input.budgets:q}"
            " --pools {params.pools:q}"
            " --table {output.table:q}"
            " --page {output.page:q}"
            " > {log:q} 2>&1"


rule tables:
    """All tables of the run."""
    input:
        rules.pick.output,
        rules.compute_regret.output,
        rules.summarise.output,
        rules.lay_out.output,
        rules.compare_strategies.output,
        rules.level_pools.output,
        rules.compare_protocols.output if RUN.protocols else [],
        rules.describe_run.output,
        [] if RUN.kind == "finished" else rules.summarise_cost.output,
        rules.compare_with_paper.output if PAPER else [],
        # Of rules that come after these.
        *(f"{RESULTS}/tables/{name}" for name in ["claims.txt", "claims.html"]),
        *(f"{RESULTS}/tables/{name}.csv" for name in ["staticness", "hidden_models"]),
        f"{RESULTS}/additions.csv",
        f"{RESULTS}/tables/without_additions.csv",
        f"{RESULTS}/tables/newly_best.csv",
    localrule: True

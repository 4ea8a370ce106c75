# The run's own page: what was asked, the answer, what claims about it rest on (static pools, level
# pools, hidden models), and what the models added last have changed.
#
# Needs:  results/{run}/models.csv, tasks.csv, scores.csv, regret.csv, tables/, figures/
# Gives:  results/{run}/summary.html, additions.csv; results/{run}/tables/staticness.csv,
#         hidden_models.csv, claims.txt and its page, without_additions.csv, newly_best.csv


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
        " --hidden-models {output.hidden:q}"
        " --text {output.text:q}"
        " --page {output.page:q}"
        " > {log:q} 2>&1"


rule leave_out_additions:
    """Set regret beside what it is without the models that joined last, and say where these are best."""
    input:
        code=code("leave_out_additions.py"),
        models=f"{RESULTS}/models.csv",
        scores=f"{RESULTS}/scores.csv",
        regret=rules.compute_regret.output.regret,
        stores=FETCHED_STORES,
        embeddings=IDENTITIES,
        task_embeddings=EMBEDDED_TASKS,
    output:
        without=f"{RESULTS}/tables/without_additions.csv",
        newly_best=f"{RESULTS}/tables/newly_best.csv",
        # It says which models were there before, so it outlives the job that brings it up to date.
        additions=update(f"{RESULTS}/additions.csv"),
    log:
        f"{LOGS}/additions.log",
    benchmark:
        f"{LOGS}/additions.jsonl"
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
        resamples=config["uncertainty"]["resamples"],
        level=config["uncertainty"]["level"],
        seed=config["seed"],
    message:
        "Leave out what was added last"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --scores {input.scores:q}"
        " --regret {input.regret:q}"
        " --stores {params.stores:q}"
        " --run-name {params.run}"
        " --embeddings {params.embeddings:q}"
        " --task-embeddings {input.task_embeddings:q}"
        " --pools {params.pools:q}"
        " --resamples {params.resamples}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --without {output.without:q}"
        " --newly-best {output.newly_best:q}"
        " --additions {output.additions:q}"
        " > {log:q} 2>&1"


LINKED = [*rules.tables.input, *rules.figures.input]


rule lay_out_summary:
    """Lay out the run's own page, which links to all figures and tables."""
    input:
        code=code("lay_out_summary.py"),
        templates=page_templates("summary"),
        models=f"{RESULTS}/models.csv",
        tasks=f"{RESULTS}/tasks.csv",
        additions=rules.leave_out_additions.output.additions,
        mean_regret=rules.summarise.output.mean_regret,
        strategies=rules.compare_strategies.output.table,
        gaps=rules.pick.output.gaps,
        noise=rules.summarise.output.noise,
        without=rules.leave_out_additions.output.without,
        newly_best=rules.leave_out_additions.output.newly_best,
        linked=LINKED,
    output:
        f"{RESULTS}/summary.html",
    log:
        f"{LOGS}/summary_page.log",
    benchmark:
        f"{LOGS}/summary_page.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        configuration=lambda wildcards: json.dumps({"run": RUN.name} | config),
        kind=RUN.kind,
        shown=SHOWN,
        costs="" if RUN.kind == "finished" else "--costs",
        # Not by the input: what is derived from that makes no output anew.
        files=lambda wildcards: json.dumps(list(menu(workflow.rules, LINKED, RESULTS))),
    message:
        "Lay out the run's page"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --tasks {input.tasks:q}"
        " --additions {input.additions:q}"
        " --mean-regret {input.mean_regret:q}"
        " --strategies {input.strategies:q}"
        " --gaps {input.gaps:q}"
        " --noise {input.noise:q}"
        " --without {input.without:q}"
        " --newly-best {input.newly_best:q}"
        " --configuration {params.configuration:q}"
        " --kind {params.kind}"
        " --shown {params.shown:q}"
        " {params.costs}"
        " --files {params.files:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"

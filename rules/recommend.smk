# The recommendation: one page that says which model, why, and how to use it.
#
# Needs:  what the search and, for images, the fine-tuning of its picks found
# Gives:  results/{run}/recommendation/report.html, summary.txt, config.yaml
IMAGES = RUN.kind == "images"


rule recommend:
    """Lay out the recommendation as a page; a target of its own."""
    input:
        code=code("recommend.py"),
        templates=page_templates("recommendation"),
        ranking=ranking,
        candidates=rules.choose_best.output.candidates if IMAGES else [],
        predictions=rules.choose_best.output.predictions if IMAGES else [],
        measures=rules.choose_best.output.measures if IMAGES else [],
        reliability=rules.choose_best.output.reliability if IMAGES else [],
        task=TASK if IMAGES else [],
        problems=f"{RESULTS}/data/problems.csv",
        classes=f"{RESULTS}/data/classes.csv",
        readme=rules.choose_best.output.readme if IMAGES else [],
        tuned=rules.finetune_in_time.output if IN_TIME else [],
    output:
        report=f"{ADVICE}/report.html",
        summary=f"{ADVICE}/summary.txt",
        configuration=f"{ADVICE}/config.yaml",
    log:
        f"{LOGS}/recommendation.log",
    benchmark:
        f"{LOGS}/recommendation.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        configuration=lambda wildcards: json.dumps({"run": RUN.name} | config),
        protocol=lambda wildcards: json.dumps(tuning()),
        sides=lambda wildcards: json.dumps(
            {model: card.get("input_size") for model, card in MODELS.items()}
        ),
        families=lambda wildcards: sorted(
            {MODELS[model].get("family", "") for model in (picks(wildcards) if IMAGES else [])}
        ),
        label=lambda wildcards: TASKS[DATA]["label"],
        plan=f"{TUNED}/plan.csv" if IN_TIME else [],
        choice=lambda wildcards, input: Path(input.ranking).with_name("choice.json"),
        budget=config["budget"],
        level=config["level"],
    message:
        "Write the report"
    shell:
        "python {input.code[0]:q}"
        " --ranking {input.ranking:q}"
        " --candidates {input.candidates:q}"
        " --predictions {input.predictions:q}"
        " --measures {input.measures:q}"
        " --reliability {input.reliability:q}"
        " --task {input.task:q}"
        " --problems {input.problems:q}"
        " --classes {input.classes:q}"
        " --readme {input.readme:q}"
        " --plan {params.plan:q}"
        " --configuration {params.configuration:q}"
        " --protocol {params.protocol:q}"
        " --sides {params.sides:q}"
        " --families {params.families:q}"
        " --label={params.label:q}"
        " --choice {params.choice:q}"
        " --budget {params.budget}"
        " --level {params.level}"
        " --report {output.report:q}"
        " --summary {output.summary:q}"
        " --configuration-file {output.configuration:q}"
        " > {log:q} 2>&1"


onsuccess:
    # What the last of the two targets had to say.
    answers = [Path(ADVICE, name) for name in ("search.txt", "summary.txt")]
    written = [answer for answer in answers if answer.exists()]
    if written:
        print(
            max(written, key=lambda answer: answer.stat().st_mtime).read_text(encoding="utf-8")
        )

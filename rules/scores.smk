# Scores: what each model really reaches on each task, under each protocol of fine-tuning, and with
# models.csv the tables that all analysis reads.
#
# Needs:  checkpoints, task files and cards, embeddings, proxy runs
# Gives:  results/{run}/finetune/{task}/{model}.csv, and results/{run}/finetune-{protocol}/ of each
#         further protocol; results/{run}/tasks.csv, scores.csv, missing.csv, seconds.csv
TUNED = f"{RESULTS}/{{score}}/{{task}}/{{model}}.csv"
TUNINGS = [FINETUNE, *FURTHER]


rule finetune:
    """Fine-tune all weights of one model on one task: every learning rate, every repeat."""
    input:
        code=code("finetune.py"),
        checkpoint=CHECKPOINT,
        task=task_file,
    output:
        TUNED,
    log:
        f"{LOGS}/{{score}}/{{task}}/{{model}}.log",
    benchmark:
        f"{LOGS}/{{score}}/{{task}}/{{model}}.jsonl"
    wildcard_constraints:
        score="|".join(map(re.escape, TUNINGS)),
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(tuning_mb),
        gpu=gpus,
        runtime=job_minutes(60, 1440),
    params:
        protocol=tuning_of,
        seed=config["seed"],
    message:
        "Fine-tune {wildcards.model} on {wildcards.task}" + " ({wildcards.score})" * bool(FURTHER)
    shell:
        "python {input.code[0]:q}"
        " --checkpoint {input.checkpoint:q}"
        " --task {input.task:q}"
        " --protocol {params.protocol:q}"
        " --seed {params.seed}"
        " --threads {threads}"
        " --gpus {resources.gpu}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule collect_tasks:
    """Collect what a reader calls the tasks."""
    input:
        code=code("collect_tasks.py"),
    output:
        f"{RESULTS}/tasks.csv",
    log:
        f"{LOGS}/tasks.log",
    benchmark:
        f"{LOGS}/tasks.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        cards=lambda wildcards: json.dumps(CARDS["source"]["tasks"]),
    message:
        "Collect the tasks"
    shell:
        "python {input.code[0]:q}"
        " --cards {params.cards:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule collect_scores:
    """Collect the scores of all models on all tasks."""
    input:
        code=code("collect_scores.py"),
        finetune=of_pairs(TUNED, score=TUNINGS),
        proxies=of_pairs(f"{RESULTS}/proxies/{{proxy}}/{{task}}/{{model}}.csv", proxy=PROXIES),
    output:
        scores=f"{RESULTS}/scores.csv",
        missing=f"{RESULTS}/missing.csv",
    log:
        f"{LOGS}/scores.log",
    benchmark:
        f"{LOGS}/scores.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        models=lambda wildcards: available(),
        tasks=list(TASKS),
        runs=lambda wildcards: json.dumps(runs([*TUNINGS, *PROXIES])),
        left_out=[f"{task}/{model}" for model, task in SEEN],
        results=lambda wildcards, output: Path(output.scores).parent,
    message:
        "Collect the scores"
    shell:
        "python {input.code[0]:q}"
        " --models {params.models:q}"
        " --tasks {params.tasks:q}"
        " --runs {params.runs:q}"
        " --left-out {params.left_out:q}"
        " --results {params.results:q}"
        " --scores {output.scores:q}"
        " --missing {output.missing:q}"
        " > {log:q} 2>&1"


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
        runs=lambda wildcards: json.dumps(runs([*TUNINGS, *PROXIES])),
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

# Picks: the models that the search chose are fine-tuned, and the best of them is kept.
#
# Needs:  results/{run}/recommendation/ranking.csv, checkpoints, the task file
# Gives:  results/{run}/recommendation/best/, picks.csv, measures.csv, predictions.csv, probabilities
WEIGHTS = f"{RESULTS}/finetune/{{task}}/{{model}}.safetensors"
JUDGED = f"{RESULTS}/finetune/{{task}}/{{model}}.folds.safetensors" if DECIDE_ON == "folds" else []


rule finetune:
    """Fine-tune a pick with every learning rate and repeat, or fold; keep the best."""
    input:
        code=code("finetune.py"),
        checkpoint=CHECKPOINT,
        task=task_file,
        folds=FOLDS if JUDGED else [],
    output:
        runs=FINETUNED,
        weights=WEIGHTS,
        judged=JUDGED,
    log:
        f"{LOGS}/finetune/{{task}}/{{model}}.log",
    benchmark:
        f"{LOGS}/finetune/{{task}}/{{model}}.jsonl"
    conda:
        "../envs/torch.yaml"
    threads: tuning_threads
    resources:
        mem_mb=growing(tuning_mb),
        gpu=gpus,
        runtime=job_minutes(60, 1440),
    params:
        protocol=lambda wildcards: json.dumps(tuning()),
        metric=METRIC,
        seed=config["seed"],
    message:
        "Fine-tune {wildcards.model}"
    shell:
        "python {input.code[0]:q}"
        " --checkpoint {input.checkpoint:q}"
        " --task {input.task:q}"
        " --protocol {params.protocol:q}"
        " --seed {params.seed}"
        " --threads {threads}"
        " --gpus {resources.gpu}"
        " --weights {output.weights:q}"
        " --folds {input.folds:q}"
        " --judged {output.judged:q}"
        " --metric {params.metric}"
        " --output {output.runs:q}"
        " > {log:q} 2>&1"


rule choose_best:
    """Choose the best pick on val, measure it once on test, and export it."""
    input:
        code=code("choose_best.py"),
        ranking=ranking,
        task=TASK,
        examples=rules.prepare_data.output.examples,
        runs=lambda wildcards: expand(FINETUNED, task=DATA, model=picks(wildcards)),
        weights=lambda wildcards: expand(WEIGHTS, task=DATA, model=picks(wildcards)),
        judged=lambda wildcards: expand(JUDGED, task=DATA, model=picks(wildcards)),
    output:
        model=f"{ADVICE}/best/model.safetensors",
        card=f"{ADVICE}/best/config.json",
        readme=f"{ADVICE}/best/README.md",
        picks=f"{ADVICE}/picks.csv",
        predictions=f"{ADVICE}/predictions.csv",
        probabilities=f"{ADVICE}/probabilities.safetensors",
        measures=f"{ADVICE}/measures.csv",
    log:
        f"{LOGS}/best.log",
    benchmark:
        f"{LOGS}/best.jsonl"
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(embedding_mb),
        gpu=gpus,
        runtime=growing(60),
    params:
        folder=Path(FINETUNED.format(task=DATA, model="")).parent,
        best=lambda wildcards, output: Path(output.model).parent,
        runs=lambda wildcards: runs(["finetune"])["finetune"],
        over_folds="--over-folds" if JUDGED else "",
        metric=METRIC,
        level=config["level"],
        seed=config["seed"],
        memory=embedding_mb,
    message:
        "Choose the best of the picks"
    shell:
        "python {input.code[0]:q}"
        " --ranking {input.ranking:q}"
        " --finetune-folder {params.folder:q}"
        " --runs {params.runs}"
        " {params.over_folds}"
        " --task {input.task:q}"
        " --examples {input.examples:q}"
        " --metric {params.metric}"
        " --level {params.level}"
        " --seed {params.seed}"
        " --memory {params.memory}"
        " --threads {threads}"
        " --gpus {resources.gpu}"
        " --best {params.best:q}"
        " --picks {output.picks:q}"
        " --predictions {output.predictions:q}"
        " --probabilities {output.probabilities:q}"
        " --measures {output.measures:q}"
        " > {log:q} 2>&1"

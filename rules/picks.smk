# The answer: picks are fine-tuned, frozen models get a head, and the best of all is kept.
#
# Needs:  results/{run}/recommendation/ranking.csv, checkpoints, embeddings, the task file
# Gives:  results/{run}/recommendation/best/, candidates.csv, measures.csv, predictions.csv,
#         reliability.csv, probabilities
WEIGHTS = f"{RESULTS}/finetune/{{task}}/{{model}}.safetensors"
SOUP = f"{RESULTS}/finetune/{{task}}/{{model}}.soup.safetensors"
HEAD = f"{RESULTS}/heads/{{task}}/{{model}}.safetensors"
JUDGED = f"{RESULTS}/finetune/{{task}}/{{model}}.folds.safetensors" if DECIDE_ON == "folds" else []


rule tune_head:
    """Tune a head for the embeddings of a frozen model: a candidate that costs next to nothing."""
    input:
        code=code("tune_head.py"),
        embeddings=EMBEDDINGS,
        folds=FOLDS if JUDGED else [],
    output:
        HEAD,
    log:
        f"{LOGS}/heads/{{task}}/{{model}}.log",
    benchmark:
        f"{LOGS}/heads/{{task}}/{{model}}.jsonl"
    priority: 1  # before what takes all the time that is left
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    message:
        "Tune a head for {wildcards.model}"
    shell:
        "python {input.code[0]:q}"
        " --embeddings {input.embeddings:q}"
        " --model {wildcards.model:q}"
        " --folds {input.folds:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"


TUNED = f"{RESULTS}/{'finetune_in_time' if IN_TIME else 'finetune'}/{DATA}"


rule finetune:
    """Fine-tune a pick with every learning rate and repeat, or fold; keep the best, and a soup."""
    input:
        code=code("finetune.py"),
        checkpoint=CHECKPOINT,
        task=task_file,
        folds=FOLDS if JUDGED else [],
    output:
        runs=FINETUNED,
        weights=WEIGHTS,
        soup=SOUP,
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
        protocol=tuning_of,
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
        " --soup {output.soup:q}"
        " --folds {input.folds:q}"
        " --judged {output.judged:q}"
        " --metric {params.metric}"
        " --output {output.runs:q}"
        " > {log:q} 2>&1"


rule finetune_in_time:
    """Fine-tune as many picks and learning rates as the time allows, the best of them longer."""
    input:
        code=code("finetune_in_time.py"),
        ranking=ranking,
        checkpoints=lambda wildcards: expand(CHECKPOINT, model=picks(wildcards)),
        embeddings=lambda wildcards: expand(EMBEDDINGS, task=DATA, model=picks(wildcards)),
        task=TASK,
    output:
        directory(f"{RESULTS}/finetune_in_time/{DATA}"),
    log:
        f"{LOGS}/finetune_in_time.log",
    benchmark:
        f"{LOGS}/finetune_in_time.jsonl"
    conda:
        "../envs/torch.yaml"
    threads: tuning_threads
    resources:
        mem_mb=growing(tuning_mb),
        gpu=gpus,
        runtime=60 + seconds_of(config.get("time", "")) // 60,
    params:
        protocols=lambda wildcards: json.dumps(
            {model: protocol_of(tuning(), MODELS[model]) for model in picks(wildcards)}
        ),
        metric=METRIC,
        seed=config["seed"],
        seconds=seconds_of(config.get("time", "")),
    message:
        "Fine-tune in the time that is left"
    shell:
        "python {input.code[0]:q}"
        " --ranking {input.ranking:q}"
        " --checkpoints {input.checkpoints:q}"
        " --embeddings {input.embeddings:q}"
        " --task {input.task:q}"
        " --protocols {params.protocols:q}"
        " --seed {params.seed}"
        " --seconds {params.seconds}"
        ' --started "$NEEDLE_STARTED"'
        " --threads {threads}"
        " --gpus {resources.gpu}"
        " --metric {params.metric}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule choose_best:
    """Choose the answer of all candidates on val, measure it once on test, and export it."""
    input:
        code=code("choose_best.py"),
        ranking=ranking,
        task=TASK,
        examples=rules.prepare_data.output.examples,
        runs=tuned(FINETUNED),
        weights=tuned(WEIGHTS),
        soups=tuned(SOUP),
        judged=tuned(JUDGED) if JUDGED else [],
        heads=lambda wildcards: expand(HEAD, task=DATA, model=headed(wildcards)),
        checkpoints=lambda wildcards: expand(CHECKPOINT, model=headed(wildcards)),
    output:
        answer=f"{ADVICE}/best/answer.json",
        program=f"{ADVICE}/best/predict.py",
        readme=f"{ADVICE}/best/README.md",
        candidates=f"{ADVICE}/candidates.csv",
        predictions=f"{ADVICE}/predictions.csv",
        probabilities=f"{ADVICE}/probabilities.safetensors",
        measures=f"{ADVICE}/measures.csv",
        reliability=f"{ADVICE}/reliability.csv",
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
        folder=TUNED,
        best=lambda wildcards, output: Path(output.answer).parent,
        runs=[] if IN_TIME else f"--runs={runs(['finetune'])['finetune']}",
        over_folds="--over-folds" if JUDGED else "",
        metric=METRIC,
        level=config["level"],
        seed=config["seed"],
        memory=embedding_mb,
        onnx="--onnx" if config.get("onnx") else "",
    message:
        "Choose the best of all candidates"
    shell:
        "python {input.code[0]:q}"
        " --ranking {input.ranking:q}"
        " --finetune-folder {params.folder:q}"
        " {params.runs:q}"
        " --heads {input.heads:q}"
        " --checkpoints {input.checkpoints:q}"
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
        " {params.onnx}"
        " --candidates {output.candidates:q}"
        " --predictions {output.predictions:q}"
        " --probabilities {output.probabilities:q}"
        " --measures {output.measures:q}"
        " --reliability {output.reliability:q}"
        " > {log:q} 2>&1"

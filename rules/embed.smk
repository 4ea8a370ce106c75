# Frozen models: what is known of them, and what they make of each task's train and val images; and
# what a probe network makes of each task, so that near tasks are found.
#
# Needs:  checkpoints and task files
# Gives:  results/{run}/models.csv, results/{run}/embeddings/{task}/{model}.safetensors, and
#         results/{run}/task_embeddings/{task}.safetensors if the config has task_embedding


rule collect_models:
    """Collect what the checkpoints say of themselves."""
    input:
        code=code("collect_models.py"),
        checkpoints=lambda wildcards: expand(CHECKPOINT, model=available()),
    output:
        f"{RESULTS}/models.csv",
    log:
        f"{LOGS}/models.log",
    benchmark:
        f"{LOGS}/models.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        families=lambda wildcards: json.dumps(
            {model: MODELS[model]["family"] for model in available() if "family" in MODELS[model]}
        ),
    message:
        "Collect the models"
    shell:
        "python {input.code[0]:q}"
        " --checkpoints {input.checkpoints:q}"
        " --families {params.families:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule embed:
    """Embed the train and val images of one task with one frozen model."""
    input:
        code=code("embed.py"),
        checkpoint=CHECKPOINT,
        task=task_file,
        pictures=[],
        earlier=earlier,
    output:
        EMBEDDINGS,
    log:
        f"{LOGS}/embeddings/{{task}}/{{model}}.log",
    benchmark:
        f"{LOGS}/embeddings/{{task}}/{{model}}.jsonl"
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(reading_mb),
        gpu=gpus,
        runtime=job_minutes(10, 120),
    params:
        memory=embedding_mb,
        features=features_flags(),
        precision=config.get("embedding", {}).get("precision", "float32"),
        compile="--compile" if config.get("embedding", {}).get("compile") else "",
        speed="--speed" if RUN.kind == "images" else "",  # who asks for one model means to use it
    message:
        "Embed {wildcards.task} with {wildcards.model}"
    shell:
        "python {input.code[0]:q}"
        " --checkpoint {input.checkpoint:q}"
        " --task {input.task:q}"
        " --memory {params.memory}"
        " {params.features}"
        " --precision {params.precision}"
        " {params.compile}"
        " {params.speed}"
        " --pictures {input.pictures:q}"
        " --earlier {input.earlier:q}"
        " --threads {threads}"
        " --gpus {resources.gpu}"
        " --output {output:q}"
        " > {log:q} 2>&1"


if "task_embedding" in config:

    PROBE = config["task_embedding"]["model"]

    rule embed_task:
        """Embed a task as the diagonal Fisher information of a probe network (Task2Vec)."""
        input:
            code=code("embed_task.py"),
            checkpoint=expand(CHECKPOINT, model=PROBE),
            embeddings=expand(EMBEDDINGS, model=PROBE, allow_missing=True),
            task=task_file,
        output:
            TASK_EMBEDDING,
        log:
            f"{LOGS}/task_embeddings/{{task}}.log",
        benchmark:
            f"{LOGS}/task_embeddings/{{task}}.jsonl"
        conda:
            "../envs/torch.yaml"
        threads: 1
        resources:
            mem_mb=growing(tuning_mb),
            gpu=gpus,
            runtime=job_minutes(10, 120),
        params:
            seed=config["seed"],
        message:
            "Embed the task {wildcards.task}"
        shell:
            "python {input.code[0]:q}"
            " --checkpoint {input.checkpoint:q}"
            " --embeddings {input.embeddings:q}"
            " --task {input.task:q}"
            " --seed {params.seed}"
            " --threads {threads}"
            " --gpus {resources.gpu}"
            " --output {output:q}"
            " > {log:q} 2>&1"

# Embeddings: what each frozen model makes of each task's train and val images, and what a probe
# network makes of each task, so that near tasks are found.
#
# Needs:  a checkpoint and a task file
# Gives:  results/{run}/embeddings/{task}/{model}.safetensors, and
#         results/{run}/task_embeddings/{task}.safetensors if the config has task_embedding


rule embed:
    """Embed the train and val images of one task with one frozen model."""
    input:
        code=code("embed.py"),
        checkpoint=CHECKPOINT,
        task=task_file,
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
        mem_mb=growing(embedding_mb),
        gpu=gpus,
        runtime=job_minutes(10, 120),
    params:
        memory=embedding_mb,
        precision=config.get("embedding", {}).get("precision", "float32"),
        compile="--compile" if config.get("embedding", {}).get("compile") else "",
    message:
        "Embed {wildcards.task} with {wildcards.model}"
    shell:
        "python {input.code[0]:q}"
        " --checkpoint {input.checkpoint:q}"
        " --task {input.task:q}"
        " --memory {params.memory}"
        " --precision {params.precision}"
        " {params.compile}"
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

# Task embeddings: what a probe network makes of each task, so that near tasks are found.
#
# Needs:  checkpoint and embeddings of the config's task_embedding.model, the task file
# Gives:  results/{run}/task_embeddings/{task}.safetensors
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

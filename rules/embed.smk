# Embeddings: what each frozen model makes of each task's train and val images.
#
# Needs:  a checkpoint and a task file
# Gives:  results/{run}/embeddings/{task}/{model}.safetensors


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

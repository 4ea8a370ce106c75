# Tasks of `mini`: images and labels, rendered here.
#
# Needs:  task cards
# Gives:  resources/tasks/mini/{task}-{size}px.safetensors


rule prepare_task:
    """Write the task file of one task: train, val and test images with labels and card."""
    input:
        code=code("prepare_task.py"),
    output:
        f"resources/tasks/mini/{{task}}-{config['image_size']}px.safetensors",
    log:
        "logs/tasks/mini/{task}.log",
    benchmark:
        "logs/tasks/mini/{task}.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        card=lambda wildcards: json.dumps(TASKS[wildcards.task] | {"source": RUN.source["source"]}),
        image_size=config["image_size"],
        seed=RUN.source["seed"],
    message:
        "Prepare task {wildcards.task}"
    shell:
        "python {input.code[0]:q}"
        " --card {params.card:q}"
        " --image-size {params.image_size}"
        " --seed {params.seed}"
        " --output {output:q}"
        " > {log:q} 2>&1"

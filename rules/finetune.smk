# Fine-tuning: what each model really reaches on each task, under each protocol.
#
# Needs:  a checkpoint and a task file
# Gives:  results/{run}/finetune/{task}/{model}.csv, and results/{run}/finetune-{protocol}/ of each
#         further protocol
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

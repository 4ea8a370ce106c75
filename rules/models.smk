# Models: what is known of them, as measured.
#
# Needs:  checkpoints
# Gives:  results/{run}/models.csv


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
    message:
        "Collect the models"
    shell:
        "python {input.code[0]:q}"
        " --checkpoints {input.checkpoints:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"

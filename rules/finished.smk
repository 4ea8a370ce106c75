# Finished scores: published ones, or your own.
#
# Needs:  the CSV files that the config names
# Gives:  results/{run}/models.csv, results/{run}/tasks.csv, results/{run}/scores.csv
CARDS = {}


rule import_scores:
    """Bring finished scores into the form that all analysis reads."""
    input:
        code=code("import_scores.py"),
        scores=FILES["scores_file"],
        models=FILES.get("models_file", []),
        tasks=FILES.get("tasks_file", []),
    output:
        models=f"{RESULTS}/models.csv",
        tasks=f"{RESULTS}/tasks.csv",
        scores=f"{RESULTS}/scores.csv",
    log:
        f"{LOGS}/import.log",
    benchmark:
        f"{LOGS}/import.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        unit=json.dumps(config.get("unit", "fraction")),
    message:
        "Import finished scores"
    shell:
        "python {input.code[0]:q}"
        " --scores-file {input.scores:q}"
        " --models-file {input.models:q}"
        " --tasks-file {input.tasks:q}"
        " --unit {params.unit:q}"
        " --models {output.models:q}"
        " --tasks {output.tasks:q}"
        " --scores {output.scores:q}"
        " > {log:q} 2>&1"

# Finished scores: published ones, or your own.
#
# Needs:  the CSV files that the config names
# Gives:  results/{run}/models.csv, results/{run}/tasks.csv, results/{run}/scores.csv
CARDS = {}


rule import_scores:
    """Bring finished scores into the form that all analysis reads."""
    input:
        code=code("import_scores.py"),
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
        # No inputs, where Snakemake takes braces in a path for wildcards.
        scores=lambda wildcards: FILES["scores_file"],
        models=lambda wildcards: FILES.get("models_file", []),
        tasks=lambda wildcards: FILES.get("tasks_file", []),
        state=lambda wildcards: [state_of_files(file) for file in FILES.values()],
        unit=lambda wildcards: json.dumps(config.get("unit", "fraction")),
    message:
        "Import finished scores"
    shell:
        "python {input.code[0]:q}"
        " --scores-file {params.scores:q}"
        " --models-file {params.models:q}"
        " --tasks-file {params.tasks:q}"
        " --unit {params.unit:q}"
        " --models {output.models:q}"
        " --tasks {output.tasks:q}"
        " --scores {output.scores:q}"
        " > {log:q} 2>&1"

# Embeddings that the user has already, of images or of anything else.
#
# Needs:  the folder that the config names as `data`: an .npz or .parquet file for each model
# Gives:  results/{run}/embeddings/, results/{run}/models.csv, results/{run}/data/
# No file of the user's is an input, where Snakemake takes braces in a path for wildcards.


wildcard_constraints:
    model="|".join(map(re.escape, MODELS)),
    task=DATA,
    proxy="|".join(map(re.escape, PROXIES)),


rule import_features:
    """Bring the embeddings of one model into the form that the proxies read."""
    input:
        code=code("import_features.py"),
        copies=f"{RESULTS}/data/copies.csv",
    output:
        EMBEDDINGS,
    log:
        f"{LOGS}/embeddings/{{task}}/{{model}}.log",
    benchmark:
        f"{LOGS}/embeddings/{{task}}/{{model}}.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(8000),
        runtime=growing(30),
    params:
        folder=lambda wildcards: config["data"],
        state=lambda wildcards: state_of_files(config["data"]),
        examples=lambda wildcards: json.dumps(config["examples"]),
        seed=config["seed"],
    message:
        "Import the embeddings of {wildcards.model}"
    shell:
        "python {input.code[0]:q}"
        " --folder={params.folder:q}"
        " --model {wildcards.model:q}"
        " --examples {params.examples:q}"
        " --seed {params.seed}"
        " --copies {input.copies:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule check_features:
    """Find copies, name the classes that val lacks, and draw the folds of small data."""
    input:
        code=code("check_features.py"),
    output:
        problems=f"{RESULTS}/data/problems.csv",
        classes=f"{RESULTS}/data/classes.csv",
        copies=f"{RESULTS}/data/copies.csv",
        folds=f"{RESULTS}/data/folds.csv",
    log:
        f"{LOGS}/data.log",
    benchmark:
        f"{LOGS}/data.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(4000),
        runtime=growing(30),
    params:
        folder=lambda wildcards: config["data"],
        state=lambda wildcards: state_of_files(config["data"]),
        examples=lambda wildcards: json.dumps(config["examples"]),
        seed=config["seed"],
    message:
        "Check the embeddings of {params.folder}"
    shell:
        "python {input.code[0]:q}"
        " --folder={params.folder:q}"
        " --examples {params.examples:q}"
        " --seed {params.seed}"
        " --problems {output.problems:q}"
        " --classes {output.classes:q}"
        " --copies {output.copies:q}"
        " --folds {output.folds:q}"
        " > {log:q} 2>&1"


rule collect_models:
    """Collect what the config's models_file says of the models."""
    input:
        code=code("collect_models.py"),
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
        cards=lambda wildcards: json.dumps(list(MODELS.values())),
    message:
        "Collect the models"
    shell:
        "python {input.code[0]:q}"
        " --cards {params.cards:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"

# Proxies: cheap scores of each model on each task, from embeddings alone.
#
# Needs:  results/{run}/embeddings/{task}/{model}.safetensors
# Gives:  results/{run}/proxies/{proxy}/{task}/{model}.csv


rule knn:
    """Score one model on one task by its nearest neighbours."""
    input:
        code=code("knn.py"),
        embeddings=EMBEDDINGS,
    output:
        f"{RESULTS}/proxies/knn/{{task}}/{{model}}.csv",
    log:
        f"{LOGS}/proxies/knn/{{task}}/{{model}}.log",
    benchmark:
        f"{LOGS}/proxies/knn/{{task}}/{{model}}.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    message:
        "kNN proxy of {wildcards.model} on {wildcards.task}"
    shell:
        "python {input.code[0]:q}"
        " --embeddings {input.embeddings:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule linear:
    """Score one model on one task by linear classifiers on its embeddings."""
    input:
        code=code("linear.py"),
        embeddings=EMBEDDINGS,
    output:
        f"{RESULTS}/proxies/linear/{{task}}/{{model}}.csv",
    log:
        f"{LOGS}/proxies/linear/{{task}}/{{model}}.log",
    benchmark:
        f"{LOGS}/proxies/linear/{{task}}/{{model}}.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        protocol=json.dumps(config["proxies"].get("linear")),
        seed=config["seed"],
    message:
        "Linear proxy of {wildcards.model} on {wildcards.task}"
    shell:
        "python {input.code[0]:q}"
        " --embeddings {input.embeddings:q}"
        " --model {wildcards.model:q}"
        " --task {wildcards.task:q}"
        " --protocol {params.protocol:q}"
        " --seed {params.seed}"
        " --output {output:q}"
        " > {log:q} 2>&1"

# Proxies: cheap scores of each model on each task, from embeddings alone.
#
# Needs:  results/{run}/embeddings/{task}/{model}.safetensors
# Gives:  results/{run}/proxies/{proxy}/{task}/{model}.csv
from needle.proxies.registry import TRAINED, file_of
from needle.proxies.rows import quick_proxies

# Small data of a recommendation are scored over folds.
FOLDS = f"{RESULTS}/data/folds.csv" if "data" in config else []
QUICK = {name: config["proxies"][name] for name in quick_proxies(PROXIES)}


if QUICK:

    rule quick_proxies:
        """Score one model on one task by all proxies of the run that take seconds at most."""
        input:
            code=code("quick_proxies.py", *map(file_of, QUICK)),
            embeddings=EMBEDDINGS,
            folds=FOLDS,
        output:
            expand(
                f"{RESULTS}/proxies/{{proxy}}/{{{{task}}}}/{{{{model}}}}.csv",
                proxy=QUICK,
            ),
        log:
            f"{LOGS}/proxies/quick/{{task}}/{{model}}.log",
        benchmark:
            f"{LOGS}/proxies/quick/{{task}}/{{model}}.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(2000),
            runtime=growing(10),
        params:
            proxies=lambda wildcards: json.dumps(QUICK),
            seed=config["seed"],
        message:
            "Quick proxies of {wildcards.model} on {wildcards.task}"
        shell:
            "python {input.code[0]:q}"
            " --embeddings {input.embeddings:q}"
            " --model {wildcards.model:q}"
            " --task {wildcards.task:q}"
            " --proxies {params.proxies:q}"
            " --seed {params.seed}"
            " --folds {input.folds:q}"
            " --outputs {output:q}"
            " > {log:q} 2>&1"


rule linear:
    """Score one model on one task by linear classifiers on its embeddings."""
    input:
        code=code("linear.py", *map(file_of, TRAINED)),
        embeddings=EMBEDDINGS,
        folds=FOLDS,
    output:
        f"{RESULTS}/proxies/{{linear}}/{{task}}/{{model}}.csv",
    log:
        f"{LOGS}/proxies/{{linear}}/{{task}}/{{model}}.log",
    benchmark:
        f"{LOGS}/proxies/{{linear}}/{{task}}/{{model}}.jsonl"
    wildcard_constraints:
        linear="|".join(TRAINED),
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(10),
    params:
        protocol=lambda wildcards: json.dumps(config["proxies"][wildcards.linear]),
        seed=config["seed"],
    message:
        "Proxy {wildcards.linear} of {wildcards.model} on {wildcards.task}"
    shell:
        "python {input.code[0]:q}"
        " --embeddings {input.embeddings:q}"
        " --model {wildcards.model:q}"
        " --task {wildcards.task:q}"
        " --proxy {wildcards.linear}"
        " --protocol {params.protocol:q}"
        " --seed {params.seed}"
        " --folds {input.folds:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"

# Pre-trained weights: fetched, checked and converted; no other rule of models sees the network.
#
# Needs:  model cards
# Gives:  resources/weights/{zoo}/{model}.bin, resources/checkpoints/{zoo}/{model}.safetensors


if LEAVE_OUT:

    checkpoint fetch_pool:
        """Fetch the weights of all models that can be had; say why the others cannot."""
        input:
            code=code("fetch_pool.py"),
        output:
            POOL_WEIGHTS,
        log:
            f"{LOGS}/weights.log",
        benchmark:
            f"{LOGS}/weights.jsonl"
        priority: 1
        conda:
            "../envs/torch.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(1440),
            downloads=1,
        params:
            cards=lambda wildcards: json.dumps(list(MODELS.values())),
            mirror=lambda wildcards: MIRROR,
            folder=Path(FETCHED).parent,
            asked=last_asked,
        message:
            f"Fetch the weights of {len(MODELS)} models"
        shell:
            "python {input.code[0]:q}"
            " --cards {params.cards:q}"
            " --mirror={params.mirror:q}"
            " --folder {params.folder:q}"
            " --output {output:q}"
            " > {log:q} 2>&1"

else:

    rule fetch_weights:
        """Fetch the weights of one model."""
        input:
            code=code("fetch_weights.py"),
        output:
            FETCHED,
        log:
            f"logs/weights/{ZOO['zoo']}/{{model}}.log",
        benchmark:
            f"logs/weights/{ZOO['zoo']}/{{model}}.jsonl"
        conda:
            "../envs/torch.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(240),
            downloads=1,
        params:
            card=card_of,
            mirror=lambda wildcards: MIRROR,
        message:
            "Fetch the weights of {wildcards.model}"
        shell:
            "python {input.code[0]:q}"
            " --card {params.card:q}"
            " --mirror={params.mirror:q}"
            " --output {output:q}"
            " > {log:q} 2>&1"


rule convert_weights:
    """Load the weights of one model strictly and write its checkpoint."""
    input:
        code=code("convert_weights.py"),
        weights=FETCHED,
    output:
        CHECKPOINT,
    log:
        f"logs/checkpoints/{ZOO['zoo']}/{{model}}.log",
    benchmark:
        f"logs/checkpoints/{ZOO['zoo']}/{{model}}.jsonl"
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(converting_mb),
        runtime=growing(30),
    params:
        card=card_of,
    message:
        "Convert the weights of {wildcards.model}"
    shell:
        "python {input.code[0]:q}"
        " --card {params.card:q}"
        " --weights {input.weights:q}"
        " --threads {threads}"
        " --output {output:q}"
        " > {log:q} 2>&1"

# Upstream: the models of `mini` are trained here.
#
# Needs:  model cards
# Gives:  resources/checkpoints/{zoo}/{model}.safetensors


wildcard_constraints:
    domain="|".join(map(re.escape, ZOO["upstream"]["domains"])),


rule render_upstream:
    """Render the train and test images of one upstream domain."""
    input:
        code=code("render_upstream.py"),
    output:
        DOMAIN,
    log:
        f"logs/upstream/{ZOO['zoo']}/{{domain}}.log",
    benchmark:
        f"logs/upstream/{ZOO['zoo']}/{{domain}}.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        images_per_class=ZOO["upstream"]["images_per_class"],
        test_images=ZOO["upstream"]["test_images"],
        seed=ZOO["upstream"]["seed"],
    message:
        "Render upstream domain {wildcards.domain}"
    shell:
        "python {input.code[0]:q}"
        " --domain {wildcards.domain:q}"
        " --images-per-class {params.images_per_class}"
        " --test-images {params.test_images}"
        " --seed {params.seed}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule pretrain:
    """Train one upstream model from scratch and measure its reference accuracy."""
    input:
        code=code("pretrain.py"),
        domains=learned_domains,
    output:
        CHECKPOINT,
    log:
        f"logs/checkpoints/{ZOO['zoo']}/{{model}}.log",
    benchmark:
        f"logs/checkpoints/{ZOO['zoo']}/{{model}}.jsonl"
    priority: 1  # the longest jobs come first
    conda:
        "../envs/torch.yaml"
    threads: 1
    resources:
        mem_mb=growing(2000),
        runtime=growing(30),
    params:
        card=card_of,
        reference=lambda wildcards: "--reference" if is_reference(wildcards) else "",
        seed=ZOO["upstream"]["seed"],
    message:
        "Pretrain {wildcards.model}"
    shell:
        "python {input.code[0]:q}"
        " --card {params.card:q}"
        " --domains {input.domains:q}"
        " {params.reference}"
        " --seed {params.seed}"
        " --threads {threads}"
        " --output {output:q}"
        " > {log:q} 2>&1"

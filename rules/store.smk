# Stores of results that lie elsewhere: archives, fetched once.
#
# Needs:  address and checksum of each, from the run's config
# Gives:  resources/stores/{sha256}/


rule fetch_store:
    """Fetch a store of results that the config names by its address."""
    input:
        code=code("fetch_store.py"),
    output:
        directory(UNPACKED),
    log:
        "logs/stores/{sha256}.log",
    benchmark:
        "logs/stores/{sha256}.jsonl"
    wildcard_constraints:
        sha256="[0-9a-f]{64}",
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(60),
        downloads=1,
    params:
        url=lambda wildcards: STORES[UNPACKED.format(sha256=wildcards.sha256)],
        mirror=lambda wildcards: MIRROR,
    message:
        "Fetch the store {params.url}"
    shell:
        "python {input.code[0]:q}"
        " --url={params.url:q}"
        " --sha256 {wildcards.sha256}"
        " --mirror={params.mirror:q}"
        " --output {output:q}"
        " > {log:q} 2>&1"

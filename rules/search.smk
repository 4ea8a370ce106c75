# Search: which models of the pool to fine-tune on the user's data; of a large pool in rounds.
#
# Needs:  results/{run}/models.csv, embeddings and proxy runs of all models that rounds leave, stores
# Gives:  results/{run}/rounds/{number}/models.csv, who goes on from a round to more pictures
#         results/{run}/recommendation/ranking.csv, the first answer
from needle.base.measures import ACCURACY
from needle.recommend.auto import head_proxy
from needle.recommend.rounds import places_of

ADVICE = f"{RESULTS}/recommendation"
METRIC = config.get("metric", ACCURACY)  # what val decides by
DECIDE_ON = config.get("decide_on", "val")
IN_TIME = "time" in config
# The proxy by which rounds go, and whose best model is a candidate with a tuned head, whether it is
# a pick or not.
HEAD_PROXY = head_proxy(config["strategy"], PROXIES, strategies(PROXIES))

# Snakemake would take its ranking for this run's: it looks no further while `fetch_pool` has not run.
if LEAVE_OUT and Path(ADVICE, "ranking.csv").exists() and not Path(POOL_WEIGHTS).exists():
    sys.exit(
        f"error: {RESULTS} is of another config, with another pool; give this run another name "
        f"(--config run=NAME, or the key `run`), or remove {RESULTS}"
    )


if RUN.rounds:

    checkpoint draw_rounds:
        """Draw the pictures of each round; none for one that would have all."""
        input:
            code=code("draw_rounds.py"),
            task=TASK,
            folds=FOLDS,
        output:
            expand(f"{ROUND}/pictures.csv", number=range(1, len(RUN.rounds) + 1)),
        log:
            f"{LOGS}/rounds/pictures.log",
        benchmark:
            f"{LOGS}/rounds/pictures.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(10),
        params:
            rounds=RUN.rounds,
            seed=config["seed"],
        message:
            "Draw the pictures of the rounds"
        shell:
            "python {input.code[0]:q}"
            " --task {input.task:q}"
            " --folds {input.folds:q}"
            " --rounds {params.rounds}"
            " --seed {params.seed}"
            " --outputs {output:q}"
            " > {log:q} 2>&1"

    use rule embed as embed_round with:
        input:
            code=code("embed.py"),
            checkpoint=CHECKPOINT,
            task=TASK,
            pictures=f"{ROUND}/pictures.csv",
            earlier=earlier,
        output:
            f"{ROUND}/embeddings/{{task}}/{{model}}.safetensors",
        log:
            f"{LOGS}/rounds/{{number}}/embeddings/{{task}}/{{model}}.log",
        benchmark:
            f"{LOGS}/rounds/{{number}}/embeddings/{{task}}/{{model}}.jsonl"
        params:
            memory=embedding_mb,
            features=features_flags(),
            precision=config.get("embedding", {}).get("precision", "float32"),
            compile="--compile" if config.get("embedding", {}).get("compile") else "",
            speed="",  # of those that are left
        message:
            "Round {wildcards.number}: embed some pictures with {wildcards.model}"

    checkpoint end_round:
        """Say which models go on to more pictures."""
        input:
            code=code("end_round.py"),
            models=f"{RESULTS}/models.csv",
            pictures=f"{ROUND}/pictures.csv",
            embeddings=lambda wildcards: expand(
                f"{ROUND}/embeddings/{DATA}/{{model}}.safetensors",
                number=wildcards.number,
                model=entrants(int(wildcards.number)),
            ),
            proxies=lambda wildcards: expand(
                f"{ROUND}/proxies/{HEAD_PROXY}/{DATA}/{{model}}.csv",
                number=wildcards.number,
                model=entrants(int(wildcards.number)),
            ),
        output:
            f"{ROUND}/models.csv",
        log:
            f"{LOGS}/rounds/{{number}}/models.log",
        benchmark:
            f"{LOGS}/rounds/{{number}}/models.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(10),
        params:
            names=lambda wildcards: entrants(int(wildcards.number)),
            results=lambda wildcards, output: Path(output[0]).parent,
            proxy=HEAD_PROXY,
            proxies=lambda wildcards: json.dumps(
                {name: config["proxies"][name] for name in PROXIES}
            ),
            runs=lambda wildcards: runs([HEAD_PROXY])[HEAD_PROXY],
            strategy=config["strategy"],
            places=lambda wildcards: places_of(
                len(available()),
                int(wildcards.number),
                1 if config["budget"] == ALL else config["budget"],
            ),
            level=config["level"],
        message:
            "End round {wildcards.number}"
        shell:
            "python {input.code[0]:q}"
            " --models {input.models:q}"
            " --names {params.names:q}"
            " --results {params.results:q}"
            " --pictures {input.pictures:q}"
            " --proxy {params.proxy}"
            " --proxies {params.proxies:q}"
            " --runs {params.runs}"
            " --strategy {params.strategy}"
            " --places {params.places}"
            " --level {params.level}"
            " --output {output:q}"
            " > {log:q} 2>&1"


if RUN.rounds and HEAD_PROXY in TRAINED:

    use rule linear as score_round with:
        input:
            code=code("linear.py", *map(file_of, TRAINED)),
            embeddings=f"{ROUND}/embeddings/{{task}}/{{model}}.safetensors",
            folds=f"{ROUND}/pictures.csv",
        output:
            f"{ROUND}/proxies/{{linear}}/{{task}}/{{model}}.csv",
        log:
            f"{LOGS}/rounds/{{number}}/proxies/{{linear}}/{{task}}/{{model}}.log",
        benchmark:
            f"{LOGS}/rounds/{{number}}/proxies/{{linear}}/{{task}}/{{model}}.jsonl"
        message:
            "Round {wildcards.number}: proxy {wildcards.linear} of {wildcards.model}"

elif RUN.rounds:

    use rule quick_proxies as score_round with:
        input:
            code=code("quick_proxies.py", file_of(HEAD_PROXY)),
            embeddings=f"{ROUND}/embeddings/{{task}}/{{model}}.safetensors",
            folds=f"{ROUND}/pictures.csv",
        output:
            f"{ROUND}/proxies/{HEAD_PROXY}/{{task}}/{{model}}.csv",
        log:
            f"{LOGS}/rounds/{{number}}/proxies/{{task}}/{{model}}.log",
        benchmark:
            f"{LOGS}/rounds/{{number}}/proxies/{{task}}/{{model}}.jsonl"
        params:
            proxies=lambda wildcards: json.dumps({HEAD_PROXY: config["proxies"][HEAD_PROXY]}),
            seed=config["seed"],
        message:
            f"Round {{wildcards.number}}: proxy {HEAD_PROXY} of {{wildcards.model}}"


checkpoint search:
    """Rank the pool and pick the models to fine-tune; a target of its own."""
    input:
        code=code("search.py"),
        weights=POOL_WEIGHTS if LEAVE_OUT else [],  # asked again, ranked again
        models=f"{RESULTS}/models.csv",
        classes=f"{RESULTS}/data/classes.csv",
        problems=f"{RESULTS}/data/problems.csv",
        folds=FOLDS,
        embeddings=of_pairs(EMBEDDINGS),
        proxies=of_pairs(f"{RESULTS}/proxies/{{proxy}}/{{task}}/{{model}}.csv", proxy=PROXIES),
        rounds=lambda wildcards: expand(f"{ROUND}/models.csv", number=rounds()),
        stores=FETCHED_STORES,
        task_embeddings=EMBEDDED_TASKS,
    output:
        ranking=f"{ADVICE}/ranking.csv",
        summary=f"{ADVICE}/search.txt",
        choice=f"{ADVICE}/choice.json",
    log:
        f"{LOGS}/search.log",
    benchmark:
        f"{LOGS}/search.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        results=lambda wildcards, output: Path(output.ranking).parents[1],
        runs=lambda wildcards: json.dumps(runs(PROXIES)),
        proxies=lambda wildcards: json.dumps({name: config["proxies"][name] for name in PROXIES}),
        cards=lambda wildcards: json.dumps(RUN.left_out | (MODELS if LEAVE_OUT else {})),
        where=lambda wildcards: json.dumps(config.get("where", {})),
        seen=lambda wildcards: config.get("seen", []),
        stores=lambda wildcards: list(STORES),
        state=lambda wildcards: state_of_stores(),
        embeddings=f"{RESULTS}/embeddings" if RUN.kind == "images" else [],
        hidden=lambda wildcards: [
            f"--hidden={name}" for name in (DATA, TASKS[DATA]["label"], *config.get("seen", []))
        ],
        round_proxy=HEAD_PROXY,
        strategy=config["strategy"],
        budget=config["budget"],
        decides=([f"--metric={METRIC}", f"--decide-on={DECIDE_ON}"] if RUN.kind == "images" else []),
    message:
        "Pick models with {params.strategy}"
    shell:
        "python {input.code[0]:q}"
        " --models {input.models:q}"
        " --results {params.results:q}"
        " --runs {params.runs:q}"
        " --proxies {params.proxies:q}"
        " --folds {input.folds:q}"
        " --cards {params.cards:q}"
        " --weights {input.weights:q}"
        " --where {params.where:q}"
        " --seen {params.seen:q}"
        " --stores {params.stores:q}"
        " --embeddings {params.embeddings:q}"
        " {params.hidden:q}"
        " --task-embeddings {input.task_embeddings:q}"
        " --rounds {input.rounds:q}"
        " --round-proxy {params.round_proxy}"
        " --strategy {params.strategy}"
        " --budget {params.budget}"
        " {params.decides:q}"
        " --classes {input.classes:q}"
        " --problems {input.problems:q}"
        " --ranking {output.ranking:q}"
        " --summary {output.summary:q}"
        " --choice {output.choice:q}"
        " > {log:q} 2>&1"

# Task files: drawn here for `mini`, else decoded once from real images.
#
# Needs:  task cards; for real images original files (fetched here where that is allowed), the
#         community's folder, or your own
# Gives:  resources/tasks/{source}/{task}-{size}px.safetensors


if RUN.source.get("source") == "mini":

    rule prepare_task:
        """Write the task file of one task: train, val and test images with labels and card."""
        input:
            code=code("prepare_task.py"),
        output:
            f"resources/tasks/mini/{{task}}-{config['image_size']}px.safetensors",
        log:
            "logs/tasks/mini/{task}.log",
        benchmark:
            "logs/tasks/mini/{task}.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(10),
        params:
            card=lambda wildcards: json.dumps(
                TASKS[wildcards.task] | {"source": RUN.source["source"]}
            ),
            image_size=config["image_size"],
            seed=RUN.source["seed"],
        message:
            "Prepare task {wildcards.task}"
        shell:
            "python {input.code[0]:q}"
            " --card {params.card:q}"
            " --image-size {params.image_size}"
            " --seed {params.seed}"
            " --output {output:q}"
            " > {log:q} 2>&1"

else:

    wildcard_constraints:
        source="raw|vtab1k_folder|imagefolder",

    rule fetch_dataset:
        """Fetch the original files of a data set, or say how to get them by hand."""
        input:
            code=code("fetch_dataset.py"),
        output:
            RAW,
        log:
            "logs/raw/{dataset}.log",
        benchmark:
            "logs/raw/{dataset}.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(1000),
            runtime=growing(1440),
            downloads=1,
        params:
            folder=lambda wildcards, output: Path(output[0]).parent,
            mirror=lambda wildcards: MIRROR,
        message:
            "Fetch {wildcards.dataset}"
        shell:
            "python {input.code[0]:q}"
            " --dataset {wildcards.dataset:q}"
            " --folder {params.folder:q}"
            " --mirror={params.mirror:q}"
            " --output {output:q}"
            " > {log:q} 2>&1"

    rule decode_task:
        """Decode the images of a task at the size of the run and write its task file."""
        input:
            code=code("decode_task.py"),
            reader=reader_code,
            original=original_files,
        output:
            TASK,
        log:
            "logs/tasks/{source}/{task}.log",
        benchmark:
            "logs/tasks/{source}/{task}.jsonl"
        conda:
            "../envs/analysis.yaml"
        threads: 1
        resources:
            mem_mb=growing(4000),
            runtime=growing(600),
        params:
            card=lambda wildcards: json.dumps(TASKS[wildcards.task]),
            root=source_root,
            state=own_state,
            image_size=config["image_size"],
            seed=RUN.source["seed"],
        message:
            "Decode task {wildcards.task} from {wildcards.source}"
        shell:
            "python {input.code[0]:q}"
            " --card {params.card:q}"
            " --source {wildcards.source}"
            " --root={params.root:q}"
            " --image-size {params.image_size}"
            " --seed {params.seed}"
            " --output {output:q}"
            " > {log:q} 2>&1"

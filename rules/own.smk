# Images of the user's own as a task.
#
# Needs:  the folder or CSV file that the config names as `data`
# Gives:  results/{run}/data/: the task file, what it holds, and what was wrong with the images
OWN = f"{RESULTS}/data"
BUNDLED = Path(config["data"]).parent == DEMO


rule draw_demo:
    """Draw the pictures of a bundled task as if they were the user's: a folder for each class."""
    input:
        code=code("draw_demo.py"),
    output:
        directory(f"{DEMO}/{{demo}}"),
    log:
        "logs/demo/{demo}.log",
    benchmark:
        "logs/demo/{demo}.jsonl"
    conda:
        "../envs/analysis.yaml"
    threads: 1
    resources:
        mem_mb=growing(1000),
        runtime=growing(10),
    params:
        seed=read_yaml(NEEDLE / "config/tasks/mini.yaml")["seed"],
    message:
        "Draw the pictures of {wildcards.demo}"
    shell:
        "python {input.code[0]:q}"
        " --task {wildcards.demo:q}"
        " --seed {params.seed}"
        " --output {output:q}"
        " > {log:q} 2>&1"


rule prepare_data:
    """Check, split and decode the user's images; name every one that is not used, and why."""
    input:
        code=code("prepare_data.py"),
        demo=lambda wildcards: config["data"] if BUNDLED else [],
    output:
        task=TASK,
        examples=f"{OWN}/examples.csv",
        problems=f"{OWN}/problems.csv",
        classes=f"{OWN}/classes.csv",
        folds=f"{OWN}/folds.csv",
    log:
        f"{LOGS}/data.log",
    benchmark:
        f"{LOGS}/data.jsonl"
    priority: 2  # what is wrong with the data is said before models are trained or fetched
    conda:
        "../envs/analysis.yaml"
    threads: 2
    resources:
        mem_mb=growing(4000),
        runtime=growing(240),
    params:
        data=lambda wildcards: config["data"],
        state=lambda wildcards: "" if BUNDLED else state_of_files(config["data"]),
        label=lambda wildcards: TASKS[DATA]["label"],
        size=(
            f"--image-size {IMAGE_SIZE}"
            if IMAGE_SIZE
            else f"--shorter-side {stored_side([*MODELS.values(), *RUN.left_out.values()])}"
        ),
        examples=lambda wildcards: json.dumps(config["examples"]),
        group=lambda wildcards: [f"--group={config['group']}"] if "group" in config else [],
        keep=config.get("keep", []),
        column=lambda wildcards: [f"--label-column={config['label']}"] if "label" in config else [],
        seed=config["seed"],
    message:
        "Prepare the images of {params.data}"
    shell:
        "python {input.code[0]:q}"
        " --data={params.data:q}"
        " --label={params.label:q}"
        " {params.size}"
        " --examples {params.examples:q}"
        " --seed {params.seed}"
        " {params.group:q}"
        " {params.column:q}"
        " --keep {params.keep}"
        " --threads {threads}"
        " --task {output.task:q}"
        " --examples-table {output.examples:q}"
        " --problems {output.problems:q}"
        " --classes {output.classes:q}"
        " --folds {output.folds:q}"
        " > {log:q} 2>&1"

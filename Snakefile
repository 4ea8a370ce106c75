# Needle: which pre-trained model should I fine-tune?
#   resources/checkpoints/{zoo}/{model}.safetensors           trained models
#   resources/tasks/{source}/{task}-{size}px.safetensors      images and labels
#   store/{entry}/                                            results that strategies learn from
#   results/{run}/embeddings/{task}/{model}.safetensors       features of the frozen model
#   results/{run}/proxies/{proxy}/{task}/{model}.csv          proxy runs
#   results/{run}/finetune/{task}/{model}.csv                 fine-tuning runs, and below
#           finetune-{protocol}/ those of further protocols
#   results/{run}/models.csv, tasks.csv, scores.csv           all that analysis reads
#   results/{run}/picks.csv, regret.csv, level_regret.csv,    all that it writes
#           tables/, figures/
#   results/{run}/data/, recommendation/                      a model for images of your own
#
# A run is one config file: snakemake --cores all [--configfile config/my-run.yaml]
from snakemake.utils import min_version

min_version("9.27")


include: "rules/folder.smk"


from needle.run.named_files import find_file

# A run's config replaces the default one instead of being merged into it.
if not workflow.overwrite_configfiles:

    configfile: find_file("config.yaml", NEEDLE)


report: "workflow/report/workflow.rst"


# --resources gpu=N is a limit of this machine, and on a cluster of each job.
resource_scopes:
    gpu="local",


include: "rules/common.smk"
include: "rules/store.smk"


POOL = ["cards", "pretrain" if "upstream" in ZOO else "weights"]
SCORES = [*POOL, "tasks", "embed", "proxies", "scores"]
ANALYSIS = ["regret", "tables", "figures", "summary"]
STAGES = {
    "benchmark": [*SCORES, *ANALYSIS],
    "finished": ["finished", *ANALYSIS],
    "images": [*POOL, "own", "embed", "proxies", "search", "picks", "recommend"],
    "features": ["features", "proxies", "search", "recommend"],
}

for stage in STAGES[RUN.kind]:

    include: f"rules/{stage}.smk"


rule all:
    """Everything: the run's page, with all tables and figures, or its recommendation."""
    default_target: True
    input:
        rules.recommend.output if "data" in config else rules.lay_out_summary.output,
    localrule: True

# Three commands do everything: `make recommend`, `make run` and `make test`. Others: `make help`.
CONFIG ?= config.yaml
CORES ?= all
PYTHON ?= python3
# Of `recommend` and `search`; what is not given is the config's.
DATA ?=
B ?=
STRATEGY ?=

BIN := .venv/bin
READY := .venv/.requirements
# Not --quiet, which hides warnings from --strict too. The variable keeps an advertisement away.
SITE = NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
SNAKEMAKE = $(BIN)/snakemake --cores $(CORES) --configfile $(CONFIG)
RUN = $(shell sed -n 's/^run: *\([^ ]*\).*/\1/p' $(CONFIG))
RESULTS = results/$(RUN)
PLOTS = $(shell sed -n "s/^ *rule \(plot_[a-z_]*\):.*/\1/p" rules/figures.smk)
PUBLISHED := $(wildcard config/published/*.yaml)
# gpu.py is for a GPU; the others measure no speed.
NO_SPEED := $(addprefix benchmarks/,against_tfds.py features.py flops.py gpu.py memory.py)
BENCHMARKS := $(filter-out $(NO_SPEED),$(wildcard benchmarks/*.py))
# A path may have any characters: it goes through the environment, in YAML's quotes, which have
# spaces around them since Snakemake strips quotes at the ends.
export DATA
export DATA_OVERRIDE := data= '$(subst ','',$(DATA))'
OVERRIDES := $(if $(DATA)$(B)$(STRATEGY),--config) $(if $(DATA),"$$DATA_OVERRIDE ") $(if $(B),budget=$(B)) $(if $(STRATEGY),strategy=$(STRATEGY))

.PHONY: setup run recommend search published figures docs bench test test-all lint browser slurm test-slurm lock clean help

setup: $(READY) ## set up .venv and nothing else

run: $(READY) ## run the benchmark and make its report
	$(SNAKEMAKE)
	$(SNAKEMAKE) --report $(RESULTS)/report.html
	@cat $(RESULTS)/tables/headline.txt
	@echo "Report: $(RESULTS)/report.html"

# A CONFIG of the command line or the environment decides; else the recipe's shell chooses by DATA.
ifeq ($(origin CONFIG),file)
recommend search: CONFIG = $(if $(DATA),"$$config",config/mydata.yaml)
recommend search: CHOOSE = $(if $(DATA),config=$$($(BIN)/python workflow/scripts/choose_config.py -- "$$DATA") &&)
endif

recommend: $(READY) ## find and fine-tune a model for DATA=path/to/images, B=3 models at most
	$(CHOOSE) $(SNAKEMAKE) $(OVERRIDES) -- recommend

search: $(READY) ## the first half of recommend: rank the models, fine-tune none
	$(CHOOSE) $(SNAKEMAKE) $(OVERRIDES) -- search

published: $(READY) ## analyse the published scores of config/published
	@for config in $(PUBLISHED); do \
	    $(BIN)/snakemake --cores $(CORES) --configfile $$config || exit; \
	done

figures: $(READY) ## draw the figures anew from finished tables, whatever else has changed
	$(SNAKEMAKE) --allowed-rules figures $(PLOTS) --forceall -- figures

docs: $(READY) ## build the docs site, site/index.html
	$(SITE)

bench: $(READY) ## measure speed beside baselines, on a machine that does nothing else
	@for program in $(BENCHMARKS); do echo "$$program"; $(BIN)/python $$program || exit; done

test: lint ## lint, then run the tests, without those of what rarely changes
	$(BIN)/pytest -m "not slow"

test-all: lint ## lint, then run all tests
	$(BIN)/pytest

lint: $(READY) ## check style, the order of the rooms, the workflow and the docs site
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	PYTHONPATH=workflow/scripts $(BIN)/lint-imports
	$(BIN)/hadolint Containerfile
	$(BIN)/snakefmt --check Snakefile rules workflow/Snakefile
	$(BIN)/snakemake --lint
	$(BIN)/snakemake --lint --configfile config/mydata.yaml
	$(BIN)/snakemake --lint --configfile config/vtab1k.yaml --config unavailable=leave_out
	$(SITE)

browser: ## install the browser that some tests use (Debian, as root); without one they are skipped
	@which chromium chromedriver > /dev/null \
	    || { apt-get update -qq && apt-get install -qq --yes chromium chromium-driver > /dev/null; }

slurm: ## install the SLURM that `make test-slurm` starts (Debian, as root)
	@PATH=$$PATH:/usr/sbin which munged slurmctld slurmd slurmdbd mariadbd sbatch > /dev/null \
	    || { apt-get update -qq && apt-get install -qq --yes --no-install-recommends munge \
	        slurmctld slurmd slurmdbd slurm-client mariadb-server-core > /dev/null; }

test-slurm: $(READY) ## test on a SLURM of two nodes, started on this machine for the time
	$(BIN)/pytest tests/slurm --slurm

lock: ## pin the newest versions that work together (needs uv)
	uv pip compile --quiet --upgrade --universal --generate-hashes --no-header \
	    --group dev --output-file requirements.lock pyproject.toml

clean: ## remove the results of the run, keep models and tasks
	@test -n "$(RUN)" \
	    || { echo "error: $(CONFIG) names no run; remove its folder in results/ by hand" >&2; exit 1; }
	rm -rf $(RESULTS)

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { print $$1 "\t" $$2 }' $(MAKEFILE_LIST)

# The same lock with uv or with pip. Bytecode is compiled now: without it torch and timm take twice
# as long to import, in every job.
$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "error: $(PYTHON) is older than 3.11; set PYTHON=python3.11" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	    || { echo "error: no venv module; on Debian: apt install python3-venv" >&2; exit 1; }
	@if command -v uv > /dev/null; then \
	    uv pip sync --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock; \
	else \
	    $(BIN)/pip install --quiet --progress-bar off --require-hashes --compile -r requirements.lock; \
	fi
	@cp requirements.lock $(READY)

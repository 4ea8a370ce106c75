# Three commands do everything: `make recommend`, `make run` and `make test`. Others: `make help`.
CONFIG ?= config.yaml
CORES ?= all
PYTHON ?= python3
# Of `recommend` and `search`; what is not given is the config's.
DATA ?=
B ?=
TIME ?=
STRATEGY ?=
ONNX ?=
# The name of the run, of these two and of `clean`; if not given, the config's or that of DATA. Of
# `store`, the folder of its results.
RUN :=
# Of `store`: the name of the entry, if it is not that of the run, and the folder of the store.
# (Make itself has an AS, which `?=` would leave.)
AS :=
STORE ?= store

# A slip such as data= or BUDGET= would be passed over, and all done for the data of the config.
KNOWN := CONFIG CORES PYTHON DATA B TIME STRATEGY ONNX RUN AS STORE
GIVEN := $(foreach name,$(.VARIABLES),$(if $(filter command line,$(origin $(name))),$(name)))
UNKNOWN := $(filter-out $(KNOWN) BIN SHELL MAKEFLAGS MFLAGS CURDIR,$(GIVEN))
$(if $(UNKNOWN),$(error unknown variable $(firstword $(UNKNOWN)); there are $(KNOWN)))
$(foreach name,DATA CONFIG RUN,$(if $(and $(filter $(name),$(GIVEN)),$(if $(value $(name)),,empty)),\
    $(error $(name) is empty; give it a value, or leave $(name)= out)))
ifeq ($(filter recommend search,$(MAKECMDGOALS)),)
$(foreach name,DATA B TIME STRATEGY ONNX,$(if $(filter $(name),$(GIVEN)),$(error $(name) is of recommend and search only)))
endif
ifeq ($(filter store,$(MAKECMDGOALS)),)
$(if $(filter AS,$(GIVEN)),$(error AS is of store only))
endif
ifeq ($(filter store explore,$(MAKECMDGOALS)),)
$(if $(filter STORE,$(GIVEN)),$(error STORE is of store and explore only))
endif
$(if $(filter-out 1,$(ONNX)),$(error ONNX is 1 or not given))

BIN := .venv/bin
READY := .venv/.requirements
# Not --quiet, which hides warnings from --strict too. The variable keeps an advertisement away.
SITE = NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict
# A path may have any characters, a dollar doubled or not: it goes through the environment.
plain = $(subst $$$$,$$,$(value $(1)))
export NEEDLE_CONFIG = $(call plain,CONFIG)
export NEEDLE_DATA = $(call plain,DATA)
export NEEDLE_RUN = $(call plain,RUN)
export NEEDLE_STORE = $(call plain,STORE)
export NEEDLE_AS = $(call plain,AS)
# In YAML's quotes, which have spaces around them since Snakemake strips quotes at the ends.
export NEEDLE_OVERRIDE = data= '$(subst ','',$(NEEDLE_DATA))'
# Files are in UTF-8 whatever the locale.
export PYTHONUTF8 := 1
# What Snakemake would end on with a traceback is said in one line before it starts.
SNAKEMAKE = $(BIN)/python workflow/scripts/check_start.py -- "$$NEEDLE_CONFIG" \
    && $(BIN)/snakemake --cores "$(CORES)" --configfile "$$NEEDLE_CONFIG"
# Without B, a TIME is for all models that are ranked.
BUDGET := $(or $(B),$(if $(TIME),all))
OVERRIDES := $(if $(value DATA)$(BUDGET)$(STRATEGY)$(ONNX)$(value RUN),--config) \
    $(if $(value DATA),"$$NEEDLE_OVERRIDE ") $(if $(BUDGET),"budget=$(BUDGET)") \
    $(if $(TIME),"time=$(TIME)") $(if $(STRATEGY),"strategy=$(STRATEGY)") \
    $(if $(ONNX),"onnx=true") $(if $(value RUN),"run=$$NEEDLE_RUN")
# The one key `run` of the config; nothing where there is none, or two.
NAME = $(if $(value RUN),run="$$NEEDLE_RUN",run=$$(sed -nE \
    "s/^run: *[\"']?([a-z0-9][a-z0-9_.-]*)[\"']? *(\#.*)?\r?$$/\1/p" < "$$NEEDLE_CONFIG"))
PLOTS = $(shell sed -n "s/^ *rule \(plot_[a-z_]*\):.*/\1/p" rules/figures.smk)
PUBLISHED := $(wildcard config/published/*.yaml)
# gpu.py is for a GPU; the others measure no speed.
NO_SPEED := $(addprefix benchmarks/,against_tfds.py answer.py features.py flops.py \
            frozen_answer.py gpu.py linear_scale.py memory.py precision.py real.py rounds.py)
BENCHMARKS := $(filter-out $(NO_SPEED),$(wildcard benchmarks/*.py))

.PHONY: setup run recommend search published store explore figures docs bench test test-all lint browser slurm test-slurm lock clean help

setup: $(READY) ## set up .venv and nothing else

run: $(READY) ## run the benchmark and make its page and its report
	$(SNAKEMAKE)
	@$(NAME) \
	    && $(SNAKEMAKE) --report "results/$$run/report.html" \
	    && cat "results/$$run/tables/headline.txt" && echo "Page: results/$$run/summary.html" \
	    && echo "Report, with all figures: results/$$run/report.html"

# A CONFIG of the command line or the environment decides; else the recipe's shell chooses by DATA.
ifeq ($(origin CONFIG),file)
recommend search: CHOOSE = NEEDLE_CONFIG=$(if $(value DATA),$$($(BIN)/python \
    workflow/scripts/choose_config.py -- "$$NEEDLE_DATA"),config/mydata.yaml) &&
endif

recommend: $(READY) ## find and fine-tune a model for DATA=path/to/images, B=3 models or TIME=2h at most
	$(CHOOSE) $(SNAKEMAKE) $(OVERRIDES) -- recommend

search: $(READY) ## the first half of recommend: rank the models, fine-tune none
	$(CHOOSE) $(SNAKEMAKE) $(OVERRIDES) -- search

published: $(READY) ## analyse the published scores of config/published
	@for config in $(PUBLISHED); do \
	    $(BIN)/snakemake --cores $(CORES) --configfile $$config || exit; \
	done

store: $(READY) ## add a finished run, RUN=results/mini, to the store that strategies learn from
	@test -n "$$NEEDLE_RUN" || { echo "error: say which: make store RUN=results/mini" >&2; exit 1; }
	@$(BIN)/python workflow/scripts/store.py $(if $(value AS),--as="$$NEEDLE_AS") \
	    --store="$$NEEDLE_STORE" -- "$$NEEDLE_RUN"

explore: $(READY) ## lay out what the STORE knows as one page, results/explorer.html
	@$(BIN)/python workflow/scripts/explore.py -- "$$NEEDLE_STORE" results/explorer.html

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
	@$(NAME); case "$$run" in \
	    "" | *[!a-z0-9_.-]* | .*) echo "error: $$NEEDLE_CONFIG names no run, or more than one;" \
	        "say which: make clean RUN=name" >&2; exit 1;; \
	esac; echo "rm -rf results/$$run"; rm -rf "results/$$run"

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { print $$1 "\t" $$2 }' $(MAKEFILE_LIST)

# The same lock with uv or with pip. Bytecode is compiled now: without it torch and timm take twice
# as long to import, in every job. The folder may be a link to one on a larger disk.
$(READY): requirements.lock
	@command -v "$(PYTHON)" > /dev/null \
	    || { echo "error: there is no $(PYTHON); set PYTHON=python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "error: $(PYTHON) is older than 3.11; set PYTHON=python3.11" >&2; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2> /dev/null \
	    || { echo "error: no venv module; on Debian: apt install python3-venv" >&2; exit 1; }
	@said=$$("$(PYTHON)" -m venv "$$("$(PYTHON)" -c 'import os; print(os.path.realpath(".venv"))')" 2>&1) \
	    || { echo "error: .venv cannot be made ($$(echo "$$said" | tail -n 1)); remove what is in" \
	        "its place, or make it a link to a folder that can be written" >&2; exit 1; }
	@if command -v uv > /dev/null; then \
	    uv pip sync --python $(BIN)/python --require-hashes --compile-bytecode requirements.lock; \
	else \
	    $(BIN)/pip install --quiet --progress-bar off --require-hashes --compile -r requirements.lock; \
	fi
	@cp requirements.lock $(READY)

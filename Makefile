# make demo   the whole pipeline on the synthetic dataset      make test    every check of minutes
# make report its results as one page, report.html            make bench   speed, as ratios
# make weights the networks in weights/, on rendered people
# make across what holds of two datasets, ONE and OTHER (their configs), on each other's faces
# make controls               whether the pipeline finds what is there, and nothing else
# make multiverse does the conclusion survive where the paper is silent?
# make lint   style and types of code and workflow           make settings the config's schema, docs/configuration.md
# make test-slow           real kills at random moments, networks of the paper's size, and the next
# make test-environments   every script with its own environment's packages only (PyPI)
# make test-slurm          the pipeline on a SLURM cluster of its own (root; installs Debian's packages)
# make environment         .venv alone                 make findings docs/findings.md from the demo's results
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

BIN := .venv/bin
CORES ?= all
# Of tests at a time; a file's tests stay together, for they share fixtures.
WORKERS ?= $(shell nproc)
ONE ?= config/config.yaml
OTHER ?= config/config.yaml config/portrait.yaml
# Of configs laid over each other the last.
name_in = $(shell $(BIN)/python -c 'import sys, yaml; print([name for path in sys.argv[1:] if (name := yaml.safe_load(open(path)).get("dataset", {}).get("name"))][-1])' $(1))
judged_on = --config 'evaluation={other_datasets: [$(call name_in,$(1))]}'
PARALLEL = -n $(WORKERS) --dist loadfile
REQUIREMENTS := requirements.txt requirements-mediapipe.txt requirements-slurm.txt requirements-dev.txt requirements-lock.txt
SNAKEFILES := Snakefile $(wildcard rules/*.smk)
SOURCES := workflow_scripts tests

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo report weights across controls multiverse test test-unit test-workflow test-slow test-browser test-environments test-slurm chromium lint settings bench clean

demo: $(BIN)/.ready
	snakemake --cores $(CORES)

.PHONY: environment
environment: $(BIN)/.ready

# `validate` first: a wrong dataset stops here, before any training.
report: $(BIN)/.ready
	snakemake validate --cores $(CORES) $(CONFIG:%=--configfile %)
	snakemake --cores $(CORES) $(CONFIG:%=--configfile %)
	snakemake $(CONFIG:%=--configfile %) --report report.html --report-stylesheet report/style.css
	@echo "Open report.html first."

weights: $(BIN)/.ready
	snakemake assemble_clips --cores $(CORES) --configfile config/weights_portrait.yaml
	snakemake weights --cores $(CORES) --configfile config/weights.yaml
	mkdir -p weights
	cp results/weights/judged/*.{pt,csv,json,png} weights/

across: $(BIN)/.ready
	snakemake assemble_clips --cores $(CORES) --configfile $(ONE)
	snakemake assemble_clips --cores $(CORES) --configfile $(OTHER)
	snakemake across --cores $(CORES) --configfile $(ONE) $(call judged_on,$(OTHER))
	snakemake across --cores $(CORES) --configfile $(OTHER) $(call judged_on,$(ONE))

controls: $(BIN)/.ready
	snakemake measured occluded --cores $(CORES) --configfile config/controls.yaml $(OVER)
	for file in config/controls/dynamics_*.yaml; do \
	    snakemake measured --cores $(CORES) --configfile config/controls.yaml $$file $(OVER); \
	done
	snakemake occluded --cores $(CORES) --configfile config/controls.yaml config/controls/regions.yaml $(OVER)
	snakemake controls --cores $(CORES) --configfile config/controls.yaml $(OVER)

multiverse: $(BIN)/.ready
	snakemake multiverse --cores $(CORES) --configfile config/multiverse.yaml

test: lint test-unit test-workflow

test-unit: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m pytest $(PARALLEL) -m "not workflow and not slow and not environments and not slurm"

test-workflow: $(BIN)/.ready chromium
	OMP_NUM_THREADS=1 python -m pytest $(PARALLEL) -m "workflow and not slow"

test-slow: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m pytest $(PARALLEL) -m "slow or environments"

test-environments: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m pytest -m environments

test-slurm: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m pytest -m slurm

test-browser: $(BIN)/.ready chromium
	OMP_NUM_THREADS=1 python -m pytest -m browser

chromium:
	.ci/get_chromium

lint: $(BIN)/.ready
	ruff check $(SOURCES)
	ruff format --check $(SOURCES)
	mypy
	snakefmt --check $(SNAKEFILES)
	snakemake --lint

settings: $(BIN)/.ready
	python workflow_scripts/document_settings.py --demo config/config.yaml \
	    --output-schema config/schemas/config.schema.yaml --output-page docs/configuration.md

.PHONY: findings
findings: $(BIN)/.ready
	snakemake compare_repeats --cores $(CORES) --configfile config/config.yaml config/repeats.yaml
	cp results/synthetic/tables/table1.csv results/synthetic/tables/table2_repeats.csv results/example/
	python workflow_scripts/document_findings.py --table results/example/table1.csv \
	    --tests results/example/table2_repeats.csv --reference facs3d --page docs/findings.md

bench: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m tests.benchmarks

clean:
	rm -rf .venv .snakemake results/synthetic

$(BIN)/.ready: $(REQUIREMENTS) .ci/make_environment
	.ci/make_environment .venv
	touch $@

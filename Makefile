# make demo   the whole pipeline on the embedded dataset      make test    every check
# make lint   style of code and workflow                      make bench   speed, as ratios
# make test-environments   every script with its own environment's packages only (PyPI)
# make test-slurm          the pipeline on a SLURM cluster of its own (root; installs Debian's packages)
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:

BIN := .venv/bin
CORES ?= all
REQUIREMENTS := requirements.txt requirements-mediapipe.txt requirements-slurm.txt requirements-dev.txt requirements-lock.txt
SNAKEFILES := Snakefile $(wildcard rules/*.smk)
SOURCES := workflow_scripts tests

export PATH := $(CURDIR)/$(BIN):$(PATH)

.PHONY: demo test test-unit test-workflow test-environments test-slurm lint bench clean

demo: $(BIN)/.ready
	snakemake --cores $(CORES)

test: lint test-unit test-workflow

test-unit: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m pytest -m "not workflow and not environments and not slurm"

test-workflow: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m pytest -m workflow

test-environments: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m pytest -m environments

test-slurm: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m pytest -m slurm

lint: $(BIN)/.ready
	ruff check $(SOURCES)
	ruff format --check $(SOURCES)
	snakefmt --check $(SNAKEFILES)
	snakemake --lint

bench: $(BIN)/.ready
	OMP_NUM_THREADS=1 python -m tests.benchmarks

clean:
	rm -rf .venv .snakemake results/synthetic

$(BIN)/.ready: $(REQUIREMENTS) .ci/make_environment
	.ci/make_environment .venv
	touch $@

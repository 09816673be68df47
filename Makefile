# Few targets, no logic: each line is a command that a person could type. CI calls the same targets.
PYTHON ?= python3.11
BIN := .venv/bin
# DVC and the stages find `python` here, whatever the shell's own is.
export PATH := $(CURDIR)/$(BIN):$(PATH)
export HF_HUB_OFFLINE ?= 1

.PHONY: setup quantize repro measure gate release publish test test-slow check lint types imports workflows serve bench goldens docs

setup: .venv/ready

.venv/ready: requirements/train.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/train.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

repro: setup        ## the main job: data, baseline, train, evaluate, judge, render the release
	tunegate check
	tunegate data
	dvc repro

test: setup         ## the tests of this code, a few minutes
	$(BIN)/python -m pytest tests -m "not slow" -n 2

test-slow: setup .venv/remotes .venv/quantize .venv/mlflow   ## whole pipelines and real servers
	$(BIN)/python -m pytest tests -m slow -n 2 --dist loadfile --no-loadscope-reorder --timeout 1200 --durations 20

quantize: setup .venv/quantize   ## what a quantised variant needs: llm-compressor

.venv/quantize: requirements/quantize.txt .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -r requirements/quantize.txt
	touch $@

.venv/remotes: requirements/remotes.txt .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/remotes.txt
	touch $@

.venv/mlflow: requirements/mlflow.txt .venv/ready
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements/mlflow.txt
	touch $@

check: lint types imports workflows

lint: setup
	ruff check .
	ruff format --check .

types: setup
	mypy

imports: setup
	lint-imports

workflows: setup
	check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	zizmor --offline --quiet .github

measure: setup      ## train and measure what changed, judge it, and share the results: what the GPU runner does
	dvc repro --pull --allow-missing gate gate-variant
	dvc push

gate: .venv-gate/ready  ## judge the recorded scores on a light install: no torch, no data
	.venv-gate/bin/tunegate gate check

.venv-gate/ready: requirements/core.txt pyproject.toml
	$(PYTHON) -m venv .venv-gate
	.venv-gate/bin/pip install --quiet --disable-pip-version-check -r requirements/core.txt
	.venv-gate/bin/pip install --quiet --disable-pip-version-check --no-deps -e .
	touch $@

release: setup      ## tag what passed and is committed; pulls what is not here
	dvc repro --pull --allow-missing release release-variant

publish: setup      ## share what passed and is committed: data, tags
	tunegate publish

serve: setup .venv-serve/ready   ## the released adapters on a real vLLM server
	tunegate serve fetch
	tunegate serve render
	tunegate serve up

.venv-serve/ready: requirements/serve-cpu.txt
	$(PYTHON) -m venv .venv-serve
	.venv-serve/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements/serve-cpu.txt
	touch $@

bench: setup .venv-bench/ready   ## seconds and memory, beside what a user would pick instead
	$(BIN)/python benchmarks/data.py
	$(BIN)/python benchmarks/stages.py
	$(BIN)/python benchmarks/training.py
	$(BIN)/python benchmarks/evaluation.py
	$(BIN)/python benchmarks/rendering.py

.venv-bench/ready: requirements/bench.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/pip install --quiet --disable-pip-version-check --no-deps -r requirements/bench.txt
	touch $@

goldens: setup      ## refresh golden files; read the diff
	$(BIN)/python -m pytest tests -m "not slow" -n 2 --update-goldens

docs: setup         ## refresh generated pages
	tunegate gate schema --out docs/reference/verdict.schema.json
	tunegate gate simulate --out docs/operating-characteristics.md
	$(BIN)/python docs/reference/render_params.py

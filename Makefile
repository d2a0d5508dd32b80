# Thin names over `lab` and pytest. Everything is made below this folder: .venv, build, .lab, infra/cdk/node_modules.
.DEFAULT_GOAL := help
.PHONY: help setup browser lab test bench docs goldens lint clean
.DELETE_ON_ERROR:

PYTHON := $(firstword $(foreach name,python3.11 python3 python,$(shell $(name) -c 'import sys; sys.version_info[:2] == (3, 11) and print("$(name)")' 2>/dev/null)))
UV := 0.13.9
BIN := .venv/bin
export PATH := $(CURDIR)/$(BIN):$(PATH)

help:
	@echo "make lab    set up, run every notebook on the embedded AWS, write build/reports/index.html"
	@echo "make test   set up, run all tests   (a part of them: make test ARGS='-k athena')"
	@echo "make bench  benchmarks as ratios against named baselines"
	@echo "make docs   the documentation site in build/docs"

setup: .venv/installed .venv/archived infra/cdk/node_modules/installed

.venv/installed: requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: Python 3.11 was not found. Install it (python.org, your package manager or 'uv python install 3.11') and run make again." >&2; exit 2; }
	@echo "environment   installing into .venv (the first time about two minutes)"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv==$(UV)
	@$(BIN)/uv pip install --quiet --require-hashes --no-deps --compile-bytecode --python $(BIN)/python --requirement requirements.lock
	@$(BIN)/uv pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python --editable .
	@touch $@

.venv/archived: .venv/installed lab/local/spark/class_archive.py lab/local/spark/rehearsal.py
	@echo "Spark         archiving its classes (once, about half a minute): each job then starts in half the time"
	@$(BIN)/python -m lab.local.spark.class_archive
	@touch $@

infra/cdk/node_modules/installed: infra/cdk/package-lock.json .venv/installed
	@cd infra/cdk && npm ci --silent --no-audit --no-fund
	@touch $@

# The headless Chromium and the accessibility rules of the browser tests.
browser: tests/browser/node_modules/installed

tests/browser/node_modules/installed: tests/browser/package-lock.json .venv/installed
	@cd tests/browser && npm ci --silent --no-audit --no-fund || { echo "error: the browser of the tests cannot be fetched. With a network run 'make browser' once; afterwards none is needed." >&2; exit 2; }
	@cd tests/browser && mkdir -p node_modules/.unpacked && TMPDIR="$(CURDIR)/$(@D)/.unpacked" node chromium.mjs > /dev/null
	@touch $@

lab: setup
	@lab doctor
	@lab up
	@lab run
	@lab report
	@echo "next          .venv/bin/lab open        read and run the notebooks in JupyterLab"

test: setup browser
	@python -m pytest --numprocesses 2 --dist loadfile $(ARGS)

bench: setup
	@python -m tests.benchmarks $(ARGS)

goldens: setup
	@python -m tests.golden.renew $(ARGS)

lint: setup
	@ruff check . && ruff format --check . && mypy

docs: setup
	@NO_MKDOCS_2_WARNING=1 mkdocs build --strict --site-dir build/docs

clean:
	rm -rf build .pytest_cache .mypy_cache .ruff_cache .hypothesis

# `make demo` and `make test` need Python 3.11 or newer and make; everything else they set up in .venv by themselves.

SHELL := /bin/sh
.DEFAULT_GOAL := help

BIN := .venv/bin
STAMP := .venv/.installed
BROWSER := .venv/.browser
JOBS ?= 2
FUZZ ?= 3000
SEED ?= $(shell date +%s)
PYTEST := $(BIN)/python -m pytest -n $(JOBS)
CHECKED := treedebug nn_bridge tests tools benchmarks

.PHONY: help demo test test-all check format docs rule fuzz bench wheel clean

help:
	@echo "make demo      train a small booster, record it, and show what treedebug says of it"
	@echo "make test      all checks and the fast tests"
	@echo "make test-all  all checks and all tests, the slow ones too"
	@echo "make check     format, lint, types, floors, generated pages, parameter tables"
	@echo "make format    format and mend what can be mended"
	@echo "make docs      write docs/rules, docs/signals.md and CONTRIBUTING's floors anew from the source"
	@echo "make rule CODE=CV107 NAME=noisy-validation   start a rule"
	@echo "make fuzz      give mutated models, runs, tables and configurations to treedebug (FUZZ=3000 of each)"
	@echo "make bench     run the benchmarks"
	@echo "make wheel     build the wheel into dist/"
	@echo "make clean     remove what was built, .venv too"

# PYTHON=... chooses the interpreter; otherwise the newest of these that is at least 3.11 and can make a venv.
$(STAMP): pyproject.toml
	@set -e; \
	if ! $(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		found=; \
		for candidate in "$(PYTHON)" python3.13 python3.12 python3.11 python3 python; do \
			if "$$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
			then found=$$candidate; break; fi; \
		done; \
		if [ -z "$$found" ]; then \
			echo "error: no Python 3.11 or newer (with its venv module) on the PATH." >&2; \
			echo "  Install one (Debian, Ubuntu: apt install python3 python3-venv) or say which: make PYTHON=/path/to/python3" >&2; \
			exit 1; \
		fi; \
		echo "Making .venv with $$("$$found" --version) ..."; \
		"$$found" -m venv --clear .venv; \
	fi
	@echo "Installing treedebug and its development tools into .venv (a few minutes the first time) ..."
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

# The tests that look at pages need a browser: taken from Debian where we may install, else they are skipped.
$(BROWSER): $(STAMP)
	@if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && ! command -v chromium >/dev/null; then \
		echo "Installing Chromium for the tests that look at pages ..."; \
		{ apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } \
			>.venv/chromium.log 2>&1 || echo "  not to be had; these tests are skipped (.venv/chromium.log)"; \
	fi
	@touch $@

demo: $(STAMP)
	@$(BIN)/treedebug demo

test: check $(BROWSER)
	@echo "Tests ..."
	@$(PYTEST) -q

test-all: check $(BROWSER)
	@echo "Tests, the slow ones too ..."
	@$(PYTEST) -q -m "slow or not slow"

check: $(STAMP)
	@echo "Format ..."
	@$(BIN)/python -m ruff format --quiet --check --output-format concise $(CHECKED) || { echo "run: make format" >&2; exit 1; }
	@echo "Lint ..."
	@$(BIN)/python -m ruff check --quiet --output-format concise $(CHECKED)
	@echo "Types ..."
	@$(BIN)/python -m mypy --no-error-summary
	@echo "Floors ..."
	@$(BIN)/lint-imports --no-cache >.venv/floors.log 2>&1 || { cat .venv/floors.log; exit 1; }
	@echo "Generated pages ..."
	@$(BIN)/python tools/rule_docs.py --check
	@$(BIN)/python tools/contributor_pages.py --check
	@echo "Parameter tables ..."
	@$(BIN)/python tools/param_tables.py --check

format: $(STAMP)
	@$(BIN)/python -m ruff check --quiet --fix-only $(CHECKED)
	@$(BIN)/python -m ruff format $(CHECKED)

docs: $(STAMP)
	@$(BIN)/python tools/rule_docs.py
	@$(BIN)/python tools/contributor_pages.py

rule: $(STAMP)
	@if [ -z "$(CODE)" ] || [ -z "$(NAME)" ]; then \
		echo "usage: make rule CODE=CV107 NAME=noisy-validation" >&2; exit 2; fi
	@$(BIN)/python -m tools.new_rule "$(CODE)" "$(NAME)"

# FUZZ=100000 tries more of each kind; what fails is kept in .venv/fuzz, and belongs into tests/corpus.
fuzz: $(STAMP)
	@OMP_NUM_THREADS=1 $(BIN)/python benchmarks/hardening.py --only models --only runs --only tables --n $(FUZZ) \
		--seed $(SEED) --keep .venv/fuzz --json .venv/fuzz.json

bench: $(STAMP)
	@set -e; for script in benchmarks/*.py; do \
		case "$$script" in */_*.py|*/conftest.py|*/__init__.py|"benchmarks/*.py") continue;; esac; \
		echo "== $$script"; $(BIN)/python "$$script"; \
	done

wheel: $(STAMP)
	@$(BIN)/python -m build --no-isolation --wheel --outdir dist .

clean:
	rm -rf .venv dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find treedebug nn_bridge tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

# Puts into .venv what a target needs, then runs it. `make help` lists the targets.
# PYTHON=python3.13 names the Python to make .venv with; else the first that fits.

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq
INSTALL := $(PIP) --constraint constraints.txt
# by file: tests of one share what was made once, and some go on where others ended; in
# the order that tests/conftest.py gives them, slow ones first, not by number alone;
# one more than there are cores, since some wait for processes and servers
workers = $$($(BIN)/python -c 'import os; print(min(os.cpu_count() + 1, 4))')
PYTEST := $(BIN)/python -m pytest -q -n $(workers) --dist loadfile --no-loadscope-reorder

.DEFAULT_GOAL := help
.SUFFIXES:
# a start without byte code takes 2.5 times as long
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check lint types fast golden bench docs man python clean

help: ## List the targets
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST)

demo: $(VENV)/.report ## Install alcli, and run the demo on the sample
	@$(MAKE) --no-print-directory -C examples/reviews demo \
		ALCLI="$$PWD/$(BIN)/alcli" PYTHON="$$PWD/$(BIN)/python"

test: $(VENV)/.all ## Install all extras and the test tools, and run every test
	@$(PYTEST) --durations 10

check: lint types fast ## What to run before a commit: lint, types, fast

lint: $(VENV)/.all ## Check style and formatting
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

types: $(VENV)/.all ## Check types
	@$(BIN)/mypy

fast: $(VENV)/.all ## Run the fast tests
	@$(PYTEST) -m 'not slow'

golden: $(VENV)/.all ## Check that command lines on real data do as recorded
	@$(BIN)/python -m tests.golden check

bench: $(VENV)/.all ## Measure speed and memory
	@$(BIN)/python -m tests.benchmarks

docs: $(VENV)/.all ## Write again what docs have from help, docstrings and runs
	@$(BIN)/python -m tests.docs.reference
	@$(BIN)/python -m tests.docs.blocks

man: $(VENV)/.all ## Write a manual page for each command into man
	@$(BIN)/python -m tests.docs.reference man man

python: ## Name the Python that .venv would be made with
	@echo '$(python)'

clean: ## Remove .venv, caches and what was built
	@rm -rf $(VENV) build dist man *.egg-info .pytest_cache .mypy_cache .ruff_cache
	@find . -name __pycache__ -prune -exec rm -rf {} +

# Stamps, touched last: an installation that was interrupted is taken up again. Each
# waits for the one before, so that no two installers write at once.

$(VENV)/.report: $(BIN)/python pyproject.toml constraints.txt
	@echo 'Installing alcli into $(VENV) (minutes the first time)'
	@$(BIN)/python -m ensurepip >/dev/null
	@$(PIP) 'pip>=25.1'
	@$(INSTALL) --editable '.[report]'
	@$(BIN)/python -m compileall -q alcli
	@touch $@

# By name, alcli is left as it is and its extras are added: a demo may be running.
$(VENV)/.all: $(VENV)/.report
	@echo 'Installing all extras and the test tools into $(VENV)'
	@$(INSTALL) 'alcli[all]' --group dev
	@touch $@

$(BIN)/python:
	@echo 'Making $(VENV) with $(python)'
	@'$(python)' -m venv --clear $(VENV)

# The first Python that fits; asked for once, and only when it is needed.

candidates = $(or $(PYTHON),python3.12 python3.13 python3 python)
fits = import sys, venv, ensurepip; sys.exit(not (3, 12) <= sys.version_info < (3, 14))
first = $(shell for python in $(candidates); do \
	"$$python" -c '$(fits)' </dev/null >/dev/null 2>&1 && echo "$$python" && break; done)
missing = $(if $(PYTHON),$(PYTHON) is not,there is no) Python 3.12 or 3.13 with venv \
	and ensurepip: install one (on Debian 13 or Ubuntu 24.04: apt install python3-venv; \
	elsewhere: uv python install 3.12) or name one: make PYTHON=/path/to/python3.12
python = $(eval python := $(or $(first),$(error $(missing))))$(python)

# PYTHON= of another version than .venv has: make it anew.

ifdef PYTHON
version = $(shell '$(1)' -c 'import sys; print(*sys.version_info[:2])' 2>/dev/null)
ifneq ($(call version,$(PYTHON)),$(call version,$(BIN)/python))
$(BIN)/python: FORCE
FORCE:
endif
endif

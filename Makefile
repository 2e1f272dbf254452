# Everything a person does with a checkout. `make help` lists it.
.DEFAULT_GOAL := help
.PHONY: help demo test check format eval eval-news scenarios run constraints pictures

PYTHON ?= python3
BIN := .venv/bin
# More words for pip, such as --index-url for a CPU or CUDA build of PyTorch (README, "The download").
PIP_FLAGS ?=
# Judged questions for `make eval`.
QUESTIONS ?=
# A folder of data sets for `make eval-news`, where its homes are kept, and one part of it.
DATA ?=
HOMES ?= data/eval-news
ONLY ?=

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.installed ## install, take in the sample articles, ask where the convoy went
	@$(BIN)/dateline demo

test: .venv/.installed-dev ## run the tests (no key, no token, no network)
	@$(BIN)/python -m pytest

check: .venv/.installed-dev ## lint, types, layers: what must hold beside the tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: .venv/.installed-dev ## let ruff format and mend what it can
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

eval: .venv/.installed-dev ## hold the pinned corpus against its floors; with QUESTIONS=judged.jsonl measure the current home
	@if [ -n "$(QUESTIONS)" ]; then $(BIN)/dateline evaluate "$(QUESTIONS)"; else $(BIN)/python tests/evals/gate.py; fi

eval-news: .venv/.installed-dev ## measure on a folder of news data sets: make eval-news DATA=../data [ONLY=conflict]
	@test -n "$(DATA)" || { echo 'Name the data sets: make eval-news DATA=../data'; exit 2; }
	@$(BIN)/python tests/benchmarks/eval_news.py --data "$(DATA)" --homes "$(HOMES)" $(addprefix --only ,$(ONLY))

scenarios: .venv/.installed-dev ## run the tests of all that is promised on Discord, counted by where people are
	@$(BIN)/python tests/scenarios.py

run: .venv/.installed ## serve the bot on Discord; reads .env if there is one
	@set -a; if [ -f .env ]; then . ./.env; fi; set +a; exec $(BIN)/dateline serve

pictures: .venv/.installed-dev ## draw the cards as people see them (needs Chromium)
	@$(BIN)/python tests/pictures/cases.py

constraints: ## renew the pins of the whole tree (needs uv); CUDA's own packages stay out, so that a CPU build stays one
	@uv pip compile pyproject.toml --all-extras --python-version 3.11 --no-header --no-annotate --quiet \
	  | sed -E 's/\+[a-z0-9.]+$$//' | grep -vE '^(nvidia-|cuda-|triton|-)' > config/constraints.new
	@mv config/constraints.new config/constraints.txt

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo 'Dateline needs Python 3.11 or later: make PYTHON=/path/to/python3.11 ...'; exit 1; }
	@echo 'Making .venv ...'
	@$(PYTHON) -m venv .venv

.venv/.installed: .venv/bin/python pyproject.toml config/constraints.txt
	@echo 'Installing Dateline and what it needs (once; some minutes) ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -c config/constraints.txt -e .
	@touch $@

.venv/.installed-dev: .venv/.installed
	@echo 'Installing what tests and checks need ...'
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check $(PIP_FLAGS) -c config/constraints.txt -e '.[dev]'
	@touch $@

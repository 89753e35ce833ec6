PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := demo-archive
EVENT  := e9b7f67e59e5479888be0aab37b4d394
CLIENTS := .clients
SENTRY  := sentry@0.49.0 @sentry/cli@3.8.0

.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(VENV)/.core: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable .
	touch $@

$(VENV)/.installed: $(VENV)/.core
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	touch $@

demo: $(VENV)/.core ## Load sample_data/ into ./demo-archive, look up an event, run a report
	@rm -rf $(DEMO)
	@PATH="$(CURDIR)/$(BIN):$$PATH" DEMO=$(DEMO) EVENT=$(EVENT) sh sample_data/demo.sh

test: $(VENV)/.installed ## Run the quick tests
	$(BIN)/python -m pytest -n auto --dist worksteal -m "not slow" --hypothesis-profile quick

test-all: $(VENV)/.installed ## Run all tests, including slow ones
	$(BIN)/python -m pytest -n auto --dist worksteal

coverage: $(VENV)/.installed ## Run all tests and show which lines they miss
	$(BIN)/python -m pytest -n auto --dist worksteal --cov --cov-report=term

faults: $(VENV)/.installed ## Kill processes, fill disks and damage archives (minutes; needs Linux and cc)
	$(BIN)/python -m pytest tests/faults --faults -n 2

fuzz: $(VENV)/.installed ## Feed a million mutated inputs to each parser
	$(BIN)/python -m tests.fuzz --inputs 1000000

$(CLIENTS)/.installed: Makefile
	npm install --prefix $(CLIENTS) --no-save --no-package-lock --no-audit --no-fund \
		--loglevel error $(SENTRY)
	touch $@

test-clients: $(VENV)/.installed $(CLIENTS)/.installed ## Run Sentry's own clients against the server (needs npm)
	EVENT_ARCHIVE_CLIENTS=$(CURDIR)/$(CLIENTS)/node_modules/.bin \
		$(BIN)/python -m pytest tests/serve/test_clients.py

test-lowest: ## Run the quick tests with the lowest supported version of each dependency
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --disable-pip-version-check uv
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest --resolution lowest-direct \
		--editable '.[test]'
	.venv-lowest/bin/python -m pytest -n auto --dist worksteal -m "not slow" --hypothesis-profile quick

licenses: $(VENV)/.core ## List the licenses of the installed dependencies
	@$(BIN)/python docs/licenses.py

lint: $(VENV)/.installed ## Check style, types, import direction and prose
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell
	$(BIN)/python docs/prose.py

docs: $(VENV)/.installed ## Regenerate docs/
	$(BIN)/python docs/reference.py

bench: $(VENV)/.installed ## Measure import, lookups, size and a report, compared with other tools
	$(BIN)/python benchmarks/run.py

clean: ## Remove the virtual environment and the demo archive
	rm -rf $(VENV) $(CLIENTS) $(DEMO) build dist

.PHONY: help demo test test-all coverage faults fuzz test-clients lint docs bench clean

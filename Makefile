PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := demo-archive
EVENT  := e9b7f67e59e5479888be0aab37b4d394
CLIENTS := .clients
SENTRY  := sentry@0.49.0 @sentry/cli@3.8.0

.DEFAULT_GOAL := help

help: ## Show what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/  make \1|\2/' | column -t -s '|'

$(VENV)/.installed: pyproject.toml
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.[test,lint]'
	touch $@

demo: $(VENV)/.installed ## Load sample_data/ into ./demo-archive, look an event up, ask about frames
	@rm -rf $(DEMO)
	@PATH="$(CURDIR)/$(BIN):$$PATH" DEMO=$(DEMO) EVENT=$(EVENT) sh sample_data/demo.sh

test: $(VENV)/.installed ## Run the tests
	$(BIN)/python -m pytest -n auto

faults: $(VENV)/.installed ## Kill, starve and damage archives for some minutes (needs Linux and cc)
	$(BIN)/python -m pytest tests/faults --faults -n 2

fuzz: $(VENV)/.installed ## Try a million inputs on each reader of what exports hold
	$(BIN)/python -m tests.fuzz --inputs 1000000

$(CLIENTS)/.installed: Makefile
	npm install --prefix $(CLIENTS) --no-save --no-package-lock --no-audit --no-fund \
		--loglevel error $(SENTRY)
	touch $@

test-clients: $(VENV)/.installed $(CLIENTS)/.installed ## Run Sentry's own clients against the server (needs npm)
	EVENT_ARCHIVE_CLIENTS=$(CURDIR)/$(CLIENTS)/node_modules/.bin \
		$(BIN)/python -m pytest tests/serve/test_clients.py

lint: $(VENV)/.installed ## Check style, types and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(VENV)/.installed ## Write the generated pages of docs/ anew
	$(BIN)/python docs/pages.py

bench: $(VENV)/.installed ## Measure import, lookups, size and a report, beside other ways to do the same
	$(BIN)/python benchmarks/run.py

clean: ## Remove the virtual environment and the demo archive
	rm -rf $(VENV) $(CLIENTS) $(DEMO) build dist

.PHONY: help demo test faults fuzz test-clients lint docs bench clean

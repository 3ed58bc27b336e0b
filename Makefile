# The verbs of daily work. `make` alone lists them; each sets up what it needs first.

PYTHON = python3
# Another interpreter gets a virtual environment of its own.
VENV = .venv$(if $(filter-out python3,$(PYTHON)),-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])'))
BIN = $(CURDIR)/$(VENV)/bin
FOLDERS = python-generators-0x00 python-decorators-0x01 python-context-async-operations-0x02 \
	tests tests/generators tests/decorators tests/context_async tests/benchmarks

.PHONY: help demo test test-all check browser bench bench-quick shell lint format clean

help:  ## list these verbs
	@echo "make VERB, or make VERB PYTHON=python3.12 for another interpreter"
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' Makefile

demo: $(VENV)/installed server  ## run all numbered scripts, one after the other
	@make/demo.sh $(BIN)/python3

test: $(VENV)/installed server  ## run the tests
	@$(BIN)/python3 -m pytest

test-all:  ## run the tests on every Python from 3.8 up that is on this machine
	@make/test-all.sh

check: $(VENV)/installed server  ## check your own solutions: make check REPO=~/my-alx-backend-python [ONLY=generators/0]
	@PYTHONPATH=tests $(BIN)/python3 -m checker $(if $(ONLY),--only $(ONLY)) "$(REPO)"

browser: $(VENV)/installed  ## install Chromium and what drives it: then the tests use a real browser too
	@make/install-browser.sh $(BIN)/python3

bench: $(VENV)/rivals server  ## measure speed and memory beside the rivals, in ten minutes; rewrites the tables and pictures
	@$(BIN)/python3 tests/benchmarks

bench-quick: $(VENV)/rivals server  ## the same with a tenth of the rows, in a minute; only prints
	@$(BIN)/python3 tests/benchmarks --quick

shell: $(VENV)/installed server  ## open a shell with the virtual environment and a throwaway MySQL server
	@VENV=$(VENV) $(BIN)/python3 python-generators-0x00/throwaway_mysql.py bash --rcfile make/shellrc

lint: $(VENV)/linters  ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@set -e; for folder in $(wildcard $(FOLDERS)); do \
		(cd $$folder && $(BIN)/mypy --config-file $(CURDIR)/pyproject.toml *.py); \
	done
	@cd tests && $(BIN)/mypy --config-file $(CURDIR)/pyproject.toml --exclude solutions --package checker

format: $(VENV)/linters  ## bring the code into the one format
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

clean:  ## remove what a run creates: virtual environments, caches, databases
	rm -rf .venv* .*_cache */__pycache__ */*.db */*.db-*

.PHONY: server
server: $(VENV)/installed
	@make/install-server.sh $(BIN)/python3

$(VENV)/installed: requirements.txt
	@make/install-venv.sh $(PYTHON) $(VENV)
	$(BIN)/python3 -m pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@touch $@

$(VENV)/rivals: $(VENV)/installed tests/benchmarks/requirements.txt
	@make/install-rivals.sh $(BIN)/python3
	@touch $@

$(VENV)/linters: $(VENV)/installed .ci/requirements.txt
	$(BIN)/python3 -m pip install --quiet --disable-pip-version-check --requirement .ci/requirements.txt
	@touch $@

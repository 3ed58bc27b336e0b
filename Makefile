# The verbs of daily work. `make` alone lists them; each sets up what it needs first.
# The paths in here are relative, so that it works in any folder, whatever its name.

PYTHON = python3
# Another interpreter gets a virtual environment of its own.
VENV := .venv$(if $(filter-out python3,$(PYTHON)),-$(shell \
	"$(PYTHON)" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null))
FOLDERS = python-generators-0x00 python-decorators-0x01 python-context-async-operations-0x02 \
	tests tests/generators tests/decorators tests/context_async tests/benchmarks
PIP = "$(VENV)/bin/python3" -m pip install --quiet --disable-pip-version-check
CHECKER = exec env PYTHONPATH=tests "$(VENV)/bin/python3" -m checker
VERBS = help demo test test-all start check watch browser bench bench-quick shell lint format clean

.PHONY: $(VERBS) server

# The second half of a name with a blank, if nobody has put quotes around it, would be a verb, too.
$(foreach word,$(filter-out $(VERBS) server .venv%,$(MAKECMDGOALS)),$(error \
	there is no verb '$(word)'; a name with blanks goes in quotes, as in REPO='my folder'; make alone lists the verbs))
$(if $(filter watch,$(MAKECMDGOALS)),$(if $(ONLY)$(HINT),$(error \
	watch goes by what you save, and Enter gives hints; leave out ONLY and HINT, or say make check)))

help:  ## list these verbs
	@echo "make VERB, or make VERB PYTHON=python3.12 for another interpreter"
	@sed -n 's/^\([a-z-]*\):.*## /  \1	/p' Makefile

demo: $(VENV)/installed server  ## run all scripts but the web page, one after the other (half a minute)
	@exec make/demo.sh "$(VENV)/bin/python3"

test: $(VENV)/installed server  ## run the tests (two to three minutes)
	@exec make/test.sh "$(VENV)/bin/python3"

test-all:  ## run the tests on every Python from 3.8 up that is on this machine
	@make/test-all.sh

start:  ## write the exercises for you to solve: make start DIR=~/my-alx-backend-python
	@exec env PYTHONPATH=tests "$(PYTHON)" -m checker.start "$$DIR"

# With exec, a signal for make reaches the program itself, and no shell before it.
# Names go through the environment, so that blanks and quotes in them are harmless.
check: $(VENV)/installed server  ## check your own solutions: make check REPO=~/my-alx-backend-python [ONLY=generators/0] [HINT=2] [YES=1]
	@$(CHECKER) $${ONLY:+--only "$$ONLY"} $${HINT:+--hints "$$HINT"} $${CSV:+--csv "$$CSV"} \
		$${YES:+--yes} --repos "$$REPOS" -- $${REPO:+"$$REPO"}

watch: $(VENV)/installed server  ## check an exercise whenever you save it: make watch REPO=~/my-alx-backend-python
	@$(CHECKER).watch $${YES:+--yes} -- "$$REPO"

browser: $(VENV)/installed  ## install Chromium and its driver: then the tests use a real browser too
	@make/install-browser.sh "$(VENV)/bin/python3"

bench: $(VENV)/rivals server  ## measure speed and memory beside the rivals, in ten minutes; rewrites the tables and pictures
	@"$(VENV)/bin/python3" tests/benchmarks

bench-quick: $(VENV)/rivals server  ## the same with a tenth of the rows, in a minute; only prints
	@"$(VENV)/bin/python3" tests/benchmarks --quick

shell: $(VENV)/installed server  ## open a shell with the virtual environment and a throwaway MySQL server
	@exec env VENV="$(VENV)" "$(VENV)/bin/python3" python-generators-0x00/throwaway_mysql.py bash --rcfile make/shellrc

lint: $(VENV)/linters  ## check style and types (not of try.py and my_*.py, which readers write)
	@"$(VENV)/bin/ruff" check .
	@"$(VENV)/bin/ruff" format --check .
	@set -e; root=$$PWD; for folder in $(wildcard $(FOLDERS)); do \
		(cd $$folder && "$$root/$(VENV)/bin/mypy" --config-file "$$root/pyproject.toml" $$(ls *.py | grep -v '^try\.py$$\|^my_')); \
	done
	@cd tests && "../$(VENV)/bin/mypy" --config-file ../pyproject.toml --exclude 'solutions|stubs' --package checker

format: $(VENV)/linters  ## bring the code into the one format
	@"$(VENV)/bin/ruff" check --fix .
	@"$(VENV)/bin/ruff" format .

clean:  ## remove what a run creates: virtual environments, caches, databases
	rm -rf .venv* .*_cache */.*_cache */*/.*_cache */__pycache__ */*/__pycache__ */*/*/__pycache__ */*.db */*.db-*

# These say themselves what's left out, as soon as they need a server.
check watch shell: WHEN = later
server: $(VENV)/installed
	@make/install-server.sh "$(VENV)/bin/python3" $(WHEN)

$(VENV)/installed: requirements.txt
	@make/install-venv.sh "$(PYTHON)" "$(VENV)"
	@echo "make: installing the requirements" >&2
	@$(PIP) --requirement requirements.txt
	@touch $@

$(VENV)/rivals: $(VENV)/installed tests/benchmarks/requirements.txt
	@make/install-rivals.sh "$(VENV)/bin/python3"
	@touch $@

$(VENV)/linters: $(VENV)/installed .ci/requirements.txt
	@$(PIP) --requirement .ci/requirements.txt
	@touch $@

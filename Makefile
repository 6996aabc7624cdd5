# Everything that is done to this project, in one list: `make help`.
# Paths stay relative, so that the project may lie in a folder with a space in its name.

PYTHON ?= python3
# At most eight: each has databases and servers of its own.
WORKERS ?= $(shell n=$$(getconf _NPROCESSORS_ONLN); echo $$((n > 8 ? 8 : n)))
VENV := .venv
PY := $(VENV)/bin/python
TASKFLOW := $(VENV)/bin/taskflow
INSTALLED := $(VENV)/.installed
# Hashes come from the public index alone, whatever this machine's pip is told to use.
LOCK := PIP_CONFIG_FILE=/dev/null PIP_FIND_LINKS= PIP_EXTRA_INDEX_URL= CUSTOM_COMPILE_COMMAND="make lock" \
	$(PY) -m piptools compile --quiet --generate-hashes --strip-extras --allow-unsafe \
	--no-emit-index-url --no-emit-find-links --no-emit-trusted-host
DEV_GROUP := import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["dependency-groups"]["dev"], sep="\n")

.DEFAULT_GOAL := help
.PHONY: help install run test test-fast lint format translations docs screenshots bench bench-import fuzz lock upgrade-lock wheel clean distclean
.DELETE_ON_ERROR:

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## /\1|/p' $(MAKEFILE_LIST) | while IFS='|' read -r name text; do printf '%-14s %s\n' "$$name" "$$text"; done

install: $(INSTALLED) ## put everything into .venv
	@$(PY) scripts/translations.py compile

$(INSTALLED): requirements.txt requirements-dev.txt pyproject.toml hatch_build.py scripts/make_venv.py
	@echo "Installing into $(VENV) ..."
	@$(PYTHON) scripts/make_venv.py $(VENV)
	@$(PY) -m pip --disable-pip-version-check install --quiet --require-hashes -r requirements.txt -r requirements-dev.txt
	@$(PY) -m pip --disable-pip-version-check install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

run: install ## demo office with web, scheduler and delivery on http://127.0.0.1:8000
	@$(TASKFLOW) db upgrade
	@$(TASKFLOW) demo load
	@$(TASKFLOW) serve

test: install ## all tests, on SQLite and PostgreSQL
	@$(PY) -m pytest --numprocesses $(WORKERS) --dist worksteal --durations=10 --durations-min=3

test-fast: install ## tests without a database or a browser
	@$(PY) -m pytest --quiet tests/unit

lint: install ## style, types, import contracts, translations
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) scripts/translations.py check

format: install ## put the code into the one format
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

translations: install ## sentences of code and templates into the catalogue
	$(PY) scripts/translations.py update

docs: install ## write the generated parts of docs/
	$(PY) scripts/docs.py

screenshots: install ## take the pictures of the guide anew from a fresh demo office
	$(PY) scripts/screenshots.py

bench: install ## speed and memory with 1,000 to 100,000 tasks on both databases, into docs/performance.md
	$(PY) -m benchmarks.bench --write

bench-import: install ## reading of documents: quality and speed, into docs/import-accuracy.md
	$(PY) -m benchmarks.bench_import --write

fuzz: install ## 100,000 mutated files and phrases through the import engine
	$(PY) -m benchmarks.fuzz

lock: install ## pin what pyproject.toml asks for, with hashes
	$(LOCK) --output-file requirements.txt pyproject.toml
	$(PY) -c '$(DEV_GROUP)' | $(LOCK) --constraint requirements.txt --output-file requirements-dev.txt -

upgrade-lock: install ## the same, with the newest versions
	rm -f requirements.txt requirements-dev.txt
	$(MAKE) --assume-old=requirements.txt --assume-old=requirements-dev.txt lock

wheel: install ## build the wheel into dist/
	$(PY) -m build --wheel --no-isolation

clean: ## remove what tools have left behind
	rm -rf build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -not -path './$(VENV)/*' -prune -exec rm -rf {} +

distclean: clean ## also remove .venv and the demo's data in var/
	rm -rf $(VENV) var

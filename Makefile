# `make` alone lists what there is. Only `make` and Python 3.11 or newer are needed beforehand.

# The first Python that is new enough; `make PYTHON=…` names another.
PYTHON ?= $(shell for python in python3 python3.13 python3.12 python3.11; do \
  $$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && exit; done; echo python3)
BIN := .venv/bin/python
# What `make chaos` does to a PostgreSQL and an installation of its own.
KILLS ?= 300
SEED ?= 7
# The checks see neither the developer's .env nor their var/.
SEALED := ENV_FILE=/dev/null VAR_DIR=.venv/var DATABASE_URL= SECRET_KEY=

.DEFAULT_GOAL := help
.PHONY: help run test chaos bench lint format lock clean environment environment-dev

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

run: environment ## set up, load prices and demo, start web and worker (PORT=8000, DEMO=0 for no demo)
	@$(BIN) tools/run.py

test: environment-dev ## run every test on SQLite and on PostgreSQL (ARGS="-k lots" for some)
	@$(BIN) tools/test.py $(ARGS)

chaos: environment-dev ## kill processes at random under load; prove that nothing is lost (KILLS=300, SEED=7)
	@CHAOS_POSTGRESQL=1 CHAOS_KILLS=$(KILLS) CHAOS_SEED=$(SEED) CHAOS_ANSWER=75 $(BIN) -m pytest tests/chaos \
	  -n 0 -q -p no:cacheprovider -o log_cli=true -o log_cli_level=INFO -o log_cli_format="%(message)s"

bench: environment-dev ## measure the goals of speed into benchmarks/results.md (ARGS="--quick" for a look)
	@$(BIN) -m uv venv --quiet --allow-existing .venv-bench
	@$(BIN) -m uv pip sync --quiet --require-hashes --python .venv-bench requirements-bench.txt
	@.venv-bench/bin/python -m benchmarks --date $$(date +%F) $(ARGS)

lint: environment-dev ## check style, types, templates, migrations and deployment settings
	$(BIN) -m ruff check .
	$(BIN) -m ruff format --check .
	.venv/bin/djade --check --target-version 5.2 $$(find templates -name '*.html')
	$(SEALED) $(BIN) -m mypy
	.venv/bin/bandit -q -ll -r accounts bitfolio operations portfolios prices tools deploy
	$(SEALED) $(BIN) manage.py makemigrations --check --dry-run
	$(SEALED) HTTPS=1 $(BIN) manage.py check --deploy --fail-level WARNING

format: environment-dev ## bring code and templates into their form
	$(BIN) -m ruff check --fix-only .
	$(BIN) -m ruff format .
	.venv/bin/djade --target-version 5.2 $$(find templates -name '*.html')

lock: environment-dev ## write the locked requirements anew from the *.in files (UPGRADE=--upgrade for newer ones)
	for list in requirements requirements-dev requirements-bench requirements-node; do UV_CUSTOM_COMPILE_COMMAND="make lock" \
	  $(BIN) -m uv pip compile --quiet --generate-hashes $(UPGRADE) --python-version 3.11 $$list.in -o $$list.txt || exit; done

clean: ## remove the environment, caches and fetched files (never var/, where your data is)
	rm -rf .venv .venv-bench node_modules static/vendor .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

environment:
	@$(PYTHON) tools/environment.py

environment-dev:
	@$(PYTHON) tools/environment.py --dev

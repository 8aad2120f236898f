# Two commands: `make run` starts the assistant, `make test` checks everything.
# Both need Python 3.11+, git and make, and install the rest into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
RUNTIME := $(VENV)/.runtime-installed
DEV := $(VENV)/.dev-installed

.PHONY: run chat test lint types unit install lock deploy-check truth clean

run: $(RUNTIME)
	@$(BIN)/assistant run

chat: $(RUNTIME)
	@$(BIN)/assistant chat

test: $(DEV) lint types
	@$(BIN)/python -m pytest -n auto --dist worksteal

lint: $(DEV)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports

types: $(DEV)
	@$(BIN)/mypy

install: $(DEV)

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	  { echo "Python 3.11, 3.12 or 3.13 is needed; $(PYTHON) is $$($(PYTHON) --version 2>&1). Set PYTHON=/path/to/python3.11"; exit 2; }
	@$(PYTHON) -m venv $(VENV)

$(RUNTIME): $(BIN)/python requirements/runtime.lock pyproject.toml
	@echo "Installing the assistant into $(VENV) ..."
	@$(PIP) install --quiet --require-hashes -r requirements/runtime.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(DEV): $(RUNTIME) requirements/dev.lock
	@echo "Installing the test tools into $(VENV) ..."
	@$(PIP) install --quiet --require-hashes -r requirements/dev.lock
	@touch $@

# Prometheus's own word on its configuration, and each alarm rung once; needs promtool.
deploy-check:
	@command -v promtool >/dev/null || \
	  { echo "promtool is needed: it comes with Prometheus (Debian: apt-get install prometheus)"; exit 2; }
	@promtool check config deploy/prometheus/prometheus.yml
	@promtool test rules deploy/prometheus/alerts.test.yml

# Ten thousand turns with and without lies; exits with 1 where a lie passes.
truth: $(DEV)
	@$(BIN)/python -m benchmarks.truth
	@$(BIN)/python -m benchmarks.truth.examination

# Writes both lock files from pyproject.toml; needs uv (pip install uv).
lock:
	uv pip compile pyproject.toml --extra embedded --extra telemetry --group pyproject.toml:build --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" -o requirements/runtime.lock
	uv pip compile pyproject.toml --extra embedded --extra telemetry --group pyproject.toml:build --group pyproject.toml:dev --universal --python-version 3.11 \
	  --generate-hashes --no-emit-index-url --no-emit-find-links --quiet --custom-compile-command "make lock" -c requirements/runtime.lock -o requirements/dev.lock

clean:
	rm -rf $(VENV) build *.egg-info

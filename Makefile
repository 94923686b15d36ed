# One way in: `make demo` and `make test` do all their own set-up.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed

.PHONY: bench demo test test-thorough check format docs lock mutants clean

demo: $(STAMP)
	$(BIN)/lpm-sync demo

test: $(STAMP)
	$(BIN)/python -m pytest -n auto --dist worksteal

# The same tests with eight times as many generated examples: long, and worth it before a release.
test-thorough: $(STAMP)
	LPM_HYPOTHESIS=thorough $(BIN)/python -m pytest -n auto --dist worksteal

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/lpm-sync docs --check

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: $(STAMP)
	$(BIN)/lpm-sync docs

mutants: $(STAMP)
	$(BIN)/python -m tests.mutants

# Minutes, and noisy machines: no part of CI.
bench: $(STAMP)
	$(BIN)/python -m benchmarks

# Refresh the hashed requirements (needs `uv` on the PATH); the files carry no index address.
lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --quiet --upgrade -o requirements/runtime.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --quiet --upgrade --extra dev -c requirements/runtime.txt -o requirements/dev.txt pyproject.toml
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header \
	  --quiet --upgrade -c requirements/dev.txt -o requirements/build.txt requirements/build.in

$(STAMP): requirements/dev.txt pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit("lpm-sync needs Python 3.11 or newer; name one with: make PYTHON=python3.12 ...") if sys.version_info < (3, 11) else None'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache

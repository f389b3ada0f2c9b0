# The two commands: `make run` and `make test`. Both make their own .venv and need no terminal.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3 python; do \
	$$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null && command -v $$p && break; done)
BIN := .venv/bin
STAMP := .venv/.made
DEV_STAMP := .venv/.made-dev

.DEFAULT_GOAL := help
.PHONY: help run test lint browser screenshots bench storm clean

help: ## What can be asked for
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

$(STAMP): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Python 3.11, 3.12 or 3.13 is needed (apt-get install python3 python3-venv)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt -e .
	@touch $@

$(DEV_STAMP): $(STAMP)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input -c constraints.txt -e '.[dev]'
	@touch $@

run: $(STAMP) ## The whole platform with demo offices, on http://127.0.0.1:8000
	@exec $(BIN)/lianban run --demo </dev/null

lint: $(DEV_STAMP) ## Ruff, mypy and the direction of imports
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

# Browser stories want Debian's Chromium and Chinese letters; where they are missing and may be installed, they are.
browser:
	@{ command -v chromium-headless-shell || command -v chromium || command -v chromium-browser || command -v google-chrome; } >/dev/null 2>&1 && fc-list 2>/dev/null | grep -qi 'noto.*cjk' || { \
	  command -v apt-get >/dev/null || { echo "No Chromium: the browser stories are skipped."; exit 0; }; \
	  AS=$$([ "$$(id -u)" = 0 ] || echo "sudo -n"); echo "Installing Chromium and fonts-noto-cjk ..."; \
	  get() { $$AS env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$$@" fonts-noto-cjk fontconfig; }; \
	  { $$AS apt-get update -qq && { get chromium-headless-shell || get chromium; }; } >/dev/null 2>&1 \
	  || echo "Could not install Chromium: the browser stories are skipped (with CI=true they fail)."; }

# Real servers and browsers on a machine that others use: what failed is run once more, alone, and named as unsteady.
test: lint browser ## Lint and every test but storms and measurements
	$(BIN)/python -m pytest -q -n 2 --dist loadscope -m "not bench and not storm" || { \
	  echo "== Once more, what failed; a test that passes now is unsteady and to be mended:"; \
	  $(BIN)/python -m pytest -q -ra --last-failed --last-failed-no-failures none -m "not bench and not storm"; }

storm: $(DEV_STAMP) ## Crashes and crowds
	$(BIN)/python -m pytest -q -m storm

screenshots: $(DEV_STAMP) browser ## A picture of every page, in screenshots/
	$(BIN)/python -m tests.desks.screenshots

bench: $(DEV_STAMP) ## Measure; writes bench.json
	$(BIN)/python -m tests.bench
	$(BIN)/python -m tests.bench clock

clean: ## Remove the environment and the caches
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis build *.egg-info

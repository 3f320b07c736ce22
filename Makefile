# SMTPy Desktop: one command each. Every command first makes ready what it needs (tools/setup.py), once.
#   make run ARGS="--profile DIR"    arguments for the program
#   make test ARGS="-k dns"          arguments for pytest
#   make test WORKERS=0              one test after the other (as many at once as WORKERS says)
#   make bench ONLY=start            one figure alone

PYTHON ?= python3
WORKERS ?= 4
SETUP := $(PYTHON) -m tools.setup
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help run test faults soak everyone check setup tour screenshots bench package package-test package-bench clean distclean

help: ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1|\2/p' Makefile | while IFS='|' read -r name text; do printf '%-20s %s\n' "$$name" "$$text"; done

run: ## set everything up and open the app
	@$(SETUP) run
	@$(BIN)/smtpy-desktop $(ARGS)

test: ## set everything up and run all tests
	@$(SETUP) test
	@$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal $(ARGS)

faults: ## kill, cut, fill and freeze the forwarders at length; build/faults.json (as root, some 10 minutes)
	@$(SETUP) test
	@$(BIN)/python -m tests.faults $(if $(ONLY),--only "$(ONLY)") $(ARGS)

soak: ## use the window for half an hour and look for what grows; build/soak.json
	@$(SETUP) test
	@$(BIN)/python -m tests.soak $(ARGS)

everyone: ## walk through all scenes: names, keyboard, longer texts, right to left, contrast (some minutes)
	@$(SETUP) test
	@SMTPY_EVERY_SCENE=1 $(BIN)/python -m pytest tests/integration/test_every_scene.py tests/system/test_screen_reader.py $(ARGS)

check: ## format, lint, types and house rules
	@$(SETUP) check
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/python -m tools.house_rules

setup: ## make everything ready, and nothing more
	@$(SETUP) setup

tour: ## walk through the main job without a person; pictures and a report in build/tour
	@$(SETUP) tour
	@$(BIN)/smtpy-desktop tour $(ARGS)

screenshots: ## pictures of every page and dialog in every look (build/screenshots), and those of the documentation
	@$(SETUP) tour
	@$(BIN)/python -m tools.screenshots $(ARGS)

bench: ## measure the figures against their references; build/bench.json
	@$(SETUP) bench
	@$(BIN)/python -m benchmarks $(if $(ONLY),--only "$(ONLY)") $(ARGS)

package: ## build the program that is installed: build/package/*.deb, *.tar.gz, checksums, list of parts
	@$(SETUP) package
	@.venv-package/bin/python -m tools.package $(ARGS)

package-test: ## try what `make package` has built in a small Debian of its own (as root, some minutes)
	@$(SETUP) package-test
	@$(BIN)/python -m pytest -p no:cacheprovider tests/system/package_trial.py $(ARGS)

package-bench: ## measure how long the packaged program takes to start, against the source
	@$(SETUP) package-bench
	@$(BIN)/python -m benchmarks.packaged_start

clean: ## remove what was built and cached (keeps the virtual environments)
	@rm -rf build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis
	@find smtpy_desktop migrations tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

distclean: clean ## clean, and remove the virtual environments too
	@rm -rf .venv .venv-package

# Two commands for a newcomer: `make course`, then `make test`.
SHELL := /bin/bash
PYTHON ?= python3
BIN := .venv/bin
SITE := _build/html
SPHINX := -j auto -W -n --keep-going -q -d _build/.doctrees
UNREAD := .git .venv _build _course _sample autograder benchmarks docs exercises tests

.PHONY: course test setup site book serve lab formgrader release lint bench lighthouse clean

# The sample class has a folder of its own, made anew each time; a real class in _course/ is safe.
course: export GRADUS_COURSE := $(CURDIR)/_sample
course: setup site  ## everything: the website, the assignments, a graded sample class
	@echo "== assignments"
	@rm -rf _sample
	@$(BIN)/gradus build
	@echo "== a sample class"
	@$(BIN)/gradus sample ps02
	@$(BIN)/gradus grade ps02
	@echo "website    $(CURDIR)/$(SITE)/index.html"
	@echo "next       make test, or make lab"

test: setup lighthouse  ## lint, build what the tests look at, run all tests
	@$(MAKE) --no-print-directory lint site
	@$(BIN)/gradus build --check
	$(BIN)/pytest -n auto

setup: .setup-done

.setup-done: requirements.txt constraints.txt pyproject.toml autograder/pyproject.toml
	@echo "== environment"
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --constraint constraints.txt --requirement requirements.txt
	@$(BIN)/pip install --quiet --no-deps --editable . --editable ./autograder
	@bash .ci/system-packages bubblewrap:bwrap chromium
	@touch .setup-done

site: setup
	@echo "== website"
	@$(BIN)/python -m sphinx $(SPHINX) . $(SITE)
	@echo "$(CURDIR)/$(SITE)/index.html"

book: site  ## the whole book as a PDF, and the site as a zip; its front page then offers both
	@echo "== book"
	@$(BIN)/python book/bind.py $(SITE)

serve: setup  ## build on each save, and reload the browser
	@$(BIN)/sphinx-autobuild $(SPHINX) --port 8000 $(addprefix --ignore ,$(UNREAD)) . $(SITE)

lab: setup  ## from within exercises/, where no instructor's settings are found
	cd exercises && ../$(BIN)/jupyter lab --LabApp.app_settings_dir=.jupyter $(if $(filter 0,$(shell id -u)),--allow-root)

formgrader: setup  ## JupyterLab on the course, for its instructor: menu Nbgrader, then Formgrader
	PATH="$(CURDIR)/$(BIN):$$PATH" jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root)

release: setup  ## the learners' bundle: dist/gradus-exercises.zip
	@$(BIN)/gradus build --check
	@$(BIN)/python -m autograder.bundle

# npm notes there what it installed, when it is done.
LIGHTHOUSE := benchmarks/lighthouse/node_modules/.package-lock.json
lighthouse: $(LIGHTHOUSE)  ## what rates the site's accessibility, from npm; course does not need it

$(LIGHTHOUSE): benchmarks/lighthouse/package-lock.json
	@echo "== lighthouse"
	@if command -v npm >/dev/null; then cd $(dir $<) && npm ci --loglevel=error; \
	  else echo "npm is not installed, so its test will be skipped: sudo apt install nodejs npm"; fi

lint: setup
	@echo "== lint"
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/codespell

bench: site lighthouse
	$(BIN)/python benchmarks/judging.py
	$(BIN)/python benchmarks/grading.py
	$(BIN)/python benchmarks/site.py > docs/site-build.md
	$(BIN)/python benchmarks/pages_as_read.py > docs/site-pages.md

clean:
	rm -rf _build _sample .setup-done solutions/*/*.ipynb solutions/*/practice.safetensors

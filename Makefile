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
BENCH ?= pins registry job
export CORPUS ?= ../shared/corpus
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.DELETE_ON_ERROR:
.PHONY: help demo test corpus fuzz bench check format schema docs dist image-test workflows clean python lock upgrade

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/run/ready ## the main job against an embedded registry and a scratch repository; no network, no credentials
	@$(run)/python -m bot demo

test: .venv/test/ready ## the whole test suite, with branch coverage and the reason of every skip
	$(test)/python -m pytest --cov --cov-report=term

corpus: .venv/test/ready ## every reference in real files, away and back: CORPUS=folder
	$(test)/python -m pytest -q tests/corpus
	$(test)/python -m tests.corpus.test_corpus

fuzz: .venv/test/ready ## mutated files and bytes of no sense: FUZZ_SECONDS=30 FUZZ_SEED=number
	$(test)/python -m tests.fuzz

bench: .venv/test/ready ## what it costs, against the parser, httpx, skopeo, a shell loop: BENCH="pins registry job"
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

image-test: .venv/test/ready ## build the image and run it, without an engine: root, buildah, runc, mmdebstrap, docker-registry
	$(test)/python -m pytest -q tests/container/image.py

workflows: .venv/lint/ready ## lint the workflows and the Dockerfile, without the network
	$(lint)/zizmor --offline --no-progress --pedantic --strict-collection .github/workflows
	$(lint)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(lint)/actionlint
	$(lint)/hadolint Dockerfile

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

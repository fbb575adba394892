# `make demo` and `make test` set up what they need, each in a virtual environment of its own.
PYTHON ?= python3
OUT ?= demo-out
RUNS ?= runs
NETWORKS = lean tiny cancernet
VERSION ?= 0.3.0

EDGE = .venv-edge
WORK = .venv
OLD = .venv-tflite

.PHONY: demo test old-device lint train clean help

help: ## show this list
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

demo: $(EDGE)/.ready ## classify a built-in synthetic slide with the shipped model (small install, no TensorFlow)
	$(EDGE)/bin/cancernet run synthetic: --frames 12 --out $(OUT) --overwrite >/dev/null
	@echo "Look at $(OUT)/overlays/, $(OUT)/frames.jsonl and $(OUT)/summary.json"

test: $(WORK)/.ready ## run the tests
	$(WORK)/bin/python -m pytest -n auto --maxprocesses 4 --dist loadfile

old-device: $(OLD)/.ready ## run the device's tests with tflite-runtime, NumPy 1 and OpenCV 4 (Python 3.11 and older)
	$(OLD)/bin/python -m pytest tests/edge_runtime

lint: $(WORK)/.ready ## ruff, mypy, import-linter
	$(WORK)/bin/ruff check .
	$(WORK)/bin/ruff format --check .
	$(WORK)/bin/mypy
	$(WORK)/bin/lint-imports

train: $(WORK)/.ready ## the whole workstation path: make train IDC=folder [SPLITS=splits.csv] [FIT="--epochs 5"]
	@test -n "$(IDC)" || { echo "make train: expected IDC=<folder of the IDC archive>, found none" >&2; exit 2; }
	$(WORK)/bin/python -m train index "$(IDC)" $(if $(SPLITS),--splits "$(SPLITS)") --out $(RUNS)/index.csv
	set -e; for network in $(NETWORKS); do \
	  case $$network in tiny) taught="--teachers $(RUNS)/lean";; *) taught=;; esac; \
	  $(WORK)/bin/python -m train fit --index $(RUNS)/index.csv --network $$network --out $(RUNS)/$$network $(FIT) $$taught; \
	  $(WORK)/bin/python -m quantize convert $(RUNS)/$$network --index $(RUNS)/index.csv --version $(VERSION); \
	  $(WORK)/bin/python -m quantize parity $(RUNS)/$$network --index $(RUNS)/index.csv --split test; \
	  $(WORK)/bin/python -m quantize pack $(RUNS)/$$network --out edge_runtime/models/$$network.tflite \
	    --reference quantize/reference/$$network.tflite; \
	done

clean: ## delete what the targets above made, but not runs
	rm -rf $(EDGE) $(WORK) $(OLD) $(OUT) build *.egg-info

$(EDGE)/.ready: requirements-edge.txt pyproject.toml
	$(PYTHON) -m venv $(EDGE)
	$(EDGE)/bin/python -m pip install -q --disable-pip-version-check -r requirements-edge.txt -e .
	touch $@

$(OLD)/.ready: pyproject.toml
	$(PYTHON) -m venv $(OLD)
	$(OLD)/bin/python -m pip install -q --disable-pip-version-check -e '.[tflite-runtime]' pytest==9.2.0 hypothesis==6.168.5
	touch $@

$(WORK)/.ready: requirements.txt requirements-edge.txt pyproject.toml
	$(PYTHON) -m venv $(WORK)
	$(WORK)/bin/python -m pip install -q --disable-pip-version-check -r requirements.txt -e .
	touch $@

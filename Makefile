# make demo: everything, running.   make test, check, prove, bench: see CONTRIBUTING.md.
# A fresh machine needs Python 3.11 or newer and make. uv, both environments and all packages come from the package index.

SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

PYTHON ?= python3
BIN := .venv/bin
# Two files of tests at a time, each side with a PostgreSQL of its own; from the first file to the last
TWO := --numprocesses=2 --dist=loadfile --no-loadscope-reorder
STAMP := .venv/.shuniu-synced
UV := $(shell command -v uv 2>/dev/null || echo $(CURDIR)/.hub/uv/bin/uv)
export PATH := $(dir $(UV)):$(PATH)
export UV_PROJECT_ENVIRONMENT := .venv

.PHONY: help demo test prove check bench format

help:
	@echo "make demo | test | check | prove | bench"

demo: $(STAMP)
	@exec $(BIN)/hub up

test: $(STAMP)
	@$(BIN)/python -m pytest $(TWO)

prove: $(STAMP)
	@HUB_PROVE=1 $(BIN)/python -m pytest $(TWO)

check: $(STAMP)
	@$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(STAMP)
	@$(BIN)/python -m benchmarks

format: $(STAMP)
	@$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# -- set-up ----------------------------------------------------------------------------------------------------------

$(STAMP): uv.lock pyproject.toml | $(UV)
	@echo "… 正在安装依赖（首次约几分钟） Installing packages (a few minutes the first time)"
	$(UV) sync --frozen --all-extras
	touch $@

$(CURDIR)/.hub/uv/bin/uv:
	@echo "… 正在安装 uv  Installing uv"
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || {
	  echo "✗ 需要 Python 3.11 或更高版本；可用 make demo PYTHON=python3.12 指定。 Python 3.11 or newer is needed; name one with PYTHON=…" >&2; exit 1; }
	$(PYTHON) -m venv .hub/uv || {
	  echo "✗ 无法创建 Python 环境；Debian/Ubuntu 请先安装 python3-venv。 Cannot make a Python environment; on Debian/Ubuntu install python3-venv." >&2; exit 1; }
	.hub/uv/bin/pip install --quiet --disable-pip-version-check uv

# make book   the book, executed on this machine      make test   every test      make help   the rest
PYTHON ?= python3
WORKERS ?= $(shell getconf _NPROCESSORS_ONLN)

SMOKE := _build/smoke
# With an environment of your own (conda, say): make book BIN=/its/bin
BIN := .venv/bin
ifeq ($(BIN),.venv/bin)
READY := .venv/ready
endif

# The same result whatever the user's own settings: no user site, no IPython profile, no matplotlib style.
export MPLCONFIGDIR := $(CURDIR)/.venv/var/matplotlib
export IPYTHONDIR := $(CURDIR)/.venv/var/ipython
export JUPYTER_PREFER_ENV_PATH := 1
export PYTHONNOUSERSITE := 1
export PYTHONUTF8 := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
unexport PYTHONPATH PYTHONDONTWRITEBYTECODE JUPYTER_PATH MPLBACKEND
.NOTPARALLEL:
.DELETE_ON_ERROR:
.PHONY: book claims pdf test reruns lint pairs selftest learners graded grade slides handout clean help

book: $(READY)  ## execute what changed, build the book strictly, say where to open it
	@mkdir -p .venv/var
	@$(BIN)/python book/build.py --workers $(WORKERS)

claims: $(READY)  ## the same, and fail where the numbers of a page contradict its prose on this machine
	@$(BIN)/python book/build.py --claims

pdf: book  ## the book, then all its pages as one PDF, _build/book.pdf (needs Chromium or Chrome)
	@$(BIN)/python book/print_pdf.py

test: $(READY)  ## every notebook at smoke size (nbval), a book of their outputs, then every other test
	@rm -rf $(SMOKE)/executed && mkdir -p $(SMOKE) .venv/var
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist loadscope --nbval-lax notebooks
	@SPARSEOBS_PRESET=smoke $(BIN)/python book/build.py --output $(SMOKE) --executed $(SMOKE)/executed
	@$(BIN)/python -m pytest -q -n $(WORKERS) --dist worksteal tests

reruns: $(READY)  ## every page at smoke size with two more settings of its own
	@$(BIN)/python -m pytest -q -n $(WORKERS) -m reruns tests/house/test_reruns.py

lint: $(READY)  ## style of the code, and notebooks in step with their scripts
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/python -m pytest -q tests/house

pairs: $(READY)  ## make each notebook's .ipynb from its .py
	@$(BIN)/jupytext --quiet --to ipynb --update $(wildcard notebooks/*.py notebooks/experiments/*.py)

selftest: $(READY)  ## whether this machine and its environment will do
	@$(BIN)/python book/selftest.py

learners: $(READY)  ## every lesson without its solutions, in _build/learners
	@$(BIN)/python book/editions.py learners

graded: $(READY)  ## the same with SEED=7, and its answers beside it (EXECUTE=1 runs them)
	@$(BIN)/python book/editions.py graded --seed $(SEED) $(if $(EXECUTE),--execute)

grade: $(READY)  ## run the notebooks in FOLDER=..., count which exercises are right
	@$(BIN)/python book/editions.py grade $(if $(FOLDER),"$(FOLDER)")

slides: $(READY)  ## slides of each part from the built book's figures, in _build/slides
	@$(BIN)/python book/slides.py

handout: $(READY)  ## the built book, the learners' notebooks and the package for a room without a network, as a zip
	@$(BIN)/python book/handout.py

clean:  ## remove what was built (.venv stays)
	@rm -rf _build

help:  ## this list
	@sed -n 's/^\([a-z]*\):.*  ## /  make \1	/p' $(MAKEFILE_LIST)

.venv/ready: constraints.txt pyproject.toml book/install.sh
	@sh book/install.sh $(PYTHON)
	@touch $@

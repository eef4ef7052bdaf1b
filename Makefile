# ecopy: certified electronic copies.  make demo · make test · make help
PYTHON ?=
PORT ?= 8420
FILE ?=
ONCE ?=
ONLY ?=
# As typed, for the shell to read as "$$FILE": a name may hold quotes, spaces, dollars.
override FILE := $(value FILE)
override PORT := $(value PORT)
override PYTHON := $(value PYTHON)
export FILE PORT PYTHON
SET_UP = sh deploy/onebox/set-up.sh
BIN = .venv/bin
SETS = intake signing storage onebox heic dev
# Images of Python often forbid compiled files; each process of the tests would then
# compile every test file anew (5 s of 11 s that collecting takes).
test check e2e faults conformance: export PYTHONDONTWRITEBYTECODE =

help:  ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /make \1	/p' Makefile | expand -t 20

demo:  ## from a scan to a verified copy, then stay up (FILE=my.pdf, PORT=, ONCE=1)
	@$(SET_UP) onebox
	@$(BIN)/python -m onebox demo --port "$$PORT" $${FILE:+"--file=$$FILE"} $(if $(ONCE),--once)

up:  ## the same house without the story
	@$(SET_UP) onebox
	@$(BIN)/python -m onebox up --demo --port "$$PORT"

reset:  ## clear var/: every demo case, key and copy
	@$(SET_UP) onebox
	@$(BIN)/python -m onebox reset

test:  ## unit, contract and integration tests
	@$(SET_UP) dev
	@$(BIN)/python -m pytest -q --forks auto --durations 15

check:  ## style, types, walls, pages, generated files
	@$(SET_UP) dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy & types=$$!; \
	  $(BIN)/python -m pytest -q --forks auto tests/checks && \
	  $(BIN)/python -m pytest -q tests/contract -k 'schema or asyncapi or generated'; \
	  rest=$$?; wait $$types && exit $$rest

e2e:  ## the story in a real browser; screenshots in build/
	@$(SET_UP) dev
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/e2e

pictures:  ## the two pictures of the README anew, by a real browser
	@$(SET_UP) dev
	@$(BIN)/python -m pytest -q tests/e2e/pictures.py

faults:  ## kill -9 at every durable step, then a slice of the storm (SEED=)
	@$(SET_UP) dev
	@$(BIN)/python -m pytest -q -n 3 --dist loadfile --no-loadscope-reorder tests/faults
	@ECOPY_DRAWS=all $(BIN)/python -m pytest -q --forks auto -m drawn
	@$(BIN)/python -m tests.storm --scenario slice --minutes 1.8 --seed '$(or $(SEED),1)'

storm:  ## seeded faults over a real house, judged by its clients (SEED= FAULTS= MINUTES=)
	@$(SET_UP) dev
	@$(BIN)/python -m tests.storm --seed '$(or $(SEED),1)' --faults '$(or $(FAULTS),100)' \
	  --minutes '$(or $(MINUTES),20)' --only '$(ONLY)'

planted:  ## eight mistakes made on purpose: does the storm see each? (ONLY=)
	@$(SET_UP) dev
	@$(BIN)/python -m tests.storm --planted '$(or $(ONLY),all)' --seed '$(or $(SEED),1)'

containers:  ## compose in real containers: scaled, killed, probed (root; ECOPY_IMAGES=)
	@$(SET_UP) dev
	@bash tests/containers/run

conformance:  ## what independent validators say of a copy
	@$(SET_UP) dev
	@$(BIN)/python -m pytest -q -n 2 --dist loadfile tests/conformance

bench:  ## figures against goals, into build/bench.json (ONLY=group)
	@$(SET_UP) dev
	@$(if $(BENCH_COPIES),BENCH_COPIES='$(BENCH_COPIES)') \
	  $(if $(BENCH_FILES),BENCH_FILES='$(BENCH_FILES)') \
	  $(if $(BENCH_BURST),BENCH_BURST='$(BENCH_BURST)') PYTHONPATH=tests \
	  $(BIN)/python -m bench $(if $(ONLY),--only '$(ONLY)')

shape:  ## the style's figures and what misses them (ONLY=services/intake)
	@$(SET_UP) dev
	@PYTHONPATH=tests $(BIN)/python -m shape --only '$(ONLY)'

mutants:  ## mistakes made on purpose: who notices? (MUTANTS=400 or all, ONLY=, SEED=, AGAIN=)
	@$(SET_UP) dev
	@PYTHONPATH=tests $(BIN)/python -m mutants --only '$(ONLY)' \
	  --mutants '$(or $(MUTANTS),400)' --seed '$(or $(SEED),1)' --again '$(AGAIN)'

lock:  ## pin requirements/*.txt anew, with hashes, for every platform
	@$(SET_UP) dev
	@for set in $(SETS); do echo "requirements/$$set.txt"; \
	  $(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --python-version 3.11 \
	    --no-emit-index-url --no-annotate --no-header --extra $$set \
	    pyproject.toml -o requirements/$$set.txt || exit 1; done

clean:  ## what can be made again: .venv, build/, caches (var/ stays)
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: help demo up reset test check e2e pictures faults storm planted containers conformance bench shape mutants lock clean

# `make demo` and `make test` need python3 (3.11 or newer) and the package registries, nothing else.
VENV   := .venv
PYTHON := $(VENV)/bin/python
READY  := $(VENV)/.ready

.PHONY: demo test lint format bench golden dashboards pictures lock clean help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

$(READY): requirements/dev.txt pyproject.toml
	python3 -m venv $(VENV)
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(READY) ## generate a pipeline and watch it live, without Docker
	@$(VENV)/bin/puffy-exporter demo

test: $(READY) ## all tests; real promtool where it can be had
	@bash tests/install-servers.sh
	$(PYTHON) -m pytest -n 2 --dist loadgroup $(ARGS)

lint: $(READY) ## ruff, mypy, import layers, lock file, generated files
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/puffy-exporter rules --check
	$(PYTHON) grafana/source --check
	$(PYTHON) -m pip check --disable-pip-version-check

format: $(READY) ## let ruff format and mend
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

bench: $(READY) ## measure: ratios against peers, in one run
	$(PYTHON) bench/profiling.py
	$(PYTHON) bench/serving.py

golden: $(READY) ## write the golden files and generated docs anew
	$(VENV)/bin/puffy-exporter rules
	PUFFY_GOLDEN=write $(PYTHON) -m pytest -q -k golden

dashboards: $(READY) ## write Grafana's dashboards anew
	$(PYTHON) grafana/source

pictures: $(READY) ## take the pictures of the pages anew, with chromium
	$(PYTHON) docs/pictures.py

lock: $(READY) ## resolve the dependencies anew
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --group dev --extra bench --extra sql --extra montecarlo --extra openlineage pyproject.toml -o requirements/dev.txt $(ARGS)
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --extra sink --extra sql --extra cluster --extra montecarlo --extra openlineage \
		pyproject.toml -o requirements/runtime.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --group build -o requirements/build.txt

clean: ## remove what the other targets made
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-data

# `make demo` and `make test` need python3 (3.11 or newer) and the package registries, nothing else.
VENV   := .venv
PYTHON := $(VENV)/bin/python
READY  := $(VENV)/.ready
DIST   := dist
# An installed Helm, or the one unpacked by tests/install-servers.sh.
HELM   ?= $(or $(shell command -v helm),$(HOME)/.cache/puffy-exporter/servers/helm-4/helm)
# Tests wait for servers about half of the time: twice as many as CI has processors.
WORKERS ?= 4
XDIST  := -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
# Images of CI switch off what shortens every start; what uv has installed is compiled when it is first loaded.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test parity situations fuzz mutants soak kills lint format bench golden dashboards manifests docs pictures lock audit build sbom chart changelog clean help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

$(READY): requirements/dev.txt pyproject.toml
	python3 -m venv $(VENV)
	$(PYTHON) requirements/install.py requirements/dev.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

# The demo needs a third of what tests do, and is what a newcomer waits for.
$(VENV)/.base: requirements/base.txt
	python3 -m venv $(VENV)
	$(PYTHON) requirements/install.py requirements/base.txt
	touch $@

demo: $(if $(wildcard $(READY)),$(READY),$(VENV)/.base) ## generate a pipeline and watch it live, without Docker
	@$(PYTHON) -m exporter demo

test: $(READY) ## all tests; with real servers if available
	@bash tests/install-servers.sh
	$(PYTHON) -m pytest $(XDIST) $(ARGS)

parity: $(READY) ## compare the report with two generations of Prometheus, on 1,000 random histories
	@bash tests/install-servers.sh
	PUFFY_PARITY=$${PUFFY_PARITY:-0:1000} $(PYTHON) -m pytest $(XDIST) -k agree $(ARGS) \
		tests/parity/test_parity_histories.py

situations: $(READY) ## what must happen when nobody can see, or the server is attacked; writes docs/reliability.md
	@bash tests/install-servers.sh
	$(PYTHON) trials/situations.py $(ARGS)

$(VENV)/.fuzz: $(READY) requirements/fuzz.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/fuzz.txt
	touch $@

fuzz: $(VENV)/.fuzz ## fuzz all readers of what others write, for MINUTES together
	$(PYTHON) trials/fuzz --minutes $${MINUTES:-60} $(ARGS)

$(VENV)/.mutants: $(READY) requirements/mutants.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements/mutants.txt
	touch $@

mutants: $(VENV)/.mutants ## change the code that judges, SAMPLE=200 times a folder or all, and see whether tests notice
	$(PYTHON) trials/mutants --sample $${SAMPLE:-200} --seed $${SEED:-1} $(ARGS)

soak: $(READY) ## simulated days on a fast clock while every program is killed: DAYS, FEEDS, SPEED, KILLS, SEED
	@bash tests/install-servers.sh
	$(PYTHON) trials/soak --days $(or $(DAYS),30) --feeds $(or $(FEEDS),20) --speed $(or $(SPEED),100) \
		--kills $(or $(KILLS),100) --seed $(or $(SEED),1) $(ARGS)

kills: $(READY) ## kill commands at random, fail their disk, and see what is left (ROUNDS=500 SEED=1)
	$(PYTHON) trials/kills.py --rounds $${ROUNDS:-500} --seed $${SEED:-1} $(ARGS)

lint: $(READY) ## ruff, mypy, import layers, lock file, generated files
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/puffy-exporter rules --check
	$(PYTHON) grafana/source --check
	$(PYTHON) deploy/alertmanagerconfig.py --check
	$(PYTHON) -m pip check --disable-pip-version-check

format: $(READY) ## apply ruff's fixes and formatting
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

bench: $(READY) ## benchmarks: ratios to other engines, in one run
	$(PYTHON) bench/profiling.py
	$(PYTHON) bench/serving.py

golden: $(READY) ## rewrite golden files and generated docs
	$(VENV)/bin/puffy-exporter rules
	$(PYTHON) deploy/alertmanagerconfig.py
	PUFFY_GOLDEN=write $(PYTHON) -m pytest -q -k golden

dashboards: $(READY) ## rewrite Grafana's dashboards
	$(PYTHON) grafana/source

manifests: $(READY) ## render the chart as plain manifests for kubectl, with Helm
	$(PYTHON) deploy/alertmanagerconfig.py
	HELM=$(HELM) bash deploy/manifests.sh

pictures: $(READY) ## retake the screenshots of the pages, with chromium
	$(PYTHON) docs/pictures.py

$(VENV)/.docs: $(READY) requirements/docs.txt
	$(PYTHON) requirements/install.py requirements/docs.txt
	touch $@

docs: $(VENV)/.docs ## build the documentation site in site/; broken links and anchors are errors
	NO_MKDOCS_2_WARNING=true $(VENV)/bin/mkdocs build --strict

lock: $(READY) ## resolve the dependencies again
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --group dev --extra bench --extra sql --extra montecarlo --extra openlineage pyproject.toml -o requirements/dev.txt $(ARGS)
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --extra sink --extra sql --extra cluster --extra montecarlo --extra openlineage \
		pyproject.toml -o requirements/runtime.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt pyproject.toml -o requirements/base.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --group build -o requirements/build.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --group docs -o requirements/docs.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --group fuzz -o requirements/fuzz.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --group mutants -o requirements/mutants.txt

audit: $(READY) ## check the locked dependencies for known vulnerabilities
	$(VENV)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/runtime.txt
	$(VENV)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/build.txt

build: $(READY) ## source archive and wheel, into dist/
	$(PYTHON) -m hatchling build -d $(DIST)

sbom: $(READY) ## bill of materials (CycloneDX) of the image, into dist/
	mkdir -p $(DIST)
	$(VENV)/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
		-o $(DIST)/puffy-exporter.cdx.json requirements/runtime.txt

chart: manifests ## the chart as an archive, and all manifests, into dist/
	mkdir -p $(DIST)
	$(HELM) package deploy/helm/puffy-exporter --destination $(DIST)
	cp deploy/kubernetes/*.yaml $(DIST)

changelog: ## fail if the change since BASE has no line in the changelog
	@git diff --quiet $(BASE)...HEAD -- exporter prometheus alertmanager grafana deploy Dockerfile docker-compose.yml \
		|| ! git diff --quiet $(BASE)...HEAD -- CHANGELOG.md \
		|| { echo "describe the change in CHANGELOG.md, under Unreleased" >&2; exit 1; }

clean: ## remove everything created by the other targets
	rm -rf $(VENV) $(DIST) site .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-data

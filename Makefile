# `make demo` and `make test` need python3 (3.11 or newer) and the package registries, nothing else.
VENV   := .venv
PYTHON := $(VENV)/bin/python
READY  := $(VENV)/.ready
DIST   := dist
# Helm of one's own, or the one that tests/install-servers.sh has unpacked.
HELM   ?= $(or $(shell command -v helm),$(HOME)/.cache/puffy-exporter/servers/helm-4/helm)
# Tests wait for servers about half of the time: twice as many as CI has processors.
WORKERS ?= 4
XDIST  := -n $(WORKERS) --dist loadgroup --no-loadscope-reorder
# Images of CI switch off what shortens every start; what uv has installed is compiled when it is first loaded.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test parity lint format bench golden dashboards manifests docs pictures lock audit build sbom chart changelog clean help

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 10

$(READY): requirements/dev.txt pyproject.toml
	python3 -m venv $(VENV)
	$(PYTHON) requirements/install.py requirements/dev.txt
	$(PYTHON) -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

demo: $(READY) ## generate a pipeline and watch it live, without Docker
	@$(VENV)/bin/puffy-exporter demo

test: $(READY) ## all tests; real promtool where it can be had
	@bash tests/install-servers.sh
	$(PYTHON) -m pytest $(XDIST) $(ARGS)

parity: $(READY) ## report against two generations of Prometheus, on a thousand random histories
	@bash tests/install-servers.sh
	PUFFY_PARITY=$${PUFFY_PARITY:-0:1000} $(PYTHON) -m pytest $(XDIST) -k agree $(ARGS) \
		tests/parity/test_parity_histories.py

lint: $(READY) ## ruff, mypy, import layers, lock file, generated files
	$(VENV)/bin/ruff check
	$(VENV)/bin/ruff format --check
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports --no-cache
	$(VENV)/bin/puffy-exporter rules --check
	$(PYTHON) grafana/source --check
	$(PYTHON) deploy/alertmanagerconfig.py --check
	$(PYTHON) -m pip check --disable-pip-version-check

format: $(READY) ## let ruff format and mend
	$(VENV)/bin/ruff check --fix
	$(VENV)/bin/ruff format

bench: $(READY) ## measure: ratios against peers, in one run
	$(PYTHON) bench/profiling.py
	$(PYTHON) bench/serving.py

golden: $(READY) ## write the golden files and generated docs anew
	$(VENV)/bin/puffy-exporter rules
	$(PYTHON) deploy/alertmanagerconfig.py
	PUFFY_GOLDEN=write $(PYTHON) -m pytest -q -k golden

dashboards: $(READY) ## write Grafana's dashboards anew
	$(PYTHON) grafana/source

manifests: $(READY) ## render the chart as plain manifests for kubectl, with Helm
	$(PYTHON) deploy/alertmanagerconfig.py
	HELM=$(HELM) bash deploy/manifests.sh

pictures: $(READY) ## take the pictures of the pages anew, with chromium
	$(PYTHON) docs/pictures.py

$(VENV)/.docs: $(READY) requirements/docs.txt
	$(PYTHON) requirements/install.py requirements/docs.txt
	touch $@

docs: $(VENV)/.docs ## the documentation as a site, in site/; a link or an anchor that leads nowhere is an error
	NO_MKDOCS_2_WARNING=true $(VENV)/bin/mkdocs build --strict

lock: $(READY) ## resolve the dependencies anew
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --group dev --extra bench --extra sql --extra montecarlo --extra openlineage pyproject.toml -o requirements/dev.txt $(ARGS)
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --extra sink --extra sql --extra cluster --extra montecarlo --extra openlineage \
		pyproject.toml -o requirements/runtime.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --group build -o requirements/build.txt
	$(VENV)/bin/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header -c requirements/dev.txt --group docs -o requirements/docs.txt

audit: $(READY) ## look the locked dependencies up among known vulnerabilities
	$(VENV)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/runtime.txt
	$(VENV)/bin/pip-audit --strict --disable-pip --require-hashes -r requirements/build.txt

build: $(READY) ## source archive and wheel, into dist/
	$(PYTHON) -m hatchling build -d $(DIST)

sbom: $(READY) ## bill of materials (CycloneDX) of what the image holds, into dist/
	mkdir -p $(DIST)
	$(VENV)/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
		-o $(DIST)/puffy-exporter.cdx.json requirements/runtime.txt

chart: manifests ## the chart as an archive, and all manifests, into dist/
	mkdir -p $(DIST)
	$(HELM) package deploy/helm/puffy-exporter --destination $(DIST)
	cp deploy/kubernetes/*.yaml $(DIST)

changelog: ## fail where the change since BASE has no line in the changelog
	@git diff --quiet $(BASE)...HEAD -- exporter prometheus alertmanager grafana deploy Dockerfile docker-compose.yml \
		|| ! git diff --quiet $(BASE)...HEAD -- CHANGELOG.md \
		|| { echo "say in CHANGELOG.md, under Unreleased, what changed" >&2; exit 1; }

clean: ## remove what the other targets made
	rm -rf $(VENV) $(DIST) site .mypy_cache .ruff_cache .pytest_cache .hypothesis demo-data

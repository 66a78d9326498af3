# One verb per chore; CI calls the same ones. `make help` lists them.
.DEFAULT_GOAL := help
.PHONY: help up stop status psql airflow demo report backup restore alert-test backfill rebuild timelapse quarantine replay source-new source-check land landing-scan test proof bench lint docs lock clean install install-dev

PYTHON_BIN := .venv/bin/python
LOCAL := $(PYTHON_BIN) -m local
DAYS_WANTED = $(if $(DAY),--date "$(DAY)") $(if $(DAYS),--days "$(DAYS)")

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-12s %s\n", $$1, $$2}' Makefile

up: install ## start PostgreSQL and Airflow under .local/, whatever of them is missing
	@$(LOCAL) up

stop: ## stop them; the data stays
	@if [ -x $(PYTHON_BIN) ]; then $(LOCAL) stop; fi

status: install ## what runs, where, and which days are in the marts
	@$(LOCAL) status

psql: install ## a SQL prompt (ROLE=reader|loader|transformer|owner); reads SQL from standard input, too
	@$(LOCAL) psql $(if $(ROLE),--role $(ROLE))

airflow: install ## Airflow's own command line, e.g. make airflow ARGS="dags list"
	@$(LOCAL) airflow $(ARGS)

demo: install ## DAYS=28 days of a company (SCALE=1, SEED=1, LANDING=dir), from files to KPIs
	@$(LOCAL) demo $(if $(DAYS),--days "$(DAYS)") $(if $(SCALE),--scale "$(SCALE)") $(if $(SEED),--seed "$(SEED)") \
	    $(if $(LANDING),--landing "$(LANDING)")

backfill: install ## one run for the days START=2026-01-01 to END=2026-03-31, followed to the marts
	@$(LOCAL) backfill $(if $(START),--start "$(START)") $(if $(END),--end "$(END)")

report: install ## the KPIs in one HTML file, .local/report.html, to send or print; it needs no network
	@$(LOCAL) report

backup: install ## both databases in files, with a checksum of each table (TO=dir; else under .local/backups)
	@$(LOCAL) backup $(if $(TO),--to "$(TO)")

restore: install ## both databases as they were in the backup FROM=dir, in place of what is there; compared
	@$(LOCAL) restore --from "$(FROM)"

alert-test: install ## send a message to where alerts go (ALERT_URL in .env)
	@$(LOCAL) alerts test

rebuild: install ## compute everything that dbt builds anew, from what is published
	@$(LOCAL) rebuild

timelapse: install ## FACTOR=52.14 days of the company in a day (DAYS=365 of them), until yesterday; FACTOR=0: off
	@$(LOCAL) timelapse $(if $(FACTOR),--factor "$(FACTOR)") $(if $(DAYS),--days "$(DAYS)") \
	    $(if $(SCALE),--scale "$(SCALE)") $(if $(SEED),--seed "$(SEED)")

quarantine: install ## the lines that are held back, and why (SOURCE=, DAY=, DAYS=2026-03-01..2026-03-31, CODE=)
	@$(LOCAL) ingestion quarantine $(DAYS_WANTED) $(if $(SOURCE),--source "$(SOURCE)") $(if $(CODE),--code "$(CODE)")

replay: install ## load the days again of which lines of SOURCE= are held back (DAY=, DAYS=), after its contract was mended
	@$(LOCAL) pipeline replay "$(SOURCE)" $(DAYS_WANTED)

source-new: install ## draft a contract from a sample, FILE=, with every guess marked (SOURCE= names it)
	@$(LOCAL) ingestion new "$(FILE)" $(if $(SOURCE),--source "$(SOURCE)")

source-check: install ## what would become of FILE= by the contract of SOURCE= (DAY=, KIND=); needs no warehouse
	@$(LOCAL) ingestion check "$(SOURCE)" "$(FILE)" $(if $(DAY),--date "$(DAY)") $(if $(KIND),--kind "$(KIND)")

land: install ## put FILE= of SOURCE= into the landing area (DAY= of arrival; BY=field: each record to the day of its own)
	@$(LOCAL) ingestion land "$(SOURCE)" "$(FILE)" $(if $(DAY),--date "$(DAY)") $(if $(BY),--by "$(BY)")

landing-scan: install ## landed and never loaded, changed since, loaded and gone (DAY=, DAYS=; HASH=1: by bytes)
	@$(LOCAL) ingestion scan $(DAYS_WANTED) $(if $(filter 1,$(HASH)),--by-content)

test: install-dev ## all tests, on throwaway PostgreSQLs, a file for each core at a time, and one more (ARGS="-k sessions" for some)
	@$(PYTHON_BIN) -m pytest -n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder $(ARGS)

proof: install-dev ## the order of loads and builds does not matter: EXAMPLES=100 scripts; remembers which are done
	@$(PYTHON_BIN) -m tests.proof $(if $(EXAMPLES),--examples "$(EXAMPLES)")

bench: install ## measure, each figure beside a yardstick of the same run; writes docs/benchmarks.md (FULL=1: all)
	@$(PYTHON_BIN) -m bench $(if $(filter 1,$(FULL)),--full) $(ARGS)

lint: install-dev ## ruff, sqlfluff, and the contracts by their schema
	@$(PYTHON_BIN) -m ruff check .
	@$(PYTHON_BIN) -m ruff format --check .
	@$(PYTHON_BIN) -m check_jsonschema --schemafile docs/contract.schema.json ingestion/sources/*.yml
	@$(PYTHON_BIN) -m sqlfluff lint --processes 0 dbt sql ingestion validation alerts

docs: install ## write anew what is generated: definitions, field map, vocabulary, keys of a contract, dashboards
	@$(PYTHON_BIN) -m dashboards
	@$(PYTHON_BIN) -m dashboards.grafana
	@$(PYTHON_BIN) -m ingestion vocabulary > docs/vocabulary.md
	@$(PYTHON_BIN) -m ingestion contract-reference
	@$(PYTHON_BIN) -m pipeline lineage --to docs/lineage.md

lock: ## pin what requirements*.in name, for Python 3.11 to 3.13 (needs uv)
	uv pip compile --universal --python-version 3.11 --quiet --output-file requirements.txt requirements.in
	uv pip compile --universal --python-version 3.11 --quiet --output-file requirements-dev.txt requirements-dev.in

clean: ## stop everything and remove it, with its data; .venv stays
	@if [ -x $(PYTHON_BIN) ]; then $(LOCAL) clean; else rm -rf .local; fi

install:
	@sh local/install.sh requirements.txt

install-dev:
	@sh local/install.sh requirements.txt requirements-dev.txt

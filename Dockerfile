# The platform: the same code, pins and environment variables as the local stack, on the same version of Python.
FROM python:3.12.12-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TZ=UTC \
    AIRFLOW_HOME=/var/lib/engagement/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/engagement/dags \
    AIRFLOW__CORE__PLUGINS_FOLDER=/opt/engagement/plugins \
    PYTHONPATH=/opt/engagement:/opt/engagement/config

# tini reaps the processes that tasks leave behind.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home engagement \
    && mkdir -p /var/lib/engagement/airflow /var/lib/engagement/landing /var/lib/engagement/data_docs \
    && chown -R engagement /var/lib/engagement

WORKDIR /opt/engagement
COPY requirements.txt .
COPY local/__init__.py local/requirements.py local/
# Bytecode is made here: the user that runs it may not write it.
RUN UV_COMPILE_BYTECODE=1 UV_NO_CACHE=1 PIP_NO_CACHE_DIR=1 python -m local.requirements requirements.txt \
    && pip uninstall --quiet --yes --root-user-action ignore uv

COPY --chown=engagement . .
RUN mkdir -p dbt/target && chown engagement . dbt/target
USER engagement

ENTRYPOINT ["tini", "--"]

# The platform: the same code, pins and environment variables as the local stack, on the same version of Python.
FROM python:3.12.12-slim-bookworm

ENV PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TZ=UTC \
    AIRFLOW_HOME=/var/lib/engagement/airflow \
    AIRFLOW__CORE__DAGS_FOLDER=/opt/engagement/dags \
    PYTHONPATH=/opt/engagement:/opt/engagement/config

# tini reaps the processes that tasks leave behind.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home engagement \
    && mkdir -p /var/lib/engagement/airflow /var/lib/engagement/landing /var/lib/engagement/data_docs \
    && chown -R engagement /var/lib/engagement

COPY requirements.txt /opt/engagement/requirements.txt
RUN pip install --no-cache-dir --requirement /opt/engagement/requirements.txt

COPY --chown=engagement . /opt/engagement
WORKDIR /opt/engagement
RUN mkdir -p dbt/target && chown engagement . dbt/target
USER engagement

ENTRYPOINT ["tini", "--"]

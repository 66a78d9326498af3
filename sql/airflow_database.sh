#!/bin/bash
# Airflow's own database, beside the warehouse. Run once by the PostgreSQL image, when its volume is new.
set -euo pipefail
psql --no-psqlrc --set ON_ERROR_STOP=1 --set password="$AIRFLOW_DB_PASSWORD" \
    --username "$POSTGRES_USER" --dbname postgres <<'SQL'
create role airflow login password :'password';
create database airflow owner airflow;
revoke all on database airflow from public;
SQL

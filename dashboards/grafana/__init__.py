"""Grafana: provisioning, and dashboards written from `sql/` and a layout."""

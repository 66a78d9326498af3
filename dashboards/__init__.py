"""What people look at: Grafana dashboards and the guide for Looker Studio."""

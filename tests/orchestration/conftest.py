"""The landing area and the warehouse are those of the tests of the loading."""

from tests.ingestion.conftest import landing, loader

__all__ = ["landing", "loader"]

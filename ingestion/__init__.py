"""Landing files to raw tables: contracts, reading, loading, quarantine, publishing, and the state of each load day."""

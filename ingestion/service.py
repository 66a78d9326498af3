"""What the DAG, the command line and the tests call. Each function takes an open connection of the role loader."""

from ingestion.builds import (
    Build,
    BuildState,
    build_of,
    build_state,
    claim,
    finish,
    first_unbuilt_day,
    pending_rebuilds,
    record_run_end,
    record_run_start,
    release,
)
from ingestion.contract_yaml import load_contracts
from ingestion.contracts import Contract, Lines
from ingestion.errors import BuildError, ContractError, LoadError, StoreError
from ingestion.landing import landed_days
from ingestion.loading import DayLoad, FileLoad, load_day
from ingestion.publishing import publish_day, publish_days, reject_day
from ingestion.ranges import load_days
from ingestion.targets import staging_table

__all__ = [
    "Build",
    "BuildError",
    "BuildState",
    "Contract",
    "ContractError",
    "DayLoad",
    "FileLoad",
    "Lines",
    "LoadError",
    "StoreError",
    "build_of",
    "build_state",
    "claim",
    "finish",
    "first_unbuilt_day",
    "landed_days",
    "load_contracts",
    "load_day",
    "load_days",
    "pending_rebuilds",
    "publish_day",
    "publish_days",
    "record_run_end",
    "record_run_start",
    "reject_day",
    "release",
    "staging_table",
]

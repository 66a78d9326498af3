"""Full extracts: files that say what a table holds at one moment, all of it.

What vanished between two extracts is found in the warehouse (dbt/models/intake/extract_changes.sql): only there are
both known. Here each row, and each file, learns of which extract it is.
"""

import datetime

from ingestion.contracts import FileContract


def extract_moment(contract: FileContract, load_date: datetime.date) -> datetime.datetime:
    """The moment of which a full extract tells: the first moment of its load day, in UTC."""
    return datetime.datetime.combine(load_date, datetime.time(), datetime.UTC)


def extract_columns(contract: FileContract, load_date: datetime.date) -> dict[str, str]:
    """What the rows of a full extract hold where the contract says nothing; nothing for a feed of changes.

    A row without a time of its own changed, as far as anybody knows, at the moment of the extract.
    """
    if not contract.is_extract:
        return {}
    moment = str(extract_moment(contract, load_date))
    return {contract.target.moment: moment, "extract_of": contract.name, "extracted_at": moment}

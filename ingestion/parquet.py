"""Parquet files as columns of values such as JSON knows them: text, number, true or false, null, array, object.

Times become ISO texts, with Z where the file says that they are moments. Decimals and dates become texts, so that no
digit is lost. Bytes are text where they are UTF-8, and else written as PostgreSQL writes bytea. NaN is null, as pandas
writes it for what is missing.
"""

import datetime
import math
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

from ingestion.errors import LoadError
from ingestion.reading import LandedFile

if TYPE_CHECKING:
    import pyarrow as pa

ROWS_AT_ONCE = 2000


def parquet_batches(landed: LandedFile) -> Iterator[tuple[list[str], list[list[Any]]]]:
    """The names of the columns, and for some rows at a time the values of each column.

    Raises `LoadError` where it is no Parquet file, or a damaged one.
    """
    import pyarrow as pa  # Few files are Parquet, and every task imports this module.
    import pyarrow.parquet as pq

    with _seekable(landed) as stream:
        if stream is None:
            return
        try:
            with pq.ParquetFile(stream) as file:
                for batch in file.iter_batches(batch_size=ROWS_AT_ONCE):
                    yield batch.schema.names, [_values(column) for column in batch.columns]
        except (pa.ArrowException, OSError) as error:
            raise LoadError(
                f"{landed.path} cannot be read as Parquet: {error}.\n"
                f"Remedy: have it landed again, or name its format in its contract."
            ) from error


@contextmanager
def _seekable(landed: LandedFile) -> Iterator[BinaryIO | None]:
    """A copy of the file's content on this machine, which can be read from anywhere; None where there is none."""
    with tempfile.TemporaryFile() as copy:
        for block in landed.blocks():
            copy.write(block)
        if landed.breaks_off:
            raise LoadError(
                f"{landed.path}: {landed.breaks_off.split('.')[0]}.\n"
                f"Remedy: have it landed again, and load the day again: without its end a Parquet file has no rows."
            )
        yield copy if copy.tell() else None


def _values(column: "pa.Array") -> list[Any]:
    """The values of a column. What Arrow can turn into text itself is some ten times faster that way."""
    import pyarrow as pa

    kind, types = column.type, pa.types
    if types.is_dictionary(kind):
        return _values(column.dictionary_decode())
    if types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz and "UTC"), safe=False).cast(pa.string())
    elif types.is_date(kind):
        column = column.cast(pa.date32()).cast(pa.string())
    elif types.is_float32(kind):  # 0.1 is meant, and not 0.10000000149011612
        return [_json(value) for value in column.cast(pa.string()).cast(pa.float64()).to_pylist()]
    elif not (types.is_integer(kind) or types.is_boolean(kind) or types.is_string(kind) or types.is_large_string(kind)):
        return [_json(value) for value in column.to_pylist(maps_as_pydicts="lossy")]
    return column.to_pylist()


def _json(value: Any) -> Any:
    """A value as JSON has it."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None if math.isnan(value) else f"{'-' * (value < 0)}Infinity"
    if isinstance(value, dict):
        return {str(_json(key)): _json(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_json(item) for item in value]
    if isinstance(value, Decimal):
        return format(value, "f") if value.as_tuple().exponent < 0 else int(value)
    if isinstance(value, datetime.datetime):
        return f"{value.astimezone(datetime.UTC).replace(tzinfo=None)}Z" if value.tzinfo else str(value)
    if isinstance(value, datetime.timedelta):
        return value.total_seconds()
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return rf"\x{value.hex()}"
    return value if value is None or isinstance(value, str | bool | int) else str(value)

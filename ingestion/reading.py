"""A landed file as lines: plain or gzip, in one pass, in constant memory."""

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from upath import UPath

from ingestion.errors import LoadError

CHUNK = 256 * 1024  # bytes read, and inflated, at a time
LONGEST_LINE = 10 * 1024**2  # bytes; a longer line is quarantined
LONGEST_KEPT = 64 * 1024**2  # bytes; with a longer one the file is refused: it is not made of lines
GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Tear:
    """Where a compressed file breaks off: in line `line_no`, of which `raw` is there."""

    line_no: int
    raw: bytes
    detail: str


class LandedFile:
    """One pass over one file.

    Attributes, complete once `batches` is exhausted:
        bytes_read: as the file lies there, compressed where it is.
        sha256: of the same bytes.
        tear: where the file breaks off, if it does.
    """

    def __init__(self, path: UPath) -> None:
        self.path = path
        self.bytes_read = 0
        self.tear: Tear | None = None
        self._digest = hashlib.sha256()
        self._is_truncated = False

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def batches(self) -> Iterator[tuple[int, list[bytes]]]:
        """Lists of lines, with the number of the first; without the newline, with the carriage return.

        Of a truncated gzip file the complete lines are sound; `tear` tells of the rest. Raises `LoadError` when the
        file is damaged (any line of it may then be wrong), changes while it is read, or is not made of lines.
        """
        before = _fingerprint(self.path)
        line_no = 1
        begun: list[bytes] = []  # the pieces of a line whose end has not been read
        for block in self._blocks():
            lines = block.split(b"\n")
            if len(lines) > 1:
                lines[0] = b"".join([*begun, lines[0]])
                begun = []
            begun.append(lines.pop())
            if sum(map(len, begun)) > LONGEST_KEPT:
                raise LoadError(
                    f"{self.path}, line {line_no + len(lines)}: longer than {LONGEST_KEPT // 1024**2} MiB.\n"
                    f"Remedy: this is no file of lines; land it as NDJSON or CSV, or remove it."
                )
            if lines:
                yield line_no, lines
                line_no += len(lines)
        if _fingerprint(self.path) != before:
            raise LoadError(
                f"{self.path} changed while it was read.\n"
                f"Remedy: let producers write under a name that begins with a dot and rename at the end; load again."
            )
        rest = b"".join(begun)
        if self._is_truncated:
            detail = (
                f"the gzip data ends after {self.bytes_read} bytes, before its end mark. The complete lines are "
                f"loaded; what follows is missing. Remedy: have it landed again, and load the day again."
            )
            self.tear = Tear(line_no, rest, detail)
        elif rest:
            yield line_no, [rest]

    def _blocks(self) -> Iterator[bytes]:
        """The content, inflated where it is gzip. The first bytes tell that, not the name."""
        with self.path.open("rb") as self._stream:
            first = self._read()
            blocks = self._inflated(first) if first.startswith(GZIP) else self._plain(first)
            for number, block in enumerate(blocks):
                yield block.removeprefix(BOM) if number == 0 else block

    def _plain(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            yield chunk
            chunk = self._read()

    def _inflated(self, chunk: bytes) -> Iterator[bytes]:
        """Inflate at most CHUNK bytes at a time; a gzip file may have several members, and zeros after the last."""
        member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        while True:
            if member.eof:
                chunk = chunk.lstrip(b"\0")
                if not chunk and not (chunk := self._read()):
                    return
                if chunk.startswith(b"\0"):
                    continue
                member = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
            try:
                block = member.decompress(chunk, CHUNK)
            except zlib.error as error:
                raise LoadError(
                    f"{self.path} is damaged, before byte {self.bytes_read}: {error}.\n"
                    f"Remedy: have it landed again, and load the day again; any value in it may be wrong."
                ) from error
            if block:
                yield block
            if member.eof:
                chunk = member.unused_data
            elif not (chunk := member.unconsumed_tail or self._read()) and not block:
                self._is_truncated = True
                return

    def _read(self) -> bytes:
        chunk = self._stream.read(CHUNK)
        self._digest.update(chunk)
        self.bytes_read += len(chunk)
        return chunk


def digest(path: UPath) -> str:
    """The SHA-256 of a file as it lies there."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fingerprint(path: UPath) -> tuple[int, float]:
    """What changes when a file is rewritten."""
    status = path.stat()
    return status.st_size, status.st_mtime

"""A landed file as blocks or lines: plain, gzip or zstd, in one pass, in constant memory."""

import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Protocol

from upath import UPath

from ingestion.errors import ContractError, LoadError, StoreError
from ingestion.text_encoding import UTF_8, Transcoder

CHUNK = 256 * 1024  # bytes read, and inflated, at a time
LONGEST_LINE = 10 * 1024**2  # bytes; a longer line is quarantined
LONGEST_KEPT = 64 * 1024**2  # bytes; with a longer one the file is refused: it is not made of lines
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Tear:
    """Where a file breaks off: in line `line_no`, of which `raw` is there."""

    line_no: int
    raw: bytes
    detail: str


class Member(Protocol):
    """Inflates one member of a gzip file, or one frame of a zstd file, in pieces."""

    eof: bool
    needs_input: bool
    unused_data: bytes

    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class GzipMember:
    """`zlib`, with the attributes that the other decompressors of the standard library have."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inflate.eof

    @property
    def unused_data(self) -> bytes:
        return self._inflate.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        block = self._inflate.decompress(self._inflate.unconsumed_tail + data, max_length)
        self.needs_input = not self._inflate.unconsumed_tail and len(block) < max_length
        return block


def compression(first: bytes) -> tuple[str, type[Member], type[Exception]] | None:
    """The name of what a file is compressed by, what inflates it, and its error; None where it is not compressed."""
    if first.startswith(b"\x1f\x8b"):
        return "gzip", GzipMember, zlib.error
    if first[:4] == b"\x28\xb5\x2f\xfd" or (first[1:4] == b"\x2a\x4d\x18" and first[0] & 0xF0 == 0x50):
        from backports import zstd  # Few files are zstd, and every task imports this module.

        return "zstd", zstd.ZstdDecompressor, zstd.ZstdError
    return None


class LandedFile:
    """One pass over one file.

    Attributes, complete once `blocks` or `batches` is exhausted:
        bytes_read: as the file lies there, compressed where it is.
        sha256: of the same bytes.
        breaks_off: how, if the file does; its complete lines are sound.
        tear: the same, with the line in which it breaks off; only `batches` knows that.
    """

    def __init__(self, path: UPath, encoding: str = UTF_8) -> None:
        self.path = path
        self.bytes_read = 0
        self.breaks_off: str | None = None
        self.tear: Tear | None = None
        self._digest = hashlib.sha256()
        self._transcoder = None if encoding == UTF_8 else Transcoder(encoding)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def batches(self) -> Iterator[tuple[int, list[bytes]]]:
        """Lists of lines in UTF-8, with the number of the first; without the newline, with the carriage return.

        Raises `LoadError` as `blocks` does, and when the file is not made of lines.
        """
        line_no = 1
        begun: list[bytes] = []  # the pieces of a line whose end has not been read
        for block in self.blocks():
            lines = block.split(b"\n")
            if len(lines) > 1:
                lines[0] = b"".join([*begun, lines[0]])
                begun = []
            begun.append(lines.pop())
            if sum(map(len, begun)) > LONGEST_KEPT:
                raise LoadError(
                    f"{self.path}, line {line_no + len(lines)}: longer than {LONGEST_KEPT // 1024**2} MiB.\n"
                    f"Remedy: this is no file of lines; land it in the format that its contract names, or remove it."
                )
            if lines:
                yield line_no, lines
                line_no += len(lines)
        rest = b"".join(begun)
        if self.breaks_off:
            pending = self._transcoder.pending if self._transcoder else b""
            self.tear = Tear(line_no, self.as_landed(rest) + pending, self.breaks_off)
        elif rest:
            yield line_no, [rest]

    def blocks(self) -> Iterator[bytes]:
        """The content in UTF-8, inflated where it is compressed. The first bytes tell that, not the name.

        Raises `LoadError` when the file is damaged (any line of it may then be wrong), or changes while it is read.
        """
        before = _fingerprint(self.path)
        with answering(self.path):
            stream = self.path.open("rb")
        with stream as self._stream:
            first = self._read()
            compressed = compression(first)
            blocks = self._inflated(first, *compressed) if compressed else self._plain(first)
            blocks = self._transcoder.utf8(blocks) if self._transcoder else blocks
            for number, block in enumerate(blocks):
                yield block.removeprefix(BOM) if number == 0 else block
        if _fingerprint(self.path) != before:
            raise _changed(self.path)
        if self._transcoder and self._transcoder.pending and not self.breaks_off:
            self.breaks_off = self._said("the text ends in the middle of a character")

    def as_landed(self, piece: bytes) -> bytes:
        """The bytes that landed where `blocks` gave these."""
        return self._transcoder.as_landed(piece) if self._transcoder else piece

    def _plain(self, chunk: bytes) -> Iterator[bytes]:
        while chunk:
            yield chunk
            chunk = self._read()

    def _inflated(
        self, chunk: bytes, name: str, new_member: type[Member], error_type: type[Exception]
    ) -> Iterator[bytes]:
        """Inflate at most CHUNK bytes at a time; a file may have several members, and zeros after the last."""
        member = new_member()
        while True:
            if member.eof:
                chunk = chunk.lstrip(b"\0")
                if not chunk and not (chunk := self._read()):
                    return
                if chunk.startswith(b"\0"):
                    continue
                member = new_member()
            try:
                block = member.decompress(chunk, CHUNK)
            except error_type as error:
                raise LoadError(
                    f"{self.path} is damaged, before byte {self.bytes_read}: {error}.\n"
                    f"Remedy: have it landed again, and load the day again; any value in it may be wrong."
                ) from error
            if block:
                yield block
            if member.eof:
                chunk = member.unused_data
            elif not member.needs_input:
                chunk = b""
            elif not (chunk := self._read()):
                self.breaks_off = self._said(f"the {name} data ends after {self.bytes_read} bytes, before its end mark")
                return

    @staticmethod
    def _said(how: str) -> str:
        return (
            f"{how}. The complete lines are loaded; what follows is missing. "
            f"Remedy: have it landed again, and load the day again."
        )

    def _read(self) -> bytes:
        with answering(self.path):
            chunk = self._stream.read(CHUNK)
        self._digest.update(chunk)
        self.bytes_read += len(chunk)
        return chunk


@contextmanager
def answering(path: UPath) -> Iterator[None]:
    """Within the block, what is asked of a path; the errors of whatever holds it become `StoreError`.

    Of object storage any error is one: each kind has its own.
    """
    try:
        yield
    except (ContractError, LoadError, StoreError):
        raise
    except Exception as error:
        if type(error).__name__ == "FileExpired":  # so s3fs says that there is another object now
            raise _changed(path) from error
        if not isinstance(error, OSError) and path.protocol in ("", "file", "local", "memory"):
            raise
        raise StoreError(
            f"{path} cannot be read: {type(error).__name__}: {error}.\n"
            f"Remedy: see whether the storage answers, and lets these credentials list and read; load the day again."
        ) from error


def _changed(path: UPath) -> LoadError:
    return LoadError(
        f"{path} changed while it was read.\n"
        f"Remedy: let producers write under a name that begins with a dot and rename at the end; load again."
    )


def digest(path: UPath) -> str:
    """The SHA-256 of a file as it lies there."""
    with answering(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fingerprint(path: UPath) -> tuple[int, float]:
    """What changes when a file is rewritten."""
    with answering(path):
        status = path.stat()
    return status.st_size, status.st_mtime

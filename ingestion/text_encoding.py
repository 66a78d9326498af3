"""Texts in another encoding than UTF-8, read as UTF-8 without losing a byte of what landed."""

import codecs
from collections.abc import Iterator
from functools import cache

UTF_8 = "utf-8"
UTF_16 = ("utf-16", "utf-16-le", "utf-16-be")
ASCII = bytes([*b"\t\n\r", *range(0x20, 0x7F)])
# They switch between character sets within a text, so that a line does not stand for itself.
STATEFUL = ("utf-7", "hz", "iso2022")


@cache
def known_encoding(name: str) -> str:
    """The codec's own name of an encoding whose files can be read. Raises `ValueError`, which says why it cannot.

    The bytes of a line that is held back are made from its text again. So a text must lead back to its bytes, and a
    line's end, a quote and a delimiter must be one byte each, or two of UTF-16.
    """
    try:
        codec = codecs.lookup(name)
        codec.incrementaldecoder().decode(b"")
    except (LookupError, TypeError, ValueError, AssertionError) as error:
        raise ValueError(f"{name!r} is no text encoding that Python knows") from error
    if codec.name in ("utf-8", "utf-8-sig"):
        return UTF_8
    if codec.name in UTF_16:
        return codec.name
    try:
        keeps_ascii = not codec.name.startswith(STATEFUL) and ASCII.decode(codec.name).encode(codec.name) == ASCII
        keeps_ascii = keeps_ascii and ASCII.decode(codec.name) == ASCII.decode("ascii")
    except (LookupError, ValueError):
        keeps_ascii = False
    if not keeps_ascii or not all(_leads_back(codec.name, bytes(pair)) for pair in _pairs()):
        raise ValueError(f"files in {codec.name} cannot be read here")
    return codec.name


def _pairs() -> Iterator[tuple[int, int]]:
    return ((first, second) for first in range(0x80, 0x100) for second in range(0x20, 0x100))


def _leads_back(encoding: str, raw: bytes) -> bool:
    return raw.decode(encoding, "surrogateescape").encode(encoding, "surrogateescape") == raw


class Transcoder:
    """Turns the blocks of one file into UTF-8, and pieces of that back into the bytes that landed.

    A byte that is no text becomes half a surrogate pair, which UTF-8 does not allow: the line that holds it is refused
    like any other that is no UTF-8.

    Attributes:
        pending: the bytes at the end of the file that begin a character and do not end it.
    """

    def __init__(self, encoding: str) -> None:
        self._encoding = encoding
        self._errors = "surrogatepass" if encoding in UTF_16 else "surrogateescape"
        self.pending = b""

    def utf8(self, blocks: Iterator[bytes]) -> Iterator[bytes]:
        first = next(blocks, b"")
        while len(first) < 2 and (more := next(blocks, b"")):
            first += more
        if self._encoding == "utf-16":  # without a mark it is little-endian, as Windows writes it
            self._encoding = "utf-16-be" if first.startswith(codecs.BOM_UTF16_BE) else "utf-16-le"
        decoder = codecs.getincrementaldecoder(self._encoding)(self._errors)
        yield decoder.decode(first).encode(errors="surrogatepass")
        for block in blocks:
            yield decoder.decode(block).encode(errors="surrogatepass")
        self.pending = decoder.getstate()[0]

    def as_landed(self, piece: bytes) -> bytes:
        return piece.decode(errors="surrogatepass").encode(self._encoding, self._errors)

"""Cuts the records out of a JSON document, as the bytes that landed, in constant memory.

The records are elements of an array. Only what is between them is parsed here; a record may be broken inside. A record
that has no end, because a bracket or a quote is missing, would swallow all that follows. Then reading goes on at the
next line that begins like the earlier lines on which a record began.

Where all is well, msgspec finds the records of a block of the file at once, some ten times faster.
"""

import re
from collections.abc import Iterator
from contextlib import suppress

import msgspec

from ingestion.errors import LoadError
from ingestion.reading import CHUNK, LONGEST_KEPT, LONGEST_LINE, LandedFile

BLANK = re.compile(rb"[ \t\r\n]*+")
SCALAR = re.compile(rb"[^ \t\r\n,\[\]{}\"]++")
TEXT = rb'"[^"\\\n]*+(?:\\.[^"\\\n]*+)*+'  # without the quote at its end; a JSON text never goes over a line's end
WHOLE_TEXT = re.compile(TEXT + rb'"')
BEGUN_TEXT = re.compile(TEXT + rb"\\?\Z")
UP_TO_BRACKET = re.compile(rb'(?:[^{}\[\]"]++|' + TEXT + rb'")*+')
STRAY = re.compile(rb"[,\]]")
OPENS = {b"}": b"{", b"]": b"["}
LINE_BEGINS = re.compile(rb"[ \t]*,?[ \t]*")  # what may stand before a record on its line
HEAD = re.compile(rb'\{[ \t\r\n]*+"[^"\\\n]*+"')  # how a record begins, up to its first key
BETWEEN = re.compile(rb"[ \t\r\n,]*+")
TRIES = 4  # to find where the last whole record of a block ends

_raw_elements = msgspec.json.Decoder(list[msgspec.Raw]).decode


class NoEndError(Exception):
    """The value that begins here has no end."""


class TornError(Exception):
    """The file ends within the document."""


class Pieces:
    """The elements of the array of one file, whatever they are; what stands between two of them is a piece, too.

    Args:
        path: the keys that lead to the array; none where the document is the array.
    """

    def __init__(self, landed: LandedFile, path: tuple[str, ...] = ()) -> None:
        self._path = path
        self._name = str(landed.path)
        self._blocks = landed.blocks()
        self._text = b""
        self._at = 0
        self._indent: bytes | None = None  # what stood before a record on its line
        self._is_fresh = True  # whether the text may hold several whole records
        self.rest: bytes | None = None  # once all pieces are read: the one that the file breaks off in

    def __iter__(self) -> Iterator[bytes]:
        """Raises `LoadError` where the document has no such array, and what reading the file raises."""
        if not self._peek():
            return
        try:
            self._enter()
            yield from self._elements()
            while not self._path and self._peek() == b"[":  # files that were joined
                yield from self._elements()
        except TornError:
            self.rest = self._text[self._at :]
            return
        except NoEndError as error:
            raise self._no_array("is no JSON") from error
        if self._path:
            for _ in self._blocks:  # the whole file is hashed, and looked at for damage
                pass
        elif self._peek():
            while self._more():
                pass
            yield self._take(len(self._text))

    def _enter(self) -> None:
        """Go to the array."""
        for depth, key in enumerate(self._path):
            place = ".".join(self._path[:depth]) or "the document"
            if self._peek() != b"{":
                raise self._no_array(f"holds no object in {place}")
            names = []
            while key not in names:
                self._at += 1  # the bracket, or the comma
                if self._peek() == b"}":
                    raise self._no_array(f"has no {key!r} in {place}; it has {', '.join(names)[:200] or 'nothing'}")
                names.append(self._key())
                if key != names[-1]:
                    self._take(self._end())
                    if self._peek() == b"}":
                        raise self._no_array(f"has no {key!r} in {place}; it has {', '.join(names)[:200]}")
        if self._peek() != b"[":
            raise self._no_array(f"holds no array in {'.'.join(self._path) or 'the document'}")

    def _key(self) -> str:
        try:
            key = msgspec.json.decode(self._take(self._end()), type=str)
        except msgspec.MsgspecError as error:
            raise self._no_array("is no JSON") from error
        if self._peek() != b":":
            raise self._no_array("is no JSON")
        self._at += 1
        self._peek()
        return key

    def _no_array(self, how: str) -> LoadError:
        return LoadError(
            f"{self._name} {how}.\nRemedy: name the file's format in its contract (json_array, json_document with the "
            f"path of its records under `records`, or ndjson), or have the file landed again."
        )

    def _elements(self) -> Iterator[bytes]:
        self._at += 1  # the bracket
        mark = self._peek()
        while mark != b"]":
            if not mark:
                raise TornError
            if self._is_fresh:
                self._is_fresh = False
                yield from self._whole_elements()
            piece, is_whole = self._element()
            yield piece
            if is_whole and self._peek() not in (b",", b"]", b""):
                yield self._stray()
            mark = self._peek()
            if mark == b"," and is_whole:
                self._at += 1
                mark = self._peek()
        self._at += 1

    def _whole_elements(self) -> list[bytes]:
        """The well-formed elements that the text holds, but for the last; none where they cannot be had at once.

        What is before the last element is a JSON array, once its bracket is added; then no other reading is possible.
        """
        text, head = self._text, HEAD.match(self._text, self._at)
        end = len(text)
        for _ in range(TRIES if head else 0):
            end = text.rfind(head[0], self._at + 1, end)
            if end < 0:
                return []
            comma = len(text[self._at : end].rstrip(b" \t\r\n")) - 1
            if text[self._at + comma : self._at + comma + 1] == b",":
                with suppress(msgspec.MsgspecError, RecursionError):
                    pieces = [bytes(raw) for raw in _raw_elements(b"[%b]" % text[self._at : self._at + comma])]
                    if max(map(len, pieces)) > LONGEST_LINE:
                        return []
                    self._remember_indent(pieces, end)
                    self._at = end
                    return pieces
            end = self._at + (end - self._at) // 2  # a broken record, or one within a record
        return []

    def _remember_indent(self, pieces: list[bytes], end: int) -> None:
        """Remember what stood before the last record that began on a line of its own."""
        if self._text.find(b"\n", max(0, self._at - 200), end) < 0:
            return
        places, at = [], self._at
        for piece in pieces:
            at = BETWEEN.match(self._text, at).end()
            places.append(at)
            at += len(piece)
        for place in reversed(places):
            if self._begins_line(place):
                return

    def _begins_line(self, at: int) -> bool:
        """Whether a record begins here, on a line of its own; then it is remembered what stood before it."""
        begin = self._text.rfind(b"\n", max(0, at - 200), at) + 1
        before = self._text[begin:at]
        if begin and LINE_BEGINS.fullmatch(before) and self._text.startswith(b"{", at):
            self._indent = before
            return True
        return False

    def _element(self) -> tuple[bytes, bool]:
        """The element that begins here, and whether it has an end; without one, it is all before the next record."""
        if self._at > CHUNK:
            begin = max(self._text.rfind(b"\n", 0, self._at), self._at - CHUNK)
            self._text, self._at = self._text[begin:], self._at - begin
        self._begins_line(self._at)
        try:
            return self._take(self._end()), True
        except NoEndError:
            return self._take(self._next_record()).rstrip(b", \t\r\n"), False

    def _stray(self) -> bytes:
        """What stands between an element and the comma behind it, and belongs to neither."""
        at = self._at
        while not (found := STRAY.search(self._text, at)):
            at = len(self._text)
            if not self._more():
                raise TornError
        return self._take(found.start())

    def _next_record(self) -> int:
        """Where the next record begins, on a line of its own."""
        if self._indent is not None:
            begins = re.compile(rb"\n" + re.escape(self._indent) + rb"\{")
            at = self._at
            while True:
                if found := begins.search(self._text, at):
                    return found.end() - 1
                at = max(self._at, len(self._text) - len(self._indent) - 2)
                if not self._more():
                    break
        while self._more():
            pass
        raise TornError

    def _end(self) -> int:
        """Where the value ends that begins here. Raises `NoEndError`, also where it is longer than any record."""
        at = self._at
        if not self._text.startswith((b"{", b"[", b'"'), at):
            return self._end_of_scalar(at)
        open_brackets: list[bytes] = []
        while at - self._at <= LONGEST_LINE:
            if not open_brackets and (found := WHOLE_TEXT.match(self._text, at)):
                return found.end()
            at = UP_TO_BRACKET.match(self._text, at).end()
            mark = self._text[at : at + 1]
            if mark in (b"{", b"["):
                open_brackets.append(mark)
                at += 1
            elif mark in OPENS:
                if not open_brackets or open_brackets.pop() != OPENS[mark]:
                    raise NoEndError
                at += 1
                if not open_brackets:
                    return at
            elif (mark and not BEGUN_TEXT.match(self._text, at)) or not self._more():
                raise NoEndError
        raise NoEndError

    def _end_of_scalar(self, at: int) -> int:
        while (found := SCALAR.match(self._text, at)) and found.end() == len(self._text):
            if not self._more():
                raise TornError
        if not found:
            raise NoEndError
        return found.end()

    def _take(self, end: int) -> bytes:
        piece = self._text[self._at : end]
        self._at = end
        return piece

    def _peek(self) -> bytes:
        """The next byte that is no blank; none at the end of the file."""
        while True:
            self._at = BLANK.match(self._text, self._at).end()
            if self._at < len(self._text):
                return self._text[self._at : self._at + 1]
            if not self._more():
                return b""

    def _more(self) -> bool:
        """Whether the file went on; then there is more text."""
        if len(self._text) - self._at > LONGEST_KEPT:
            raise LoadError(
                f"{self._name}: a record that begins with {self._text[self._at : self._at + 60]!r} has no end within "
                f"{LONGEST_KEPT // 1024**2} MiB.\n"
                f"Remedy: have it landed again; with each record on a line of its own, only that one is held back."
            )
        block = next(self._blocks, None)
        if block is None:
            return False
        self._text += block
        self._is_fresh = True
        return True

"""What a contract can do with a value on its way into a column: a small set of named transforms.

Each takes a value that is not null and gives a text, or None where there is nothing: a pattern that is not found, a
URL without that part.
"""

import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from ingestion.codes import country_code, language_code
from ingestion.errors import Rejected
from ingestion.json_text import encode, json_type

PLAIN = ("trim", "lower", "upper", "integer_text", "hash", "url_path", "host", "country", "language")
WITH_ARGUMENT = ("url_parameter", "regex", "map", "user_agent")
USER_AGENT = ("device_type", "os", "browser")
LOSSLESS = ("trim", "lower", "upper", "integer_text")  # what comes out still says what went in
EXACT = 2**53  # from here on a floating-point number does not tell whole numbers apart
BLANK = " \t\r\n"

Apply = Callable[[Any], str | None]


@dataclass(frozen=True)
class Transform:
    """One step.

    Attributes:
        argument: of `url_parameter` its name, of `regex` the pattern, of `user_agent` what of it.
        values: of `map`, from and to.
        otherwise: of `map`, what a value becomes that is not among them; None: it stays.
    """

    name: str
    argument: str | None = None
    values: Mapping[str, str] = field(default_factory=dict)
    otherwise: str | None = None

    def __str__(self) -> str:
        return self.name if self.argument is None else f"{self.name} {self.argument}"


def is_lossless(transforms: tuple[Transform, ...]) -> bool:
    """Whether the value can be told from what is made of it."""
    return all(transform.name in LOSSLESS for transform in transforms)


def applied(transforms: tuple[Transform, ...], column: str, numeral: Callable[[str], str]) -> Apply:
    """All of them as one function, which raises `Rejected` for a value that cannot be transformed.

    Args:
        numeral: how the text of a number is written with a decimal point.
    """
    steps = [_step(transform, column, numeral) for transform in transforms]
    if len(steps) == 1:
        return steps[0]

    def apply(value: Any) -> str | None:
        for step in steps:
            value = step(value)
            if value is None:
                return None
        return value

    return apply


def _step(transform: Transform, column: str, numeral: Callable[[str], str]) -> Apply:
    if transform.name == "integer_text":
        return lambda value: _integer_text(column, value, numeral)
    change = _of_text(transform)
    is_hash = transform.name == "hash"

    def step(value: Any) -> str | None:
        if type(value) is not str:
            is_nested = is_hash and isinstance(value, list | dict)
            value = encode(value).decode() if is_nested else _text(column, transform, value)
        return change(value)

    return step


def _of_text(transform: Transform) -> Callable[[str], str | None]:
    argument = transform.argument
    match transform.name:
        case "trim":
            return str.strip
        case "lower":
            return str.lower
        case "upper":
            return str.upper
        case "hash":
            return lambda text: hashlib.sha256(text.encode()).hexdigest()
        case "url_path":
            return _url_path
        case "host":
            return _host
        case "country":
            return country_code
        case "language":
            return language_code
        case "url_parameter":
            return lambda text: _url_parameter(text, argument)
        case "regex":
            search = re.compile(argument).search
            return lambda text: found[1] if (found := search(text)) else None
        case "map":
            values, otherwise = transform.values, transform.otherwise
            if otherwise is None:
                return lambda text: values.get(text, text)
            return lambda text: values.get(text, otherwise)
        case "user_agent":
            which = USER_AGENT.index(argument)
            return lambda text: user_agent(text)[which]
    raise ValueError(transform.name)


def _text(column: str, transform: Transform, value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    raise Rejected("map", "invalid_value", f"{column} is {json_type(value)}, not a text ({transform})")


def _integer_text(column: str, value: Any, numeral: Callable[[str], str]) -> str:
    """873, 873.0 and "873" are one id, which is "873"."""
    if type(value) is int:
        return str(value)
    number, is_exact = None, True
    if isinstance(value, float):
        number, is_exact = Decimal(value) if value - value == 0 else None, abs(value) < EXACT
    elif isinstance(value, str):
        text = value.strip(BLANK)
        if text.isascii() and text.isdecimal():
            return text.lstrip("0") or "0"
        try:
            number = Decimal(numeral(text)) if "_" not in text and text.isascii() else None
        except InvalidOperation:
            number = None
        # 1.2E+17 was a floating-point number somewhere, and has lost digits.
        is_exact = number is None or not number.is_finite() or "e" not in text.lower() or abs(number) < EXACT
    if number is None or not number.is_finite() or number != number.to_integral_value():
        raise Rejected("map", "invalid_value", f"{column} is {value!r:.80}, not a whole number (integer_text)")
    if not is_exact:
        raise Rejected("map", "invalid_value", f"{column} is {value!r:.80}, which has lost digits (integer_text)")
    return str(int(number))


# What most URLs are. Python's urlsplit takes ten times as long to say the same of them.
_PLAIN_URL = re.compile(r"https?://[A-Za-z0-9.:-]*+(/[^?#\t\r\n]*+)(?:[?#][^\t\r\n]*+)?")


def _url_path(text: str) -> str | None:
    if url := _PLAIN_URL.fullmatch(text):
        return url[1]
    try:
        url = urlsplit(text)
    except ValueError:
        return None
    return url.path or ("/" if url.netloc else None)


def _host(text: str) -> str | None:
    try:
        return urlsplit(text).hostname
    except ValueError:
        return None


def _url_parameter(text: str, name: str) -> str | None:
    """The first value of a parameter, of a URL or of the part behind its `?`."""
    _, mark, query = text.partition("?")
    if not mark and "://" not in text:
        query = text
    query = query.partition("#")[0]
    if name not in query and "%" not in query and "+" not in query:
        return None
    return next((value for each, value in parse_qsl(query) if each == name), None)


# The systems that ua-parser names, and what runs on them.
_DESKTOPS = frozenset(
    {"Windows", "Mac OS X", "Linux", "Ubuntu", "Fedora", "Debian", "Chrome OS", "FreeBSD", "OpenBSD", "Solaris"}
)
_PHONES = frozenset({"iOS", "Android", "Windows Phone", "BlackBerry OS", "KaiOS", "Symbian OS", "Firefox OS", "Tizen"})
_TELEVISION = re.compile(
    r"smart-?tv|smarttv|apple ?tv|tvos|googletv|android tv|hbbtv|web0s|webos.tv|roku|aft[a-z]\b|bravia|crkey|netcast",
    re.I,
)
_BOT = "Spider"


@lru_cache(maxsize=10_000)
def user_agent(text: str) -> tuple[str | None, str | None, str | None]:
    """What a user agent says: (device type, operating system, browser). A bot has no device type."""
    import ua_parser  # Its rules take time to load, and few contracts need them.

    known = ua_parser.parse(text)
    os = known.os.family if known.os else None
    browser = known.user_agent.family if known.user_agent else None
    device = known.device.family if known.device else ""
    return _device_type(text, os, device), os, browser


def _device_type(text: str, os: str | None, device: str) -> str | None:
    if device == _BOT:
        return None
    if _TELEVISION.search(text):
        return "tv"
    if "iPad" in device or "Kindle" in device or "Tablet" in text:
        return "tablet"
    if os == "Android" and "Mobile" not in text:  # so Google asks makers of tablets to say it
        return "tablet"
    if os in _PHONES or "Mobile" in text:
        return "mobile"
    return "desktop" if os in _DESKTOPS else None

"""Names and codes of countries and languages to their codes of two letters (ISO 3166-1 alpha-2, ISO 639-1).

Names are those of Unicode CLDR, in English.
"""

import re
import unicodedata
from functools import cache, lru_cache

NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}  # groups, and what CLDR keeps for tests and the unknown
# Names that are much in use and not in CLDR's list: older ones, and those of the ISO.
OTHER_NAMES = {
    "Burma": "MM",
    "Congo": "CG",
    "Czech Republic": "CZ",
    "Democratic Republic of the Congo": "CD",
    "Great Britain": "GB",
    "Holland": "NL",
    "Ivory Coast": "CI",
    "Macau": "MO",
    "Macedonia": "MK",
    "Palestine": "PS",
    "Republic of Korea": "KR",
    "Russian Federation": "RU",
    "Swaziland": "SZ",
    "The Netherlands": "NL",
    "Turkey": "TR",
    "United States of America": "US",
    "Viet Nam": "VN",
}


@lru_cache(maxsize=10_000)
def country_code(text: str) -> str | None:
    """The code of a country by its English name, or by its code of two or three letters; None where there is none."""
    return _countries().get(_key(text))


@lru_cache(maxsize=10_000)
def language_code(text: str) -> str | None:
    """The code of a language by its English name, by a tag such as de-AT or by its code of three letters; or None."""
    known = _languages()
    return known.get(_key(text)) or known.get(re.split("[-_]", text.strip(), maxsplit=1)[0].lower())


@cache
def _countries() -> dict[str, str]:
    from babel import Locale  # Its data take time to load, and few contracts need them.
    from babel.core import get_global

    territories = Locale("en").territories
    codes = {code for code in territories if re.fullmatch("[A-Z]{2}", code)} - NO_COUNTRIES
    known = {_key(name): code for name, code in OTHER_NAMES.items()}
    for code in sorted(codes):
        name = territories[code]
        # "Hong Kong SAR China" is mostly called Hong Kong, and "Myanmar (Burma)" Myanmar.
        for spelling in (name, re.sub(r" SAR China$| \(.*\)$", "", name)):
            known[_key(spelling)] = code
    for alias, found in get_global("territory_aliases").items():  # three letters, and UK
        if re.fullmatch("[A-Z]{3}|UK", alias) and len(found) == 1 and found[0] in codes:
            known[_key(alias)] = found[0]
    return known | {_key(code): code for code in codes}


@cache
def _languages() -> dict[str, str]:
    from babel import Locale
    from babel.core import get_global

    names = {code: name for code, name in Locale("en").languages.items() if re.fullmatch("[a-z]{2}", code)}
    aliases = {alias: code for alias, code in get_global("language_aliases").items() if code in names}
    return {_key(name): code for code, name in names.items()} | aliases | {code: code for code in names}


def _key(text: str) -> str:
    """A name without case, accents and signs, so that one country is not written in several ways."""
    plain = unicodedata.normalize("NFKD", text.casefold().replace("&", " and "))
    words = re.findall(r"\w+", "".join(sign for sign in plain if not unicodedata.combining(sign)))
    return "".join("st" if word == "saint" else word for word in words)

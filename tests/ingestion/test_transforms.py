"""What a contract can do with a value."""

import hashlib
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingestion.errors import Rejected
from ingestion.transforms import Transform, applied, user_agent

CHROME = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
)
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 "
    "Mobile/15E148 Safari/604.1"
)
IPAD = IPHONE.replace("iPhone;", "iPad;").replace("iPhone OS 17_0", "OS 17_0")
PIXEL = CHROME.replace("Windows NT 10.0; Win64; x64", "Linux; Android 13; Pixel 7").replace("Safari", "Mobile Safari")
TABLET = PIXEL.replace("Pixel 7", "SM-X906C").replace(" Mobile", "")
TELEVISION = (
    "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) Version/6.0 TV Safari/537.36"
)
SAME = (873, 873.0, "873", "873.0", " 873. ", "0873", "8.73E2")
NOT_WHOLE = (8.5, "8.5", "x", "", "1_000", "nan", float("nan"), True, [1])
BOT = "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"


def apply(value, *transforms: Transform):
    return applied(transforms, "column", str)(value)


@pytest.mark.parametrize(
    ("transform", "value", "expected"),
    [
        (Transform("trim"), "  a b ", "a b"),
        (Transform("lower"), "IOS", "ios"),
        (Transform("upper"), "de", "DE"),
        (Transform("upper"), True, "TRUE"),
        (Transform("trim"), 873, "873"),
        *[(Transform("integer_text"), value, "873") for value in SAME],
        (Transform("integer_text"), "-0.0", "0"),
        (Transform("integer_text"), "9007199254740993", "9007199254740993"),
        (Transform("integer_text"), 9007199254740993, "9007199254740993"),
        (Transform("integer_text"), "9007199254740993.0", "9007199254740993"),
        (Transform("hash"), "ä", hashlib.sha256("ä".encode()).hexdigest()),
        (Transform("hash"), {"b": [1], "a": "ä"}, hashlib.sha256('{"a":"ä","b":[1]}'.encode()).hexdigest()),
        (Transform("url_path"), "https://example.org/blog/a?x=1#top", "/blog/a"),
        (Transform("url_path"), "https://example.org", "/"),
        (Transform("url_path"), "/blog?x=1", "/blog"),
        (Transform("url_path"), "", None),
        (Transform("url_path"), "https://[broken", None),
        (Transform("host"), "https://user@Example.org:8443/x", "example.org"),
        (Transform("host"), "example.org/x", None),
        (Transform("host"), "https://[broken", None),
        (Transform("country"), "United States", "US"),
        (Transform("country"), "USA", "US"),
        (Transform("country"), "uk", "GB"),
        (Transform("country"), " de ", "DE"),
        (Transform("country"), "Türkiye", "TR"),
        (Transform("country"), "Turkey", "TR"),
        (Transform("country"), "Cote d'Ivoire", "CI"),
        (Transform("country"), "Côte d’Ivoire", "CI"),
        (Transform("country"), "Bosnia and Herzegovina", "BA"),
        (Transform("country"), "Saint Lucia", "LC"),
        (Transform("country"), "Hong Kong", "HK"),
        (Transform("country"), "Myanmar", "MM"),
        (Transform("country"), "Congo - Kinshasa", "CD"),
        (Transform("country"), "Niger", "NE"),
        (Transform("country"), "Nigeria", "NG"),
        (Transform("country"), "European Union", None),
        (Transform("country"), "(not set)", None),
        (Transform("country"), "ZZ", None),
        (Transform("country"), "", None),
        (Transform("language"), "de-AT", "de"),
        (Transform("language"), "zh_Hans_CN", "zh"),
        (Transform("language"), " EN", "en"),
        (Transform("language"), "English", "en"),
        (Transform("language"), "Norwegian Bokmål", "nb"),
        (Transform("language"), "deu", "de"),
        (Transform("language"), "Filipino", None),  # its code has three letters, fil
        (Transform("language"), "xx-YY", None),
        (Transform("language"), "", None),
        (Transform("url_parameter", "utm_source"), "https://e.org/?a=1&utm_source=news%20letter#x", "news letter"),
        (Transform("url_parameter", "utm_source"), "https://example.org/?a=1&utm_source=b+c&utm_source=d", "b c"),
        (Transform("url_parameter", "utm_source"), "?utm_source=news", "news"),
        (Transform("url_parameter", "utm_source"), "a=1&utm_source=news", "news"),
        (Transform("url_parameter", "utm_source"), "https://example.org/?my_utm_source=1&utm_source=", None),
        (Transform("url_parameter", "utm_source"), "https://example.org/utm_source=news", None),
        (Transform("regex", r"^(\w\w)[-_]"), "de-AT", "de"),
        (Transform("regex", r"^(\w\w)[-_]"), "deutsch", None),
        (Transform("map", values={"true": "delete"}, otherwise="upsert"), True, "delete"),
        (Transform("map", values={"true": "delete"}, otherwise="upsert"), "no", "upsert"),
        (Transform("map", values={"1": "annual"}), 1, "annual"),
        (Transform("map", values={"1": "annual"}), "2", "2"),
        (Transform("user_agent", "device_type"), CHROME, "desktop"),
        (Transform("user_agent", "device_type"), IPHONE, "mobile"),
        (Transform("user_agent", "device_type"), IPAD, "tablet"),
        (Transform("user_agent", "device_type"), PIXEL, "mobile"),
        (Transform("user_agent", "device_type"), TABLET, "tablet"),
        (Transform("user_agent", "device_type"), TELEVISION, "tv"),
        (Transform("user_agent", "device_type"), BOT, None),
        (Transform("user_agent", "device_type"), "curl/8.1", None),
        (Transform("user_agent", "os"), CHROME, "Windows"),
        (Transform("user_agent", "os"), IPAD, "iOS"),
        (Transform("user_agent", "browser"), CHROME, "Chrome"),
        (Transform("user_agent", "browser"), "", None),
    ],
)  # fmt: skip
def test_a_transform(transform: Transform, value, expected: str | None):
    assert apply(value, transform) == expected


@pytest.mark.parametrize(
    ("transform", "value"),
    [
        *[(Transform("integer_text"), value) for value in NOT_WHOLE],
        (Transform("integer_text"), 1.8e17),  # such a float does not tell which whole number it was
        (Transform("integer_text"), "1.8e17"),
        (Transform("lower"), 8.5),
        (Transform("map", values={"a": "b"}), {"a": 1}),
        (Transform("user_agent", "os"), ["x"]),
    ],
)  # fmt: skip
def test_what_cannot_be_transformed_is_held_back(transform: Transform, value):
    with pytest.raises(Rejected) as caught:
        apply(value, transform)
    assert (caught.value.stage, caught.value.code) == ("map", "invalid_value")
    assert "column is" in caught.value.detail and transform.name in caught.value.detail


def test_transforms_follow_each_other_and_end_where_nothing_is_left():
    steps = (Transform("trim"), Transform("regex", "^id:(.+)"), Transform("integer_text"))
    assert apply(" id:873.0 ", *steps) == "873"
    assert apply("873", *steps) is None


def test_a_user_agent_is_read_once():
    user_agent.cache_clear()
    for _ in range(3):
        apply(CHROME, Transform("user_agent", "os"))
    assert (user_agent.cache_info().misses, user_agent.cache_info().hits) == (1, 2)


@given(
    st.lists(
        st.sampled_from(["http", "https", "://", "/", "a.b", ":80", "?", "#", "%", ";", " ", "\t", "\n", "[", "ü"])
    )
)
def test_the_path_of_a_url_is_what_python_says(parts: list[str]):
    text = "https://a" + "".join(parts)
    try:
        url = urlsplit(text)
    except ValueError:
        expected = None
    else:
        expected = url.path or ("/" if url.netloc else None)
    assert apply(text, Transform("url_path")) == expected

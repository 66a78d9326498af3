"""`local/requirements.py`: what uv is told of pip's settings, and which lines of either are shown."""

import pytest

from local.requirements import pip_progress, uv_progress, uv_settings

ALWAYS = {"UV_INDEX_STRATEGY": "unsafe-best-match", "UV_SYSTEM_CERTS": "true"}


@pytest.mark.parametrize(
    ("pip", "uv"),
    [
        ({}, {}),
        ({"index-url": "https://a.test/simple"}, {"UV_DEFAULT_INDEX": "https://a.test/simple"}),
        ({"extra-index-url": "\nhttps://b.test\nfile:///c"}, {"UV_INDEX": "https://b.test file:///c"}),
        ({"find-links": "/one /two"}, {"UV_FIND_LINKS": "/one,/two"}),
        ({"trusted-host": "a.test b.test"}, {"UV_INSECURE_HOST": "a.test b.test"}),
        ({"cert": "/ca.pem", "client-cert": "/me.pem"}, {"SSL_CERT_FILE": "/ca.pem", "SSL_CLIENT_CERT": "/me.pem"}),
        ({"constraint": "/limits.txt"}, {"UV_CONSTRAINT": "/limits.txt"}),
        ({"proxy": "http://proxy.test:3128", "timeout": "60"},
         {"ALL_PROXY": "http://proxy.test:3128", "UV_HTTP_TIMEOUT": "60"}),
        ({"no-cache-dir": "true"}, {}),
    ],
)  # fmt: skip
def test_uv_gets_the_settings_of_pip(pip, uv):
    assert uv_settings(pip, {}) == {**ALWAYS, **uv}


@pytest.mark.parametrize("name", ["UV_DEFAULT_INDEX", "UV_INDEX_URL"])
def test_what_is_set_for_uv_wins(name):
    assert uv_settings({"index-url": "https://a.test"}, {name: "https://b.test"}) == ALWAYS
    assert uv_settings({}, {"UV_SYSTEM_CERTS": "false"}) == {"UV_INDEX_STRATEGY": "unsafe-best-match"}


def test_uv_shows_its_phases_and_no_list_of_packages():
    phases = ["Resolved 181 packages in 672ms", "Downloading scipy (33.7MiB)", " Downloaded scipy"]
    phases += ["Prepared 181 packages in 2.46s", "Installed 181 packages in 174ms"]
    others = ["Using Python 3.12.1 environment at: .venv", " + scipy==1.17.0", "warning: Failed to hardlink files"]
    assert [line for line in [*others, *phases] if uv_progress(line)] == phases


def test_pip_shows_numbers_and_no_wall_of_warnings():
    told = pip_progress(187)
    warning = "WARNING: Location '/nowhere' is ignored"
    said = [*(line for number in range(30) for line in (warning, f"Collecting package{number}"))]
    said += ["Installing collected packages: a, b, c", "Successfully installed a-1 b-1 c-1"]
    assert list(filter(None, map(told, said))) == [
        "Found 25 of 187 packages",
        "Installing 3 packages",
        "Installed them",
    ]

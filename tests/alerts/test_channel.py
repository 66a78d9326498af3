"""Messages arrive as mail and at a webhook, and an address that cannot be is named before it is needed."""

import os
import subprocess
import sys

import pytest

from alerts.channel import Channel, NotSent
from alerts.service import due_at
from ingestion.warehouse import ConfigurationError

TEXT = "What: load failed <script> & more.\nSince: 2026-01-04\nWhat to do: let it land."


def test_a_webhook_gets_title_and_text(webhook):
    webhook.channel.send("load failed", TEXT)
    [message] = webhook.got
    assert (message["title"], message["message"]) == ("load failed", TEXT)


def test_a_mail_arrives_readable(mail_server):
    address = f"mailto://127.0.0.1:{mail_server.server_address[1]}/?from=platform@example.com&to=team@example.com"
    Channel.from_environment({"ALERT_URL": address}).send("load failed", TEXT)
    [mail] = mail_server.got
    assert mail["Subject"] == "load failed" and mail["To"] == "team@example.com"
    assert "platform@example.com" in mail["From"]
    plain = mail.get_body(("plain", "html")).get_content()
    assert all(line.split(":")[0] in plain for line in TEXT.splitlines())


def test_several_addresses_all_get_it(webhook, mail_server):
    hook = f"json://127.0.0.1:{webhook.server_port}/hook"
    mail = f"mailto://127.0.0.1:{mail_server.server_address[1]}/?from=a@example.com&to=b@example.com"
    Channel.from_environment({"ALERT_URL": f"{hook} {mail}"}).send("load failed", TEXT)
    assert len(webhook.got) == len(mail_server.got) == 1


def test_a_service_that_refuses_is_an_error_with_its_words(webhook):
    webhook.status = 500
    with pytest.raises(NotSent, match="500"):
        webhook.channel.send("load failed", TEXT)


def test_silence_is_a_channel():
    Channel.from_environment({}).send("nobody", "hears it")
    assert Channel.from_environment({"ALERT_URL": " "}).urls == ()


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("carrier-pigeon://secret@loft", "address 1 of 1, carrier-pigeon://…"),
        ("json://127.0.0.1/hook slack://secret", "address 2 of 2, slack://…"),
        ("secret@example.com", "address 1 of 1, no URL"),
    ],
)
def test_an_address_that_cannot_be_is_named_without_its_secrets(url, shown):
    with pytest.raises(ConfigurationError) as error:
        Channel.from_environment({"ALERT_URL": url})
    assert shown in str(error.value) and "Remedy: write it as" in str(error.value)
    assert "secret" not in str(error.value)


def test_the_hour_is_a_time_of_day():
    assert due_at({"DAY_DUE_AT": "06:30"}).hour == 6
    assert due_at({}) is due_at({"DAY_DUE_AT": "off"}) is None
    with pytest.raises(ConfigurationError, match="DAY_DUE_AT=soon is no time of day"):
        due_at({"DAY_DUE_AT": "soon"})


def test_the_command_line_checks_and_tests(webhook):
    def run(verb: str, url: str) -> subprocess.CompletedProcess:
        environment = {"PATH": os.environ["PATH"], "ALERT_URL": url, "DAY_DUE_AT": "06:00"}
        command = [sys.executable, "-m", "alerts", verb]
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    address = f"json://127.0.0.1:{webhook.server_port}/hook"
    assert run("check", "").returncode == run("check", address).returncode == 0
    assert webhook.got == []
    assert run("test", address).returncode == 0 and webhook.titles == ["A test"]
    refused = run("check", "slack://nonsense")
    assert refused.returncode == 1 and "ALERT_URL" in refused.stderr and "Traceback" not in refused.stderr
    assert run("test", "").returncode == 1
    webhook.status = 403
    assert run("test", address).returncode == 1

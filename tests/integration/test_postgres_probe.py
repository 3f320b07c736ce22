"""Rules of the connection test against real servers: every cause has its own answer, and nothing is left behind."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from smtpy_desktop.gateways.postgres_probe import probe
from smtpy_desktop.schemas.connection import ProbeStep, ServerAddress, StepResult, StepState, TlsMode
from tests.integration.certificates import Authority, self_signed
from tests.integration.postgres_server import PostgresServer
from tests.integration.tls_front import TlsFront

KNOWN = ("0001_first", "0002_second", "0003_third")
PASSWORD = "f0r-the-Probe"
ODD_PASSWORD = "p@ss:/ %41\"\\'\u00aa\N{GRINNING FACE}"
VERSION_TABLE = "CREATE TABLE alembic_version (version_num varchar(32) NOT NULL)"

ROLES = [
    "CREATE ROLE listed NOLOGIN",
    *(
        f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}' {options}"
        for name, options in {
            "smtpy": "IN ROLE listed",
            "guest": "IN ROLE listed",
            "limited": "IN ROLE listed CONNECTION LIMIT 0",
            "cleartext": "",
            "refused": "",
            "unlisted": "",
        }.items()
    ),
    "CREATE ROLE trusted LOGIN",
    f"""CREATE ROLE "a b" LOGIN PASSWORD '{ODD_PASSWORD.replace("'", "''")}'""",
    f"CREATE ROLE sleeping NOLOGIN PASSWORD '{PASSWORD}' IN ROLE listed",
]
DATABASES = [
    "CREATE DATABASE mail OWNER smtpy",
    "CREATE DATABASE older OWNER smtpy",
    "CREATE DATABASE same OWNER smtpy",
    "CREATE DATABASE newer OWNER smtpy",
    "CREATE DATABASE shared OWNER smtpy",
    "CREATE DATABASE begun OWNER smtpy",
    "CREATE DATABASE foreign_tables",
    "CREATE DATABASE hidden_tables",
    "CREATE DATABASE no_schema OWNER smtpy",
    "CREATE DATABASE closed ALLOW_CONNECTIONS false",
    "CREATE DATABASE private",
    "REVOKE CONNECT ON DATABASE private FROM PUBLIC",
    "CREATE DATABASE latin OWNER smtpy ENCODING 'LATIN1' LOCALE 'C' TEMPLATE template0",
    "CREATE DATABASE frozen OWNER smtpy",
    "ALTER DATABASE frozen SET default_transaction_read_only = on",
]


def _tables(server: PostgresServer) -> None:
    for database, revision in {"older": KNOWN[0], "same": KNOWN[-1], "newer": "0009_future"}.items():
        server.execute(
            "SET ROLE smtpy", VERSION_TABLE, f"INSERT INTO alembic_version VALUES ('{revision}')", database=database
        )
    server.execute("SET ROLE smtpy", VERSION_TABLE, database="begun")
    server.execute("SET ROLE smtpy", "CREATE TABLE somebody (id int)", database="shared")
    server.execute(VERSION_TABLE, "GRANT SELECT ON alembic_version TO smtpy", database="foreign_tables")
    server.execute(VERSION_TABLE, database="hidden_tables")
    server.execute("DROP SCHEMA public", database="no_schema")


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def ca_file(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> str:
    path = tmp_path_factory.mktemp("authority") / "ca.pem"
    path.write_bytes(authority.certificate)
    return str(path)


@pytest.fixture(scope="module")
def plain_server() -> Iterator[PostgresServer]:
    """Run a server without TLS."""
    server = PostgresServer()
    try:
        server.start()
        server.execute(*ROLES, *DATABASES)
        _tables(server)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="module")
def server(
    plain_server: PostgresServer, authority: Authority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TlsFront]:
    """Give the server TLS; its certificate is for localhost, not for 127.0.0.1."""
    directory = tmp_path_factory.mktemp("front")
    with TlsFront(authority.issue("localhost"), directory, target=plain_server.port) as front:
        yield front


async def results(
    address: ServerAddress, password: str = PASSWORD, *, deadline_seconds: float = 20
) -> dict[ProbeStep, StepResult]:
    steps = probe(address, password, known_schema=KNOWN, deadline_seconds=deadline_seconds)
    return {result.step: result async for result in steps}


def failure(found: dict[ProbeStep, StepResult]) -> tuple[ProbeStep, str]:
    """Return the one failed step and its code; every later step must have been skipped."""
    assert list(found) == list(ProbeStep)
    states = [result.state for result in found.values()]
    place = states.index(StepState.FAILED)
    assert set(states[:place]) <= {StepState.OK, StepState.WARNING}
    assert set(states[place + 1 :]) <= {StepState.SKIPPED}
    result = list(found.values())[place]
    assert str(result.message)
    return result.step, result.code


def at(server: PostgresServer | TlsFront, ca_file: str | None = None, **fields: object) -> ServerAddress:
    known: dict[str, object] = {
        "host": "localhost",
        "port": server.port,
        "database": "mail",
        "user": "smtpy",
        "ca_file": ca_file,
    }
    return ServerAddress(**(known | fields))  # type: ignore[arg-type]


async def test_a_good_server_passes_every_step(server: TlsFront, ca_file: str) -> None:
    found = await results(at(server, ca_file))

    assert {step: (result.state, result.code) for step, result in found.items()} == {
        ProbeStep.DNS: (StepState.OK, "DNS_FOUND"),
        ProbeStep.TCP: (StepState.OK, "TCP_OPEN"),
        ProbeStep.TLS: (StepState.OK, "TLS_VERIFIED"),
        ProbeStep.SIGN_IN: (StepState.OK, "SIGNED_IN"),
        ProbeStep.RIGHTS: (StepState.OK, "MAY_CREATE"),
        ProbeStep.SCHEMA: (StepState.OK, "SCHEMA_EMPTY"),
    }
    assert all(0 <= result.milliseconds < 20_000 for result in found.values())


async def test_trying_a_server_changes_nothing_and_leaves_no_connection(
    server: TlsFront, plain_server: PostgresServer, ca_file: str
) -> None:
    first = await results(at(server, ca_file))
    second = await results(at(server, ca_file))

    assert first[ProbeStep.SCHEMA].code == second[ProbeStep.SCHEMA].code == "SCHEMA_EMPTY"
    await _eventually(lambda: plain_server.connections() == 0)


@pytest.mark.parametrize(
    ("user", "password"), [("a b", ODD_PASSWORD), ("cleartext", PASSWORD), ("trusted", ""), ("trusted", "any")]
)
async def test_every_way_of_signing_in_with_a_password_works(
    server: TlsFront, ca_file: str, user: str, password: str
) -> None:
    found = await results(at(server, ca_file, user=user), password)

    assert found[ProbeStep.SIGN_IN].code == "SIGNED_IN"


@pytest.mark.parametrize(
    ("fields", "password", "code"),
    [
        ({}, "n0t-the-One", "WRONG_PASSWORD"),
        ({}, "", "WRONG_PASSWORD"),
        ({"user": "nobody"}, PASSWORD, "WRONG_PASSWORD"),
        ({"user": "cleartext"}, "n0t-the-One", "WRONG_PASSWORD"),
        ({"user": "sleeping"}, PASSWORD, "USER_REFUSED"),
        ({"user": "refused"}, PASSWORD, "NOT_IN_PG_HBA"),
        ({"user": "unlisted"}, PASSWORD, "NOT_IN_PG_HBA"),
        ({"user": "limited"}, PASSWORD, "TOO_MANY_CONNECTIONS"),
        ({"database": "absent"}, PASSWORD, "UNKNOWN_DATABASE"),
        ({"database": "closed"}, PASSWORD, "DATABASE_CLOSED"),
        ({"database": "private"}, PASSWORD, "CONNECT_NOT_ALLOWED"),
    ],
)
async def test_every_refusal_of_a_sign_in_has_its_own_answer(
    server: TlsFront, ca_file: str, fields: dict[str, str], password: str, code: str
) -> None:
    found = await results(at(server, ca_file, **fields), password)

    assert failure(found) == (ProbeStep.SIGN_IN, code)
    assert password == "" or password not in str([str(result) for result in found.values()])


@pytest.mark.parametrize(
    ("fields", "step", "state", "code"),
    [
        ({"user": "guest"}, ProbeStep.RIGHTS, StepState.FAILED, "MAY_NOT_CREATE"),
        ({"database": "no_schema"}, ProbeStep.RIGHTS, StepState.FAILED, "NO_SCHEMA"),
        ({"database": "latin"}, ProbeStep.RIGHTS, StepState.FAILED, "DATABASE_NOT_UTF8"),
        ({"database": "frozen"}, ProbeStep.RIGHTS, StepState.FAILED, "DATABASE_READ_ONLY"),
        ({"database": "foreign_tables"}, ProbeStep.RIGHTS, StepState.WARNING, "TABLES_OF_ANOTHER"),
        ({"database": "hidden_tables"}, ProbeStep.SCHEMA, StepState.FAILED, "TABLES_NOT_READABLE"),
        ({"database": "older"}, ProbeStep.SCHEMA, StepState.OK, "SCHEMA_OLDER"),
        ({"database": "same"}, ProbeStep.SCHEMA, StepState.OK, "SCHEMA_CURRENT"),
        ({"database": "newer"}, ProbeStep.SCHEMA, StepState.WARNING, "SCHEMA_NEWER"),
        ({"database": "begun"}, ProbeStep.SCHEMA, StepState.OK, "SCHEMA_EMPTY"),
        ({"database": "shared"}, ProbeStep.SCHEMA, StepState.WARNING, "SCHEMA_SHARED"),
    ],
)
async def test_rights_and_tables_are_told_apart(
    server: TlsFront, ca_file: str, fields: dict[str, str], step: ProbeStep, state: StepState, code: str
) -> None:
    found = await results(at(server, ca_file, **fields))

    assert (found[step].state, found[step].code) == (state, code)


async def test_an_upgrade_names_both_versions(server: TlsFront, ca_file: str) -> None:
    found = await results(at(server, ca_file, database="older"))

    assert "from 0001_first to 0003_third" in str(found[ProbeStep.SCHEMA].message)


async def test_a_certificate_of_an_unknown_authority_is_refused(server: TlsFront) -> None:
    found = await results(at(server))

    assert failure(found) == (ProbeStep.TLS, "CERTIFICATE_UNTRUSTED")


async def test_a_certificate_for_another_name_is_refused_unless_that_is_chosen(server: TlsFront, ca_file: str) -> None:
    strict = await results(at(server, ca_file, host="127.0.0.1"))
    chosen = await results(at(server, ca_file, host="127.0.0.1", tls_mode=TlsMode.VERIFY_CA))

    assert failure(strict) == (ProbeStep.TLS, "CERTIFICATE_WRONG_NAME")
    assert chosen[ProbeStep.SIGN_IN].code == "SIGNED_IN"


@pytest.mark.parametrize("mode", [TlsMode.REQUIRE, TlsMode.PREFER])
async def test_modes_that_check_nothing_connect_to_an_unknown_certificate(
    server: PostgresServer, mode: TlsMode
) -> None:
    found = await results(at(server, tls_mode=mode))

    assert found[ProbeStep.TLS].code == "TLS_UNVERIFIED"
    assert found[ProbeStep.SCHEMA].code == "SCHEMA_EMPTY"


async def test_without_encryption_a_sign_in_works_where_it_is_chosen(server: TlsFront) -> None:
    found = await results(at(server, tls_mode=TlsMode.DISABLE))

    assert found[ProbeStep.TLS].code == "TLS_OFF"
    assert found[ProbeStep.SCHEMA].code == "SCHEMA_EMPTY"


@pytest.mark.parametrize("mode", [TlsMode.VERIFY_FULL, TlsMode.VERIFY_CA, TlsMode.REQUIRE])
async def test_a_server_without_tls_is_refused_by_default(plain_server: PostgresServer, mode: TlsMode) -> None:
    found = await results(at(plain_server, tls_mode=mode))

    assert failure(found) == (ProbeStep.TLS, "TLS_NOT_OFFERED")


async def test_a_server_without_tls_is_used_where_encryption_is_only_preferred(plain_server: PostgresServer) -> None:
    found = await results(at(plain_server, tls_mode=TlsMode.PREFER))

    assert found[ProbeStep.TLS].code == "TLS_NOT_OFFERED"
    assert found[ProbeStep.SCHEMA].code == "SCHEMA_EMPTY"


async def test_weak_protection_is_a_warning_away_from_this_machine(
    server: TlsFront, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, "127.0.0.1")

    found = [await results(at(server, host="db.example.net", tls_mode=mode)) for mode in list(TlsMode)[2:]]

    assert [result[ProbeStep.TLS].state for result in found] == [StepState.WARNING] * 3
    assert len({str(result[ProbeStep.TLS].message) for result in found}) == 3
    assert {result[ProbeStep.SCHEMA].code for result in found} == {"SCHEMA_EMPTY"}


@pytest.mark.parametrize(
    ("content", "code"), [(None, "CA_FILE_UNUSABLE"), (b"", "CA_FILE_UNUSABLE"), (b"no PEM", "CA_FILE_UNUSABLE")]
)
async def test_a_file_of_authorities_that_cannot_be_used_is_told(
    server: TlsFront, tmp_path: Path, content: bytes | None, code: str
) -> None:
    path = tmp_path / "ca.pem"
    if content is not None:
        path.write_bytes(content)

    found = await results(at(server, str(path)))

    assert failure(found) == (ProbeStep.TLS, code)
    assert str(path) in str(found[ProbeStep.TLS].message)


def resolve(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Let every name be at these addresses."""

    async def getaddrinfo(loop: object, host: str, port: int, **options: object) -> list[object]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)


async def test_a_host_with_several_addresses_is_reached_at_the_one_that_answers(
    server: TlsFront, ca_file: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve(monkeypatch, "127.0.0.2", "127.0.0.1")

    found = await results(at(server, ca_file))

    assert "127.0.0.1" in str(found[ProbeStep.TCP].message)
    assert found[ProbeStep.SCHEMA].code == "SCHEMA_EMPTY"


async def test_an_unknown_host_is_told() -> None:
    found = await results(ServerAddress("db.example.invalid", database="mail", user="smtpy"))

    assert failure(found) == (ProbeStep.DNS, "DNS_UNKNOWN_HOST")


async def test_silent_name_servers_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(loop: object, host: str, port: int, **options: object) -> list[object]:
        await asyncio.Event().wait()
        return []

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)

    found = await results(ServerAddress("db.example.net", database="mail", user="smtpy"), deadline_seconds=0.1)

    assert failure(found) == (ProbeStep.DNS, "DNS_TIMEOUT")


async def test_name_servers_in_trouble_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    async def getaddrinfo(loop: object, host: str, port: int, **options: object) -> list[object]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", getaddrinfo)

    found = await results(ServerAddress("db.example.net", database="mail", user="smtpy"))

    assert failure(found) == (ProbeStep.DNS, "DNS_NO_ANSWER")


async def test_a_closed_port_is_told() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

        found = await results(ServerAddress("127.0.0.1", port, "mail", "smtpy"))

    assert failure(found) == (ProbeStep.TCP, "TCP_REFUSED")


async def test_a_dropped_connection_is_told() -> None:
    with socket.socket() as full, contextlib.ExitStack() as waiting:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):  # nobody accepts: the queue is full, and further connections get no answer
            client = waiting.enter_context(socket.socket())
            client.setblocking(False)
            client.connect_ex(full.getsockname())

        found = await results(ServerAddress("127.0.0.1", full.getsockname()[1], "mail", "smtpy"), deadline_seconds=0.3)

    assert failure(found) == (ProbeStep.TCP, "TCP_TIMEOUT")


Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@contextlib.asynccontextmanager
async def listener(handler: Handler) -> AsyncIterator[int]:
    """Run something else than PostgreSQL on a port."""
    tasks: set[asyncio.Task[None]] = set()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            with contextlib.suppress(ConnectionError, asyncio.CancelledError):
                await handler(reader, writer)
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    try:
        yield int(server.sockets[0].getsockname()[1])
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks)


async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def hanging_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(8)


async def mail_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"220 mx.example.net ESMTP\r\n")
    await reader.read()


async def pretender(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(8)
    writer.write(b"S")
    await reader.read(4096)
    writer.write(b"this is no TLS" * 20)
    await reader.read()


async def slipping_in(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(8)
    writer.write(b"SE in the clear")
    await reader.read()


@pytest.mark.parametrize(
    ("handler", "code"),
    [
        (silent, "SERVER_SILENT"),
        (hanging_up, "SERVER_CLOSED"),
        (mail_server, "NOT_POSTGRESQL"),
        (pretender, "TLS_FAILED"),
        (slipping_in, "NOT_POSTGRESQL"),
    ],
)
async def test_what_is_no_postgresql_server_is_recognized(handler: Handler, code: str) -> None:
    async with listener(handler) as port:
        found = await results(ServerAddress("127.0.0.1", port, "mail", "smtpy"), deadline_seconds=0.5)

    assert failure(found) == (ProbeStep.TLS, code)


async def fragment(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(8)
    writer.write(b"R\xff\xff\xff\xff")
    await reader.read()


@pytest.mark.parametrize(
    ("handler", "code"),
    [(silent, "SERVER_SLOW"), (hanging_up, "SERVER_CLOSED"), (fragment, "SIGN_IN_FAILED")],
)
async def test_a_server_that_breaks_off_during_the_sign_in_is_told(handler: Handler, code: str) -> None:
    async with listener(handler) as port:
        address = ServerAddress("127.0.0.1", port, "mail", "smtpy", TlsMode.DISABLE)
        found = await results(address, deadline_seconds=1)

    assert failure(found) == (ProbeStep.SIGN_IN, code)


@pytest.mark.parametrize(
    ("valid_days", "starts_in_days", "code"),
    [(1, -5, "CERTIFICATE_EXPIRED"), (5, 3, "CERTIFICATE_NOT_YET_VALID")],
)
async def test_a_certificate_out_of_its_time_is_told(
    authority: Authority, ca_file: str, tmp_path: Path, valid_days: int, starts_in_days: int, code: str
) -> None:
    certificate = authority.issue("localhost", valid_days=valid_days, starts_in_days=starts_in_days)
    with TlsFront(certificate, tmp_path) as front:
        found = await results(ServerAddress("localhost", front.port, "mail", "smtpy", ca_file=ca_file))

    assert failure(found) == (ProbeStep.TLS, code)


async def test_a_self_signed_certificate_is_refused_until_it_is_chosen_itself(tmp_path: Path) -> None:
    certificate = self_signed("localhost")
    chosen = tmp_path / "server.crt"
    chosen.write_bytes(certificate.certificate)
    with TlsFront(certificate, tmp_path) as front:
        strict = await results(ServerAddress("localhost", front.port, "mail", "smtpy"))
        trusting = await results(
            ServerAddress("localhost", front.port, "mail", "smtpy", ca_file=str(chosen)), deadline_seconds=1
        )

    assert failure(strict) == (ProbeStep.TLS, "CERTIFICATE_UNTRUSTED")
    assert trusting[ProbeStep.TLS].code == "TLS_VERIFIED"


async def test_a_server_that_asks_for_a_certificate_is_told(authority: Authority, ca_file: str, tmp_path: Path) -> None:
    certificate = authority.issue("localhost")
    with TlsFront(certificate, tmp_path, client_authority=authority.certificate) as front:
        found = await results(ServerAddress("localhost", front.port, "mail", "smtpy", ca_file=ca_file))

    assert failure(found) == (ProbeStep.SIGN_IN, "CLIENT_CERTIFICATE_REQUIRED")


async def test_a_test_can_be_stopped_at_any_moment_and_hangs_up() -> None:
    hung_up = asyncio.Event()
    asked = asyncio.Event()

    async def waiting(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        asked.set()
        with contextlib.suppress(ConnectionError):
            await reader.read()
        hung_up.set()

    async with listener(waiting) as port:
        task = asyncio.create_task(results(ServerAddress("127.0.0.1", port, "mail", "smtpy"), deadline_seconds=60))
        await asyncio.wait_for(asked.wait(), 10)

        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        await asyncio.wait_for(hung_up.wait(), 10)


async def test_a_reader_that_leaves_early_leaves_no_connection(
    server: TlsFront, plain_server: PostgresServer, ca_file: str
) -> None:
    async with aclosing(probe(at(server, ca_file), PASSWORD, known_schema=KNOWN)) as steps:
        async for result in steps:
            if result.step is ProbeStep.SIGN_IN:
                assert result.state is StepState.OK
                break

    await _eventually(lambda: plain_server.connections() == 0)


async def _eventually(condition: Callable[[], bool]) -> None:
    """Wait for a server to notice that a client has gone (it does so by itself, a moment later)."""
    async with asyncio.timeout(10):
        while not await asyncio.to_thread(condition):
            pass

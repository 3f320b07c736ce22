"""Rules of database URLs: every password arrives whole and is never shown, and silence lowers no protection."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import make_url

from smtpy_desktop.core.connection_url import ConnectionUrl, connection_parameters, parse_connection_url
from smtpy_desktop.core.redaction import redact
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.connection import ServerAddress, TlsMode

NAMES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=15)
PASSWORDS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=40)
HOSTS = st.sampled_from(["db.example.net", "192.0.2.10", "2001:db8::10", "my_db"])
ADDRESSES = st.builds(
    ServerAddress,
    host=HOSTS,
    port=st.integers(1, 65535),
    database=NAMES,
    user=NAMES,
    tls_mode=st.sampled_from(TlsMode),
    ca_file=st.just(None),
)


@given(ADDRESSES, PASSWORDS)
def test_every_part_arrives_whole_at_the_driver(address: ServerAddress, password: str) -> None:
    url = make_url(ConnectionUrl(address, password).reveal())

    assert (url.password, url.username, url.database) == (password, address.user, address.database)
    assert (url.host, url.port) == (address.host, address.port)
    assert url.query["sslmode"] == address.tls_mode.value


@given(ADDRESSES, PASSWORDS)
def test_what_is_written_is_read_back(address: ServerAddress, password: str) -> None:
    read = parse_connection_url(ConnectionUrl(address, password).reveal())

    assert (read.address, read.password) == (address, password)


@given(ADDRESSES, PASSWORDS.map(lambda tail: f"CANARY{tail}"))
def test_no_printed_form_holds_the_password(address: ServerAddress, password: str) -> None:
    url = ConnectionUrl(address, password)

    assert "CANARY" not in f"{url} {url!r}"
    assert "CANARY" not in redact(url.reveal())


def test_a_file_of_authorities_is_named_only_where_certificates_are_checked() -> None:
    checked = connection_parameters(ServerAddress("h", database="d", user="u"), "/etc/authorities.pem")
    own = connection_parameters(ServerAddress("h", database="d", user="u", ca_file="/own.pem"), "/etc/authorities.pem")
    unchecked = connection_parameters(
        ServerAddress("h", database="d", user="u", tls_mode=TlsMode.REQUIRE), "/etc/a.pem"
    )

    assert checked["sslrootcert"] == "/etc/authorities.pem"
    assert own["sslrootcert"] == "/own.pem"
    assert "sslrootcert" not in unchecked


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("postgresql://u@db.example.net/d", TlsMode.VERIFY_FULL),
        ("postgres://u@192.0.2.10/d", TlsMode.VERIFY_FULL),
        ("postgresql+psycopg://u@db.example.net/d?sslmode=require", TlsMode.REQUIRE),
        ("postgresql://u@localhost/d", TlsMode.PREFER),
        ("postgresql://u@[::1]:5433/d", TlsMode.PREFER),
        ("postgresql://u@/d?host=/run/postgresql", TlsMode.PREFER),
        ("postgresql://u@localhost/d?sslmode=verify-full", TlsMode.VERIFY_FULL),
    ],
)
def test_a_url_that_says_nothing_gets_full_protection_away_from_this_machine(url: str, mode: TlsMode) -> None:
    assert parse_connection_url(url).address.tls_mode is mode


def test_a_local_socket_is_kept() -> None:
    read = parse_connection_url("postgresql://u@/d?host=/run/postgresql")

    assert read.address.host == "/run/postgresql"
    assert make_url(read.reveal()).query["host"] == "/run/postgresql"


@pytest.mark.parametrize(
    "url",
    [
        "",
        "db.example.net",
        "mysql://u:CANARY@h/d",
        "postgresql://u:CANARY@h:port/d",
        "postgresql://u:CANARY@h:99999/d",
        "postgresql://u:CANARY@h/",
        "postgresql://:CANARY@h/d",
        "postgresql://u:CANARY@[::1/d",
        "postgresql://u:CANARY%ff@h/d",
        "postgresql://u:CANARY@h/d?sslmode=maybe",
        "postgresql://u:CANARY@h/d?surprise=CANARY",
        "postgresql://u:CANARY@h/d?sslmode",
    ],
)
def test_a_url_that_cannot_be_used_is_refused_without_being_shown(url: str) -> None:
    with pytest.raises(UserFacingError) as refusal:
        parse_connection_url(url)

    assert refusal.value.code == "DATABASE_URL_INVALID"
    assert "CANARY" not in str(refusal.value)

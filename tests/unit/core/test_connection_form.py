"""Rules of the connection dialog: every field has its own answer, and what was meant is suggested."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.core.connection_form import parse_server_form, server_form_errors
from smtpy_desktop.errors import FieldError
from smtpy_desktop.schemas.connection import ServerAddress, ServerForm, TlsMode

GOOD = {"host": "db.example.net", "port": "5432", "database": "mail", "user": "smtpy"}


def form(**fields: str) -> ServerForm:
    return ServerForm(**(GOOD | fields))  # type: ignore[arg-type]


def test_a_complete_form_is_an_address_with_the_strongest_protection() -> None:
    address = parse_server_form(form())

    assert address == ServerAddress("db.example.net", 5432, "mail", "smtpy", TlsMode.VERIFY_FULL, None)


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        (" DB.Example.NET. ", "db.example.net"),
        ("localhost", "localhost"),
        ("datenbank.bücher.example", "datenbank.xn--bcher-kva.example"),
        ("192.0.2.10", "192.0.2.10"),
        ("[2001:DB8::10]", "2001:db8::10"),
        ("::1", "::1"),
        ("my_database", "my_database"),
        ("my_db.internal", "my_db.internal"),
    ],
)
def test_hosts_are_written_in_one_way(typed: str, host: str) -> None:
    assert parse_server_form(form(host=typed)).host == host


@pytest.mark.parametrize(
    ("field", "typed", "code", "suggestion"),
    [
        ("host", "", "HOST_MISSING", None),
        ("host", "  ", "HOST_MISSING", None),
        ("host", "postgresql://u:secret@db.example.net:5432/mail", "HOST_IS_URL", "db.example.net"),
        ("host", "smtpy@db.example.net", "HOST_IS_URL", "db.example.net"),
        ("host", "db.example.net/mail", "HOST_IS_URL", "db.example.net"),
        ("host", "http://[::1", "HOST_IS_URL", None),
        ("host", "db.example.net:5433", "HOST_HAS_PORT", "db.example.net"),
        ("host", "[::1]:5433", "HOST_HAS_PORT", "::1"),
        ("host", "/var/run/postgresql", "HOST_IS_SOCKET", None),
        ("host", "192.0.2.300", "HOST_ADDRESS", None),
        ("host", "2001:db8:::1", "HOST_ADDRESS", None),
        ("host", "db..example.net", "HOST_EMPTY_LABEL", "db.example.net"),
        ("port", "", "PORT_INVALID", "5432"),
        ("port", "0", "PORT_INVALID", "5432"),
        ("port", "65536", "PORT_INVALID", "5432"),
        ("port", "-1", "PORT_INVALID", "5432"),
        ("port", "5e3", "PORT_INVALID", "5432"),
        ("port", "\u0665\u0664", "PORT_INVALID", "5432"),
        ("database", " ", "DATABASE_MISSING", None),
        ("database", "ma\0il", "DATABASE_INVALID", None),
        ("database", "ä" * 32, "DATABASE_TOO_LONG", None),
        ("user", "", "USER_MISSING", None),
        ("user", "smt\npy", "USER_INVALID", None),
        ("user", "x" * 64, "USER_TOO_LONG", None),
    ],
)
def test_each_mistake_is_told_beside_its_field(field: str, typed: str, code: str, suggestion: str | None) -> None:
    errors = server_form_errors(form(**{field: typed}))

    assert [(error.field, error.code, error.suggestion) for error in errors] == [(field, code, suggestion)]
    assert "secret" not in str(errors[0])


def test_every_wrong_field_is_told_at_once() -> None:
    errors = server_form_errors(ServerForm(host="", port="x", database="", user="", ca_file="a\0"))

    assert [error.field for error in errors] == ["host", "port", "database", "user", "ca_file"]


@pytest.mark.parametrize("name", ["x" * 63, "ä" * 31, 'qu"ote', "drop table; --", "Zwei Wörter", "%s", "数据库"])
def test_odd_but_possible_names_are_taken_as_they_are(name: str) -> None:
    address = parse_server_form(form(database=name, user=name))

    assert (address.database, address.user) == (name, name)


@given(st.text(), st.text(), st.text(), st.text())
def test_no_input_breaks_the_check(host: str, port: str, database: str, user: str) -> None:
    typed = ServerForm(host=host, port=port, database=database, user=user)

    errors = server_form_errors(typed)

    if errors:
        with pytest.raises(FieldError) as first:
            parse_server_form(typed)
        assert first.value.field == errors[0].field
    else:
        assert parse_server_form(typed).port in range(1, 65536)


def test_every_weaker_mode_says_how_weak_it_is() -> None:
    sentences = [mode.weakness for mode in TlsMode if mode is not TlsMode.VERIFY_FULL]

    assert TlsMode.VERIFY_FULL.weakness is None
    assert len(set(map(str, sentences))) == len(sentences) == 4

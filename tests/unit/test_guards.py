"""The guards around every test: network, log and messages."""

from __future__ import annotations

import logging
import socket
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.helpers.log_guard import LogGuard
from tests.helpers.network_guard import NetworkForbidden, is_local

if TYPE_CHECKING:
    from tests.helpers.message_recorder import MessageRecorder


@given(st.ip_addresses(v=4, network="127.0.0.0/8"))
def test_all_of_127_is_local(address):
    assert is_local(str(address))


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "example.org", "127.0.0.1.example.org"])
def test_the_world_is_not_local(host):
    assert not is_local(host)


def test_connecting_to_the_world_is_refused():
    with socket.socket() as client, pytest.raises(NetworkForbidden, match=r"192\.0\.2\.1"):
        client.connect(("192.0.2.1", 80))


def test_a_datagram_to_the_world_is_refused():
    with socket.socket(type=socket.SOCK_DGRAM) as client, pytest.raises(NetworkForbidden):
        client.sendto(b"?", ("192.0.2.1", 53))


def test_looking_up_a_name_of_the_world_is_refused():
    with pytest.raises(NetworkForbidden):
        socket.getaddrinfo("example.org", 80)


def test_a_name_that_no_dns_knows_fails_as_it_does_anywhere():
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("database.invalid", 5432)


def test_loopback_connections_work():
    with socket.create_server(("127.0.0.1", 0)) as server, socket.create_connection(server.getsockname()) as client:
        assert client.getpeername() == server.getsockname()


def test_the_users_keyring_is_out_of_reach():
    import keyring
    import keyring.errors

    with pytest.raises(keyring.errors.NoKeyringError):
        keyring.get_password("smtpy-desktop", "anything")


class Item:
    """The part of a pytest item that the guard asks."""

    def __init__(self, *patterns: str, fixturenames: tuple[str, ...] = ()) -> None:
        self.fixturenames = fixturenames
        self._marks = [pytest.mark.expects_log(*patterns).mark] if patterns else []

    def iter_markers(self, name: str) -> list[pytest.Mark]:
        return self._marks


@pytest.fixture
def guard() -> LogGuard:
    guard = LogGuard()
    guard.emit(logging.LogRecord("smtpy_desktop.x", logging.WARNING, "x.py", 1, "disk %s", ("full",), None))
    return guard


def test_an_unannounced_warning_is_reported_once(guard):
    assert guard.unexpected(Item()) == ["WARNING smtpy_desktop.x: disk full"]
    assert guard.unexpected(Item()) == []


def test_an_announced_warning_is_accepted(guard):
    assert guard.unexpected(Item("disk full")) == []


def test_a_test_that_reads_the_log_judges_for_itself(guard):
    assert guard.unexpected(Item(fixturenames=("caplog",))) == []


@pytest.mark.expects_log("WARNING root: wanted")
def test_the_guard_listens_while_a_test_runs():
    logging.getLogger().warning("wanted")


def test_messages_are_kept_as_data(messages: MessageRecorder):
    messages("error", "The disk is full.")

    assert messages.texts == ["error The disk is full."]
    assert messages.only() == "error The disk is full."

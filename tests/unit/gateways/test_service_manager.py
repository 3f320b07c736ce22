"""Telling systemd how a service stands."""

from __future__ import annotations

import socket

import pytest

from smtpy_desktop.gateways.service_manager import READY, STOPPING, tell_service_manager


@pytest.mark.parametrize("prefix", ["", "@"])
def test_the_service_manager_hears_what_is_told(tmp_path, prefix):
    address = str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"\0{address}" if prefix else address)
        manager.settimeout(5)

        told = tell_service_manager({"NOTIFY_SOCKET": prefix + address}, READY, STOPPING)

        assert told
        assert manager.recv(100) == b"READY=1\nSTOPPING=1"


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2:1234"}])
def test_nothing_is_told_where_nobody_asks(environment):
    assert not tell_service_manager(environment, READY)


def test_a_service_manager_that_is_gone_stops_nothing(tmp_path, caplog):
    told = tell_service_manager({"NOTIFY_SOCKET": str(tmp_path / "gone")}, READY)

    assert not told
    assert "could not be told" in caplog.text
    caplog.clear()

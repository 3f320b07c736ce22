"""A real PostgreSQL server on a loopback port, as an administrator would run one: passwords and pg_hba rules."""

from __future__ import annotations

import shutil
import socket
import tempfile
from pathlib import Path

import psycopg

from smtpy_desktop.gateways.postgres_account import postgres_programs, server_account
from smtpy_desktop.gateways.postgres_cluster import run_program

SUPERUSER = "postgres"
SUPERUSER_PASSWORD = "for the tests"

_RULES = """
host all refused     127.0.0.1/32 reject
host all cleartext   127.0.0.1/32 password
host all trusted     127.0.0.1/32 trust
host all unlisted    192.0.2.1/32 trust
host all "a b"       127.0.0.1/32 scram-sha-256
host all +listed     127.0.0.1/32 scram-sha-256
host all postgres    127.0.0.1/32 scram-sha-256
host all nobody      127.0.0.1/32 scram-sha-256
"""
"""Everybody in the role ``listed`` may sign in with a password."""


class PostgresServer:
    """A server of one test run, without TLS (the binaries were built so; see ``tls_front``).

    As root it runs under the program's own system account.
    """

    def __init__(self) -> None:
        self._account = server_account()
        self._programs = postgres_programs(self._account)
        self._home = Path(tempfile.mkdtemp(prefix="smtpy-tests-", dir="/var/tmp" if self._account.uid else None))
        self._home.chmod(0o711)
        self._account.own(self._home)
        self._data = self._home / "data"
        self.port = _free_port()

    def start(self) -> None:
        password = self._write("password", SUPERUSER_PASSWORD.encode())
        self._run(
            "initdb",
            "-D",
            str(self._data),
            "-U",
            SUPERUSER,
            "-A",
            "scram-sha-256",
            "--pwfile",
            str(password),
            "--encoding",
            "UTF8",
            "--locale",
            "C",
            "--no-sync",
        )
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port),
            "unix_socket_directories": "",
            "fsync": "off",
            "max_connections": "20",
        }
        lines = "".join(f"{key} = '{value}'\n" for key, value in settings.items())
        self._write("data/postgresql.auto.conf", lines.encode())
        self._write("data/pg_hba.conf", _RULES.encode())
        self._run("pg_ctl", "-D", str(self._data), "-w", "-t", "60", "-l", str(self._home / "log"), "start")

    def stop(self) -> None:
        try:
            if (self._data / "postmaster.pid").exists():
                self._run("pg_ctl", "-D", str(self._data), "-m", "immediate", "-w", "stop")
        finally:
            shutil.rmtree(self._home)

    def execute(self, *statements: str, database: str = "postgres") -> None:
        """Run statements as the superuser, each in a transaction of its own."""
        with psycopg.connect(
            host="127.0.0.1",
            port=self.port,
            user=SUPERUSER,
            password=SUPERUSER_PASSWORD,
            dbname=database,
            autocommit=True,
        ) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def connections(self) -> int:
        """Count the connections of clients besides the one that counts."""
        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=SUPERUSER, password=SUPERUSER_PASSWORD, dbname="postgres"
        ) as connection:
            row = connection.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
            ).fetchone()
            assert row is not None
            return int(row[0])

    def _write(self, name: str, content: bytes) -> Path:
        path = self._home / name
        path.write_bytes(content)
        path.chmod(0o600)
        self._account.own(path)
        return path

    def _run(self, program: str, *arguments: str) -> None:
        status, output = run_program([str(self._programs / program), *arguments], self._account)
        assert status == 0, output


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])

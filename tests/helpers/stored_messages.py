"""Messages written straight into the database, as another process would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from sqlalchemy import make_url

from smtpy_desktop.schemas.identifiers import MessageId
from smtpy_desktop.schemas.messages import MessageStatus


def write_messages(url: str, subjects: tuple[str, ...], *, minutes_ago: float = 0, **values: Any) -> list[MessageId]:
    """Write messages of the domain example.com, which is made when it is not there."""
    row = {
        "sender_email": "anna@sender.example",
        "recipient_email": "office@example.com",
        "forwarded_to": "office@target.example",
        "status": MessageStatus.DELIVERED.value,
        "size_bytes": 2048,
        "headers": "Subject: x\n",
        "thread_id": None,
        "error_message": None,
        "bounce_class": None,
        **values,
    }
    with connect(url) as connection:
        domain = own_domain(connection)
        ids = []
        for number, subject in enumerate(subjects):
            at = datetime.now(UTC) - timedelta(minutes=minutes_ago, seconds=number)
            columns = {**row, "subject": subject, "created_at": at, "domain_id": domain, "message_id": f"<{number}@x>"}
            names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
            found = connection.execute(
                f"INSERT INTO messages ({names}) VALUES ({places}) RETURNING id", list(columns.values())
            ).fetchone()
            assert found is not None
            ids.append(MessageId(found[0]))
        return ids


def connect(url: str) -> psycopg.Connection:
    """Connect to a database by its SQLAlchemy address."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(plain, autocommit=True)


def own_domain(connection: psycopg.Connection) -> int:
    """Return the number of the domain example.com, which is made when it is not there."""
    found = connection.execute("SELECT id FROM domains WHERE name = 'example.com'").fetchone()
    if found is not None:
        return int(found[0])
    organization = connection.execute(
        "INSERT INTO organizations (name, email) VALUES ('Example', 'a@example.com') RETURNING id"
    ).fetchone()
    assert organization is not None
    made = connection.execute(
        "INSERT INTO domains (organization_id, name, unicode_name, dkim_selector, dkim_public_key, verification_token)"
        " VALUES (%s, 'example.com', 'example.com', 's', 'k', 't') RETURNING id",
        [organization[0]],
    ).fetchone()
    assert made is not None
    return int(made[0])

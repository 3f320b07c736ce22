"""Texts of strangers at their worst, put into every column of a database that takes any text."""

from __future__ import annotations

from sqlalchemy import text as sql
from sqlalchemy.exc import DBAPIError

from smtpy_desktop.database.engine import Database
from smtpy_desktop.errors import UserFacingError

MARK = "HOSTILE"
REORDERING = "\u202e"
HOSTILE = (
    f'{MARK}<a href="javascript:alert(1)">a</a><img src="file:///etc/passwd"><table><tr><td>t</td></tr></table>'
    f"&amp;&lt;b&gt; &Mnemonic {{brace}} %s {REORDERING}moc.live\nsecond line\r\n\u2028third\ufffd\u0007 "
)
LONG = HOSTILE + "x" * 10_000

# What comes from outside, or is typed: mail, answers of mail servers, Stripe, other processes, other people.
COLUMNS = (
    ("messages", ("subject", "body_preview", "error_message", "message_id", "thread_id")),
    ("delivery_attempts", ("reply", "host", "enhanced")),
    ("mail_envelopes", ("client_helo",)),
    ("aliases", ("note",)),
    ("rules", ("name",)),
    ("organizations", ("name", "email")),
    ("billing_accounts", ("customer_email",)),
    ("invoices", ("number",)),
    ("webhook_events", ("type", "object_type", "object_id", "customer_id", "error_text")),
    ("refused_deliveries", ("claimed_type", "claimed_id")),
    ("audit_log", ("actor", "action", "object_name")),
    ("forwarders", ("host", "version")),
    ("saved_views", ("name", "query")),
    ("dns_checks", ("code",)),
)

_WHOLE = ":words"
_SHORT_AND_UNIQUE = "left(CAST(:words AS text), 190) || id"


async def fill_with_hostile_texts(database: Database) -> list[str]:
    """Put a hostile text into every one of these columns, the longest that it takes; return those that took one."""
    wanted = [(table, column) for table, columns in COLUMNS for column in columns]
    return [f"{table}.{column}" for table, column in wanted if await _fill(database, table, column)]


async def _fill(database: Database, table: str, column: str) -> bool:
    for words, value in ((LONG, _WHOLE), (HOSTILE, _WHOLE), (HOSTILE, _SHORT_AND_UNIQUE)):
        try:
            async with database.begin() as db:
                statement = f'UPDATE "{table}" SET "{column}" = {value}'
                await db.execute(sql(statement), {"words": words})
        except (DBAPIError, UserFacingError):
            continue  # it does not take this one
        return True
    return False

"""What a search finds, by the plain reading of the language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import pytest

from smtpy_desktop.core.message_search import parse_search
from smtpy_desktop.core.message_search_matching import matches

NOW = datetime(2026, 3, 31, 12, 30, tzinfo=UTC)


@dataclass(frozen=True)
class Sample:
    id: int = 42
    message_id: str = "<abc@mail.example>"
    thread_id: str | None = "t-1"
    domain_name: str = "shop.example.com"
    created_at: datetime = datetime(2026, 3, 30, 9, tzinfo=UTC)
    status: str = "failed"
    sender_email: str = "Ann.Lee@news.example.org"
    recipient_email: str = "info@shop.example.com"
    forwarded_to: str | None = "bob@one.example, carol@two.example"
    subject: str = "Your invoice 2026-17: =HYPERLINK"
    body_preview: str = "Dear Bob, please find"
    error_message: str | None = "550 5.1.1 unknown user"
    bounce_class: str | None = "no_such_user"
    size_bytes: int = 20_000
    has_attachments: bool = True


@pytest.mark.parametrize(
    "text",
    [
        *("", "invoice", "invo", "INVOICE", '"invoice 2026 17"', "2026-17", "ann", "example.org", "lee@news", "dear"),
        *(
            "carol",
            "from:ann",
            "from:example.org",
            "from:ann.lee@news",
            'from:"ann.lee@news.example.org"',
            "from:@news",
        ),
        *("to:info@", "to:shop", "forwarded:carol@two", "forwarded:bob@", "domain:shop.example.com", "domain:exam"),
        *(
            "status:failed",
            "status:bounced,failed",
            "subject:hyperlink",
            "after:2026-03-30",
            "on:yesterday",
            "before:today",
        ),
        *("larger:10k", "smaller:20k", "has:attachment", "has:error", "thread:t-1", "id:42", "id:<abc@mail.example>"),
        *("error:5.1.1", "error:user", "-nothing", "nothing OR invoice", "status:failed status:bounced"),
    ],
)
def test_is_found(text):
    assert matches(parse_search(text, now=NOW, zone=UTC), Sample())


@pytest.mark.parametrize(
    "text",
    [
        *("voice", '"invo"', '"17 ann"', "org.info", "-invoice", "from:bob", "from:lee@", "from:@example", "from:<>"),
        *('from:"ann.lee@news"', "to:carol", "domain:example.com", 'domain:"exam"', "status:pending", "subject:ann"),
        *("after:today", "larger:20000", "smaller:20000", "thread:t", "id:43", "error:5.7", "-has:attachment"),
        *("invoice nothing", "-status:failed OR nothing"),
    ],
)
def test_is_not_found(text):
    assert not matches(parse_search(text, now=NOW, zone=UTC), Sample())

"""The inbox of the sandbox's mail server, asked as a browser asks."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
import pytest

from smtpy_desktop.sandbox.mail_sink import MailSink
from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from smtpy_desktop.sandbox.mail_sink_page import MailSinkPages

HOSTILE = b"""Subject: =?utf-8?q?=3Cimg_src=3Dx=3E_=E2=80=AEgnp?=\r
From: "<b>" <a@b.example>\r
Content-Type: text/plain; charset=utf-8\r
Content-Transfer-Encoding: quoted-printable\r
\r
<script>=C3=A9</script>\r
"""


def _mail(number: int, raw: bytes) -> ReceivedMail:
    return ReceivedMail(number, 1.0, "127.0.0.1", "c", "a@b.example", ("<x>@y.example",), raw)


@pytest.fixture
async def pages() -> AsyncIterator[MailSinkPages]:
    sink = MailSink()
    made = MailSinkPages(sink)
    sink.inbox.extend([_mail(1, b"Subject: first\r\n\r\nhello\r\n"), _mail(2, HOSTILE)])
    await made.start()
    yield made
    await made.stop()


async def _ask(pages: MailSinkPages, path: str, **headers: str) -> tuple[int, str, str]:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"http://127.0.0.1:{pages.port}{path}", headers=headers) as answer,
    ):
        return answer.status, await answer.text(), answer.headers.get("Content-Security-Policy", "")


async def test_the_newest_message_is_on_top_and_nothing_in_it_is_html(pages: MailSinkPages) -> None:
    status, content, policy = await _ask(pages, "/")

    assert status == 200
    assert content.index("/mail/2") < content.index("/mail/1")
    assert "&lt;img src=x&gt; ⟨U+202E⟩gnp" in content
    assert "<img" not in content
    assert "default-src 'none'" in policy


async def test_a_message_shows_its_text_decoded_and_its_source_literally(pages: MailSinkPages) -> None:
    _, content, _ = await _ask(pages, "/mail/2")

    assert "&lt;script&gt;é&lt;/script&gt;" in content
    assert "&lt;script&gt;=C3=A9&lt;/script&gt;" in content
    assert "<script>" not in content


async def test_it_speaks_french_to_a_french_browser(pages: MailSinkPages) -> None:
    _, content, _ = await _ask(pages, "/", **{"Accept-Language": "fr-CH, en;q=0.5"})

    assert 'lang="fr"' in content
    assert "Boîte de réception" in content


async def test_other_names_and_messages_that_are_gone_are_refused(pages: MailSinkPages) -> None:
    assert (await _ask(pages, "/", Host="evil.example"))[0] == 421
    assert (await _ask(pages, "/mail/9"))[0] == 404

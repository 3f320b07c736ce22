"""The inbox of the sandbox's mail server as pages for a browser on this machine: a list, and one message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.sandbox.hosted_html import SECURITY_HEADERS, STYLE_PATH, Html, Speaker, document, style, tag
from smtpy_desktop.sandbox.mail_reading import header_words, is_cut, source_words, text_words
from smtpy_desktop.sandbox.mail_sink import LOOPBACK, MailSink
from smtpy_desktop.sandbox.mail_sink_mail import ReceivedMail
from smtpy_desktop.schemas.text import text

_MOST_LISTED = 200
_MISDIRECTED = 421
_BANNER = text("Sandbox - no mail leaves this machine")
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class MailSinkPages:
    """Serves what a sink has received, on 127.0.0.1 and nothing else; nothing can be changed there."""

    def __init__(self, sink: MailSink) -> None:
        self._sink = sink
        self._runner: web.AppRunner | None = None
        self.port = 0

    @property
    def address(self) -> str:
        """Where the inbox can be looked at (known once started)."""
        return f"http://{LOOPBACK}:{self.port}/"

    async def start(self) -> None:
        """Listen at any free port; raise OSError when there is none."""
        app = web.Application(middlewares=[self._guard])
        app.router.add_get("/", self._show_list)
        app.router.add_get(r"/mail/{number:\d{1,9}}", self._show_mail)
        app.router.add_get(STYLE_PATH, self._style)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        try:
            await web.TCPSite(runner, LOOPBACK, self.port).start()
        except OSError:
            await runner.cleanup()
            raise
        self._runner = runner
        self.port = runner.addresses[0][1]

    async def stop(self) -> None:
        """Stop listening."""
        runner, self._runner = self._runner, None
        if runner is not None:
            await runner.cleanup()

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Answer to our own names alone, so that no web page can read the mail under a name of its own."""
        if request.headers.get("Host") not in (f"{LOOPBACK}:{self.port}", f"localhost:{self.port}"):
            return web.Response(status=_MISDIRECTED, text="This address is not served here.")
        return await handler(request)

    async def _style(self, request: web.Request) -> web.Response:
        return web.Response(text=style(), content_type="text/css", headers={"Cache-Control": "max-age=3600"})

    async def _show_list(self, request: web.Request) -> web.Response:
        say = _speaker(request)
        newest = list(self._sink.inbox)[-_MOST_LISTED:][::-1]
        if not newest:
            words = text("Nothing has been delivered yet. What the forwarder hands over appears here.")
            return _shown(document(say, text("Inbox"), tag("p", say(words)), banner=_BANNER))
        heads = tag(
            "tr", *(tag("th", say(one)) for one in (text("Received"), text("To"), text("From"), text("Subject")))
        )
        table = tag("table", heads, *(_row(mail) for mail in newest))
        return _shown(document(say, text("Inbox"), tag("section", table, class_="scroll"), banner=_BANNER))

    async def _show_mail(self, request: web.Request) -> web.Response:
        say = _speaker(request)
        number = int(request.match_info["number"])
        mail = next((one for one in self._sink.inbox if one.number == number), None)
        if mail is None:
            words = text("This message is not here any more.")
            return _shown(document(say, text("Not found"), tag("p", say(words)), banner=_BANNER), 404)
        return _shown(_mail_page(mail, say))


def _mail_page(mail: ReceivedMail, say: Speaker) -> str:
    facts = (
        (text("Subject"), header_words(mail, "Subject")),
        (text("From"), header_words(mail, "From")),
        (text("Envelope sender"), f"<{visible_line(mail.sender)}>"),
        (text("Envelope recipients"), ", ".join(map(visible_line, mail.recipients))),
        (text("Received"), f"{mail.received_at:%Y-%m-%d %H:%M:%S} UTC"),
        (text("Encrypted on the way"), mail.tls or say(text("no"))),
    )
    read = text_words(mail)
    return document(
        say,
        text("Message {number}", number=mail.number),
        tag("dl", *(part for name, value in facts for part in (tag("dt", say(name)), tag("dd", value)))),
        tag("section", tag("h2", say(text("Text"))), tag("pre", read)) if read else Html(),
        tag("section", tag("h2", say(text("Source"))), tag("pre", source_words(mail))),
        tag("p", say(text("The rest is too long to be shown here.")), class_="muted") if is_cut(mail) else Html(),
        tag("p", tag("a", say(text("Inbox")), href="/"), class_="foot"),
        banner=_BANNER,
    )


def _row(mail: ReceivedMail) -> Html:
    subject = header_words(mail, "Subject") or "—"
    return tag(
        "tr",
        tag("td", f"{mail.received_at:%Y-%m-%d %H:%M:%S}"),
        tag("td", ", ".join(map(visible_line, mail.recipients))),
        tag("td", header_words(mail, "From")),
        tag("td", tag("a", subject, href=f"/mail/{mail.number}")),
    )


def _speaker(request: web.Request) -> Speaker:
    return Speaker(request.headers.get("Accept-Language", ""))


def _shown(content: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=content, content_type="text/html", headers=SECURITY_HEADERS)

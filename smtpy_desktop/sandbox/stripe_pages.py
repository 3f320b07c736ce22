"""Serves the hosted pages of the sandbox's Stripe, and does what is clicked there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from smtpy_desktop.sandbox.hosted_html import SECURITY_HEADERS, STYLE_PATH, Speaker, style
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_cards import SandboxCard
from smtpy_desktop.sandbox.stripe_checkout_page import checkout_page, message_page, success_address
from smtpy_desktop.sandbox.stripe_invoice_page import invoice_page, invoice_pdf
from smtpy_desktop.sandbox.stripe_ledger import StripeBookError
from smtpy_desktop.sandbox.stripe_portal_page import portal_page
from smtpy_desktop.sandbox.stripe_shapes import Object
from smtpy_desktop.sandbox.stripe_subscription_book import OVER
from smtpy_desktop.schemas.text import text

_PORTAL_SECONDS = 3600
_DECLINED = text("The card was declined. Nothing was bought; choose another card.")
_FORBIDDEN = 403
Form = dict[str, str]
Page = Callable[[web.Request, Speaker], Awaitable[web.Response]]


class StripePages:
    """Pages for people in a browser; ``changed`` is awaited after every change, before the answer."""

    def __init__(self, book: StripeBook, changed: Callable[[], Awaitable[None]]) -> None:
        self._book, self._changed = book, changed

    def add_to(self, app: web.Application) -> None:
        """Add the pages to a server."""
        router = app.router
        router.add_get(STYLE_PATH, self._style)
        router.add_get("/pay/{id}", self._page(self._show_checkout))
        router.add_post("/pay/{id}", self._page(self._pay))
        router.add_get("/portal/{id}", self._page(self._show_portal))
        router.add_post("/portal/{id}/{action}", self._page(self._change))
        router.add_get("/invoice/{id}", self._page(self._show_invoice))
        router.add_post("/invoice/{id}", self._page(self._pay_invoice))
        router.add_get("/invoice/{id}/pdf", self._page(self._show_pdf))

    def _page(self, answer: Page) -> Callable[[web.Request], Awaitable[web.Response]]:
        """Return a handler that answers what is not there, and requests that other sites make, in the same way."""

        async def handle(request: web.Request) -> web.Response:
            say = Speaker(request.headers.get("Accept-Language", ""))
            if request.headers.get("Origin", self._book.base) not in (self._book.base, f"http://{request.host}"):
                lines = text("Another site has sent this. Open the page itself.")
                return _shown(message_page(say, text("Refused"), lines), _FORBIDDEN)
            self._book.settle()
            try:
                return await answer(request, say)
            except StripeBookError as error:
                lines = text("Nothing is here any more. Open the page again from SMTPy Desktop.")
                return _shown(message_page(say, text("Not found"), lines), error.status)

        return handle

    async def _style(self, request: web.Request) -> web.Response:
        return web.Response(text=style(), content_type="text/css", headers={"Cache-Control": "max-age=3600"})

    async def _show_checkout(self, request: web.Request, say: Speaker) -> web.Response:
        return _shown(checkout_page(self._book, self._book.find("checkouts", request.match_info["id"]), say))

    async def _pay(self, request: web.Request, say: Speaker) -> web.Response:
        session = self._book.find("checkouts", request.match_info["id"])
        card = _card(await _form(request))
        if session["status"] == "open":
            try:
                self._book.complete_checkout(session["id"], brand=card.brand, last4=card.last4)
            except StripeBookError as error:
                told = _DECLINED if error.code == "card_declined" else text("{reason}", reason=str(error))
                return _shown(checkout_page(self._book, session, say, told), error.status)
            await self._changed()
        address = success_address(session)
        if session["status"] == "complete" and address is not None:
            return _to(address)
        return _shown(checkout_page(self._book, session, say))

    async def _show_portal(self, request: web.Request, say: Speaker) -> web.Response:
        session = self._portal(request)
        return _shown(portal_page(self._book, session, say, done=request.query.get("done")))

    async def _change(self, request: web.Request, say: Speaker) -> web.Response:
        session, action = self._portal(request), request.match_info["action"]
        form = await _form(request)
        try:
            self._act(session["customer"], action, form)
        except StripeBookError as error:
            told = text("{reason}", reason=str(error))
            return _shown(portal_page(self._book, session, say, refusal=told), error.status)
        await self._changed()
        return _to(f"/portal/{session['id']}?done={action}")

    def _act(self, customer_id: str, action: str, form: Form) -> None:
        book = self._book
        if action == "card":
            self._change_card(customer_id, _card(form))
            return
        subscription = book.find("subscriptions", form.get("subscription", ""))
        if subscription["customer"] != customer_id:
            raise StripeBookError("No such subscription.", status=404)
        match action:
            case "switch":
                book.change_price(subscription["id"], form.get("price", ""))
            case "cancel":
                book.set_cancel_at_period_end(subscription["id"], wanted=True)
            case "cancel-now":
                book.cancel_now(subscription["id"])
            case "resume" if subscription["status"] == "paused":
                book.resume(subscription["id"])
            case "resume":
                book.set_cancel_at_period_end(subscription["id"], wanted=False)
            case _:
                raise StripeBookError("No such action.", status=404)

    def _change_card(self, customer_id: str, card: SandboxCard) -> None:
        """Charge another card from now on, for the subscriptions that have one of their own too."""
        made = self._book.add_card(customer_id, brand=card.brand, last4=card.last4)
        for item in self._book.subscriptions_of(customer_id):
            if item["status"] not in OVER and item["default_payment_method"] is not None:
                self._book.change_subscription(item["id"], {"default_payment_method": made["id"]})

    async def _show_invoice(self, request: web.Request, say: Speaker) -> web.Response:
        return _shown(invoice_page(self._book, self._book.find("invoices", request.match_info["id"]), say))

    async def _pay_invoice(self, request: web.Request, say: Speaker) -> web.Response:
        invoice = self._book.find("invoices", request.match_info["id"])
        subscription = self._book.find("subscriptions", invoice["parent"]["subscription_details"]["subscription"])
        if not self._book.pays_well(subscription):
            told = text("The card was declined. Change the card in the customer portal first.")
            return _shown(invoice_page(self._book, invoice, say, told), 402)
        if invoice["status"] == "open":
            self._book.pay(invoice["id"])
            await self._changed()
        return _to(f"/invoice/{invoice['id']}")

    async def _show_pdf(self, request: web.Request, say: Speaker) -> web.Response:
        invoice = self._book.find("invoices", request.match_info["id"])
        name = f"invoice-{invoice['number']}.pdf"
        headers = SECURITY_HEADERS | {"Content-Disposition": f'inline; filename="{name}"'}
        content = invoice_pdf(self._book, invoice, say)
        return web.Response(body=content, content_type="application/pdf", headers=headers)

    def _portal(self, request: web.Request) -> Object:
        """Return an open portal session; raise StripeBookError for one that is too old."""
        session = self._book.find("portals", request.match_info["id"])
        if session["created"] + _PORTAL_SECONDS < self._book.now:
            raise StripeBookError("This session has expired.", status=410)
        return session


async def _form(request: web.Request) -> Form:
    return {name: value for name, value in (await request.post()).items() if isinstance(value, str)}


def _card(form: Form) -> SandboxCard:
    """Return the chosen card; raise StripeBookError when there is no such card."""
    name = form.get("card", SandboxCard.SUCCEEDS.name)
    if name not in SandboxCard.__members__:
        raise StripeBookError("No such card.")
    return SandboxCard[name]


def _shown(content: str, status: int = 200) -> web.Response:
    return web.Response(status=status, text=content, content_type="text/html", headers=SECURITY_HEADERS)


def _to(address: str) -> web.Response:
    return web.Response(status=303, headers={"Location": address} | SECURITY_HEADERS)

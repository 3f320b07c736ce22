"""The hosted invoice of the sandbox's Stripe, as a page and as a PDF of one page."""

from __future__ import annotations

from collections.abc import Sequence

from smtpy_desktop.sandbox.hosted_html import Html, Speaker, document, tag
from smtpy_desktop.sandbox.stripe_book import StripeBook
from smtpy_desktop.sandbox.stripe_shapes import Object
from smtpy_desktop.sandbox.stripe_words import date_words, money_words, status_words
from smtpy_desktop.schemas.text import Text, text

_LEFT, _TOP, _LINE = 72, 760, 24
_A4 = b"[0 0 595 842]"


def invoice_page(book: StripeBook, invoice: Object, say: Speaker, refusal: Text | None = None) -> str:
    """Return the page of an invoice; an open one can be paid."""
    pairs = [part for words, value in _facts(book, invoice, say) for part in (tag("dt", words), tag("dd", value))]
    pay = tag(
        "form",
        tag("button", say(text("Pay this invoice")), type="submit", class_="primary"),
        method="post",
    )
    return document(
        say,
        _title(invoice),
        tag("p", money_words(invoice["total"], invoice["currency"]), class_="price"),
        say.told(refusal, is_bad=True) if refusal is not None else Html(),
        tag("section", tag("dl", *pairs), pay if invoice["status"] == "open" else Html()),
        tag("p", tag("a", say(text("Download as PDF")), href=f"/invoice/{invoice['id']}/pdf"), class_="actions"),
    )


def invoice_pdf(book: StripeBook, invoice: Object, say: Speaker) -> bytes:
    """Return the invoice as a PDF (ISO 32000-1, one page in Helvetica)."""
    facts = [f"{words}: {value}" for words, value in _facts(book, invoice, say)]
    money = money_words(invoice["total"], invoice["currency"])
    return _one_page([say(_title(invoice)), money, "", *facts, "", say(text("Sandbox - no money is moved"))])


def _title(invoice: Object) -> Text:
    return text("Invoice {number}", number=invoice["number"])


def _facts(book: StripeBook, invoice: Object, say: Speaker) -> list[tuple[str, str]]:
    subscription = book.find("subscriptions", invoice["parent"]["subscription_details"]["subscription"])
    plan = book.product_name(subscription["items"]["data"][0]["price"])
    period = f"{date_words(invoice['period_start'])} / {date_words(invoice['period_end'])}"
    facts = [
        (say(text("Customer")), invoice["customer_name"] or invoice["customer_email"] or invoice["customer"]),
        (say(text("Plan")), plan),
        (say(text("Period")), period),
        (say(text("Date")), date_words(invoice["created"])),
        (say(text("State")), say(status_words(invoice["status"]))),
    ]
    if invoice["next_payment_attempt"] is not None:
        facts.append((say(text("Next attempt")), date_words(invoice["next_payment_attempt"])))
    return facts


def _one_page(lines: Sequence[str]) -> bytes:
    """Write lines below one another, the first one larger; characters that the font lacks become ``?``."""
    shown = []
    for number, line in enumerate(lines):
        escaped = line.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)").encode("cp1252", "replace")
        size = 20 if number == 0 else 12
        shown.append(b"BT /F1 %d Tf %d %d Td (%s) Tj ET" % (size, _LEFT, _TOP - number * _LINE, escaped))
    content = b"\n".join(shown)
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox %s /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>" % _A4,
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
    ]
    made, places = bytearray(b"%PDF-1.4\n"), []
    for number, item in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, item)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(made)
    made += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    made += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)
    return bytes(made)

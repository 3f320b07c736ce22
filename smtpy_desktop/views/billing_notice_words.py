"""How notices about billing and invoices are put into words."""

from __future__ import annotations

from smtpy_desktop.core.visible_text import visible_line
from smtpy_desktop.schemas.billing import Invoice
from smtpy_desktop.schemas.billing_account import BillingNotice, NoticeKind
from smtpy_desktop.views.billing_money import money
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.painting import PillCell
from smtpy_desktop.views.widgets.texts import tr


def notice_words(notice: BillingNotice) -> str:
    """Return one line that says what happened, with the organization's name."""
    name = visible_line(notice.organization_name, 60)
    match notice.kind:
        case NoticeKind.PAYMENT_FAILED if notice.amount is not None and notice.currency is not None:
            return tr("{name}: a payment of {amount} failed.", name=name, amount=money(notice.amount, notice.currency))
        case NoticeKind.PAYMENT_FAILED:
            return tr("{name}: a payment failed.", name=name)
        case NoticeKind.SUBSCRIPTION_ENDING:
            return tr("{name}: the subscription will end and is not renewed.", name=name)
        case NoticeKind.SUBSCRIPTION_ENDED:
            return tr("{name}: the subscription has ended.", name=name)
        case NoticeKind.DRIFT_FOUND:
            return tr("{name}: what is kept here differed from Stripe.", name=name)
        case NoticeKind.CUSTOMER_DELETED:
            return tr("{name}: the customer was deleted at Stripe.", name=name)


def notice_tone(notice: BillingNotice) -> Tone:
    """Return how urgent a notice is."""
    is_bad = notice.kind in (NoticeKind.PAYMENT_FAILED, NoticeKind.CUSTOMER_DELETED)
    return Tone.BAD if is_bad else Tone.WARN


def notice_icon(notice: BillingNotice) -> str:
    """Return the icon that says the same as the tone."""
    return {
        NoticeKind.PAYMENT_FAILED: "credit-card",
        NoticeKind.SUBSCRIPTION_ENDING: "clock",
        NoticeKind.SUBSCRIPTION_ENDED: "power",
        NoticeKind.DRIFT_FOUND: "alert-triangle",
        NoticeKind.CUSTOMER_DELETED: "trash",
    }[notice.kind]


def invoice_pill(invoice: Invoice) -> PillCell:
    """Return an invoice's state as a pill (docs.stripe.com/invoicing/overview, invoice statuses)."""
    match invoice.status:
        case "paid":
            return PillCell(tr("Paid"), Tone.OK)
        case "open" if invoice.attempts > 0:
            return PillCell(tr("Payment failed"), Tone.BAD, "alert-triangle")
        case "open":
            return PillCell(tr("Open"), Tone.WARN, "clock")
        case "draft":
            return PillCell(tr("Draft"), Tone.MUTED, "pencil")
        case "void":
            return PillCell(tr("Void"), Tone.MUTED, "minus")
        case "uncollectible":
            return PillCell(tr("Not collected"), Tone.BAD, "circle-x")
        case other:
            return PillCell(visible_line(other, 20), Tone.MUTED)

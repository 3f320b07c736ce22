"""What the sandbox's messages are made of: addresses, subjects, and the replies of mail servers as they really look."""

from __future__ import annotations

from typing import NamedTuple

SENDERS = (
    "orders@papershop.example",
    "news@gardenletter.example",
    "no-reply@ticketdesk.example",
    "billing@cloudworks.example",
    "service@citybank.example",
    "shipping@parcelway.example",
    "office@school-elmstreet.example",
    "events@townhall.example",
    "info@xn--caf-dma.example",
    "kontakt@xn--mnchen-3ya.example",
    "bonjour@librairie-du-port.example",
    "hola@viajes-del-sur.example",
    "support@printworks.example",
    "invoices@waterworks.example",
    "alerts@statuswatch.example",
    "reports@dmarc-digest.example",
    "press@morning-post.example",
    "jobs@workboard.example",
    "reservations@hotel-lindenhof.example",
    "accounts@taxhelper.example",
    "team@cyclists.example",
    "archive@museum.example",
    "purchasing@steelyard.example",
    "choir@st-anne.example",
)
"""From the busiest to the rarest."""

RECIPIENT_PARTS = ("info", "office", "hello", "orders", "invoices", "contact", "jobs", "sales")
TARGETS = (
    "inbox@mailbox.example",
    "desk@postfach.example",
    "front.office@letterbox.example",
    "team@sharedmail.example",
)
SECOND_TARGET = "archive@keepmail.example"


def usual_target(domain_id: int, part: str) -> str:
    """Return where mail to an address of a sample domain goes: what its alias says, and its messages show."""
    return TARGETS[(domain_id + len(part)) % len(TARGETS)]


SUBJECTS = (
    "Invoice {n}",
    "Your order {n} has been shipped",
    "Meeting moved to Thursday",
    "Question about your offer {n}",
    "Your weekly report",
    "Password reset requested",
    "Rechnung Nr. {n}",
    "Einladung zum Frühstück im Büro",
    "Größere Änderungen an Ihrem Konto",
    "Votre facture n° {n} est disponible",
    "Réunion déplacée à jeudi",
    "Tu pedido {n} está en camino",
    "¿Nos vemos mañana?",
    "Счёт № {n}",
    "请查收发票 {n}",
    "会議の日程について",
    "Τιμολόγιο {n}",
    "فاتورة رقم {n}",
    "Zápis z porady č. {n}",
    "Summer sale: 20% off everything",
    "Security alert: new sign-in",
    "Minutes of the board meeting",
    "Reservation {n} confirmed",
    "Photos from the weekend in Kraków",
    "Contract draft v{n}",
    "Application for the open position",
    "Newsletter {n}: what is new in our garden",
)
PREVIEWS = (
    "Hello, please find attached the document you asked for. Kind regards.",
    "Thank you for your order. It will arrive within three working days.",
    "Could we move the meeting to next week? The room is booked until noon.",
    "Guten Tag, anbei erhalten Sie die gewünschten Unterlagen. Mit freundlichen Grüßen",
    "Bonjour, vous trouverez ci-joint le compte rendu de notre réunion.",
    "You can unsubscribe from this list at any time by following the link below.",
    "The backup finished without errors. 12 files were copied, 0 were skipped.",
    "こんにちは。添付のファイルをご確認ください。",
    "Somebody asked to reset the password of your account. If it was not you, ignore this message.",
    "All checks are green. The slowest answer took 120 ms.",
)
ATTACHMENTS = (
    ("invoice.pdf", "application/pdf"),
    ("Übersicht.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("photo.jpg", "image/jpeg"),
    ("contract.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("calendar.ics", "text/calendar"),
)


class Reply(NamedTuple):
    """What a mail server answers (``{target}`` is the address), or what went wrong before it could (no codes)."""

    code: int | None
    enhanced: str | None
    words: str

    @property
    def is_timeout(self) -> bool:
        """Whether nobody answered at all."""
        return "timed out" in self.words

    def error(self) -> str:
        """Return the reply as one line."""
        return " ".join(str(part) for part in (self.code, self.enhanced, self.words) if part)


ACCEPTED = (
    Reply(250, "2.0.0", "OK 1732270000 d2e1a72fcca58-724de532a5bsi3212345b3a.101"),
    Reply(250, "2.0.0", "Ok: queued as 4XzK1c2Yp0z9sRh"),
    Reply(250, "2.6.0", "Queued mail for delivery"),
    Reply(250, "2.0.0", "OK id=1tEXYZ-0004Qw-1k"),
)
PUT_OFF = (
    Reply(451, "4.7.1", "Greylisting in action, please come back later"),
    Reply(450, "4.2.0", "<{target}>: Recipient address rejected: Greylisted"),
    Reply(421, "4.3.2", "System not accepting network messages, try again later"),
)
BOUNCED = (
    Reply(550, "5.1.1", "<{target}>: Recipient address rejected: User unknown"),
    Reply(550, "5.1.1", "The email account that you tried to reach does not exist."),
    Reply(552, "5.2.2", "<{target}> Mailbox is full / Over quota"),
    Reply(550, "5.2.1", "The email account that you tried to reach is disabled."),
    Reply(550, "5.7.1", "Service unavailable, client host [192.0.2.25] blocked using zen.blocklist.example"),
    Reply(554, "5.7.1", "Message rejected as spam by content filtering."),
    Reply(552, "5.3.4", "Message size exceeds fixed maximum message size (26214400)"),
)
BOUNCED_BY_POLICY = Reply(550, "5.7.26", "Unauthenticated email is not accepted due to the DMARC policy.")
FAILED = (
    Reply(None, None, "Connection to the mail server timed out."),
    Reply(None, None, "Connection refused"),
    Reply(None, None, "Host or domain name not found"),
    Reply(421, "4.7.28", "Our system has detected an unusual rate; too many messages from 192.0.2.25."),
    Reply(530, "5.7.0", "Must issue a STARTTLS command first"),
)
REJECTED = (
    Reply(550, "5.1.1", "No such user here"),
    Reply(550, "5.7.1", "The sender's DMARC policy asks to reject this message."),
    Reply(554, "5.7.1", "Relay access denied"),
    Reply(554, "5.4.6", "Too many hops: mail loop detected"),
)

"""What generated messages are made of: addresses, subjects, and the replies of mail servers as they really look."""

from __future__ import annotations

from typing import NamedTuple

SENDER_PARTS = (
    *("news", "billing", "orders", "info", "support", "no-reply", "newsletter", "shipping", "team", "service"),
    *("alerts", "hr", "sales", "events", "office", "security", "press", "reports", "accounts", "community"),
)
SENDER_HOSTS = (
    *("example.com", "example.net", "example.org", "mail.example.com", "shop.example.net", "list.example.org"),
    *("cloud.example.com", "bank.example.net", "school.example.org", "city.example.net", "travel.example.com"),
    *("xn--mnchen-3ya.example", "xn--caf-dma.example"),
)
RECIPIENT_PARTS = ("info", "hello", "sales", "office", "contact", "jobs", "support", "me", "invoices", "shop")
TARGET_HOSTS = ("mailbox.example.com", "inbox.example.net", "post.example.org")

SUBJECTS = (
    "Invoice {n}",
    "Your order {n} has been shipped",
    "Meeting on Thursday",
    "Re: offer {n}",
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
    "Встреча перенесена",
    "请查收发票 {n}",
    "会議の日程について",
    "주문 {n} 배송 안내",
    "Τιμολόγιο {n}",
    "فاتورة رقم {n}",
    "Zápis z porady č. {n}",
    "Türkçe bülten: ağustos {n}",
    "🎉 Summer sale: 20% off everything",
    "Security alert: new sign-in",
    "Minutes of the board meeting",
    "Question about ticket #{n}",
    "Photos from the weekend 📷",
    "Contract draft v{n}",
    "Job application: system administrator",
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
    "The server answered within 120 ms. All checks are green.",
)
ATTACHMENTS = (
    ("invoice.pdf", "application/pdf"),
    ("Übersicht.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("photo.jpg", "image/jpeg"),
    ("contract.docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("calendar.ics", "text/calendar"),
    ("logs.zip", "application/zip"),
)


class Refusal(NamedTuple):
    """How a message ends that is not delivered."""

    status: str
    bounce_class: str
    code: int | None
    enhanced: str | None
    reply: str


REFUSALS = (
    Refusal("bounced", "unknown_user", 550, "5.1.1", "The email account that you tried to reach does not exist."),
    Refusal("bounced", "unknown_user", 550, "5.1.1", "<{target}>: Recipient address rejected: User unknown"),
    Refusal("bounced", "unknown_user", 550, "5.1.10", "RESOLVER.ADR.RecipientNotFound; Recipient not found"),
    Refusal("bounced", "mailbox_full", 552, "5.2.2", "The recipient's inbox is out of storage space and inactive."),
    Refusal("bounced", "mailbox_full", 552, "5.2.2", "<{target}> Mailbox is full / Over quota"),
    Refusal("bounced", "mailbox_disabled", 550, "5.2.1", "The email account that you tried to reach is disabled."),
    Refusal("bounced", "policy", 550, "5.7.26", "Unauthenticated email is not accepted due to the DMARC policy."),
    Refusal("bounced", "reputation", 550, "5.7.1", "Service unavailable, client host blocked using Spamhaus."),
    Refusal("bounced", "content", 554, "5.7.1", "Message rejected as spam by content filtering."),
    Refusal("bounced", "too_large", 552, "5.3.4", "Message size exceeds fixed maximum message size (26214400)"),
    Refusal("failed", "timeout", None, None, "Connection to the mail server timed out."),
    Refusal("failed", "connection_refused", None, None, "Connection refused"),
    Refusal("failed", "host_not_found", None, None, "Host or domain name not found"),
    Refusal("failed", "rate_limited", 421, "4.7.28", "Our system has detected an unusual rate; too many messages."),
    Refusal("failed", "greylisted", 450, "4.2.0", "<{target}>: Recipient address rejected: Greylisted"),
    Refusal("failed", "tls_required", 530, "5.7.0", "Must issue a STARTTLS command first"),
    Refusal("rejected", "unknown_user", 550, "5.1.1", "No such user here"),
    Refusal("rejected", "unknown_user", 550, "5.1.1", "No such user here"),
    Refusal("rejected", "policy", 550, "5.7.1", "The sender's DMARC policy asks to reject this message."),
    Refusal("rejected", "relay_denied", 554, "5.7.1", "Relay access denied"),
    Refusal("rejected", "loop", 554, "5.4.6", "Too many hops: mail loop detected"),
    Refusal("pending", "greylisted", 451, "4.7.1", "Greylisting in action, please come back later"),
    Refusal("pending", "server_busy", 421, "4.3.2", "System not accepting network messages, try again later"),
)
ACCEPTANCES = (
    "2.0.0 OK  1732270000 d2e1a72fcca58-724de532a5bsi3212345b3a.101 - gsmtp",
    "2.0.0 Ok: queued as 4XzK1c2Yp0z9sRh",
    "2.6.0 <message> Queued mail for delivery",
    "OK id=1tEXYZ-0004Qw-1k",
)

"""What the mail server says by itself; everything else is decided by the intake."""

from __future__ import annotations

from smtpy_desktop.core.smtp_message_data import DataFault
from smtpy_desktop.schemas.smtp_session import SmtpReply

OK = SmtpReply(250, "2.0.0", "Done")
HELP = SmtpReply(214, "2.0.0", "This server forwards mail; see RFC 5321")
VRFY = SmtpReply(252, "2.1.5", "Send the mail and see")
BYE = SmtpReply(221, "2.0.0", "Goodbye")
GO_ON = SmtpReply(354, "", "End the message with CRLF.CRLF")
BEGIN_TLS = SmtpReply(220, "2.0.0", "Begin TLS")

UNKNOWN_COMMAND = SmtpReply(500, "5.5.1", "This command is not known")
NOT_OFFERED = SmtpReply(502, "5.5.1", "This command is not offered")
NO_ARGUMENT = SmtpReply(501, "5.5.4", "This command takes no argument")
NEEDS_ARGUMENT = SmtpReply(501, "5.5.4", "This command needs an argument")
WRONG_HELO = SmtpReply(501, "5.5.4", "Say the name of your host")
WRONG_MAIL = SmtpReply(501, "5.5.4", "Write it as MAIL FROM:<name@example.com>")
WRONG_RCPT = SmtpReply(501, "5.5.4", "Write it as RCPT TO:<name@example.com>")
BARE_LINE = SmtpReply(500, "5.5.2", "A line ends with CR and LF together, and holds no other CR, LF or NUL")
LONG_LINE = SmtpReply(500, "5.5.2", "The line is too long")
EHLO_FIRST = SmtpReply(503, "5.5.1", "Say EHLO first")
LHLO_FIRST = SmtpReply(503, "5.5.1", "Say LHLO first")
MAIL_FIRST = SmtpReply(503, "5.5.1", "Say MAIL first")
RCPT_FIRST = SmtpReply(503, "5.5.1", "Say RCPT first")
MAIL_TWICE = SmtpReply(503, "5.5.1", "One mail is begun already")
IN_MAIL = SmtpReply(503, "5.5.1", "Not while a mail is begun")
IN_TLS = SmtpReply(503, "5.5.1", "TLS is in use already")
NO_RECIPIENT = SmtpReply(554, "5.5.1", "There is no recipient whose mail is taken")
MANY_RECIPIENTS = SmtpReply(452, "4.5.3", "Too many recipients, send the rest after this message")
WRONG_ATTRIBUTE = SmtpReply(501, "5.5.4", "An attribute of the client is not known or not written as it has to be")
NOT_TRUSTED = SmtpReply(550, "5.7.0", "This is not believed from your address")

TEMPORARY = SmtpReply(451, "4.3.0", "Something went wrong here, try again later")
NOT_NOW = SmtpReply(421, "4.3.0", "Something went wrong here, try again later")
CLOSING = SmtpReply(421, "4.3.2", "The service is being stopped, try again later")
TOO_MANY = SmtpReply(421, "4.7.0", "Too many connections, try again later")
TOO_SLOW = SmtpReply(421, "4.4.2", "You took too long")
TOO_BAD = SmtpReply(421, "4.7.0", "Too many commands that lead nowhere")
OUT_OF_STEP = SmtpReply(421, "4.7.0", "You do not wait for the replies")
NO_SMTP = SmtpReply(421, "4.7.0", "This is no web server")
STRANGER = SmtpReply(554, "5.7.0", "LMTP is spoken with trusted addresses only")
TOO_BIG = SmtpReply(552, "5.3.4", "The message is bigger than what is taken here")

DATA_FAULTS = {
    DataFault.BARE: SmtpReply(554, "5.6.0", "A line ends with CR and LF together, and holds no other CR, LF or NUL"),
    DataFault.LONG_LINE: SmtpReply(554, "5.6.0", "A line is longer than 998 octets"),
    DataFault.TOO_BIG: TOO_BIG,
    DataFault.NO_ROOM: SmtpReply(452, "4.3.1", "Too much mail comes in at this moment, try again later"),
}

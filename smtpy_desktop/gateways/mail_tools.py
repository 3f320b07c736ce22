"""What trying mail out needs of the outside world: authenticating it, and handing it to a server of ours."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Protocol

from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.schemas.mail_authentication import AuthenticationVerdict, DkimSignature
from smtpy_desktop.schemas.mail_identity import DnsSettings
from smtpy_desktop.schemas.smtp_session import MailClient

if TYPE_CHECKING:
    from smtpy_desktop.gateways.smtp_gateway import MailSender


class TrialAuthenticator(Protocol):
    """The engine's own authentication, and its check of signatures alone (``gateways/mail_authenticator.py``)."""

    async def verify(self, client: MailClient, sender: str, raw: bytes) -> AuthenticationVerdict:
        """Return what SPF, DKIM, DMARC and ARC say; never raises for what a message or a server does."""
        ...

    async def signatures(self, raw: bytes) -> tuple[DkimSignature, ...]:
        """Return the verdicts on the DKIM signatures of a message as it would be sent."""
        ...


class MailTools(Protocol):
    """Makes the tools when they are wanted; what they need to be loaded costs a quarter of a second."""

    @property
    def host(self) -> str:
        """The name of this machine, as forwarders write it down."""
        ...

    def authenticator(self, dns: DnsSettings, hostname: str) -> TrialAuthenticator:
        """Return what authenticates mail with these resolvers, for use on one event loop."""
        ...

    def sender(self, hostname: str) -> MailSender:
        """Return what hands mail to servers and greets as ``hostname``, for use on one event loop; to be closed."""
        ...


class OwnMailTools:
    """The tools over the engine's own gateways."""

    def __init__(self, asker: DnsAsker) -> None:
        self._asker = asker

    @property
    def host(self) -> str:
        """The name of this machine, as forwarders write it down."""
        return socket.gethostname()

    def authenticator(self, dns: DnsSettings, hostname: str) -> TrialAuthenticator:
        """Return what authenticates mail with these resolvers."""
        from smtpy_desktop.gateways.mail_authenticator import DnsMailAuthenticator

        return DnsMailAuthenticator(self._asker, lambda: dns, hostname=lambda: hostname)

    def sender(self, hostname: str) -> MailSender:
        """Return what hands mail to servers."""
        from smtpy_desktop.gateways.smtp_gateway import SmtpGateway

        return SmtpGateway(hostname)

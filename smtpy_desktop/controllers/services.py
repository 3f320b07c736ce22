"""Everything that an open installation offers to the window and to commands, put together by the composition root."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.gateways.export_files import ExportFiles
from smtpy_desktop.gateways.mail_tools import MailTools
from smtpy_desktop.gateways.postgres_tools import BackupTools
from smtpy_desktop.gateways.stripe_api import StripeAccess
from smtpy_desktop.gateways.stripe_setup import StripeSetup
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.migration import SchemaReport
from smtpy_desktop.schemas.text import Text, text

if TYPE_CHECKING:
    from smtpy_desktop.gateways.notice_tools import NoticeTools
    from smtpy_desktop.gateways.smart_host import SmartHostTools


@dataclass(frozen=True, slots=True)
class Services:
    """An open database with who acts on it, whom to ask, whom to tell, and where exports are written to.

    ``is_read_only``: nothing may be changed, and ``read_only_reason`` says why: the schema is newer than the program,
    or the role may not. ``may_forward``: mail may be taken in and delivered, which a forwarder's role may and more not.
    ``mail`` None: mail cannot be tried out here; ``backups`` None: no backup can be made here; ``smart_host`` None: no
    password of a smart host is known here.
    """

    sessions: Sessions
    asker: DnsAsker
    keys: MasterKeys
    actor: Actor
    publish: Publish
    schema: SchemaReport
    files: ExportFiles
    stripe: StripeAccess
    stripe_setup: StripeSetup
    is_read_only: bool = False
    is_embedded: bool = True
    read_only_reason: Text | None = None
    may_forward: bool = True
    mail: MailTools | None = None
    backups: BackupTools | None = None
    notices: NoticeTools | None = None
    smart_host: SmartHostTools | None = None

    @property
    def mail_tools(self) -> MailTools:
        """What trying mail out needs; raise UserFacingError where it cannot be tried out."""
        if self.mail is None:
            raise UserFacingError(
                "NO_MAIL_TOOLS",
                text("Mail cannot be tried out here."),
                hint=text("Try it in the window or with the command line of an installation."),
            )
        return self.mail

    @property
    def backup_tools(self) -> BackupTools:
        """What backups need; raise UserFacingError where none can be made."""
        if self.backups is None:
            raise UserFacingError(
                "NO_BACKUP_TOOLS",
                text("Backups cannot be made here."),
                hint=text("Make them in the window or with the command line of an installation."),
            )
        return self.backups

    @property
    def smart_host_tools(self) -> SmartHostTools:
        """What sending by a smart host needs; raise UserFacingError where there is nothing of that kind."""
        if self.smart_host is None:
            raise UserFacingError(
                "NO_SMART_HOST_TOOLS",
                text("The smart host cannot be tried here."),
                hint=text("Try it in the window or with the command line of an installation."),
            )
        return self.smart_host

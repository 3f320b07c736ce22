"""Everything that an open installation offers to the window and to commands, put together by the composition root."""

from __future__ import annotations

from dataclasses import dataclass

from smtpy_desktop.changes import Publish
from smtpy_desktop.controllers.domains_controller import MasterKeys
from smtpy_desktop.controllers.transactions import Sessions
from smtpy_desktop.gateways.dns_gateway import DnsAsker
from smtpy_desktop.gateways.export_files import ExportFiles
from smtpy_desktop.gateways.stripe_api import StripeAccess
from smtpy_desktop.gateways.stripe_setup import StripeSetup
from smtpy_desktop.schemas.audit import Actor
from smtpy_desktop.schemas.migration import SchemaReport


@dataclass(frozen=True, slots=True)
class Services:
    """An open database with who acts on it, whom to ask, whom to tell, and where exports are written to.

    ``is_read_only`` when the schema is newer than the program.
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

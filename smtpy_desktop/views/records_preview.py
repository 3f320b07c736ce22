"""Shows which records a domain would have to publish, while the mail identity is being typed."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from smtpy_desktop.core.wanted_records import wanted_records
from smtpy_desktop.schemas.dns import RecordKind, WantedRecord
from smtpy_desktop.schemas.mail_identity import MailIdentity
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.card import Card
from smtpy_desktop.views.widgets.code_block import CodeBlock
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.texts import tr

_EXAMPLE = "example.com"
_SHOWN = (RecordKind.MX, RecordKind.SPF, RecordKind.DMARC)


class RecordsPreview(Card):
    """MX, SPF and DMARC of example.com; DKIM and ownership are different for every domain."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(tr("Preview"), tr("what {name} would publish", name=_EXAMPLE), parent)
        self.set_roomy()
        self._blocks = {
            RecordKind.MX: CodeBlock("MX", "", self, remark=_EXAMPLE, copy=False),
            RecordKind.SPF: CodeBlock("SPF", "", self, remark=f"TXT {_EXAMPLE}", copy=False),
            RecordKind.DMARC: CodeBlock("DMARC", "", self, remark=f"TXT _dmarc.{_EXAMPLE}", copy=False),
        }
        for block in self._blocks.values():
            self.body.addWidget(block)
        rest = tr("A DKIM key and a proof of ownership come with each domain; they are made when you add it.")
        self.body.addWidget(PlainLabel(rest, self, tone=Tone.MUTED, size="small", wrap=True))
        self.body.addStretch(1)
        self.show_identity(MailIdentity())

    def show_identity(self, identity: MailIdentity) -> None:
        """Show the records that follow from an identity; what is missing is said so."""
        records = wanted_records(
            _EXAMPLE, identity=identity, dkim_selector="", dkim_public_key="", verification_token=""
        )
        for kind in _SHOWN:
            lines = [_line(record) for record in records if record.kind is kind]
            self._blocks[kind].set_value("\n".join(lines) or tr("(not set yet)"))

    def text_of(self, kind: RecordKind) -> str:
        """Return what is shown for a record."""
        return self._blocks[kind].value.text()


def _line(record: WantedRecord) -> str:
    return record.value if record.priority is None else f"{record.priority} {record.value}"

"""The dialog that packs up what helps to find a fault: everything can be read before it is saved."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QPlainTextEdit, QWidget

from smtpy_desktop.controllers import support_bundle_controller
from smtpy_desktop.controllers.support_bundle_controller import SupportSources
from smtpy_desktop.core.visible_text import visible_text
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.runtime.task_runner import TaskRunner
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.schemas.support_bundle import BundlePart, SupportBundle
from smtpy_desktop.views.message_words import size_words
from smtpy_desktop.views.tables.columns import Column
from smtpy_desktop.views.tables.data_table import DataTable
from smtpy_desktop.views.tables.keyed_table_model import KeyedTableModel
from smtpy_desktop.views.tables.list_reader import fixed_reader
from smtpy_desktop.views.tables.table_frame import TableFrame
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.widgets.accessibility import announce
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.file_choice import choose_new_file
from smtpy_desktop.views.widgets.label import PlainLabel
from smtpy_desktop.views.widgets.mono_text import mono_font
from smtpy_desktop.views.widgets.remembered import Store
from smtpy_desktop.views.widgets.texts import tr, translated

_SIZE = (780, 660)
_MOST_ROWS = 7
_LONGEST_SHOWN = 300_000

ChooseFile = Callable[[QWidget, str], QFileDialog]


class SupportBundleDialog(Dialog):
    """Collects while it opens; *Save as…* writes the ZIP file and closes the dialog."""

    def __init__(
        self,
        parent: QWidget | None,
        sources: SupportSources,
        runner: TaskRunner,
        store: Store,
        *,
        on_saved: Callable[[Path], object],
        choose_file: ChooseFile = choose_new_file,
    ) -> None:
        words = tr(
            "A file to send to whoever helps you. Passwords, keys and the names in e-mail addresses are taken out; no"
            " message is in it. Names of domains and servers are: look through it first."
        )
        super().__init__(parent, tr("Support bundle"), words)
        self._sources, self._runner = sources, runner
        self._on_saved, self._choose_file = on_saved, choose_file
        self._bundle: SupportBundle | None = None
        self.model: KeyedTableModel[BundlePart] = KeyedTableModel(_columns(), fixed_reader(()), self)
        self.table: DataTable[BundlePart] = DataTable(self.model, tr("What is in it"), "support-bundle", store, self)
        self.table.set_compact(compact=True)
        self.frame = TableFrame(self.table, self, on_surface=True)
        self.preview = QPlainTextEdit(self)
        self.preview.setReadOnly(True)
        self.preview.setFont(mono_font())
        self.preview.setAccessibleName(tr("Preview"))
        self.preview.setTabChangesFocus(True)
        self.state = PlainLabel(tr("Collecting …"), self, tone=Tone.MUTED, wrap=True)
        for widget in (self.frame, self.preview):
            self.content.addWidget(widget, 1)
        self.content.addWidget(self.state)
        self.save_button = Button(tr("&Save as…"), self, kind="primary", icon="download", action=self._on_save)
        self.save_button.setEnabled(False)
        self.set_buttons(Button(tr("Close"), self, action=self.reject), self.save_button)
        self.let_content_grow()
        self.resize(*_SIZE)
        self.table.selection_changed.connect(self._show_part)
        self.offer_help("support")
        self._collect()

    def _collect(self) -> None:
        self._runner.run(
            support_bundle_controller.gather(self._sources, Progress()),
            owner=self,
            on_success=self._show,
            on_error=self._fail,
        )

    def _show(self, bundle: SupportBundle) -> None:
        self._bundle = bundle
        self.model.set_reader(fixed_reader(bundle.parts))
        self.model.reload(keep=False)
        self.frame.fit_rows(_MOST_ROWS)
        self.table.selectRow(0)
        self.state.setText("")
        self.state.hide()
        self.save_button.setEnabled(True)
        self.save_button.setDefault(True)
        announce(self, tr("The support bundle is ready to be saved."))

    def _show_part(self) -> None:
        part = self.table.current_row()
        text = part.content if part is not None else ""
        self.preview.setPlainText(visible_text(text[:_LONGEST_SHOWN]))

    def _on_save(self) -> None:
        if self._bundle is not None:
            chooser = self._choose_file(self, f"{self._bundle.name}.zip")
            chooser.fileSelected.connect(self._save)

    def _save(self, name: str) -> None:
        if self._bundle is None:
            return
        path = Path(name)
        self.save_button.setEnabled(False)
        self._runner.run(
            support_bundle_controller.save(self._sources.store, self._bundle, path),
            owner=self,
            on_success=partial(self._on_written, path),
            on_error=self._fail,
        )

    def _on_written(self, path: Path, _size: int) -> None:
        self._on_saved(path)
        self.accept()

    def _fail(self, error: UserFacingError) -> bool:
        parts = (error.message, error.detail, error.hint)
        self.state.setText(" ".join(translated(part) for part in parts if part is not None))
        self.state.set_tone(Tone.BAD)
        self.state.show()
        self.save_button.setEnabled(self._bundle is not None)
        return True


def _columns() -> list[Column[BundlePart]]:
    return [
        Column("name", tr("File"), lambda part: part.name, width=190, required=True, mono=True),
        Column(
            "explanation",
            tr("What is in it"),
            lambda part: translated(part.explanation),
            stretch=True,
            tooltip=lambda part: translated(part.explanation),
        ),
        Column(
            "size",
            tr("Size"),
            lambda part: size_words(part.size_bytes),
            width=86,
            align_end=True,
            tone=lambda part: Tone.MUTED,
        ),
    ]

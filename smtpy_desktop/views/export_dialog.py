"""Exporting messages from the window: which format, columns and time zone, then where to, then a task that runs."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimeZone
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from smtpy_desktop.controllers import message_export_controller
from smtpy_desktop.core.message_search import format_search
from smtpy_desktop.errors import UserFacingError
from smtpy_desktop.schemas.message_export import (
    DEFAULT_COLUMNS,
    ExportColumn,
    ExportFormat,
    ExportOptions,
    ExportResult,
)
from smtpy_desktop.schemas.message_search import MessageQuery
from smtpy_desktop.schemas.progress import Progress
from smtpy_desktop.views.export_words import column_title, format_title
from smtpy_desktop.views.theme_tokens import Tone
from smtpy_desktop.views.view_context import ViewContext
from smtpy_desktop.views.widgets.buttons import Button
from smtpy_desktop.views.widgets.dialog import Dialog
from smtpy_desktop.views.widgets.file_choice import choose_new_file
from smtpy_desktop.views.widgets.form import Form
from smtpy_desktop.views.widgets.message_bar import Message
from smtpy_desktop.views.widgets.moments import zone_name
from smtpy_desktop.views.widgets.texts import tr, tr_n, translated
from smtpy_desktop.views.widgets.wrapped_text import WrappedText

_COLUMNS_HEIGHT = 168
_REMEMBERED_FORMAT = "messages/export/format"
_REMEMBERED_COLUMNS = "messages/export/columns"
_REMEMBERED_ZONE = "messages/export/zone"


def open_export_dialog(
    context: ViewContext, query: MessageQuery, parent: QWidget, *, limit: int | None = None
) -> ExportDialog:
    """Ask how to export exactly the messages of a query, and do it as a task; the dialog is open when this returns.

    ``limit`` takes only so many from the start of their order (*Recent*).
    """
    dialog = ExportDialog(context, query, parent, limit)
    dialog.open()
    return dialog


class ExportDialog(Dialog):
    """Chooses how to export; *Choose file* closes it and asks where to, and the export goes on without it."""

    def __init__(self, context: ViewContext, query: MessageQuery, parent: QWidget, limit: int | None = None) -> None:
        super().__init__(parent, tr("Export messages"))
        self._context, self._query, self._page, self._limit = context, query, parent, limit
        self.what = WrappedText(_what(query, limit), self, tone=Tone.MUTED)
        self.content.addWidget(self.what)
        self.form = Form(self)
        self.content.addWidget(self.form)
        self._build_format()
        self._build_columns()
        self._build_zone()
        self._build_boxes()
        self.cancel_button = Button(tr("Cancel"), self, action=self.reject)
        self.choose_button = Button(tr("Choose &file…"), self, kind="primary", action=self._on_choose)
        self.choose_button.setDefault(True)
        self.offer_help("messages")
        self.set_buttons(self.cancel_button, self.choose_button)
        self._on_changed()

    @property
    def query(self) -> MessageQuery:
        """Which messages are exported."""
        return self._query

    @property
    def options(self) -> ExportOptions:
        """What is chosen now."""
        form = ExportFormat(self.format_box.currentData())
        columns = tuple(column for column, item in self._items.items() if item.checkState() is Qt.CheckState.Checked)
        titles = {column: column_title(column) for column in columns} if form is ExportFormat.XLSX else {}
        return ExportOptions(
            form,
            columns,
            str(self.zone_box.currentData()),
            defuse=self.defuse_box.isChecked(),
            describe=self.describe_box.isChecked(),
            limit=self._limit,
            titles=titles,
        )

    def _build_format(self) -> None:
        self.format_box = QComboBox(self)
        for form in ExportFormat:
            self.format_box.addItem(format_title(form), form.value)
        kept = self._context.memory.value(_REMEMBERED_FORMAT, ExportFormat.CSV.value)
        self.format_box.setCurrentIndex(max(0, self.format_box.findData(kept)))
        self.format_box.currentIndexChanged.connect(self._on_format)
        self.form.add_field("format", tr("F&ormat"), self.format_box)

    def _build_columns(self) -> None:
        kept = str(self._context.memory.value(_REMEMBERED_COLUMNS, ",".join(DEFAULT_COLUMNS))).split(",")
        self.columns_list = QListWidget(self)
        self.columns_list.setObjectName("checkList")
        self.columns_list.setFixedHeight(_COLUMNS_HEIGHT)
        self.columns_list.setDragDropMode(QAbstractItemView.DragDropMode.NoDragDrop)
        self._items: dict[ExportColumn, QListWidgetItem] = {}
        for column in ExportColumn:
            item = QListWidgetItem(column_title(column), self.columns_list)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if column.value in kept else Qt.CheckState.Unchecked)
            self._items[column] = item
        self.columns_list.itemChanged.connect(self._on_changed)
        self.form.add_field("columns", tr("&Columns"), self.columns_list)

    def _build_zone(self) -> None:
        self.zone_box = QComboBox(self)
        here = zone_name()
        others = sorted(bytes(one.data()).decode("ascii", "replace") for one in QTimeZone.availableTimeZoneIds())
        for name in dict.fromkeys([here, "UTC", *(one for one in others if "/" in one)]):
            self.zone_box.addItem(name, name)
        self.zone_box.setCurrentIndex(
            max(0, self.zone_box.findData(self._context.memory.value(_REMEMBERED_ZONE, here)))
        )
        self.form.add_field("zone", tr("&Time zone"), self.zone_box, tr("Times in the file are in this zone."))

    def _build_boxes(self) -> None:
        self.defuse_box = QCheckBox(tr("&Keep texts from becoming formulas"), self)
        self.defuse_box.setChecked(True)
        self.defuse_box.setAccessibleDescription(
            tr("A text that begins with = + - or @ gets a quote in front, so that no spreadsheet runs it.")
        )
        self.defuse_box.setToolTip(self.defuse_box.accessibleDescription())
        self.describe_box = QCheckBox(tr("&Write search, time zone, count and time into the file"), self)
        group = QWidget(self)
        column = QVBoxLayout(group)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.defuse_box)
        column.addWidget(self.describe_box)
        self.form.add_widget(group)
        self._on_format()

    def _on_format(self) -> None:
        form = ExportFormat(self.format_box.currentData())
        self.defuse_box.setEnabled(form is not ExportFormat.JSONL)
        self.describe_box.setChecked(ExportOptions(form).is_described)

    def _on_changed(self) -> None:
        self.choose_button.setEnabled(bool(self.options.columns))

    def _on_choose(self) -> None:
        options = self.options
        self._context.memory.setValue(_REMEMBERED_FORMAT, options.format.value)
        self._context.memory.setValue(_REMEMBERED_COLUMNS, ",".join(options.columns))
        self._context.memory.setValue(_REMEMBERED_ZONE, options.zone)
        context, query, page = self._context, self._query, self._page
        chooser = choose_new_file(page, f"messages.{options.format.value}")
        chooser.fileSelected.connect(lambda path: start_export(context, query, options, Path(path), page))
        self.accept()


def _what(query: MessageQuery, limit: int | None) -> str:
    search = format_search(query.search)
    if limit is not None:
        words = tr_n("Only the newest {n} message", "Only the newest {n} messages", limit)
        return tr("{what} that match: {query}", what=words, query=search) if search else words
    return tr("All messages that match: {query}", query=search) if search else tr("All messages")


def start_export(
    context: ViewContext, query: MessageQuery, options: ExportOptions, path: Path, owner: QWidget
) -> Progress:
    """Export in the Tasks panel, with a message at the end; return its progress."""
    progress = Progress()

    def tell(result: ExportResult) -> None:
        words = tr_n(
            "Exported {n} message to {path}.", "Exported {n} messages to {path}.", result.messages, path=result.path
        )
        context.tell(Message(words, key="export"))

    def offer_retry(error: UserFacingError) -> bool:
        parts = (error.message, error.detail, error.hint)
        words = " ".join(translated(part) for part in parts if part is not None)
        again = partial(start_export, context, query, options, path, owner)
        context.tell(Message(words, Tone.BAD, tr("Try again"), again, key="export"))
        return True

    handle = context.runner.run(
        message_export_controller.export_messages(
            context.services.sessions, query, path, options, files=context.services.files, progress=progress
        ),
        owner=owner,
        on_success=tell,
        on_error=offer_retry,
        progress=progress,
        title=tr("Exporting messages to {name}", name=path.name),
    )

    def tell_stopped() -> None:
        if handle.is_cancelled:
            context.tell(Message(tr("The export was stopped; nothing was written."), Tone.ACCENT, key="export"))

    handle.ended.connect(tell_stopped)
    return progress

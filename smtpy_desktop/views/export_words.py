"""How the formats and columns of an export are called."""

from __future__ import annotations

from smtpy_desktop.schemas.message_export import ExportColumn, ExportFormat
from smtpy_desktop.views.widgets.texts import tr


def format_title(form: ExportFormat) -> str:
    """Return what a format is called."""
    match form:
        case ExportFormat.CSV:
            return tr("CSV (comma-separated)")
        case ExportFormat.XLSX:
            return tr("Excel workbook (XLSX)")
        case ExportFormat.JSONL:
            return tr("JSON Lines")


def column_title(column: ExportColumn) -> str:
    """Return what a column is called."""
    titles = {
        ExportColumn.ID: tr("Number"),
        ExportColumn.CREATED_AT: tr("Received"),
        ExportColumn.STATUS: tr("Status"),
        ExportColumn.SENDER_EMAIL: tr("From"),
        ExportColumn.RECIPIENT_EMAIL: tr("To"),
        ExportColumn.FORWARDED_TO: tr("Forwarded to"),
        ExportColumn.SUBJECT: tr("Subject"),
        ExportColumn.SIZE_BYTES: tr("Size in bytes"),
        ExportColumn.HAS_ATTACHMENTS: tr("Attachments"),
        ExportColumn.DOMAIN: tr("Domain"),
        ExportColumn.ERROR_MESSAGE: tr("Error"),
        ExportColumn.BOUNCE_CLASS: tr("Reason"),
        ExportColumn.MESSAGE_ID: tr("Message-ID"),
        ExportColumn.THREAD_ID: tr("Thread"),
        ExportColumn.BODY_PREVIEW: tr("Preview"),
        ExportColumn.DELIVERED_AT: tr("Delivered at"),
        ExportColumn.UPDATED_AT: tr("Changed at"),
    }
    return titles[column]

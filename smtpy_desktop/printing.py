"""Reports on paper without a window: Qt draws into memory. Part of the composition root.

It is imported only when a report is to be printed, because Qt is; everything else at the command line runs without it.
"""

from __future__ import annotations

from smtpy_desktop.commands.frame import Options
from smtpy_desktop.config import load_config
from smtpy_desktop.display import prepared_display
from smtpy_desktop.named_profiles import chosen_profile
from smtpy_desktop.schemas.message_report import MessageReport


def print_report(options: Options, report: MessageReport, whose: str, paper: str) -> tuple[bytes, int]:
    """Return a report as PDF in the profile's language, and its number of pages; ``paper`` is a4 or letter.

    Raises UserFacingError (QT_LIBRARIES_MISSING) on a machine without the libraries that Qt needs.
    """
    profile = chosen_profile(options.profile)
    with prepared_display(offscreen=True):
        return _print(report, whose, paper, load_config(profile).language)


def _print(report: MessageReport, whose: str, paper: str, language: str) -> tuple[bytes, int]:
    from PySide6.QtCore import QLocale
    from PySide6.QtWidgets import QApplication

    from smtpy_desktop.views.report_document import ReportDocument
    from smtpy_desktop.views.report_layout import Paper
    from smtpy_desktop.views.report_pdf import PdfFile
    from smtpy_desktop.views.theme import load_fonts
    from smtpy_desktop.views.widgets.language import use_language
    from smtpy_desktop.views.widgets.texts import tr

    existing = QApplication.instance()
    app = existing if isinstance(existing, QApplication) else QApplication(["smtpy-desktop"])
    locale = QLocale()
    translators = use_language(app, language)
    try:
        load_fonts()
        document = ReportDocument(report, whose or tr("all"), Paper[paper.upper()])
        pdf = PdfFile(document)
        for steps in (document.lay_out(), pdf.write()):
            for _ in steps:
                pass
        return pdf.content, document.page_count
    finally:
        for translator in translators:
            app.removeTranslator(translator)
        QLocale.setDefault(locale)

"""The language of the window: its texts, Qt's own (menus of text fields, file dialogs, keys), dates and numbers."""

from __future__ import annotations

from PySide6.QtCore import QLibraryInfo, QLocale, QTranslator
from PySide6.QtWidgets import QApplication

from smtpy_desktop.views.resource_files import resource_path
from smtpy_desktop.views.widgets.texts import load_translator


def use_language(app: QApplication, chosen: str) -> tuple[QTranslator, ...]:
    """Let the window speak ``chosen`` ("fr"), or the system's language where it is empty; return what was installed.

    Dates and numbers follow a language that was chosen, in the system's country where that speaks it. The window reads
    from right to left where its texts do.
    """
    system = _system_locale()
    locale = system if not chosen or _language(system) == chosen else QLocale(chosen)
    QLocale.setDefault(locale)
    ours = load_translator(_language(locale), app)
    if ours is None:
        return ()  # English; Qt's own texts stay in it too, so that there is no mixture
    app.setLayoutDirection(locale.textDirection())
    installed = tuple(translator for translator in (_qt_translator(locale, app), ours) if translator is not None)
    for translator in installed:
        app.installTranslator(translator)
    return installed


def window_language() -> str:
    """Return the language that the window speaks ("fr"); "en" for everybody whose language there is no catalogue of."""
    language = _language(QLocale())
    return language if resource_path("translations", f"{language}.json").is_file() else "en"


def _system_locale() -> QLocale:
    """The system's locale; the "C" of machines without any writes numbers without separators, so English instead."""
    system = QLocale.system()
    return system if system.language() is not QLocale.Language.C else QLocale(QLocale.Language.English)


def _language(locale: QLocale) -> str:
    return locale.name().partition("_")[0]


def _qt_translator(locale: QLocale, app: QApplication) -> QTranslator | None:
    translator = QTranslator(app)
    directory = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    return translator if translator.load(locale, "qtbase", "_", directory) else None

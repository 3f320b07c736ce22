"""The whole window speaks one language: its own texts, Qt's, and dates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication

from smtpy_desktop.views.widgets.language import use_language
from smtpy_desktop.views.widgets.texts import tr


@pytest.fixture
def app(qapp: QApplication) -> Iterator[QApplication]:
    before = QLocale()
    yield qapp
    QLocale.setDefault(before)


def test_qt_speaks_the_language_that_our_texts_are_in(app: QApplication) -> None:
    installed = use_language(app, "fr")

    try:
        assert tr("Domains") == "Domaines"
        assert QCoreApplication.translate("QWidgetTextControl", "&Paste") == "Co&ller"
        assert QKeySequence("Del").toString(QKeySequence.SequenceFormat.NativeText) == "Suppr"
        assert QLocale().toString(1234) == "1\u202f234"
    finally:
        for translator in installed:
            app.removeTranslator(translator)


def test_everything_is_english_for_a_language_without_a_catalogue(app: QApplication) -> None:
    installed = use_language(app, "is")

    assert installed == ()
    assert tr("Domains") == "Domains"

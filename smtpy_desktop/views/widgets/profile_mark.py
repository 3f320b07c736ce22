"""Which installation this window shows: its name and colour, wherever it must not be taken for another one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QRect, QSize, Qt
from PySide6.QtGui import QAccessible, QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from smtpy_desktop.schemas.profiles import ProfileColor, ProfileEntry, ProfileKind
from smtpy_desktop.views.theme_tokens import Metric, Radius, Tone, current_colors
from smtpy_desktop.views.widgets.label import set_tooltip
from smtpy_desktop.views.widgets.painting import PillCell, paint_focus, paint_pill, pill_font, pill_width
from smtpy_desktop.views.widgets.pill import Pill
from smtpy_desktop.views.widgets.texts import tr

_PROPERTY, _SANDBOX = "profile", "sandbox"
_NAME_WIDTH, _NARROW_NAME_WIDTH = 170, 84
_MARGIN = 2
_TONES = {
    ProfileColor.BLUE: Tone.ACCENT,
    ProfileColor.GREEN: Tone.OK,
    ProfileColor.AMBER: Tone.WARN,
    ProfileColor.RED: Tone.BAD,
    ProfileColor.GREY: Tone.MUTED,
}
_ICONS = {ProfileKind.PRODUCTION: "server-2", ProfileKind.TEST: "flask", ProfileKind.OTHER: "database"}


def set_current_profile(entry: ProfileEntry | None) -> None:
    """Say whose windows this process shows: there is one profile in a process. None: one without a name."""
    app = QCoreApplication.instance()
    if app is not None:
        app.setProperty(_PROPERTY, entry)


def current_profile() -> ProfileEntry | None:
    """Return whose windows this process shows."""
    app = QCoreApplication.instance()
    entry = app.property(_PROPERTY) if app is not None else None
    return entry if isinstance(entry, ProfileEntry) else None


def set_sandbox(is_sandbox: bool) -> None:
    """Say whether the windows of this process are those of the sandbox, which is nobody's installation."""
    app = QCoreApplication.instance()
    if app is not None:
        app.setProperty(_SANDBOX, is_sandbox)


def window_name() -> str:
    """Return what tells this process's windows from others': the profile's name, or the sandbox; empty: nothing."""
    entry, app = current_profile(), QCoreApplication.instance()
    if entry is not None:
        return entry.name
    return tr("Sandbox") if app is not None and app.property(_SANDBOX) else ""


def is_production() -> bool:
    """Return whether what is done here is done to an installation that people rely on."""
    entry = current_profile()
    return entry is not None and entry.kind is ProfileKind.PRODUCTION


def with_profile(title: str) -> str:
    """Return the title of a window with the profile's name, or the sandbox's, in it."""
    return " · ".join(part for part in (title, window_name()) if part)


def color_tone(color: ProfileColor) -> Tone:
    """Return the tone that shows a profile's colour in every theme."""
    return _TONES[color]


def color_word(color: ProfileColor) -> str:
    """Return what a colour is called."""
    return {
        ProfileColor.BLUE: tr("Blue"),
        ProfileColor.GREEN: tr("Green"),
        ProfileColor.AMBER: tr("Amber"),
        ProfileColor.RED: tr("Red"),
        ProfileColor.GREY: tr("Grey"),
    }[color]


def kind_word(kind: ProfileKind) -> str:
    """Return what an installation is for."""
    return {
        ProfileKind.PRODUCTION: tr("Production"),
        ProfileKind.TEST: tr("Test"),
        ProfileKind.OTHER: tr("Not specified"),
    }[kind]


def profile_pill(entry: ProfileEntry, *, widest: int = _NAME_WIDTH) -> PillCell:
    """Return how a profile is marked: its name, and what it is for where the name does not say that by itself."""
    name = QFontMetrics(pill_font()).elidedText(entry.name, Qt.TextElideMode.ElideRight, widest)
    kind = kind_word(entry.kind).upper() if entry.kind is not ProfileKind.OTHER else ""
    says_it = entry.name.casefold() == kind.casefold()
    text = kind if says_it else f"{name} · {kind}" if kind else name
    return PillCell(text, color_tone(entry.color), _ICONS[entry.kind])


def profile_sentence(entry: ProfileEntry) -> str:
    """Return in words which profile it is."""
    if entry.kind is ProfileKind.OTHER:
        return tr("Profile {name}", name=entry.name)
    return tr("Profile {name}, {kind}", name=entry.name, kind=kind_word(entry.kind))


class ProfileMark(Pill):
    """The mark in a dialog."""

    def __init__(self, entry: ProfileEntry, parent: QWidget | None = None) -> None:
        super().__init__("", parent=parent)
        cell = profile_pill(entry, widest=2 * _NAME_WIDTH)
        self.set_state(cell.text, cell.tone, icon=cell.icon)
        self.setAccessibleName(profile_sentence(entry))
        set_tooltip(self, f"{profile_sentence(entry)}\n{entry.directory}")


class ProfileBadge(QAbstractButton):
    """The mark in the top bar; pressing it leads to the other profiles. Hidden where the profile has no name."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entry: ProfileEntry | None = None
        self._is_compact = False
        self.setAccessibleName(tr("Profile"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    @property
    def cell(self) -> PillCell | None:
        """What is shown."""
        if self._entry is None:
            return None
        return profile_pill(self._entry, widest=_NARROW_NAME_WIDTH if self._is_compact else _NAME_WIDTH)

    def show_profile(self, entry: ProfileEntry | None) -> None:
        """Show a profile; None shows nothing."""
        self._entry = entry
        self.setVisible(entry is not None)
        if entry is not None:
            self.setAccessibleName(profile_sentence(entry))
            words = tr("Press to see the other profiles")
            self.setAccessibleDescription(words)
            set_tooltip(self, f"{profile_sentence(entry)}\n{entry.directory}\n{words}")
        self.updateGeometry()
        self.update()

    def set_compact(self, compact: bool) -> None:
        """Cut the name shorter."""
        self._is_compact = compact
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        cell = self.cell
        width = pill_width(cell) if cell is not None else 0
        return QSize(width + 2 * _MARGIN, Metric.PILL_HEIGHT + 2 * _MARGIN)

    def paintEvent(self, event: QPaintEvent) -> None:
        cell = self.cell
        if cell is None:
            return
        painter = QPainter(self)
        paint_pill(painter, QRect(_MARGIN, _MARGIN, self.width() - 2 * _MARGIN, Metric.PILL_HEIGHT), cell)
        if self.hasFocus():
            paint_focus(painter, self.rect(), Radius.SMALL)
        painter.end()


class ProfileBand(QWidget):
    """A line of the profile's colour across the top of a window; hidden where the profile has no name."""

    accessible_role = QAccessible.Role.StaticText

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tone = Tone.MUTED
        self.setFixedHeight(Metric.PROFILE_BAND)
        self.show_profile(current_profile())

    def show_profile(self, entry: ProfileEntry | None) -> None:
        """Show a profile's colour."""
        self.setVisible(entry is not None)
        if entry is not None:
            self._tone = color_tone(entry.color)
            self.setAccessibleName(profile_sentence(entry))
        self.update()

    def lie_over(self, window: QWidget) -> None:
        """Lie along the upper edge of a window, over the room that it leaves around what is in it."""
        self.setParent(window)
        window.installEventFilter(self)
        self.resize(window.width(), self.height())
        self.show_profile(current_profile())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() is QEvent.Type.Resize and isinstance(watched, QWidget):
            self.resize(watched.width(), self.height())
            self.raise_()
        return False

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(current_colors().foreground(self._tone)))
        painter.end()

"""What a screen reader sees of a program: the tree on the accessibility bus, walked as Orca does."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from jeepney import DBusAddress, MessageType, Properties, new_method_call
from jeepney.io.blocking import DBusConnection, open_dbus_connection

_ACCESSIBLE = "org.a11y.atspi.Accessible"
_ROOT = "/org/a11y/atspi/accessible/root"
_REGISTRY = "org.a11y.atspi.Registry"
_SHOWING, _FOCUSABLE = 25, 11  # of org.a11y.atspi.StateType
_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that is on the screen, where it stands in the tree, and what is said of it."""

    path: tuple[str, ...]
    role: str
    name: str
    description: str
    is_focusable: bool


class ScreenReader:
    """Reads what programs tell over the accessibility bus that belongs to a session bus."""

    def __init__(self, session_address: str) -> None:
        with open_dbus_connection(session_address) as session:
            bus = DBusAddress("/org/a11y/bus", "org.a11y.Bus", "org.a11y.Bus")
            address = _answer(session, new_method_call(bus, "GetAddress"))[0]
        self._bus = open_dbus_connection(address)

    def close(self) -> None:
        self._bus.close()

    def programs(self) -> dict[str, tuple[str, str]]:
        """Return the programs that tell something, by name."""
        children = self._call((_REGISTRY, _ROOT), "GetChildren")[0]
        return {str(self._property(child, "Name")): child for child in children}

    def walk(self, node: tuple[str, str], above: tuple[str, ...] = ()) -> Iterator[Seen]:
        """Yield everything below a node that is shown."""
        for child in self._call(node, "GetChildren")[0]:
            role, name = self._call(child, "GetRoleName")[0], str(self._property(child, "Name"))
            states = _states(self._call(child, "GetState")[0])
            if _SHOWING not in states:
                continue
            described = str(self._property(child, "Description"))
            yield Seen(above, role, name, described, _FOCUSABLE in states)
            # The cells of a table are its rows' texts, thousands of them; a screen reader asks for the one it is at.
            if role not in ("table", "tree table"):
                yield from self.walk(child, (*above, f"{role} “{name}”" if name else role))

    def _call(self, node: tuple[str, str], method: str) -> tuple:
        name, path = node
        return _answer(self._bus, new_method_call(DBusAddress(path, name, _ACCESSIBLE), method))

    def _property(self, node: tuple[str, str], name: str) -> object:
        bus_name, path = node
        return _answer(self._bus, Properties(DBusAddress(path, bus_name, _ACCESSIBLE)).get(name))[0][1]


def _answer(bus: DBusConnection, message: object) -> tuple:
    reply = bus.send_and_get_reply(message, timeout=_SECONDS)
    if reply.header.message_type is MessageType.error:
        raise LookupError(str(reply.body))
    return reply.body


def _states(words: list[int]) -> set[int]:
    return {place * 32 + bit for place, word in enumerate(words) for bit in range(32) if word >> bit & 1}

"""No change of messages goes unnoticed, whichever transactions end when."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from smtpy_desktop.database.message_marks import MessageMarks, Snapshot

steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 3), st.booleans()),
        st.tuples(st.sampled_from(["commit", "roll back"]), st.integers(0, 3), st.just(False)),
        st.tuples(st.just("look"), st.just(0), st.just(False)),
    ),
    max_size=40,
)


class Server:
    """Four writers, a listener that hears their notices at commit, and what it still has to notice."""

    def __init__(self):
        self.marks = MessageMarks()
        self.last = 0
        self.next_id = 10
        self.last_ended = 9
        self.under_way: dict[int, tuple[int, list[tuple[int, bool]]]] = {}
        self.unnoticed: set[int] = set()

    def write(self, writer, is_told):
        if writer not in self.under_way:
            self.under_way[writer] = (self.next_id, [])
            self.next_id += 1
        self.last += 1
        self.under_way[writer][1].append((self.last, is_told))

    def end(self, writer, *, is_kept):
        one, written = self.under_way.pop(writer, (0, []))
        self.last_ended = max(self.last_ended, one)
        if is_kept:
            for mark, is_told in written:
                if is_told:
                    self.marks.hear(mark)
                else:
                    self.unnoticed.add(mark)

    def look(self):
        if self.marks.has_news(self.last):
            self.last_ended = self.next_id
            self.next_id += 1
        known = [one for one, _ in self.under_way.values() if one <= self.last_ended]
        under_way = ",".join(map(str, known))
        has_changed = self.marks.look(self.last, Snapshot.parse(f"1:{self.last_ended + 1}:{under_way}"))
        if has_changed:
            self.unnoticed.clear()
        return has_changed


def run(server, step):
    kind, writer, is_told = step
    if kind == "write":
        server.write(writer, is_told)
    elif kind == "look":
        server.look()
    else:
        server.end(writer, is_kept=kind == "commit")


@given(steps, steps)
def test_after_a_look_everything_visible_was_noticed(before, after):
    server = Server()
    for step in before:
        run(server, step)
    server.look()
    server.unnoticed.clear()  # who begins to listen reads everything

    for step in after:
        run(server, step)
        if step[0] == "look":
            assert not server.unnoticed

    server.look()
    assert not server.unnoticed


@given(steps)
def test_what_was_heard_is_not_told_again(written):
    server = Server()
    server.look()

    for kind, writer, _ in written:
        if kind == "write":
            server.write(writer, is_told=True)
            server.end(writer, is_kept=True)
        else:
            assert not server.look()

    assert not server.look()

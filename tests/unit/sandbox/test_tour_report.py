"""The tour's report: its own files only, everything inside one page, every text literal."""

from __future__ import annotations

import base64

from smtpy_desktop.sandbox.tour_report import TourStep, clear_output, picture_name, write_report


def step(number: int, title: str, sentence: str = "A sentence.") -> TourStep:
    return TourStep(number, "The chapter", title, sentence, picture_name(number, title), 0.25)


def test_a_picture_is_named_by_number_and_title():
    assert picture_name(3, "A pasted address: “is” understood!") == "03-a-pasted-address-is-understood.png"


def test_only_what_an_earlier_tour_left_is_removed(tmp_path):
    own = ("01-first.png", "12-a-b.png", "failed.png", "report.html")
    foreign = ("notes.txt", "1-first.png", "01-First.png", "report.html.bak", "photo.png")
    for name in (*own, *foreign):
        (tmp_path / name).write_bytes(b"x")

    clear_output(tmp_path)

    assert {path.name for path in tmp_path.iterdir()} == set(foreign)


def test_the_report_holds_its_pictures_and_shows_texts_literally(tmp_path):
    (tmp_path / "01-b-bold-b.png").write_bytes(b"picture")

    page = write_report(tmp_path, [step(1, "<b>bold</b>", "5 < 6 & $x")], None).read_text(encoding="utf-8")

    assert base64.b64encode(b"picture").decode() in page
    assert "&lt;b&gt;bold&lt;/b&gt;" in page
    assert "5 &lt; 6 &amp; $x" in page
    assert "everything as expected" in page


def test_a_failure_is_told_with_its_picture(tmp_path):
    (tmp_path / "failed.png").write_bytes(b"broken")

    page = write_report(tmp_path, [], "waited in vain <here>").read_text(encoding="utf-8")

    assert "waited in vain &lt;here&gt;" in page
    assert base64.b64encode(b"broken").decode() in page

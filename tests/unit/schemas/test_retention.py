"""Rules of how long things are kept."""

from __future__ import annotations

import pytest

from smtpy_desktop.schemas.retention import RetentionRule


@pytest.mark.parametrize(
    ("mine", "other", "stricter"),
    [
        ((30, 0), (0, 0), True),
        ((30, 0), (31, 0), True),
        ((31, 0), (30, 0), False),
        ((0, 0), (30, 7), False),
        ((30, 7), (30, 7), False),
        ((30, 6), (30, 7), True),
        ((30, 7, 90), (30, 7, 0), True),
    ],
)
def test_a_rule_is_stricter_when_anything_goes_earlier(mine, other, stricter):
    assert RetentionRule(*mine).is_stricter_than(RetentionRule(*other)) is stricter

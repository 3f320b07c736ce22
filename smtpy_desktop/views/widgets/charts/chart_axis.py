"""Round numbers for an axis, and which labels of many fit beside each other."""

from __future__ import annotations

import math

_TENTHS = (10, 12, 15, 20, 25, 30, 40, 50, 60, 80, 100)


def axis_steps(highest: int, most: int = 4) -> tuple[int, ...]:
    """Return round numbers from 0 to at least ``highest``, in at most ``most`` equal steps."""
    rough = max(highest, 1) / most
    power = 10 ** max(0, math.floor(math.log10(max(rough, 1))))
    step = next(tenths * power // 10 for tenths in _TENTHS if tenths * power % 10 == 0 and tenths * power >= 10 * rough)
    return tuple(range(0, step * math.ceil(max(highest, 1) / step) + 1, step))


def label_gap(count: int, room: float, label_width: float) -> int:
    """Return n such that every n-th of ``count`` labels has room along an axis of ``room`` pixels."""
    if count == 0 or room <= 0:
        return 1
    return max(1, math.ceil(label_width / (room / count)))

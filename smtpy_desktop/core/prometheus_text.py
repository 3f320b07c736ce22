"""Figures as Prometheus reads them: the text format 0.0.4."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from smtpy_desktop.core.histogram import Histogram

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_ESCAPED = str.maketrans({"\\": r"\\", "\n": r"\n", '"': r"\""})

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Family:
    """All samples of one name; ``kind`` is counter, gauge or histogram, ``help`` says what is counted in which unit."""

    name: str
    kind: str
    help: str
    samples: tuple[tuple[Labels, float], ...] = ()
    histogram: Histogram | None = field(default=None)


def gauge(name: str, help_: str, value: float, labels: Labels | None = None) -> Family:
    """Return a figure that goes up and down."""
    return Family(name, "gauge", help_, ((labels or {}, value),))


def counter(name: str, help_: str, value: float) -> Family:
    """Return a figure that only grows."""
    return Family(name, "counter", help_, (({}, value),))


def counters_by(name: str, help_: str, label: str, values: Mapping[str, float]) -> Family:
    """Return a figure that only grows, told apart by one label."""
    return Family(name, "counter", help_, tuple(({label: key}, value) for key, value in sorted(values.items())))


def prometheus_text(families: Iterable[Family]) -> str:
    """Return the whole page; raise ValueError for a name that Prometheus would refuse."""
    return "".join(_family(family) for family in families)


def _family(family: Family) -> str:
    if _NAME.fullmatch(family.name) is None:
        raise ValueError(family.name)
    described = family.help.replace("\\", r"\\").replace("\n", r"\n")
    lines = [f"# HELP {family.name} {described}", f"# TYPE {family.name} {family.kind}"]
    if family.histogram is not None:
        histogram = family.histogram
        lines += [f'{family.name}_bucket{{le="{bound}"}} {count}' for bound, count in histogram.buckets()]
        lines += [f"{family.name}_sum {_number(histogram.total)}", f"{family.name}_count {histogram.count}"]
    lines += [f"{family.name}{_labels(labels)} {_number(value)}" for labels, value in family.samples]
    return "\n".join(lines) + "\n"


def _labels(labels: Labels) -> str:
    if not labels:
        return ""
    pairs = ",".join(f'{name}="{value.translate(_ESCAPED)}"' for name, value in labels.items())
    return f"{{{pairs}}}"


def _number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else repr(round(float(value), 6))

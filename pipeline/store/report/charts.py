"""Figures as inline SVG, drawn without any script or style that a strict policy would refuse."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 320, 120
PAD = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A bar of a chart: where it stands, in the chart's units, and what it says."""

    x: float
    y: float
    width: float
    height: float
    label: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A line through values over time: the points for `points="…"`, and the first and last label."""

    points: str
    dots: tuple[tuple[float, float, str], ...]
    first: str
    last: str


def columns(values: Sequence[tuple[str, float]], *, form: str = "{:.0f}") -> list[Bar]:
    """Upright bars, the tallest as high as the chart."""
    top = max((value for _, value in values), default=0) or 1
    room = HEIGHT - 2 * PAD
    step = WIDTH / max(len(values), 1)
    return [
        Bar(
            x=round(n * step + 1, 1),
            y=round(PAD + room * (1 - value / top), 1),
            width=round(max(step - 2, 1), 1),
            height=round(room * value / top, 1),
            label=label,
            value=form.format(value),
        )
        for n, (label, value) in enumerate(values)
    ]


def rows(counts: Mapping[str, int], most: int = 8) -> list[Bar]:
    """Lying bars, longest first; at most `most`. Widths are percent."""
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    top = max((value for _, value in ranked), default=0) or 1
    return [
        Bar(x=0, y=n * 30, width=round(100 * value / top, 1), height=6, label=label, value=f"{value:,}")
        for n, (label, value) in enumerate(ranked)
    ]


def line(values: Sequence[tuple[str, float]], *, low: float = 0.0, high: float = 1.0) -> Line | None:
    """A line between `low` and `high`; None without values."""
    if not values:
        return None
    room, span = HEIGHT - 2 * PAD, (high - low) or 1
    step = (WIDTH - 2 * PAD) / max(len(values) - 1, 1)
    dots = tuple(
        (
            round(PAD + n * step if len(values) > 1 else WIDTH / 2, 1),
            round(PAD + room * (1 - (min(max(value, low), high) - low) / span), 1),
            f"{label}: {value:.2f}",
        )
        for n, (label, value) in enumerate(values)
    )
    return Line(
        points=" ".join(f"{x},{y}" for x, y, _ in dots),
        dots=dots if len(dots) <= 60 else (dots[-1],),
        first=values[0][0],
        last=values[-1][0],
    )


def histogram(values: Sequence[float], buckets: int = 20) -> list[Bar]:
    """How many of `values` (0–1) fall into each of `buckets`."""
    counts = [0] * buckets
    for value in values:
        counts[min(int(value * buckets), buckets - 1)] += 1
    return columns([(f"{n / buckets:.2f}–{(n + 1) / buckets:.2f}", count) for n, count in enumerate(counts)])

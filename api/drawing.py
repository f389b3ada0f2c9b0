"""Charts as SVG (统计图), drawn here: no script, no inline style, letters from the reader's machine, legible in print.

Drawn by hand on purpose: a browser engine for charts (Altair with vl-convert) was measured at 140 MB of memory for each
process, 85 MB on disk, 2 s for the first chart and 0.2 s for every further one; these take well under a millisecond.
Every chart stands beside the table of its numbers; shapes differ in brightness and hatching, so that grey paper tells
them apart as well.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from zlib import crc32

from markupsafe import Markup, escape

INK, SOFT, LINE = "#1c2733", "#4a5765", "#d5dbe2"
DARK, PALE, WARN = "#0b5394", "#a9cbea", "#a61b1b"
FONT = 'font-family="Noto Sans CJK SC, Noto Sans SC, PingFang SC, Microsoft YaHei, sans-serif"'
WIDTH, NARROW = 900, 580
LONGEST = 17
"""Characters of a name beside a bar; the table has it whole."""
_HATCH = (
    '<pattern id="{id}" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<rect width="6" height="6" fill="#fff"/><rect width="2.4" height="6" fill="#77828e"/></pattern>'
)


@dataclass(frozen=True, slots=True)
class Series:
    """One row of values with its name and how it is filled."""

    title: str
    values: Sequence[float]
    fill: str


def _text(x: float, y: float, words: object, *, anchor: str = "start", fill: str = INK, size: int = 12) -> str:
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{fill}" font-size="{size}">{escape(words)}</text>'
    )


def _rect(x: float, y: float, width: float, height: float, fill: str) -> str:
    edge = "" if fill == DARK else f' stroke="{SOFT}" stroke-width="0.6"'
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" height="{max(height, 0):.1f}" fill="{fill}"{edge}/>'
    )


def _whole(title: str, height: float, parts: Sequence[str], width: int = WIDTH) -> Markup:
    return Markup(
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" role="img" aria-label="{escape(title)}"'
        f' viewBox="0 0 {width} {height:.0f}" width="{width}" height="{height:.0f}" {FONT}>{"".join(parts)}</svg>'
    )


def _short(name: str) -> str:
    return name if len(name) <= LONGEST else name[: LONGEST - 1] + "…"


def _legend(series: Sequence[Series], y: float) -> list[str]:
    parts, x = [], 0.0
    for one in series:
        parts += [_rect(x + 1, y - 10, 14, 11, one.fill), _text(x + 20, y, one.title, fill=SOFT)]
        x += 44 + 13 * len(one.title)
    return parts


def ceiling(most: float) -> int:
    """Return a round number at or above `most` at which an axis of four parts ends."""
    step = 1
    while step * 4 < most:
        step = step * 2 if str(step)[0] in "15" else step * 5 // 2
    return step * 4


def columns(title: str, labels: Sequence[str], series: Sequence[Series], *, line: Series | None = None) -> Markup:
    """Draw columns side by side for each label; `line` is a share (0 to 1) drawn above them on a scale of its own."""
    left, top, base, height = 34.0, 40.0, 250.0, 282.0
    high = ceiling(max((value for one in series for value in one.values), default=1) or 1)
    room = (WIDTH - left - 40) / max(len(labels), 1)
    parts = _legend(series, 16)
    if line is not None:
        x = sum(44.0 + 13 * len(one.title) for one in series)
        parts.append(f'<path d="M{x} 11.5h20" stroke="{line.fill}" stroke-width="2" fill="none"/>')
        parts.append(f'<circle cx="{x + 10}" cy="11.5" r="3.4" fill="#fff" stroke="{line.fill}" stroke-width="2"/>')
        parts.append(_text(x + 26, 16, line.title, fill=SOFT))
    for part in range(5):
        y = base - (base - top) * part / 4
        parts.append(f'<path d="M{left} {y:.1f}H{WIDTH - 40}" stroke="{LINE}" fill="none"/>')
        parts.append(_text(left - 6, y + 4, high * part // 4, anchor="end", fill=SOFT, size=11))
        if line is not None:
            parts.append(_text(WIDTH - 36, y + 4, f"{part * 25}%", fill=SOFT, size=11))
    width = min(26.0, room * 0.72 / max(len(series), 1))
    for place, label in enumerate(labels):
        middle = left + room * (place + 0.5)
        for number, one in enumerate(series):
            tall = (base - top) * one.values[place] / high
            x = middle + (number - len(series) / 2) * width
            parts.append(_rect(x, base - tall, width - 2, tall, one.fill))
            if one.values[place]:
                parts.append(
                    _text(x + width / 2 - 1, base - tall - 4, f"{one.values[place]:g}", anchor="middle", size=11)
                )
        parts.append(_text(middle, base + 17, label, anchor="middle", fill=SOFT, size=11))
    if line is not None:
        points = [(left + room * (place + 0.5), base - (base - top) * value)
                  for place, value in enumerate(line.values) if value >= 0]  # fmt: skip
        parts += [
            f'<path d="M{x:.1f} {y:.1f}L{to_x:.1f} {to_y:.1f}" stroke="{line.fill}" stroke-width="2" fill="none"/>'
            for (x, y), (to_x, to_y) in pairwise(points)
        ]
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.4" fill="#fff" stroke="{line.fill}" stroke-width="2"/>'
                  for x, y in points]  # fmt: skip
    parts.append(f'<path d="M{left} {base}H{WIDTH - 40}" stroke="{SOFT}" fill="none"/>')
    return _whole(title, height, parts)


def shares(title: str, rows: Sequence[tuple[str, float | None, str]]) -> Markup:
    """Draw a bar from 0 to 100 % for each row: name, share (None where there is nothing to share), words behind it."""
    left, line = 210.0, 26.0
    long = NARROW - left - 130
    parts = []
    for place, (name, share, words) in enumerate(rows):
        y = place * line + 6
        parts.append(_text(left - 10, y + 14, _short(name), anchor="end"))
        parts.append(f'<rect x="{left}" y="{y}" width="{long}" height="18" fill="none" stroke="{LINE}"/>')
        if share is not None:
            parts.append(_rect(left, y, long * share, 18, DARK if share >= 1 else PALE))
        said = "—" if share is None else f"{share * 100:.1f}%"
        parts.append(_text(left + long + 10, y + 14, f"{said}  {words}", fill=INK if share is not None else SOFT))
    return _whole(title, max(len(rows), 1) * line + 10, parts, NARROW)


def stacked(title: str, rows: Sequence[tuple[str, Sequence[float]]], names: Sequence[str]) -> Markup:
    """Draw a bar of three parts for each row (pale, dark, hatched), all on one scale, with the sum behind it."""
    mark = f"h{crc32(title.encode())}"
    fills = (PALE, DARK, f"url(#{mark})")
    left, line, top = 226.0, 26.0, 34.0
    long = NARROW - left - 50
    most = max((sum(parts) for _, parts in rows), default=0) or 1
    drawn = [f"<defs>{_HATCH.format(id=mark)}</defs>"]
    drawn += _legend([Series(name, (), fill) for name, fill in zip(names, fills, strict=False)], 16)
    for place, (name, values) in enumerate(rows):
        y, x = top + place * line, left
        drawn.append(_text(left - 10, y + 14, _short(name), anchor="end"))
        for value, fill in zip(values, fills, strict=False):
            if value > 0:
                drawn.append(_rect(x, y, long * value / most, 18, fill))
                x += long * value / most
        drawn.append(_text(x + 8, y + 14, f"{sum(values):.1f}"))
    drawn.append(f'<path d="M{left} {top - 4}V{top + len(rows) * line}" stroke="{SOFT}" fill="none"/>')
    return _whole(title, top + max(len(rows), 1) * line + 8, drawn, NARROW)

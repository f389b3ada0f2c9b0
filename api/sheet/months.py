"""Long lists of months as people write them (月份): 2025-09至2026-08、2026-10."""

from __future__ import annotations

import re
from collections.abc import Sequence

MOST = 240
_APART = re.compile(r"[\s,，、;；]+")
_SPAN = re.compile(r"([0-9]{4}-[0-9]{2})(?:至|到|~|～|—|－)([0-9]{4}-[0-9]{2})")
_MONTH = re.compile(r"((?:19|20|21)[0-9]{2})-(0[1-9]|1[0-2])")


def months_in(text: str) -> list[str]:
    """Return the months that a text names, spans written out; what is no month is returned as it stands."""
    found: list[str] = []
    for word in filter(None, _APART.split(text)):
        span = _SPAN.fullmatch(word)
        first, last = (_count(span[1]), _count(span[2])) if span else (None, None)
        if first is None or last is None or not 0 <= last - first < MOST:
            found.append(word)
        else:
            found += [_month(count) for count in range(first, last + 1)]
    return found[: MOST + 1]


def written(months: Sequence[object]) -> str:
    """Write months so that `months_in` reads the same again: neighbours as one span."""
    words: list[str] = []
    first = last = ""
    for entry in [*map(str, months), ""]:
        count = _count(last) if last else None
        if count is not None and entry == _month(count + 1):
            last = entry
            continue
        if first:
            words.append(first if first == last else f"{first}至{last}")
        first = last = entry
    return "、".join(words)


def _count(month: str) -> int | None:
    found = _MONTH.fullmatch(month)
    return int(found[1]) * 12 + int(found[2]) - 1 if found else None


def _month(count: int) -> str:
    return f"{count // 12}-{count % 12 + 1:02d}"

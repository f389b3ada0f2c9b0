"""Words of the documents (文书用语): days as offices write them, names of codes, characters that the font has not."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from api.rows import SHANGHAI

FONT: Final = Path(__file__).parent / "fonts" / "NotoSansSC_400Regular.ttf"
_DIGITS: Final = "〇一二三四五六七八九"
_TEN: Final = 10
_SEGMENTED, _GROUPED = 4, 12


def plain_day(value: str | None) -> str:
    """Write a day in a text: 2026年9月18日; empty where there is none."""
    if not value:
        return ""
    found = _day(value)
    return f"{found.year}年{found.month}月{found.day}日"


def formal_day(value: str | None) -> str:
    """Write a day under a document, in Chinese numerals: 二〇二六年九月十八日."""
    if not value:
        return ""
    found = _day(value)
    year = "".join(_DIGITS[int(digit)] for digit in str(found.year))
    return f"{year}年{_numeral(found.month)}月{_numeral(found.day)}日"


def _day(value: str) -> date:
    if "T" in value:
        return datetime.fromisoformat(value).astimezone(SHANGHAI).date()
    return date.fromisoformat(value)


def _numeral(number: int) -> str:
    tens, ones = divmod(number, _TEN)
    if not tens:
        return _DIGITS[ones]
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def sentence(text: str | None) -> str:
    """Write words of an officer as a sentence: with one full stop at the end; empty where there are none."""
    trimmed = (text or "").strip()
    return trimmed if not trimmed or trimmed[-1] in "。！？…" else trimmed + "。"


def printable(value: Any) -> Any:
    """Return data in which every character that the font has not is named by its code point: 〔U+20BB7〕.

    A rare character in a name is said so, never left out and never a silent box.
    """
    if isinstance(value, str):
        known, value = glyphs(), " ".join(value.splitlines())
        if all(ord(character) in known for character in value):
            return value
        return "".join(c if ord(c) in known else f"〔U+{ord(c):04X}〕" for c in value)
    if isinstance(value, Mapping):
        return {key: printable(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [printable(entry) for entry in value]
    return value


@cache
def glyphs() -> frozenset[int]:
    """Return the code points that the font draws, read from its character map (OpenType `cmap`)."""
    raw = FONT.read_bytes()
    tables = struct.unpack_from(">H", raw, 4)[0]
    entries = (struct.unpack_from(">4sIII", raw, 12 + 16 * n) for n in range(tables))
    begin = next(offset for tag, _, offset, _ in entries if tag == b"cmap")
    subtables = struct.unpack_from(">H", raw, begin + 2)[0]
    found: set[int] = set()
    for n in range(subtables):
        at = begin + struct.unpack_from(">I", raw, begin + 4 + 8 * n + 4)[0]
        kind = struct.unpack_from(">H", raw, at)[0]
        if kind == _SEGMENTED:
            found |= _segmented(raw, at)
        elif kind == _GROUPED:
            found |= _grouped(raw, at)
    return frozenset(found - set(range(32)) - {0x7F, 0xFFFF})


def _segmented(raw: bytes, at: int) -> set[int]:
    """Read a map of the basic plane (format 4); a segment that stands for no glyph is the last."""
    count = struct.unpack_from(">H", raw, at + 6)[0] // 2
    ends = struct.unpack_from(f">{count}H", raw, at + 14)
    starts = struct.unpack_from(f">{count}H", raw, at + 16 + 2 * count)
    deltas = struct.unpack_from(f">{count}H", raw, at + 16 + 4 * count)
    offsets = struct.unpack_from(f">{count}H", raw, at + 16 + 6 * count)
    found: set[int] = set()
    for n, (start, end, delta, offset) in enumerate(zip(starts, ends, deltas, offsets, strict=True)):
        if not offset:
            found.update(code for code in range(start, end + 1) if (code + delta) & 0xFFFF)
            continue
        first = at + 16 + 6 * count + 2 * n + offset
        drawn = struct.unpack_from(f">{end - start + 1}H", raw, first)
        found.update(code for code, glyph in zip(range(start, end + 1), drawn, strict=True) if glyph)
    return found


def _grouped(raw: bytes, at: int) -> set[int]:
    """Read a map of all planes (format 12)."""
    count = struct.unpack_from(">I", raw, at + 12)[0]
    groups = (struct.unpack_from(">III", raw, at + 16 + 12 * n) for n in range(count))
    return {code for start, end, glyph in groups for code in range(start, end + 1) if glyph or code > start}

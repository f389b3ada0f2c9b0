"""The blocks a document is made of (版式块): plain data, drawn alike on the printed page and in the PDF."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Block = dict[str, Any]
Content = Mapping[str, Any]


def paragraphs(text: str) -> list[Block]:
    """Return a text as paragraphs, one for each of its lines."""
    return [{"block": "paragraph", "text": line.strip()} for line in text.splitlines() if line.strip()]


def named(label: str, text: str | None) -> list[Block]:
    """Return paragraphs that begin with what they are about; none where there is nothing to say."""
    return paragraphs(f"{label}：{text}") if text and text.strip() else []


def listed(items: Iterable[str]) -> list[Block]:
    """Return a numbered list; none where it is empty."""
    lines = [line for line in items if line]
    return [{"block": "items", "items": lines}] if lines else []


def table(head: Sequence[str], rows: Iterable[Sequence[Any]], widths: Sequence[int]) -> list[Block]:
    """Return a table with a head, its columns in these proportions; none where it has no rows."""
    cells = [[str(cell if cell is not None else "") for cell in row] for row in rows]
    return [{"block": "table", "head": list(head), "rows": cells, "widths": list(widths)}] if cells else []


def facts(*rows: tuple[str, Any]) -> list[Block]:
    """Return a table of facts, each with its name; what is not known is left out."""
    there = [[name, str(value)] for name, value in rows if value not in (None, "")]
    return [{"block": "facts", "rows": there}] if there else []


def section(title: str, blocks: list[Block]) -> list[Block]:
    """Return blocks under a heading; nothing where there are none."""
    return [{"block": "section", "text": title}, *blocks] if blocks else []


def blanks(*labels: str) -> list[Block]:
    """Return lines to be filled in by hand: signatures and days."""
    return [{"block": "blanks", "labels": list(labels)}]

"""A sheet as a page shows it (表单显示): each piece with name, value, what is wrong with it, and its entries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.sheet.months import written
from api.sheet.plan import Piece
from forms.privacy import at as standing_at

SHORT_LIST = 4
"""Lists of at most so many values show all their lines at once."""


@dataclass(slots=True)
class Blank:
    """A field to fill in; `rows` are a list's entries (each a list of blanks), `parts` the fields of a group."""

    name: str
    piece: Piece
    value: Any = ""
    errors: Sequence[str] = ()
    options: Sequence[tuple[str, str, bool]] = ()
    parts: Sequence[Blank] = ()
    rows: Sequence[Sequence[Blank]] = ()
    row_errors: Sequence[Sequence[str]] = ()
    watched: str = ""
    shown_for: str = ""
    open: bool = False
    overridden: str | None = None

    @property
    def full(self) -> bool:
        """Whether a list takes no further entry."""
        return bool(self.piece.most) and len(self.rows) >= self.piece.most


@dataclass(slots=True)
class Drawing:
    """What a sheet is drawn from: the body as far as it goes, what is wrong by pointer, lists that get an entry more.

    `needed` are the groups that stand open from the beginning; `names` gathers what was drawn.
    """

    body: Mapping[str, Any]
    errors: Mapping[str, Sequence[str]] = field(default_factory=dict)
    more: frozenset[str] = frozenset()
    needed: frozenset[str] = frozenset()
    overrides: Mapping[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def blanks(self, at: str, parts: Sequence[Piece]) -> list[Blank]:
        """Return the fields of a form that stands at a pointer."""
        values = standing_at(self.body, at)
        inside = values if isinstance(values, dict) else {}
        return [self.blank(f"{at}/{piece.step}", piece, inside.get(piece.step), at) for piece in parts]

    def blank(self, name: str, piece: Piece, value: Any, around: str = "") -> Blank:
        """Return one field; what was not filled in yet shows its default."""
        self.names.add(name)
        given = piece.default if value is None else value
        blank = Blank(name, piece, _text(piece, given), self._wrong(name, piece))
        if piece.when:
            blank.watched, blank.shown_for = f"{around}/{piece.when[0]}", " ".join(piece.when[1])
        if piece.kind in ("choice", "many", "yesno"):
            blank.options = self._options(piece, given)
        elif piece.kind == "picked":
            blank.options = self._picked(piece, given)
        elif piece.kind == "group":
            blank.parts = self.blanks(name, piece.parts)
            blank.open = value is not None or name in self.needed or self._wrong_within(name)
        elif piece.kind == "rows":
            self._draw_rows(blank, value if isinstance(value, list) else [])
        elif piece.kind == "lines":
            self._draw_lines(blank, value if isinstance(value, list) else [])
        if piece.sensitive == "identity" and piece.kind == "text":
            blank.overridden = self.overrides.get(name)
        return blank

    def place_of(self, pointer: str) -> str:
        """Return the name of the drawn field nearest to a pointer, "" where none is."""
        while pointer and pointer not in self.names:
            pointer = pointer.rpartition("/")[0]
        return pointer

    def _wrong(self, name: str, piece: Piece) -> list[str]:
        found = list(self.errors.get(name, ()))
        if piece.kind in ("many", "picked", "months"):
            found += [words for at, said in self.errors.items() if at.startswith(f"{name}/") for words in said]
        return list(dict.fromkeys(found))

    def _wrong_within(self, name: str) -> bool:
        return any(at == name or at.startswith(f"{name}/") for at in self.errors)

    def _options(self, piece: Piece, value: Any) -> list[tuple[str, str, bool]]:
        if piece.kind == "yesno":
            return [("true", "是", value is True), ("false", "否", value is False)]
        chosen = {str(one) for one in value} if isinstance(value, list) else {str(value)}
        return [(code, label, code in chosen) for code, label in piece.options]

    def _picked(self, piece: Piece, value: Any) -> list[tuple[str, str, bool]]:
        """Return the entries of the list that numbers are picked from; a number that is in none stays to be seen."""
        ticked = list(value) if isinstance(value, list) else []
        entries = standing_at(self.body, piece.picked_from)
        options = []
        for place, entry in enumerate(entries if isinstance(entries, list) else []):
            number = str(entry.get("id_number", "")) if isinstance(entry, dict) else ""
            name = str(entry.get("name", "")) if isinstance(entry, dict) else ""
            options.append((f"#{place}", name or f"第{place + 1}人", bool(number) and number in ticked))
            ticked = [one for one in ticked if one != number]
        return options + [(str(one), f"不在名单中（{str(one)[-4:]}）", True) for one in ticked]

    def _draw_rows(self, blank: Blank, entries: list[Any]) -> None:
        extra = blank.name in self.more or (blank.piece.when is not None and not entries)
        count = len(entries) + (1 if extra and not (blank.piece.most and len(entries) >= blank.piece.most) else 0)
        rows = []
        for place in range(count):
            at = f"{blank.name}/{place}"
            self.names.add(at)
            entry = entries[place] if place < len(entries) and isinstance(entries[place], dict) else {}
            rows.append([self.blank(f"{at}/{p.step}", p, entry.get(p.step), at) for p in blank.piece.parts])
        blank.rows = rows
        blank.row_errors = [self.errors.get(f"{blank.name}/{place}", ()) for place in range(count)]

    def _draw_lines(self, blank: Blank, entries: list[Any]) -> None:
        piece = blank.piece
        assert piece.item is not None
        count = piece.most if 0 < piece.most <= SHORT_LIST else min(len(entries) + 1, piece.most or len(entries) + 1)
        count = max(count, len(entries))
        values = [*entries, *([None] * (count - len(entries)))]
        blank.rows = [[self.blank(f"{blank.name}/{n}", piece.item, value)] for n, value in enumerate(values)]


def _text(piece: Piece, value: Any) -> str:
    """Return a value as it stands in its field."""
    if piece.kind == "months":
        return written(value) if isinstance(value, list) else str(value or "")
    if value is None or isinstance(value, (list, dict)):
        return ""
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)

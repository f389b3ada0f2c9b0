"""Everything an act writes in one statement (一次写回): each insert and update is a part of one WITH.

The hot path of the house: the text is made once per shape, PostgreSQL plans it once per connection, values travel as
text, so that one shape has one signature. A part never sees another's rows: inserts and updates of one statement touch
different rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from operator import attrgetter, itemgetter
from typing import Any, NamedTuple

import orjson
from sqlalchemy import ARRAY, BigInteger, Boolean, Connection, Date, DateTime, Integer, LargeBinary, Table
from sqlalchemy.dialects.postgresql import JSONB

from infra.store.line import Statement, run_all

MOST_ROWS = 120

# every part finds its rows by a key, whatever the values: PostgreSQL would else plan some of these anew each time
_PLANNED_ONCE: Statement = ("SET LOCAL plan_cache_mode = force_generic_plan", ())


@dataclass(frozen=True, slots=True)
class Insert:
    """New rows of a table: objects or mappings, all with the same names."""

    table: Table
    names: tuple[str, ...]
    rows: Sequence[Any]


@dataclass(frozen=True, slots=True)
class Update:
    """Changed rows of a table: the named columns are written, `also` is SQL that is set besides."""

    table: Table
    names: tuple[str, ...]
    rows: Sequence[Any]
    key: str = "id"
    also: str = ""


@dataclass(frozen=True, slots=True)
class Clause:
    """A part in its own words, `{}` for each value; the values are text as PostgreSQL reads it."""

    text: str
    values: tuple[str | None, ...]


class _Part(NamedTuple):
    """A part's shape: rows that are inserted, a row that is updated (by `key`), or a clause (`also`, without names).

    `shared` are the places of the columns in which all rows that are inserted have one value, which is given once.
    """

    table: Table | None
    names: tuple[str, ...]
    rows: int
    key: str
    also: str
    shared: frozenset[int] = frozenset()


Change = Insert | Update | Clause


def write(conn: Connection, changes: Iterable[Change], *, commit: bool = False) -> None:
    """Have all the changes written: in one statement, in several where they are many rows; with `commit` for good."""
    statements: list[Statement] = []
    parts: list[_Part] = []
    values: list[str | None] = []
    rows = 0
    for change in changes:
        for part, given in _parts(change):
            if parts and rows + part.rows > MOST_ROWS:
                statements.append((_text(tuple(parts)), values))
                parts, values, rows = [], [], 0
            parts.append(part)
            values += given
            rows += part.rows
    if parts:
        statements.append((_text(tuple(parts)), values))
    if statements:
        run_all(conn, *([_PLANNED_ONCE] if commit else []), *statements, commit=commit)


def _parts(change: Change) -> Iterator[tuple[_Part, Iterable[str | None]]]:
    if isinstance(change, Clause):
        yield _Part(None, (), 1, "", change.text), change.values
    elif not change.rows:
        return
    elif isinstance(change, Update):
        names = (*change.names, change.key)
        read, writers = _reader(type(change.rows[0]) is dict, names), _writers(change.table, names)
        for row in change.rows:
            yield _Part(change.table, change.names, 1, change.key, change.also), _written(read(row), writers)
    else:
        read, writers = _reader(type(change.rows[0]) is dict, change.names), _writers(change.table, change.names)
        for start in range(0, len(change.rows), MOST_ROWS):
            rows = [read(row) for row in change.rows[start : start + MOST_ROWS]]
            shared = _shared(rows, writers)
            part = _Part(change.table, change.names, len(rows), "", "", shared)
            yield (
                part,
                _by_column(rows, writers, shared)
                if shared
                else [value for row in rows for value in _written(row, writers)],
            )


def _shared(rows: Sequence[tuple[Any, ...]], writers: Sequence[Callable[[Any], str] | None]) -> frozenset[int]:
    """Return in which columns all rows have one value: what is no plain value must be one and the same object."""
    most = len(rows)
    if most == 1:
        return frozenset()
    return frozenset(
        place
        for place, (column, write) in enumerate(zip(zip(*rows, strict=True), writers, strict=True))
        if (len(set(map(id, column))) == 1 if write in _COMPOSED else column.count(column[0]) == most)
    )


def _by_column(
    rows: Sequence[tuple[Any, ...]], writers: Sequence[Callable[[Any], str] | None], shared: frozenset[int]
) -> list[str | None]:
    """Return first what rows share, then what is left of each."""
    rest = [place for place in range(len(writers)) if place not in shared]
    own = [writers[place] for place in rest]
    first = rows[0]
    values = _written([first[place] for place in sorted(shared)], [writers[place] for place in sorted(shared)])
    for row in rows:
        values += _written([row[place] for place in rest], own)
    return values


def _written(values: Iterable[Any], writers: Iterable[Callable[[Any], str] | None]) -> list[str | None]:
    return [
        value if value is None or write is None else write(value) for value, write in zip(values, writers, strict=True)
    ]


@lru_cache(maxsize=256)
def _reader(mapping: bool, names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    return itemgetter(*names) if mapping else attrgetter(*names)


@lru_cache(maxsize=1024)
def _text(parts: tuple[_Part, ...]) -> str:
    """Return the statement of a shape."""
    said, numbers = [], count(1)
    for part in parts:
        if part.table is None:
            said.append(part.also.format(*(f"${next(numbers)}" for _ in range(part.also.count("{}")))))
        elif part.key:
            sets = [f"{name} = ${next(numbers)}" for name in part.names]
            given = ", ".join([*sets, part.also] if part.also else sets)
            said.append(f"UPDATE {part.table.name} SET {given} WHERE {part.key} = ${next(numbers)}")
        else:
            once = {place: f"${next(numbers)}" for place in sorted(part.shared)}
            tuples = (
                "(" + ", ".join(once.get(place) or f"${next(numbers)}" for place in range(len(part.names))) + ")"
                for _ in range(part.rows)
            )
            names = ", ".join(f'"{name}"' for name in part.names)
            said.append(f"INSERT INTO {part.table.name} ({names}) VALUES {', '.join(tuples)}")
    *first, last = said
    return f"WITH {', '.join(f'w{place} AS ({text})' for place, text in enumerate(first))} {last}" if first else last


@lru_cache(maxsize=256)
def _writers(table: Table, names: tuple[str, ...]) -> tuple[Callable[[Any], str] | None, ...]:
    return tuple(_writer(table.c[name].type) for name in names)


def _writer(kind: object) -> Callable[[Any], str] | None:
    """Return how a value of a column's type is written as PostgreSQL reads it; None where it is text already."""
    match kind:
        case JSONB():
            return _json
        case ARRAY(item_type=BigInteger()):
            return _integers
        case ARRAY():
            return texts
        case Boolean():
            return _boolean
        case BigInteger() | Integer():
            return str
        case DateTime() | Date():
            return moment
        case LargeBinary():
            return octets
    return None


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()


def _boolean(value: bool) -> str:
    return "t" if value else "f"


@lru_cache(maxsize=4096)
def moment(value: Any) -> str:
    """Write a moment or a day."""
    return str(value.isoformat())


def octets(value: bytes) -> str:
    """Write bytes."""
    return "\\x" + value.hex()


def _integers(value: Iterable[int]) -> str:
    return "{" + ",".join(map(str, value)) + "}"


def texts(value: Iterable[str]) -> str:
    """Write an array of texts."""
    quoted = (text.replace("\\", "\\\\").replace('"', '\\"') for text in value)
    return "{" + ",".join(f'"{text}"' for text in quoted) + "}"


_COMPOSED = frozenset({_json, _integers, texts})
"""How values are written of which two may be equal and yet not the same text."""

"""Many rows at once (批量写入): one statement however many they are, the rows travelling as one JSON text."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import orjson
from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def insert_new(conn: Connection, into: Table, rows: Sequence[dict[str, Any]], *, key: str) -> None:
    """Insert rows of one shape in their order; one whose `key` is there already is left out."""
    if rows:
        conn.exec_driver_sql(_text(into, tuple(rows[0]), key), (orjson.dumps(rows).decode(),))


@lru_cache(maxsize=64)
def _text(into: Table, names: tuple[str, ...], key: str) -> str:
    columns = ", ".join(f'"{name}"' for name in names)
    typed = ", ".join(f'"{name}" {into.c[name].type.compile(dialect=_DIALECT)}' for name in names)
    return (
        f"INSERT INTO {into.name} ({columns}) SELECT {columns} FROM jsonb_to_recordset(%s::jsonb) AS r({typed})"
        f" ON CONFLICT ({key}) DO NOTHING"
    )

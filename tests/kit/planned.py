"""How PostgreSQL finds rows (执行计划): with few rows any index would do, so the one in question is left alone."""

from __future__ import annotations

from sqlalchemy import Connection

_OTHERS = (
    "SELECT indexname FROM pg_indexes WHERE tablename = %s AND indexname NOT IN (%s, %s) AND indexname NOT LIKE '%%key'"
)


def left_with(conn: Connection, index: str) -> None:
    """Leave a table with one index beside its keys, and its plans with nothing else, until the transaction ends."""
    conn.exec_driver_sql("SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off")
    table = index.partition("_")[0]
    for name in conn.exec_driver_sql(_OTHERS, (table, index, f"{table}_pkey")).scalars():
        conn.exec_driver_sql(f"DROP INDEX {name}")

"""First answers (幂等键): kept under the caller's key, in the transaction of the work that gave them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, text
from sqlalchemy.dialects.postgresql import JSONB


@dataclass(frozen=True, slots=True)
class First:
    """The first answer to a key."""

    body_hash: bytes
    status: int
    answer: dict[str, Any]


_CLAIM = text(
    "INSERT INTO idempotency (officer_id, key, body_hash, at, status) VALUES (:officer_id, :key, :body_hash, :at, 0)"
    " ON CONFLICT DO NOTHING RETURNING officer_id"
)
_FIRST = text("SELECT body_hash, status, answer FROM idempotency WHERE officer_id = :officer_id AND key = :key")
_KEEP = text(
    "UPDATE idempotency SET status = :status, answer = :answer WHERE officer_id = :officer_id AND key = :key"
).bindparams(bindparam("answer", type_=JSONB))
_FORGET = text("DELETE FROM idempotency WHERE at < :before")


def claim(conn: Connection, officer_id: int, key: str, body_hash: bytes, at: datetime) -> First | None:
    """Claim a key for this transaction, or return the first answer to it.

    Whoever comes with the same key meanwhile waits here until this transaction has ended.
    """
    values = {"officer_id": officer_id, "key": key}
    if conn.execute(_CLAIM, {**values, "body_hash": body_hash, "at": at}).first() is not None:
        return None
    row = conn.execute(_FIRST, values).one()
    return First(bytes(row.body_hash), row.status, row.answer)


def keep(conn: Connection, officer_id: int, key: str, status: int, answer: dict[str, Any]) -> None:
    """Keep the answer to a claimed key."""
    conn.execute(_KEEP, {"officer_id": officer_id, "key": key, "status": status, "answer": answer})


def forget(conn: Connection, before: datetime) -> int:
    """Forget the answers given before a moment, and return how many there were."""
    return conn.execute(_FORGET, {"before": before}).rowcount

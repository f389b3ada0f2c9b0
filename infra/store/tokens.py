"""Bearer tokens (令牌): only their hash is stored, they expire by the machine's clock."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, text

_INSERT = text(
    "INSERT INTO tokens (hash, officer_id, created_at, expires_at) VALUES (:hash, :officer_id, :at, :expires_at)"
)
_REVOKE = text("UPDATE tokens SET revoked_at = :at WHERE officer_id = :officer_id AND revoked_at IS NULL")


def add(conn: Connection, officer_id: int, token_hash: bytes, at: datetime, expires_at: datetime) -> None:
    """Store the hash of a new token."""
    conn.execute(_INSERT, {"hash": token_hash, "officer_id": officer_id, "at": at, "expires_at": expires_at})


def revoke_all(conn: Connection, officer_id: int, at: datetime) -> int:
    """Take back every token of an officer, and return how many were valid."""
    return conn.execute(_REVOKE, {"officer_id": officer_id, "at": at}).rowcount

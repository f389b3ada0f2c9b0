"""Drafts at the window (暂存): an intake that is not finished, kept for whoever saved it, no number given yet.

A number is given at receipt (收件) and never to a draft. The body lies sealed, since it holds identity numbers that
nobody has consented to yet (个人信息保护法 第51条); after thirty days without a change it is gone (第47条).
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
from sqlalchemy import Connection, Engine

from flows import access
from flows.casework.secrets import vault
from flows.record import Desk
from forms.drafts import DraftIn, summary
from forms.errors import Conflict, NotFound, Stale
from infra import clock, database
from infra.store import drafts as store

KEPT = timedelta(days=30)
MOST = 200
"""Drafts that one officer may keep."""

_UNNAMED = "未填写姓名"
_GONE = "没有找到这份暂存，可能已经提交或者删除。"


def save(desk: Desk, given: DraftIn, *, draft: str | None = None, if_match: int | None = None) -> dict[str, Any]:
    """The draft is kept as it stands, a new one or in place of `draft`; return its row as a list shows it.

    NotFound where `draft` is not the officer's own (any more), Stale where it is not the version named.
    """
    officer = _whose(desk)
    region, name, matters = summary(given.body)
    access.may(desk.actor, "receive", region=_region(desk, region))
    key = draft or f"d_{random.token_urlsafe(16)}"
    values = {
        "region": region,
        "title": given.title or name or _UNNAMED,
        "matters": matters,
        "sealed": vault().seal(orjson.dumps(given.body), _context(key)),
        "updated_at": desk.now,
    }
    if draft is None:
        if store.count(desk.conn, officer) >= MOST:
            raise Conflict(f"暂存不能超过{MOST}份，请先提交或者删除。", code="too_many_drafts")
        store.add(desk.conn, {"id": key, "officer_id": officer, "created_at": desk.now, "version": 1, **values})
    else:
        _found(desk, draft, lock=True, if_match=if_match)
        store.change(desk.conn, officer, draft, **values)
    return _row(_found(desk, key))


def mine(desk: Desk, *, after: Sequence[Any] | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return the officer's own drafts, the last saved first, without their bodies; `after` is (updated_at, id)."""
    return [_row(row) for row in store.of_officer(desk.conn, _whose(desk), after=after, limit=limit)]


def open_(desk: Desk, draft: str) -> dict[str, Any]:
    """Return a draft with its `body` as it was saved; NotFound unless it is the officer's own."""
    row = _found(desk, draft)
    return {**_row(row), "body": orjson.loads(vault().open(row["sealed"], _context(draft)))}


def discard(desk: Desk, draft: str) -> None:
    """The draft is gone for good; NotFound unless it was the officer's own."""
    if not store.remove(desk.conn, _whose(desk), draft):
        raise NotFound(_GONE)


def hand_in(desk: Desk, draft: str) -> None:
    """The draft becomes an application in this transaction: whoever hands the same one in again finds nothing."""
    discard(desk, draft)


def stale(conn: Connection) -> bool:
    """Whether there are drafts to be forgotten."""
    return store.stale(conn, clock.now(conn) - KEPT)


def forget(engine: Engine | None = None) -> int:
    """Drafts that nobody saved for thirty days are gone; return how many."""
    with (engine or database.engine()).begin() as conn:
        return store.prune(conn, clock.now(conn) - KEPT)


def _found(desk: Desk, draft: str, *, lock: bool = False, if_match: int | None = None) -> Mapping[Any, Any]:
    row = store.one(desk.conn, _whose(desk), draft, lock=lock)
    if row is None:
        raise NotFound(_GONE)
    if if_match is not None and if_match != row["version"]:
        raise Stale(version=row["version"])
    return row


def _whose(desk: Desk) -> int:
    """Return whose drafts these are: nobody's but the officer's at the desk."""
    if desk.actor.id is None:
        raise NotFound(_GONE)
    return desk.actor.id


def _region(desk: Desk, region: str) -> str | None:
    """Return where the draft would be handed in; where it does not say so yet, wherever the officer takes papers in."""
    if region:
        return region
    takes_in = {role for role, _ in access.ACTS["receive"]}
    return next((member.region for member in desk.actor.members if member.role in takes_in), None)


def _context(key: str) -> bytes:
    """Return what binds a sealed body to its draft."""
    return f"draft/{key}".encode()


def _row(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {
        "id": row["id"],
        "title": row["title"],
        "region": row["region"],
        "matters": list(row["matters"]),
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
        "kept_until": row["updated_at"] + KEPT,
        "version": row["version"],
    }

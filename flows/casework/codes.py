"""The code on the receipt (查询码): whoever has it acts for the application, and nobody guesses it.

After five wrong codes a number listens to no code for half a minute, then for twice as long after each further one, at
most a quarter of an hour, so that nobody can keep an applicant out for long. By the machine's clock, counted in a
transaction of its own: a refusal does not undo the counting.
"""

from __future__ import annotations

import hmac
from datetime import datetime, timedelta
from math import ceil

from sqlalchemy import Connection, Engine

from flows import access
from flows.access import Actor
from flows.casework.trace import leave
from flows.record import Desk
from flows.telling import applicant, notice
from forms.errors import NotFound, TooManyTries
from forms.scope import Scope
from infra import clock, database
from infra.numbers import is_valid, progress_code, read_progress_code
from infra.store import applications, dossier, sessions
from infra.store import code_tries as store
from infra.vault import hash_token

FREE = 5
"""Wrong codes that cost nothing: people mistype."""

FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(minutes=15)
FORGOTTEN = timedelta(days=1)
_NOBODY = (0, bytes(32))
_WORDS = "没有找到，请核对申请编号和查询码。"


def enter(engine: Engine, no: str, code: str | None) -> Actor:
    """Return the applicant who has the code of that application.

    NotFound where it is not the code, or there is no such application: the two look the same. TooManyTries where too
    many wrong codes came, whatever code is given.
    """
    if not code or not is_valid(no):
        raise NotFound(_WORDS)
    now = clock.machine()
    with engine.begin() as conn:
        before = store.tries(conn, no)
        if before is not None and before.locked_until is not None and before.locked_until > now:
            raise TooManyTries(ceil((before.locked_until - now).total_seconds()))
        key, stored = store.holder(conn, no) or _NOBODY
        right = hmac.compare_digest(hash_token(read_progress_code(code)), stored) and key != 0
        if not right:
            fresh = before is None or before.last_at < now - FORGOTTEN
            wrong = 1 if fresh or before is None else before.wrong + 1
            store.miss(conn, no, wrong, now, _locked_until(wrong, now))
        elif before is not None:
            store.forgive(conn, no)
    if not right:
        raise NotFound(_WORDS)
    return access.applicant(key, no)


def renew(desk: Desk, scope: Scope, no: str, reason: str) -> str:
    """A receipt was lost: the application has a new code, which is returned; the old one opens nothing any more.

    `reason` says how the applicant's identity was checked; it stays as a trace, and the applicant is told. NotFound
    for an application outside the scope, NotAllowed for who does not take papers in there.
    """
    row = dossier.application(desk.conn, scope, no) if is_valid(no) else None
    if row is None:
        raise NotFound
    access.may(desk.actor, "renew-code", region=row["region"])
    code = progress_code()
    applications.change(desk.conn, row["id"], code_hash=hash_token(code))
    store.forgive(desk.conn, no)
    sessions.end_applicants(desk.conn, row["id"], clock.machine())
    leave(desk, "renew-code", row["id"], no, reason)
    words = f"您的申请{no}已在窗口重发查询码，原查询码作废。如非本人办理，请联系受理窗口。"
    key = f"code:{no}:{desk.now.timestamp():.6f}"
    desk.sheet.notices.append(notice(key, applicant(no), "查询码已重发", {"text": words}, case_id=None, at=desk.now))
    return code


def _locked_until(wrong: int, now: datetime) -> datetime | None:
    """Return until when no code is listened to after so many wrong ones."""
    if wrong < FREE:
        return None
    return now + min(FIRST_WAIT * (1 << min(wrong - FREE, 16)), LONGEST_WAIT)


def stale(conn: Connection) -> bool:
    """Whether there are wrong codes to be forgotten."""
    return store.stale(conn, clock.machine() - FORGOTTEN)


def forget(engine: Engine | None = None) -> int:
    """Wrong codes of yesterday are forgotten; return for how many numbers."""
    with (engine or database.engine()).begin() as conn:
        return store.prune(conn, clock.machine() - FORGOTTEN)

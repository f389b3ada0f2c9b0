"""Sitting down at a desk (办理席位): one transaction, one moment, everything written at its end, then the nudge."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError

from flows.access import Actor
from flows.clockwork import wind
from flows.letterhead import complete, foresee
from flows.record import Desk
from flows.telling import told
from forms.errors import Conflict
from forms.workdays import OutOfCalendar
from infra import clock, database
from infra.announce import announce
from infra.engine.nudge import nudge


@contextmanager
def desk(
    actor: Actor | Callable[[Connection], Actor],
    *,
    now: datetime | None = None,
    terminal: str = "",
    engine: Engine | None = None,
) -> Iterator[Desk]:
    """Give a desk to `actor`: what is done at it is committed as one, or not at all.

    `actor` may be a question asked in the same transaction (whose token is this?), which may refuse the desk.
    `now` is the moment of every act at this desk (read from the clock where it is not given). Conflict where somebody
    opened a case for the same person and matter in the same instant, or where a limit would end after all calendars.
    """
    room = engine or database.engine()
    with _in_our_words(), room.begin() as conn:
        seat = Desk(conn, actor(conn) if callable(actor) else actor, now or clock.now(conn), terminal)
        yield seat
        changed = _write(seat, commit=True)
    if changed:
        announce(room, changed)
    for matter in sorted(seat.sheet.nudges):
        nudge(matter)


@contextmanager
def apart(seat: Desk) -> Iterator[Desk]:
    """Give one act of several a desk of its own within the transaction of `seat`: it is done as one, or not at all.

    What is done at it stands for the next act, and for good with everything else at `seat`.
    """
    one = Desk(seat.conn, seat.actor, seat.now, seat.terminal, workdays=seat.workdays, offices=seat.offices)
    with _in_our_words(), seat.conn.begin_nested():
        yield one
        changed = _write(one, commit=False)
    seat.sheet.changed |= changed
    seat.sheet.nudges |= one.sheet.nudges


def _write(seat: Desk, *, commit: bool) -> set[str]:
    """Write what was done with all that follows from it; return the numbers of the cases that changed."""
    foresee(seat)
    wind(seat)
    complete(seat)
    told(seat)
    changed = seat.sheet.touched()
    seat.sheet.write(seat.conn, commit=commit)
    return changed


@contextmanager
def _in_our_words() -> Iterator[None]:
    try:
        yield
    except IntegrityError as error:
        raise _conflict(error) from error
    except OutOfCalendar as error:
        raise Conflict(f"期限无法计算：{error}", code="out_of_calendar") from error


_UNIQUE = {
    "cases_subject": ("该人员（或子女）已有同一事项正在办理，不能重复申请。", "duplicate_open"),
    "supplements_one_open": ("已有一份未完成的补正告知。", "already_asked"),
    "pauses_one_open_task": ("已有未结束的同类暂停。", "already_paused"),
    "pauses_one_open": ("已有未结束的同类暂停。", "already_paused"),
}


def _conflict(error: IntegrityError) -> Exception:
    name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if name in _UNIQUE:
        words, code = _UNIQUE[name]
        return Conflict(words, code=code)
    return error

"""What waits for somebody to take it in hand (待签收): at one's seats and level, or returned to whom one leads."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, func, literal, or_, select

from forms.scope import Scope, Seat
from infra.store.scoped import at_seats, cases_within
from infra.store.work import CASES, TASKS

Voice = tuple[str, Seat]
"""A role and where it is held."""

_LAST: Final = TASKS.c.level >= TASKS.c.levels
_SPEAKS: Final[dict[str, Callable[[], ColumnElement[bool]]]] = {
    "handler": lambda: TASKS.c.level <= 1,
    "reviewer": lambda: and_(TASKS.c.level > 1, TASKS.c.level < TASKS.c.levels),
    "approver": lambda: and_(TASKS.c.level > 1, _LAST),
    "chief": lambda: _LAST,
}
"""Who speaks at which level; the same as `flows.access.level_roles` says."""


def free(voices: Iterable[Voice]) -> ColumnElement[bool]:
    """Return the condition on `tasks` that nobody has them and one of these may speak next."""
    at = [and_(_SPEAKS[role](), at_seats([seat])) for role, seat in voices if role in _SPEAKS]
    if not at:
        return literal(value=False)
    return and_(TASKS.c.officer_id.is_(None), TASKS.c.status.in_(("pending", "reviewing")), or_(*at))


def returned(leads: Iterable[Seat]) -> ColumnElement[bool]:
    """Return the condition on `tasks` joined to `cases` that they are to be given out again by who leads."""
    at = frozenset(leads)
    parts = [TASKS.c.status == "returned", cases_within(Scope(leads=at))]
    if all(seat.region != "*" for seat in at):  # a task's region is its case's: said so that few cases are looked at
        parts.append(TASKS.c.region.in_(sorted({seat.region for seat in at})))
    return and_(*parts)


def count(conn: Connection, voices: Iterable[Voice], leads: Iterable[Seat], most: int) -> int:
    """Return how many tasks wait, `most` where they are more."""
    mine = select(TASKS.c.id).where(free(voices)).limit(most)
    found = _counted(conn, mine)
    if found < most and (at := frozenset(leads)):
        query = select(TASKS.c.id).join(CASES, CASES.c.id == TASKS.c.case_id).where(returned(at))
        found += _counted(conn, query.limit(most))
    return min(found, most)


def _counted(conn: Connection, query: Any) -> int:
    return int(conn.execute(select(func.count()).select_from(query.subquery())).scalar_one())

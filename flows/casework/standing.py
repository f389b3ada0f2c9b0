"""Standing in for an absent colleague (代理): a verb is done in the own right, or for one stood in for."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec, TypeVar

from flows.record import Desk
from forms.errors import Conflict, NotAllowed, NotFound, Problem

P = ParamSpec("P")
T = TypeVar("T")


def in_turn(desk: Desk, verb: Callable[[], T]) -> T:
    """Do a verb in the officer's own right; where that may not be, for each absent colleague, until one may.

    The record carries both names. Of several refusals the one that says most is told.
    """
    whole = desk.actor
    if all(member.absent is None for member in whole.members):
        return verb()
    refusals: list[Problem] = []
    try:
        for actor in whole.capacities():
            desk.actor, before = actor, len(desk.sheet.events)
            try:
                return verb()
            except (NotAllowed, NotFound, Conflict) as refused:
                if len(desk.sheet.events) > before or (isinstance(refused, Conflict) and refused.code != "held"):
                    raise
                refusals.append(refused)
    finally:
        desk.actor = whole
    raise max(refusals, key=_says)


def _says(refused: Problem) -> int:
    """Rank refusals by how much they say: not there, not allowed, and why not; of equals the own right's is told."""
    if isinstance(refused, NotFound):
        return 0
    return 1 if refused.code == NotAllowed.code else 2


def by_turns(verb: Callable[Concatenate[Desk, P], T]) -> Callable[Concatenate[Desk, P], T]:
    """Have a verb done in turn, wherever it is called from."""

    @wraps(verb)
    def done(desk: Desk, /, *args: P.args, **named: P.kwargs) -> T:
        return in_turn(desk, lambda: verb(desk, *args, **named))

    return done

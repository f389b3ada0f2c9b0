"""Several acts in one request (批量办理): each is done or refused by itself, and each says how it went."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import OperationalError

from flows.casework.acts import act_on_case, act_on_task
from flows.desks import apart
from flows.record import Desk
from forms.coordination import ProposeExtension, Urge
from forms.errors import FieldError, Invalid, NotFound, Problem, Unavailable
from forms.messages import TASK_ACTS, Message, read_act
from infra.numbers import is_valid
from infra.store.rows import CaseRow, TaskRow

CASE_ACTS_TOGETHER: Final[Mapping[str, type[Message]]] = {"propose-extension": ProposeExtension, "urge": Urge}
"""Acts that may be done on several cases at once; on several tasks every act may."""


@dataclass(frozen=True, slots=True)
class Done:
    """How one of several acts went: the rows as they are after it, or the problem it met."""

    no: str
    act: str
    task: TaskRow | None = None
    case: CaseRow | None = None
    problem: Problem | None = None


def act_on_tasks(desk: Desk, items: Sequence[Mapping[str, Any]]) -> list[Done]:
    """Every act is done that may be; the results stand in the order of the items, which name `no`, `act` and fields."""

    def one(seat: Desk, no: str, message: Message) -> Done:
        task, case = act_on_task(seat, no, message)
        return Done(no, "", task, case)

    return _each(desk, items, TASK_ACTS, one)


def act_on_cases(desk: Desk, items: Sequence[Mapping[str, Any]]) -> list[Done]:
    """The same for cases: urged, or an extension proposed."""

    def one(seat: Desk, no: str, message: Message) -> Done:
        case, _ = act_on_case(seat, no, message)
        return Done(no, "", None, case)

    return _each(desk, items, CASE_ACTS_TOGETHER, one)


def _each(
    desk: Desk,
    items: Sequence[Mapping[str, Any]],
    acts: Mapping[str, type[Message]],
    one: Callable[[Desk, str, Message], Done],
) -> list[Done]:
    """Do the acts in the order of the numbers, as everybody does: two who do so never wait in a ring."""
    results: dict[int, Done] = {}
    for place in sorted(range(len(items)), key=lambda place: str(items[place].get("no"))):
        results[place] = _done(desk, items[place], acts, one)
    return [results[place] for place in range(len(items))]


def _done(
    desk: Desk,
    item: Mapping[str, Any],
    acts: Mapping[str, type[Message]],
    one: Callable[[Desk, str, Message], Done],
) -> Done:
    no, act = _named(item, "no"), _named(item, "act")
    try:
        if not no:
            raise Invalid([FieldError("/no", "请写明编号", "required")])
        message = read_act({key: value for key, value in item.items() if key != "no"}, acts)
        if not is_valid(no):
            raise NotFound
        with apart(desk) as seat:
            done = one(seat, no, message)
    except Problem as problem:
        return Done(no, act, problem=problem)
    except OperationalError as error:
        if error.connection_invalidated:
            raise
        return Done(no, act, problem=Unavailable("正在办理的人较多，请稍后再试。", code="busy"))
    return Done(no, act, done.task, done.case)


def _named(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""

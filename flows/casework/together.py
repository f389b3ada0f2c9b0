"""Several acts in one request (批量办理): each is done or refused by itself, and each says how it went.

What is wrong with what all of them share (no reason, nobody to hand them to) is said once, and then none is done.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy.exc import OperationalError

from flows import access
from flows.casework.acts import act_on_case, act_on_task
from flows.casework.inbox import NOBODY
from flows.desks import apart
from flows.record import Desk
from forms.coordination import ProposeExtension, Several, Urge
from forms.errors import FieldError, Invalid, NotFound, Problem, Unavailable
from forms.faults import all_told
from forms.messages import TASK_ACTS, Message, read_act, read_message
from infra.numbers import is_valid
from infra.store import people
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


Item = Mapping[str, Any]


def read_several(desk: Desk, body: object, acts: Mapping[str, type[Message]]) -> list[Item]:
    """Return the acts that a body asks for, each with what all share, where it does not say otherwise itself.

    Invalid with everything that is wrong with the pile and with what is shared: nobody reads the same on every line.
    """
    items: list[Item] = []
    errors: list[FieldError] = []
    try:
        several = read_message(Several, body)
        items = [{**several.common, **item} for item in several.items]
    except Invalid as refused:
        errors += refused.errors
    if isinstance(body, dict) and isinstance(shared := body.get("common"), dict) and shared:
        found = body.get("items")
        own = [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []
        errors = all_told(errors, _shared_faults(desk, shared, own, acts))
    if errors:
        raise Invalid(errors, errors[0].message if len(errors) == 1 else None)
    return items


def _shared_faults(
    desk: Desk, shared: Item, items: Sequence[Item], acts: Mapping[str, type[Message]]
) -> Iterator[FieldError]:
    """Say what no item mends that says nothing of it itself; items of several acts are judged line by line."""
    if "no" in shared:
        yield FieldError("/common/no", "编号应在各项中分别写明", "unknown_field")
    chosen = [item.get("act", shared.get("act")) for item in items] or [shared.get("act")]
    if any(act != chosen[0] for act in chosen):
        return
    own = {name for item in items for name in item} - {"act"}
    try:
        body = {name: value for name, value in shared.items() if name != "no"}
        message = read_act({**body, "act": chosen[0]} if chosen[0] is not None else body, acts)
        wrong = [*message.at_odds(), *_nobody(desk, message)]
    except Invalid as refused:
        wrong = list(refused.errors)
    yield from (
        FieldError(f"/common{error.field}", error.message, error.code)
        for error in wrong
        if error.field.split("/")[1:2] == [] or error.field.split("/")[1] not in own
    )


def _nobody(desk: Desk, message: Message) -> Iterator[FieldError]:
    """Say that there is no such colleague, to whoever may hand something to one."""
    named = getattr(message, "officer", None)
    if named is None or not any(desk.actor.has(role) for role, _ in access.ACTS.get(getattr(message, "act", ""), ())):
        return
    if people.officer_by_username(desk.conn, named) is None:
        yield NOBODY


def act_on_tasks(desk: Desk, items: Sequence[Item]) -> list[Done]:
    """Every act is done that may be; the results stand in the order of the items, which name `no`, `act` and fields."""

    def one(seat: Desk, no: str, message: Message) -> Done:
        task, case = act_on_task(seat, no, message)
        return Done(no, "", task, case)

    return _each(desk, items, TASK_ACTS, one)


def act_on_cases(desk: Desk, items: Sequence[Item]) -> list[Done]:
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

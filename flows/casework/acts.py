"""Which verb answers which act (办理动作): the one door through which acts on cases and tasks come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from flows import access
from flows.casework import close, coordinate, correct, decide, extend, inbox, intake, pause, supplement
from flows.casework.hand import InHand, take, take_task
from flows.casework.standing import in_turn
from flows.record import Desk
from forms import messages as m
from forms.coordination import Copy, HandOver, ProposeExtension, Urge
from forms.errors import Conflict, Stale
from infra.store import dossier
from infra.store.rows import CaseRow, TaskRow

CASE_VERBS: Final[Mapping[type[m.Message], Callable[[Desk, InHand, Any], Any]]] = {
    m.Accept: intake.accept,
    m.Decline: intake.decline,
    m.RequestSupplement: supplement.request,
    m.SupplementIn: supplement.hand_in,
    m.Lapse: supplement.lapse,
    m.Correct: correct.correct,
    m.Suspend: lambda desk, hand, message: pause.suspend(desk, hand, None, message),
    m.Resume: lambda desk, hand, message: pause.resume(desk, hand, None, message),
    m.Extend: extend.extend,
    m.Withdraw: close.withdraw,
    m.Void: close.void,
    m.Forward: decide.forward_case,
    m.Deliver: close.deliver,
    m.AddTask: close.add_task,
    m.Reopen: close.reopen,
    Urge: coordinate.urge_case,
    Copy: coordinate.copy,
    ProposeExtension: coordinate.propose_extension,
}

TASK_VERBS: Final[Mapping[type[m.Message], Callable[[Desk, InHand, TaskRow, Any], Any]]] = {
    m.Claim: inbox.claim,
    m.Release: inbox.release,
    m.Approve: decide.approve,
    m.Refuse: decide.refuse,
    m.Return: inbox.return_,
    m.Dispatch: inbox.dispatch,
    m.Transfer: inbox.transfer,
    HandOver: coordinate.hand_over,
    Urge: coordinate.urge,
    m.SendBack: decide.send_back,
    m.Retract: decide.retract,
    m.Forward: decide.forward,
    m.Recheck: inbox.recheck,
    m.Suspend: pause.suspend,
    m.Resume: pause.resume,
    m.RequestSupplement: lambda desk, hand, task, message: supplement.request(
        desk, hand, message.model_copy(update={"task": task.no})
    ),
}


def act_on_case(desk: Desk, no: str, message: m.Message, *, if_match: int | None = None) -> tuple[CaseRow, Any]:
    """Carry out an act on a case; return the case as it is now and what the verb gave (a new task, a new case)."""

    def verb() -> tuple[CaseRow, Any]:
        hand = take(desk, no, if_match=if_match)
        given = CASE_VERBS[type(message)](desk, hand, message)
        return hand.case, given

    with _telling_what_happened(desk, no):
        return in_turn(desk, verb)


def act_on_task(desk: Desk, no: str, message: m.Message, *, if_match: int | None = None) -> tuple[TaskRow, CaseRow]:
    """Carry out an act on a task; return the task and its case as they are now."""

    def verb() -> tuple[TaskRow, CaseRow]:
        hand, task = take_task(desk, no, if_match=if_match)
        TASK_VERBS[type(message)](desk, hand, task, message)
        return task, hand.case

    with _telling_what_happened(desk, no.rpartition("-")[0]):
        return in_turn(desk, verb)


@contextmanager
def _telling_what_happened(desk: Desk, case_no: str) -> Iterator[None]:
    """A conflict says who did what meanwhile: the last act on the record of the case."""
    try:
        yield
    except (Conflict, Stale) as refused:
        if desk.actor.kind == "applicant":  # no officer is named to the applicant
            raise
        latest = dossier.latest_event(desk.conn, access.scope(desk.actor), case_no)
        if latest is not None:
            refused.facts.setdefault("meanwhile", latest)
        raise

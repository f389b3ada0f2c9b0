"""What may follow what (生命周期): (status, act) → status, as data. Every pair that is not here is a Conflict.

Run `python -m flows.lifecycle` to print both tables as Markdown; the README shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol, TypeVar

from forms.errors import Conflict
from forms.vocabulary import CASE_CLOSED, CaseStatus, Outcome, TaskStatus, Term

C, T = CaseStatus, TaskStatus

OF_THE_RATING: Final = (
    "rate", "rate-badly", "contact-rating", "follow-rating", "judge-rating", "call-back-rating", "close-rating",
)  # fmt: skip
"""Acts about the rating of a case that has ended (好差评); its status stays as it is."""

_OF_THE_WATCH = ("appeal-card", "judge-appeal", "open-order", "reply-order", "close-order")
"""Acts about a card or an order of a case: on its record, whatever its status, which stays as it is."""

CASE: Final[Mapping[tuple[CaseStatus, str], CaseStatus]] = {
    (C.DRAFT, "receive"): C.SUBMITTED,
    (C.SUBMITTED, "correct"): C.SUBMITTED,
    (C.SUBMITTED, "accept"): C.IN_PROGRESS,
    (C.SUBMITTED, "accept-with-gap"): C.IN_PROGRESS,
    (C.SUBMITTED, "deem-accept"): C.IN_PROGRESS,
    (C.SUBMITTED, "decline-not-required"): C.NOT_REQUIRED,
    (C.SUBMITTED, "decline-not-accepted"): C.NOT_ACCEPTED,
    (C.SUBMITTED, "request-supplement"): C.SUPPLEMENT,
    (C.SUBMITTED, "withdraw"): C.WITHDRAWN,
    (C.SUBMITTED, "void"): C.VOID,
    (C.SUPPLEMENT, "supplement-part"): C.SUPPLEMENT,
    (C.SUPPLEMENT, "supplement"): C.SUBMITTED,
    (C.SUPPLEMENT, "lapse"): C.WITHDRAWN,
    (C.SUPPLEMENT, "withdraw"): C.WITHDRAWN,
    (C.SUPPLEMENT, "void"): C.VOID,
    **{(status, "correct-shared"): status for status in (C.SUBMITTED, C.SUPPLEMENT, C.IN_PROGRESS)},
    (C.IN_PROGRESS, "request-supplement"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "supplement-part"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "supplement"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "fill-gap"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "suspend"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "resume"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "add-task"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "extend"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "propose-extension"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "copy"): C.IN_PROGRESS,
    **{(status, act): status for status in C for act in ("recalendar", *_OF_THE_WATCH)},
    (C.IN_PROGRESS, "take-route"): C.IN_PROGRESS,
    (C.IN_PROGRESS, "close-ok"): C.CLOSED_OK,
    (C.IN_PROGRESS, "close-refused"): C.CLOSED_REFUSED,
    (C.IN_PROGRESS, "close-forwarded"): C.CLOSED_FORWARDED,
    (C.IN_PROGRESS, "forward"): C.CLOSED_FORWARDED,
    (C.IN_PROGRESS, "lapse"): C.CLOSED_NO_SUPPLEMENT,
    (C.IN_PROGRESS, "withdraw"): C.WITHDRAWN,
    (C.IN_PROGRESS, "void"): C.VOID,
    **{(status, act): status for status in (*CASE_CLOSED, C.DELIVERED) for act in OF_THE_RATING},
    **{(status, "deliver"): C.DELIVERED for status in CASE_CLOSED},
    **{
        (status, "reopen"): status
        for status in (*CASE_CLOSED, C.DELIVERED, C.WITHDRAWN, C.VOID, C.NOT_ACCEPTED, C.NOT_REQUIRED)
    },
}

_IN_HAND = (T.PENDING, T.RETURNED, T.RECEIVED, T.REVIEWING)
_AT_WORK = (T.PENDING, T.RECEIVED, T.REVIEWING)

TASK: Final[Mapping[tuple[TaskStatus, str], TaskStatus]] = {
    (T.BLOCKED, "open"): T.PENDING,
    (T.PENDING, "block"): T.BLOCKED,
    (T.NOT_APPLICABLE, "involve"): T.BLOCKED,
    (T.PENDING, "claim"): T.RECEIVED,
    (T.REVIEWING, "claim"): T.REVIEWING,
    (T.RECEIVED, "release"): T.PENDING,
    (T.REVIEWING, "release"): T.REVIEWING,
    (T.PENDING, "return"): T.RETURNED,
    (T.RECEIVED, "return"): T.RETURNED,
    (T.RETURNED, "dispatch"): T.PENDING,
    (T.PENDING, "transfer"): T.RECEIVED,
    (T.RECEIVED, "transfer"): T.RECEIVED,
    (T.REVIEWING, "transfer"): T.REVIEWING,
    (T.PENDING, "transfer-office"): T.PENDING,
    (T.RECEIVED, "transfer-office"): T.PENDING,
    **{(status, "follow-office"): status for status in (T.BLOCKED, T.PENDING)},
    (T.PENDING, "hand-over"): T.RECEIVED,
    (T.RECEIVED, "hand-over"): T.RECEIVED,
    (T.REVIEWING, "hand-over"): T.REVIEWING,
    **{(status, "urge"): status for status in _IN_HAND},
    (T.REVIEWING, "send-back"): T.PENDING,
    **{(status, "endorse"): T.REVIEWING for status in _AT_WORK},
    **{(status, "object"): T.REVIEWING for status in _AT_WORK},
    **{(status, "approve"): T.APPROVED for status in _AT_WORK},
    **{(status, "refuse"): T.REFUSED for status in _AT_WORK},
    **{(status, "forward"): T.FORWARDED for status in _AT_WORK},
    **{(status, "retract"): T.RECEIVED for status in (T.REVIEWING, T.APPROVED, T.REFUSED)},
    **{(status, "retract-level"): T.REVIEWING for status in (T.REVIEWING, T.APPROVED, T.REFUSED)},
    **{(status, "suspend"): status for status in _AT_WORK},
    **{(status, "resume"): status for status in _AT_WORK},
    **{(status, "note-evidence"): status for status in _AT_WORK},
    **{(status, "recheck"): status for status in _AT_WORK},
    **{(status, "skip"): T.NOT_APPLICABLE for status in (T.BLOCKED, *_IN_HAND)},
    **{(status, "exclude"): T.NOT_APPLICABLE for status in (T.BLOCKED, *_IN_HAND)},
}

OUTCOMES: Final[Mapping[CaseStatus, Outcome]] = {
    C.CLOSED_OK: Outcome.APPROVED,
    C.CLOSED_REFUSED: Outcome.REFUSED,
    C.CLOSED_NO_SUPPLEMENT: Outcome.NO_SUPPLEMENT,
    C.CLOSED_FORWARDED: Outcome.FORWARDED,
    C.WITHDRAWN: Outcome.WITHDRAWN,
    C.VOID: Outcome.VOID,
    C.NOT_ACCEPTED: Outcome.NOT_ACCEPTED,
    C.NOT_REQUIRED: Outcome.NOT_REQUIRED,
}


def follow_case(status: str, act: str) -> CaseStatus:
    """Return the status a case has after `act`; Conflict where the office may not do this now."""
    try:
        return CASE[C(status), act]
    except KeyError:
        raise Conflict(f"办件当前为“{C(status).label}”，不能进行此项办理。", status=status, act=act) from None


def follow_task(status: str, act: str) -> TaskStatus:
    """Return the status a task has after `act`; Conflict where the office may not do this now."""
    try:
        return TASK[T(status), act]
    except KeyError:
        raise Conflict(f"任务当前为“{T(status).label}”，不能进行此项办理。", status=status, act=act) from None


_BEFORE_WORK = (C.DRAFT, C.SUBMITTED, C.SUPPLEMENT)


def derive(cases: Iterable[tuple[str, str | None]]) -> tuple[CaseStatus, Outcome | None]:
    """Return the status and outcome of an application from its cases' (status, outcome).

    While one case is under way so is the application; when all have ended it is 部分通过 as soon as one passed and
    one did not; it is delivered when all that have a result are. Withdrawn or void cases weigh only if all are.
    """
    found = [(C(status), outcome) for status, outcome in cases]
    weighty = [pair for pair in found if pair[0] not in (C.WITHDRAWN, C.VOID)] or found
    statuses = {status for status, _ in weighty}
    for waiting in (C.SUPPLEMENT, C.SUBMITTED, C.DRAFT):
        if waiting in statuses and statuses <= set(_BEFORE_WORK):
            return waiting, None
    if statuses & {C.IN_PROGRESS, *_BEFORE_WORK}:
        return C.IN_PROGRESS, None
    passed = sum(outcome == Outcome.APPROVED for _, outcome in weighty)
    if 0 < passed < len(weighty):
        outcome, closed = Outcome.PARTIAL, C.CLOSED_PARTIAL
    elif passed:
        outcome, closed = Outcome.APPROVED, C.CLOSED_OK
    else:
        outcome, closed = _without_pass(weighty)
    to_hand_over = [status for status, _ in weighty if status in (*CASE_CLOSED, C.DELIVERED)]
    if to_hand_over and all(status is C.DELIVERED for status in to_hand_over):
        return C.DELIVERED, outcome
    return closed, outcome


class Numbered(Protocol):
    """What tells a case that was reopened from the one that carries it on."""

    id: int
    reopens: int | None


K = TypeVar("K", bound=Numbered)


def standing(cases: Sequence[K]) -> list[K]:
    """Return the cases that stand for an application: one that was reopened is stood for by its successor."""
    carried_on = {case.reopens for case in cases}
    return [case for case in cases if case.id not in carried_on]


def _without_pass(cases: list[tuple[CaseStatus, str | None]]) -> tuple[Outcome, CaseStatus]:
    """Name the ending of an application in which nothing passed: the weightiest of its cases' endings."""
    by_outcome = {outcome: status for status, outcome in cases}
    ranking = (
        Outcome.REFUSED,
        Outcome.NOT_ACCEPTED,
        Outcome.FORWARDED,
        Outcome.NO_SUPPLEMENT,
        Outcome.NOT_REQUIRED,
        Outcome.WITHDRAWN,
        Outcome.VOID,
    )
    ending = {outcome: status for status, outcome in OUTCOMES.items()}
    for outcome in ranking:
        if outcome in by_outcome:
            return outcome, ending[outcome]
    raise ValueError(f"an application with cases {cases!r} has no ending")


def as_markdown(table: Mapping[tuple[Term, str], Term]) -> str:
    """Print a transition table as the documentation shows it."""
    rows = [
        f"| {before.label} `{before}` | `{act}` | {after.label} `{after}` |" for (before, act), after in table.items()
    ]
    return "\n".join(["| 状态 | 办理动作 | 办理后 |", "|---|---|---|", *rows])


if __name__ == "__main__":
    print(as_markdown(CASE), as_markdown(TASK), sep="\n\n")  # type: ignore[arg-type]  # noqa: T201

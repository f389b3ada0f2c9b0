"""Ratings on cases (好差评): the applicant rates once, a bad rating is followed up to its public reply.

Whoever answers for the whole follows up; the manager judges appeals and closes. Nobody judges, calls back or closes a
rating of a case he worked on (国办发〔2019〕51号). What is said of a case stays with the rating, not on the record.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from flows import access, office_days, rating
from flows.access import Actor
from flows.arming import new_limit, workdays_of
from flows.casework.hand import InHand, hold
from flows.casework.standing import by_turns
from flows.lifecycle import OF_THE_RATING
from flows.projection import local_day
from flows.record import Desk, issue, record
from flows.sla import Clock
from flows.telling import notice, seat
from forms import ratings as m
from forms.applicant import Rate
from forms.errors import Conflict, Invalid, NotAllowed, NotFound
from forms.messages import Message
from forms.vocabulary import CASE_CLOSED, CaseStatus, Department, DocumentKind, RatingState, Role, Satisfaction
from infra.calendar import calendar
from infra.clock import SHANGHAI
from infra.store import applications, limits, work
from infra.store import ratings as store
from infra.store.rows import CaseRow

HANDLING = "handling"
"""What is rated: how the case was handled, from receipt to result; one rating per event."""

_ENDED = frozenset({*(status.value for status in CASE_CLOSED), CaseStatus.DELIVERED.value})
_SAID_OF_IT = frozenset({*OF_THE_RATING, "appeal-card", "judge-appeal", "reply-order", "close-order", "recalendar"})
_IMPARTIAL = (m.Judge, m.CallBack, m.CloseRating)
Row = Mapping[Any, Any]


def ratable_until(conn: Connection, case: CaseRow) -> date | None:
    """Return the last day on which a case may be rated, None while it is under way or was taken back."""
    if case.status not in _ENDED or case.closed_at is None:
        return None
    ended = local_day(case.delivered_at or case.closed_at)
    return calendar(conn, case.region).add(ended, rating.RATE_DAYS)


def may_rate(conn: Connection, case: CaseRow, day: date) -> bool:
    """Whether the applicant may rate a case on `day`: it has ended, in time, and was not rated."""
    until = ratable_until(conn, case)
    return until is not None and day <= until and store.of_case(conn, case.id) is None


def rate(desk: Desk, hand: InHand, message: Rate) -> None:
    """The applicant has said how the case was handled; a bad rating is to be contacted within a day of office hours."""
    case = hand.case
    access.may(desk.actor, "rate", case=case)
    until, today = ratable_until(desk.conn, case), local_day(desk.now)
    if until is None:
        raise Conflict("办件尚未办结，办结后可以评价。", code="not_ended", status=case.status)
    if today > until:
        raise Conflict(f"评价期限为{until.isoformat()}，已经届满。", code="expired", until=until.isoformat())
    if store.of_case(desk.conn, case.id) is not None:
        raise Conflict("该办件已经评价，一事一评。", code="already_rated")
    bad, workdays = rating.is_bad(message.grade), workdays_of(desk, case.region)
    store.add(
        desk.conn,
        {
            "application_id": case.application_id,
            "case_id": case.id,
            "event": HANDLING,
            "matter": case.matter,
            "lead": case.lead,
            "region": case.region,
            "grade": message.grade,
            "comment": message.comment,
            "state": rating.begin(message.grade).value,
            "rated_at": desk.now,
            "fix_due": workdays.add(today, office_days.pinned(case.plan, office_days.FIX)) if bad else None,
            "history": [],
        },
    )
    worst = max(message.grade, applications.by_id(desk.conn, case.application_id)["rating"] or 0)
    applications.change(desk.conn, case.application_id, rating=worst)
    record(desk, case, "rate-badly" if bad else "rate")
    if bad:
        due = _arm(desk, case, rating.CONTACT_DAYS * workdays.hours.minutes, "差评联系核实", hours=True)["due_at"]
        words = f"请于{due.astimezone(SHANGHAI):%Y-%m-%d %H:%M}前联系核实"
        _tell(desk, case, f"收到差评：{case.title}（{case.no}）", words, _followers(case))


@by_turns
def follow(desk: Desk, key: int, message: Message) -> Row:
    """The follow-up of a bad rating is one act further; return the rating as it is now.

    NotFound where it is not the officer's to see, NotAllowed where the act is not his, Conflict where it is not its
    turn.
    """
    row, hand = _take(desk, key)
    act = message.act  # type: ignore[attr-defined]
    needs = "close-rating" if isinstance(message, m.CloseRating) else "follow-rating"
    access.may(desk.actor, "judge-rating" if isinstance(message, m.Judge) else needs, case=hand.case)
    if isinstance(message, _IMPARTIAL):
        impartial(desk, hand.case)
    step = {"upheld": "uphold", "rejected": "reject"}[message.outcome] if isinstance(message, m.Judge) else act
    after = rating.follow(row["state"], step)
    values = VERBS[type(message)](desk, hand.case, row, message)
    said = {
        "act": step,
        "at": desk.now.isoformat(),
        "by": desk.actor.name,
        "words": getattr(message, "words", None) or getattr(message, "reply", None),
    }
    values |= {"state": after.value, "history": [*row["history"], said]}
    if not store.change(desk.conn, key, row["state"], **values):
        raise Conflict
    if isinstance(message, m.CloseRating):
        issue(desk, hand.case, DocumentKind.RATING_REPLY, reply=message.reply)
    return _again(desk, key)


def _contact(desk: Desk, case: CaseRow, row: Row, message: m.Contact) -> dict[str, Any]:
    """Whoever rated has been spoken to, in time or not."""
    record(desk, case, "contact-rating")
    _end(desk, case)
    return {"contacted_at": desk.now}


def _fix_now(desk: Desk, case: CaseRow, row: Row, message: m.FixNow) -> dict[str, Any]:
    """It is put right at once, within the days from the rating that held when the case was received."""
    record(desk, case, "follow-rating", step=message.act, until=row["fix_due"].isoformat())
    _arm(desk, case, 0, "差评整改", fixed_on=row["fix_due"])
    return {}


def _ledger(desk: Desk, case: CaseRow, row: Row, message: m.Ledger) -> dict[str, Any]:
    """It stands on the ledger with a deadline: the usual days unless another is named, at most fifteen."""
    today, workdays = local_day(desk.now), calendar(desk.conn, case.region)
    again = row["state"] == RatingState.CALLED_BACK
    base = today if again else local_day(row["rated_at"])
    latest = workdays.add(base, rating.LEDGER_DAYS)
    usual = office_days.pinned(case.plan, office_days.FIX)
    until = message.until or max(workdays.add(base, usual), today)
    if not today <= until <= latest:
        raise Invalid.one("/until", f"整改期限应在今天至{latest.isoformat()}之间", "range")
    record(desk, case, "follow-rating", step=message.act, until=until.isoformat())
    _arm(desk, case, 0, "差评整改", fixed_on=until)
    return {"fix_due": until, **({"fixed_at": None, "called_back_at": None, "satisfied": None} if again else {})}


def _explain(desk: Desk, case: CaseRow, row: Row, message: m.Explain) -> dict[str, Any]:
    """What has no basis in law is explained."""
    record(desk, case, "follow-rating", step=message.act)
    return {}


def _appeal(desk: Desk, case: CaseRow, row: Row, message: m.Appeal) -> dict[str, Any]:
    """An error or malice is put before the manager, once."""
    if any(said["act"] == "appeal" for said in row["history"]):
        raise Conflict("该评价已经申诉过，不能再次申诉。", code="already_appealed")
    record(desk, case, "follow-rating", step=message.act)
    manager = [seat(case.region, Department.SUPERVISION.value, Role.MANAGER.value)]
    _tell(desk, case, f"差评申诉待复核：{case.title}（{case.no}）", "", manager)
    return {}


def _judge(desk: Desk, case: CaseRow, row: Row, message: m.Judge) -> dict[str, Any]:
    """An upheld appeal takes the rating out of the count; a rejected one has it put right."""
    record(desk, case, "judge-rating", outcome=message.outcome)
    words = "成立，不计入" if message.outcome == "upheld" else "不成立，请继续整改"
    _tell(desk, case, f"差评申诉复核：{case.title}（{case.no}）", words, _followers(case)[:1])
    return {}


def _fix(desk: Desk, case: CaseRow, row: Row, message: m.Fix) -> dict[str, Any]:
    """What was complained of is put right."""
    record(desk, case, "follow-rating", step=message.act)
    _end(desk, case)
    return {"fixed_at": desk.now}


def _call_back(desk: Desk, case: CaseRow, row: Row, message: m.CallBack) -> dict[str, Any]:
    """Whoever rated was asked whether it is right now; every bad rating is (鲁政办发〔2020〕10号)."""
    record(desk, case, "call-back-rating", satisfied=message.satisfied)
    return {"called_back_at": desk.now, "satisfied": message.satisfied}


def _close(desk: Desk, case: CaseRow, row: Row, message: m.CloseRating) -> dict[str, Any]:
    """The reply is public, and the one who rated is told."""
    record(desk, case, "close-rating")
    return {"closed_at": desk.now, "reply": message.reply}


VERBS: Final[Mapping[type[Message], Callable[[Desk, CaseRow, Row, Any], dict[str, Any]]]] = {
    m.Contact: _contact,
    m.FixNow: _fix_now,
    m.Ledger: _ledger,
    m.Explain: _explain,
    m.Appeal: _appeal,
    m.Judge: _judge,
    m.Fix: _fix,
    m.CallBack: _call_back,
    m.CloseRating: _close,
}
"""Message → what it does; it returns what changes on the rating."""


def follows(actor: Actor, row: Row) -> bool:
    """Whether the officer follows up this rating, and is therefore told whose it is."""
    try:
        access.may(actor, "follow-rating", case=_Place(row["region"], row["lead"]))
    except NotAllowed:
        return False
    return True


def acts_of(actor: Actor, row: Row) -> list[str]:
    """Return the acts that may follow on a rating and that the officer's role allows."""
    if not follows(actor, row):
        return []
    judges = actor.kind == "officer" and any(
        member.role == Role.MANAGER and member.covers(row["region"]) for member in actor.members
    )
    return [act for act in rating.acts_from(row["state"]) if judges or act not in ("judge", "close")]


def said_of(row: Row) -> str:
    """Return the words of a rating's grade."""
    return Satisfaction(str(row["grade"])).label


class _Place:
    """Where a rating lies, for the walls."""

    def __init__(self, region: str, lead: str) -> None:
        self.region, self.lead = region, lead


def _take(desk: Desk, key: int) -> tuple[Row, InHand]:
    """Lock the case of a rating and return both; NotFound where the rating is not the officer's to see."""
    found = _again(desk, key)
    family, tasks = work.take(desk.conn, found["case_no"])
    case = next(case for case in family if case.no == found["case_no"])
    return _again(desk, key), hold(desk, case, family, tasks)


def _again(desk: Desk, key: int) -> Row:
    row = store.one(desk.conn, access.scope(desk.actor), key)
    if row is None:
        raise NotFound
    return row


def impartial(desk: Desk, case: CaseRow) -> None:
    """Raise NotAllowed where the officer had a hand in the case."""
    if desk.actor.id is not None and store.had_a_hand(desk.conn, case.id, desk.actor.id, _SAID_OF_IT):
        raise NotAllowed("您经办过该办件，对它的评价请由其他人员处理。", code="own_case")


def _arm(
    desk: Desk, case: CaseRow, days: int, what: str, *, fixed_on: date | None = None, hours: bool = False
) -> dict[str, Any]:
    """Start the clock of the follow-up: passed, its card is red at once and goes to the lead department."""
    row = new_limit(desk, case, Clock.RATING, days, what=what, basis=rating.BASIS, fixed_on=fixed_on, hours=hours)
    desk.sheet.clocks.append(limits.armed([row]))
    return row


def _end(desk: Desk, case: CaseRow) -> None:
    desk.sheet.clocks.append(limits.ended(case.id, desk.now, local_day(desk.now), clocks={Clock.RATING.value}))


def _followers(case: CaseRow) -> list[str]:
    return [
        seat(case.region, case.lead, Role.COORDINATOR.value),
        seat(case.region, Department.SUPERVISION.value, Role.MANAGER.value),
    ]


def _tell(desk: Desk, case: CaseRow, title: str, words: str, whom: list[str]) -> None:
    desk.sheet.notices += [
        notice(
            f"rating:{case.no}:{case.chain_seq}:{addressee}",
            addressee,
            title,
            {"case": case.no, "text": "。".join(filter(None, (title, words))) + "。"},
            case_id=case.id,
            at=desk.now,
        )
        for addressee in whom
    ]

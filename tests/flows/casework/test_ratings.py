"""Ratings: once, in time, by the applicant; a bad one is contacted in a day, put right, called back and replied to."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from flows.casework import applicant, ratings
from flows.desks import desk
from forms.applicant import APPLICANT_ACTS
from forms.errors import Conflict, Invalid, NotAllowed, NotFound
from forms.messages import read_act
from infra.store import ratings as store
from infra.store import work
from tests.flows.casework.rated import at, elsewhere, follow, limit, of, rate
from tests.kit.hall import LAIXI, PINGDU, Hall

# rating


@pytest.mark.parametrize("grade", [1, 2, 3, 4, 5])
def test_each_grade_is_stored_as_it_was_given_and_the_case_stays_as_it_is(hall: Hall, ended: str, grade: int) -> None:
    before = hall.case(ended)
    rate(hall, ended, grade, "办得挺快")
    found, after = of(hall, ended), hall.case(ended)
    assert (found.grade, found.comment, found.lead) == (grade, "办得挺快", "public_security")
    assert found.state == ("bad" if grade > 3 else "good")
    assert (after.status, after.due_on, after.red_on) == (before.status, before.due_on, before.red_on)
    assert hall.application(ended.rpartition("-")[0]).rating == grade


def test_a_case_is_rated_once(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    with pytest.raises(Conflict) as caught:
        rate(hall, ended, 1)
    assert caught.value.code == "already_rated"
    assert of(hall, ended).grade == 5


def test_what_is_under_way_or_was_taken_back_is_not_rated(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    case = hall.open("settlement")["settlement"]
    for _ in range(2):
        with pytest.raises(Conflict) as caught:
            rate(hall, case, 5)
        assert caught.value.code == "not_ended"
        if hall.case(case).status == "in_progress":
            hall.act(case, "withdraw", hall.window, reason="不办了")


@pytest.mark.parametrize(("day", "in_time"), [(date(2026, 9, 24), True), (date(2026, 9, 28), False)])
def test_one_may_rate_for_five_working_days_after_the_end(hall: Hall, ended: str, day: date, in_time: bool) -> None:
    at(hall, day)  # the 20th is worked, the 25th to the 27th are off
    with hall.engine.connect() as conn:
        (row,) = work.cases_of(conn, hall.case(ended).application_id)
        assert ratings.may_rate(conn, row, day) is in_time
    if in_time:
        rate(hall, ended, 1)
    else:
        with pytest.raises(Conflict) as caught:
            rate(hall, ended, 1)
        assert caught.value.code == "expired"


def test_a_result_handed_over_later_may_be_rated_from_then(hall: Hall, ended: str) -> None:
    at(hall, date(2026, 9, 28))
    hall.act(ended, "deliver", hall.window)
    at(hall, date(2026, 9, 30))
    rate(hall, ended, 2)
    assert hall.case(ended).status == "delivered"


def test_nobody_but_the_applicant_rates(hall: Hall, ended: str) -> None:
    for officer in (hall.window, hall.manager, hall.coordinator(ended)):
        with pytest.raises(NotAllowed), desk(officer, now=hall.now, engine=hall.engine) as seat:
            applicant.act(seat, read_act({"act": "rate", "case": ended, "grade": 1}, APPLICANT_ACTS))


@pytest.mark.parametrize("grade", [0, 6, "5", 2.5, True, None])
def test_a_grade_that_is_none_is_refused(hall: Hall, ended: str, grade: Any) -> None:
    with pytest.raises(Invalid):
        rate(hall, ended, grade)


def test_what_was_said_is_not_on_the_record_of_the_case(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5, "窗口态度差")
    follow(hall, ended, "contact", words="评价人反映排队过久")
    whole = str([event.detail for event in hall.events(ended)])
    assert "态度" not in whole and "排队" not in whole
    assert hall.acts(ended)[-2:] == ["rate-badly", "contact-rating"]


# the follow-up


def test_a_bad_rating_goes_the_whole_way_to_its_public_reply(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    judge = elsewhere(hall)
    states = [
        follow(hall, ended, "contact"),
        follow(hall, ended, "fix-now"),
        follow(hall, ended, "fix"),
        follow(hall, ended, "call-back", judge, satisfied=True),
        follow(hall, ended, "close", judge),
    ]
    assert states == ["contacted", "fix_now", "fixed", "called_back", "closed"]
    found = of(hall, ended)
    assert [said["act"] for said in found.history] == ["contact", "fix-now", "fix", "call-back", "close"]
    assert (found.satisfied, found.reply) == (True, "已整改到位")
    document = hall.document(ended, "rating_reply")
    assert document.no.startswith("评-")
    told = hall.rows("SELECT content FROM notices WHERE key = :key", key=f"document:{document.no}")
    assert "回复：已整改到位" in told[0].content["text"]
    with hall.engine.connect() as conn:
        (shown,) = (row for row in store.published(conn) if row["id"] == found.id)
    assert not {"case_id", "comment", "application_id"} & set(shown)


def test_a_bad_rating_is_told_to_the_lead_department_and_the_manager(hall: Hall, ended: str) -> None:
    rate(hall, ended, 4)
    told = hall.rows("SELECT addressee FROM notices WHERE title LIKE :title", title=f"收到差评%{ended}%")
    assert {row.addressee for row in told} == {
        f"seat:{PINGDU}:public_security:coordinator",
        f"seat:{PINGDU}:supervision:manager",
    }


def test_a_good_rating_needs_no_follow_up(hall: Hall, ended: str) -> None:
    rate(hall, ended, 3)
    with pytest.raises(Conflict):
        follow(hall, ended, "contact")
    assert hall.rows("SELECT 1 AS one FROM limits WHERE subject = :no AND clock = 'rating'", no=ended) == []


@pytest.mark.parametrize(
    ("until", "right"),
    [(None, date(2026, 9, 24)), ("2026-10-15", date(2026, 10, 15)), ("2026-10-16", None), ("2026-09-17", None)],
)
def test_the_ledger_has_a_deadline_of_fifteen_working_days_at_most(
    hall: Hall, ended: str, until: str | None, right: date | None
) -> None:
    rate(hall, ended, 5)
    follow(hall, ended, "contact")
    if right is None:
        with pytest.raises(Invalid) as caught:
            follow(hall, ended, "ledger", until=until)
        assert caught.value.errors[0].field == "/until"
        return
    follow(hall, ended, "ledger", until=until)
    assert (of(hall, ended).fix_due, limit(hall, ended, "差评整改").due_on) == (right, right)


def test_an_appeal_that_is_upheld_takes_the_rating_out_of_the_count(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    follow(hall, ended, "contact")
    follow(hall, ended, "appeal")
    with pytest.raises(NotAllowed):
        follow(hall, ended, "judge", outcome="upheld")
    assert follow(hall, ended, "judge", elsewhere(hall), outcome="upheld") == "excluded"


def test_an_appeal_that_is_rejected_is_put_right_and_not_appealed_again(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    follow(hall, ended, "contact")
    follow(hall, ended, "appeal")
    assert follow(hall, ended, "judge", elsewhere(hall), outcome="rejected") == "contacted"
    with pytest.raises(Conflict) as caught:
        follow(hall, ended, "appeal")
    assert caught.value.code == "already_appealed"
    assert follow(hall, ended, "explain") == "explained"


def test_who_is_not_content_at_the_call_back_has_it_put_right_once_more(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    for act in ("contact", "fix-now", "fix"):
        follow(hall, ended, act)
    follow(hall, ended, "call-back", elsewhere(hall), satisfied=False)
    at(hall, date(2026, 9, 22))
    assert follow(hall, ended, "ledger") == "ledger"
    found = of(hall, ended)
    assert (found.fixed_at, found.called_back_at, found.fix_due) == (None, None, date(2026, 9, 30))


def test_who_worked_on_the_case_neither_judges_nor_calls_back_nor_closes(hall: Hall, ended: str) -> None:
    at(hall, date(2026, 9, 18))
    case = hall.open("settlement")["settlement"]
    hall.act(case, "suspend", hall.manager, kind="expert_review", ground="行政许可法 第45条", until=hall.day(20))
    hall.act(case, "resume", hall.manager)
    hall.finish(case)
    rate(hall, case, 5)
    follow(hall, case, "contact", hall.manager)
    follow(hall, case, "fix-now")
    follow(hall, case, "fix")
    with pytest.raises(NotAllowed) as caught:
        follow(hall, case, "call-back", hall.manager, satisfied=True)
    assert caught.value.code == "own_case"
    follow(hall, case, "call-back", satisfied=True)
    with pytest.raises(NotAllowed):
        follow(hall, case, "close", hall.manager)
    assert follow(hall, case, "close", elsewhere(hall)) == "closed"


def test_a_rating_is_not_there_for_those_beyond_the_walls(hall: Hall, ended: str) -> None:
    rate(hall, ended, 5)
    for stranger in (
        hall.actor("manager", "supervision", LAIXI),
        hall.actor("coordinator", "education"),
        hall.actor("handler", "human_resources"),
    ):
        with pytest.raises(NotFound):
            follow(hall, ended, "contact", stranger)
    with pytest.raises(NotAllowed):
        follow(hall, ended, "contact", hall.window)

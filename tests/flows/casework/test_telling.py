"""What the applicant is told: with the act that causes it, once, in words, and without a telephone number."""

from __future__ import annotations

import pytest

from forms.errors import Conflict
from tests.kit.hall import Hall, Row

ASK = {"items": [{"code": "household_book", "note": "首页不清晰"}, {"code": "form/address_option"}]}


def told(hall: Hall, case_no: str) -> list[Row]:
    """What was told of a case, oldest first."""
    return hall.rows(
        "SELECT n.* FROM notices n JOIN cases c ON c.id = n.case_id WHERE c.no = :no AND n.addressee LIKE 'applicant:%'"
        " ORDER BY n.id",
        no=case_no,
    )


def test_acceptance_is_told_with_the_day_promised_and_the_papers_owed(hall: Hall) -> None:
    opened = hall.open("settlement")
    (accepted,) = told(hall, opened["settlement"])
    assert accepted.addressee == f"applicant:{opened['no']}"
    assert accepted.title == "人才落户：受理通知书"
    assert "承诺2026年9月24日前办结" in accepted.content["text"]
    assert "请按承诺于" in accepted.content["text"]
    assert accepted.channel == "in_app"
    assert accepted.sent_at is None


@pytest.mark.parametrize("accept", [False, True])
def test_what_to_bring_and_until_when_is_told(hall: Hall, accept: bool) -> None:
    no = hall.open("settlement", accept=accept)["settlement"]
    if accept:
        task = hall.no(no, "address")
        hall.act(task, "request-supplement", hall.speaker(task), until="2026-10-08", **ASK)
    else:
        hall.act(no, "request-supplement", hall.window, until="2026-10-08", **ASK)
    text = told(hall, no)[-1].content["text"]
    assert "请于2026年10月8日（含当日）前补齐" in text
    assert "（首页不清晰）" in text
    assert "household_book" not in text
    assert "address_option" not in text


def test_decision_and_delivery_are_told_once_each(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    hall.finish(no)
    hall.act(no, "deliver", hall.window)
    assert [n.content["kind"] for n in told(hall, no)] == ["acceptance", "decision_ok", "delivery"]
    with pytest.raises(Conflict):
        hall.act(no, "deliver", hall.window)
    assert len(told(hall, no)) == 3


def test_a_refusal_is_told_with_its_reason(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    hall.refuse(hall.no(no, "eligibility"))
    assert "不予通过，理由：不符合条件" in told(hall, no)[-1].content["text"]


def test_nothing_that_is_told_holds_name_or_telephone(hall: Hall) -> None:
    body = hall.body("settlement")
    no = hall.receive(body).cases[0]["no"]
    hall.finish(no)
    for row in told(hall, no):
        said = f"{row.key} {row.addressee} {row.title} {row.content}"
        assert body["applicant"]["mobile"] not in said
        assert body["applicant"]["name"] not in said


def test_an_act_that_is_refused_tells_nobody(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    with pytest.raises(Conflict):
        hall.act(no, "deliver", hall.window)
    assert [n.content["kind"] for n in told(hall, no)] == ["acceptance"]

"""Evidence from registries: a MATCH may decide where the step allows it, everything else goes to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from flows import evidence
from forms.checks import CHECKS
from forms.vocabulary import CheckResult
from infra import clock
from infra.registries.client import Evidence
from infra.store import machine
from tests.kit.hall import Hall


class Answering:
    """A registry that gives one answer to everything and remembers what it was asked."""

    def __init__(self, result: CheckResult) -> None:
        self.result = result
        self.asked: list[tuple[str, Mapping[str, object]]] = []

    def ask(self, check: str, subject: Mapping[str, object]) -> Evidence:
        self.asked.append((check, subject))
        return Evidence(check, self.result, CHECKS[check].source, {"found": True}, 5)

    def ask_many(self, check: str, subjects: Sequence[Mapping[str, object]]) -> list[Evidence]:
        return [self.ask(check, subject) for subject in subjects]


def check(hall: Hall, case_no: str, result: CheckResult, *, again: bool = False) -> Answering:
    """Let the departments' machine work of one case be done."""
    registry, at = Answering(result), clock.machine()
    case = hall.case(case_no)
    with hall.engine.begin() as conn:
        if again:
            at += evidence.AGAIN[-1] * 2
        due = [
            one
            for department in machine.departments_with_checks(conn, case.matter, at)
            for one in machine.lease_checks(conn, case.matter, department, at, chunk=500, lease=evidence.AGAIN[0])
        ]
    evidence.fetch(registry, [one for one in due if one.case_id == case.id])
    return registry


@pytest.fixture
def green(hall: Hall) -> str:
    return hall.open("green_channel")["green_channel"]


def test_a_match_decides_as_the_system_with_the_rule_as_its_basis(hall: Hall, green: str) -> None:
    check(hall, green, CheckResult.MATCH)
    status = hall.status(green)
    assert (status["class"], status["insured"], status["entitlement"]) == ("approved", "approved", "pending")
    act = next(event for event in hall.events(green) if event.act == "approve")
    assert (act.actor_kind, act.actor_id, act.actor_name) == ("system", None, "系统")
    assert "秒批" in act.detail["reason"]
    assert hall.task(green, "class").signers == []


def test_a_match_decides_nothing_where_the_step_does_not_allow_it(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    check(hall, case, CheckResult.MATCH)
    assert (hall.status(case)["eligibility"], hall.status(case)["address"]) == ("approved", "pending")


@pytest.mark.parametrize("result", [CheckResult.MISMATCH, CheckResult.NOT_FOUND])
def test_everything_else_goes_to_a_person_with_the_evidence(hall: Hall, green: str, result: CheckResult) -> None:
    check(hall, green, result)
    assert hall.status(green)["class"] == "pending"
    task = hall.task(green, "class")
    assert task.check_state is None
    (row,) = hall.rows("SELECT * FROM evidence WHERE task_id = :id", id=task.id)
    assert row.result == result.value
    hall.approve(task.no)


def test_a_silent_registry_is_no_refusal_and_is_asked_again(hall: Hall, green: str) -> None:
    check(hall, green, CheckResult.TIMEOUT)
    assert (hall.status(green)["class"], hall.task(green, "class").check_state) == ("pending", "due")
    check(hall, green, CheckResult.MATCH, again=True)
    assert hall.status(green)["class"] == "approved"


def test_who_has_claimed_a_task_decides_it(hall: Hall, green: str) -> None:
    task = hall.no(green, "class")
    hall.act(task, "claim", hall.speaker(task))
    check(hall, green, CheckResult.MATCH)
    assert hall.status(green)["class"] == "received"
    assert hall.rows("SELECT 1 AS one FROM evidence WHERE task_id = :id", id=hall.task(task).id)


def test_a_match_waits_for_the_opinion_that_was_asked_for(hall: Hall, green: str) -> None:
    task = hall.no(green, "class")
    hall.act(green, "add-task", hall.coordinator(green), department="finance", reason="请核实", task=task)
    check(hall, green, CheckResult.MATCH)
    assert hall.status(green)["class"] == "pending"
    hall.approve(hall.tasks(green)[-1].no)
    hall.approve(task)


def test_a_paused_task_is_not_decided_by_a_match(hall: Hall, green: str) -> None:
    task = hall.no(green, "class")
    hall.act(task, "suspend", hall.speaker(task), kind="other", ground="待核实")
    check(hall, green, CheckResult.MATCH)
    assert hall.status(green)["class"] == "pending"


def test_an_answer_that_comes_too_late_changes_nothing(hall: Hall, green: str) -> None:
    with hall.engine.begin() as conn:
        (due,) = machine.lease_checks(
            conn, "green_channel", "organisation", clock.machine(), chunk=1, lease=evidence.AGAIN[0]
        )
    hall.refuse(due.task_no)
    before = hall.case(due.task_no.rpartition("-")[0])
    assert not evidence.attach(due, Evidence(due.check, CheckResult.MATCH, "人才库", {}, 5))
    assert hall.case(before.no) == before


def test_a_new_question_is_an_act_on_record(hall: Hall, green: str) -> None:
    check(hall, green, CheckResult.NOT_FOUND)
    task = hall.no(green, "class")
    hall.act(task, "recheck", hall.speaker(task))
    assert hall.acts(green)[-1] == "recheck" and hall.task(task).check_state == "due"
    check(hall, green, CheckResult.MATCH)
    assert hall.status(green)["class"] == "approved"


def test_a_registry_is_asked_about_the_right_person_by_the_right_name(hall: Hall) -> None:
    body = hall.body("schooling", "subsidy", hukou=True)
    received = hall.receive(body)
    nos = {case["matter"]: case["no"] for case in received.cases}
    child, employment = body["applicant"]["family"][1], body["applicant"]["employment"]
    asked = dict(check(hall, nos["schooling"], CheckResult.NOT_FOUND).asked)
    assert asked["vaccination"] == {"id_number": child["id_number"], "name": child["name"]}
    assert asked["residence"]["name"] == body["applicant"]["name"]
    asked = dict(check(hall, nos["subsidy"], CheckResult.NOT_FOUND).asked)
    assert asked["employer"] == {"uscc": employment["uscc"], "name": employment["employer_name"]}
    assert asked["degree"] == {"id_number": body["applicant"]["id_number"], "name": body["applicant"]["name"]}

"""The two tables and what an application derives from its cases: every pair, every combination."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement, permutations, product

import pytest

from flows.lifecycle import CASE, OUTCOMES, TASK, as_markdown, derive, follow_case, follow_task, standing
from forms.errors import Conflict
from forms.vocabulary import CASE_CLOSED, CASE_OPEN, TASK_ENDED, CaseStatus, Outcome, TaskStatus
from infra.store.lists import ALIKE

ACTS = sorted({act for _, act in (*CASE, *TASK)} | {"decide", "", "close"})
TERMINAL = frozenset(OUTCOMES)
HANDED_OVER = [("delivered", outcome) for outcome in ("approved", "refused", "no_supplement", "forwarded")]
STANDS = [(s.value, None) for s in CASE_OPEN] + [(s.value, o.value) for s, o in OUTCOMES.items()] + HANDED_OVER


@pytest.mark.parametrize("status", list(CaseStatus))
def test_a_case_follows_the_table_and_nothing_else(status: CaseStatus) -> None:
    for act in ACTS:
        if (status, act) in CASE:
            assert follow_case(status.value, act) is CASE[status, act]
            continue
        with pytest.raises(Conflict) as refused:
            follow_case(status.value, act)
        assert status.label in refused.value.detail
        assert refused.value.facts == {"status": status.value, "act": act}


@pytest.mark.parametrize("status", list(TaskStatus))
def test_a_task_follows_the_table_and_nothing_else(status: TaskStatus) -> None:
    for act in ACTS:
        if (status, act) in TASK:
            assert follow_task(status.value, act) is TASK[status, act]
            continue
        with pytest.raises(Conflict):
            follow_task(status.value, act)


def test_a_case_that_has_ended_stays_as_it_ended_but_for_its_delivery() -> None:
    for (status, act), after in CASE.items():
        if status in TERMINAL or status is CaseStatus.DELIVERED:
            assert after is (CaseStatus.DELIVERED if act == "deliver" else status)


def test_a_result_is_handed_over_once_and_only_where_there_is_one() -> None:
    assert {status for status, act in CASE if act == "deliver"} == set(CASE_CLOSED)


def test_every_status_but_the_applications_own_can_be_reached() -> None:
    reached = {CaseStatus.DRAFT}
    while further := {after for (before, _), after in CASE.items() if before in reached} - reached:
        reached |= further
    assert reached == set(CaseStatus) - {CaseStatus.CLOSED_PARTIAL}


def test_from_every_open_status_a_case_can_still_come_to_an_end() -> None:
    for status in CASE_OPEN:
        assert {after for (before, _), after in CASE.items() if before is status} & TERMINAL


def test_a_task_with_a_verdict_is_only_ever_retracted() -> None:
    for (status, act), after in TASK.items():
        if status in (TaskStatus.APPROVED, TaskStatus.REFUSED) and after is not status:
            assert act in ("retract", "retract-level")
        assert status is not TaskStatus.FORWARDED or after is status


def test_a_blocked_task_is_neither_claimed_nor_decided() -> None:
    changing = {act for (status, act), after in TASK.items() if status is TaskStatus.BLOCKED and after is not status}
    assert changing == {"open", "skip", "exclude"}


def test_only_verdicts_and_joins_end_a_task() -> None:
    ending = {act for (before, act), after in TASK.items() if after in TASK_ENDED and before is not after}
    assert ending == {"approve", "refuse", "forward", "skip", "exclude"}


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_an_application_is_what_its_cases_are(size: int) -> None:
    for cases in combinations_with_replacement(STANDS, size):
        status, outcome = derive(cases)
        weighty = [c for c in cases if c[0] not in ("withdrawn", "void")] or list(cases)
        statuses, outcomes = {s for s, _ in weighty}, [o for _, o in weighty]
        assert (outcome is None) == bool(statuses & {s.value for s in CASE_OPEN})
        if outcome is None:
            assert status in CASE_OPEN
            assert (status is CaseStatus.IN_PROGRESS) == (not statuses <= {"submitted", "supplement"})
            continue
        passed = outcomes.count("approved")
        assert (outcome is Outcome.PARTIAL) == (0 < passed < len(weighty))
        assert (outcome is Outcome.APPROVED) == (passed == len(weighty))
        assert passed or outcome.value in outcomes
        to_hand_over = [s for s in statuses if s == "delivered" or s in {c.value for c in CASE_CLOSED}]
        assert (status is CaseStatus.DELIVERED) == (to_hand_over == ["delivered"])


@pytest.mark.parametrize("size", [1, 2, 3, 4])
def test_what_leads_from_cases_to_applications_stands_at_a_case_too(size: int) -> None:
    derived = {cases: derive(cases)[0] for cases in combinations_with_replacement(STANDS, size)}
    assert set(derived.values()) >= {CaseStatus(status) for status in ALIKE}
    for cases, status in derived.items():
        assert status not in ALIKE or status in {one for one, _ in cases}


def test_the_order_of_cases_does_not_matter() -> None:
    for cases in combinations_with_replacement(STANDS[::2], 3):
        assert len({derive(order) for order in permutations(cases)}) == 1


def test_a_withdrawn_matter_does_not_spoil_the_others() -> None:
    for aside, other in product([("withdrawn", "withdrawn"), ("void", "void")], STANDS):
        if other[0] not in ("withdrawn", "void"):
            assert derive([aside, other]) == derive([other])


def test_nothing_passed_is_named_after_the_weightiest_ending() -> None:
    assert derive([("closed_refused", "refused"), ("not_accepted", "not_accepted")])[0] is CaseStatus.CLOSED_REFUSED
    assert derive([("closed_forwarded", "forwarded"), ("not_required", "not_required")])[1] is Outcome.FORWARDED
    assert derive([("withdrawn", "withdrawn"), ("void", "void")]) == (CaseStatus.WITHDRAWN, Outcome.WITHDRAWN)


@dataclass
class Numbered:
    id: int
    reopens: int | None = None


def test_a_reopened_case_is_stood_for_by_the_one_that_carries_it_on() -> None:
    first, other, second, third = Numbered(1), Numbered(2), Numbered(3, reopens=1), Numbered(4, reopens=3)
    assert standing([first, other]) == [first, other]
    assert standing([first, other, second, third]) == [other, third]


def test_the_tables_print_as_documentation() -> None:
    printed = as_markdown(CASE)  # type: ignore[arg-type]
    assert "| 待预审 `submitted` | `accept` | 办理中 `in_progress` |" in printed
    assert len(printed.splitlines()) == len(CASE) + 2

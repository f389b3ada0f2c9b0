"""What a case waits for outside itself: said where nothing else is before the step, and no longer than it holds."""

from __future__ import annotations

from flows.awaited import awaited
from tests.flows.plans import Task

EDGE = {"step": "placement", "matter": "settlement", "fallback": "residence"}


def tasks(household: str = "approved", placement: str = "blocked") -> list[Task]:
    return [
        Task("household", status=household),
        Task("employment", route="residence"),
        Task("placement", after=["household", "employment"], status=placement),
    ]


def test_a_step_with_nothing_else_before_it_waits_for_the_other_matter() -> None:
    assert awaited([EDGE], {"residence": "open"}, tasks()) == {"placement": ["settlement"]}
    assert awaited([EDGE], {"residence": "open"}, tasks(household="not_applicable")) == {"placement": ["settlement"]}


def test_what_is_still_open_in_the_case_itself_is_waited_for_first() -> None:
    for status in ("pending", "received", "reviewing", "returned"):
        assert awaited([EDGE], {"residence": "open"}, tasks(household=status)) == {}


def test_nothing_is_waited_for_once_the_way_is_decided_or_where_the_other_matter_was_never_asked_for() -> None:
    for routes in ({"residence": "taken"}, {"residence": "not_taken"}, {}):
        assert awaited([EDGE], routes, tasks()) == {}
    assert awaited([EDGE], {"residence": "open"}, tasks(placement="pending")) == {}
    assert awaited([], {"residence": "open"}, tasks()) == {}


def test_a_wait_without_another_way_holds_until_the_step_opens() -> None:
    assert awaited([{**EDGE, "fallback": None}], {}, [Task("placement")]) == {"placement": ["settlement"]}

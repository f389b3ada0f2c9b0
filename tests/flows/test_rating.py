"""The rules of ratings: which are bad, and what may follow what until the public reply."""

from __future__ import annotations

from itertools import product

import pytest

from flows.rating import ENDED, FOLLOW, acts_from, begin, follow, is_bad
from forms.errors import Conflict
from forms.vocabulary import RatingState, Satisfaction

ACTS = sorted({act for _, act in FOLLOW} | {"", "open"})


def test_the_last_two_of_five_grades_are_bad() -> None:
    assert [is_bad(int(grade)) for grade in Satisfaction] == [False, False, False, True, True]
    assert Satisfaction("1").label == "非常满意"
    assert {begin(int(grade)) for grade in Satisfaction} == {RatingState.GOOD, RatingState.BAD}


@pytest.mark.parametrize("state", list(RatingState))
def test_a_rating_follows_the_table_and_nothing_else(state: RatingState) -> None:
    for act in ACTS:
        if (state, act) in FOLLOW:
            assert follow(state.value, act) is FOLLOW[state, act]
            continue
        with pytest.raises(Conflict) as refused:
            follow(state.value, act)
        assert state.label in refused.value.detail


def test_every_bad_rating_can_come_to_its_end_and_none_goes_on_after_it() -> None:
    for state in RatingState:
        assert bool(acts_from(state)) is (state not in ENDED)
        reached = {state}
        while further := {after for (before, _), after in FOLLOW.items() if before in reached} - reached:
            reached |= further
        assert reached & ENDED


def test_nothing_is_closed_that_was_not_contacted_and_called_back() -> None:
    for skipped in ("contact", "call-back"):
        reached = {RatingState.BAD}
        left = {pair: after for pair, after in FOLLOW.items() if pair[1] != skipped}
        while further := {after for (before, _), after in left.items() if before in reached} - reached:
            reached |= further
        assert RatingState.CLOSED not in reached


def test_both_judgements_cross_the_interface_as_one_act() -> None:
    assert acts_from(RatingState.APPEALED) == ["judge"]
    assert set(product([RatingState.APPEALED], ["uphold", "reject"])) <= set(FOLLOW)

"""Promised days changed at run time: for what is received from then on, within what steps and the law allow."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from flows import overrides
from flows.access import Actor
from flows.desks import desk
from flows.registry import matters
from forms.administration import MatterChange
from forms.errors import Conflict, Invalid, NotAllowed
from forms.vocabulary import Department, Role
from tests.kit.hall import Hall


def keeper(hall: Hall) -> Actor:
    return hall.actor(Role.ADMINISTRATOR, Department.SUPERVISION)


def change(hall: Hall, days: int | None, by: Actor | None = None) -> Any:
    with desk(by or keeper(hall), now=hall.now, engine=hall.engine) as seat:
        given = MatterChange(promised_days=days, reason="压缩时限")
        return overrides.change(seat, matters(), "settlement", given)


def promised(hall: Hall, no: str) -> int:
    return next(limit["days"] for limit in hall.case(no).plan["limits"] if limit["kind"] == "promised")


def test_a_new_promise_holds_for_new_cases_and_leaves_open_ones_alone(hall: Hall) -> None:
    before = hall.open("settlement")["settlement"]
    change(hall, 8)
    after = hall.open("settlement")["settlement"]
    assert (promised(hall, before), promised(hall, after)) == (5, 8)
    rows = hall.rows("SELECT days FROM limits WHERE subject = :no AND clock = 'promised'", no=after)
    assert [row.days for row in rows] == [8]
    change(hall, None)
    assert promised(hall, hall.open("settlement")["settlement"]) == 5


def test_a_promise_that_the_steps_cannot_keep_is_refused_and_says_what_they_need(hall: Hall) -> None:
    with pytest.raises(Invalid) as refused:
        change(hall, 2)
    assert "不能少于各步骤所需的 5 个工作日" in refused.value.detail
    assert promised(hall, hall.open("settlement")["settlement"]) == 5


def test_nobody_but_an_administrator_changes_a_promise_and_not_to_what_it_is(hall: Hall) -> None:
    with pytest.raises(NotAllowed):
        change(hall, 8, by=hall.manager)
    with pytest.raises(Conflict):
        change(hall, None)


def test_every_version_is_kept_with_who_and_why(hall: Hall) -> None:
    change(hall, 9)
    change(hall, None)
    rows = hall.rows("SELECT * FROM overrides WHERE subject = 'matter/settlement' ORDER BY version DESC LIMIT 2")
    assert [row.value["promised_days"] for row in rows] == [None, 9]
    assert {row.reason for row in rows} == {"压缩时限"}
    assert {row.by for row in rows} == {keeper(hall).id}


@pytest.mark.parametrize(
    "statement", ["UPDATE overrides SET reason = ''", "DELETE FROM overrides", "TRUNCATE overrides"]
)
def test_what_an_office_changed_cannot_be_changed_or_deleted_afterwards(hall: Hall, statement: str) -> None:
    change(hall, 7)
    with pytest.raises(IntegrityError, match="only ever added"), hall.engine.begin() as conn:
        conn.execute(text(statement))
    change(hall, None)

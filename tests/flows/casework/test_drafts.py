"""Drafts at the window: kept for whoever saved them, sealed, handed in once, gone after thirty days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from flows.access import Actor
from flows.casework import drafts, intake
from flows.desks import desk
from forms.drafts import DraftIn
from forms.errors import Invalid, NotAllowed, NotFound, Stale
from infra import clock
from tests.kit.hall import LAIXI, Hall


def at(hall: Hall, by: Actor, verb: Callable[..., Any], *given: Any, **more: Any) -> Any:
    with desk(by, now=hall.now, terminal="test", engine=hall.engine) as seat:
        return verb(seat, *given, **more)


def save(hall: Hall, body: dict[str, Any], **more: Any) -> str:
    return str(at(hall, hall.window, drafts.save, DraftIn(body=body), **more)["id"])


def colleague(hall: Hall) -> Actor:
    return hall.actor("window", "window", nth=1)


def test_a_draft_is_opened_again_as_it_was_left(hall: Hall) -> None:
    body = hall.body("settlement")
    del body["applicant"]["mobile"]
    body["matters"]["settlement"] = {}
    key = save(hall, body)
    opened = at(hall, hall.window, drafts.open_, key)
    assert opened["body"] == body
    assert (opened["title"], opened["matters"]) == (body["applicant"]["name"], ["settlement"])
    assert opened["kept_until"] == hall.now + timedelta(days=30)


def test_an_empty_form_can_be_put_aside_too(hall: Hall) -> None:
    assert at(hall, hall.window, drafts.open_, save(hall, {}))["title"] == "未填写姓名"


def test_no_identity_number_of_a_draft_can_be_read_in_the_database(hall: Hall) -> None:
    body = hall.body("settlement")
    key = save(hall, body)
    (row,) = hall.rows("SELECT d::text AS whole, sealed FROM drafts d WHERE id = :key", key=key)
    number = body["applicant"]["id_number"]
    assert number not in row.whole
    assert number.encode() not in bytes(row.sealed)


def test_a_sealed_draft_moved_to_another_row_does_not_open(hall: Hall) -> None:
    one, other = save(hall, {"region": "370283"}), save(hall, {})
    with hall.engine.begin() as conn:
        query = "UPDATE drafts SET sealed = (SELECT sealed FROM drafts WHERE id = :one) WHERE id = :other"
        conn.execute(text(query), {"one": one, "other": other})
    with pytest.raises(Exception, match="加密信息已损坏"):
        at(hall, hall.window, drafts.open_, other)


def test_a_draft_is_nobody_elses(hall: Hall) -> None:
    key = save(hall, hall.body("settlement"))
    for verb, given in (
        (drafts.open_, ()),
        (drafts.discard, ()),
        (lambda seat, key: drafts.save(seat, DraftIn(body={}), draft=key), ()),
        (lambda seat, key: intake.receive(seat, hall.body("settlement"), draft=key), ()),
    ):
        with pytest.raises(NotFound):
            at(hall, colleague(hall), verb, key, *given)
    assert key not in {row["id"] for row in at(hall, colleague(hall), drafts.mine)}
    assert key in {row["id"] for row in at(hall, hall.window, drafts.mine)}


def test_only_who_takes_applications_in_puts_them_aside(hall: Hall) -> None:
    with pytest.raises(NotAllowed):
        at(hall, hall.manager, drafts.save, DraftIn(body={}))
    with pytest.raises(NotAllowed):
        at(hall, hall.window, drafts.save, DraftIn(body={"region": LAIXI}))


def test_a_draft_that_is_handed_in_is_gone_with_the_receipt(hall: Hall) -> None:
    body = hall.body("settlement")
    key = save(hall, body)
    received = at(hall, hall.window, intake.receive, body, draft=key)
    assert hall.application(received.no).status == "in_progress"
    with pytest.raises(NotFound):
        at(hall, hall.window, drafts.open_, key)


def test_a_draft_handed_in_twice_makes_one_application(hall: Hall) -> None:
    key = save(hall, {})
    at(hall, hall.window, intake.receive, hall.body("settlement"), draft=key)
    before = len(hall.rows("SELECT 1 AS one FROM applications"))
    with pytest.raises(NotFound):
        at(hall, hall.window, intake.receive, hall.body("settlement"), draft=key)
    assert len(hall.rows("SELECT 1 AS one FROM applications")) == before


def test_an_application_that_is_refused_leaves_its_draft(hall: Hall) -> None:
    body = hall.body("settlement")
    del body["applicant"]["mobile"]
    key = save(hall, body)
    with pytest.raises(Invalid):
        at(hall, hall.window, intake.receive, body, draft=key)
    assert at(hall, hall.window, drafts.open_, key)["body"] == body


def test_two_browsers_with_one_draft_do_not_overwrite_each_other(hall: Hall) -> None:
    key = save(hall, {})
    save(hall, {"region": "370283"}, draft=key, if_match=1)
    with pytest.raises(Stale):
        save(hall, {}, draft=key, if_match=1)
    assert at(hall, hall.window, drafts.open_, key)["body"] == {"region": "370283"}


def test_drafts_are_listed_page_by_page_the_last_saved_first(hall: Hall) -> None:
    keys = []
    for _ in range(3):
        hall.later(minutes=1)
        keys.append(save(hall, {}))
    first = at(hall, hall.window, drafts.mine, limit=2)
    rest = at(hall, hall.window, drafts.mine, after=(first[-1]["updated_at"], first[-1]["id"]), limit=1)
    assert [row["id"] for row in [*first, *rest]] == keys[::-1]


def test_the_sweep_forgets_what_nobody_saved_for_thirty_days(hall: Hall) -> None:
    old = save(hall, {})
    hall.later(days=1)
    touched = save(hall, {})
    hall.later(days=29, minutes=1)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)
        assert drafts.stale(conn)
    assert drafts.forget(hall.engine) >= 1
    with hall.engine.connect() as conn:
        assert not drafts.stale(conn)
    with pytest.raises(NotFound):
        at(hall, hall.window, drafts.open_, old)
    assert at(hall, hall.window, drafts.open_, touched)["body"] == {}

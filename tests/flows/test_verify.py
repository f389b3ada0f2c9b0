"""`lianban verify` finds what was done to a database behind the platform's back, and nothing where nothing was done."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from flows.verify import verify
from tests.kit.hall import REFUSAL, Hall

UNDER_CHECK = "ALTER TABLE {} DISABLE TRIGGER USER"


@pytest.fixture(scope="module")
def played(open_hall: Hall) -> dict[str, str]:
    """A day on record: one application closed and delivered, one refused, one withdrawn, one still under way."""
    hall = open_hall
    done = hall.open("settlement", "subsidy")
    hall.finish(done["settlement"], done["subsidy"])
    hall.act(done["settlement"], "deliver", hall.window)
    refused = hall.open("settlement")["settlement"]
    hall.refuse(hall.no(refused, "eligibility"))
    hall.refuse(hall.no(refused, "approval")) if hall.case(refused).status == "in_progress" else None
    withdrawn = hall.open("green_channel")["green_channel"]
    hall.act(withdrawn, "withdraw", hall.window, reason="申请人改变主意")
    under_way = hall.open("settlement")["settlement"]
    hall.act(
        under_way,
        "request-supplement",
        hall.speaker(hall.no(under_way, "eligibility")),
        task=hall.no(under_way, "eligibility"),
        items=[{"code": "degree"}],
        until=hall.day(5),
    )
    return {
        "application": done["no"],
        "closed": done["settlement"],
        "refused": refused,
        "withdrawn": withdrawn,
        "under_way": under_way,
    }


def found(conn: Any) -> set[tuple[str, str]]:
    return {(finding.subject, holds) for holds, finding in verify(conn) if finding is not None}


def test_a_day_played_by_the_rules_is_proved_without_a_finding(open_hall, played):
    with open_hall.engine.connect() as conn:
        results = list(verify(conn))
    assert [finding for _, finding in results if finding is not None] == []
    assert len(results) >= 15


CHAIN = "过程记录连续、未改动、与状态一致"
CORRUPTIONS = {
    "an event's reason is rewritten": (
        'UPDATE events SET detail = detail || \'{"reason": "另有原因"}\' WHERE seq = 2 AND case_id = {closed}',
        "closed",
        CHAIN,
    ),
    "an event is signed by somebody else": (
        "UPDATE events SET actor_name = '某某' WHERE seq = 1 AND case_id = {closed}",
        "closed",
        CHAIN,
    ),
    "an event is moved in time": (
        "UPDATE events SET at = at + interval '1 second' WHERE seq = 3 AND case_id = {closed}",
        "closed",
        CHAIN,
    ),
    "an event in the middle is gone": ("DELETE FROM events WHERE seq = 2 AND case_id = {closed}", "closed", CHAIN),
    "the last event is gone": (
        "DELETE FROM events e USING cases c WHERE e.case_id = c.id AND c.id = {withdrawn} AND e.seq = c.chain_seq",
        "withdrawn",
        CHAIN,
    ),
    "a status is set past the record": (
        "UPDATE cases SET status = 'closed_ok' WHERE id = {under_way}",
        "under_way",
        CHAIN,
    ),
    "a document says something else": (
        'UPDATE documents SET content = content || \'{"title": "别的事项"}\' WHERE case_id = {closed}',
        "closed",
        "文书未改动",
    ),
    "an application's status is set by hand": (
        "UPDATE applications SET status = 'void' WHERE no = :application",
        "application",
        "申请状态由办件推出",
    ),
    "a closed case has an open task": (
        "UPDATE tasks SET status = 'pending' WHERE case_id = {closed} AND decides",
        "closed",
        "已终结的办件没有必办的在办任务",
    ),
    "a refusal has lost its document": (
        "DELETE FROM documents WHERE case_id = {refused} AND kind = 'decision_refused'",
        "refused",
        "终结的办件都有文书",
    ),
    "an ending has no reason": (
        "UPDATE cases SET reason_code = NULL WHERE id = {withdrawn}",
        "withdrawn",
        "终结的办件都有理由代码和时间",
    ),
    "a sealed value was put on another application": (
        "UPDATE secrets SET sealed ="
        " (SELECT sealed FROM secrets o WHERE o.application_id <> secrets.application_id LIMIT 1)"
        " WHERE application_id = (SELECT id FROM applications WHERE no = :application)",
        "application",
        "加密信息可以打开",
    ),
}


@pytest.mark.parametrize("what", CORRUPTIONS)
def test_what_was_changed_behind_the_platforms_back_is_found(open_hall, played, what):
    statement, subject, holds = CORRUPTIONS[what]
    for name, no in played.items():
        statement = statement.replace(f"{{{name}}}", f"(SELECT id FROM cases WHERE no = '{no}')")
    with open_hall.engine.connect() as conn:
        for table in ("events", "documents"):
            conn.execute(text(UNDER_CHECK.format(table)))
        changed = conn.execute(text(statement), {"application": played["application"]} if ":a" in statement else {})
        assert changed.rowcount
        for table in ("events", "documents"):
            conn.execute(text(UNDER_CHECK.format(table).replace("DISABLE", "ENABLE")))
        assert (played[subject], holds) in found(conn)
        conn.rollback()


def test_a_decision_of_one_person_is_found_unless_the_matter_allows_it(open_hall, played):
    task = open_hall.no(played["closed"], "approval")
    with open_hall.engine.connect() as conn:
        conn.execute(text("UPDATE tasks SET signers = signers[1:1] WHERE no = :no"), {"no": task})
        assert (task, "承诺件的决定至少两人签署") in found(conn)
        conn.execute(text("UPDATE tasks SET single_basis = '单人审批（依据）' WHERE no = :no"), {"no": task})
        assert (task, "承诺件的决定至少两人签署") not in found(conn)
        conn.rollback()


def test_the_same_person_at_two_levels_is_found(open_hall, played):
    task = open_hall.no(played["closed"], "approval")
    with open_hall.engine.connect() as conn:
        conn.execute(text("UPDATE tasks SET signers = ARRAY[signers[1], signers[1]] WHERE no = :no"), {"no": task})
        assert (task, "同一任务各级由不同的人签署") in found(conn)
        conn.rollback()


def test_a_task_with_a_number_of_another_case_is_found(open_hall, played):
    with open_hall.engine.connect() as conn:
        other = f"(SELECT id FROM cases WHERE no = '{played['refused']}')"
        moved = f"UPDATE tasks SET case_id = {other} WHERE id = (SELECT max(id) FROM tasks WHERE case_id <> {other})"
        task = conn.execute(text(f"{moved} RETURNING no")).scalar_one()
        assert (task, "任务编号以其办件编号开头") in found(conn)
        conn.rollback()


def test_a_task_without_a_case_is_found(open_hall, played):
    task = open_hall.no(played["withdrawn"], open_hall.tasks(played["withdrawn"])[0].step)
    with open_hall.engine.connect() as conn:
        conn.execute(text("ALTER TABLE tasks DROP CONSTRAINT tasks_case_id_fkey"))
        conn.execute(text("UPDATE tasks SET case_id = 999999 WHERE no = :no"), {"no": task})
        assert (task, "部门任务都有办件") in found(conn)
        conn.rollback()


def test_a_second_open_list_is_found(open_hall, played):
    with open_hall.engine.connect() as conn:
        conn.execute(text("DROP INDEX supplements_one_open"))
        conn.execute(
            text(
                "INSERT INTO supplements (case_id, task_ids, after_acceptance, items, deadline, status, opened_at)"
                " SELECT case_id, task_ids, after_acceptance, items, deadline, 'open', opened_at FROM supplements"
                " WHERE status = 'open'"
            )
        )
        assert (played["under_way"], "至多一份未完成的补正告知") in found(conn)
        conn.rollback()


@pytest.mark.parametrize("table", ["events", "documents", "traces", "consents"])
def test_a_table_that_may_be_changed_again_is_found(open_hall, played, table):
    with open_hall.engine.connect() as conn:
        conn.execute(text(UNDER_CHECK.format(table)))
        assert (table, "只增数据表受数据库保护") in found(conn)
        conn.rollback()


def test_the_officer_who_refused_gave_the_reasons_the_document_shows(open_hall, played):
    assert open_hall.document(played["refused"], "decision_refused").content["reason"] == REFUSAL["reason"]

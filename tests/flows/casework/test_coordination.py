"""Officers among themselves: a task handed over, urged, a case copied, an extension proposed, an office named."""

from __future__ import annotations

import pytest

from forms.errors import Conflict, Invalid, NotAllowed, NotFound
from forms.vocabulary import Department, Role
from tests.kit.hall import LAIXI, PINGDU, REFUSAL, Hall

HR = Department.HUMAN_RESOURCES


def told(hall: Hall, case_no: str, cause: str) -> dict[str, str]:
    """What was told because of an act: addressee → text."""
    rows = hall.rows(
        "SELECT n.addressee, n.content FROM notices n JOIN cases c ON c.id = n.case_id"
        " WHERE c.no = :no AND n.key LIKE :key ORDER BY n.id",
        no=case_no,
        key=f"{cause}:%",
    )
    return {row.addressee: row.content["text"] for row in rows}


# handed to a colleague


def test_the_holder_hands_a_task_to_a_colleague_who_is_told(hall: Hall, settled: str, eligibility: str) -> None:
    holder, colleague = hall.speaker(eligibility), hall.colleague(eligibility)
    hall.act(eligibility, "claim", holder)
    hall.act(eligibility, "hand-over", holder, officer=colleague.username, reason="出差")
    task = hall.task(eligibility)
    assert (task.status, task.officer_id) == ("received", colleague.id)
    event = hall.events(settled)[-1]
    assert (event.act, event.detail) == (
        "hand-over",
        {"reason": "出差", "to": colleague.name, "held_by": holder.name},
    )
    assert list(told(hall, settled, "hand-over")) == [f"officer:{colleague.id}"]
    with pytest.raises(Conflict):
        hall.act(eligibility, "approve", holder)
    hall.act(eligibility, "approve", colleague)


def test_those_who_lead_hand_over_what_another_holds_and_colleagues_do_not(hall: Hall, settled: str) -> None:
    task = hall.no(settled, "eligibility")
    holder, colleague = hall.speaker(task), hall.colleague(task)
    hall.act(task, "claim", holder)
    with pytest.raises(NotAllowed):
        hall.act(task, "hand-over", colleague, officer=colleague.username, reason="我来办")
    with pytest.raises(NotFound):
        hall.act(task, "hand-over", hall.actor(Role.APPROVER, HR, LAIXI), officer=colleague.username, reason="错地方")
    to, other = colleague, holder
    leaders = [hall.actor(Role.REVIEWER, HR), hall.actor(Role.APPROVER, HR), hall.coordinator(settled), hall.manager]
    for leader in leaders:
        hall.act(task, "hand-over", leader, officer=to.username, reason="均衡工作量")
        assert hall.task(task).officer_id == to.id
        to, other = other, to


def test_whoever_leads_gives_out_what_nobody_has_claimed(hall: Hall, eligibility: str) -> None:
    colleague = hall.colleague(eligibility)
    with pytest.raises(NotAllowed):
        hall.act(eligibility, "hand-over", hall.speaker(eligibility), officer=colleague.username, reason="请办")
    hall.act(eligibility, "hand-over", hall.manager, officer=colleague.username, reason="请尽快办理")
    assert (hall.task(eligibility).status, hall.task(eligibility).officer_id) == ("received", colleague.id)


def test_a_task_goes_only_to_who_may_speak_at_its_level_and_has_not_yet(hall: Hall, approval: str) -> None:
    handler = hall.speaker(approval)
    approver = hall.actor(Role.APPROVER, Department.PUBLIC_SECURITY)
    wrong = {"nobody": "unknown_officer", approver.username: "may_not", hall.window.username: "may_not"}
    for username, code in wrong.items():
        with pytest.raises(Invalid) as refused:
            hall.act(approval, "hand-over", hall.manager, officer=username, reason="请办")
        assert refused.value.errors[0].code == code
    hall.act(approval, "approve", handler)
    with pytest.raises(Invalid):
        hall.act(approval, "hand-over", approver, officer=handler.username, reason="请办")
    hall.act(approval, "hand-over", approver, officer=approver.username, reason="我来签")
    with pytest.raises(Conflict) as again:
        hall.act(approval, "hand-over", approver, officer=approver.username, reason="我来签")
    assert again.value.code == "already_theirs"
    hall.act(approval, "approve", approver)


# urged


def test_an_urged_task_tells_its_seat_or_who_holds_it_once_an_office_day(
    hall: Hall, settled: str, eligibility: str
) -> None:
    hall.act(eligibility, "urge", hall.manager)
    roles = ("handler", "chief")
    assert set(told(hall, settled, "urge")) == {f"seat:{PINGDU}:human_resources:{role}" for role in roles}
    holder = hall.speaker(eligibility)
    hall.act(eligibility, "claim", holder)
    with pytest.raises(Conflict) as again:
        hall.act(eligibility, "urge", hall.manager)
    assert (again.value.code, again.value.detail) == ("already_urged", "您今天已经催办过这项任务。")
    hall.act(eligibility, "urge", hall.window, reason="群众在窗口等候")
    assert "群众在窗口等候" in told(hall, settled, "urge")[f"officer:{holder.id}"]
    hall.later(days=1)  # a Saturday, and the Sunday after it is a working day: one office day
    hall.act(eligibility, "urge", hall.manager)
    hall.later(days=1)
    with pytest.raises(Conflict):
        hall.act(eligibility, "urge", hall.manager)
    hall.later(days=1)
    hall.act(eligibility, "urge", hall.manager)
    assert hall.acts(settled).count("urge") == 4


def test_only_those_who_answer_for_the_whole_urge_and_only_what_is_in_hand(hall: Hall, settled: str) -> None:
    task = hall.no(settled, "eligibility")
    with pytest.raises(NotAllowed):
        hall.act(task, "urge", hall.speaker(task))
    with pytest.raises(NotFound):
        hall.act(task, "urge", hall.actor(Role.MANAGER, Department.SUPERVISION, LAIXI))
    with pytest.raises(Conflict):
        hall.act(hall.no(settled, "approval"), "urge", hall.manager)
    hall.approve(task)
    with pytest.raises(Conflict):
        hall.act(task, "urge", hall.coordinator(settled))


def test_urging_a_case_urges_each_task_in_hand_that_was_not_yet(hall: Hall, settled: str, eligibility: str) -> None:
    hall.act(eligibility, "urge", hall.manager)
    hall.act(settled, "urge", hall.manager, reason="请抓紧")
    urged = [event.step for event in hall.events(settled) if event.act == "urge"]
    assert urged == ["eligibility", "address"]
    with pytest.raises(Conflict) as again:
        hall.act(settled, "urge", hall.manager)
    assert again.value.code == "already_urged"
    hall.act(eligibility, "return", hall.speaker(eligibility), reason="误派")
    hall.act(eligibility, "urge", hall.window)
    assert f"seat:{PINGDU}:public_security:coordinator" in told(hall, settled, "urge")


# copied


def test_a_case_is_copied_to_a_department_of_the_case_and_to_no_other(hall: Hall, settled: str) -> None:
    handler = hall.speaker(hall.no(settled, "eligibility"))
    hall.act(settled, "copy", handler, department="police_station", reason="请注意地址变更")
    assert list(told(hall, settled, "copy")) == [f"seat:{PINGDU}:police_station:handler"]
    hall.act(settled, "copy", hall.window, department="public_security", reason="加急")
    assert f"seat:{PINGDU}:public_security:coordinator" in told(hall, settled, "copy")
    for department in ("health", "talent_centre"):  # no task there, or one that is not involved
        with pytest.raises(Invalid) as refused:
            hall.act(settled, "copy", handler, department=department, reason="知悉")
        assert refused.value.errors[0].code == "not_of_the_case" and "加办" in refused.value.detail
    with pytest.raises(NotFound):
        hall.act(settled, "copy", hall.actor(Role.HANDLER, Department.HEALTH), department="police_station", reason="x")


def test_one_officer_is_copied_only_where_that_officer_sees_the_case(hall: Hall, settled: str) -> None:
    reader = hall.actor(Role.REVIEWER, Department.POLICE_STATION)
    hall.act(settled, "copy", hall.manager, department="police_station", officer=reader.username, reason="请阅")
    assert list(told(hall, settled, "copy")) == [f"officer:{reader.id}"]
    elsewhere = hall.actor(Role.HANDLER, Department.POLICE_STATION, LAIXI)
    for username, code in (("nobody", "unknown_officer"), (elsewhere.username, "not_of_the_case")):
        with pytest.raises(Invalid) as refused:
            hall.act(settled, "copy", hall.manager, department="police_station", officer=username, reason="请阅")
        assert refused.value.errors[0].code == code


# an extension proposed


def test_a_proposal_reaches_who_has_the_power_and_who_then_extends(hall: Hall, settled: str) -> None:
    head = hall.actor(Role.AGENCY_HEAD, Department.PUBLIC_SECURITY)
    due = hall.case(settled).due_on
    hall.act(settled, "propose-extension", hall.manager, kind="agency", days=3, reason="需外地函调")
    assert hall.case(settled).due_on == due
    proposed = told(hall, settled, "propose-extension")
    assert list(proposed) == [f"officer:{head.id}"] and "需外地函调" in proposed[f"officer:{head.id}"]
    with pytest.raises(Conflict) as again:
        hall.act(settled, "propose-extension", hall.manager, kind="agency", days=3, reason="再提")
    assert again.value.code == "already_proposed"
    hall.act(settled, "extend", head, kind="agency", days=3, reason="同意")
    assert hall.case(settled).due_on > due
    with pytest.raises(Conflict) as late:
        hall.act(settled, "propose-extension", hall.coordinator(settled), kind="agency", days=1, reason="再延")
    assert late.value.code == "already_extended"


def test_what_could_not_be_granted_is_not_proposed(hall: Hall, settled: str) -> None:
    handler = hall.speaker(hall.no(settled, "eligibility"))
    with pytest.raises(NotAllowed):
        hall.act(settled, "propose-extension", handler, kind="agency", days=3, reason="忙")
    with pytest.raises(Invalid):
        hall.act(settled, "propose-extension", hall.manager, kind="agency", days=11, reason="忙")
    with hall.engine.begin() as conn:
        conn.exec_driver_sql("DELETE FROM memberships WHERE role = 'government_head'")
    with pytest.raises(Conflict) as nobody:
        hall.act(settled, "propose-extension", hall.manager, kind="government", days=11, reason="忙")
    assert nobody.value.code == "nobody_may"
    hall.later(days=12)
    with pytest.raises(Conflict) as late:
        hall.act(settled, "propose-extension", hall.manager, kind="agency", days=3, reason="忙")
    assert late.value.code == "expired"


# offices


def test_a_task_is_transferred_to_another_office_of_the_department(hall: Hall, settled: str) -> None:
    task = hall.no(settled, "address")
    desk = hall.actor(Role.HANDLER, Department.POLICE_STATION)
    hall.act(task, "claim", desk)
    hall.act(task, "transfer", desk, office="平度市公安局李园派出所", reason="属李园辖区")
    row = hall.task(task)
    assert (row.status, row.office, row.officer_id) == ("pending", "pd-liyuan-pcs", None)
    with pytest.raises(NotFound):
        hall.act(task, "claim", hall.actor(Role.HANDLER, Department.POLICE_STATION, office="pd-dongge-pcs"))
    wrong: tuple[tuple[dict[str, str], str], ...] = (
        ({"office": "月球派出所"}, "unknown_office"),
        ({}, "required"),
        ({"office": "pd-dongge-pcs", "officer": desk.username}, "one_way"),
    )
    for fields, code in wrong:
        with pytest.raises(Invalid) as refused:
            hall.act(task, "transfer", desk, **fields)
        assert refused.value.errors[0].code == code
    with pytest.raises(Conflict) as there:
        hall.act(task, "transfer", desk, office="pd-liyuan-pcs")
    assert there.value.code == "already_there"
    hall.act(task, "approve", hall.actor(Role.HANDLER, Department.POLICE_STATION, office="pd-liyuan-pcs"))


def test_a_returned_task_is_dispatched_to_an_office(hall: Hall, settled: str, eligibility: str) -> None:
    hall.act(eligibility, "return", hall.speaker(eligibility), reason="应由派出所办理")
    coordinator = hall.coordinator(settled)
    with pytest.raises(Invalid):
        hall.act(eligibility, "dispatch", coordinator, department="police_station", office="月球派出所")
    hall.act(eligibility, "dispatch", coordinator, department="police_station", office="pd-dongge-pcs")
    task = hall.task(eligibility)
    assert (task.status, task.department, task.office) == ("pending", "police_station", "pd-dongge-pcs")


# ended meanwhile


def test_a_task_that_fell_away_meanwhile_says_by_whose_act(hall: Hall, settled: str) -> None:
    eligibility, address = hall.no(settled, "eligibility"), hall.no(settled, "address")
    police = hall.actor(Role.HANDLER, Department.POLICE_STATION)
    refuser = hall.speaker(eligibility)
    hall.act(eligibility, "refuse", refuser, **REFUSAL)
    with pytest.raises(Conflict) as refused:
        hall.act(address, "approve", police)
    assert refused.value.code == "conflict"
    assert "办件已办结" in refused.value.detail and refuser.name in refused.value.detail
    assert refused.value.facts["meanwhile"]["act"] == "refuse"
    with pytest.raises(NotFound):
        hall.act(address, "approve", hall.actor(Role.HANDLER, Department.POLICE_STATION, LAIXI))


def test_a_task_that_never_was_in_an_inbox_is_still_not_there(hall: Hall, settled: str) -> None:
    with pytest.raises(NotFound):
        hall.act(hall.no(settled, "household"), "claim", hall.actor(Role.HANDLER, Department.TALENT_CENTRE))

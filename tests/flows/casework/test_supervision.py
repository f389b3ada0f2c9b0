"""Cards and orders: appealed in time, judged by the manager, answered by the office, closed with a result."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from flows import access, supervision
from flows.access import Actor
from flows.desks import desk
from flows.watch import fire
from forms.errors import Conflict, Invalid, NotAllowed, NotFound
from forms.supervision import AnswerOrder, AppealCard, CloseOrder, JudgeAppeal, OpenOrder
from infra import clock
from infra.store import supervision as store
from tests.kit.hall import LAIXI, PINGDU, REFUSAL, Hall, Row

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(hall: Hall, day: date) -> None:
    hall.now = datetime(day.year, day.month, day.day, 10, tzinfo=SHANGHAI)
    with hall.engine.begin() as conn:
        clock.move(conn, hall.now)


def late(hall: Hall, day: date = date(2026, 10, 8)) -> str:
    """A settlement of 18 September that nobody touched until `day`, its cards out."""
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    at(hall, day)
    fire("settlement", hall.engine)
    return no


def card(hall: Hall, subject: str, rung: str) -> Row:
    query = "SELECT * FROM alarms WHERE subject = :no AND rung = :rung AND clock = 'promised'"
    return hall.rows(query, no=subject, rung=rung)[0]


def order(hall: Hall, subject: str) -> Row:
    return hall.rows("SELECT * FROM orders WHERE subject = :no", no=subject)[0]


def do(hall: Hall, act: Callable[..., Any], by: Actor, what: Any, message: Any) -> Any:
    with desk(by, now=hall.now, terminal="test", engine=hall.engine) as seat:
        return act(seat, what, message)


def appeal(hall: Hall, by: Actor, key: int) -> Any:
    return do(hall, supervision.appeal, by, key, AppealCard(act="appeal", reason="系统停机两日"))


def judge(hall: Hall, key: int, outcome: Any) -> Any:
    message = JudgeAppeal(act="judge", outcome=outcome, reason="经核查")
    return do(hall, supervision.judge, hall.manager, key, message)


def told(hall: Hall, addressee: str, about: str) -> list[str]:
    query = "SELECT title FROM notices WHERE addressee = :who AND title LIKE :about AND channel = 'in_app' ORDER BY id"
    return [row.title for row in hall.rows(query, who=addressee, about=f"%{about}%")]


def test_a_red_card_opens_one_order_to_be_answered_within_a_working_day(hall: Hall) -> None:
    no = late(hall)
    fire("settlement", hall.engine)
    (sent,) = hall.rows("SELECT * FROM orders WHERE subject = :no", no=no)
    assert sent.no.startswith(f"DB-{PINGDU}-20261008-")
    assert sent.department == "public_security"
    assert sent.reply_due == date(2026, 10, 9)
    assert "超过承诺时限5日，应于2026-09-24前办结" in sent.content
    assert sent.rule.startswith("参考时限")
    yellow = hall.rows("SELECT 1 FROM orders o JOIN alarms a ON a.id = o.alarm_id WHERE a.rung <> 'red'")
    assert yellow == []


def test_the_applicant_is_told_once_that_the_case_is_late(hall: Hall) -> None:
    no = late(hall, date(2026, 9, 25))
    fire("settlement", hall.engine)
    assert told(hall, f"applicant:{no.rpartition('-')[0]}", "延误") == ["办件延误告知"]


def test_an_answer_and_a_closing_are_on_the_record(hall: Hall) -> None:
    no = late(hall)
    sent = order(hall, no)
    office = hall.actor("approver", "public_security")
    with pytest.raises(Conflict):
        do(hall, supervision.close, hall.manager, sent.no, CloseOrder(act="close", result="已整改"))
    with pytest.raises(NotAllowed):
        do(hall, supervision.answer, hall.manager, sent.no, AnswerOrder(act="reply", reply="不是我的"))
    do(hall, supervision.answer, office, sent.no, AnswerOrder(act="reply", reply="已加派人员"))
    with pytest.raises(Conflict):
        do(hall, supervision.answer, office, sent.no, AnswerOrder(act="reply", reply="再答一次"))
    with pytest.raises(NotAllowed):
        do(hall, supervision.close, office, sent.no, CloseOrder(act="close", result="自己办结"))
    do(hall, supervision.close, hall.manager, sent.no, CloseOrder(act="close", result="已整改"))
    done = order(hall, no)
    assert (done.state, done.reply, done.result) == ("closed", "已加派人员", "已整改")
    assert hall.acts(no)[-2:] == ["reply-order", "close-order"]
    assert told(hall, f"seat:{PINGDU}:supervision:manager", sent.no)


def test_only_the_cards_office_appeals(hall: Hall) -> None:
    no = late(hall)
    task = hall.no(no, "eligibility")
    key = card(hall, task, "yellow").id
    for stranger in (hall.manager, hall.actor("handler", "public_security")):
        with pytest.raises((NotAllowed, NotFound)):
            appeal(hall, stranger, key)
    with pytest.raises(NotFound):
        appeal(hall, hall.actor("handler", "human_resources", LAIXI), key)
    appeal(hall, hall.actor("handler", "human_resources"), key)
    assert card(hall, task, "yellow").state == "appealed"
    assert hall.acts(no)[-1] == "appeal-card"
    assert told(hall, f"seat:{PINGDU}:supervision:manager", task)[-1].startswith("申诉待处理")


@pytest.mark.parametrize(("day", "in_time"), [(date(2026, 10, 12), True), (date(2026, 10, 13), False)])
def test_an_appeal_comes_within_three_working_days(hall: Hall, day: date, in_time: bool) -> None:
    no = late(hall, date(2026, 10, 8))  # a Thursday; Saturday the 10th is worked, Sunday is not
    key = card(hall, no, "yellow").id
    at(hall, day)
    office = hall.actor("chief", "public_security")
    if in_time:
        appeal(hall, office, key)
    else:
        with pytest.raises(Conflict) as caught:
            appeal(hall, office, key)
        assert caught.value.code == "expired"


def test_a_withdrawn_card_takes_its_order_along(hall: Hall) -> None:
    no = late(hall)
    key = card(hall, no, "red").id
    appeal(hall, hall.actor("handler", "public_security"), key)
    judge(hall, key, "withdrawn")
    assert card(hall, no, "red").state == "withdrawn"
    assert (order(hall, no).state, order(hall, no).result) == ("closed", "申诉成立，督办单撤销")
    assert hall.acts(no)[-2:] == ["judge-appeal", "close-order"]
    with pytest.raises(Conflict):
        appeal(hall, hall.actor("handler", "public_security"), key)


def test_what_is_passed_up_is_judged_once_more(hall: Hall) -> None:
    no = late(hall)
    key = card(hall, no, "red").id
    with pytest.raises(Conflict):
        judge(hall, key, "rejected")
    appeal(hall, hall.actor("handler", "public_security"), key)
    judge(hall, key, "passed_up")
    with pytest.raises(Conflict):
        judge(hall, key, "passed_up")
    judge(hall, key, "rejected")
    found = card(hall, no, "red")
    assert found.state == "rejected"
    assert [one["outcome"] for one in found.appeal["judgements"]] == ["passed_up", "rejected"]
    assert order(hall, no).state == "open", "the order stands"
    assert told(hall, f"seat:{PINGDU}:public_security:handler", "申诉不成立")


def test_a_warning_is_no_card(hall: Hall) -> None:
    no = late(hall, date(2026, 9, 22))
    with pytest.raises(Conflict) as caught:
        appeal(hall, hall.actor("handler", "public_security"), card(hall, no, "amber").id)
    assert caught.value.code == "no_card"


def test_that_an_applicants_own_deadline_is_over_is_no_card_of_any_office(hall: Hall) -> None:
    no = late(hall)
    query = "SELECT * FROM alarms WHERE subject = :no AND rung = 'red' AND clock = 'gap'"
    over = hall.rows(query, no=no)[0]
    assert supervision.said_of(vars(over)) == "期限已过"
    with pytest.raises(Conflict, match="这是申请人的期限，不对任何单位亮牌"):
        appeal(hall, hall.actor("handler", "public_security"), over.id)
    with hall.engine.connect() as conn:
        scope = access.scope(hall.manager)
        every, red = (store.cards(conn, scope, case=no, rung=rung, limit=50) for rung in (None, "red"))
    assert over.id in {row["id"] for row in every} - {row["id"] for row in red}
    assert card(hall, no, "red").id in {row["id"] for row in red}
    (notice,) = hall.rows("SELECT title FROM notices WHERE key LIKE :key AND channel = 'in_app'",
                          key=f"alarm:{over.limit_id}:red:%")  # fmt: skip
    assert notice.title == f"期限已过：{no}（容缺补交期限）"


def test_a_closed_cases_card_is_still_appealed_and_its_status_stays(hall: Hall) -> None:
    no = late(hall, date(2026, 9, 25))
    hall.now += timedelta(hours=1)
    task = hall.no(no, "eligibility")
    hall.act(no, "withdraw", hall.window, reason="不办了")
    appeal(hall, hall.actor("handler", "human_resources"), card(hall, task, "yellow").id)
    assert hall.case(no).status == "withdrawn"
    assert hall.acts(no)[-1] == "appeal-card"


# closing late


def test_who_closes_late_says_why_in_public(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    at(hall, date(2026, 9, 28))  # two working days after the 24th, a day off between
    hall.finish(no, but=["registration"])
    last = hall.no(no, "registration")
    with pytest.raises(Invalid) as caught:
        hall.act(last, "approve", hall.speaker(last))
    assert [(e.field, e.code) for e in caught.value.errors] == [("/explanation", "explanation_required")]
    assert hall.task(last).status == "pending", "nothing has happened"
    hall.act(last, "approve", hall.speaker(last), explanation="户政系统停机两日")
    decision = hall.document(no, "decision_ok").content
    assert (decision["late_by"], decision["explanation"]) == (1, "户政系统停机两日")
    assert "说明：户政系统停机两日" in said(hall, no)
    assert hall.events(no)[-1].detail["explanation"] == "户政系统停机两日"


def test_a_late_refusal_explains_the_delay_too(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    at(hall, date(2026, 9, 30))
    task = hall.no(no, "eligibility")
    with pytest.raises(Invalid):
        hall.act(task, "refuse", hall.speaker(task), **REFUSAL)
    hall.act(task, "refuse", hall.speaker(task), explanation="等待外地协查", **REFUSAL)
    assert "理由：不符合条件。本件超过承诺时限办结，说明：等待外地协查" in said(hall, no)


def test_on_the_due_day_nothing_is_to_be_explained(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    at(hall, date(2026, 9, 24))
    hall.finish(no)
    assert "explanation" not in hall.document(no, "decision_ok").content


def test_a_verdict_that_does_not_end_the_case_explains_nothing(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    at(hall, date(2026, 9, 30))
    task = hall.no(no, "address")
    hall.act(task, "approve", hall.speaker(task))
    assert hall.task(task).status == "approved"


def test_a_pause_of_the_promise_makes_nobody_late(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    hall.act(no, "suspend", hall.manager, kind="expert_review", ground="行政许可法 第45条", until=hall.day(20))
    at(hall, date(2026, 10, 15))
    hall.act(no, "resume", hall.manager)
    hall.finish(no)
    assert hall.case(no).status == "closed_ok"


def said(hall: Hall, no: str) -> str:
    """The last thing that the applicant was told of a case."""
    query = (
        "SELECT n.content FROM notices n JOIN cases c ON c.id = n.case_id WHERE c.no = :no AND n.channel = 'in_app'"
        " AND n.addressee LIKE 'applicant:%' ORDER BY n.id DESC LIMIT 1"
    )
    return str(hall.rows(query, no=no)[0].content["text"])


def test_silence_at_the_window_is_the_windows_red_card(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement", accept=False)["settlement"]
    at(hall, date(2026, 9, 28))
    fire("settlement", hall.engine)
    sent = order(hall, no)
    assert (sent.department, sent.rule) == ("window", "行政许可法 第32条")
    assert do(hall, supervision.answer, hall.window, sent.no, AnswerOrder(act="reply", reply="当日补办"))


def test_a_manager_opens_an_order_that_the_office_in_hand_answers(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    task = hall.no(no, "eligibility")
    message = OpenOrder(subject=task, content="请说明核验进度")
    with desk(hall.manager, now=hall.now, terminal="test", engine=hall.engine) as seat:
        sent = supervision.open_order(seat, message)
    assert (sent["department"], sent["reply_due"], sent["alarm_id"]) == ("human_resources", date(2026, 9, 20), None)
    assert told(hall, f"seat:{PINGDU}:human_resources:handler", "督办单") == [f"督办单：{sent['no']}：{task}"]
    with pytest.raises(Conflict) as again, desk(hall.manager, now=hall.now, engine=hall.engine) as seat:
        supervision.open_order(seat, message)
    assert again.value.code == "already_open"
    office = hall.actor("handler", "human_resources")
    do(hall, supervision.answer, office, sent["no"], AnswerOrder(act="reply", reply="正在核验"))
    do(hall, supervision.close, hall.manager, sent["no"], CloseOrder(act="close", result="已了解"))
    assert hall.acts(no)[-3:] == ["open-order", "reply-order", "close-order"]


def test_only_the_manager_of_the_region_opens_an_order_and_only_about_what_is_open(hall: Hall) -> None:
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    message = OpenOrder(subject=no, content="请加快")
    for who, refusal in (
        (hall.window, NotAllowed),
        (hall.actor("manager", "supervision", LAIXI), NotFound),
    ):
        with pytest.raises(refusal), desk(who, now=hall.now, engine=hall.engine) as seat:
            supervision.open_order(seat, message)
    with (
        pytest.raises(Invalid),
        desk(hall.manager, now=hall.now, engine=hall.engine) as seat,
    ):
        supervision.open_order(seat, message.model_copy(update={"reply_due": date(2026, 9, 17)}))
    hall.act(no, "withdraw", hall.window, reason="不办了")
    with pytest.raises(Conflict), desk(hall.manager, now=hall.now, engine=hall.engine) as seat:
        supervision.open_order(seat, message)

"""When a case is due at the latest and why, in the words that the applicant reads."""

from __future__ import annotations

from typing import Any

from flows.outlook import outlook
from flows.projection import local_day
from infra.store import work
from tests.kit.hall import Hall


def seen(hall: Hall, case: str) -> dict[str, Any] | None:
    with hall.engine.connect() as conn:
        row = next(one for one in work.cases_of(conn, hall.case(case).application_id) if one.no == case)
        return outlook(conn, row, local_day(hall.now))


def test_the_latest_day_is_told_with_how_it_was_counted(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    told = seen(hall, case)
    assert told is not None
    assert (told["due"], told["what"], told["days"]) == ("2026-09-24", "办结", 5)
    assert told["why"].startswith("自2026年9月18日的次日起算，共5个工作日；其间不计：9月19日（周末）")
    assert told["why"].endswith("最迟2026年9月24日办结。")


def test_a_part_that_may_follow_the_end_of_a_case_does_not_put_its_day_off(hall: Hall) -> None:
    """医疗绿色通道 is promised in five working days, the insurance that may follow it in twenty."""
    case = hall.open("green_channel")["green_channel"]
    told = seen(hall, case)
    assert told is not None and (told["due"], told["days"]) == ("2026-09-24", 5)
    assert hall.case(case).due_on.isoformat() == told["due"], "the day that officers see"
    schooling = hall.open("schooling")["schooling"]
    told = seen(hall, schooling)
    assert told is not None and told["why"].startswith("非招生季：自2026年9月18日的次日起算，共7个工作日")


def test_a_promise_that_another_follows_is_told_by_its_name_and_the_last_one_ends_the_case(hall: Hall) -> None:
    """人才补贴 is assessed in five working days, and paid within eight after the public notice has ended."""
    case = hall.open("subsidy")["subsidy"]
    told = seen(hall, case)
    assert told is not None and (told["due"], told["what"]) == ("2026-09-24", "完成核定（公示不计）")
    assert told["why"].endswith("最迟2026年9月24日完成核定（公示不计）。")
    hall.finish(case, but=["notice"])
    task = next(task for task in hall.tasks(case) if task.step == "notice")
    assert task.status == "pending"
    hall.approve(task.no)
    told = seen(hall, case)
    assert told is not None and told["what"] == "办结" and told["why"].startswith("拨付：自")


def test_while_the_clock_stands_still_no_day_is_promised(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    hall.act(case, "suspend", hall.manager, kind="expert_review", ground="行政许可法 第45条", until=hall.day(20))
    hall.later(days=3)
    told = seen(hall, case)
    assert told is not None
    assert (told["due"], told["stopped"]) == (None, True)
    assert "目前因专家评审暂停计算，恢复后还有5个工作日" in told["why"]


def test_what_is_late_is_said_to_be_late(hall: Hall) -> None:
    case = hall.open("settlement")["settlement"]
    hall.later(days=12)
    told = seen(hall, case)
    assert told is not None
    assert told["over"] > 0
    assert f"现已超过{told['over']}个工作日" in told["why"]


def test_before_acceptance_the_window_is_waited_for_and_after_the_end_the_delivery(hall: Hall) -> None:
    case = hall.open("settlement", accept=False)["settlement"]
    before = seen(hall, case)
    assert before is not None and (before["what"], before["days"]) == ("决定是否受理", 5)
    hall.act(case, "accept", hall.window)
    hall.finish(case)
    after = seen(hall, case)
    assert after is not None and (after["what"], after["days"]) == ("送达办理结果", 10)
    hall.act(case, "deliver", hall.window)
    assert seen(hall, case) is None

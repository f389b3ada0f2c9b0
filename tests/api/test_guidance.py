"""The item guide in people's words: every matter tells what to bring, in what order it goes, within what time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api import guidance
from api.pages.applicant import track
from flows.registry import matters

CODES = sorted(matters())


@pytest.mark.parametrize("code", CODES)
def test_every_matter_tells_papers_steps_limits_and_basis(code: str) -> None:
    matter = matters()[code]
    told = guidance.whole(matter, matters())
    assert [step["title"] for turn in told["stages"] for step in turn] != []
    assert sum(len(turn) for turn in told["stages"]) == len(matter.steps)
    assert len(told["papers"]) == len(matter.materials)
    assert told["promised"] and told["basis"] and told["audience"] and told["result"]


@pytest.mark.parametrize("code", CODES)
def test_a_paper_that_is_not_always_wanted_says_when_it_is(code: str) -> None:
    silent = [paper.title for paper in matters()[code].materials if paper.when is not None and not paper.note]
    assert silent == []


def test_departments_that_wait_for_nobody_work_side_by_side() -> None:
    turns = guidance.stages(matters()["settlement"])
    assert [[step["title"] for step in turn] for turn in turns] == [
        ["资格核验", "集体户接收意见", "落户地址审查"], ["户政核准"], ["入户登记"],
    ]  # fmt: skip


def test_a_bundle_asks_once_and_not_for_what_a_sister_matter_brings_forth() -> None:
    known = matters()
    chosen = {code: known[code] for code in ("settlement", "schooling")}
    rows = {row["title"]: row for row in guidance.papers(chosen, known)}
    assert [one["title"] for one in rows["身份证件"]["for"]] == ["人才落户", "子女入学（入园）"]
    assert [one["title"] for one in rows["居民户口簿（首页及本人页）"]["for"]] == ["人才落户"]
    alone = {row["title"]: row for row in guidance.papers({"schooling": known["schooling"]}, known)}
    assert alone["居民户口簿（首页及本人页）"]["result_of"] == "人才落户"


def test_what_only_one_matter_lets_be_promised_is_not_promised_for_both() -> None:
    known = matters()
    strict = tuple(paper.but(gap_allowed=False) for paper in known["green_channel"].materials)
    form = type("Strict", (known["green_channel"].form,), {"materials": strict, "__module__": __name__})
    assert _photo({code: known[code] for code in ("settlement", "green_channel")})["gap"] is True
    stricter = replace(known["green_channel"], form=form)
    assert _photo({"settlement": known["settlement"], "green_channel": stricter})["gap"] is False


def _photo(chosen: guidance.Known) -> dict[str, object]:
    return next(row for row in guidance.papers(chosen, matters()) if row["code"] == "photo")


def test_limits_say_from_when_they_are_counted() -> None:
    said = {code: guidance.whole(matter, matters())["promised"] for code, matter in matters().items()}
    assert [(one["what"], one["words"]) for one in said["settlement"]] == [("办结", "受理后5个工作日内")]
    assert ("5月20日至7月5日受理的", "7月5日的次日起5个工作日内办结") in [
        (one["what"], one["words"]) for one in said["schooling"]
    ]
    assert ("拨付", "公示结束后8个工作日内") in [(one["what"], one["words"]) for one in said["subsidy"]]


# the way of a case


def _case(**more: object) -> dict[str, object]:
    base = {
        "status": "in_progress", "status_label": "办理中", "outcome": None, "outcome_label": None,
        "received_at": "2026-09-18T10:00:00+08:00", "accepted_at": "2026-09-18T10:00:00+08:00",
        "closed_at": None, "delivered_at": None, "steps": [], "bring": [],
    }  # fmt: skip
    return {**base, **more}


def _step(code: str, status: str, after: tuple[str, ...] = (), route: str | None = None,
          awaits: tuple[str, ...] = ()) -> dict[str, object]:  # fmt: skip
    done = status in ("approved", "refused", "forwarded")
    return {
        "step": code, "after": list(after), "route": route, "title": code, "department_label": "某局",
        "awaits": list(awaits), "status": status, "status_label": status, "done": done,
        "decided_at": "2026-09-21T09:00:00+08:00" if done else None,
    }  # fmt: skip


def _told(case: dict[str, object]) -> list[tuple[str, str]]:
    return [(stop["title"], stop["state"]) for stop in track.track(case)]


def test_before_acceptance_nothing_of_the_departments_is_shown() -> None:
    case = _case(status="submitted", accepted_at=None)
    assert _told(case) == [("窗口收件", "done"), ("受理", "now"), ("办结", "ahead"), ("送达结果", "ahead")]


def test_departments_side_by_side_are_one_stop_that_is_done_when_all_are() -> None:
    steps = [_step("甲", "approved"), _step("乙", "pending"), _step("丙", "blocked", ("甲", "乙"))]
    assert _told(_case(steps=steps))[2:4] == [("2 个部门环节同时办理", "now"), ("丙", "ahead")]
    steps = [_step("甲", "approved"), _step("乙", "approved"), _step("丙", "received", ("甲", "乙"))]
    assert _told(_case(steps=steps))[2:4] == [("2 个部门环节同时办理", "done"), ("丙", "now")]


def test_a_refusal_ends_the_way_where_it_was_spoken() -> None:
    steps = [_step("甲", "refused"), _step("乙", "blocked", ("甲",))]
    case = _case(status="closed_refused", outcome="refused", outcome_label="不予", steps=steps, closed_at="2026-09-21")
    assert _told(case) == [("窗口收件", "done"), ("受理", "done"), ("甲", "refused"), ("办结：不予", "ended")]


def test_a_step_of_a_way_not_taken_yet_is_not_said_to_wait() -> None:
    (stop,) = [one for one in track.track(_case(steps=[_step("甲", "blocked", route="residence")])) if one["steps"]]
    assert stop["steps"][0]["said"] == "需要时再办"


def test_a_step_that_waits_for_another_matter_says_so_and_the_steps_before_it_are_done() -> None:
    steps = [
        _step("甲", "approved"), _step("乙", "blocked", route="residence"),
        _step("丙", "blocked", ("甲", "乙"), awaits=("人才落户",)),
    ]  # fmt: skip
    first, waiting = [one for one in track.track(_case(steps=steps)) if one["steps"]]
    assert (first["state"], waiting["state"]) == ("done", "now")
    assert waiting["steps"][0]["said"] == "等人才落户办结后接着办"


def test_a_paper_two_matters_want_is_brought_once_by_the_earlier_day() -> None:
    item = {"code": "photo", "title": "照片", "paper": True, "shareable": False, "note": None, "why": "补正"}
    cases = [
        _case(title="甲", matter="a", bring=[{**item, "until": "2026-10-08"}]),
        _case(title="乙", matter="b", bring=[{**item, "until": "2026-10-05", "shareable": True}]),
    ]
    (row,) = track.to_bring(cases)
    assert (row["for"], row["until"], row["shareable"]) == (["甲", "乙"], "2026-10-05", True)


def test_the_same_field_of_two_matters_is_asked_for_twice() -> None:
    item = {"code": "form/address", "title": "地址", "paper": False, "shareable": False, "note": None, "why": "补正"}
    cases = [_case(title=code, matter=code, bring=[{**item, "until": None}]) for code in ("a", "b")]
    assert [row["matter"] for row in track.to_bring(cases)] == ["a", "b"]

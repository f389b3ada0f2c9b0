"""Business told whole, against a whole running platform: part of the demo day, and one family from door to door."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import count

import pytest
from rich.console import Console

from api.simulation.caller import Caller, Line, Reply
from api.simulation.outcome import compare, show
from api.simulation.play import Play
from api.simulation.script import Playing
from api.simulation.stage import Stage
from api.simulation.troupe import Troupe
from api.simulation.window import upload
from infra.clock import SHANGHAI
from infra.demo import day, filing
from infra.demo.day import Ending
from tests.kit import PATIENCE

PINGDU = "370283"
FEW = 25


class Hall:
    """The offices of 平度 as one family meets them."""

    def __init__(self, troupe: Troupe) -> None:
        self.troupe = troupe
        self.window = troupe.windows(PINGDU)[0]
        self.cases: dict[str, str] = {}

    def on(self, day_and_hour: str) -> None:
        at = datetime.fromisoformat(day_and_hour).replace(tzinfo=SHANGHAI)
        assert self.troupe.one("administrator").post("/api/v1/clock", {"to": at.isoformat()}).status == 200

    def who(self, department: str, duty: str = "handler") -> Caller:
        return self.troupe.at(duty, department, PINGDU)

    def case(self, matter: str) -> dict:
        return self.window.get(f"/api/v1/cases/{self.cases[matter]}").data

    def steps(self, matter: str) -> dict[str, str]:
        return {task["step"]: task["status"] for task in self.case(matter)["tasks"]}

    def begun(self, matter: str) -> set[str]:
        """The steps that some department has, or has had."""
        return {step for step, status in self.steps(matter).items() if status not in ("blocked", "not_applicable")}

    def finds(self, officer: Caller, matter: str, step: str) -> dict:
        """The task as the officer finds it in the inbox."""
        inbox = officer.every("/api/v1/tasks")
        return next(row for row in inbox if row["case"] == self.cases[matter] and row["step"] == step)

    def approves(self, officer: Caller, matter: str, step: str, **results: str) -> Reply:
        task = self.finds(officer, matter, step)
        items = [{"code": code, "value": value} for code, value in results.items()]
        return officer.post(f"/api/v1/tasks/{task['no']}/acts", {"act": "approve", "reason": "同意。", "items": items})

    def checks(self, department: str, matter: str, step: str) -> None:
        """A check that the machine may decide first (秒批): either way it ends approved."""
        task = next(task for task in self.case(matter)["tasks"] if task["step"] == step)
        answer = self.who(department).post(f"/api/v1/tasks/{task['no']}/acts", {"act": "approve", "reason": "属实。"})
        assert answer.status == 200 or answer.code == "already_decided", answer.words
        assert self.steps(matter)[step] == "approved"


@pytest.fixture
def hall(troupe: Troupe) -> Hall:
    return Hall(troupe)


def test_a_family_settles_in_one_go(hall: Hall) -> None:
    # Told while the engine is still coming up: people never wait for it.
    # On Monday morning a doctor with spouse and child comes to the window: one form, four matters, one number.
    hall.on("2026-09-14T09:30")
    turns = [turn for turn in day.turns() if turn.story.code == "family-settles-in" and turn.region == PINGDU]
    family = filing.file(turns)[-1]
    papers = {code: upload(Playing(family, hall.window), code) for code in family.uploaded}
    taken = hall.window.post("/api/v1/applications", family.with_papers(papers))
    assert taken.status == 201, taken.data
    application, code = taken.data["no"], taken.data["code"]
    hall.cases = {case["matter"]: case["no"] for case in taken.data["cases"]}
    assert {case["status"] for case in taken.data["cases"]} == {"in_progress"}

    # When the answer leaves, every department that waits for nobody has its task; the rest of the way is laid out.
    assert {matter: hall.begun(matter) for matter in hall.cases} == {
        "settlement": {"eligibility", "address"},
        "schooling": {"household", "home", "vaccination"},
        "green_channel": {"class", "insured"},
        "subsidy": {"first_review", "degree", "insurance", "employer", "double_benefit", "youth_opinion"},
    }

    # The departments decide side by side, the machine or a person, whoever is first.
    hall.checks("public_security", "schooling", "household")
    hall.checks("natural_resources", "schooling", "home")
    hall.checks("health", "schooling", "vaccination")
    hall.checks("human_resources", "settlement", "eligibility")
    assert hall.steps("schooling")["placement"] == "blocked", "the place at school waits for the household"
    assert hall.approves(hall.who("police_station"), "settlement", "address").status == 200

    # The police decide at two levels, never the same person; registering the household opens the place at school.
    assert hall.approves(hall.who("public_security"), "settlement", "approval").data["status"] == "reviewing"
    assert hall.approves(hall.who("public_security"), "settlement", "approval").status == 403
    hall.approves(hall.who("public_security", "approver"), "settlement", "approval")
    assert hall.steps("schooling")["placement"] == "blocked"
    closed = hall.approves(hall.who("police_station"), "settlement", "registration")
    assert closed.data["case_row"]["status"] == "closed_ok"
    assert hall.steps("schooling")["placement"] == "pending"

    # Education finds a place, and the school itself, not another one, enrols the child.
    hall.approves(hall.who("education"), "schooling", "placement", school="平度市城东小学")
    hall.approves(hall.who("education", "approver"), "schooling", "placement")
    branch = {c.member.office: c for c in hall.troupe.callers if c.duty == "branch handler"}
    with pytest.raises(StopIteration):
        hall.finds(branch["pd-shiyan-xx"], "schooling", "enrolment")
    assert hall.approves(branch["pd-chengdong-xx"], "schooling", "enrolment").data["case_row"]["status"] == "closed_ok"

    # The green channel closes although its insurance is still to come.
    hall.checks("organisation", "green_channel", "class")
    hall.checks("medical_insurance", "green_channel", "insured")
    hall.approves(hall.who("health"), "green_channel", "entitlement", adviser="健康顾问一组")
    hall.approves(hall.who("health", "approver"), "green_channel", "entitlement")
    hall.approves(branch["pd-renmin-yy"], "green_channel", "hospital_file")
    assert hall.case("green_channel")["status"] == "closed_ok"
    assert hall.approves(hall.who("human_resources"), "green_channel", "top_up_insurance").status == 200

    # The subsidy: six checks, three levels, five working days of public notice, then the money.
    hall.checks("human_resources", "subsidy", "first_review")
    for department, step in (("human_resources", "degree"), ("social_insurance", "insurance"),
                             ("market_regulation", "employer"), ("finance", "double_benefit")):  # fmt: skip
        hall.checks(department, "subsidy", step)
    hall.approves(hall.who("youth_league"), "subsidy", "youth_opinion")
    for duty in ("handler", "reviewer", "approver"):
        assert hall.approves(hall.who("human_resources", duty), "subsidy", "review").status == 200
    assert hall.case("subsidy")["computed"]["amount"] == 3000
    assert hall.steps("subsidy")["funds"] == "blocked"
    hall.on("2026-09-22T09:00")
    hall.approves(hall.who("human_resources"), "subsidy", "notice")
    hall.approves(hall.who("finance"), "subsidy", "funds")
    hall.approves(hall.who("finance", "approver"), "subsidy", "funds")
    hall.approves(hall.who("finance"), "subsidy", "payment", receipt="20260922-0001")

    # Everything is closed once, with a document, and handed over; the applicant sees it with the code alone.
    for number, case in zip(count(1), hall.cases.values(), strict=False):
        delivered = hall.window.post(f"/api/v1/cases/{case}/acts", {"act": "deliver", "kind": "window"})
        assert delivered.data["status"] == "delivered"
        whole = hall.window.get(f"/api/v1/applications/{application}").data
        assert whole["status"] == ("delivered" if number == len(hall.cases) else "closed_ok")
        kinds = [row["kind"] for row in hall.window.get(f"/api/v1/cases/{case}/documents").data["items"]]
        assert kinds.count("decision_ok") == 1 and kinds.count("delivery") == 1
    assert whole["outcome"] == "approved"
    progress = hall.window.line.send("GET", f"/api/v1/progress/{application}", headers={"X-Progress-Code": code})
    assert progress.status_code == 200 and progress.json()["status"] == "delivered"


@pytest.fixture(scope="module")
def played(line: Line, troupe: Troupe) -> Play:
    """Part of the day, played to its end."""
    play = Play(day.turns(FEW), troupe, line, machine_seconds=5 * PATIENCE)
    play.run()
    return play


def test_part_of_the_day_ends_as_the_file_says(platform: Stage, played: Play) -> None:
    report = compare(played)
    show(Console(), played, report, 0)
    assert report.differences == []
    verified = platform.command("verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr


def test_an_ending_that_differs_from_the_file_is_told(played: Play) -> None:
    one = next(one for one in played.board.playing if one.filing.turn.story.code == "settle-not-eligible")
    turn, as_filed = one.filing.turn, one.filing
    hoped = turn.story.model_copy(update={"ends": {**turn.story.ends, "settlement": Ending.of("withdrawn withdrawn")}})
    one.filing = replace(as_filed, turn=replace(turn, story=hoped))
    try:
        told = compare(played).differences
    finally:
        one.filing = as_filed
    assert len(told) == 1
    assert told[0].startswith(f"{one.key}：settlement 为“delivered refused not_eligible”，应为“withdrawn withdrawn”")


def test_a_case_that_the_board_does_not_count_is_told(played: Play) -> None:
    played.before["settlement", "delivered"] += 1
    try:
        told = compare(played).differences
    finally:
        played.before["settlement", "delivered"] -= 1
    assert len(told) == 1 and told[0].startswith("看板上 settlement delivered")

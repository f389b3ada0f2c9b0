"""The shortest way through the house by HTTP: one intake, the first department decides, the next has its task."""

from __future__ import annotations

from forms.vocabulary import Department, Role
from tests.api.drawn import HR, POLICE, officer, settlement_body

WINDOW = officer(Role.WINDOW, Department.WINDOW)


def test_one_intake_is_accepted_and_the_departments_have_their_tasks_when_the_answer_leaves(sign_in):
    answer = sign_in(WINDOW).post("/api/v1/applications", settlement_body())
    assert answer.status_code == 201
    given = answer.json()
    assert given["status"] == "in_progress"
    assert given["cases"][0]["missing"] == []
    assert answer.headers["location"] == f"/api/v1/applications/{given['no']}"
    for who in (HR, POLICE):
        inbox = sign_in(who).get("/api/v1/tasks").json()["items"]
        assert given["cases"][0]["no"] in {task["case"] for task in inbox}


def test_a_decided_task_cannot_be_decided_again_and_the_answer_says_who_did(sign_in):
    given = sign_in(WINDOW).post("/api/v1/applications", settlement_body()).json()
    case = given["cases"][0]["no"]
    task = next(t for t in sign_in(HR).get("/api/v1/tasks").json()["items"] if t["case"] == case)["no"]
    first = sign_in(HR).act(f"tasks/{task}", "approve")
    assert (first.status_code, first.json()["status"]) == (200, "approved")
    again = sign_in(HR).act(f"tasks/{task}", "approve")
    assert (again.status_code, again.json()["code"]) == (409, "already_decided")
    assert again.json()["by"] == first.json()["officer"]


def test_without_a_token_nothing_is_to_be_seen(nobody):
    answer = nobody.get("/api/v1/tasks")
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")


def test_the_platform_says_that_it_lives_and_that_it_is_ready(nobody):
    assert nobody.get("/healthz").status_code == 200
    ready = nobody.get("/readyz")
    assert (ready.status_code, ready.json()["database"]) == (200, "current")

"""Lists and the board (列表、看板): pages that lose nothing and double nothing, counts that are right."""

from __future__ import annotations

import pytest

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import HR, PINGDU, officer

WINDOW = officer(R.WINDOW, D.WINDOW)
MANAGER = officer(R.MANAGER, D.SUPERVISION)


@pytest.fixture(scope="module")
def seven(hall) -> list[dict[str, str]]:
    """Seven applications under way, one of two matters."""
    return [hall.open("settlement") for _ in range(6)] + [hall.open("settlement", "subsidy")]


def walk(caller, path: str, size: int) -> list[dict]:
    """Read a list page by page to its end."""
    rows, cursor = [], None
    while True:
        page = caller.get(path, params={"limit": size} | ({"cursor": cursor} if cursor else {})).json()
        assert len(page["items"]) <= size
        rows += page["items"]
        cursor = page["next"]
        if cursor is None:
            return rows


@pytest.mark.parametrize("size", [1, 3, 50])
@pytest.mark.parametrize(
    ("who", "path"),
    [
        (WINDOW, "/api/v1/cases"),
        (WINDOW, "/api/v1/applications"),
        (WINDOW, "/api/v1/cases?status=in_progress&matter=settlement"),
        (HR, "/api/v1/tasks"),
        (MANAGER, "/api/v1/tasks?status=blocked"),
    ],
)
def test_page_after_page_every_row_comes_exactly_once(sign_in, seven, who, path, size):
    rows = walk(sign_in(who), path, size)
    numbers = [row["no"] for row in rows]
    assert len(numbers) == len(set(numbers)) >= 7
    assert numbers == [row["no"] for row in walk(sign_in(who), path, 200)]


def test_a_row_that_comes_in_between_two_pages_moves_no_other(sign_in, hall, seven):
    window = sign_in(WINDOW)
    first = window.get("/api/v1/cases", params={"limit": 3}).json()
    hall.open("settlement")
    rest = walk(window, "/api/v1/cases", 200)
    second = window.get("/api/v1/cases", params={"limit": 3, "cursor": first["next"]}).json()
    order = [row["no"] for row in rest]
    assert order.index(second["items"][0]["no"]) == order.index(first["items"][-1]["no"]) + 1


def test_the_inbox_shows_first_what_waits_longest(sign_in, seven):
    opened = [row["opened_at"] for row in walk(sign_in(HR), "/api/v1/tasks", 200)]
    assert opened == sorted(opened)


def test_the_record_is_read_page_by_page_in_its_order(sign_in, hall, seven):
    case = seven[0]["settlement"]
    rows = walk(sign_in(WINDOW), f"/api/v1/cases/{case}/events", 2)
    assert [row["seq"] for row in rows] == list(range(1, len(hall.events(case)) + 1))


def test_a_case_is_found_by_name_by_number_and_by_identity_number(sign_in, hall):
    body = hall.body("settlement")
    received = hall.receive(body)
    case, window = received.cases[0]["no"], sign_in(WINDOW)
    for q in (body["applicant"]["name"], case, received.no, received.no.lower()):
        assert case in {row["no"] for row in window.get("/api/v1/cases", params={"q": q}).json()["items"]}
    found = window.post("/api/v1/cases/search", {"identity": body["applicant"]["id_number"].lower()}).json()["items"]
    assert [row["no"] for row in found] == [case]
    auditor = sign_in(officer(R.AUDITOR, D.SUPERVISION))
    traces = auditor.get("/api/v1/traces", params={"application": received.no}).json()["items"]
    assert [trace["act"] for trace in traces] == ["search"]


def test_the_board_counts_what_the_lists_hold(sign_in, seven):
    manager = sign_in(MANAGER)
    board = manager.get("/api/v1/board").json()
    cases, applications = walk(manager, "/api/v1/cases", 200), walk(manager, "/api/v1/applications", 200)
    assert board["totals"]["cases"] == len(cases)
    assert board["totals"]["applications"] == len(applications)
    for row in board["cases"]:
        assert row["count"] == sum(c["matter"] == row["matter"] and c["status"] == row["status"] for c in cases)
    pending = sum(row["count"] for row in board["tasks"] if row["status"] == "pending")
    assert pending == len(walk(manager, "/api/v1/tasks", 200))


def test_each_region_counts_its_own(sign_in, seven):
    there = sign_in(officer(R.MANAGER, D.SUPERVISION, "370285")).get("/api/v1/board").json()
    assert there["totals"] == {"applications": 0, "cases": 0, "tasks": 0}


def test_mine_are_the_tasks_that_i_have_claimed(sign_in, hall, seven):
    task = hall.no(seven[1]["settlement"], "eligibility")
    assert sign_in(HR).act(f"tasks/{task}", "claim").status_code == 200
    mine = sign_in(HR).get("/api/v1/tasks", params={"mine": "true"}).json()["items"]
    assert [row["no"] for row in mine] == [task]


def test_the_guide_is_public_and_says_what_a_bundle_asks(nobody):
    matters = nobody.get("/api/v1/matters").json()
    assert {row["code"] for row in matters["items"]} >= {"settlement", "schooling", "green_channel", "subsidy"}
    for row in matters["items"]:
        guide = nobody.get(f"/api/v1/matters/{row['code']}").json()
        assert guide["steps"] and guide["materials"] and guide["basis"] and guide["form"]["properties"]
    merged = nobody.get("/api/v1/matters/merged?codes=settlement,subsidy").json()
    assert set(merged["properties"]["matters"]["properties"]) == {"settlement", "subsidy"}
    assert PINGDU in {choice["const"] for choice in merged["properties"]["region"]["oneOf"]}
    unknown = nobody.get("/api/v1/matters/merged?codes=settlement,marriage,divorce")
    assert [error["code"] for error in unknown.json()["errors"]] == ["unknown_matter", "unknown_matter"]


def test_colleagues_are_known_to_each_other_and_an_administrator_knows_all(sign_in):
    colleagues = walk(sign_in(HR), "/api/v1/officers", 200)
    assert {m["department"] for row in colleagues for m in row["members"]} == {"human_resources"}
    everybody = walk(sign_in(officer(R.ADMINISTRATOR, D.SUPERVISION)), "/api/v1/officers", 200)
    assert len(everybody) > len(colleagues)


def test_numbers_for_the_operators_name_nobody(nobody, seven):
    text = nobody.get("/metrics").text
    assert 'lianban_requests_total{method="GET",route="/api/v1/cases",status="200"}' in text
    assert 'lianban_cases{status="in_progress"}' in text
    assert "RC-" not in text


def test_the_contract_is_a_page_too(nobody):
    answer = nobody.get("/docs")
    assert answer.headers["content-type"].startswith("text/html")
    assert "一口受理" in answer.text
    assert "script" not in answer.text

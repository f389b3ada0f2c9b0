"""Role × page: who sees which page, numbers of others guessed included; whoever may not is told so."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack

import httpx
import pytest

from infra.demo.organisation import PASSWORD
from tests.kit import PATIENCE
from tests.kit.tour import Scene, page_routes, stops

STAFF = ("window", "handler", "elsewhere", "neighbour", "coordinator", "manager", "auditor", "administrator")
OUTSIDE = ("applicant", "stranger", "nobody")
WATCH = {"coordinator", "manager", "auditor"}
INVOLVED = {"window", "handler", "coordinator", "manager", "auditor"}
OFFICES = set(STAFF) - {"administrator"}
SEES = {
    "/inbox": {"handler", "elsewhere", "neighbour", "coordinator"},
    "/tasks/{no}": INVOLVED,
    "/cases/{no}": INVOLVED,
    "/cases": OFFICES,
    "/cases/{no}/documents/{number}": INVOLVED,
    "/standins": set(STAFF),
    "/notices": set(STAFF),
    "/account": set(STAFF),
    "/watch": WATCH,
    "/watch/cases": WATCH,
    "/watch/tasks": WATCH,
    "/watch/late": WATCH,
    "/watch/soon": WATCH,
    "/watch/report": WATCH,
    "/watch/orders": OFFICES,
    "/watch/cards": OFFICES,
    "/watch/orders/new": {"manager"},
    "/watch/orders/{no}": {"window", "manager", "auditor"},
    "/orders/{no}/paper": {"window", "manager", "auditor"},
    "/watch/cards/{key}": INVOLVED,
    "/watch/ratings": {"window", *WATCH},
    "/admin/changes": {"administrator", "auditor"},
    "/admin/traces": {"auditor"},
    "/admin/traces.xlsx": {"auditor"},
    "/progress/application": {"applicant", "stranger"},
    "/progress/cases/{no}/withdraw": {"applicant"},
    "/progress/supplement": {"applicant"},
    "/progress/cases/{no}/rate": {"stranger"},
    "/progress/documents/{number}": {"stranger"},
    "/watch/ratings/{key}": {"window", *WATCH},
}
"""Who is shown a page of the scene. The order of the scene lies with another department, its late case with 人社."""

OPEN = {"/guide", "/guide/{code}", "/guide/bundles/{code}", "/progress"}
"""For everybody."""

LEADS_ON = {"/", "/sign-in", "/window/search", "/window/waiting/{which}"}
"""They lead to another page, which has walls of its own."""


def _seen_by(route: str) -> set[str]:
    if route in SEES:
        return SEES[route]
    if route in OPEN:
        return {*STAFF, *OUTSIDE}
    if route.startswith("/admin"):
        return {"administrator"}
    if route.startswith("/window"):
        return {"window"}
    raise LookupError(route)


@pytest.fixture(scope="module")
def scene(served: str, desk_engine) -> Scene:
    return Scene(desk_engine)


@pytest.fixture(scope="module")
def clients(served: str, scene: Scene) -> Iterator[dict[str, httpx.Client]]:
    """A browser for everybody: officers by password, applicants by number and code, and somebody from the street."""
    with ExitStack() as opened:

        def client() -> httpx.Client:
            return opened.enter_context(httpx.Client(base_url=served, trust_env=False, timeout=PATIENCE))

        found = {"nobody": client()}
        for name, officer in scene.people().items():
            found[name] = client()
            _send(found[name], "/sign-in", username=officer.username, password=PASSWORD)
        for name, no, code in (
            ("applicant", scene.no, scene.code),
            ("stranger", scene.done_no, scene.done_code),
        ):
            found[name] = client()
            _send(found[name], "/progress", no=no, code=code)
        yield found


def _send(client: httpx.Client, path: str, **fields: str) -> None:
    word = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get(path).text)
    assert word is not None
    answer = client.post(path, data={"csrf": word[1], **fields})
    assert answer.status_code == 303, answer.text


def test_every_page_is_seen_by_whom_it_is_for_and_by_nobody_else(
    scene: Scene, clients: dict[str, httpx.Client]
) -> None:
    wrong = []
    for stop in stops(scene):
        if stop.phone or stop.route in LEADS_ON:
            continue
        allowed = _seen_by(stop.route)
        for who, client in clients.items():
            status = client.get(stop.path).status_code
            inside = who in STAFF and not stop.route.startswith("/progress")
            expected = {200} if who in allowed else {403, 404} if inside else {303, 404, 409}
            if status not in expected:
                wrong.append(f"{stop.path} for {who}: {status}")
    assert not wrong, "\n".join(wrong)


def test_no_page_of_the_tour_is_missing_from_the_table(scene: Scene) -> None:
    for stop in stops(scene):
        assert stop.route in LEADS_ON or _seen_by(stop.route)


POSTS = [path for method, path in page_routes() if method == "POST"]


@pytest.mark.parametrize("path", POSTS)
def test_a_form_sent_by_somebody_from_the_street_changes_nothing(
    path: str, scene: Scene, clients: dict[str, httpx.Client]
) -> None:
    client = clients["nobody"]
    filled = re.sub(r"{[a-z]+}", scene.cases["settlement"], path)
    word = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/sign-in").text)
    assert word is not None
    with_word = client.post(filled, data={"csrf": word[1], "act": "withdraw"})
    without = client.post(filled, data={"act": "withdraw"})
    assert without.status_code == 403
    if path not in ("/sign-in", "/progress", "/sign-out", "/progress/leave"):
        assert with_word.status_code in (303, 404, 422), with_word.text
        assert with_word.headers.get("location", "/sign-in").startswith(("/sign-in", "/progress"))


@pytest.mark.parametrize("path", POSTS)
def test_a_form_sent_by_an_officer_of_elsewhere_about_somebody_elses_case_changes_nothing(
    path: str, scene: Scene, clients: dict[str, httpx.Client]
) -> None:
    if "{" not in path or path.startswith(("/progress", "/standins")):
        return
    client = clients["elsewhere"]
    number = scene.task if path.startswith("/tasks") else scene.cases["settlement"]
    before = scene.hall.case(scene.cases["settlement"]).version
    word = re.search(r'name="csrf" value="([0-9a-f]+)"', client.get("/account").text)
    assert word is not None
    answer = client.post(
        re.sub(r"{[a-z]+}", number, path),
        data={"csrf": word[1], "act": "approve", "reason": "试试", "reveal-reason": "试试"},
    )
    assert answer.status_code in (403, 404, 422), (answer.status_code, answer.text[:300])
    assert scene.hall.case(scene.cases["settlement"]).version == before

"""Passes on Prefect: departments side by side, registries asked, MATCH decides where it may, nobody is held up."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta

import httpx
import pytest
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings
from sqlalchemy import Engine, text

from flows import passes, sending
from flows.registry import passes as all_passes
from forms.vocabulary import CheckResult
from infra import clock, database
from infra.demo import bodies
from infra.engine import server
from infra.migrations import upgrade
from infra.notify.outlets import Letter
from infra.registries.client import HttpRegistry
from infra.registries.demo import running
from infra.settings import Settings
from infra.store import machine
from tests.kit import PATIENCE
from tests.kit.hall import PINGDU, Hall

TOKEN = "demo-registries"


@pytest.fixture(scope="module")
def registries() -> Iterator[str]:
    with running(TOKEN) as url:
        yield url


@pytest.fixture(scope="module", params=["own", "external"])
def database_url(request: pytest.FixtureRequest, make_database: Callable[[], str]) -> Iterator[str]:
    """The embedded PostgreSQL, and one that is reached by its address alone."""
    if request.param == "own":
        yield make_database()
        return
    url = request.getfixturevalue("external_module_url")
    upgrade(url)
    yield url
    database.engine(url).dispose()


@pytest.fixture(scope="module")
def hall(platform: Settings, engine: Engine, registries: str, prefect_url: str, short_folder) -> Iterator[Hall]:
    gateway = HttpRegistry(registries, TOKEN, seconds=PATIENCE, rest_seconds=0.2)
    access = server.access(Settings(home=short_folder / "engine"))
    with (
        pytest.MonkeyPatch.context() as patch,
        temporary_settings({PREFECT_API_URL: prefect_url, PREFECT_API_AUTH_STRING: access}),
    ):
        patch.setattr(passes, "registry", lambda: gateway)
        made = Hall(engine)
        with engine.begin() as conn:
            clock.move(conn, made.now)
        yield made
    gateway.close()


@pytest.fixture(autouse=True)
def usual(registries: str) -> Iterator[None]:
    yield
    control(registries, reset=True)


def control(registries: str, **order: object) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}"}
    httpx.post(f"{registries}/_control", json=order, headers=headers, timeout=PATIENCE).raise_for_status()


def run(matter: str) -> None:
    all_passes()[matter]()


def evidence(hall: Hall, task_no: str) -> list[str]:
    query = "SELECT e.result FROM evidence e JOIN tasks t ON t.id = e.task_id WHERE t.no = :no ORDER BY e.id"
    return [row.result for row in hall.rows(query, no=task_no)]


def settle(hall: Hall, answer: CheckResult) -> str:
    """Hand in a settlement of somebody about whom the registries answer so."""
    person = hall.people.person(registries=answer)
    form = bodies.settlement(person, PINGDU, hall.people.property_certificate_no())
    body = bodies.body(PINGDU, person.applicant(), {"settlement": form}, [])
    body["materials"] = hall.papers(body)
    return str(hall.receive(body).cases[0]["no"])


def test_a_match_decides_the_step_that_allows_it_as_the_system_with_its_basis(hall: Hall) -> None:
    no = settle(hall, CheckResult.MATCH)
    run("settlement")
    task = hall.task(no, "eligibility")
    assert task.status == "approved"
    approved = next(e for e in hall.events(no) if e.act == "approve" and e.step == "eligibility")
    assert (approved.actor_kind, approved.actor_id) == ("system", None)
    assert "秒批" in approved.detail["reason"]
    assert evidence(hall, task.no) == ["match"]


def test_a_step_that_is_a_persons_to_decide_only_gets_the_evidence(hall: Hall) -> None:
    no = settle(hall, CheckResult.MATCH)
    run("settlement")
    assert hall.task(no, "address").status == "pending"
    assert evidence(hall, hall.no(no, "address")) == ["match"]


@pytest.mark.parametrize("answer", [CheckResult.MISMATCH, CheckResult.NOT_FOUND])
def test_anything_but_a_match_goes_to_a_person_and_is_no_refusal(hall: Hall, answer: CheckResult) -> None:
    no = settle(hall, answer)
    run("settlement")
    task = hall.task(no, "eligibility")
    assert task.status == "pending"
    assert evidence(hall, task.no) == [answer.value]
    hall.approve(task.no)
    assert hall.task(task.no).status == "approved"


def test_a_dead_registry_holds_nobody_up_and_is_asked_again(hall: Hall, registries: str) -> None:
    control(registries, check="degree", behaviour="dead")
    no = settle(hall, CheckResult.MATCH)
    run("settlement")
    assert evidence(hall, hall.no(no, "eligibility")) == ["timeout"]
    assert evidence(hall, hall.no(no, "address")) == ["match"], "the other department has its answer"
    hall.finish(no)
    assert hall.case(no).status == "closed_ok"

    again = settle(hall, CheckResult.MATCH)
    run("settlement")
    control(registries, reset=True)
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE tasks SET check_next_at = NULL WHERE check_state = 'due'"))
    run("settlement")
    assert hall.task(again, "eligibility").status == "approved"


def test_a_check_whose_pass_was_killed_is_taken_up_when_its_lease_is_over(hall: Hall) -> None:
    no = settle(hall, CheckResult.MATCH)
    with hall.engine.begin() as conn:  # a pass takes the check and dies
        taken = machine.lease_checks(
            conn, "settlement", "human_resources", clock.machine(), chunk=50, lease=timedelta(hours=1)
        )
    assert taken
    run("settlement")
    assert evidence(hall, hall.no(no, "eligibility")) == [], "somebody has it"
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE tasks SET check_next_at = now() - interval '1 s' WHERE check_state = 'due'"))
    run("settlement")
    assert evidence(hall, hall.no(no, "eligibility")) == ["match"]


def test_an_officer_who_claimed_first_decides_herself(hall: Hall) -> None:
    no = settle(hall, CheckResult.MATCH)
    task = hall.no(no, "eligibility")
    hall.act(task, "claim", hall.speaker(task))
    run("settlement")
    assert hall.task(task).status == "received"
    assert evidence(hall, task) == ["match"]


def test_several_passes_at_once_double_nothing(hall: Hall) -> None:
    numbers = [settle(hall, CheckResult.MATCH) for _ in range(12)]
    errors: list[BaseException] = []

    def one() -> None:
        try:
            for department in ("human_resources", "police_station"):
                passes.department_work.fn("settlement", department)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    for no in numbers:
        assert evidence(hall, hall.no(no, "eligibility")) == ["match"]
        assert evidence(hall, hall.no(no, "address")) == ["match"]
        assert hall.acts(no).count("approve") == 1


def test_prefect_shows_the_departments_side_by_side(hall: Hall, prefect_url: str, short_folder) -> None:
    body = hall.body("subsidy")
    hall.receive(body)
    run("subsidy")
    user, _, word = server.access(Settings(home=short_folder / "engine")).partition(":")
    departments = {"finance", "social_insurance", "human_resources", "market_regulation"}
    with httpx.Client(base_url=prefect_url, auth=(user, word), timeout=PATIENCE, trust_env=False) as client:
        flow = client.post("/flows/filter", json={"flows": {"name": {"any_": ["人才补贴"]}}}).json()[0]
        sort = {"flows": {"id": {"any_": [flow["id"]]}}, "sort": "START_TIME_DESC", "limit": 1}
        last = client.post("/flow_runs/filter", json=sort).json()[0]
        deadline = time.monotonic() + PATIENCE
        names: set[str] = set()
        while not departments <= names:  # Prefect writes down task runs a little after they ran
            assert time.monotonic() < deadline, names
            tasks = client.post("/task_runs/filter", json={"flow_runs": {"id": {"any_": [last["id"]]}}}).json()
            names = {task["name"].rpartition("-")[0] for task in tasks}
    assert last["parameters"] == {}, "no personal data reach the engine"


def test_what_a_crash_left_behind_is_opened_and_joined_by_the_next_pass(hall: Hall) -> None:
    no = hall.open("settlement")["settlement"]
    with hall.engine.begin() as conn:  # as a restored backup or a changed rule might leave it
        conn.execute(text(
            "UPDATE tasks SET status = 'approved' WHERE case_id = (SELECT id FROM cases WHERE no = :no)"
            " AND step IN ('eligibility', 'address')"
        ), {"no": no})  # fmt: skip
    run("settlement")
    assert hall.task(no, "approval").status == "pending"


class Kept:
    """A channel that takes everything and remembers it."""

    channel, needs_mobile = "kept", False

    def __init__(self) -> None:
        self.letters: list[Letter] = []

    def takes(self, addressee: str) -> bool:
        return True

    def send(self, letter: Letter) -> None:
        self.letters.append(letter)


def test_a_pass_of_any_matter_sends_what_is_to_be_told_once(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = Kept()
    monkeypatch.setattr(sending, "channels", lambda: [kept])
    no = settle(hall, CheckResult.MATCH)
    with hall.engine.connect() as conn:
        assert passes.ready_matters(conn)
    for _ in range(2):
        run("schooling")
    assert [letter.content["kind"] for letter in kept.letters if letter.case == no] == ["acceptance"]

"""Done once (幂等、并发): the same key is one act, a stale version is none, two officers are one decision."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import text

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from infra import clock
from infra.store import idempotency, people, tokens
from infra.vault import hash_token, new_token
from tests.api.drawn import HR, officer
from tests.kit import PATIENCE

WINDOW = officer(R.WINDOW, D.WINDOW)


@pytest.fixture
def task(hall) -> str:
    """A task that waits in the inbox."""
    return hall.no(hall.open("settlement")["settlement"], "eligibility")


def test_the_same_key_and_body_get_the_first_answer_again(sign_in, hall):
    body, key = hall.body("settlement"), {"Idempotency-Key": "intake-1"}
    first = sign_in(WINDOW).post("/api/v1/applications", body, headers=key)
    again = sign_in(WINDOW).post("/api/v1/applications", body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["idempotency-replayed"] == "true"


def test_the_same_key_with_another_body_is_a_conflict(sign_in, hall):
    key = {"Idempotency-Key": "intake-2"}
    sign_in(WINDOW).post("/api/v1/applications", hall.body("settlement"), headers=key)
    other = sign_in(WINDOW).post("/api/v1/applications", hall.body("settlement"), headers=key)
    assert (other.status_code, other.json()["code"]) == (409, "idempotency_conflict")


def test_a_refused_request_leaves_its_key_free_for_the_corrected_one(sign_in, hall):
    key, body = {"Idempotency-Key": "intake-3"}, hall.body("settlement")
    assert sign_in(WINDOW).post("/api/v1/applications", body | {"region": "x"}, headers=key).status_code == 422
    assert sign_in(WINDOW).post("/api/v1/applications", body, headers=key).status_code == 201


def test_ten_copies_of_a_request_in_flight_together_are_one_application(sign_in, hall, server):
    body, key = hall.body("settlement"), {"Idempotency-Key": "intake-4"}
    window = sign_in(WINDOW)
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: window.post("/api/v1/applications", body, headers=key), range(10)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["no"] for answer in answers}) == 1
    assert sum("idempotency-replayed" in answer.headers for answer in answers) == 9


def test_an_act_sent_again_under_its_key_is_not_done_again(sign_in, hall, task):
    key = {"Idempotency-Key": f"claim-{task}"}
    first = sign_in(HR).post(f"/api/v1/tasks/{task}/acts", {"act": "claim"}, headers=key)
    again = sign_in(HR).post(f"/api/v1/tasks/{task}/acts", {"act": "claim"}, headers=key)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.headers["etag"] == first.headers["etag"]
    assert hall.acts(task.rpartition("-")[0]).count("claim") == 1


def test_the_code_for_progress_lies_in_no_table_in_plain(sign_in, hall, api_engine):
    key = {"Idempotency-Key": "intake-5"}
    code = sign_in(WINDOW).post("/api/v1/applications", hall.body("settlement"), headers=key).json()["code"]
    with api_engine.connect() as conn:
        kept = conn.execute(text("SELECT answer::text FROM idempotency WHERE key = 'intake-5'")).scalar_one()
        assert code not in kept
        assert not conn.execute(
            text("SELECT 1 FROM applications a WHERE a::text LIKE :it"), {"it": f"%{code}%"}
        ).first()


def test_whoever_acts_on_what_he_saw_acts_on_nothing_else(sign_in, hall, task):
    seen = sign_in(HR).get(f"/api/v1/tasks/{task}").headers["etag"]
    path = f"/api/v1/tasks/{task}/acts"
    assert sign_in(HR).post(path, {"act": "claim"}, headers={"If-Match": seen}).status_code == 200
    late = sign_in(HR).post(path, {"act": "approve"}, headers={"If-Match": seen})
    assert (late.status_code, late.json()["code"]) == (412, "stale")
    assert late.json()["meanwhile"]["act"] == "claim"
    assert hall.task(task).status == "received"


def test_the_dossiers_tag_guards_an_act_on_the_case(sign_in, hall):
    case = hall.open("settlement")["settlement"]
    path = f"/api/v1/cases/{case}"
    seen = sign_in(WINDOW).get(path).headers["etag"]
    hall.act(hall.no(case, "eligibility"), "claim", hall.speaker(hall.no(case, "eligibility")))
    withdraw = {"act": "withdraw", "reason": "申请人撤回"}
    assert sign_in(WINDOW).post(f"{path}/acts", withdraw, headers={"If-Match": seen}).status_code == 412
    now = sign_in(WINDOW).get(path).headers["etag"]
    assert sign_in(WINDOW).post(f"{path}/acts", withdraw, headers={"If-Match": now}).status_code == 200


@pytest.mark.parametrize("tag", ["1", "abc", '"1', "", '"1" "2"', "W/1"])
def test_a_malformed_tag_is_refused(sign_in, task, tag):
    answer = sign_in(HR).post(f"/api/v1/tasks/{task}/acts", {"act": "claim"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_if_match")


@pytest.mark.parametrize("tag", ['"99"', 'W/"1"', '"another"'])
def test_a_tag_of_another_version_is_stale(sign_in, task, tag):
    answer = sign_in(HR).post(f"/api/v1/tasks/{task}/acts", {"act": "claim"}, headers={"If-Match": tag})
    assert (answer.status_code, answer.json()["code"]) == (412, "stale")


def test_any_version_will_do_where_the_star_is_sent(sign_in, task):
    answer = sign_in(HR).post(f"/api/v1/tasks/{task}/acts", {"act": "claim"}, headers={"If-Match": "*"})
    assert answer.status_code == 200


def test_two_officers_in_the_same_second_are_one_decision(sign_in, hall, task):
    two = [sign_in(one) for one in (officer(R.HANDLER, D.HUMAN_RESOURCES), officer(R.HANDLER, D.HUMAN_RESOURCES, n=1))]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: one.act(f"tasks/{task}", "approve"), two))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    refused = next(answer for answer in answers if answer.status_code == 409).json()
    assert refused["code"] == "already_decided"
    assert refused["by"] == hall.task(task).officer_name
    assert hall.acts(task.rpartition("-")[0]).count("approve") == 1


def test_a_double_click_of_one_officer_is_one_decision(sign_in, hall, task):
    with ThreadPoolExecutor(5) as pool:
        answers = list(pool.map(lambda _: sign_in(HR).act(f"tasks/{task}", "approve"), range(5)))
    assert sorted(answer.status_code for answer in answers) == [200, 409, 409, 409, 409]


def test_two_windows_cannot_open_the_same_matter_for_one_person(sign_in, hall):
    body = hall.body("settlement")
    two = [sign_in(officer(R.WINDOW, D.WINDOW, n=n)) for n in (0, 1)]
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda one: one.post("/api/v1/applications", body), two))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert next(a for a in answers if a.status_code == 409).json()["code"] == "duplicate_open"


def test_a_decision_after_closing_is_a_conflict(sign_in, hall):
    case = hall.open("settlement")["settlement"]
    hall.act(case, "withdraw", hall.window, reason="撤回")
    answer = sign_in(HR).act(f"tasks/{hall.no(case, 'eligibility')}", "approve")
    assert answer.status_code in (404, 409)


def test_an_expired_or_revoked_token_opens_nothing(server, api_engine):
    drawn, now = new_token(), clock.machine()
    with api_engine.begin() as conn:
        found = people.officer_by_username(conn, HR)
        assert found is not None
        tokens.add(conn, found.id, hash_token(drawn), now - timedelta(hours=2), now - timedelta(seconds=1))
    headers = {"Authorization": f"Bearer {drawn}"}
    answer = httpx.get(f"{server}/api/v1/tasks", headers=headers, trust_env=False, timeout=PATIENCE)
    assert (answer.status_code, answer.json()["code"]) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(
    "failure", ["serialization_failure", "lock_not_available", "deadlock_detected", "query_canceled"]
)
def test_a_commit_that_fails_has_answered_nothing_good(sign_in, hall, api_engine, task, failure):
    """FastAPI would end a dependency after the answer; the desk ends inside the handler, before it."""
    with api_engine.begin() as conn:
        conn.execute(
            text(
                "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
                f" RAISE EXCEPTION 'spoiled' USING ERRCODE = '{failure}'; END $$;"
                "CREATE CONSTRAINT TRIGGER spoil AFTER INSERT ON events DEFERRABLE INITIALLY DEFERRED"
                " FOR EACH ROW EXECUTE FUNCTION spoil()"
            )
        )
    try:
        answer = sign_in(HR).act(f"tasks/{task}", "approve")
    finally:
        with api_engine.begin() as conn:
            conn.execute(text("DROP TRIGGER spoil ON events; DROP FUNCTION spoil()"))
    assert (answer.status_code, answer.json()["code"]) == (503, "busy")
    assert answer.headers["retry-after"]
    assert hall.task(task).status == "pending"


def test_after_two_days_a_first_answer_is_forgotten(sign_in, hall, api_engine):
    key, day = {"Idempotency-Key": "intake-6"}, timedelta(hours=48)
    sign_in(WINDOW).post("/api/v1/applications", hall.body("settlement"), headers=key)
    with api_engine.begin() as conn:
        idempotency.forget(conn, clock.machine() - day)
        kept = "SELECT count(*) FROM idempotency WHERE key = 'intake-6'"
        assert conn.execute(text(kept)).scalar() == 1
        idempotency.forget(conn, clock.machine() + day)
        assert conn.execute(text(kept)).scalar() == 0

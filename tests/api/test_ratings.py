"""Ratings over HTTP: given from home, followed up within the walls; whose they are is told to few, replies to all."""

from __future__ import annotations

import pytest

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import HR, LAIXI, officer, refused

RATINGS = "/api/v1/ratings"
WINDOW, MANAGER = officer(R.WINDOW, D.WINDOW), officer(R.MANAGER, D.SUPERVISION)
AUDITOR = officer(R.AUDITOR, D.SUPERVISION)
COORDINATOR = officer(R.COORDINATOR, D.PUBLIC_SECURITY)


@pytest.fixture
def rated(hall, nobody):
    """A settlement that ended and was rated badly: its number, its application's, the key of the rating."""
    received = hall.receive(hall.body("settlement"))
    case = received.cases[0]["no"]
    hall.finish(case)
    path, code = f"/api/v1/progress/{received.no}", {"X-Progress-Code": received.code}
    assert "rate" in nobody.get(path, headers=code).json()["cases"][0]["may"]
    body = {"act": "rate", "case": case, "grade": 5, "comment": "跑了三趟"}
    assert nobody.post(f"{path}/acts", body, headers=code).status_code == 200
    refused(nobody.post(f"{path}/acts", body, headers=code), 409, "already_rated")
    shown = nobody.get(path, headers=code).json()["cases"][0]
    assert (shown["rating"]["grade_label"], "rate" in shown["may"]) == ("非常不满意", False)
    query = "SELECT r.id FROM ratings r JOIN cases c ON c.id = r.case_id WHERE c.no = :no"
    return case, received, hall.rows(query, no=case)[0].id


def test_only_who_follows_a_rating_up_is_told_whose_it_is(sign_in, rated):
    case, received, key = rated
    for who, told in (
        (COORDINATOR, True),
        (MANAGER, True),
        (WINDOW, False),
        (AUDITOR, False),
    ):
        answer = sign_in(who).get(f"{RATINGS}/{key}")
        row = answer.json()
        assert (row["grade_label"], row["comment"], row["bad"]) == ("非常不满意", "跑了三趟", True)
        assert row["case"] == (case if told else None)
        assert (received.no in answer.text) is told
        assert row["may"] == (["contact"] if told else [])


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (HR, 403),
        (officer(R.ADMINISTRATOR, D.SUPERVISION), 403),
        (officer(R.COORDINATOR, D.EDUCATION), 404),
        (officer(R.MANAGER, D.SUPERVISION, LAIXI), 404),
        (officer(R.WINDOW, D.WINDOW, LAIXI), 404),
        (officer(R.SERVICE_OFFICER, D.TALENT_CENTRE), 404),
        (None, 401),
    ],
)
def test_beyond_the_walls_there_is_no_rating(sign_in, nobody, rated, who, status):
    caller = sign_in(who) if who else nobody
    assert caller.get(f"{RATINGS}/{rated[2]}").status_code == status
    listed = caller.get(RATINGS)
    if status == 404:
        assert rated[2] not in {row["id"] for row in listed.json()["items"]}
    else:
        assert listed.status_code == status
    act = caller.post(f"{RATINGS}/{rated[2]}/acts", {"act": "contact", "words": "电话"})
    assert act.status_code == (401 if status == 401 else 404)


def test_a_window_does_not_follow_up(sign_in, rated):
    act = {"act": "contact", "words": "电话"}
    refused(sign_in(WINDOW).post(f"{RATINGS}/{rated[2]}/acts", act), 403, "not_allowed")


def test_a_bad_rating_is_followed_up_to_its_public_reply(sign_in, nobody, rated):
    _, received, key = rated
    lead, manager = sign_in(COORDINATOR), sign_in(MANAGER)
    path = f"{RATINGS}/{key}/acts"
    assert key in {row["id"] for row in lead.get(f"{RATINGS}?bad=true&state=bad").json()["items"]}
    for caller, body, state in (
        (lead, {"act": "contact", "words": "已致电"}, "contacted"),
        (lead, {"act": "ledger", "words": "增设窗口"}, "ledger"),
        (lead, {"act": "fix", "words": "已增设"}, "fixed"),
        (lead, {"act": "call-back", "words": "满意", "satisfied": True}, "called_back"),
        (manager, {"act": "close", "reply": "已增设窗口，减少跑动"}, "closed"),
    ):
        answer = caller.post(path, body)
        assert (answer.status_code, answer.json()["state"]) == (200, state), answer.text
    refused(lead.post(path, {"act": "contact", "words": "再"}), 409, "conflict")
    public = nobody.get(f"{RATINGS}/published")
    (row,) = [row for row in public.json()["items"] if row["reply"] == "已增设窗口，减少跑动"]
    assert set(row) == {"matter", "title", "region", "grade", "grade_label", "reply", "closed_on"}
    assert received.no not in public.text and "跑了三趟" not in public.text
    shown = nobody.get(f"/api/v1/progress/{received.no}", headers={"X-Progress-Code": received.code}).json()
    assert shown["cases"][0]["rating"]["reply"] == "已增设窗口，减少跑动"


def test_what_is_asked_for_wrongly_is_said_in_words(sign_in, rated):
    lead = sign_in(COORDINATOR)
    refused(lead.get(f"{RATINGS}?state=furious"), 422, "invalid")
    refused(lead.post(f"{RATINGS}/{rated[2]}/acts", {"act": "forget"}), 422, "invalid")
    refused(lead.get(f"{RATINGS}/0"), 404, "not_found")
    refused(lead.get(f"{RATINGS}/{2**62}"), 404, "not_found")

"""Settings of matters over HTTP: read whole, set one by one, all that is wrong said at once, followed by the guide."""

from __future__ import annotations

import pytest

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import officer

KEEPER = officer(R.ADMINISTRATOR, D.SUPERVISION)
WHY = {"reason": "联席会议议定", "basis": "平政办〔2026〕8号"}
ROOT = "/api/v1/matters/schooling"


@pytest.mark.parametrize(
    ("path", "setting", "change", "restored"),
    [
        ("promise", "promised_days", {"promised_days": 9}, 7),
        ("promisable", "promisable", {"promisable": ["vaccination", "kinship"]}, ["contract", "vaccination"]),
        ("supplement-days", "supplement_days", {"supplement_days": 6}, 10),
        ("appeal-days", "appeal_days", {"appeal_days": 5}, 3),
        ("reply-days", "reply_days", {"reply_days": 2}, 1),
        ("fix-days", "fix_days", {"fix_days": 10}, 5),
        ("gap-late", "gap_late", {"gap_late": "refused"}, "withdrawn"),
        ("alarms/step", "alarms/step", {"amber": 2, "red_after": 4, "recipients": {"handler": "amber"}}, None),
    ],
)
def test_a_setting_is_put_read_back_with_who_and_why_and_restored(sign_in, path, setting, change, restored):
    keeper = sign_in(KEEPER)
    answer = keeper.http.put(f"{ROOT}/{path}", json=change | WHY)
    assert answer.status_code == 200, answer.text
    settings = keeper.get(f"{ROOT}/settings").json()
    one = next(item for item in settings["items"] if item["setting"] == setting)
    wanted = change if setting.startswith("alarms") else next(iter(change.values()))
    in_force = sorted(one["in_force"]) if isinstance(wanted, list) else one["in_force"]
    assert (in_force, one["adjusted"]) == (sorted(wanted) if isinstance(wanted, list) else wanted, True)
    assert (one["reason"], one["basis"]) == (WHY["reason"], WHY["basis"])
    assert one["by"] and one["at"].endswith("+08:00")
    assert settings["versions"][0]["changed"] == [setting]
    assert keeper.http.put(f"{ROOT}/{path}", json=change | WHY).status_code == 409
    assert keeper.http.put(f"{ROOT}/{path}", json={"reason": "恢复"}).status_code == 200
    one = next(item for item in keeper.get(f"{ROOT}/settings").json()["items"] if item["setting"] == setting)
    assert (one["adjusted"], one["reason"], one["in_force"]) == (False, "恢复", one["by_definition"])
    if restored is not None:
        assert one["in_force"] == restored


def test_the_guide_and_the_form_follow_which_papers_may_be_promised(sign_in):
    keeper = sign_in(KEEPER)
    keeper.http.put(f"{ROOT}/promisable", json={"promisable": ["kinship"], **WHY})
    guide = keeper.get(ROOT).json()
    assert [one["code"] for one in guide["materials"] if one["gap_allowed"]] == ["kinship"]
    for codes, may in (
        ("schooling", ["kinship"]),
        ("schooling,settlement", ["marriage_certificate", "photo", "unit_consent"]),
    ):
        papers = keeper.get(f"/api/v1/matters/merged?codes={codes}").json()["$defs"]["MaterialIn"]
        assert papers["then"]["properties"]["code"]["enum"] == may
    keeper.http.put(f"{ROOT}/promisable", json={"reason": "恢复"})


def test_a_bad_setting_is_refused_with_everything_and_changes_nothing(sign_in):
    keeper = sign_in(KEEPER)
    before = keeper.get(f"{ROOT}/settings").json()
    for path, body, fields in (
        ("promisable", {"promisable": ["id_card", "no_such"]}, {"/promisable/0", "/promisable/1"}),
        ("alarms/promised", {"amber": 30, "red_after": 1}, {"/amber", "/red_after"}),
        ("alarms/promised", {"recipients": {"window": "red"}}, {"/recipients"}),
        ("alarms/statutory", {"amber": 1}, {"/kind"}),
        ("supplement-days", {"supplement_days": 61}, {"/supplement_days"}),
        ("fix-days", {"fix_days": 16}, {"/fix_days"}),
        ("gap-late", {"gap_late": "void"}, {"/gap_late"}),
        ("promise", {"promised_days": 2}, {"/promised_days"}),
    ):
        answer = keeper.http.put(f"{ROOT}/{path}", json=body | WHY)
        assert answer.status_code == 422, (path, answer.text)
        assert {error["field"] for error in answer.json()["errors"]} == fields
    assert keeper.http.put(f"{ROOT}/promisable", json={"promisable": []}).status_code == 422  # says not why
    assert keeper.http.put(f"{ROOT}/alarms/rating", json=WHY).status_code == 404
    assert keeper.get("/api/v1/matters/nothing/settings").status_code == 404
    assert keeper.get(f"{ROOT}/settings").json() == before


def test_what_makes_no_sense_is_said_together_with_a_missing_reason(sign_in):
    keeper = sign_in(KEEPER)
    for path, body, fields in (
        ("promisable", {"promisable": ["id_card"]}, {"/reason", "/promisable/0"}),
        ("promise", {"promised_days": 2, "basis": 7}, {"/reason", "/basis", "/promised_days"}),
        ("alarms/promised", {"amber": "x", "recipients": {"window": "red"}}, {"/reason", "/amber", "/recipients"}),
        ("fix-days", {"fix_days": 9}, {"/reason"}),
    ):
        answer = keeper.http.put(f"{ROOT}/{path}", json=body)
        assert answer.status_code == 422, (path, answer.text)
        assert {error["field"] for error in answer.json()["errors"]} == fields


def test_a_preview_says_what_would_change_and_changes_nothing(sign_in):
    keeper = sign_in(KEEPER)
    before = keeper.get(f"{ROOT}/settings").json()
    answer = keeper.http.put(f"{ROOT}/fix-days?preview=true", json={"fix_days": 9})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert (told["before"], told["after"], told["words"]) == (5, 9, ["5个工作日", "9个工作日"])
    assert told["restores"] is False and "此前已收件的办件不受影响" in told["effects"][0]
    alarm = {"amber": 2, "red_after": 4, "recipients": {"handler": "amber"}}
    told = keeper.http.put(f"{ROOT}/alarms/step?preview=true", json=alarm).json()
    assert (told["setting"], told["nobody_told"]) == ("alarms/step", [])
    assert "满4个工作日红牌" in told["words"][1]
    wrong = keeper.http.put(f"{ROOT}/promise?preview=true", json={"promised_days": 2})
    assert {error["field"] for error in wrong.json()["errors"]} == {"/promised_days"}
    assert keeper.http.put(f"{ROOT}/fix-days?preview=true", json={}).status_code == 409
    assert keeper.get(f"{ROOT}/settings").json() == before
    elsewhere = sign_in(officer(R.HANDLER, D.EDUCATION))
    assert elsewhere.http.put(f"{ROOT}/fix-days?preview=true", json={"fix_days": 9}).status_code == 403

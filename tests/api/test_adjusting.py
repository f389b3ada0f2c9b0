"""Settings in words: of a limit only what can happen to it is said, and put back as it was read it changes nothing."""

from __future__ import annotations

import pytest

from api.adjusting import effects_of, words_of
from flows.alarms import Watched, kinds_of, rungs_at
from flows.registry import matters
from flows.sla import Light
from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import officer

KINDS = [(code, kind) for code, matter in matters().items() for kind in kinds_of(matter)]


@pytest.mark.parametrize(("code", "kind"), KINDS)
def test_only_lights_that_turn_are_said(code: str, kind: Watched) -> None:
    matter = matters()[code]
    said = words_of(matter, ("alarms", kind.value))
    never = [light for light in (Light.AMBER, Light.YELLOW, Light.RED) if light not in rungs_at(matter, kind)]
    assert [light for light in never if f"{light.label}起告知" in said] == []
    assert f"{rungs_at(matter, kind)[0].label}起告知" in said


def test_a_late_delivery_has_no_red_card_and_a_certificate_no_warning_either() -> None:
    matter = matters()["settlement"]
    delivery, certificate = (("alarms", kind.value) for kind in (Watched.DELIVERY, Watched.CERTIFICATE))
    assert words_of(matter, delivery) == "剩余2个工作日提醒；临期起告知综合窗口"
    assert effects_of(matter, delivery)[0].startswith("提醒的时间，自保存起")
    assert len(effects_of(matter, certificate)) == 1, "none of its moments can be set"
    assert effects_of(matter, ("alarms", Watched.STEP.value))[0].startswith("提醒和红牌的时间，")


@pytest.mark.parametrize("kind", kinds_of(matters()["green_channel"]))
def test_an_alarm_put_back_as_it_was_read_holds_and_changes_nothing(sign_in, kind) -> None:
    keeper = sign_in(officer(R.ADMINISTRATOR, D.SUPERVISION))
    root = "/api/v1/matters/green_channel"
    settings = keeper.get(f"{root}/settings").json()["items"]
    held = next(one["in_force"] for one in settings if one["setting"] == f"alarms/{kind}")
    told = keeper.http.put(f"{root}/alarms/{kind}?preview=true", json={"recipients": held["recipients"]})
    assert told.status_code == 200, told.text
    assert told.json()["words"][0] == told.json()["words"][1]

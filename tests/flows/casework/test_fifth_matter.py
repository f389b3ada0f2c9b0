"""A fifth and a sixth matter, two files each: forms, intake, plan, joins and edges know them without naming them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import api
import flows
import forms
import infra
from flows.registry import matters, passes
from tests.kit.hall import Hall
from tests.kit.more import HERE, more_matters

FLAT = {"flat": {"estate": "青年公寓"}}
BOTH = {**FLAT, "parking": {"plate": "鲁B00000"}}
CHECKS = ("income", "home", "police")


@pytest.fixture(scope="module", autouse=True)
def added() -> Iterator[None]:
    with more_matters():
        yield


@pytest.fixture
def flat(hall: Hall) -> str:
    """The case of somebody who asks for a flat."""
    return hall.open("flat", forms=FLAT)["flat"]


def test_a_new_matter_is_two_files_and_nothing_else_names_it() -> None:
    assert {path.stem for path in HERE.rglob("*.py")} - {"__init__"} == {"flat", "parking"}
    assert {"flat", "parking"} < set(matters()) and set(passes()) == set(matters())
    for room in (api, flows, forms, infra):
        for path in Path(room.__file__).parent.rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            assert '"flat"' not in source and '"parking"' not in source, path


def test_its_plan_is_materialised_at_acceptance(hall: Hall, flat: str) -> None:
    assert hall.status(flat) == {
        "income": "pending",
        "home": "pending",
        "police": "pending",
        "opinion": "pending",
        "family": "not_applicable",
        "decision": "blocked",
        "keys": "blocked",
        "survey": "blocked",
    }


def test_two_of_three_open_the_decision(hall: Hall, flat: str) -> None:
    hall.refuse(hall.no(flat, "home"))
    hall.approve(hall.no(flat, "income"))
    assert hall.status(flat)["decision"] == "blocked"
    hall.approve(hall.no(flat, "police"))
    assert hall.status(flat)["decision"] == "pending"


def test_the_third_may_finish_before_the_case_closes(hall: Hall, flat: str) -> None:
    hall.finish(flat, but=("home", "opinion"))
    assert hall.case(flat).status == "in_progress"
    hall.approve(hall.no(flat, "home"))
    assert hall.case(flat).status == "closed_ok"
    assert hall.status(flat)["opinion"] == "not_applicable"


def test_a_refusal_lets_the_others_finish_and_then_holds(hall: Hall, flat: str) -> None:
    hall.refuse(hall.no(flat, "income"))
    hall.refuse(hall.no(flat, "home"))
    assert (hall.case(flat).status, hall.status(flat)["police"]) == ("in_progress", "pending")
    hall.approve(hall.no(flat, "police"))
    case = hall.case(flat)
    assert (case.status, case.reason_code) == ("closed_refused", "not_eligible")


def test_a_refusal_taken_back_gives_the_decision_back(hall: Hall, flat: str) -> None:
    hall.refuse(hall.no(flat, "income"))
    home = hall.no(flat, "home")
    hall.refuse(home)
    assert hall.status(flat)["decision"] == "not_applicable"
    by = next(one for one in hall.officers if one.id == hall.task(home).signers[-1])
    hall.act(home, "retract", by)
    assert hall.status(flat)["decision"] == "blocked"
    hall.approve(home)
    hall.approve(hall.no(flat, "police"))
    assert hall.status(flat)["decision"] == "pending"


def test_what_follows_in_its_own_time_is_decided_after_the_case_closed(hall: Hall, flat: str) -> None:
    hall.finish(flat, but=("survey",))
    assert (hall.case(flat).status, hall.status(flat)["survey"]) == ("closed_ok", "pending")
    hall.approve(hall.no(flat, "survey"))
    assert hall.status(flat)["survey"] == "approved"
    assert hall.acts(flat).count("close-ok") == 1


def test_a_matter_that_needs_another_waits_for_it_and_then_goes_on(hall: Hall) -> None:
    nos = hall.open("flat", "parking", forms=BOTH)
    hall.approve(hall.no(nos["parking"], "vehicle"))
    hall.refuse(hall.no(nos["parking"], "space"))
    assert hall.status(nos["parking"])["decision"] == "blocked"
    hall.finish(nos["flat"])
    assert hall.status(nos["parking"])["decision"] == "pending"
    hall.approve(hall.no(nos["parking"], "decision"))
    assert hall.application(nos["no"]).status == "closed_ok"


def test_a_matter_that_needs_another_falls_with_it(hall: Hall) -> None:
    nos = hall.open("flat", "parking", forms=BOTH)
    hall.act(nos["flat"], "withdraw", hall.window, reason="改租其他住房")
    case = hall.case(nos["parking"])
    assert (case.status, case.reason_code) == ("closed_refused", "predecessor_failed")
    decision = hall.document(nos["parking"], "decision_refused").content
    assert decision["reason"] and decision["remedies"]
    assert hall.application(nos["no"]).status == "closed_refused"


def test_a_matter_accepted_later_waits_all_the_same(hall: Hall) -> None:
    nos = hall.open("flat", "parking", forms=BOTH, accept=False)
    hall.act(nos["parking"], "accept", hall.window)
    hall.finish(nos["parking"])
    assert hall.status(nos["parking"])["decision"] == "blocked"
    hall.act(nos["flat"], "decline", hall.window, kind="not_required", reason_code="has_home", reason="本地已有住房")
    assert hall.case(nos["parking"]).status == "closed_refused"


def test_a_veto_ends_the_case(hall: Hall) -> None:
    parking = hall.open("parking", forms=BOTH)["parking"]
    hall.approve(hall.no(parking, "space"))
    hall.refuse(hall.no(parking, "vehicle"))
    assert hall.case(parking).status == "closed_refused"


def test_one_person_decides_where_that_has_a_basis(hall: Hall) -> None:
    parking = hall.open("parking", forms=BOTH)["parking"]
    hall.finish(parking)
    decision = hall.task(parking, "decision")
    assert (hall.case(parking).status, len(decision.signers)) == ("closed_ok", 1)
    assert decision.single_basis


def test_a_shared_paper_is_asked_for_once(hall: Hall) -> None:
    nos = hall.open("flat", "parking", "green_channel", forms=BOTH)
    rows = hall.rows(
        "SELECT m.* FROM materials m JOIN applications a ON a.id = m.application_id WHERE a.no = :no", no=nos["no"]
    )
    card = [row for row in rows if row.code == "id_card"]
    assert len(card) == 1 and set(card[0].matters) == {"flat", "parking", "green_channel"}

"""The list of papers grows certain as the form is filled in, and is the checklist once it is."""

from __future__ import annotations

from forms.expected import expected, subjects
from forms.materials import checklist
from tests.forms.samples import FORMS, TODAY, body, read


def test_a_finished_form_has_its_very_checklist() -> None:
    intake = read(body(*FORMS))
    wanted = {item.material.code: (item.matters, item.required) for item in checklist(intake.applicant, intake.forms)}
    told = expected(body(*FORMS), FORMS, TODAY)
    assert {one.material.code: (one.matters, one.required) for one in told} == wanted
    assert all(one.sure for one in told)


def test_what_hangs_on_a_fact_not_known_yet_is_not_sure() -> None:
    told = {one.material.code: one.sure for one in expected({}, {"settlement": FORMS["settlement"]}, TODAY)}
    assert told["id_card"] and not told["host_consent"]
    half = {"matters": {"settlement": {"address_option": 1}}}
    assert "host_consent" not in {one.material.code for one in expected(half, FORMS, TODAY)}


def test_whatever_stands_in_a_draft_a_list_can_be_told() -> None:
    for draft in ({"applicant": 3, "matters": []}, {"applicant": {"kind": ["x"]}, "matters": {"settlement": "x"}}):
        assert expected(draft, FORMS, TODAY)


def test_whom_a_matter_counts_by_is_told_as_soon_as_it_is_filled_in() -> None:
    whole = body(*FORMS)
    assert subjects(whole, FORMS, TODAY) == read(whole).subjects()
    del whole["matters"]["schooling"]["child_id"]
    assert "schooling" not in subjects(whole, FORMS, TODAY)
    assert subjects({}, FORMS, TODAY) == {}

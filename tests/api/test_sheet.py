"""The sheet: every form of every matter is drawn and read back as the very same application."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from starlette.datastructures import FormData

from api.sheet.drawn import Blank, Drawing
from api.sheet.filled import Filled, without_row
from api.sheet.months import months_in, written
from api.sheet.plan import Plan, plan_of
from flows.registry import matters
from forms.intake import read_intake
from forms.schema import merged_schema
from infra.demo.day import turns
from infra.demo.filing import Filing, file

FORMS = {code: matter.form for code, matter in matters().items()}
REGIONS = {"370283": "平度市", "370285": "莱西市"}


def plan_for(body: dict[str, Any]) -> Plan:
    chosen = {code: FORMS[code] for code in body["matters"]}
    return plan_of(merged_schema(chosen, REGIONS), body["applicant"]["kind"])


def blanks_of(body: dict[str, Any], plan: Plan) -> list[Blank]:
    drawing = Drawing(body)
    found = drawing.blanks("/applicant", plan.applicant)
    for code, (_, parts) in plan.matters.items():
        found += drawing.blanks(f"/matters/{code}", parts)
    return [*found, drawing.blank("/mandate", plan.mandate, body.get("mandate"))]


def sent(blanks: list[Blank]) -> Iterator[tuple[str, str]]:
    """What a browser sends of these fields when nobody touches them."""
    for blank in blanks:
        if blank.piece.kind in ("group", "rows", "lines"):
            yield from sent([*blank.parts, *(one for row in blank.rows for one in row)])
        elif blank.options:
            chosen = [code for code, _, ticked in blank.options if ticked]
            yield from ((blank.name, code) for code in chosen or ([""] if blank.piece.kind == "choice" else []))
        else:
            yield blank.name, str(blank.value)


def again(body: dict[str, Any]) -> dict[str, Any]:
    plan = plan_for(body)
    return {**body, **Filled(FormData(list(sent(blanks_of(body, plan))))).body(plan)}


@pytest.fixture(scope="module")
def filings() -> list[Filing]:
    return file(turns())


def test_every_application_of_the_demo_day_is_drawn_and_read_back_the_same(filings: list[Filing]) -> None:
    seen = set()
    for filing in filings:
        day = filing.turn.story.on
        first = read_intake(filing.body, FORMS, today=day, regions=REGIONS)
        second = read_intake(again(filing.body), FORMS, today=day, regions=REGIONS)
        assert second.document(masked=False) == first.document(masked=False)
        seen |= set(first.forms)
    assert seen == set(FORMS) and len(filings) > 20


def test_every_kind_of_field_is_drawn(filings: list[Filing]) -> None:
    def kinds(pieces: Any) -> set[str]:
        return {kind for piece in pieces for kind in (piece.kind, *kinds(piece.parts))}

    found = set()
    for filing in filings:
        plan = plan_for(filing.body)
        found |= kinds([*plan.applicant, plan.mandate, *(p for _, parts in plan.matters.values() for p in parts)])
    assert found == {
        "text", "long", "date", "month", "number", "choice", "yesno", "file", "hidden", "many", "picked", "months",
        "lines", "rows", "group",
    }  # fmt: skip


def test_a_field_that_no_form_asks_for_stays_to_be_refused() -> None:
    body: dict[str, Any] = {"applicant": {"kind": "person"}, "matters": {"settlement": {}}}
    form = FormData([("/applicant/talent_score", "9"), ("/matters/settlement/amount", "1"), ("/status", "approved")])
    read = Filled(form).body(plan_for(body))
    assert read["applicant"]["talent_score"] == "9" and read["matters"]["settlement"]["amount"] == "1"
    assert read["status"] == "approved"


def test_who_is_ticked_in_the_family_is_meant_by_the_number_typed_there() -> None:
    body: dict[str, Any] = {"applicant": {"kind": "person"}, "matters": {"settlement": {}}}
    given = [("/applicant/family/3/name", "王小测"), ("/applicant/family/3/id_number", "370283201908310006")]
    read = Filled(FormData([*given, ("/matters/settlement/relatives", "#3")])).body(plan_for(body))
    assert read["matters"]["settlement"]["relatives"] == ["370283201908310006"]
    assert [member["name"] for member in read["applicant"]["family"]] == ["王小测"]


def test_a_row_is_taken_out_and_a_wrong_place_passed_over() -> None:
    body: dict[str, Any] = {"applicant": {"family": [{"name": "甲"}, {"name": "乙"}]}}
    for nowhere in ("/applicant/family/9", "/applicant/none/0", "/applicant/name", "/x"):
        without_row(body, nowhere)
    without_row(body, "/applicant/family/0")
    assert body == {"applicant": {"family": [{"name": "乙"}]}}


def test_months_are_written_as_spans_and_read_back() -> None:
    months = ["2025-11", "2025-12", "2026-01", "2026-03"]
    assert written(months) == "2025-11至2026-01、2026-03"
    assert months_in(written(months)) == months == months_in("2025-11 2025-12，2026-01;2026-03")
    assert months_in("去年 2026-13") == ["去年", "2026-13"]
    assert len(months_in("0000-01至9999-12")) == 1


def test_fields_that_depend_on_another_say_on_which() -> None:
    body: dict[str, Any] = {"applicant": {"kind": "person"}, "matters": {"settlement": {}}}
    by_name = {blank.name: blank for blank in blanks_of(body, plan_for(body))}
    host = by_name["/matters/settlement/host_name"]
    assert (host.watched, host.shown_for) == ("/matters/settlement/address_option", "2")
    assert all(re.fullmatch(r"(/[a-z0-9_]+)+", name) for name in by_name)


def test_whatever_stands_in_a_draft_can_be_drawn() -> None:
    odd = {"applicant": {"kind": "person", "family": {"a": 1}, "education": "x", "name": ["y"], "sex": {}},
           "matters": {"subsidy": {"insured_months": 3, "hires": [1, {"level": []}], "months": "many"}}}  # fmt: skip
    assert list(sent(blanks_of(odd, plan_for(odd))))

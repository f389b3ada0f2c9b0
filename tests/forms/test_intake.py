"""One intake: everything wrong at once, by pointer; whatever is sent is an intake or a clear refusal."""

import math
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from forms.errors import Invalid
from forms.intake import Intake, correct
from forms.materials import checklist
from forms.vocabulary import MaterialState
from tests.forms.samples import CHILD, WANG, body, doubts, error_list, errors, read, spoil


def test_a_complete_application_for_four_matters_is_read() -> None:
    intake = read(body())
    assert list(intake.forms) == ["settlement", "schooling", "green_channel", "subsidy"]
    assert intake.accept and intake.warnings == []
    assert [entry.state for entry in intake.materials] == [MaterialState.SHARED, MaterialState.PROMISED]


def test_an_online_application_is_not_accepted_on_the_spot() -> None:
    assert not read(spoil(body(), "/channel", "online")).accept


def test_one_open_application_is_counted_by_person_child_and_rule() -> None:
    assert read(body()).subjects() == {
        "settlement": WANG,
        "schooling": CHILD,
        "green_channel": WANG,
        "subsidy": f"{WANG}:P3b",
    }


def test_everything_wrong_with_every_matter_is_said_at_once() -> None:
    whole = body()
    spoil(whole, "/applicant/mobile", "12")
    spoil(whole, "/applicant/family/0/sex", "male")
    spoil(whole, "/applicant/education/school", ...)
    spoil(whole, "/applicant/hobby", "围棋")
    spoil(whole, "/matters/settlement/address_option", 4)
    spoil(whole, "/matters/settlement/target_address", "平\x00度")
    spoil(whole, "/matters/schooling/child_id", "370283202009010000")
    spoil(whole, "/matters/schooling/wishes", ["实验小学", "实验小学"])
    spoil(whole, "/matters/green_channel/services", [])
    spoil(whole, "/matters/subsidy/account_name", "李四")
    spoil(whole, "/matters/subsidy/rule_id", "P99")
    spoil(whole, "/matters/nonsense", {})
    spoil(whole, "/materials/1/code", "id_photo_xxl")
    spoil(whole, "/region", "999999")
    assert errors(whole) == {
        "/applicant/mobile": "mobile",
        "/applicant/family/0/sex": "mismatch",
        "/applicant/education/school": "required",
        "/applicant/hobby": "unknown_field",
        "/matters/settlement/why_not_higher": "order",
        "/matters/settlement/target_address": "control_character",
        "/matters/schooling/child_id": "check_digit",
        "/matters/schooling/wishes/1": "duplicate",
        "/matters/green_channel/services": "required",
        "/matters/subsidy/account_name": "payee",
        "/matters/subsidy/rule_id": "choice",
        "/matters/nonsense": "unknown_matter",
        "/materials/1/code": "unknown_material",
        "/region": "choice",
    }


def test_messages_are_chinese_and_name_the_field() -> None:
    whole = spoil(spoil(body(), "/applicant/mobile", ...), "/applicant/name", 7)
    assert {error.message for error in error_list(whole)} == {"请填写手机号码", "姓名应为文字"}


def test_a_rule_runs_although_other_fields_are_wrong() -> None:
    whole = spoil(body(), "/applicant/sex", "male")
    spoil(whole, "/applicant/mobile", "1")
    assert errors(whole)["/applicant/sex"] == "mismatch"


def test_what_is_asked_of_the_applicant_is_not_asked_again_under_a_matter() -> None:
    assert errors(spoil(body(), "/matters/settlement/mobile", "13800000000")) == {
        "/matters/settlement/mobile": "unknown_field"
    }


def test_a_matter_says_what_it_needs_of_the_head() -> None:
    whole = spoil(spoil(body("green_channel"), "/applicant/talent", ...), "/applicant/employment", ...)
    assert errors(whole) == {"/applicant/talent": "required", "/applicant/employment": "required"}


def test_a_paper_comes_in_exactly_one_way() -> None:
    assert errors(spoil(body(), "/materials/0", {"code": "id_card"})) == {"/materials/0": "one_way"}
    both = {"code": "id_card", "shared": True, "file": "f1"}
    assert errors(spoil(body(), "/materials/0", both)) == {"/materials/0": "one_way"}


def test_identity_can_never_be_promised() -> None:
    whole = spoil(body(), "/materials/0", {"code": "id_card", "promised": True})
    assert errors(whole) == {"/materials/0/promised": "not_promisable"}


def test_a_paper_is_listed_once_and_only_shared_where_data_is() -> None:
    assert errors(spoil(body(), "/materials/1", {"code": "id_card", "shared": True})) == {
        "/materials/1/code": "duplicate"
    }
    assert errors(spoil(body(), "/materials/1", {"code": "photo", "shared": True})) == {
        "/materials/1/shared": "not_shared"
    }


def test_a_promise_is_for_a_day_to_come() -> None:
    whole = spoil(body(), "/materials/1/deadline", "2026-09-17")
    assert errors(whole) == {"/materials/1/deadline": "past_date"}


def test_a_childs_data_needs_the_guardians_consent() -> None:
    assert errors(spoil(body(), "/consents", [])) == {"/consents": "consent_required"}
    assert errors(spoil(body(), "/consents/0/given_by", "applicant")) == {"/consents/0/given_by": "giver"}
    assert errors(spoil(body(), "/consents/0/version", "0")) == {"/consents/0/version": "version"}


def test_shared_papers_are_asked_for_once_and_results_of_the_bundle_not_at_all() -> None:
    intake = read(body())
    wanted = {item.material.code: item for item in checklist(intake.applicant, intake.forms)}
    assert wanted["id_card"].matters == ("settlement", "schooling", "green_channel", "subsidy")
    assert wanted["degree"].matters == ("settlement", "subsidy")
    assert wanted["household_book"].matters == ("settlement",)
    alone = spoil(body("schooling"), "/matters/schooling/hukou_in_district", True)
    alone_intake = read(alone)
    codes = [item.material.code for item in checklist(alone_intake.applicant, alone_intake.forms)]
    assert "household_book" in codes


@pytest.mark.parametrize("pointer", ["/applicant/id_number", "/matters/settlement/host_id"])
def test_an_officer_may_let_a_failing_check_character_through_with_a_reason(pointer: str) -> None:
    number = "370283199506150001"
    whole = spoil(body("settlement"), pointer, number)
    assert errors(whole) == {pointer: "check_digit"}
    whole["overrides"] = [{"field": pointer, "reason": "户籍系统核实确系原发号码"}]
    assert doubts(whole) == {pointer: "check_digit_overridden"}
    assert read(whole).overrides[0].reason == "户籍系统核实确系原发号码"
    spoil(whole, "/channel", "online")
    assert errors(whole) == {"/overrides/0": "not_allowed"}


def test_only_the_check_character_can_be_let_through() -> None:
    whole = spoil(body(), "/applicant/id_number", "370283199502300001")
    whole["overrides"] = [{"field": "/applicant/id_number", "reason": "经核实"}]
    assert errors(whole) == {"/applicant/id_number": "birth_date"}


def test_a_number_that_is_right_need_not_be_let_through() -> None:
    whole = {**body(), "overrides": [{"field": "/applicant/id_number", "reason": "以防万一"}]}
    assert errors(whole) == {"/overrides/0": "not_needed"}
    whole["overrides"] = [{"field": "/applicant/nothing", "reason": "笔误"}]
    assert errors(whole) == {"/overrides/0/field": "no_such_value"}


def test_a_correction_changes_what_it_names_and_nothing_else() -> None:
    whole = correct(body(), {"applicant": {"mobile": "13700000000", "talent": None}, "matters": {"subsidy": None}})
    assert whole["applicant"]["mobile"] == "13700000000"
    assert "talent" not in whole["applicant"] and "subsidy" not in whole["matters"]
    assert whole["matters"]["settlement"] == body()["matters"]["settlement"]


def test_a_masked_value_sent_back_is_no_change() -> None:
    shown = read(body()).document()
    whole = correct(body(), {"applicant": shown["applicant"], "matters": shown["matters"]})
    assert read(whole).subjects() == read(body()).subjects()


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from([WANG, "person", 10**400]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def outcome(whole: object) -> Intake | Invalid:
    try:
        return read(whole)
    except Invalid as invalid:
        assert invalid.errors and all(error.message and error.code for error in invalid.errors)
        for error in invalid.errors:
            error.field.encode(), error.message.encode()
        return invalid


@given(JSON)
@settings(max_examples=60)
@example({"applicant": {"kind": ["person"]}, "matters": []})
@example(
    {"applicant": None, "matters": {"settlement": None}, "materials": {}, "mandate": [], "overrides": [{"field": 3}]}
)
@example({"\ud800": 1})
@example(
    {"applicant": {"kind": "person", "name": "\ud800"}, "matters": {"settlement": {"relatives": [[], {}, math.nan]}}}
)
def test_any_json_is_an_intake_or_a_clear_refusal(whole: object) -> None:
    outcome(whole)


def places(value: Any, pointer: str = "") -> list[str]:
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [pointer] * bool(pointer) + [place for key, entry in inside for place in places(entry, f"{pointer}/{key}")]


PLACES = places(body())


@given(st.lists(st.tuples(st.sampled_from(PLACES), JSON), min_size=1, max_size=3))
@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
def test_an_application_spoiled_anywhere_is_an_intake_or_a_clear_refusal(damage: list[tuple[str, Any]]) -> None:
    whole = body()
    for pointer, value in damage:
        try:
            spoil(whole, pointer, value)
        except (KeyError, IndexError, TypeError, ValueError):
            continue
    outcome(whole)


@given(st.sampled_from(PLACES))
@settings(max_examples=len(PLACES))
def test_what_is_left_out_is_either_optional_or_said_to_be_missing(pointer: str) -> None:
    result = outcome(spoil(body(), pointer, ...))
    assert isinstance(result, Intake) or all(error.field for error in result.errors)


def test_what_makes_a_value_unusable_is_said_by_the_title_of_its_field() -> None:
    whole = spoil(body(), "/matters/settlement/target_address", "长" * 2001)
    spoil(whole, "/applicant/family/0/name", "长" * 2001)
    spoil(whole, "/applicant/education/school", "海\x07大")
    found = {error.field: error.message for error in error_list(whole)}
    assert found["/matters/settlement/target_address"] == "拟落户地址不能超过500个字", "the field's own length"
    assert found["/applicant/family/0/name"].startswith("姓名")
    assert found["/applicant/education/school"] == "毕业院校含有控制字符等不能使用的字符"


@pytest.mark.parametrize(
    ("whole", "code"),
    [
        ([], "type"),
        (None, "type"),
        ({}, "required"),
        ({"matters": {}}, "required"),
        ({"applicant": {}, "x": [[[[[[[[[[[[[[[]]]]]]]]]]]]]]]}, "too_deep"),
        ({"materials": [{"code": "x", "shared": True}] * 100_000}, "too_large"),
        ({"note": "长" * 3000}, "too_long"),
        ({f"field{number}": 1 for number in range(301)}, "too_large"),
        ({"n": 10**400}, "range"),
        ({"n": math.nan}, "type"),
        ({"a\x00b": 1}, "control_character"),
    ],
)
def test_bodies_beyond_all_measure_are_refused_with_a_code(whole: object, code: str) -> None:
    assert code in {error.code for error in error_list(whole)}


def test_more_than_two_hundred_papers_are_refused() -> None:
    whole = spoil(body(), "/materials", [{"code": "id_card", "shared": True}] * 201)
    assert errors(whole) == {"/materials": "too_many"}

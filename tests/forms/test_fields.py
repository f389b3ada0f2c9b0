"""Field types: the golden vectors of the numbers, and that any one slip is found."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError
from stdnum.cn import uscc

from forms.fields import (
    BankCard,
    BankCode,
    CreditCode,
    Day,
    LongText,
    Mobile,
    Month,
    PersonName,
    PostalCode,
    ResidentId,
    ShortText,
    YesNo,
    birth_of,
    check_character,
    luhn,
    nature_of,
    resident_id_finding,
    sex_of,
)
from forms.identity import county_is_known
from forms.terms import EmployerNature, Sex

GOOD_IDS = [
    "11010519491231002X",  # the standard's own examples
    "440524188001010014",
    "370283201908310006",
    "370283201909010005",
    "370283199506150003",
    "911124198108030024",  # foreigner's permanent residence of 2023
]


def code_of(annotation: Any, value: object) -> str | None:
    try:
        TypeAdapter(annotation).validate_python(value)
    except ValidationError as error:
        return str(error.errors()[0]["type"])
    return None


@pytest.mark.parametrize("number", GOOD_IDS)
def test_issued_identity_numbers_are_valid(number: str) -> None:
    assert TypeAdapter(ResidentId).validate_python(number) == number


@pytest.mark.parametrize("prefix", ["810000", "820000", "830000", "370222", "370299"])
def test_residence_permits_and_abolished_or_unknown_counties_are_valid(prefix: str) -> None:
    seventeen = f"{prefix}19900307000"
    assert resident_id_finding(seventeen + check_character(seventeen)) is None


def test_a_county_is_known_if_it_exists_or_existed() -> None:
    assert county_is_known("370283") and county_is_known("370222")
    assert not county_is_known("370299")


def test_a_small_or_full_width_x_is_written_as_the_standard_does() -> None:
    assert TypeAdapter(ResidentId).validate_python(" １１０１０５19491231002ｘ ") == GOOD_IDS[0]


@pytest.mark.parametrize(
    ("number", "code"),
    [
        ("110105491231002", "old_resident_id"),
        ("1101051949123100", "length"),
        ("A10105194912310020", "format"),
        ("000105194912310021", "area"),
        ("370283202302300000", "birth_date"),
        ("110105194912310021", "check_digit"),
    ],
)
def test_wrong_identity_numbers_say_what_is_wrong(number: str, code: str) -> None:
    assert code_of(ResidentId, number) == code


@given(st.sampled_from(GOOD_IDS), st.integers(0, 17), st.sampled_from("0123456789X"))
def test_any_single_slip_in_an_identity_number_is_found(number: str, place: int, digit: str) -> None:
    slipped = number[:place] + digit + number[place + 1 :]
    assert (resident_id_finding(slipped) is None) == (slipped == number)


@given(st.text(max_size=40))
def test_any_text_is_an_identity_number_or_is_refused_with_a_code(text: str) -> None:
    assert code_of(ResidentId, text) != ""


def test_birth_and_sex_are_read_from_the_number() -> None:
    assert birth_of("370283201908310006") == date(2019, 8, 31)
    assert sex_of("370283201908310006") == Sex.FEMALE
    assert sex_of("440524188001010014") == Sex.MALE
    assert birth_of("E12345678") is None and sex_of("E12345678") is None


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91370283MA00000009"])
def test_credit_codes_are_valid(code: str) -> None:
    assert TypeAdapter(CreditCode).validate_python(code.lower()) == code


@given(st.text("0123456789ABCDEFGHJKLMNPQRTUWXYI", min_size=17, max_size=19))
def test_credit_codes_agree_with_the_standard_library_of_numbers(code: str) -> None:
    assert (code_of(CreditCode, code) is None) == (len(code) == 18 and "I" not in code and uscc.is_valid(code))


def test_a_credit_code_says_what_its_holder_is() -> None:
    natures = [
        nature_of(code) for code in ("11370283", "12370283", "13370283", "51370283", "91370283", "92", "93", "N2")
    ]
    assert natures == [
        EmployerNature.GOVERNMENT,
        EmployerNature.INSTITUTION,
        EmployerNature.MASS_ORGANISATION,
        EmployerNature.SOCIAL_ORGANISATION,
        EmployerNature.ENTERPRISE,
        EmployerNature.INDIVIDUAL,
        EmployerNature.COOPERATIVE,
        EmployerNature.OTHER,
    ]


def test_the_luhn_check_knows_a_good_card() -> None:
    assert luhn("6228480402564890018")
    assert not luhn("6228480402564890019")


@pytest.mark.parametrize(
    ("annotation", "good", "bad", "code"),
    [
        (Mobile, "13800000000", "12800000000", "mobile"),
        (Mobile, "138 0000 0000", "1380000000", "mobile"),
        (BankCard, "6228 4804 0256 4890 018", "622848040256489", "bank_card"),
        (BankCode, "102452004321", "10245200432", "bank_code"),
        (PostalCode, "266700", "26670", "postal_code"),
        (Month, "2026-09", "2026-13", "month"),
        (Day, "2026-09-18", "2026-02-30", "date"),
        (Day, "2024-02-29", "20260918", "date"),
        (Day, "1900-01-01", 1700000000, "date"),
        (PersonName, "买买提•吐尔逊", "张3", "name"),
        (PersonName, "ＬＩ　Ｍｉｎｇ", "王", "name"),
        (YesNo, True, 1, "bool_type"),
        (ShortText, "小学", "小\t学", "string_pattern_mismatch"),
        (ShortText, "小学", "   ", "string_too_short"),
        (ShortText, "小学", "学" * 31, "string_too_long"),
        (LongText, "一行\n两行", "一\x00行", "string_pattern_mismatch"),
        (LongText, "平度", "平\u202e度", "string_pattern_mismatch"),
    ],
)
def test_fields_check_themselves(annotation: Any, good: object, bad: object, code: str) -> None:
    assert code_of(annotation, good) is None
    assert code_of(annotation, bad) == code


def test_names_are_written_one_way() -> None:
    names = TypeAdapter(PersonName)
    assert names.validate_python("买买提•吐尔逊") == names.validate_python("买买提·吐尔逊")
    assert names.validate_python("ＬＩ　Ｍｉｎｇ") == "LI Ming"

"""Numbers check themselves: a mistyped one is told from one that was given out."""

from __future__ import annotations

import string
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from forms.errors import NotFound
from forms.vocabulary import DocumentKind
from infra import numbers

DAY = date(2026, 9, 18)
ALPHABET = string.digits + string.ascii_uppercase


@st.composite
def given_numbers(draw: st.DrawFn) -> str:
    no = numbers.application_number(
        draw(st.from_regex(r"[1-8][0-9]{5}", fullmatch=True)),
        draw(st.dates(date(2020, 1, 1), date(2099, 12, 31))),
        draw(st.integers(1, 10**8)),
    )
    depth = draw(st.integers(0, 2))
    if depth:
        no = numbers.case_number(no, draw(st.integers(1, numbers.CASES_MAX)))
    if depth == 2:
        no = numbers.task_number(no, draw(st.integers(1, numbers.TASKS_MAX)))
    return no


def test_numbers_read_as_the_offices_write_them() -> None:
    application = numbers.application_number("370283", DAY, 12)
    case = numbers.case_number(application, 1)
    task = numbers.task_number(case, 3)
    assert application[:-1] == "RC-370283-20260918-000012-"
    assert case[:-1] == f"{application}-1"
    assert task[:-1] == f"{case}-03"
    assert len(task) <= 50, "GB/T 39046: at most 50 characters"


@given(given_numbers())
def test_a_number_contains_those_above_it(no: str) -> None:
    assert numbers.is_valid(no)
    assert no.startswith(numbers.application_of(no))
    if no.count("-") > 4:
        assert no.startswith(numbers.case_of(no))


@given(given_numbers(), st.data())
def test_any_single_wrong_character_is_found(no: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(no) - 1))
    wrong = data.draw(st.sampled_from(ALPHABET + "-*，x"))
    assume(wrong != no[at])
    assert not numbers.is_valid(no[:at] + wrong + no[at + 1 :])


@given(given_numbers(), st.data())
def test_two_swapped_neighbours_are_found_unless_they_differ_by_one(no: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(no) - 2))
    left, right = no[at], no[at + 1]
    assume(left != right)
    if left != "-" and right != "-":
        assume(abs(ALPHABET.index(left) - ALPHABET.index(right)) not in {1, 35})
    assert not numbers.is_valid(no[:at] + right + left + no[at + 2 :])


def test_of_all_swaps_of_neighbours_fewer_than_one_in_two_hundred_pass() -> None:
    swaps = missed = 0
    for seq in range(1, 501):
        no = numbers.application_number("370283", DAY, seq * 1237)
        for at in range(len(no) - 1):
            if no[at] != no[at + 1]:
                swaps += 1
                missed += numbers.is_valid(no[:at] + no[at + 1] + no[at] + no[at + 2 :])
    assert missed / swaps < 0.005


@pytest.mark.parametrize("no", ["", "RC", "RC-370283-20260230-000001-0", "RC-370283-20260918-000012-K-1X-03Q\n", "１"])
def test_what_was_never_given_out_is_no_number(no: str) -> None:
    assert not numbers.is_valid(no)
    with pytest.raises(NotFound, match="编号有误"):
        numbers.application_of(no)


def test_an_application_number_names_no_case() -> None:
    with pytest.raises(NotFound):
        numbers.case_of(numbers.application_number("370283", DAY, 1))


@pytest.mark.parametrize("region, seq", [("37028", 1), ("37028３", 1), ("370283", 0), ("370283", 10**12)])
def test_no_number_is_made_for_a_foreign_region_or_sequence(region: str, seq: int) -> None:
    with pytest.raises(ValueError, match="no application number"):
        numbers.application_number(region, DAY, seq)


@pytest.mark.parametrize("position", [0, 36, 100])
def test_positions_outside_an_application_or_a_case_are_refused(position: int) -> None:
    application = numbers.application_number("370283", DAY, 1)
    with pytest.raises(ValueError, match="cases 1 to 35"):
        numbers.case_number(application, position)
    with pytest.raises(ValueError, match="tasks 1 to 99"):
        numbers.task_number(numbers.case_number(application, 1), 0 if position == 36 else position)


def test_every_kind_of_document_has_a_word_of_its_own() -> None:
    given_out = {numbers.document_number(kind, "RC-370283-20260918-000012-8", 3) for kind in DocumentKind}
    assert len(given_out) == len(DocumentKind)
    assert numbers.document_number(DocumentKind.ACCEPTANCE, "X-1", 2) == "受-X-1-2"
    assert numbers.document_number(DocumentKind.RECEIPT, "X") == "收-X"


def test_a_progress_code_has_no_letters_people_confuse_and_is_read_as_typed() -> None:
    codes = {numbers.progress_code() for _ in range(200)}
    assert len(codes) == 200
    assert not set("".join(codes)) & set("01ILO")
    code = codes.pop()
    assert numbers.read_progress_code(f" {code.lower().replace('-', '')} ") == code


@given(given_numbers(), st.sampled_from(["", " ", "－", "—", " - "]), st.booleans())
def test_a_number_is_read_as_people_type_it(no: str, between: str, small: bool) -> None:
    typed = between.join(no.split("-"))
    assert numbers.as_printed(f" {typed.lower() if small else typed} ") == no


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("", ""),
        ("rc-370283-2026", "RC-370283-2026"),
        ("RC 370283", "RC370283"),
        ("<b>rc</b>", "BRCB"),
        ("王小明", ""),
        ("RC37028320260918000012X", "RC37028320260918000012X"),
    ],
)
def test_what_can_be_no_number_stays_as_it_was_typed(typed: str, read: str) -> None:
    assert numbers.as_printed(typed) == read

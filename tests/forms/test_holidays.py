"""A year file is believed as a whole or not at all."""

from __future__ import annotations

import copy
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms.errors import Invalid
from forms.holidays import Holiday, read_day, read_year_table

FILE = {
    "$schema": "https://example.org/schema.json",
    "year": 2027,
    "papers": ["https://example.org/notice"],
    "days": [
        {"name": "元旦", "date": "2027-01-01", "isOffDay": True},
        {"name": "元旦", "date": "2026-12-27", "isOffDay": False},
    ],
}


def changed(**parts: object) -> dict[str, object]:
    return {**copy.deepcopy(FILE), **parts}


def day(**parts: object) -> dict[str, object]:
    return changed(days=[FILE["days"][0], {"name": "春节", "date": "2027-02-08", "isOffDay": True, **parts}])


def test_a_year_file_holds_the_days_of_its_notice_those_of_the_december_before_too() -> None:
    table = read_year_table(FILE)
    assert (table.year, table.papers) == (2027, ("https://example.org/notice",))
    assert table.days == (Holiday(date(2026, 12, 27), "元旦", True), Holiday(date(2027, 1, 1), "元旦", False))
    assert table.unnamed() == ("春节", "清明节", "劳动节", "端午节", "中秋节", "国庆节")
    assert read_year_table({"year": 2027, "days": table.as_file()}).days == table.days


@pytest.mark.parametrize(
    ("data", "pointer", "code"),
    [
        ([], "", "type"),
        (changed(year="2027"), "/year", "range"),
        (changed(year=True), "/year", "range"),
        (changed(year=1999), "/year", "range"),
        (changed(year=2026), "/days/0/date", "year"),
        (changed(papers="x"), "/papers", "type"),
        (changed(papers=[1]), "/papers", "type"),
        (changed(days={}), "/days", "type"),
        (changed(days=[]), "/days", "required"),
        (changed(days=["2027-01-01"]), "/days/0", "type"),
        (day(date="2027-02-30"), "/days/1/date", "date"),
        (day(date="20270208"), "/days/1/date", "date"),
        (day(date=20270208), "/days/1/date", "date"),
        (day(date="2028-01-01"), "/days/1/date", "year"),
        (day(date="2026-11-30"), "/days/1/date", "year"),
        (day(date="2027-01-01"), "/days/1/date", "duplicate"),
        (day(date="2027-01-01", isOffDay=False), "/days/1/date", "duplicate"),
        (day(name=""), "/days/1/name", "required"),
        (day(name=None), "/days/1/name", "required"),
        (day(isOffDay="yes"), "/days/1/isOffDay", "type"),
        (day(isOffDay=1), "/days/1/isOffDay", "type"),
    ],
)
def test_a_file_that_is_wrong_somewhere_is_refused_and_the_place_is_named(
    data: object, pointer: str, code: str
) -> None:
    with pytest.raises(Invalid) as refused:
        read_year_table(data)
    assert (pointer, code) in {(one.field, one.code) for one in refused.value.errors}
    assert refused.value.errors[0].message in refused.value.detail


def test_everything_wrong_is_told_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        read_year_table({"year": 1, "days": [{"date": "x"}, {"name": "春节", "date": "2027-02-30", "isOffDay": 3}]})
    assert {one.field for one in refused.value.errors} == {
        "/year", "/days/0/name", "/days/0/isOffDay", "/days/0/date", "/days/1/isOffDay", "/days/1/date",
    }  # fmt: skip


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12) | st.just("2027-01-01"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["year", "papers", "days", "name", "date", "isOffDay"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(anything)
def test_whatever_is_handed_in_is_read_or_refused_in_words(data: object) -> None:
    try:
        assert read_year_table(data).days
    except Invalid as refused:
        assert refused.errors


@pytest.mark.parametrize("text", ["2026-9-18", "20260918", "2026-W38-5", "2026-02-29", "２０２６-09-18", " 2026-09-18"])
def test_only_a_whole_and_real_date_is_a_day(text: str) -> None:
    with pytest.raises(ValueError, match=r"日期|没有"):
        read_day(text)

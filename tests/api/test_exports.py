"""Spreadsheets and charts: what people typed is never computed nor executed, numbers stay numbers."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from xml.etree import ElementTree

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import sheets
from api.drawing import DARK, PALE, Series, ceiling, columns, shares, stacked
from api.sheets import Column, Sheet

WORDS = "<script>alert(1)</script>&\"'"


@pytest.mark.parametrize(
    "typed", ["=1+1", "+1", "-1", "@SUM(A1)", "=cmd|'/c calc'!A1", "http://elsewhere.example", "12"]
)
def test_a_text_stays_the_text_that_was_typed(tmp_path: Path, typed: str) -> None:
    path = tmp_path / "list.xlsx"
    sheets.write(str(path), [Sheet("清单", [Column("内容", 10, lambda row: row)], [typed])])
    cell = openpyxl.load_workbook(path).active["A2"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (typed, "s", None)


def test_numbers_days_moments_and_answers_keep_their_kind(tmp_path: Path) -> None:
    path = tmp_path / "list.xlsx"
    row = [3, 0.5, date(2026, 9, 18), datetime(2026, 9, 18, 2, 5, tzinfo=UTC), True, None]
    titles = [Column(str(place), 10, lambda row, place=place: row[place]) for place in range(len(row))]
    sheets.write(str(path), [Sheet("清单", titles, [row])])
    found = [cell.value for cell in openpyxl.load_workbook(path).active[2]]
    assert found[:2] == [3, 0.5]
    assert found[2:4] == [datetime(2026, 9, 18), datetime(2026, 9, 18, 10, 5)], "China's time"
    assert found[4:] in (["是"], ["是", None])


def test_a_list_is_read_page_by_page_to_its_end() -> None:
    rows = list(range(2 * sheets.PAGE + 7))
    asked: list[int | None] = []

    def fetch(after: int | None, limit: int) -> list[int]:
        asked.append(after)
        begin = 0 if after is None else after + 1
        return rows[begin : begin + limit]

    assert list(sheets.every(fetch, lambda row: row)) == rows
    assert len(asked) == 3


@given(st.integers(0, 10**7))
def test_an_axis_ends_at_a_round_number_not_far_above_the_highest_value(most: int) -> None:
    top = ceiling(most)
    assert top >= most
    assert top % 4 == 0
    assert top <= max(4, most * 2.5)


@given(st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=12))
def test_a_chart_is_sound_xml_whatever_it_shows(values: list[tuple[int, int]]) -> None:
    names = [f"{WORDS}{place}" for place in range(len(values))]
    series = [Series(WORDS, [one[n] for one in values], fill) for n, fill in enumerate((PALE, DARK))]
    both = list(zip(names, values, strict=True))
    drawn = [
        columns(WORDS, names, series, line=Series("率", [one[0] / 500 for one in values], DARK)),
        shares(WORDS, [(name, one[0] / 500 if one[0] else None, WORDS) for name, one in both]),
        stacked(WORDS, [(name, (*one, 1)) for name, one in both], ("等", "办", "停")),
    ]  # fmt: skip
    for chart in drawn:
        tree = ElementTree.fromstring(chart)
        assert {node.tag.rpartition("}")[2] for node in tree.iter()} <= {
            "svg", "text", "rect", "path", "circle", "defs", "pattern",
        }  # fmt: skip
        assert not [node for node in tree.iter() if "style" in node.attrib]

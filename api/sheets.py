"""Lists as spreadsheets (导出 .xlsx): written row by row in constant memory; what people typed never becomes a formula.

A text is always a text cell, whatever it begins with (=, +, -, @): nothing that an applicant wrote is computed when a
manager opens the file (CWE-1236).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from fastapi.responses import FileResponse
from starlette.background import BackgroundTask

from api.rows import SHANGHAI

KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST = 100_000
"""Rows of one export; a longer list says that it was cut."""
PAGE = 2000
LONGEST = 32_000
"""Characters of a cell: Excel takes 32,767."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its title, how wide it is, and what of a row stands in it."""

    title: str
    width: int
    value: Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: its title, what stands above the table, the columns and the rows."""

    title: str
    columns: Sequence[Column]
    rows: Iterable[Any]
    above: Sequence[str] = ()


def every(fetch: Callable[[Any, int], Sequence[Any]], place: Callable[[Any], Any]) -> Iterator[Any]:
    """Yield the rows of a list page by page, each fetched after the place of the last one, up to the most."""
    after, given = None, 0
    while given <= MOST:
        rows = fetch(after, PAGE)
        yield from rows
        given += len(rows)
        if len(rows) < PAGE:
            return
        after = place(rows[-1])


def workbook(name: str, sheets: Sequence[Sheet]) -> FileResponse:
    """Return a workbook to be saved as `name`.xlsx; it is deleted once it is sent."""
    handle, path = tempfile.mkstemp(prefix="lianban-", suffix=".xlsx")
    os.close(handle)
    try:
        write(path, sheets)
    except BaseException:
        os.unlink(path)
        raise
    headers = {
        "Content-Disposition": f"attachment; filename=\"export.xlsx\"; filename*=UTF-8''{quote(name + '.xlsx')}",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return FileResponse(path, media_type=KIND, headers=headers, background=BackgroundTask(os.unlink, path))


def write(path: str, sheets: Sequence[Sheet]) -> None:
    """Write a workbook."""
    import xlsxwriter  # 0.15 s: only where somebody exports

    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
               "strings_to_numbers": False, "nan_inf_to_errors": True}  # fmt: skip
    with xlsxwriter.Workbook(path, options) as book:
        head = book.add_format({"bold": True, "bg_color": "#E8F1FA", "bottom": 1, "text_wrap": True})
        formats = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            float: book.add_format({"num_format": "0.0#"}),
            "bold": book.add_format({"bold": True}),
        }
        for sheet in sheets:
            _write(book.add_worksheet(sheet.title[:31]), sheet, head, formats)


def _write(page: Any, sheet: Sheet, head: Any, formats: Any) -> None:
    top = 0
    for words in sheet.above:
        page.write_string(top, 0, words[:LONGEST], formats["bold"])
        top += 1
    for place, column in enumerate(sheet.columns):
        page.set_column(place, place, column.width)
        page.write_string(top, place, column.title, head)
    page.freeze_panes(top + 1, 0)
    last = top
    for given, row in enumerate(sheet.rows):
        last += 1
        if given >= MOST:
            page.write_string(last, 0, f"仅导出前 {MOST} 行，请缩小范围后再导出。")
            break
        for place, column in enumerate(sheet.columns):
            _cell(page, last, place, column.value(row), formats)
    if not sheet.above and last > top:
        page.autofilter(top, 0, last, len(sheet.columns) - 1)


def _cell(page: Any, line: int, place: int, value: Any, formats: Any) -> None:
    match value:
        case None | "":
            return
        case bool():
            page.write_string(line, place, "是" if value else "否")
        case int():
            page.write_number(line, place, value)
        case float() | Decimal():
            page.write_number(line, place, float(value), formats[float])
        case datetime():
            local = value.astimezone(SHANGHAI).replace(tzinfo=None, microsecond=0)
            page.write_datetime(line, place, local, formats[datetime])
        case date():
            page.write_datetime(line, place, datetime(value.year, value.month, value.day), formats[date])
        case _:
            page.write_string(line, place, str(value)[:LONGEST])

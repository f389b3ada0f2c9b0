"""The calendar (工作日历), public: which days offices work in a year, why, and whether that is certain."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from api.calls import Public, sent
from forms.holidays import FIRST_YEAR, LAST_YEAR
from infra.calendar import current

ROUTER = APIRouter(prefix="/api/v1/calendar", tags=["工作日历"])

Year = Annotated[int, Path(ge=FIRST_YEAR, le=LAST_YEAR, title="年份")]
Region = Annotated[str, Query(pattern=r"^([0-9]{6})?$", title="六位区划代码；不填为全部地区")]


@ROUTER.get("/{year}", operation_id="calendar_year", summary="某年的工作日历")
def year_page(year: Year, call: Public, region: Region = "") -> Response:
    """The days of a year that differ from Monday to Friday; `provisional` while the year's notice is not known."""
    with call.engine.connect() as conn:
        page = current(conn).page(year, region)
    return sent(
        {
            "year": page.year,
            "region": region,
            "working_days": page.working_days,
            "provisional": page.provisional,
            "source": page.source,
            "papers": page.papers,
            "off_weekdays": [{"date": day, "why": why} for day, why in page.off_weekdays],
            "working_weekends": [{"date": day, "why": why} for day, why in page.working_weekends],
            "local": [
                {"date": one.day, "working": one.working, "region": one.region, "reason": one.reason}
                for one in page.local
            ],
        }
    )

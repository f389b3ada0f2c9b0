"""Periods of measuring: days are China's, told without the zone's name."""

from __future__ import annotations

from sqlalchemy import Date, DateTime, Engine, func, select, text

from infra.store.period import day_of


def test_days_are_those_of_the_zone_of_shanghai(engine: Engine) -> None:
    series = text("SELECT at FROM generate_series(timestamptz '1992-01-01', '2040-01-01', '55 minutes') at")
    moment = series.columns(at=DateTime(timezone=True)).subquery().c.at
    differs = day_of(moment) != func.timezone("Asia/Shanghai", moment).cast(Date)
    with engine.connect() as conn:
        many, different = conn.execute(select(func.count(), func.count().filter(differs))).one()
    assert many > 400_000
    assert different == 0

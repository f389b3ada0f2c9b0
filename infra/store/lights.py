"""Lights in SQL (灯): which rows show a light on a day; the same days that `flows.sla.light_on` reads."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, case, literal, not_, or_

LIGHTS = ("green", "paused", "amber", "yellow", "red")


def light(table: Table, day: date) -> ColumnElement[Any]:
    """Return the light that a case or task shows on `day`, null where no clock of an office runs."""
    c = table.c
    return case(
        (c.red_on <= day, literal("red")),
        (c.yellow_on <= day, literal("yellow")),
        (c.stopped, literal("paused")),
        (c.amber_on <= day, literal("amber")),
        (c.due_on.is_not(None), literal("green")),
    )


def shows(table: Table, wanted: str, day: date, *, running: bool = False) -> ColumnElement[bool]:
    """Return the condition that a case or task whose clock still runs shows the light `wanted` on `day`, or "none".

    The same as `light` says, in conditions that an index can serve. `running` are rows whose status says already that
    they are open or in hand.
    """
    c = table.c
    over = c.decided_at if "decided_at" in c else c.delivered_at
    passed = {name: c[f"{name}_on"] <= day for name in ("red", "yellow", "amber")}
    not_yet = {name: or_(c[f"{name}_on"].is_(None), c[f"{name}_on"] > day) for name in passed}
    conditions: dict[str, list[ColumnElement[bool]]] = {
        "red": [passed["red"]],
        "yellow": [passed["yellow"], not_yet["red"]],
        "paused": [c.stopped, not_yet["yellow"], not_yet["red"]],
        "amber": [passed["amber"], not_(c.stopped), not_yet["yellow"], not_yet["red"]],
        "green": [c.due_on.is_not(None), not_(c.stopped), *not_yet.values()],
        "none": [c.due_on.is_(None), not_(c.stopped), *not_yet.values()],
    }
    return and_(*conditions[wanted]) if running else and_(over.is_(None), *conditions[wanted])

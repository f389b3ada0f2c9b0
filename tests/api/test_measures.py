"""Measures over HTTP: who may read them, what a period may be, gauges for the operators."""

from __future__ import annotations

import pytest

from tests.kit.hall import Hall


@pytest.fixture(scope="module")
def hall(platform, hall: Hall) -> Hall:
    no = hall.open("settlement")["settlement"]
    hall.finish(no)
    hall.act(no, "deliver", hall.window, kind="window")
    return hall


def test_a_manager_reads_measures_cut_by_matter(hall: Hall, sign_in) -> None:
    found = sign_in(hall.manager.username).get("/api/v1/measures?by=matter").json()
    (row,) = found["items"]
    assert (row["cut"], row["cut_label"], row["closed"], row["on_time_rate"]) == ("settlement", "人才落户", 1, 1.0)
    assert {step["step"] for step in found["steps"]} >= {"eligibility", "address", "approval"}
    assert found["from"] < found["to"]


def test_cuts_by_officer_and_by_window_name_them(hall: Hall, sign_in) -> None:
    manager = sign_in(hall.manager.username)
    (row,) = manager.get("/api/v1/measures?by=window").json()["items"]
    assert (row["cut"], row["cut_label"]) == (str(hall.window.id), hall.window.name)
    (row,) = manager.get("/api/v1/measures?by=officer").json()["items"]
    assert row["closed"] == 1 and row["cut_label"] in {one.name for one in hall.officers}


@pytest.mark.parametrize(
    ("query", "field"),
    [("by=colour", "?by"), ("from=2026-09-02&to=2026-09-01", "?from"), ("from=2020-01-01&to=2026-09-01", "?from")],
)
def test_a_period_that_is_none_is_refused(hall: Hall, sign_in, query: str, field: str) -> None:
    answer = sign_in(hall.manager.username).get(f"/api/v1/measures?{query}")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == field


def test_measures_are_for_those_who_watch(hall: Hall, sign_in, nobody) -> None:
    assert sign_in(hall.window.username).get("/api/v1/measures").status_code == 403
    assert sign_in(hall.actor("coordinator", "public_security").username).get("/api/v1/measures").status_code == 200
    assert nobody.get("/api/v1/measures").status_code == 401


def test_operators_see_what_is_late_and_what_was_not_delivered(hall: Hall, nobody) -> None:
    said = nobody.get("/metrics").text
    for name in ("lianban_limits_passed", "lianban_orders", "lianban_notices_undelivered"):
        assert f"# TYPE {name} gauge" in said
    assert 'lianban_orders{state="open"} 0.0' in said


def test_operators_see_the_measures_of_thirty_days_and_the_lights_of_what_is_open(hall: Hall, nobody) -> None:
    said = nobody.get("/metrics").text
    for name in ("closed", "on_time_rate", "trips_per_case"):
        assert f'lianban_measure{{matter="settlement",measure="{name}"}}' in said
    assert "# TYPE lianban_open_cases gauge" in said

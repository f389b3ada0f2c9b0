"""The cases and tasks that the tests of casework begin with."""

from __future__ import annotations

from datetime import date

import pytest

from tests.flows.casework.rated import at
from tests.kit.hall import Hall


@pytest.fixture
def settled(hall: Hall) -> str:
    """The number of a settlement case under way."""
    return hall.open("settlement")["settlement"]


@pytest.fixture
def eligibility(hall: Hall, settled: str) -> str:
    """The number of the task of the personnel department, one level."""
    return hall.no(settled, "eligibility")


@pytest.fixture
def approval(hall: Hall, settled: str) -> str:
    """The number of the deciding task, two levels, just opened."""
    hall.finish(settled, but=("approval",))
    return hall.no(settled, "approval")


@pytest.fixture
def ended(hall: Hall) -> str:
    """A settlement approved on Friday 18 September, in the day it came."""
    at(hall, date(2026, 9, 18))
    no = hall.open("settlement")["settlement"]
    hall.finish(no)
    return no

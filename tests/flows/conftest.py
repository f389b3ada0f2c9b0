"""A hall for the tests of casework: one database a module, every test its own applicants."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine

from infra.settings import Settings
from tests.kit.hall import MORNING, Hall


@pytest.fixture(scope="module")
def open_hall(platform: Settings, engine: Engine) -> Hall:
    """The module's hall, its officers seated."""
    return Hall(engine)


@pytest.fixture
def hall(open_hall: Hall) -> Hall:
    """The module's hall in the morning: whoever applied before has no part in this test."""
    open_hall.now = MORNING
    return open_hall

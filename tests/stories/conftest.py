"""One whole demo platform for all stories, as `lianban run --demo` brings it up."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.simulation.caller import Line
from api.simulation.stage import Stage, stage
from api.simulation.troupe import Troupe


@pytest.fixture(scope="session")
def platform() -> Iterator[Stage]:
    """A running platform in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="lbday"))
    with stage(folder, engine=False) as built:
        yield built
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def line(platform: Stage) -> Iterator[Line]:
    """The line to it."""
    with Line(platform.url, at_once=8) as opened:
        yield opened


@pytest.fixture(scope="module")
def troupe(platform: Stage, line: Line) -> Troupe:
    """Everybody on duty, signed in."""
    return Troupe(line, platform.tokens)

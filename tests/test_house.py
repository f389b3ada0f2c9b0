"""The house keeps its own rules: imports point one way."""

from __future__ import annotations

from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

TOP = Path(__file__).parents[1]


def test_imports_point_one_way_and_the_rules_know_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TOP)
    assert lint_imports(config_filename=str(TOP / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS

"""The house keeps its own rules: imports point one way, and what the README shows of it is what stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports

TOP = Path(__file__).parents[1]


def test_imports_point_one_way_and_the_rules_know_no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(TOP)
    assert lint_imports(config_filename=str(TOP / "pyproject.toml"), no_cache=True) == EXIT_STATUS_SUCCESS


def test_the_readme_shows_the_matter_as_its_file_says_it() -> None:
    shown = re.search(r"```python\n(MATTER = .*?)\n```", (TOP / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    assert shown[1] in (TOP / "flows/matters/settlement.py").read_text()

"""A data folder serves one run at a time and one purpose for ever."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.home import Busy, HomeError, hold, keep_purpose
from infra.settings import Settings


def test_a_second_run_on_the_same_data_is_refused_until_the_first_has_ended(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    with hold(settings), pytest.raises(Busy, match="已有一个联办在运行"), hold(settings):
        pass
    with hold(settings):
        assert settings.logs_folder.is_dir()


def test_demo_data_and_real_cases_never_mix(tmp_path: Path) -> None:
    keep_purpose(Settings(home=tmp_path, demo=True))
    keep_purpose(Settings(home=tmp_path, demo=True))
    with pytest.raises(HomeError, match="演示数据"):
        keep_purpose(Settings(home=tmp_path, demo=False))


def test_a_folder_that_cannot_be_made_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(HomeError, match="LIANBAN_HOME"), hold(Settings(home=tmp_path / "file" / "home")):
        pass

"""`lianban simulate` and its props, without playing anything."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import build
from api.refusal import Refusal
from api.simulation.paper import pdf
from api.simulation.troupe import AT_THE_WINDOW, HANDLER, on_duty
from infra.demo.organisation import REGIONS
from infra.filestore import FileStore
from infra.vault import Vault


def test_the_day_is_played_in_an_empty_folder_only(tmp_path: Path) -> None:
    (tmp_path / "something").write_text("of somebody's")
    ended = CliRunner().invoke(build(), ["simulate", "--home", str(tmp_path)])
    assert ended.exit_code == 1
    assert isinstance(ended.exception, Refusal) and "不是空的" in str(ended.exception)
    assert [path.name for path in tmp_path.iterdir()] == ["something"]


def test_each_paper_is_a_pdf_of_its_own(tmp_path: Path) -> None:
    store = FileStore(tmp_path, Vault(bytes(32)))
    kept = [store.save(io.BytesIO(pdf(words))) for words in ("甲 photo", "乙 photo")]
    assert {file.content_type for file in kept} == {"application/pdf"}
    assert kept[0].sha256 != kept[1].sha256


@pytest.mark.parametrize("region", [region.code for region in REGIONS])
def test_nobody_has_two_duties_and_every_window_is_open(region: str) -> None:
    found = [(officer.username, duty) for officer, member, duty in on_duty() if member.region == region]
    assert len({username for username, _ in found}) == len(found)
    assert {duty for _, duty in found} >= {*AT_THE_WINDOW, HANDLER}

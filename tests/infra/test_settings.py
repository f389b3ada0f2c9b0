"""Settings are read from LIANBAN_ variables; secrets are files of their own."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import ValidationError

from infra.settings import Settings, variable


def test_a_key_is_made_once_and_only_its_owner_may_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIANBAN_VAULT_KEY", raising=False)
    with ThreadPoolExecutor(8) as crowd:
        keys = set(crowd.map(lambda _: Settings(home=tmp_path).vault_key(), range(16)))
    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["vault.key"]
    assert (tmp_path / "secrets" / "vault.key").stat().st_mode & 0o077 == 0
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


def test_a_given_key_leaves_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANBAN_VAULT_KEY", "ab" * 32)
    assert Settings(home=tmp_path).vault_key() == b"\xab" * 32
    assert not (tmp_path / "secrets").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "0"), ("PORT", "many"), ("VAULT_KEY", "short"), ("VAULT_KEY", "ab"), ("DATABASE_URL", "mysql://a/b")],
)
def test_a_setting_out_of_range_is_refused(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"LIANBAN_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_no_secret_shows_when_settings_are_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LIANBAN_VAULT_KEY", "ab" * 32)
    monkeypatch.setenv("LIANBAN_DATABASE_URL", "postgresql://lianban:open-sesame@db/lianban")
    shown = repr(Settings())
    assert "open-sesame" not in shown
    assert "abab" not in shown


def test_every_setting_says_in_chinese_what_it_is_and_has_its_variable() -> None:
    for name, field in Settings.model_fields.items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in field.description or ""), name
        assert variable(name).startswith(("LIANBAN_", "PREFECT_"))

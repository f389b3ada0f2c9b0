"""Two more matters, two files each, for tests: nothing of the platform names them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flows.matters
import forms.matters
from flows import registry

HERE = Path(__file__).parent


@contextmanager
def more_matters(folder: Path = HERE) -> Iterator[None]:
    """Have the files of this folder, or of another one of its kind, among the platform's matters."""
    forms.matters.__path__.append(str(folder / "forms"))
    flows.matters.__path__.append(str(folder / "plans"))
    _forget()
    try:
        yield
    finally:
        forms.matters.__path__.remove(str(folder / "forms"))
        flows.matters.__path__.remove(str(folder / "plans"))
        _forget()


def _forget() -> None:
    registry.matters.cache_clear()
    registry.passes.cache_clear()

"""The PDF of a document (文书 PDF), set by Typst from the blocks and from our own font alone: the same everywhere.

The data go in as JSON and are only ever shown as text, never read as markup: a name cannot say anything to the printer.
No clock, no system font and no network is asked, so the same data give the same bytes.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import orjson
import typst

from api.documents.view import view

FOLDER: Final = Path(__file__).parent
PAPER: Final = FOLDER / "paper.typ"
_LOCK: Final = threading.Lock()
"""One sheet at a time: the printer is one, and takes some milliseconds."""


@cache
def _printer() -> typst.Compiler:
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FOLDER / "fonts")])
    return typst.Compiler(root=str(FOLDER), font_paths=fonts)


def render_pdf(document: Mapping[str, Any], *, site: str = "") -> bytes:
    """Return a document as a PDF, A4, fonts embedded; the same document gives the same bytes.

    `document` and `site` are as for `view`.
    """
    return _set(document, site, "pdf")[0]


def render_png(document: Mapping[str, Any], *, site: str = "", ppi: float = 96) -> list[bytes]:
    """Return the pages of a document as pictures, to be looked at."""
    return _set(document, site, "png", ppi)


def _set(document: Mapping[str, Any], site: str, kind: Literal["pdf", "png"], ppi: float | None = None) -> list[bytes]:
    data = orjson.dumps(view(document, site=site)).decode()
    with _LOCK:
        made: Any = _printer().compile(input=str(PAPER), format=kind, ppi=ppi, sys_inputs={"blocks": data}, timestamp=0)
    return made if isinstance(made, list) else [made]


_UNSAFE = re.compile(r"[^0-9A-Za-z\u4e00-\u9fff-]")


def file_name(title: str, no: str) -> str:
    """Return what the file of a document is called: its kind and number, nothing else in it."""
    return f"{_UNSAFE.sub('', title)}-{_UNSAFE.sub('', no)}.pdf"

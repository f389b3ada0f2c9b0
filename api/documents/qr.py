"""The code to scan (二维码): the public address of the progress page with the number, and nothing else."""

from __future__ import annotations

import base64
import io

import segno


def code(address: str) -> str:
    """Return the code of an address as SVG, the same address always the same bytes."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        drawn, kind="svg", scale=4, border=2, xmldecl=False, svgclass=None, lineclass=None, nl=False
    )
    return drawn.getvalue().decode()


def as_source(svg: str) -> str:
    """Return an SVG as the source of an image that stands in the page itself (data:), nothing to be fetched."""
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()

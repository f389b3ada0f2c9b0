"""The contract as a page (接口说明页): readable without a script and without another network's files."""

from __future__ import annotations

from html import escape
from typing import Any

from fastapi import APIRouter, Request, Response

ROUTER = APIRouter(tags=["运维"], include_in_schema=False)
_STYLE = (
    "body{font:16px/1.6 sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}code{background:#eee;padding:0 .3em}"
)


@ROUTER.get("/docs")
def docs(request: Request) -> Response:
    """Every operation with its address, its title and what it does; the whole contract is /openapi.json."""
    described = request.app.openapi()
    rows = [
        _operation(method, path, operation)
        for path, operations in described["paths"].items()
        for method, operation in operations.items()
    ]
    page = (
        f"<!doctype html><html lang=zh-CN><meta charset=utf-8><title>联办接口</title><style>{_STYLE}</style>"
        f"<h1>联办接口</h1><p>完整说明（OpenAPI 3.1）：<a href=/openapi.json>/openapi.json</a></p>{''.join(rows)}"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return Response(page, media_type="text/html", headers={"Content-Security-Policy": policy})


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    return (
        f"<h2>{escape(operation.get('summary', ''))}</h2><p><code>{method.upper()} {escape(path)}</code></p>"
        f"<p>{escape(operation.get('description', ''))}</p>"
    )

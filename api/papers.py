"""Documents to be printed (文书打印): found within the reader's walls, proved against their hash, then drawn outside.

Finding is done at a desk and leaves a trace; drawing takes longer and holds no transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from fastapi import Request, Response
from sqlalchemy import Connection

from api import dossiers
from api.documents import render_pdf
from api.documents.pdf import file_name
from api.rows import label, moment
from flows import access
from flows.access import Actor
from flows.projection import local_day
from flows.record import DOCUMENT_VERSION, Desk, document_hash
from forms.errors import Conflict, NotFound
from forms.scope import Scope
from forms.vocabulary import INTERNAL_DOCUMENTS, DocumentKind
from infra.settings import Settings
from infra.store import issued, people, supervision

NUMBER = "^[\u4e00-\u9fff]{1,4}-[A-Z0-9-]{1,70}$"
"""A document's number as it may stand in an address: its word in Chinese, then the case's or application's number."""


def of_case(seat: Desk, scope: Scope, case_no: str, no: str) -> dict[str, Any]:
    """Return a document of a case or its receipt, for an officer who sees the whole case; a trace is left."""
    return _proved(dossiers.document(seat, scope, case_no, no))


def of_applicant(conn: Connection, actor: Actor, no: str) -> dict[str, Any]:
    """Return a document of the application whose code was shown; what goes between offices is not found."""
    assert actor.application_id is not None
    row = issued.of_application(conn, access.scope(actor), actor.application_id, no, but=INTERNAL_DOCUMENTS)
    if row is None:
        raise NotFound
    return _proved(row)


def of_order(seat: Desk, scope: Scope, no: str) -> dict[str, Any]:
    """Return an order of supervision with its answer as a document, for whoever sees the order.

    It is drawn from the order as it stands; its hash is over what is shown, so that two prints can be compared.
    """
    row = supervision.order(seat.conn, scope, no)
    if row is None:
        raise NotFound
    return _shown(no, DocumentKind.SUPERVISION_ORDER.value, row["sent_at"], _order(seat.conn, row), None)


def _order(conn: Connection, row: Mapping[Any, Any]) -> dict[str, Any]:
    def day(name: str) -> str | None:
        return local_day(row[name]).isoformat() if row[name] is not None else None

    def office(department: str, named: str) -> Any:
        return people.find_office(conn, department, row["region"], named)

    watching = office("supervision", "")
    addressed = office(row["department"], row["office"] or "")
    content = {
        "version": DOCUMENT_VERSION,
        "office": watching["name"] if watching is not None else None,
        "office_phone": watching["phone"] if watching is not None else None,
        "addressee": addressed["name"] if addressed is not None else None,
        "title": row["task_title"] or row["case_title"],
        "about": row["subject"],
        "text": row["content"],
        "rule": row["rule"],
        "reply_due": row["reply_due"].isoformat(),
        "reply": row["reply"],
        "replied_by": row["replied_by"],
        "replied_on": day("replied_at"),
        "result": row["result"],
        "closed_by": row["closed_by"],
        "closed_on": day("closed_at"),
    }
    return {name: value for name, value in content.items() if value is not None}


def _proved(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored document as it is drawn; Conflict where it is not what was issued."""
    return _shown(row["no"], row["kind"], row["at"], row["content"], bytes(row["hash"]))


def _shown(no: str, kind: str, at: Any, content: dict[str, Any], stored: bytes | None) -> dict[str, Any]:
    found = document_hash(no, kind, at, content)
    if stored is not None and found != stored:
        raise Conflict("该文书的数据与出具时的哈希不符，不能打印，请联系系统管理员核查。", code="document_altered")
    return {
        "no": no,
        "kind": kind,
        "title": label(DocumentKind, kind),
        "at": moment(at),
        "content": content,
        "hash": found.hex(),
    }


def site(request: Request, settings: Settings) -> str:
    """Return the public address of the platform, for the code to scan."""
    return settings.public_url or str(request.base_url).rstrip("/")


def pdf(document: Mapping[str, Any], address: str, *, inline: bool = False) -> Response:
    """Return a document as a PDF with a Chinese name (RFC 5987)."""
    name = quote(file_name(str(document["title"]), str(document["no"])), safe="")
    way = "inline" if inline else "attachment"
    headers = {"Content-Disposition": f"{way}; filename*=UTF-8''{name}"}
    return Response(render_pdf(document, site=address), 200, headers, media_type="application/pdf")

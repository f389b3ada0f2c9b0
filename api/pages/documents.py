"""Documents on the screen (文书): as they are printed, and the PDF; for officers and for the applicant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from api import papers
from api.arrival import reader
from api.documents import view
from api.documents.qr import as_source
from api.frame import Entry, page
from api.parameters import NUMBER, CaseNo
from api.visits import Seen, Visit
from flows import access

ROUTER = APIRouter()
MENU: list[Entry] = []
DocumentNo = Annotated[str, Path(pattern=papers.NUMBER)]
OrderNo = Annotated[str, Path(pattern=NUMBER)]


@ROUTER.get("/cases/{no}/documents/{number}.pdf")
def print_document(no: CaseNo, number: DocumentNo, visit: Seen) -> Response:
    """A document of the case as a file."""
    return _pdf(visit, _of_case(visit, no, number))


@ROUTER.get("/cases/{no}/documents/{number}")
def show_document(no: CaseNo, number: DocumentNo, visit: Seen) -> Response:
    """A document of the case as it is printed."""
    document = _of_case(visit, no, number)
    return _page(visit, document, back=f"/cases/{no}", back_to="返回办件")


@ROUTER.get("/progress/documents/{number}.pdf")
def print_mine(number: DocumentNo, visit: Seen) -> Response:
    """A document of the own application as a file."""
    return _pdf(visit, _mine(visit, number))


@ROUTER.get("/progress/documents/{number}")
def show_mine(number: DocumentNo, visit: Seen) -> Response:
    """A document of the own application as it is printed."""
    document = _mine(visit, number)
    return _page(visit, document, back="/progress/application", back_to="返回办理进度")


@ROUTER.get("/orders/{no}/paper.pdf")
def print_order(no: OrderNo, visit: Seen) -> Response:
    """An order of supervision as a file."""
    return _pdf(visit, _order(visit, no))


@ROUTER.get("/orders/{no}/paper")
def show_order(no: OrderNo, visit: Seen) -> Response:
    """An order of supervision as it is printed."""
    document = _order(visit, no)
    return _page(visit, document, back="/", back_to="返回")


def _of_case(visit: Visit, no: str, number: str) -> dict[str, Any]:
    with visit.desk() as seat:
        return papers.of_case(seat, reader(seat), no, number)


def _mine(visit: Visit, number: str) -> dict[str, Any]:
    actor = access.applicant(*visit.application())
    with visit.engine.connect() as conn:
        return papers.of_applicant(conn, actor, number)


def _order(visit: Visit, no: str) -> dict[str, Any]:
    with visit.desk() as seat:
        return papers.of_order(seat, reader(seat), no)


def _pdf(visit: Visit, document: Mapping[str, Any]) -> Response:
    return papers.pdf(document, papers.site(visit.request, visit.settings))


def _page(visit: Visit, document: Mapping[str, Any], *, back: str, back_to: str) -> Response:
    blocks = view(document, site=papers.site(visit.request, visit.settings))
    for block in blocks:
        if "svg" in block:
            block["source"] = as_source(block.pop("svg"))
    return page(visit, "documents/paper.html", document=document, blocks=blocks, back=back, back_to=back_to)

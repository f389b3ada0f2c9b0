"""Documents as PDF (文书打印): for officers within their walls, for the applicant with the code on the receipt."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Header, Path, Response

from api import papers
from api.arrival import reader
from api.calls import Asked, Public
from api.parameters import NUMBER, ApplicationNo, CaseNo
from flows.casework import codes

ROUTER = APIRouter(prefix="/api/v1", tags=["文书"])
DocumentNo = Annotated[str, Path(pattern=papers.NUMBER, title="文号")]
OrderNo = Annotated[str, Path(pattern=NUMBER, title="督办单编号")]
Code = Annotated[str | None, Header(alias="X-Progress-Code", max_length=40, title="收件凭证上的查询码")]


@ROUTER.get("/cases/{no}/documents/{number}.pdf", operation_id="print_document", summary="打印文书")
def print_document(no: CaseNo, number: DocumentNo, call: Asked) -> Response:
    """A document of the case, or the receipt of its application; reading it leaves a trace."""
    with call.desk() as seat:
        document = papers.of_case(seat, reader(seat), no, number)
    return papers.pdf(document, papers.site(call.request, call.settings))


@ROUTER.get("/progress/{no}/documents/{number}.pdf", operation_id="print_as_applicant", summary="申请人打印文书")
def print_as_applicant(no: ApplicationNo, number: DocumentNo, call: Public, code: Code = None) -> Response:
    """A document of the own application; without the right code there is nothing to be found."""
    actor = codes.enter(call.engine, no, code)
    with call.engine.connect() as conn:
        document = papers.of_applicant(conn, actor, number)
    return papers.pdf(document, papers.site(call.request, call.settings))


@ROUTER.get("/orders/{no}/paper.pdf", operation_id="print_order", summary="打印督办单")
def print_order(no: OrderNo, call: Asked) -> Response:
    """An order of supervision with its answer and result, for whoever sees the order."""
    with call.desk() as seat:
        document = papers.of_order(seat, reader(seat), no)
    return papers.pdf(document, papers.site(call.request, call.settings))

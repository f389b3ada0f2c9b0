"""What the applicant takes home (收件回执): the number, the code shown once, what was taken in, the way to progress."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

import orjson
import segno
from fastapi import APIRouter, Response
from pydantic import TypeAdapter, ValidationError

from api import dossiers
from api.frame import page
from api.pages.window.seat import regions, seated
from api.parameters import ApplicationNo
from api.visits import Seen, Sent, Visit, done
from flows.casework import codes
from flows.casework.intake import Received
from flows.casework.secrets import vault
from forms.errors import Problem
from forms.message import Words
from forms.vocabulary import DocumentKind
from infra.numbers import document_number

ROUTER = APIRouter()
ONCE: Final = "lianban_once"
"""The cookie that carries the code to the receipt, sealed and bound to the browser; gone when it was shown."""
_PATH = "/window/receipts"
_SECONDS = 900


def received(visit: Visit, given: Received) -> Response:
    """Lead from the intake to its receipt."""
    said = "已收件。请打印回执交申请人，查询码只显示这一次。"
    return show_once(visit, given.no, given.code, said, [one.message for one in given.warnings])


def show_once(visit: Visit, no: str, code: str, said: str, doubts: Sequence[str] = ()) -> Response:
    """Lead to the receipt, which shows the code this once."""
    response = done(visit, f"{_PATH}/{no}", said)
    content = orjson.dumps({"no": no, "code": code, "doubts": doubts})
    sealed = base64.urlsafe_b64encode(vault().seal(content, _bound(visit))).decode()
    response.set_cookie(
        ONCE, sealed, max_age=_SECONDS, path=_PATH, httponly=True, samesite="strict",
        secure=visit.request.url.scheme == "https",
    )  # fmt: skip
    return response


def _bound(visit: Visit) -> bytes:
    return b"receipt/" + visit.token.encode()


def _carried(visit: Visit, no: str) -> dict[str, Any]:
    """Return what the cookie carries for this receipt, nothing where it carries another's or none."""
    try:
        sealed = base64.urlsafe_b64decode(visit.request.cookies.get(ONCE, ""))
        found = orjson.loads(vault().open(sealed, _bound(visit)))
    except (ValueError, binascii.Error, Problem):
        return {}
    return found if isinstance(found, dict) and found.get("no") == no else {}


@ROUTER.get("/window/receipts/{no}")
def receipt(no: ApplicationNo, visit: Seen) -> Response:
    """The receipt of an application; its code only right after it was received."""
    with visit.desk() as seat:
        scope = seated(visit, seat)
        application = dossiers.application(seat, scope, no)
        names = regions(seat)
    carried = _carried(visit, no)
    address = f"{visit.settings.public_url or str(visit.request.base_url)}".rstrip("/") + f"/progress?no={quote(no)}"
    response = page(
        visit,
        "window/receipt.html",
        application=application,
        region=names.get(application["region"], application["region"]),
        code=carried.get("code"),
        doubts=carried.get("doubts", []),
        address=address,
        qr=segno.make(address, error="m").svg_data_uri(scale=4, border=2),
        until=_until(application["cases"]),
        receipt_no=document_number(DocumentKind.RECEIPT, no),
        missing=[
            {**paper, "cases": [c["title"] for c in application["cases"] if c["matter"] in paper["required_by"]]}
            for paper in application["materials"]
            if paper["state"] == "missing" and paper["required_by"]
        ],
    )
    if carried:
        response.delete_cookie(ONCE, path=_PATH)
    return response


def _until(cases: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return by paper until when a promise is kept: of a paper that several matters want, the first day of theirs."""
    found: dict[str, str] = {}
    for gap in [case["gap"] for case in cases if case["gap"]]:
        for item in gap["items"]:
            found[item["code"]] = min(found.get(item["code"], gap["deadline"]), gap["deadline"])
    return found


@ROUTER.post("/window/receipts/{no}/code")
def renew(no: ApplicationNo, visit: Sent) -> Response:
    """The applicant has a new code, shown once; the one on the lost receipt opens nothing any more."""
    try:
        reason = TypeAdapter(Words).validate_python(visit.text("reason"))
    except ValidationError:
        visit.officer()
        return done(visit, f"{_PATH}/{no}#lost", "请写明怎样核验了申请人身份，再重发查询码。", kind="bad")
    with visit.desk() as seat:
        code = codes.renew(seat, seated(visit, seat), no, reason)
    return show_once(visit, no, code, "查询码已重发，原查询码作废。请打印回执交申请人。")

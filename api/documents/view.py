"""A document as blocks (文书版面): head, body, signature with its seal, where to ask, the code to scan, the hash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from api.documents import bodies, lists
from api.documents.blocks import Block, Content
from api.documents.qr import code
from api.documents.words import formal_day, printable
from forms.vocabulary import DocumentKind

Document = Mapping[str, Any]

BODIES: Final[Mapping[DocumentKind, Callable[[Content], list[Block]]]] = {
    DocumentKind.RECEIPT: lists.receipt,
    DocumentKind.COMMITMENT: lists.commitment,
    DocumentKind.ACCEPTANCE: bodies.acceptance,
    DocumentKind.NOT_REQUIRED: bodies.not_required,
    DocumentKind.NOT_ACCEPTED: bodies.not_accepted,
    DocumentKind.SUPPLEMENT_NOTICE: bodies.supplement,
    DocumentKind.GAP_NOTICE: bodies.gap_notice,
    DocumentKind.GAP_PROMISE: lists.gap_promise,
    DocumentKind.SPECIAL_PROCEDURE: bodies.special,
    DocumentKind.EXTENSION: bodies.extension,
    DocumentKind.DECISION_OK: bodies.decision_ok,
    DocumentKind.DECISION_REFUSED: bodies.decision_refused,
    DocumentKind.DELAY_STATEMENT: bodies.delay,
    DocumentKind.PUBLIC_NOTICE: bodies.public_notice,
    DocumentKind.CLOSING_NOTICE: bodies.closing,
    DocumentKind.CLOSING_SUMMARY: bodies.summary,
    DocumentKind.FORWARD_NOTICE: bodies.forwarding,
    DocumentKind.WITHDRAWAL: bodies.withdrawal,
    DocumentKind.VOID_RECORD: bodies.void_record,
    DocumentKind.REOPENING: bodies.reopening,
    DocumentKind.DELIVERY: lists.delivery,
    DocumentKind.DEEMED_AGREEMENT: lists.deemed_agreement,
    DocumentKind.ARCHIVE_LIST: lists.archive,
    DocumentKind.RATING_REPLY: bodies.rating_reply,
    DocumentKind.SUPERVISION_ORDER: lists.order,
}
"""Kind → what its body says."""

WITHOUT_ADDRESSEE: Final = frozenset(
    {
        DocumentKind.GAP_PROMISE,
        DocumentKind.COMMITMENT,
        DocumentKind.DELIVERY,
        DocumentKind.PUBLIC_NOTICE,
        DocumentKind.DEEMED_AGREEMENT,
        DocumentKind.ARCHIVE_LIST,
    }
)
"""Documents that speak to nobody by name: what the applicant says, and what goes to the public or to the file."""

WITHOUT_CODE: Final = frozenset(
    {
        DocumentKind.DEEMED_AGREEMENT,
        DocumentKind.ARCHIVE_LIST,
        DocumentKind.SUPERVISION_ORDER,
        DocumentKind.PUBLIC_NOTICE,
    }
)
"""Documents that lead nobody to an applicant's progress."""


def view(document: Document, *, site: str = "") -> list[Block]:
    """Return a document as blocks; `site` is the public address of the platform, for the code to scan.

    `document` is a row of the record: no, kind, at (ISO 8601), content, hash (hexadecimal). No block holds a code for
    progress or an identity number.
    """
    kind = DocumentKind(document["kind"])
    content: Content = document["content"]
    body = BODIES[kind](content)
    return [printable(block) for block in _sheet(document, kind, content, body, site)]


def _sheet(document: Document, kind: DocumentKind, content: Content, body: list[Block], site: str) -> list[Block]:
    office = content.get("office") or "综合服务窗口"
    return [
        {"block": "letterhead", "text": office},
        {"block": "title", "text": kind.label},
        {"block": "number", "text": document["no"]},
        *_addressee(kind, content),
        *body,
        {"block": "signature", "office": office, "date": formal_day(document["at"]), "seal": "印章"},
        *_below(kind, content, site),
        {
            "block": "foot",
            "title": kind.label,
            "number": document["no"],
            "hash": document["hash"],
            "version": str(content.get("version", 1)),
        },
    ]


def _addressee(kind: DocumentKind, content: Content) -> list[Block]:
    name = content.get("addressee") or content.get("applicant")
    return [] if kind in WITHOUT_ADDRESSEE or not name else [{"block": "addressee", "text": f"{name}："}]


def _below(kind: DocumentKind, content: Content, site: str) -> list[Block]:
    """Return where to ask and the code that leads to the progress page of the application."""
    rows = [
        [name, f"{content[key]}　{content.get(f'{key}_phone', '')}".strip()]
        for name, key in (("承办", "office"), ("咨询、领取", "window"))
        if content.get(key)
    ]
    if len(rows) > 1 and content.get("office") == content.get("window"):
        rows = rows[1:]
    application = content.get("application") or str(content.get("case", "")).rpartition("-")[0]
    if not site or not application or kind in WITHOUT_CODE:
        return [{"block": "contact", "rows": rows}] if rows else []
    address = f"{site.rstrip('/')}/progress?no={application}"
    return [{"block": "contact", "rows": rows, "address": address, "svg": code(address), "words": "扫码查进度"}]

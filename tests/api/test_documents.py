"""Documents drawn from stored data alone: the page and the PDF say the same, and a name cannot say more than a name."""

from __future__ import annotations

import io
import re
from typing import Any

import pypdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.documents import render_pdf, view
from api.documents.pdf import file_name
from api.documents.words import formal_day, glyphs, plain_day
from api.frame import _environment
from forms.vocabulary import DocumentKind

CASE = "RC-370283-20260918-000012-K-1X"
SITE = "https://lianban.example"
CONTENT: dict[str, Any] = {
    "office": "平度市公安局户政管理大队",
    "office_phone": "0532-00030001",
    "window": "平度市人才服务综合窗口",
    "window_phone": "0532-00030018",
    "addressee": "王小明",
    "case": CASE,
    "matter": "settlement",
    "title": "人才落户",
    "version": 1,
}
SAID = {"reason": "不符合条件", "basis": "平发〔2022〕22号 第19条", "remedies": "可以申请复议。"}


def document(kind: DocumentKind = DocumentKind.DECISION_REFUSED, **content: Any) -> dict[str, Any]:
    stored = {
        **CONTENT,
        "reason": "不符合条件",
        "basis": "平发〔2022〕22号 第19条",
        "remedies": "可以申请复议。",
        **content,
    }
    return {"no": f"不准-{CASE}-9", "kind": kind.value, "at": "2026-09-18T10:00:00+08:00", "content": stored} | {
        "hash": "5e" * 32
    }


def text_of(pdf: bytes) -> str:
    pages = pypdf.PdfReader(io.BytesIO(pdf)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


@pytest.mark.parametrize("kind", DocumentKind)
def test_every_kind_is_drawn_even_from_the_least_that_is_stored(kind: DocumentKind) -> None:
    said = text_of(render_pdf({**document(kind), "content": {}}, site=SITE))
    assert kind.label in said
    assert "None" not in said


def test_a_rating_and_an_agreement_by_silence_say_what_became_of_them() -> None:
    rated = text_of(render_pdf(document(DocumentKind.RATING_REPLY, reply="已增开窗口")))
    assert "回复：已增开窗口。" in rated
    silent = document(DocumentKind.DEEMED_AGREEMENT, department="health", task="会签", due="2026-09-24")
    assert "卫生健康局：你单位承办的“会签”" in text_of(render_pdf(silent))


def test_the_same_document_gives_the_same_bytes_and_another_day_does_not() -> None:
    first = render_pdf(document(), site=SITE)
    assert render_pdf(document(), site=SITE) == first
    assert render_pdf({**document(), "at": "2026-09-19T10:00:00+08:00"}, site=SITE) != first


NASTY = (
    '#eval("1+1")',
    '#read("/etc/passwd")',
    "*粗* _斜_ `码`",
    "<script>alert(1)</script>",
    "$x^2$",
    "\\u{41}",
    "]#x[",
)


@pytest.mark.parametrize("name", NASTY)
def test_a_name_is_never_read_as_markup(name: str) -> None:
    drawn = document(addressee=name)
    assert "".join(name.split()) in text_of(render_pdf(drawn))
    page = (
        _environment()
        .from_string("{% import 'documents/blocks.html' as sheet %}{{ sheet.draw(blocks) }}")
        .render(blocks=[block for block in view(drawn)])
    )
    assert "<script>" not in page


@settings(max_examples=25)
@given(st.text(st.characters(codec="utf-8"), max_size=40))
def test_whatever_is_stored_is_printed(words: str) -> None:
    assert render_pdf(document(reason=words, addressee=words)).startswith(b"%PDF-")


def test_a_character_that_the_font_has_not_is_named() -> None:
    assert ord("明") in glyphs() and 0x20BB7 not in glyphs()
    drawn = document(addressee="王𠮷")
    assert view(drawn)[3] == {"block": "addressee", "text": "王〔U+20BB7〕："}
    assert "王〔U+20BB7〕：" in text_of(render_pdf(drawn))


def test_only_our_own_font_is_used_and_it_travels_with_the_file() -> None:
    reader = pypdf.PdfReader(io.BytesIO(render_pdf(document(), site=SITE)))
    fonts = [font for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert fonts
    for font in fonts:
        inner = font["/DescendantFonts"][0].get_object()
        described = inner["/FontDescriptor"]
        assert "NotoSansSC" in described["/FontName"]
        assert {"/FontFile2", "/FontFile3"} & set(described)


def test_the_code_to_scan_holds_the_number_and_no_secret() -> None:
    below = next(block for block in view(document(), site=SITE) if block["block"] == "contact")
    assert below["address"] == f"{SITE}/progress?no=RC-370283-20260918-000012-K"
    assert below["svg"].startswith("<svg")
    assert not any("svg" in block for block in view(document(DocumentKind.ARCHIVE_LIST), site=SITE))


def test_page_and_pdf_say_the_same() -> None:
    said = text_of(render_pdf(document(), site=SITE))
    for block in view(document(), site=SITE):
        if "text" in block:
            assert "".join(block["text"].split()) in said


def test_days_are_written_as_offices_write_them() -> None:
    assert [formal_day(day) for day in ("2026-09-18", "2026-10-30", "2026-12-01", "2026-01-20")] == [
        "二〇二六年九月十八日",
        "二〇二六年十月三十日",
        "二〇二六年十二月一日",
        "二〇二六年一月二十日",
    ]
    assert formal_day("2026-09-17T23:30:00+00:00") == "二〇二六年九月十八日", "the day in China"
    assert plain_day("2026-09-08") == "2026年9月8日"


def test_the_name_of_a_file_holds_nothing_but_kind_and_number() -> None:
    assert re.fullmatch(r"[\u4e00-\u9fffA-Z0-9-]+\.pdf", file_name("一次性告知（补正）书\r\n", "补-RC-1/../X"))

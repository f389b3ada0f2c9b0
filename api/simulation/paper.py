"""Papers for the show (演示附件): the smallest PDF there is, with a line that makes each one different."""

from __future__ import annotations


def pdf(words: str) -> bytes:
    """Return a valid one-page PDF without any content but a comment."""
    pages = (
        "1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        "2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
        "3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>endobj\n"
    )
    head = f"%PDF-1.4\n%{words.encode().hex()}\n"
    places, at = [], len(head)
    for line in pages.splitlines(keepends=True):
        places.append(f"{at:010d} 00000 n \n")
        at += len(line)
    table = f"xref\n0 4\n0000000000 65535 f \n{''.join(places)}trailer<</Size 4/Root 1 0 R>>\nstartxref\n{at}\n%%EOF\n"
    return f"{head}{pages}{table}".encode("ascii")

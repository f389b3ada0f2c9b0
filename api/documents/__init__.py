"""Documents (文书) drawn from the record: `view` for the printed page, `render_pdf` for the file; both say the same.

What is stored is the truth: the same data give the same bytes (`api.documents.pdf`), and the hash of the data stands
on every sheet.
"""

from api.documents.pdf import render_pdf
from api.documents.view import view

__all__ = ["render_pdf", "view"]

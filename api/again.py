"""What was sent when a session had ended (登录超时后继续): kept in the page, sent again when its writer says so.

Nothing of it is done, and nothing of it is kept on the server. It is offered only where the browser itself says that a
page of ours sent it (Fetch Metadata, Origin): no other site can lay a form before somebody who then presses the button.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request, Response
from starlette.datastructures import FormData, UploadFile

from api.frame import page
from api.visits import Visit, local

PREFIX: Final = "kept:"
"""Before the names of the fields on the page of the door, which has fields of its own."""
_TO = "kept-path"
_FILES = "kept-files"
_OWN = frozenset({"csrf", _TO, _FILES})
_DOORS = ("/sign-in", "/sign-out", "/account", "/progress/leave")


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that was not listened to: where it was sent, its fields, whether it had files, which cannot be kept."""

    path: str
    fields: tuple[tuple[str, str], ...]
    files: bool

    def beside_the_door(self) -> Iterator[tuple[str, str]]:
        """Give the fields as they stand beside those of the door."""
        yield _TO, self.path
        if self.files:
            yield _FILES, "1"
        yield from ((f"{PREFIX}{name}", value) for name, value in self.fields)


def refused(visit: Visit) -> Kept | None:
    """Return what was sent from a page of ours and not listened to; None for a look, a door, or another site."""
    sent = visit.sent
    path = visit.request.url.path
    if not isinstance(sent, FormData) or path == "/progress" or path.startswith(_DOORS) or not _ours(visit.request):
        return None
    return Kept(visit.path, tuple(_texts(sent)), any(_chosen(value) for _, value in sent.multi_items()))


def brought(visit: Visit) -> Kept | None:
    """Return what was kept on the page of the door that was just sent."""
    to = local(visit.text(_TO), "")
    if visit.form is None or not to:
        return None
    fields = [(name.removeprefix(PREFIX), value) for name, value in _texts(visit.form) if name.startswith(PREFIX)]
    return Kept(to, tuple(fields), bool(visit.text(_FILES)))


def ask(visit: Visit, kept: Kept, status: int = 200) -> Response:
    """Ask whoever has come in (again) whether what was sent is to be sent now."""
    return page(visit, "again.html", status=status, kept=kept)


def _texts(form: FormData) -> Iterator[tuple[str, str]]:
    return ((name, value) for name, value in form.multi_items() if isinstance(value, str) and name not in _OWN)


def _chosen(value: object) -> bool:
    return isinstance(value, UploadFile) and bool(value.filename)


def _ours(request: Request) -> bool:
    """Whether the browser says that the form came from a page of ours; where it says nothing, it did not."""
    if "sec-fetch-site" in request.headers:
        return request.headers["sec-fetch-site"] == "same-origin"
    return urlsplit(request.headers.get("origin", "")).netloc == request.headers.get("host", "-")

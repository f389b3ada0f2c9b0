"""The forms of the acts (办理表单): what each act asks for, and back from what was sent to the act's message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from api.visits import Visit
from forms.acts import Act
from forms.errors import FieldError

MOST_ITEMS = 100
MORE = (1, 2, 3)
"""Rows for fields of the form beside the list of papers."""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that an act asks for; `name` is the message's field, on the page it bears the act before it."""

    name: str
    label: str
    kind: str = "text"
    required: bool = False
    help: str = ""
    value: str = ""
    options: Sequence[tuple[str, str]] = ()
    empty: str | None = "请选择"
    attrs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ActForm:
    """An act that is offered: its title, what it asks for, its key, how weighty it is."""

    act: str
    asks: Sequence[Ask] = ()
    title: str = ""
    key: str = ""
    tone: str = ""
    note: str = ""
    confirm: str = ""

    @property
    def said(self) -> str:
        """Return the act in the words of its button."""
        return self.title or Act(self.act).label

    def name(self, ask: Ask) -> str:
        """Return the name of a field on the page, where every act has its own `reason`."""
        return f"{self.act}-{ask.name}"


def reason(label: str = "理由", *, required: bool = True, help: str = "", name: str = "reason") -> Ask:
    """Return the usual question for words."""
    return Ask(name, label, "textarea", required, help, attrs={"maxlength": 2000})


def read(visit: Visit, form: ActForm) -> dict[str, Any]:
    """Return the act's message from what was sent; only what its form asks for is taken."""
    wire: dict[str, Any] = {"act": form.act}
    for ask in form.asks:
        name = form.name(ask)
        if ask.kind == "items":
            wire[ask.name] = _items(visit, name)
        elif ask.kind == "results":
            code = ask.name.removeprefix("item-")
            if text := visit.text(name):
                wire.setdefault("items", []).append({"code": code, "value": text})
        elif text := visit.text(name).replace("\r\n", "\n"):
            wire[ask.name] = int(text) if ask.kind == "number" and text.isascii() and text.isdigit() else text
    return wire


def _items(visit: Visit, name: str) -> list[dict[str, Any]]:
    """Return the things that were marked or chosen, each with its note."""
    marked = [(code, visit.text(f"{name}-note-{code}")) for code in visit.texts(name)[:MOST_ITEMS]]
    more = [(visit.text(f"{name}-more-{n}"), visit.text(f"{name}-more-note-{n}")) for n in MORE]
    return [
        {"code": code, **({"note": note.replace("\r\n", "\n")} if note else {})}
        for code, note in (*marked, *more)
        if code
    ]


def errors_of(
    visit: Visit, form: ActForm, wrong: Sequence[FieldError]
) -> tuple[dict[str, list[str]], list[tuple[str, str]]]:
    """Return what is wrong by field of the page, and all of it for the summary on top."""
    by_field: dict[str, list[str]] = {}
    summary = []
    results = [ask for ask in form.asks if ask.kind == "results" and visit.text(form.name(ask))]
    names = {ask.name: form.name(ask) for ask in form.asks}
    for error in wrong:
        first, *rest = error.field.lstrip("/").split("/")
        name = names.get(first, "")
        if not name and first == "items" and rest and rest[0].isdigit() and int(rest[0]) < len(results):
            name = form.name(results[int(rest[0])])
        by_field.setdefault(name, []).append(error.message)
        summary.append((name, error.message))
    return by_field, summary

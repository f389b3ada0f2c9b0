"""Stored facts as people read them (填报内容): each with the title the form gave it, codes by their words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from forms.faults import inner_model
from forms.privacy import steps
from forms.vocabulary import Term

_YES, _NO = "是", "否"


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was filled in: `text`, or the facts of a part, or a table with its head and rows."""

    title: str
    text: str = ""
    part: Sequence[Fact] = ()
    head: Sequence[str] = ()
    rows: Sequence[Sequence[str]] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """Facts that stand together on the form."""

    title: str
    facts: list[Fact] = field(default_factory=list)


def sections(form: type[BaseModel], values: Mapping[str, Any]) -> list[Section]:
    """Return what was filled in, in the order and the sections of the form; what was left empty is left out."""
    found: dict[str, Section] = {}
    for name, info in form.model_fields.items():
        if name == "kind" or _is_empty(values.get(name)):
            continue
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        title = str(extra.get("x-section") or "填报内容")
        found.setdefault(title, Section(title)).facts.append(_fact(info, values[name]))
    return list(found.values())


def _fact(info: FieldInfo, value: Any) -> Fact:
    title, model = str(info.title), inner_model(info.annotation)
    if model is not None and isinstance(value, dict):
        return Fact(title, part=_facts(model, value))
    if model is not None and isinstance(value, list):
        return _table(title, model, [one for one in value if isinstance(one, dict)])
    return Fact(title, _said(info, value))


def _facts(form: type[BaseModel], values: Mapping[str, Any]) -> list[Fact]:
    return [_fact(info, values[name]) for name, info in form.model_fields.items() if not _is_empty(values.get(name))]


def _table(title: str, form: type[BaseModel], rows: Sequence[Mapping[str, Any]]) -> Fact:
    used = [name for name in form.model_fields if any(not _is_empty(row.get(name)) for row in rows)]
    head = [str(form.model_fields[name].title) for name in used]
    return Fact(
        title, head=head, rows=[[_said(form.model_fields[name], row.get(name)) for name in used] for row in rows]
    )


def _is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def _said(info: FieldInfo, value: Any) -> str:
    """Write one value as the form's words have it."""
    if isinstance(value, list):
        return "、".join(_said(info, one) for one in value)
    if isinstance(value, bool):
        return _YES if value else _NO
    if isinstance(value, dict):
        return "，".join(str(one) for one in value.values() if not _is_empty(one))
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    numbered = extra.get("oneOf")
    for option in numbered if isinstance(numbered, list) else ():
        if isinstance(option, dict) and option.get("const") == value:
            return str(option["title"])
    term = _term(info.annotation)
    if term is not None and value in list(term):
        return term(value).label
    return "" if value is None else str(value)


def _term(annotation: Any) -> type[Term] | None:
    if isinstance(annotation, type) and issubclass(annotation, Term):
        return annotation
    return next((term for inner in get_args(annotation) if (term := _term(inner)) is not None), None)


def titled(forms: Mapping[str, type[BaseModel]], pointer: str) -> str:
    """Return the title of what stands at a pointer: /applicant/… by forms["applicant"], /matters/<code>/… by its form.

    Entries of a list are counted from one.
    """
    path = steps(pointer)
    top, rest = (path[0], path[1:]) if path and path[0] != "matters" else (path[1], path[2:]) if path[1:] else ("", [])
    model: type[BaseModel] | None = forms.get(top)
    words: list[str] = []
    for step in rest:
        if step.isdigit():
            words.append(f"第{int(step) + 1}项")
            continue
        info = model.model_fields.get(step) if model is not None else None
        words.append(str(info.title) if info is not None else step)
        model = inner_model(info.annotation) if info is not None else None
    return " · ".join(words) or pointer


def asked(form: type[BaseModel]) -> Iterable[tuple[str, str]]:
    """Yield (name, title) of what a form asks."""
    return ((name, str(info.title)) for name, info in form.model_fields.items() if name != "kind")

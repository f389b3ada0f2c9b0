"""What is kept from sight (隐私保护): which values are sensitive, how they are masked, how they come back."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from pydantic import GetJsonSchemaHandler
    from pydantic_core import CoreSchema

SensitiveKind = Literal["identity", "bank", "document", "mobile"]


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Marks a field whose value is encrypted at rest and shown masked, 个人信息保护法 第28条、第51条."""

    kind: SensitiveKind

    def __get_pydantic_json_schema__(self, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """Tell the readers of the schema that the field is sensitive."""
        return {**handler(core), "x-sensitive": self.kind}


@dataclass(frozen=True, slots=True)
class SensitiveValue:
    """A sensitive value and where it stands: `pointer` is a JSON Pointer into the body of the intake."""

    pointer: str
    kind: SensitiveKind
    value: str


# kind: (characters shown in front, characters shown at the end)
_SHOWN: dict[str, tuple[int, int]] = {"identity": (4, 4), "bank": (0, 4), "document": (2, 2), "mobile": (3, 4)}


def mask(kind: SensitiveKind, value: str) -> str:
    """Show just enough to recognise: 3702**********0006, 138****0000, a bank account's last four.

    Of a value too short to hide four characters between them, a quarter is shown at each end.
    """
    front, back = _SHOWN[kind]
    if len(value) < front + back + 4:
        front, back = min(front, len(value) // 4), min(back, len(value) // 4)
    return value[:front] + "*" * (len(value) - front - back) + value[len(value) - back :]


def escape(token: str) -> str:
    """Write one step of a JSON Pointer (RFC 6901)."""
    return token.replace("~", "~0").replace("/", "~1")


def steps(pointer: str) -> list[str]:
    """Read a JSON Pointer (RFC 6901) into its steps."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def at(document: object, pointer: str) -> object:
    """Return what stands at `pointer`; None where nothing does."""
    for step in steps(pointer):
        if isinstance(document, dict):
            document = document.get(step)
        elif isinstance(document, list) and step.isascii() and step.isdigit() and int(step[:9]) < len(document):
            document = document[int(step[:9])]
        else:
            return None
    return document


def unmask(document: Mapping[str, Any], secrets: Mapping[str, str]) -> dict[str, Any]:
    """Return a copy of `document` with every secret back at its pointer; pointers that lead nowhere are passed over."""
    whole = copy.deepcopy(dict(document))
    put(whole, secrets)
    return whole


def put(document: dict[str, Any], values: Mapping[str, str]) -> None:
    """Write each value at its pointer into `document` itself."""
    for pointer, value in values.items():
        parent_at, _, last = pointer.rpartition("/")
        parent = at(document, parent_at)
        key = last.replace("~1", "/").replace("~0", "~")
        if isinstance(parent, dict) and key in parent:
            parent[key] = value
        elif isinstance(parent, list) and key.isdigit() and int(key) < len(parent):
            parent[int(key)] = value

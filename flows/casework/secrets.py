"""Sealing and unsealing what is sensitive (加密、脱敏、还原): the JSON holds masks, the values lie encrypted beside."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from flows.record import Desk
from forms.intake import Intake
from forms.privacy import mask, put, steps
from infra.settings import settings
from infra.store import papers
from infra.vault import Vault


@cache
def vault() -> Vault:
    """Return the vault of this installation; its key lies outside the database."""
    return Vault(settings().vault_key())


def context(application_id: int) -> bytes:
    """Return what binds a sealed value to its application: moved to another row it does not open."""
    return b"application/%d" % application_id


def sealed(intake: Intake, application_id: int, positions: dict[str, int]) -> list[dict[str, Any]]:
    """Return the rows that keep an intake's sensitive values: the head's at position 0, a matter's at its case's."""
    safe, bound = vault(), context(application_id)
    rows = []
    for value in intake.sensitive:
        parts = steps(value.pointer)
        rows.append(
            {
                "application_id": application_id,
                "case_position": positions.get(parts[1], 0) if parts[0] == "matters" else 0,
                "pointer": value.pointer,
                "kind": value.kind,
                "mask": mask(value.kind, value.value),
                "sealed": safe.seal(value.value, bound),
                "blind": safe.blind(value.kind, value.value),
            }
        )
    return rows


def opened(desk: Desk, application_id: int, position: int) -> dict[str, str]:
    """Return the plain values of the head and of one case, by pointer; who calls leaves a trace or is the system."""
    safe, bound = vault(), context(application_id)
    return {
        row["pointer"]: safe.open(row["sealed"], bound).decode()
        for row in papers.secrets_of(desk.conn, application_id)
        if row["case_position"] in (0, position)
    }


def restored(document: dict[str, Any], values: dict[str, str]) -> dict[str, Any]:
    """Put plain values back at their pointers, those that still stand in the document."""
    tops = {f"/matters/{code}" for code in document.get("matters", {})}
    put(
        document,
        {
            pointer: value
            for pointer, value in values.items()
            if not pointer.startswith("/matters/") or "/".join(pointer.split("/")[:3]) in tops
        },
    )
    return document


def blind(kind: str, value: str) -> bytes:
    """Return the blind index of a value, for exact search without the value."""
    return vault().blind(kind, value)


def pointers(rows: Iterable[dict[str, Any]]) -> set[str]:
    """Return where the sealed values stand."""
    return {row["pointer"] for row in rows}

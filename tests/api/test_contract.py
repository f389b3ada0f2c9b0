"""The contract in writing against the running server: whatever a program sends, the answer is one that OpenAPI names.

Schemathesis draws requests from the contract, such as keep to it and such as do not; a few for each operation, with
real numbers in the addresses where it would draw numbers of nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from forms.vocabulary import Department as D
from forms.vocabulary import Role as R
from tests.api.drawn import HR, officer

OFFICES = {"add_officer", "change_officer", "put_office", "put_region", "list_changes", "move_clock", "list_officers"}
WINDOW = {"receive", "act_on_case", "upload", "read_case", "read_application", "board"}
EXAMPLES = 4
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def operations() -> Iterator[tuple[str, str, str, Any]]:
    """Every operation of the contract, to be kept to and, where there is something to break, broken."""
    from api.app import create_app
    from infra.settings import Settings

    described = create_app(Settings(database_url="postgresql://nowhere/x")).openapi()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), path, GenerationMode.POSITIVE
            if "requestBody" in operation or operation.get("parameters"):
                yield operation["operationId"], method.upper(), path, GenerationMode.NEGATIVE


@pytest.fixture(scope="module")
def contract(server: str) -> Any:
    return schemathesis.openapi.from_url(f"{server}/openapi.json")


@pytest.fixture(scope="module")
def numbers(hall) -> dict[str, str]:
    given = hall.open("settlement")
    task = hall.no(given["settlement"], "eligibility")
    return {"applications": given["no"], "progress": given["no"], "cases": given["settlement"], "tasks": task}


OPERATIONS = list(operations())


@pytest.mark.parametrize(
    ("name", "method", "path", "mode"), OPERATIONS, ids=[f"{name} {mode.value}" for name, _, _, mode in OPERATIONS]
)
def test_every_answer_is_one_that_the_contract_names(
    contract: Any, sign_in: Callable[[str], Any], numbers: dict[str, str], name: str, method: str, path: str, mode: Any
) -> None:
    operation = contract[path][method]
    who = officer(R.ADMINISTRATOR, D.SUPERVISION) if name in OFFICES else HR
    caller = sign_in(officer(R.WINDOW, D.WINDOW) if name in WINDOW else who)

    @seed(20260918)
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def sent(case: Any) -> None:
        kind = path.split("/")[3] if path.count("/") > 2 else ""
        if mode is GenerationMode.POSITIVE and "no" in (case.path_parameters or {}) and kind in numbers:
            case.path_parameters["no"] = numbers[kind]
        answer = case.call(headers={"Authorization": caller.http.headers["Authorization"]})
        case.validate_response(answer, checks=CHECKS)
        if answer.status_code >= 400:
            problem = answer.json()
            assert problem["status"] == answer.status_code
            assert problem["code"] and problem["detail"]

    sent()

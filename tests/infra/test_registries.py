"""Registries answer, are silent or talk nonsense; whoever asks always gets evidence, and in time."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import httpx
import pytest

from forms.checks import CHECKS
from forms.vocabulary import CheckResult
from infra.registries import demo
from infra.registries.client import ANSWER_BYTES, SILENT_BEFORE_REST, HttpRegistry
from tests.kit import PATIENCE
from tests.outside import closed_port

TOKEN = "demo-registries"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}
PERSON = {"id_number": "370283199506150003", "name": "王测试", "degree_level": "master"}
Control = Callable[..., httpx.Response]
LONG = 600.0
"""Nobody would wait so long (s): who comes away before was not held up."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with demo.running(TOKEN) as address:
        yield address


@pytest.fixture
def control(address: str) -> Iterator[Control]:
    with httpx.Client(base_url=address, headers=HEADERS, timeout=PATIENCE, verify=False) as client:

        def order(**wanted: object) -> httpx.Response:
            return client.post("/_control", json=wanted)

        order(reset=True)
        yield order
        order(reset=True)


@pytest.fixture(scope="module")
def registry(address: str) -> Iterator[HttpRegistry]:
    asked = HttpRegistry(address, TOKEN, seconds=PATIENCE, rest_seconds=0.1)
    yield asked
    asked.close()


@pytest.fixture
def hasty(address: str) -> Iterator[HttpRegistry]:
    asked = HttpRegistry(address, TOKEN, seconds=0.3, rest_seconds=0.3)
    yield asked
    asked.close()


@contextmanager
def answering(reply: Callable[[socket.socket], None]) -> Iterator[str]:
    """A registry that does with each connection whatever `reply` does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def accept() -> None:
            while True:
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                with connection:
                    try:
                        connection.recv(65536)
                        reply(connection)
                    except OSError:
                        continue

        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        yield "http://{}:{}".format(*listening.getsockname())
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()


@pytest.mark.parametrize("check", sorted(CHECKS))
def test_every_check_is_answered_with_its_source(registry: HttpRegistry, control: Control, check: str) -> None:
    evidence = registry.ask(check, {**PERSON, "uscc": "91370283MA00000009"})
    assert evidence.result is CheckResult.MATCH
    assert evidence.source == CHECKS[check].source
    assert not set(evidence.facts) & {"id_number", "name"}, "evidence repeats nothing personal"
    assert evidence.document()["result"] == "match"


@pytest.mark.parametrize(
    "number, result",
    [
        ("370283199512290002", CheckResult.NOT_FOUND),
        ("370283199512300004", CheckResult.MISMATCH),
        ("37028319951231000X", CheckResult.TIMEOUT),
        ("370283199506150004", CheckResult.NOT_FOUND),
        ("E12345678", CheckResult.NOT_FOUND),
    ],
)
def test_a_birthday_at_the_end_of_the_year_shows_what_else_can_happen(
    registry: HttpRegistry, control: Control, number: str, result: CheckResult
) -> None:
    assert registry.ask("degree", {"id_number": number}).result is result


def test_an_answer_can_be_set_for_one_person_and_one_check(registry: HttpRegistry, control: Control) -> None:
    control(check="degree", about=PERSON["id_number"], result="mismatch", facts={"degree_level": "bachelor"})
    evidence = registry.ask("degree", PERSON)
    assert (evidence.result, evidence.facts) == (CheckResult.MISMATCH, {"degree_level": "bachelor"})
    assert registry.ask("household", PERSON).result is CheckResult.MATCH


@pytest.mark.parametrize("behaviour", ["slow", "silent", "dead", "garbled"])
def test_a_registry_having_a_bad_day_is_a_timeout_in_time(
    registry: HttpRegistry, hasty: HttpRegistry, control: Control, behaviour: str
) -> None:
    control(check="degree", behaviour=behaviour, seconds=LONG if behaviour in {"slow", "silent"} else 0)
    started = monotonic()
    assert hasty.ask("degree", PERSON).result is CheckResult.TIMEOUT
    assert monotonic() - started < LONG
    assert registry.ask("household", PERSON).result is CheckResult.MATCH


def test_a_silent_registry_is_left_alone_for_a_while_and_then_asked_again(
    registry: HttpRegistry, address: str, control: Control
) -> None:
    control(check="degree", behaviour="dead")
    tired = HttpRegistry(address, TOKEN, seconds=PATIENCE, rest_seconds=LONG)
    evidence = tired.ask_many("degree", [PERSON] * 200)
    tired.close()
    assert {one.result for one in evidence} == {CheckResult.TIMEOUT}
    asked = control(check="degree", behaviour="normal").json()["asked"]["degree"]
    assert SILENT_BEFORE_REST <= asked < 50

    control(check="degree", behaviour="dead")
    registry.ask_many("degree", [PERSON] * SILENT_BEFORE_REST)
    control(check="degree", behaviour="normal")
    deadline = monotonic() + PATIENCE
    while registry.ask("degree", PERSON).result is CheckResult.TIMEOUT:
        assert monotonic() < deadline


def test_a_slow_registry_holds_up_no_other_one_and_closing_frees_who_waits(address: str, control: Control) -> None:
    control(check="degree", behaviour="slow", seconds=LONG)
    registry = HttpRegistry(address, TOKEN, seconds=LONG, at_once=2)
    waiting = threading.Thread(target=registry.ask_many, args=("degree", [PERSON] * 4))
    waiting.start()
    assert registry.ask("household", PERSON).result is CheckResult.MATCH
    assert waiting.is_alive()
    registry.close()
    waiting.join(PATIENCE)
    assert not waiting.is_alive()


def test_many_questions_are_answered_in_their_order(registry: HttpRegistry, control: Control) -> None:
    subjects = [{**PERSON, "position": position} for position in range(40)]
    evidence = registry.ask_many("degree", subjects)
    assert [one.facts["position"] for one in evidence] == list(range(40))


def _reply(body: bytes) -> Callable[[socket.socket], None]:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
    return lambda connection: connection.sendall(head + body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'"match"',
        b'{"result": "maybe"}',
        b'{"result": ["match"]}',
        b'{"result": "match", "facts": [1]}',
        b'{"result": "match", "facts": {"a": NaN}}',
        b'{"result": "match", "facts": {"a": "\\u0000"}}',
        b'{"result": "match", "facts": {"a": "\\ud800"}}',
        b'{"result": "match", "source": 5}',
        b'{"result": "match", "facts": {"a": "' + b"x" * ANSWER_BYTES + b'"}}',
        b"[" * 20000,
    ],
)
def test_nonsense_is_no_answer(body: bytes) -> None:
    with answering(_reply(body)) as address:
        registry = HttpRegistry(address, seconds=PATIENCE)
        assert registry.ask("degree", PERSON).result is CheckResult.TIMEOUT
        registry.close()


def test_a_dripping_answer_is_cut_off_on_time() -> None:
    enough = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not enough.wait(0.05):
            connection.sendall(b"X-Drip: 1\r\n")

    with answering(drip) as address:
        registry = HttpRegistry(address, seconds=0.3)
        started = monotonic()
        assert registry.ask("degree", PERSON).result is CheckResult.TIMEOUT
        assert monotonic() - started < LONG
        registry.close()
        enough.set()


def test_nobody_listening_a_wrong_token_and_an_unknown_check_are_timeouts(address: str) -> None:
    with closed_port() as port:
        nobody, stranger = HttpRegistry(f"http://127.0.0.1:{port}"), HttpRegistry(address, "wrong")
        assert nobody.ask("degree", PERSON).result is CheckResult.TIMEOUT
    assert stranger.ask("degree", PERSON).result is CheckResult.TIMEOUT
    assert stranger.ask("astrology", PERSON).result is CheckResult.TIMEOUT
    nobody.close()
    stranger.close()
    assert stranger.ask("degree", PERSON).result is CheckResult.TIMEOUT, "closed"
    assert [one.result for one in stranger.ask_many("degree", [PERSON])] == [CheckResult.TIMEOUT]


def test_nothing_personal_stands_in_the_log(
    registry: HttpRegistry, control: Control, caplog: pytest.LogCaptureFixture
) -> None:
    control(check="*", behaviour="dead")
    with caplog.at_level(logging.DEBUG):
        registry.ask("degree", PERSON)
    assert "check=degree" in caplog.text
    assert PERSON["id_number"] not in caplog.text
    assert PERSON["name"] not in caplog.text


@pytest.mark.parametrize(
    "order",
    [{}, {"check": "astrology", "behaviour": "dead"}, {"check": "degree", "behaviour": "sad"}, {"check": "degree"}],
)
def test_an_order_that_makes_no_sense_is_refused(control: Control, order: dict[str, object]) -> None:
    assert control(**order).status_code == 422


def test_the_controls_are_closed_to_strangers(address: str) -> None:
    with httpx.Client(base_url=address, timeout=PATIENCE, verify=False) as stranger:
        assert stranger.post("/_control", json={"reset": True}).status_code == 401
        assert stranger.post("/checks/degree", json=PERSON).status_code == 401

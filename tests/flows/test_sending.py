"""The outbox against receivers that die, come back, dawdle and refuse: nothing is lost, nobody is told twice."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr
from sqlalchemy import Connection, Engine, text

from flows.sending import alarm, mobile_of
from infra import clock
from infra.notify.outlets import Letter, Outlet, Reached, Sms, Undelivered, Webhook, outlets
from infra.notify.sender import LONGEST_WAIT, Sender, waits
from infra.settings import Settings
from infra.store import notices
from tests.kit import PATIENCE
from tests.kit.hall import Hall
from tests.outside import closed_port


class Receiver:
    """A real HTTP server on loopback, with a switch; it remembers what it took."""

    def __init__(self, port: int = 0) -> None:
        self.taken: list[dict[str, Any]] = []
        self.keys: list[str | None] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if receiver.status == 200:
                    receiver.taken.append(json.loads(body))
                    receiver.keys.append(self.headers["Idempotency-Key"])
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/in"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver()
    yield made
    made.close()


def at_once(tries: int) -> timedelta:
    return timedelta(0)


def sender(engine: Engine, *channels: Outlet, **more: Any) -> Sender:
    return Sender(engine, channels, mobile_of, alarm, **{"waits": at_once, "seconds": PATIENCE, **more})


@pytest.fixture
def nowhere() -> Iterator[int]:
    """A port at which nobody listens."""
    with closed_port() as port:
        yield port


@pytest.fixture
def case_no(hall: Hall) -> str:
    """A case accepted just now; what others were told is told."""
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE notices SET sent_at = now() WHERE sent_at IS NULL"))
    return hall.open("settlement")["settlement"]


def outbox(hall: Hall, case_no: str, channel: str) -> list[Any]:
    query = (
        "SELECT n.* FROM notices n JOIN cases c ON c.id = n.case_id WHERE c.no = :no AND n.channel = :channel"
        " ORDER BY n.id"
    )
    return hall.rows(query, no=case_no, channel=channel)


def test_the_applicant_gets_an_sms_once(hall: Hall, receiver: Receiver) -> None:
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE notices SET sent_at = now() WHERE sent_at IS NULL"))
    body = hall.body("settlement")
    no = hall.receive(body).cases[0]["no"]
    gateway = Sms(receiver.url, "secret", PATIENCE)
    assert sender(hall.engine, gateway).send_due(50) == 1
    assert sender(hall.engine, gateway).send_due(50) == 0
    (taken,) = receiver.taken
    assert taken["mobile"] == body["applicant"]["mobile"]
    assert "已受理" in taken["text"]
    (row,) = outbox(hall, no, "sms")
    assert row.sent_at is not None
    assert taken["mobile"] not in str(vars(row)), "the number is opened only to be sent"


def test_a_dead_receiver_loses_nothing_and_gets_it_when_it_is_back(hall: Hall, case_no: str, nowhere: int) -> None:
    hook = Webhook(f"http://127.0.0.1:{nowhere}/in", None, PATIENCE)
    for tries in (1, 2):
        assert sender(hall.engine, hook).send_due(50) == 0
        (row,) = outbox(hall, case_no, "webhook")
        assert (row.tries, row.sent_at, row.error) == (tries, None, "ConnectError")
    back = Receiver(nowhere)
    try:
        assert sender(hall.engine, hook).send_due(50) == 1
        assert back.taken[0]["case"] == case_no
        assert back.taken[0]["addressee"].startswith("applicant:")
        assert sender(hall.engine, hook).send_due(50) == 0
    finally:
        back.close()
    assert len(back.taken) == 1


def test_what_is_sent_again_bears_the_same_key(hall: Hall, case_no: str, receiver: Receiver) -> None:
    hook = Webhook(receiver.url, None, PATIENCE)
    sender(hall.engine, hook).send_due(50)
    with hall.engine.begin() as conn:  # a crash between sending and marking
        again = "UPDATE notices SET sent_at = NULL WHERE channel = 'webhook' AND id = :key"
        conn.execute(text(again), {"key": outbox(hall, case_no, "webhook")[0].id})
        conn.execute(text("UPDATE notices SET next_at = now() WHERE channel = 'webhook'"))
    sender(hall.engine, hook).send_due(50)
    assert len(receiver.keys) == 2
    assert len(set(receiver.keys)) == 1


def test_a_dead_receiver_is_left_alone_after_three_silences_and_holds_up_no_other(
    hall: Hall, case_no: str, receiver: Receiver, nowhere: int
) -> None:
    hall.open("subsidy", "settlement", "schooling", "green_channel")
    dead = Sms(f"http://127.0.0.1:{nowhere}/in", None, PATIENCE)
    assert sender(hall.engine, dead, Webhook(receiver.url, None, PATIENCE)).send_due(50) == 5
    tried = hall.rows("SELECT tries FROM notices WHERE channel = 'sms' AND sent_at IS NULL AND next_at >= created_at")
    assert sum(row.tries for row in tried) == 3
    assert len(tried) == 5


def test_a_letter_that_is_refused_does_not_stop_those_behind_it(hall: Hall, case_no: str, receiver: Receiver) -> None:
    class Choosy(Webhook):
        def send(self, letter: Letter) -> None:
            if letter.case == case_no:
                raise Undelivered("HTTP 500")
            super().send(letter)

    hall.open("settlement")
    assert sender(hall.engine, Choosy(receiver.url, None, 2)).send_due(50) == 1
    assert sender(hall.engine, Webhook(receiver.url, None, PATIENCE)).send_due(50) == 1


def test_after_the_days_it_is_given_up_and_the_administrator_knows_once(hall: Hall, case_no: str, nowhere: int) -> None:
    dead = Webhook(f"http://127.0.0.1:{nowhere}/in", None, PATIENCE)
    sender(hall.engine, dead).send_due(50)
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE notices SET created_at = created_at - interval '8 days' WHERE channel = 'webhook'"))
    for _ in range(2):
        sender(hall.engine, dead).send_due(50)
    assert all(row.given_up_at is not None for row in outbox(hall, case_no, "webhook"))
    told = hall.rows(
        "SELECT * FROM notices WHERE addressee = 'seat:*:supervision:administrator' AND channel = 'in_app'"
    )
    assert [row.title for row in told] == ["通知发送失败：渠道 webhook"]


def test_a_channel_that_is_no_longer_set_up_is_given_up_too(
    hall: Hall, case_no: str, receiver: Receiver, nowhere: int
) -> None:
    dead = Sms(f"http://127.0.0.1:{nowhere}/in", None, PATIENCE)
    sender(hall.engine, dead).send_due(50)
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE notices SET created_at = created_at - interval '8 days' WHERE channel = 'sms'"))
    sender(hall.engine, Webhook(receiver.url, None, PATIENCE)).send_due(50)
    (row,) = outbox(hall, case_no, "sms")
    assert row.given_up_at is not None


def test_a_channel_set_up_later_is_not_flooded_with_the_past(hall: Hall, case_no: str, receiver: Receiver) -> None:
    assert sender(hall.engine).send_due(50) == 0
    assert sender(hall.engine, Webhook(receiver.url, None, PATIENCE)).send_due(50) == 0
    assert receiver.taken == []


def test_who_has_no_number_is_not_tried_again(hall: Hall, case_no: str, receiver: Receiver) -> None:
    def nobody(conn: Connection, addressee: str) -> None:
        return None

    one = Sender(hall.engine, [Sms(receiver.url, None, PATIENCE)], nobody, alarm, waits=at_once)
    assert one.send_due(50) == 0
    (row,) = outbox(hall, case_no, "sms")
    assert row.given_up_at is not None
    assert row.error == "没有手机号码"


def test_four_senders_at_once_send_each_letter_once(hall: Hall, case_no: str, receiver: Receiver) -> None:
    for _ in range(6):
        hall.open("settlement", "subsidy")
    hook = Webhook(receiver.url, None, PATIENCE)
    with ThreadPoolExecutor(4) as pool:
        delivered = sum(pool.map(lambda _: sender(hall.engine, hook).send_due(5), range(8)))
    delivered += sender(hall.engine, hook).send_due(50)
    assert delivered == 13
    assert len(receiver.keys) == len(set(receiver.keys)) == 13


def test_what_a_killed_sender_held_is_sent_when_its_lease_is_over(hall: Hall, case_no: str, receiver: Receiver) -> None:
    hook = Webhook(receiver.url, None, PATIENCE)
    with hall.engine.begin() as conn:
        rows = notices.fresh(conn, 100)
        assert rows
    killed = sender(hall.engine, hook)
    killed._spread()
    with hall.engine.begin() as conn:
        assert notices.lease(conn, "webhook", clock.machine(), timedelta(minutes=5), 50)
    assert sender(hall.engine, hook).send_due(50) == 0
    with hall.engine.begin() as conn:
        conn.execute(text("UPDATE notices SET next_at = next_at - interval '5 minutes' WHERE channel = 'webhook'"))
    assert sender(hall.engine, hook).send_due(50) == 1


def test_waiting_doubles_up_to_an_hour() -> None:
    assert [waits(tries).seconds for tries in range(4)] == [30, 60, 120, 240]
    assert waits(50) == LONGEST_WAIT


class Post(socketserver.StreamRequestHandler):
    """A mail server that takes one message."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        inside = False
        for line in self.rfile:
            if inside:
                self.server.mail.append(line)  # type: ignore[attr-defined]
                inside = line != b".\r\n"
                if not inside:
                    self.wfile.write(b"250 taken\r\n")
            elif line.upper().startswith(b"DATA"):
                inside = True
                self.wfile.write(b"354 go on\r\n")
            elif line.upper().startswith(b"QUIT"):
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 yes\r\n")


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated")  # apprise's own, where Python still has it
def test_a_seat_of_a_pattern_gets_an_email(hall: Hall) -> None:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Post) as server:
        server.mail = []  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        port = server.server_address[1]
        url = f"mailto://127.0.0.1:{port}?from=lianban@example.com&to=manager@example.com&mode=insecure"
        mail = Reached("seat:*:supervision:manager", url)
        letter = Letter(
            "k", "seat:370283:supervision:manager", "红牌", "办件超时", {}, None, "2026-09-18T10:00:00+08:00"
        )
        assert mail.takes(letter.addressee)
        assert not mail.takes("seat:370283:finance:handler")
        mail.send(letter)
        server.shutdown()
        thread.join()
    said = b"".join(server.mail).decode()  # type: ignore[attr-defined]
    assert "To: manager@example.com" in said
    with pytest.raises(Undelivered):
        mail.send(letter)


def test_settings_set_up_the_channels() -> None:
    made = outlets(
        Settings(
            notify_sms_url="http://127.0.0.1:9/sms",
            notify_webhook_url="http://127.0.0.1:9/hook",
            notify_urls={"seat:*": [SecretStr("mailto://127.0.0.1?from=a@example.com")]},
        )
    )
    assert [one.channel.partition(":")[0] for one in made] == ["sms", "webhook", "mailto"]
    assert outlets(Settings()) == []

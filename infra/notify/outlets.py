"""Channels outside (通知渠道): an SMS gateway and a webhook over HTTP, and whatever `apprise` can reach.

An outlet either has delivered a letter or raises Undelivered; then the letter stays in the outbox and is tried again.
A receiver may therefore get a letter twice: the `Idempotency-Key` is the same each time.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cached_property
from typing import Any, Protocol
from urllib.parse import urlsplit

import httpx

from infra.settings import Settings

log = logging.getLogger(__name__)

LOCAL = frozenset({"127.0.0.1", "::1", "localhost"})


class Undelivered(Exception):
    """The receiver has not taken the letter: dead, or unwilling."""


class Unaddressed(Undelivered):
    """There is nobody to send it to; trying again would not help."""


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent: `key` is the same however often, `at` (ISO 8601) is when its cause happened.

    `mobile` is there only where the outlet needs it.
    """

    key: str
    addressee: str
    title: str
    text: str
    content: Mapping[str, Any]
    case: str | None
    at: str
    mobile: str | None = None


class Outlet(Protocol):
    """A channel outside."""

    @property
    def channel(self) -> str:
        """How the channel is called in the outbox."""
        ...

    @property
    def needs_mobile(self) -> bool:
        """Whether a letter needs the addressee's telephone number."""
        ...

    def takes(self, addressee: str) -> bool:
        """Whether the channel reaches this addressee."""
        ...

    def send(self, letter: Letter) -> None:
        """Have the letter delivered, or raise Undelivered."""
        ...


class Post:
    """A receiver of JSON over HTTP, each call bounded by `seconds`; what it answers is not read but for the status."""

    def __init__(self, url: str, token: str | None, seconds: float) -> None:
        """Open nothing yet."""
        self._url = url
        self._client = httpx.Client(
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=seconds,
            trust_env=urlsplit(url).hostname not in LOCAL,
        )

    def post(self, key: str, body: Mapping[str, Any]) -> None:
        """Have the receiver take `body`, or raise Undelivered; neither address nor log line holds anything of it."""
        try:
            with self._client.stream("POST", self._url, json=body, headers={"Idempotency-Key": _plain(key)}) as answer:
                status = answer.status_code
        except httpx.HTTPError as error:
            raise Undelivered(type(error).__name__) from None
        if not httpx.codes.is_success(status):
            raise Undelivered(f"HTTP {status}")


class Sms(Post):
    """An SMS gateway (短信网关) for applicants: `{"key", "mobile", "text"}`."""

    channel = "sms"
    needs_mobile = True

    def takes(self, addressee: str) -> bool:
        """Applicants have a telephone; officers read here."""
        return addressee.startswith("applicant:")

    def send(self, letter: Letter) -> None:
        """Send the text to the number."""
        if not letter.mobile:
            raise Unaddressed("没有手机号码")
        self.post(letter.key, {"key": letter.key, "mobile": letter.mobile, "text": letter.text})


class Webhook(Post):
    """A receiver of the city's own (如政务消息平台): everything that is told, addressed by seat or application."""

    channel = "webhook"
    needs_mobile = False

    def takes(self, addressee: str) -> bool:
        """Everything is told."""
        return True

    def send(self, letter: Letter) -> None:
        """Send the letter as it stands in the outbox; no telephone number is in it."""
        self.post(
            letter.key,
            {
                "key": letter.key,
                "addressee": letter.addressee,
                "title": letter.title,
                "text": letter.text,
                "content": letter.content,
                "case": letter.case,
                "at": letter.at,
            },
        )


class Reached:
    """What `apprise` reaches (电子邮件、企业微信、钉钉…), for addressees of a pattern such as `seat:*:manager`."""

    needs_mobile = False

    def __init__(self, pattern: str, url: str) -> None:
        """Name the channel after the kind of address and a digest of it, so that the outbox holds no password."""
        self._pattern, self._url = pattern, url
        digest = hashlib.sha256(f"{pattern} {url}".encode()).hexdigest()[:12]
        self.channel = f"{urlsplit(url).scheme}:{digest}"

    def takes(self, addressee: str) -> bool:
        """Whether the addressee is of the pattern."""
        return fnmatchcase(addressee, self._pattern)

    def send(self, letter: Letter) -> None:
        """Send title and text."""
        if not self._sender.notify(title=letter.title, body=letter.text):
            raise Undelivered("apprise")

    @cached_property
    def _sender(self) -> Any:
        import apprise  # half a second, and only for who uses it

        sender = apprise.Apprise()
        if not sender.add(self._url):
            raise Undelivered("通知地址无法识别")
        return sender


def outlets(settings: Settings) -> Sequence[Outlet]:
    """Return the channels that an installation has set up."""
    found: list[Outlet] = []
    if settings.notify_sms_url is not None:
        found.append(Sms(settings.notify_sms_url, _secret(settings.notify_sms_token), settings.notify_seconds))
    if settings.notify_webhook_url is not None:
        token = _secret(settings.notify_webhook_token)
        found.append(Webhook(settings.notify_webhook_url, token, settings.notify_seconds))
    for pattern, urls in settings.notify_urls.items():
        found += [Reached(pattern, url.get_secret_value()) for url in urls]
    return found


def _secret(token: Any) -> str | None:
    return token.get_secret_value() if token is not None else None


def _plain(key: str) -> str:
    """Return a key as a header takes it: a document's number begins with a Chinese word."""
    return key if key.isascii() else key.encode().hex()

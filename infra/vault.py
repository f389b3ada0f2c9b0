"""The vault (保险箱): what the law calls sensitive is sealed before it reaches the database, 个人信息保护法 第51条.

Values are sealed with AES-256-GCM; the key lives outside the database. What a value belongs to (its *context*, such as
the application's number and the field) is sealed in with it, so that a value moved to another row does not open there.
Exact search goes through a *blind index* (盲索引): a keyed fingerprint of the normalised value.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from forms.errors import Unavailable

KEY_BYTES = 32

_VERSION = b"\x01"
_ID_BYTES = 4
_NONCE_BYTES = 12
_TAG_BYTES = 16
_HEADER_BYTES = len(_VERSION) + _ID_BYTES


class WrongKey(Unavailable):
    """加密密钥不符：这条信息是用另一把密钥加密的，请管理员核对密钥设置。"""

    code = "wrong_key"


class Tampered(Unavailable):
    """加密信息已损坏或不属于此处，无法打开，请联系管理员。"""

    code = "tampered"


class Vault:
    """Seals and opens values; the first key seals, the older ones still open (密钥轮换)."""

    def __init__(self, key: bytes, *older: bytes) -> None:
        """Take the keys, 32 bytes each; ValueError for any other length."""
        for one in (key, *older):
            if len(one) != KEY_BYTES:
                raise ValueError(f"a vault key has {KEY_BYTES} bytes, not {len(one)}")
        ring = [_Key(one) for one in (key, *older)]
        self._first = ring[0]
        self._ring = {one.id: one for one in reversed(ring)}
        self._order = tuple(ring)

    def seal(self, plain: str | bytes, context: bytes) -> bytes:
        """Return `plain` sealed for `context`: version, key id, nonce, ciphertext with tag; never twice the same."""
        data = plain.encode() if isinstance(plain, str) else plain
        header = _VERSION + self._first.id
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return header + nonce + self._first.cipher.encrypt(nonce, data, header + context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """Return what was sealed for `context`; WrongKey when no key fits, Tampered when it was changed or moved."""
        header = sealed[:_HEADER_BYTES]
        if len(sealed) < _HEADER_BYTES + _NONCE_BYTES + _TAG_BYTES or header[:1] != _VERSION:
            raise Tampered
        key = self._ring.get(header[1:])
        if key is None:
            raise WrongKey
        nonce = sealed[_HEADER_BYTES : _HEADER_BYTES + _NONCE_BYTES]
        try:
            return key.cipher.decrypt(nonce, sealed[_HEADER_BYTES + _NONCE_BYTES :], header + context)
        except InvalidTag:
            raise Tampered from None

    def is_current(self, sealed: bytes) -> bool:
        """Tell whether `sealed` was sealed with the first key, that is, needs no sealing anew after a rotation."""
        return sealed[:_HEADER_BYTES] == _VERSION + self._first.id

    def blind(self, kind: str, value: str) -> bytes:
        """Return the blind index of a value under the first key: HMAC-SHA256, the same however it was typed."""
        return self._first.blind(kind, value)

    def blinds(self, kind: str, value: str) -> tuple[bytes, ...]:
        """Return the blind indexes under every key, the first first: search by all of them while keys rotate."""
        return tuple(key.blind(kind, value) for key in self._order)


def is_sealed(data: bytes) -> bool:
    """Tell whether data begin as what a vault sealed; a PDF, a JPG or a PNG never does."""
    return data[: len(_VERSION)] == _VERSION


class _Key:
    """One key of the ring: separate subkeys to seal and to blind, and an id that tells nothing about it."""

    def __init__(self, key: bytes) -> None:
        self.id = _derive(key, b"id")[:_ID_BYTES]
        self.cipher = AESGCM(_derive(key, b"seal"))
        self._blind = _derive(key, b"blind")

    def blind(self, kind: str, value: str) -> bytes:
        return hmac.digest(self._blind, f"{kind}\0{normalised(value)}".encode(), "sha256")


def normalised(value: str) -> str:
    """Return a number or name as it is compared: half width, upper case, without blanks and hyphens."""
    return re.sub(r"[\s\-‐-―·]", "", unicodedata.normalize("NFKC", value)).upper()


def new_token() -> str:
    """Draw a bearer token, 256 bits; it is shown once and only its hash is stored."""
    return f"lb_{secrets.token_urlsafe(32)}"


def hash_token(token: str) -> bytes:
    """Return the SHA-256 of a token or progress code: what the database keeps of it."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def _derive(key: bytes, purpose: bytes) -> bytes:
    return hmac.digest(key, b"lianban/vault/1/" + purpose, "sha256")

"""The city's single sign-on (统一身份认证): OpenID Connect with PKCE, through Authlib; every call bounded in time."""

from __future__ import annotations

import logging
import secrets
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Self, cast

import orjson
import requests
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.requests_client import OAuth2Session
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from forms.errors import NotAllowed, Unavailable
from infra.settings import Settings

if TYPE_CHECKING:
    from joserfc.jwk import KeySetSerialization

log = logging.getLogger(__name__)

SECONDS = 5.0
FRESH_SECONDS = 3600.0
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]
"""Only what a provider signs with a key of its own; `none` and shared secrets are not believed."""
LEEWAY_SECONDS = 60

_known: dict[str, tuple[float, dict[str, Any], dict[str, Any]]] = {}


@dataclass(frozen=True, slots=True)
class Asked:
    """What we asked the provider and must find again in its answer; it travels sealed in a cookie."""

    state: str
    nonce: str
    verifier: str
    to: str

    def as_bytes(self) -> bytes:
        """Write it for the cookie."""
        return orjson.dumps(asdict(self))

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read what the cookie held; ValueError or TypeError where it was not ours."""
        return cls(**orjson.loads(data))


def ask(settings: Settings, back: str, to: str) -> tuple[str, Asked]:
    """Return the provider's address to send the browser to, and what its answer must match; Unavailable."""
    provider, _ = _provider(settings)
    asked = Asked(secrets.token_urlsafe(24), secrets.token_urlsafe(24), secrets.token_urlsafe(48), to)
    with _session(settings, back) as session:
        address, _ = session.create_authorization_url(
            provider["authorization_endpoint"], state=asked.state, nonce=asked.nonce, code_verifier=asked.verifier
        )
    return str(address), asked


def answered(settings: Settings, back: str, asked: Asked, state: str, code: str) -> str:
    """Return the username the provider vouches for.

    NotAllowed where the answer is not to our question or its signature, issuer, audience, nonce or time is wrong;
    Unavailable where the provider does not answer.
    """
    if not code or not secrets.compare_digest(state.encode(), asked.state.encode()):
        raise NotAllowed("统一身份认证的应答与请求不符，请重新登录。", code="sso_state")
    provider, keys = _provider(settings)
    try:
        with _session(settings, back) as session:
            token = session.fetch_token(
                provider["token_endpoint"], code=code, code_verifier=asked.verifier, timeout=SECONDS
            )
        decoded = jwt.decode(
            token["id_token"], KeySet.import_key_set(cast("KeySetSerialization", keys)), algorithms=ALGORITHMS
        )
        jwt.JWTClaimsRegistry(
            leeway=LEEWAY_SECONDS,
            iss={"essential": True, "value": provider["issuer"]},
            aud={"essential": True, "value": settings.oidc_client_id},
            nonce={"essential": True, "value": asked.nonce},
            exp={"essential": True},
        ).validate(decoded.claims)
    except requests.RequestException as error:
        log.warning("the single sign-on does not answer: %s", type(error).__name__)
        raise Unavailable("统一身份认证暂时没有应答，请稍后再试，或使用本系统账号登录。") from error
    except (AuthlibBaseError, JoseError, KeyError, ValueError) as error:
        log.warning("the answer of the single sign-on is not believed: %s", type(error).__name__)
        _known.pop(str(settings.oidc_issuer).rstrip("/"), None)  # its keys may have been changed
        raise NotAllowed("统一身份认证的应答无效，请重新登录。", code="sso_answer") from error
    name = decoded.claims.get(settings.oidc_claim)
    if not isinstance(name, str) or not name:
        raise NotAllowed(f"统一身份认证没有提供账号（{settings.oidc_claim}）。", code="sso_claim")
    return name.strip().lower()


def _session(settings: Settings, back: str) -> OAuth2Session:
    secret = settings.oidc_client_secret
    return OAuth2Session(
        settings.oidc_client_id,
        secret.get_secret_value() if secret else None,
        scope=settings.oidc_scope,
        redirect_uri=back,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_basic" if secret else "none",
    )


def _provider(settings: Settings) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return what the provider says of itself, and its keys; asked again after an hour."""
    issuer = str(settings.oidc_issuer).rstrip("/")
    since, described, keys = _known.get(issuer, (float("-inf"), {}, {}))
    if time.monotonic() - since < FRESH_SECONDS:
        return described, keys
    try:
        described = _get(f"{issuer}/.well-known/openid-configuration")
        keys = _get(described["jwks_uri"])
    except (requests.RequestException, ValueError, KeyError) as error:
        raise Unavailable("统一身份认证暂时没有应答，请稍后再试，或使用本系统账号登录。") from error
    if str(described.get("issuer", "")).rstrip("/") != issuer:
        raise Unavailable("统一身份认证的设置有误（issuer 不符），请联系管理员。")
    _known[issuer] = (time.monotonic(), described, keys)
    return described, keys


def _get(address: str) -> dict[str, Any]:
    answer = requests.get(address, timeout=SECONDS)
    answer.raise_for_status()
    data = answer.json()
    if not isinstance(data, dict):
        raise ValueError("not an object")
    return data

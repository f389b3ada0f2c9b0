"""Single sign-on against a real OpenID Connect provider on loopback."""

from __future__ import annotations

import base64
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from playwright.sync_api import expect
from werkzeug.serving import make_server

from tests.kit import PATIENCE
from tests.kit.browser import Site, serving

NAME = "pd.hr.wang"
# the provider's own libraries warn of their future, in its threads too
pytestmark = pytest.mark.filterwarnings(
    "ignore::authlib.deprecate.AuthlibDeprecationWarning", "ignore::DeprecationWarning"
)


@pytest.fixture(scope="module")
def provider() -> Iterator[str]:
    """The provider; it knows one of our officers and a stranger."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from oidc_provider_mock import User, app
    people = [
        User(sub="1", claims={"preferred_username": NAME}),
        User(sub="2", claims={"preferred_username": "stranger"}),
        User(sub="3", claims={}),
    ]
    # threads of its own: a browser keeps its connection open while our server asks the provider
    server = make_server("localhost", 0, app(user_claims=people), threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join(PATIENCE)
    server.server_close()


@pytest.fixture(scope="module")
def served(desk_engine, provider: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The site of this module knows the provider."""
    with serving(
        desk_engine,
        tmp_path_factory.mktemp("home"),
        oidc_issuer=provider,
        oidc_title="城市通",
        oidc_client_secret="word",
    ) as base:
        yield base


@pytest.fixture
def clients(site: Site) -> Iterator[ExitStack]:
    """Closes the browsers that a test has opened."""
    with ExitStack() as opened:
        yield opened


def _browser(site: Site, clients: ExitStack) -> httpx.Client:
    return clients.enter_context(httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE))


def _answer(site: Site, provider: str, subject: str, clients: ExitStack) -> tuple[httpx.Client, str]:
    """Go to the provider as that subject; return the browser and where the provider sends it back to."""
    client = _browser(site, clients)
    away = client.get("/sign-in/city", params={"next": "/account"}).headers["location"]
    assert away.startswith(provider)
    back = httpx.post(away, data={"sub": subject}, trust_env=False, timeout=PATIENCE).headers["location"]
    return client, back


def test_an_officer_comes_in_through_the_citys_door(site: Site) -> None:
    page = site.visitor()
    page.goto("/sign-in?next=/account")
    page.click("text=城市通登录")
    page.fill("input[name=sub]", "1")
    page.press("input[name=sub]", "Enter")
    expect(page.locator("main")).to_contain_text(NAME)
    expect(page).to_have_url(re.compile("/account$"))


@pytest.mark.parametrize("subject", ["2", "3"])
def test_whom_the_city_knows_and_we_do_not_is_told_so_and_not_let_in(
    site: Site, provider: str, subject: str, clients: ExitStack
) -> None:
    client, back = _answer(site, provider, subject, clients)
    refused = client.get(back)
    assert refused.status_code == 403
    assert "账号" in refused.text
    assert client.get("/account").status_code == 303


def test_an_answer_to_somebody_elses_question_is_refused(site: Site, provider: str, clients: ExitStack) -> None:
    _, back = _answer(site, provider, "1", clients)
    other, _ = _answer(site, provider, "1", clients)
    assert other.get(back).status_code == 403
    assert _browser(site, clients).get(back).status_code == 403


def test_a_changed_cookie_or_a_used_code_is_refused(site: Site, provider: str, clients: ExitStack) -> None:
    client, back = _answer(site, provider, "1", clients)
    assert client.get(back).status_code == 303
    assert client.get(back).status_code == 403
    client, back = _answer(site, provider, "1", clients)
    client.cookies.set("lianban_city", base64.urlsafe_b64encode(b"x" * 80).decode(), path="/sign-in/city")
    assert client.get(back).status_code == 403


def test_the_question_is_protected_by_state_nonce_and_pkce(site: Site) -> None:
    away = httpx.get(f"{site.base}/sign-in/city", trust_env=False, timeout=PATIENCE).headers["location"]
    asked = parse_qs(urlsplit(away).query)
    assert asked["code_challenge_method"] == ["S256"]
    assert all(len(asked[name][0]) >= 32 for name in ("state", "nonce", "code_challenge"))


def test_without_a_provider_there_is_no_such_door(desk_engine, tmp_path) -> None:
    with serving(desk_engine, tmp_path) as base:
        assert "城市通" not in httpx.get(f"{base}/sign-in", trust_env=False, timeout=PATIENCE).text
        assert httpx.get(f"{base}/sign-in/city", trust_env=False, timeout=PATIENCE).status_code == 404


def test_a_provider_that_is_away_is_said_and_the_own_door_stays_open(desk_engine, tmp_path) -> None:
    with serving(desk_engine, tmp_path, oidc_issuer="http://127.0.0.1:9") as base:
        assert httpx.get(f"{base}/sign-in/city", trust_env=False, timeout=PATIENCE).status_code == 503
        assert httpx.get(f"{base}/sign-in", trust_env=False, timeout=PATIENCE).status_code == 200

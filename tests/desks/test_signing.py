"""Signing in: sessions, a lock after repeated failures, temporary passwords, forms from elsewhere."""

from __future__ import annotations

import re

import httpx
import pytest
from playwright.sync_api import expect

from infra.demo.organisation import PASSWORD
from tests.kit import PATIENCE
from tests.kit.browser import Site, accessible, enter


@pytest.fixture
def window_name(site: Site) -> str:
    return site.hall.window.username


def _client(site: Site) -> httpx.Client:
    return httpx.Client(base_url=site.base, trust_env=False, timeout=PATIENCE)


def _word(text: str) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]+)"', text)
    assert found is not None
    return found[1]


def _enter(client: httpx.Client, username: str, password: str, **more: str) -> httpx.Response:
    word = _word(client.get("/sign-in").text)
    return client.post("/sign-in", data={"csrf": word, "username": username, "password": password, **more})


@pytest.mark.parametrize("js", [True, False])
def test_an_officer_signs_in_sees_the_account_and_signs_out(site: Site, window_name: str, js: bool) -> None:
    page = site.visitor(js=js)
    enter(page, window_name)
    page.goto("/account")
    expect(page.locator("main")).to_contain_text(window_name)
    page.click("text=退出 >> nth=0")
    page.goto("/account")
    expect(page).to_have_url(re.compile("/sign-in"))


def test_the_pages_before_the_door_are_accessible(site: Site, window_name: str) -> None:
    page = site.visitor()
    for path in ("/", "/sign-in", "/nowhere"):
        page.goto(path)
        accessible(page)
    inside = site.person(window_name)
    inside.goto("/account")
    accessible(inside)


def test_a_wrong_password_and_an_unknown_name_are_told_apart_by_nobody(site: Site, window_name: str) -> None:
    with _client(site) as client:
        wrong = _enter(client, window_name, "wrong-password-1")
        unknown = _enter(client, "nobody.here", "wrong-password-1")
    assert wrong.status_code == unknown.status_code == 401
    assert wrong.text.count("账号或密码不正确") == unknown.text.count("账号或密码不正确") == 1


def test_five_failures_lock_the_name_even_for_the_right_password(site: Site) -> None:
    name = site.hall.manager.username
    with _client(site) as client:
        for _ in range(5):
            assert _enter(client, name, "wrong-password-1").status_code == 401
        assert _enter(client, name, PASSWORD).status_code == 429


def test_a_form_without_the_browsers_word_changes_nothing(site: Site, window_name: str) -> None:
    with _client(site) as client:
        assert _enter(client, window_name, PASSWORD).status_code == 303
        refused = client.post("/sign-out", data={"csrf": "0" * 40})
        assert refused.status_code == 403
        assert client.get("/account").status_code == 200


@pytest.mark.parametrize("header", [{"Origin": "http://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_form_from_another_site_changes_nothing(site: Site, window_name: str, header: dict[str, str]) -> None:
    with _client(site) as client:
        _enter(client, window_name, PASSWORD)
        word = _word(client.get("/account").text)
        assert client.post("/sign-out", data={"csrf": word}, headers=header).status_code == 403
        assert client.get("/account").status_code == 200
        assert client.post("/sign-out", data={"csrf": word}).status_code == 303
        assert client.get("/account").status_code == 303


@pytest.mark.parametrize("away", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "a b"])
def test_signing_in_leads_nowhere_else(site: Site, window_name: str, away: str) -> None:
    with _client(site) as client:
        assert _enter(client, window_name, PASSWORD, next=away).headers["location"] == "/"


def test_the_cookie_is_for_the_server_alone_and_renewed_at_the_door(site: Site, window_name: str) -> None:
    with _client(site) as client:
        client.get("/sign-in")
        before = client.cookies["lianban"]
        entered = _enter(client, window_name, PASSWORD)
        assert client.cookies["lianban"] != before
        cookie = next(one for one in entered.headers.get_list("set-cookie") if one.startswith("lianban="))
        assert "HttpOnly" in cookie and "SameSite=lax" in cookie


def test_a_new_password_must_be_good_and_signs_the_other_browsers_out(site: Site) -> None:
    name = site.hall.actor("reviewer", "human_resources").username
    with _client(site) as here, _client(site) as there:
        _enter(here, name, PASSWORD)
        _enter(there, name, PASSWORD)
        word = _word(here.get("/account").text)
        bad = here.post("/account/password", data={"csrf": word, "old": "x", "new": "short", "again": "other"})
        assert bad.status_code == 422
        assert all(words in bad.text for words in ("原密码不正确", "10 至 128 个字符", "两次输入的新密码不一致"))
        good = {"csrf": word, "old": PASSWORD, "new": "brand-new-word-7", "again": "brand-new-word-7"}
        assert here.post("/account/password", data=good).status_code == 303
        assert here.get("/account").status_code == 200
        assert there.get("/account").status_code == 303


def test_every_page_carries_the_headers_that_protect(site: Site) -> None:
    with _client(site) as client:
        for path in ("/", "/sign-in", "/nowhere"):
            headers = client.get(path).headers
            assert "script-src 'self'" in headers["content-security-policy"]
            assert "unsafe" not in headers["content-security-policy"]
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"

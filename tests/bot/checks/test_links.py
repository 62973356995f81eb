"""Addresses are found however they are written, and shown as what they are."""

from __future__ import annotations

import time

import pytest

from bot.checks.links import hosts, links, unmasked, without

FOUND = [
    ("See [our shop](https://evil.example/?q=1).", "evil.example"),
    ("[shop](HTTPS://EVIL.xyz)", "evil.xyz"),
    ("[shop]( <https://evil.xyz/a(b)> \"Our shop\" )", "evil.xyz"),
    ("![picture](http://evil.xyz/p.png)", "evil.xyz"),
    ("Read more at evil.xyz today", "evil.xyz"),
    ("WWW.EVIL.XYZ", "evil.xyz"),
    ("Evil.Berlin/menu", "evil.berlin"),
    ("(evil.co.uk)", "evil.co.uk"),
    ("hTTp://user:pw@evil.xyz:8080/x", "evil.xyz"),
    ("hxxps://evil.xyz", "evil.xyz"),
    ("evil[.]xyz", "evil.xyz"),
    ("evil(dot)xyz/login", "evil.xyz"),
    ("evil。xyz", "evil.xyz"),
    ("ｅｖｉｌ．ｘｙｚ", "evil.xyz"),
    ("ev\u200bil.xyz", "evil.xyz"),
    ("büro-für-böses.de", "büro-für-böses.de"),
    ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),
    ("пример.рф", "пример.рф"),
    ("**evil.xyz**, _evil.xyz_", "evil.xyz"),
    ("Go:https://evil.xyz!", "evil.xyz"),
    ("<https://evil.xyz>", "evil.xyz"),
    ("See [1].\n\n[1]: https://evil.xyz/a", "evil.xyz"),
    ("[call](tel:+4912345)", "tel:+4912345"),
    ("[x](javascript:alert(1))", "javascript:alert(1)"),
    ("evil.readme.md/steal", "evil.readme.md"),
    ("shop.test", "shop.test"),
    ("203.0.113.7/login", "203.0.113.7"),
    ("Shop:evil.xyz", "evil.xyz"),
    ("shop=evil.xyz/a?b=c", "evil.xyz"),
    ("→evil.xyz", "evil.xyz"),
    ("Go…evil.xyz—now", "evil.xyz"),
    ("tea,evil.xyz,milk", "evil.xyz"),
    ("(evil.xyz)soon", "evil.xyz"),
    ("//evil.xyz/login", "evil.xyz"),
    ("http:\\\\evil.xyz", "evil.xyz"),
    ("steam://run/1", "steam://run/1"),
    ("tg://resolve?domain=evil", "tg://resolve?domain=evil"),
    ("magnet:?xt=1", "magnet:?xt=1"),
]  # fmt: skip
NONE = [
    "We close at 5.30 p.m. on Monday.", "e.g. this, i.e. that", "Version 2.10.3 of README.md and main.py", "end.This is fine",
    "We are closed.It rains.", "Mr.Smith and Dr.Jones", "3.5.2026", "U.S.A.", "Write to ada@school.org", "ratio 16:9",
    "at 10:30, see p. 3", "Note: nothing", "a...b", "[brackets] (and round ones)", "and/or", "1.000,50 €", "…", "Art. 5 Abs. 2",
    "he/she", "src/main.py:12", "a=b, c=d", "10:30–11:45", "km/h", "Note:it", "(see p.3)now", "1,5/2,5", "docs/README.md",
]  # fmt: skip


@pytest.mark.parametrize(("text", "host"), FOUND)
def test_an_address_is_found_however_it_is_written(text: str, host: str) -> None:
    assert hosts([text]) == {host}
    left = without(text, lambda _one: True)
    assert not links(left), left


@pytest.mark.parametrize("text", NONE)
def test_what_is_no_address_is_none(text: str) -> None:
    assert links(text) == []
    assert without(text, lambda _one: True) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("[our page](https://phish.example/login)", "our page (https://phish.example/login)"),
        ("[https://bank.example](https://phish.example)", "https://bank.example (https://phish.example)"),
        ("[https://a.example/](https://a.example)", "https://a.example"),
        ("[](https://a.example)", "https://a.example"),
        ("a [b] (c) [d](e)", "a [b] (c) d (e)"),
        ("x[a](b)[c](d)", "xa (b)c (d)"),
        ("[[a](b)](https://c.example)", "[a (b)] (https://c.example)"),
        ("\\[escaped](https://a.example) [b](c)", "\\[escaped](https://a.example) b (c)"),
        ("gnp\u202e.exe", "gnp.exe"),
        ("👩\u200d🏫 stays", "👩\u200d🏫 stays"),
    ],
)
def test_a_link_shows_where_it_goes(text: str, shown: str) -> None:
    assert unmasked(text) == shown
    assert "](" not in unmasked(text).replace("\\[escaped](", "")


def test_words_stay_where_an_address_goes() -> None:
    text = "Come to [our shop](https://evil.example/?q=1) or to fern.example, open daily."
    assert without(text, lambda one: one.host == "evil.example") == "Come to our shop or to fern.example, open daily."
    assert without("https://evil.example", lambda _one: True) == ""


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[a](" * 25_000, "a." * 50_000, "." * 100_000, "https://" * 12_500, "(dot)" * 20_000,
             "[a]:" * 25_000, "a.xyz " * 16_000, "\u202e" * 100_000, "[](x)" * 20_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_reading_takes_linear_time(text: str) -> None:
    started = time.process_time()
    links(text)
    unmasked(text)
    assert time.process_time() - started < 2, "ten times what it takes here"

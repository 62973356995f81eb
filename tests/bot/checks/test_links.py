"""Addresses are found in any spelling, and shown undisguised."""

from __future__ import annotations

import time

import pytest

from bot.checks.links import collect_link_keys, find_links, remove_links, unmask_links

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
    ("Write to help@evil.xyz today", "evil.xyz"),
    ("mail:help@evil.xyz,", "evil.xyz"),
    ("Help@Evil.md", "evil.md"),
    ("help(at)evil.xyz", "evil.xyz"),
    ("help&#64;evil.xyz", "evil.xyz"),
    ("a" * 70 + "@evil.xyz", "evil.xyz"),
    ("user:pass@evil.xyz", "evil.xyz"),
    ("Find @evil.xyz there", "evil.xyz"),
    ("evil%2Exyz", "evil.xyz"),
    ("go:evil%2exyz", "evil.xyz"),
    ("https://evil&#46;xyz", "evil.xyz"),
    ("evil&#x2e;xyz/a", "evil.xyz"),
    ("https:\\/\\/evil.xyz", "evil.xyz"),
    ("evil\\.xyz", "evil.xyz"),
    ("evil**.**xyz", "evil.xyz"),
    ("**evil**.xyz", "evil.xyz"),
    ("evil․xyz", "evil.xyz"),
    ("evil.xyz店", "evil.xyz"),
    ("请访问evil.xyz店", "evil.xyz"),
    ("https://evil.xyz店", "evil.xyz"),
    ("evil.xyz에서", "evil.xyz"),
    ("(evil[.]xyz)soon", "evil.xyz"),
    ("ev\u034fil\ufe0f.x\u2063yz", "evil.xyz"),
    ("http://[2001:db8::1]:80/a", "[2001:db8::1]"),
    ("evil.xyz:8080", "evil.xyz"),
]  # fmt: skip
NONE = [
    "We close at 5.30 p.m. on Monday.", "e.g. this, i.e. that", "Version 2.10.3 of README.md and main.py", "end.This is fine",
    "We are closed.It rains.", "Mr.Smith and Dr.Jones", "3.5.2026", "U.S.A.", "ratio 16:9",
    "at 10:30, see p. 3", "Note: nothing", "a...b", "[brackets] (and round ones)", "and/or", "1.000,50 €", "…", "Art. 5 Abs. 2",
    "he/she", "src/main.py:12", "a=b, c=d", "10:30–11:45", "km/h", "Note:it", "(see p.3)now", "1,5/2,5", "docs/README.md",
    "@everyone and @ada come", "ada@home", "5 @ 3.50 each", "f(at)", "100%25", "**bold**. Then", "a&b", "AT&amp;T", "*Closed.*It rains",
]  # fmt: skip


@pytest.mark.parametrize(("text", "host"), FOUND)
def test_links_are_found_in_any_spelling(text: str, host: str) -> None:
    assert {one.host for one in find_links(text)} == {host}
    left = remove_links(text, lambda _one: True)
    assert not find_links(left), left


@pytest.mark.parametrize("text", NONE)
def test_other_text_is_not_a_link(text: str) -> None:
    assert find_links(text) == []
    assert remove_links(text, lambda _one: True) == text


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("https://xn--bcher-kva.de/a", "bücher.de"),
        ("http://2130706433/", "127.0.0.1/x"),
        ("http://0x7f000001/", "http://127.0.0.1:80"),
        ("http://0x7f.1/", "127.0.0.1/x"),
        ("http://[0:0:0:0:0:0:0:1]/", "http://[::1]/"),
        ("mailto:Ada@Fern.example?subject=a", "ada@fern.example"),
        ("ada(at)fern.example", "ada@fern.example"),
        ("tel:+49-30-1234567", "tel:+49301234567"),
        ("https://www.fern.example", "fern.example"),
    ],
)
def test_spellings_of_an_address_have_the_same_key(one: str, other: str) -> None:
    assert [found.key for found in find_links(one)] == [found.key for found in find_links(other)] != []


@pytest.mark.parametrize(
    ("material", "text"),
    [
        ("Go to evil.xyz now.", "Go to evil dot xyz now."),
        ("Go to evil.xyz now.", "Go to evil [dot] xyz now."),
        ("Go to evil.xyz now.", "Go to evil (.) xyz now."),
        ("Go to evil.xyz now.", "Go to evil . xyz now."),
        ("Go to evil.xyz now.", "Go to evil. xyz now."),
        ("Go to evil.xyz now.", "Go to evil .xyz now."),
        ("Go to evil dot xyz now.", "Go to evil (.) xyz now."),
        ("Go to evil . xyz now.", "Go to Evil Dot XYZ now."),
        ("Go to shop.evil dot xyz now.", "Go to shop dot evil dot xyz now."),
        ("Gehen Sie zu evil punkt xyz.", "Gehen Sie zu evil . xyz jetzt."),
        ("Write to help@evil.com", "Write to help at evil dot com"),
        ("Go to evil(dot)it", "Go to evil dot it"),
        ("Call 0900 123 4567 now", "Phone: 0900/1234567"),
        ("tel:+44-900-1234567", "Call us on +44 900 1234567 today"),
        ("Ring +44 900 1234567", "It is +44 (900) 123 4567."),
    ],
)
def test_spelled_out_known_addresses_are_found(material: str, text: str) -> None:
    known = collect_link_keys([material])
    assert len(find_links(text, known)) == 1
    assert find_links(remove_links(text, lambda _one: True, known), known) == []
    assert find_links(text, collect_link_keys(["We mend bikes."])) == []


@pytest.mark.parametrize(
    "text",
    ["We closed. It rains.", "We use node.js and .net daily", "a polka dot shop", "the red dot is on the map", "un point de vue",
     "ein Punkt in Berlin", "See p . 3 . Then go", "el punto es claro", "from 10 000 000 to 20 000 000", "call 12 people",
     "ISBN 978-3-16-148410-0", "Closed . It rains", "tel. 112", "on 2026-05-03 and 2026-05-04", "order 1234567890",
     "3 . 5 dot 7", "it dot it"],
)  # fmt: skip
def test_prose_contains_no_spelled_out_address(text: str) -> None:
    assert find_links(text, collect_link_keys([text])) == []


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
        ("\\[escaped](https://a.example) [b](c)", "\\[escaped] (https://a.example) b (c)"),
        ("\\\\[https://bank.example](https://evil.xyz)", "\\\\[https://bank.example] (https://evil.xyz)"),
        ("[https://bank.example\n](https://evil.xyz)", "[https://bank.example\n] (https://evil.xyz)"),
        ("[https://bank.example `]`](https://evil.xyz)", "[https://bank.example `]`] (https://evil.xyz)"),
        ("gnp\u202e.exe", "gnp.exe"),
        ("👩\u200d🏫 stays", "👩\u200d🏫 stays"),
    ],
)
def test_links_are_unmasked(text: str, shown: str) -> None:
    assert unmask_links(text) == shown
    assert "](" not in unmask_links(text)


def test_labels_of_removed_links_are_kept() -> None:
    text = "Come to [our shop](https://evil.example/?q=1) or to fern.example, open daily."
    assert (
        remove_links(text, lambda one: one.host == "evil.example") == "Come to our shop or to fern.example, open daily."
    )
    assert remove_links("https://evil.example", lambda _one: True) == ""


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[a](" * 25_000, "a." * 50_000, "." * 100_000, "https://" * 12_500, "(dot)" * 20_000,
             "[a]:" * 25_000, "a.xyz " * 16_000, "\u202e" * 100_000, "[](x)" * 20_000],
    ids=lambda text: text[:8],
)  # fmt: skip
def test_links_are_found_in_linear_time(text: str) -> None:
    started = time.thread_time()
    find_links(text)
    unmask_links(text)
    assert time.thread_time() - started < 2, "ten times what it takes here"

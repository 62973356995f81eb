"""Sanitised drawings contain only shapes and texts."""

from __future__ import annotations

import pytest
from lxml import etree

from bot.checks.svg import MAX_BYTES, MAX_ELEMENTS, escape_text, parse_size, sanitise
from bot.errors import FileError

OPEN = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 10 10"'
SHAPE = '<rect x="1" y="1" width="2" height="2" fill="#C8102E"/>'

HOSTILE = {
    "script": f"{OPEN}><script>alert(1)</script>{SHAPE}</svg>",
    "event": f'{OPEN} onload="alert(1)">{SHAPE.replace("/>", " onclick=&quot;alert(1)&quot;/>".replace("&quot;", chr(34)))}</svg>',
    "link": f'{OPEN}><a xlink:href="javascript:alert(1)">{SHAPE}</a>{SHAPE}</svg>',
    "picture": f'{OPEN}><image href="https://evil.example/x.png"/><image xlink:href="file:///etc/passwd"/>{SHAPE}</svg>',
    "use": f'{OPEN}><use href="https://evil.example/x.svg#a"/><use xlink:href="#a"/>{SHAPE}</svg>',
    "style": f"{OPEN}><style>@import 'https://evil.example';</style><rect style=\"fill:url(//evil.example)\"/>{SHAPE}</svg>",
    "paint": f'{OPEN}><rect fill="url(https://evil.example/x)" stroke="UR\\4c(x)"/>{SHAPE}</svg>',
    "foreign": f'{OPEN}><foreignObject><p xmlns="http://www.w3.org/1999/xhtml" src="//evil.example"/></foreignObject>{SHAPE}</svg>',
    "animation": f'{OPEN}><animate attributeName="href" to="javascript:alert(1)"/><set onbegin="alert(1)"/>{SHAPE}</svg>',
    "other namespace": f'{OPEN} xmlns:h="http://www.w3.org/1999/xhtml"><h:script>alert(1)</h:script>{SHAPE}</svg>',
    "instruction": f'{OPEN}><?xml-stylesheet href="https://evil.example"?><!-- <script> -->{SHAPE}</svg>',
    "filter": f'{OPEN}><filter id="f"><feImage href="//evil.example"/></filter><rect filter="url(#f)"/>{SHAPE}</svg>',
}


@pytest.mark.parametrize("svg", HOSTILE.values(), ids=HOSTILE)
def test_active_content_is_removed(svg: str) -> None:
    clean = sanitise(svg)
    assert SHAPE in clean
    for word in ("script", "href", "evil", "alert", "url", "style", "xlink", "import", "on"):
        assert word not in clean.replace("http://www.w3.org/2000/svg", "")


REFUSED = {
    "laughs": '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>' + f"{OPEN}><text>&b;</text></svg>",
    "file": '<!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + f"{OPEN}><text>&x;</text></svg>",
    "type": f"<!DOCTYPE svg>{OPEN}>{SHAPE}</svg>",
    "torn": f"{OPEN}>{SHAPE}",
    "html": "<html><body/></html>",
    "no namespace": '<svg viewBox="0 0 1 1"/>',
    "nothing": "",
    "surrogate": f"{OPEN}><text>\ud800</text></svg>",
    "bytes": f"{OPEN}><desc>{'x' * MAX_BYTES}</desc></svg>",
    "shapes": f"{OPEN}>{'<g/>' * MAX_ELEMENTS}</svg>",
    "no size": f"{OPEN.replace('viewBox', 'id')}>{SHAPE}</svg>",
    "long": f"{OPEN.replace('0 0 10 10', '0 0 1 1000')}>{SHAPE}</svg>",
    "endless": f"{OPEN.replace('0 0 10 10', '0 0 inf inf')}>{SHAPE}</svg>",
    "nan": f"{OPEN.replace('0 0 10 10', '0 0 nan nan')}>{SHAPE}</svg>",
}


@pytest.mark.parametrize("svg", REFUSED.values(), ids=REFUSED)
def test_files_that_are_not_svg_are_refused(svg: str) -> None:
    with pytest.raises(FileError, match="This drawing"):
        sanitise(svg)


def test_deep_nesting_is_truncated() -> None:
    clean = sanitise(f"{OPEN}>{'<g>' * 200}{SHAPE}{'</g>' * 200}</svg>")
    assert "<rect" not in clean
    assert clean.count("<g") < 30


def test_a_clean_drawing_is_unchanged() -> None:
    svg = f'{OPEN} role="img" aria-label="a: b"><g transform="translate(1 2)">{SHAPE}</g><text x="1">Fern &amp; Fog</text></svg>'
    assert sanitise(svg) == svg.replace(' xmlns:xlink="http://www.w3.org/1999/xlink"', "")
    assert sanitise(sanitise(svg)) == sanitise(svg)


@pytest.mark.parametrize("text", ['<b> & "x"', "a\x00b\x0bc\ufffe", "日本 🦉"])
def test_any_text_can_be_escaped(text: str) -> None:
    root = etree.fromstring(f'<text a="{escape_text(text)}">{escape_text(text)}</text>')
    assert root.text == root.get("a") == "".join(sign for sign in text if sign not in "\x00\x0b\ufffe")


def test_sizes_are_parsed() -> None:
    assert parse_size("0 0 20 10") == parse_size(" 0,0, 20,10 ") == (20, 10)

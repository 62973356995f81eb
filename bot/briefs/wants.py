"""What a brief of any kind says of what the profile knows: its link, its call to action, its name. Pure."""

from __future__ import annotations

from functools import cache

from .lexicon import forms_of, languages
from .phrases import named
from .wording import MOST_READ

_NAMES = ("link", "no call", "no name")


def wants_in(text: str) -> tuple[str, ...]:
    """What of it is wanted, and what is not: "link", "no call", "no name"."""
    return named(text[:MOST_READ], _choices())


@cache
def _choices() -> dict[str, str]:
    """Each of them by the forms that say it (phrases.py), with the words of every language."""
    words = {name: _any(name) for name in ("no", "link", "call", "with", "name", "not", "none")}
    our = f"(|{'|'.join(f'{one} ' for one in _any('our')[1:-1].split('|'))})"
    no, link, call, name = words["no"], words["link"], words["call"], words["name"]
    said = (
        f"{words['with']} {our}{link}",
        f"{no} … {link}|{no} … {call}",
        f"{no} … {name}|{name} … {words['not']}|{words['none']} … {name}",
    )
    return dict(zip(_NAMES, said, strict=True))


def _any(name: str) -> str:
    """A group of the forms of an entry in all languages."""
    return f"({'|'.join(filter(None, (forms_of(code, 'wants', name) for code in languages())))})"

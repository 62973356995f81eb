"""Patterns whose words stand as data: a pattern names entries of the lexicons, each language fills in its own.

`<order.text>` stands for the forms of `text` in the section [order], in English, in the language of the brief and in what is the same
in all. Forms are written as in phrases.py, but that a blank is any white space and "#" a number.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from .lexicon import TOKEN, forms_of, language_of, languages, normalised

# In place of the code of a language: the words of all of them.
EVERY = "*"
# Characters of a brief that are read for what it is about, and for the language it is written in.
MAX_READ, _MAX_READ = 5_000, 4_000
_ENTRY = re.compile(r"<([a-z]{1,20})\.([a-z_]{1,20})>")
_SIGNS = {" ": r"\s+", "*": r"\w*", "'": "['’]", "#": r"\d{1,4}", "-": "-"}
_NOTHING = "(?!)"


@lru_cache(maxsize=256)
def spoken(text: str) -> str:
    """The code of the language that a text is written in; English where nothing tells."""
    normal = normalised(text[:_MAX_READ])
    return language_of(normal, TOKEN.findall(normal))


def pattern_in(text: str, template: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """A pattern with the words of the language that a text is written in, and the English ones."""
    return filled(template, spoken(text), flags)


@cache
def filled(template: str, code: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """A pattern with the words of one language, and the English ones, in place of its entries; with those of all for EVERY."""
    return re.compile(_ENTRY.sub(lambda found: _group(found, code), template), flags)


@cache
def words(entry: str, code: str) -> tuple[str, ...]:
    """The forms of an entry, such as "order.text", each as a pattern."""
    section, _, name = entry.partition(".")
    if code == EVERY:
        return tuple(dict.fromkeys(form for one in languages() for form in words(entry, one)))
    codes = dict.fromkeys(("any", "en", code))
    return tuple(dict.fromkeys(form for one in codes for form in _written(forms_of(one, section, name))))


def _group(found: re.Match[str], code: str) -> str:
    return f"(?:{'|'.join(words(f'{found[1]}.{found[2]}', code)) or _NOTHING})"


def _written(forms: str) -> list[str]:
    """Forms as patterns: "card(s)" has an ending that may be missing, "(a|b)" is one of two, "*" any letters; groups may nest."""
    found, choices = [""], [False]
    for sign in forms:
        match sign:
            case "(":
                choices.append(False)
                found[-1] += "(?:"
            case ")":
                found[-1] += ")" if choices.pop() else ")?"
            case "|" if len(choices) == 1:
                found.append("")
            case "|":
                choices[-1] = True
                found[-1] += "|"
            case _:
                found[-1] += _SIGNS.get(sign) or re.escape(sign)
    return list(filter(None, found))

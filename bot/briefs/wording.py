"""Pattern templates that name entries of the lexicons, filled in for each language.

`<order.text>` is replaced by the forms of `text` in the section [order], of English, the language of the brief and the shared ones.
Forms are written as in phrases.py, except that a space is any white space and "#" a number.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from .lexicon import TOKEN, detect_language, get_forms, list_languages, normalise_text

# In place of a language code: the words of all languages.
ALL_LANGUAGES = "*"
# Characters of a brief that are read, and those that identify its language.
MAX_READ, _MAX_READ = 5_000, 4_000
_ENTRY = re.compile(r"<([a-z]{1,20})\.([a-z_]{1,20})>")
_SIGNS = {" ": r"\s+", "*": r"\w*", "'": "['’]", "#": r"\d{1,4}", "-": "-"}
_NOTHING = "(?!)"


@lru_cache(maxsize=256)
def detect_text_language(text: str) -> str:
    """Return the code of the language of a text; English if inconclusive."""
    normal = normalise_text(text[:_MAX_READ])
    return detect_language(normal, TOKEN.findall(normal))


def compile_for_text(text: str, template: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Compile a template with the words of a text's language and the English ones."""
    return compile_template(template, detect_text_language(text), flags)


@cache
def compile_template(template: str, code: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Compile a template with the words of one language and the English ones; with those of all for `ALL_LANGUAGES`."""
    return re.compile(_ENTRY.sub(lambda found: _fill_entry(found, code), template), flags)


@cache
def list_forms(entry: str, code: str) -> tuple[str, ...]:
    """Return the forms of an entry, such as "order.text", each as a pattern."""
    section, _, name = entry.partition(".")
    if code == ALL_LANGUAGES:
        return tuple(dict.fromkeys(form for one in list_languages() for form in list_forms(entry, one)))
    codes = dict.fromkeys(("any", "en", code))
    return tuple(dict.fromkeys(form for one in codes for form in _convert_forms(get_forms(one, section, name))))


def _fill_entry(found: re.Match[str], code: str) -> str:
    return f"(?:{'|'.join(list_forms(f'{found[1]}.{found[2]}', code)) or _NOTHING})"


def _convert_forms(forms: str) -> list[str]:
    """Convert forms to patterns: "card(s)" has an optional ending, "(a|b)" is an alternative, "*" any letters; groups nest."""
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

"""Compiles templates of patterns that name entries of the lexicons, for each language.

`<order.text>` stands for the forms of `text` in the section [order]: the shared ones, the English ones, and those of
the brief's language.
Forms are written as in phrases.py, except that a space is any white space and "#" a number.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache

from .lexicon import TOKEN, detect_language, get_forms, list_languages, normalise_text

# In place of a language code: the words of all languages.
ALL_LANGUAGES = "*"
# The maximum number of characters of a brief that are parsed, and that identify its language.
MAX_BRIEF_CHARACTERS, _MAX_LANGUAGE_CHARACTERS = 5_000, 4_000
_ENTRY_REFERENCE = re.compile(r"<([a-z]{1,20})\.([a-z_]{1,20})>")
_PATTERN_BY_SIGN = {" ": r"\s+", "*": r"\w*", "'": "['’]", "#": r"\d{1,4}", "-": "-"}
_MATCHES_NOTHING = "(?!)"


@lru_cache(maxsize=256)
def detect_text_language(text: str) -> str:
    """Return the code of the language of a text; English if inconclusive."""
    normal = normalise_text(text[:_MAX_LANGUAGE_CHARACTERS])
    return detect_language(normal, TOKEN.findall(normal))


def compile_for_text(text: str, template: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Compile a template with the words of a text's language, the English ones and the shared ones."""
    return compile_template(template, detect_text_language(text), flags)


@cache
def compile_template(template: str, code: str, flags: re.RegexFlag = re.IGNORECASE) -> re.Pattern[str]:
    """Compile a template with the words of a language, the English and the shared ones; `ALL_LANGUAGES` takes all."""
    return re.compile(_ENTRY_REFERENCE.sub(lambda match: _fill_entry(match, code), template), flags)


@cache
def list_forms(entry: str, code: str) -> tuple[str, ...]:
    """Return the forms of an entry, such as "order.text", as patterns."""
    section, _, name = entry.partition(".")
    if code == ALL_LANGUAGES:
        return tuple(dict.fromkeys(form for language in list_languages() for form in list_forms(entry, language)))
    files = dict.fromkeys(("any", "en", code))
    return tuple(dict.fromkeys(form for file in files for form in _convert_forms(get_forms(file, section, name))))


def _fill_entry(match: re.Match[str], code: str) -> str:
    return f"(?:{'|'.join(list_forms(f'{match[1]}.{match[2]}', code)) or _MATCHES_NOTHING})"


def _convert_forms(forms: str) -> list[str]:
    """Convert forms to patterns: "card(s)" has an optional ending, "(a|b)" a choice; groups may nest."""
    patterns, group_has_choices = [""], [False]
    for sign in forms:
        match sign:
            case "(":
                group_has_choices.append(False)
                patterns[-1] += "(?:"
            case ")":
                patterns[-1] += ")" if group_has_choices.pop() else ")?"
            case "|" if len(group_has_choices) == 1:
                patterns.append("")
            case "|":
                group_has_choices[-1] = True
                patterns[-1] += "|"
            case _:
                patterns[-1] += _PATTERN_BY_SIGN.get(sign) or re.escape(sign)
    return list(filter(None, patterns))

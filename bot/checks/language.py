"""Which language a text is in."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import regex

from personas.profile import make_storable

from .units import HASHTAG, LINK

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

# Fewer letters than this tell nothing, and of a script that few languages share fewer are enough.
MIN_LETTERS, _MIN_OTHER_LETTERS = 12, 6
# More characters than this cost time and tell nothing new.
_ENOUGH = 400
_CANDIDATES = ["en", "es", "fr", "de", "pt", "hi", "ar", "ja", "id", "it", "nl", "pl", "sv", "tr", "ru", "zh", "ko"]
# Of 5,238 short labelled texts 6 are taken for another language above this probability and 35 for none; without it 13 and 1.
_SURE = 0.75

_WORD = re.compile(r"[^\W\d_]+")
_NOT_LATIN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Devanagari}\p{Thai}]++"
)

NAMES = {
    "en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "hi": "Hindi",
    "ar": "Arabic", "ja": "Japanese", "id": "Indonesian", "it": "Italian", "nl": "Dutch", "pl": "Polish",
    "sv": "Swedish", "tr": "Turkish", "ru": "Russian", "zh": "Chinese", "ko": "Korean",
}  # fmt: skip


@cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(_CANDIDATES)
    # The whole one keeps 27 MB of languages that are not asked for.
    return LanguageIdentifier(
        whole.nb_ptc,
        whole.nb_pc,
        whole.nb_classes,
        whole.tk_nextmove,
        whole.tk_output,
        norm_probs=True,
        tk_row=whole.tk_row,
    )


def identify_language(text: str) -> str | None:
    """ISO 639-1 code of the text's main language, None where it may be another: a few names or loan words make none."""
    bare = HASHTAG.sub(" ", LINK.sub(" ", text))
    letters = sum(1 for _ in islice(filter(str.isalpha, bare), MIN_LETTERS))
    if letters < _MIN_OTHER_LETTERS or (letters < MIN_LETTERS and not _NOT_LATIN.search(bare[:_ENOUGH])):
        return None
    return _identified(bare[:_ENOUGH])


@lru_cache(maxsize=256)
def _identified(text: str) -> str | None:
    code, probability = _identifier().classify(make_storable(text))
    return code if probability >= _SURE else None


def other_language(text: str, wanted: str) -> str | None:
    """The language that a text is in where that is another than the wanted one, None where it is that or cannot be told."""
    found = identify_language(text)
    return found if found != wanted else None


@cache
def _names_of_languages() -> dict[str, str]:
    from babel import Locale

    return {Locale(code).languages[name].casefold(): name for code in ("en", "de", "es", "fr", "pt") for name in NAMES}


@cache
def _lengths_of_names() -> tuple[int, ...]:
    return tuple({len(name) for name in _names_of_languages()})


def languages_named(text: str) -> set[str]:
    """The codes of the languages that a text names, in English, German, Spanish, French or Portuguese: "cours d'anglais"."""
    words = set(_WORD.findall(text[:20_000].casefold()))
    names = _names_of_languages()
    # "Englischkurs" names one too.
    return {names[start] for word in words for length in _lengths_of_names() if (start := word[:length]) in names}


def wanted_language(name: str) -> str | None:
    """The code for a language's code or English name, None for one that is not known."""
    name = name.strip().casefold()
    by_name = {known.casefold(): code for code, known in NAMES.items()}
    return name if name in NAMES else by_name.get(name)

"""Identification of the language of a text."""

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

# The minimum letters for an identification, and those in scripts that few languages share.
MIN_LETTERS, _MIN_OTHER_LETTERS = 12, 6
# Further characters cost time without changing the outcome.
_MAX_CHARACTERS = 400
_CANDIDATES = ["en", "es", "fr", "de", "pt", "hi", "ar", "ja", "id", "it", "nl", "pl", "sv", "tr", "ru", "zh", "ko"]
# Of 5,238 short labelled texts, 6 are misidentified above this probability and 35 not identified; without it 13 and 1.
_MIN_PROBABILITY = 0.75

_WORD = re.compile(r"[^\W\d_]+")
_NOT_LATIN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Devanagari}\p{Thai}]++"
)

NAMES = {
    "en": "English",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "pt": "Portuguese",
    "hi": "Hindi",
    "ar": "Arabic",
    "ja": "Japanese",
    "id": "Indonesian",
    "it": "Italian",
    "nl": "Dutch",
    "pl": "Polish",
    "sv": "Swedish",
    "tr": "Turkish",
    "ru": "Russian",
    "zh": "Chinese",
    "ko": "Korean",
}

# The instruction to write in a language, in that language, for models that English words lead into English; none for English.
WRITE_IN = {
    "es": "Responde en español.",
    "fr": "Réponds en français.",
    "de": "Antworte auf Deutsch.",
    "pt": "Responda em português.",
    "hi": "हिन्दी में लिखिए।",
    "ar": "اكتب بالعربية.",
    "ja": "日本語で書いてください。",
    "id": "Tulis dalam bahasa Indonesia.",
    "it": "Rispondi in italiano.",
    "nl": "Antwoord in het Nederlands.",
    "pl": "Odpowiedz po polsku.",
    "sv": "Svara på svenska.",
    "tr": "Türkçe yaz.",
    "ru": "Ответь на русском языке.",
    "zh": "请用中文写。",
    "ko": "한국어로 써 주세요.",
}


@cache
def _load_identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages(_CANDIDATES)
    # The full identifier keeps 27 MB for other languages.
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
    """Return the ISO 639-1 code of a text's main language; None if uncertain. A few names or loan words do not matter."""
    bare = HASHTAG.sub(" ", LINK.sub(" ", text))
    letters = sum(1 for _ in islice(filter(str.isalpha, bare), MIN_LETTERS))
    if letters < _MIN_OTHER_LETTERS or (letters < MIN_LETTERS and not _NOT_LATIN.search(bare[:_MAX_CHARACTERS])):
        return None
    return _classify(bare[:_MAX_CHARACTERS])


@lru_cache(maxsize=256)
def _classify(text: str) -> str | None:
    code, probability = _load_identifier().classify(make_storable(text))
    return code if probability >= _MIN_PROBABILITY else None


def detect_other_language(text: str, wanted: str) -> str | None:
    """Return the language of a text if it differs from the wanted one; None if it does not or is uncertain."""
    found = identify_language(text)
    return found if found != wanted else None


@cache
def _load_language_names() -> dict[str, str]:
    from babel import Locale

    return {Locale(code).languages[name].casefold(): name for code in ("en", "de", "es", "fr", "pt") for name in NAMES}


@cache
def _load_name_lengths() -> tuple[int, ...]:
    return tuple({len(name) for name in _load_language_names()})


def find_named_languages(text: str) -> set[str]:
    """Return the codes of languages named in a text in English, German, Spanish, French or Portuguese: "cours d'anglais"."""
    words = set(_WORD.findall(text[:20_000].casefold()))
    names = _load_language_names()
    # Prefixes count: "Englischkurs".
    return {names[start] for word in words for length in _load_name_lengths() if (start := word[:length]) in names}


def parse_language(name: str) -> str | None:
    """Return the code for a language's code or English name, None if unknown."""
    name = name.strip().casefold()
    by_name = {known.casefold(): code for code, known in NAMES.items()}
    return name if name in NAMES else by_name.get(name)

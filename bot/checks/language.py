"""Identify the language of a text, and languages by their names."""

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

# Letters of the shortest text that is identified; fewer suffice in scripts that few languages share.
MIN_LETTERS, _MIN_NON_LATIN_LETTERS = 12, 6
# Further characters cost time without changing the outcome.
_MAX_CHARACTERS = 400
_CANDIDATES = ["en", "es", "fr", "de", "pt", "hi", "ar", "ja", "id", "it", "nl", "pl", "sv", "tr", "ru", "zh", "ko"]
# Of 5,238 short labelled texts, 6 are misidentified with this threshold and 35 not identified; without it 13 and 1.
_MIN_PROBABILITY = 0.75

_WORD = re.compile(r"[^\W\d_]+")
_NON_LATIN = regex.compile(
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

    full_identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    full_identifier.set_languages(_CANDIDATES)
    # The full identifier holds 27 MB for other languages.
    return LanguageIdentifier(
        full_identifier.nb_ptc,
        full_identifier.nb_pc,
        full_identifier.nb_classes,
        full_identifier.tk_nextmove,
        full_identifier.tk_output,
        norm_probs=True,
        tk_row=full_identifier.tk_row,
    )


def identify_language(text: str) -> str | None:
    """Return the ISO 639-1 code of a text's main language; None if uncertain. A few names or loan words do not matter."""
    plain = HASHTAG.sub(" ", LINK.sub(" ", text))
    letters = sum(1 for _ in islice(filter(str.isalpha, plain), MIN_LETTERS))
    if letters < _MIN_NON_LATIN_LETTERS or (letters < MIN_LETTERS and not _NON_LATIN.search(plain[:_MAX_CHARACTERS])):
        return None
    return _classify(plain[:_MAX_CHARACTERS])


@lru_cache(maxsize=256)
def _classify(text: str) -> str | None:
    code, probability = _load_identifier().classify(make_storable(text))
    return code if probability >= _MIN_PROBABILITY else None


@cache
def _load_codes_by_name() -> dict[str, str]:
    from babel import Locale

    names_by_locale = [Locale(locale).languages for locale in ("en", "de", "es", "fr", "pt")]
    return {names[code].casefold(): code for names in names_by_locale for code in NAMES}


@cache
def _load_name_lengths() -> tuple[int, ...]:
    return tuple({len(name) for name in _load_codes_by_name()})


def find_named_languages(text: str) -> set[str]:
    """Return the codes of languages named in a text in English, German, Spanish, French or Portuguese: "cours d'anglais"."""
    words = set(_WORD.findall(text[:20_000].casefold()))
    codes = _load_codes_by_name()
    # Prefixes count: "Englischkurs".
    prefixes = {word[:length] for word in words for length in _load_name_lengths()}
    return {codes[prefix] for prefix in prefixes if prefix in codes}


def parse_language(name: str) -> str | None:
    """Return the code for a language's code or English name, None if unknown."""
    name = name.strip().casefold()
    codes = {english.casefold(): code for code, english in NAMES.items()}
    return name if name in NAMES else codes.get(name)

"""Which language a text is in."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from .units import HASHTAG, LINK

if TYPE_CHECKING:
    from lingua import LanguageDetector

# Fewer letters than this tell nothing.
MIN_LETTERS = 20
# More characters than this cost time and tell nothing new.
_ENOUGH = 400
_CANDIDATES = ["en", "es", "fr", "de", "pt", "hi", "ar", "ja", "id", "it", "nl", "pl", "sv", "tr", "ru", "zh", "ko"]

# Function words that no other Latin-script language of the candidates shares in such numbers.
_ENGLISH = frozenset(
    [
        "the",
        "and",
        "of",
        "to",
        "is",
        "are",
        "was",
        "you",
        "your",
        "our",
        "we",
        "it",
        "with",
        "for",
        "from",
        "that",
        "this",
        "they",
        "their",
        "what",
        "which",
        "who",
        "how",
        "why",
        "when",
        "where",
        "be",
        "been",
        "have",
        "has",
        "had",
        "can",
        "will",
        "would",
        "should",
        "not",
        "but",
        "if",
        "than",
        "then",
        "there",
        "about",
        "into",
        "more",
    ]
)

NAMES = {
    "en": "English", "es": "Spanish", "fr": "French", "de": "German", "pt": "Portuguese", "hi": "Hindi",
    "ar": "Arabic", "ja": "Japanese", "id": "Indonesian", "it": "Italian", "nl": "Dutch", "pl": "Polish",
    "sv": "Swedish", "tr": "Turkish", "ru": "Russian", "zh": "Chinese", "ko": "Korean",
}  # fmt: skip


@cache
def _detector() -> LanguageDetector:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    codes = [getattr(IsoCode639_1, code.upper()) for code in _CANDIDATES]
    # Of trigrams alone: 22 MB and 80 ms in place of 280 MB and two seconds, and 110 of 116 short briefs right in place of 112.
    return LanguageDetectorBuilder.from_iso_codes_639_1(*codes).with_low_accuracy_mode().build()


def language(text: str) -> str | None:
    """ISO 639-1 code of the text's main language, None where it cannot be told.

    Text with many English function words is English without asking the detector, which costs 22 MB.
    """
    bare = HASHTAG.sub(" ", LINK.sub(" ", text))
    if sum(c.isalpha() for c in bare) < MIN_LETTERS:
        return None
    if _plainly_english(bare):
        return "en"
    found = _detector().detect_language_of(bare[:_ENOUGH])
    return found.iso_code_639_1.name.lower() if found else None


def _plainly_english(text: str) -> bool:
    tokens = [token.strip(".,!?;:'\"()").casefold() for token in text.split()]
    return bool(tokens) and text.isascii() and sum(token in _ENGLISH for token in tokens) / len(tokens) >= 0.25


def wanted_language(name: str) -> str | None:
    """The code for a language's code or English name, None for one that is not known."""
    name = name.strip().casefold()
    by_name = {known.casefold(): code for code, known in NAMES.items()}
    return name if name in NAMES else by_name.get(name)

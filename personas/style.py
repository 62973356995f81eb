"""How texts are written, measured: a brand's style from samples, and how far another text is from it. Pure.

Every feature is counted by code, so that the same text always measures the same; docs/voices.md tells the formulas.
"""

from __future__ import annotations

import math
import re
import statistics
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from .book import Book
from .errors import Phrase, QuillmateError

# Fewer words than these say nothing about a style, or about a text's distance from one.
MIN_SAMPLE_WORDS = 50
MIN_WORDS = 15
MAX_SAMPLES = 20
MAX_CHARACTERS = 40_000
# Characters of emoji that are looked up, which takes long.
_MAX_PICTURES = 1_000
# From 0, alike, to 100. Up to so many points a text passes for the brand's own; docs/voices.md tells how it was found.
LIMIT = 30.0
MAX_FAVOURITES = 8
_LONG = 7

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LINK = re.compile(r"https?://\S+|\bwww\.\S+|<[@#:][^<>]{0,200}>", re.IGNORECASE)
_PICTURES = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff][\u200d\ufe0e\ufe0f\u2640-\u2bff\U0001f000-\U0001faff\U000e0020-\U000e007f]*|[#*0-9]\ufe0f?\u20e3"
)
_END = re.compile(r"(?<![.!?…。！？])[.!?…。！？]++[\"'”’)\]]*+(?=\s|$)|[\r\n]+|(?<=[。！？])")
_CONTRACTED = re.compile(r"\b[^\W\d_]+['’](?:s|t|re|ve|ll|d|m)\b", re.IGNORECASE)
_US = {
    "en": "i me my mine we us our ours", "de": "ich mir mich mein meine wir uns unser unsere",
    "es": "yo mí mi mis nosotros nos nuestro nuestra", "fr": "je moi mon ma mes nous notre nos",
    "pt": "eu meu minha nós nos nosso nossa",
}  # fmt: skip
_YOU = {
    "en": "you your yours", "de": "du dich dir dein deine ihr euch euer eure",
    "es": "tú te ti tu tus vosotros os", "fr": "tu te toi ton ta tes", "pt": "tu te ti teu tua você seu sua",
}  # fmt: skip
_FORMAL_YOU = {"de": "Sie Ihnen Ihr Ihre", "es": "usted ustedes su sus", "fr": "vous votre vos", "pt": "senhor senhora"}


# How a style is described: the words up to each value.
_LENGTHS = (
    (9, "Very short sentences of about {words} words"),
    (14, "Short sentences of about {words} words"),
    (20, "Medium-long sentences of about {words} words"),
    (math.inf, "Long sentences of about {words} words"),
)
_TONES = ((35, "informal"), (60, "neither stiff nor chatty"), (math.inf, "formal"))
# By whether it says we or I, and you.
_PERSONS = {
    (True, True): "says “we” or “I” and “you”",
    (True, False): "says “we” or “I”",
    (False, True): "says “you”",
    (False, False): "stays impersonal",
}
_RATES = ((0.05, "no"), (1.0, "few"), (2.5, "some"), (math.inf, "many"))
_MARKS = (("exclamation", "exclamation marks"), ("question", "questions"), ("emoji", "emoji"))


class StyleError(QuillmateError):
    """Samples that no style can be measured on; the text is a sentence for whoever gave them."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing that is measured: its unit, the difference that is heard, how much it counts, and words for a person.

    `rate` says that it is counted per 100 words, so that in a short text chance has a large part in it.
    """

    label: str
    unit: str
    heard: float
    weight: float = 1.0
    rate: bool = False


# `heard` is half of the usual gap between two plainly different house styles, such as a café's posts and a bank's letters.
FEATURES: Mapping[str, Feature] = {
    "sentence": Feature("sentences", "words per sentence", 4.0, 2.0),
    "rhythm": Feature("rhythm", "variation in length", 0.25),
    "word": Feature("words", "letters per word", 0.4),
    "formality": Feature("formality", "degree of formality", 12.0, 2.0),
    "us": Feature("I and we", "per 100 words", 2.5, 1.0, True),
    "you": Feature("you", "per 100 words", 2.5, 1.0, True),
    "comma": Feature("commas", "per 100 words", 2.5, 0.5, True),
    "dash": Feature("dashes and colons", "per 100 words", 1.5, 0.5, True),
    "exclamation": Feature("exclamation marks", "per 100 words", 1.0, 1.5, True),
    "question": Feature("questions", "per 100 words", 1.0, 0.5, True),
    "emoji": Feature("emoji", "per 100 words", 1.0, 1.5, True),
}

Value = Annotated[float, Field(ge=0, le=10_000)]


class Style(BaseModel):
    """A measured style: the value of each feature, the favourite words, and of how many words it is known."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    values: dict[str, Value]
    favourites: tuple[str, ...] = ()
    words: int
    language: str = "en"


class Brand(BaseModel):
    """A brand: its name, what its voice was measured on, the style that was found, None while that is too little, and its book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=48)]
    samples: tuple[str, ...]
    style: Style | None = None
    book: Annotated[Book, BeforeValidator(lambda data: data if isinstance(data, Book) else Book.of(data))] = Book()


@dataclass(frozen=True, slots=True)
class Distance:
    """How far a text is from a style, from 0 to 100, and the features that are farthest, in words."""

    points: float
    farthest: tuple[str, ...] = ()

    @property
    def near(self) -> bool:
        """It passes for the brand's own."""
        return self.points <= LIMIT


def with_samples(brand: Brand, samples: Sequence[str], language: str = "en") -> Brand:
    """The brand with further samples, measured anew. What it has already is not taken twice.

    Raises:
        StyleError: it would have more samples, or more characters of them, than are kept.
    """
    held = tuple(dict.fromkeys([*brand.samples, *samples]))
    if len(held) > MAX_SAMPLES or sum(map(len, held)) > MAX_CHARACTERS:
        said = (
            "A brand can have up to {samples} samples with {most:,} characters in total. Delete the brand and "
            "start again with your best samples, or save these under another name."
        )
        raise StyleError(said, samples=MAX_SAMPLES, most=MAX_CHARACTERS)
    enough = sum(len(_words(text)) for text in held) >= MIN_SAMPLE_WORDS
    return brand.model_copy(update={"samples": held, "style": style_of(held, language) if enough else None})


def style_of(samples: Sequence[str], language: str = "en") -> Style:
    """The style of some texts of one writer.

    `language` is an ISO 639-1 code; pronouns are known in English, German, Spanish, French and Portuguese.

    Raises:
        StyleError: together they have under 50 words.
    """
    text = "\n".join(samples)[:MAX_CHARACTERS]
    words = _words(text)
    if len(words) < MIN_SAMPLE_WORDS:
        one = "I need at least {least} words to learn a voice; these samples have only 1. Add another text."
        said = "I need at least {least} words to learn a voice; these samples have {count}. Add another text."
        raise StyleError(one if len(words) == 1 else said, count=len(words), least=MIN_SAMPLE_WORDS)
    return Style(
        values=measured(text, language), favourites=_favourites(words, language), words=len(words), language=language
    )


def measured(text: str, language: str = "en") -> dict[str, float]:
    """The value of each feature, in its unit; all 0 for a text without words."""
    bare = _LINK.sub(" ", text[:MAX_CHARACTERS])
    words, lengths = _words(bare), [n for part in _END.split(bare) if (n := len(_words(part)))]
    if not words:
        return dict.fromkeys(FEATURES, 0.0)
    mean = len(words) / len(lengths)
    us, you = (_share(words, known.get(language, "")) for known in (_US, _YOU))
    polite = 100 * sum(word in _FORMAL_YOU.get(language, "").split() for word in words) / len(words)
    values = {
        "sentence": mean,
        "rhythm": statistics.pstdev(lengths) / mean,
        "word": sum(map(len, words)) / len(words),
        "formality": _formality(bare, words, us + you, polite),
        "us": us,
        "you": you + polite,
        "comma": _rate(bare, r"[,，、]", words),
        "dash": _rate(bare, r"\s[–—-]\s|—|:(?=\s)|;", words),
        "exclamation": _rate(bare, r"[!！]", words),
        "question": _rate(bare, r"[?？]+", words),
        "emoji": 100 * _emoji_in(" ".join(_PICTURES.findall(bare))[:_MAX_PICTURES]) / len(words),
    }
    return {name: round(value, 2) for name, value in values.items()}


def _emoji_in(signs: str) -> int:
    if not signs:
        return 0
    from emoji import emoji_list  # Its table is 3 MB, read when the first sign is looked for.

    return len(emoji_list(signs))


def distance(text: str, style: Style) -> Distance | None:
    """How far a text is from a style: the weighted mean over all features of what is heard of each difference, times 100.

    A difference of twice what is `heard` counts whole, smaller ones in proportion. In a rate, the difference that chance
    makes in so short a text is forgiven: one standard deviation of a Poisson count, at least half an occurrence. None for a
    text of under 15 words.
    """
    text = text[:MAX_CHARACTERS]
    count = len(_words(_LINK.sub(" ", text)))
    if count < MIN_WORDS:
        return None
    found, parts = measured(text, style.language), {}
    for name, feature in FEATURES.items():
        known = style.values.get(name, 0.0)
        chance = 100 / count * math.sqrt(max(known * count / 100, 0.25)) if feature.rate else 0.0
        gap = max(0.0, abs(found[name] - known) - chance)
        parts[name] = min(1.0, gap / (2 * feature.heard))
    total = sum(feature.weight for feature in FEATURES.values())
    points = 100 * sum(FEATURES[name].weight * part for name, part in parts.items()) / total
    far = sorted(
        (name for name, part in parts.items() if part >= 0.5), key=lambda name: -parts[name] * FEATURES[name].weight
    )
    told = tuple(
        f"{FEATURES[name].label} {found[name]:.1f}, the brand's {style.values.get(name, 0.0):.1f}" for name in far[:3]
    )
    return Distance(round(points, 1), told)


def description(style: Style, *, favourites: bool = True) -> Phrase:
    """A style in a few words that a person and a model understand; no words of the samples but the `favourites`."""
    value = style.values
    parts = [
        Phrase(_of(value["sentence"], _LENGTHS), words=round(value["sentence"])),
        Phrase(_of(value["formality"], _TONES)),
    ]
    parts.append(Phrase("varied sentence lengths" if value["rhythm"] >= 0.5 else "an even rhythm"))
    parts.append(Phrase(_PERSONS[value["us"] >= 1.5, value["you"] >= 1.5]))
    parts += [Phrase(f"{_often(value[key])} {what}") for key, what in _MARKS]
    told = Phrase("{parts}.", parts=parts)
    return (
        Phrase("{style} Favourite words: {words}.", style=told, words=list(style.favourites))
        if style.favourites and favourites
        else told
    )


def _words(text: str) -> list[str]:
    return _WORD.findall(text)


def _share(words: Sequence[str], wanted: str) -> float:
    known = set(wanted.split())
    return 100 * sum(word.casefold() in known for word in words) / len(words)


def _rate(text: str, pattern: str, words: Sequence[str]) -> float:
    return 100 * len(re.findall(pattern, text)) / len(words)


def _formality(text: str, words: Sequence[str], persons: float, polite: float) -> float:
    """30 + 1.5 x long words - 4 x contractions - 1.5 x I, we and you + 3 x polite forms, each a 100 words; 0 to 100."""
    long = 100 * sum(len(word) >= _LONG for word in words) / len(words)
    contracted = 100 * len(_CONTRACTED.findall(text)) / len(words)
    return max(0.0, min(100.0, 30 + 1.5 * long - 4 * contracted - 1.5 * persons + 3 * polite))


def _favourites(words: Sequence[str], language: str) -> tuple[str, ...]:
    """Words used twice or more that are far commoner here than in the language: by count times Zipf's surprise."""
    from wordfreq import zipf_frequency

    counts = Counter(word.casefold().replace("’", "'") for word in words)

    def surprise(word: str) -> float:
        try:
            usual = zipf_frequency(word, language)
        except LookupError:
            usual = 3.0
        return counts[word] * (math.log10(counts[word] / len(words) * 1e9) - usual)

    told = [word for word, count in counts.items() if count > 1 and len(word) > 3]
    often = [word for word in told if surprise(word) / counts[word] > 2.0]
    return tuple(sorted(often, key=lambda word: (-surprise(word), word))[:MAX_FAVOURITES])


def _of(value: float, steps: Sequence[tuple[float, str]]) -> str:
    return next(name for most, name in steps if value < most)


def _often(rate: float) -> str:
    return _of(rate, _RATES)

"""How texts are written, measured: a brand's style from samples, and the distance of another text from it. Pure
functions.

Every feature is counted by code, so that a text always measures the same; docs/voices.md has the formulas.
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

# The fewest words to measure a style, and a text's distance from one.
MIN_SAMPLE_WORDS = 50
MIN_WORDS = 15
MAX_SAMPLES = 20
MAX_CHARACTERS = 40_000
# Maximum length of the slow emoji look-up, in characters.
_MAX_EMOJI_CHARACTERS = 1_000
# Up to this distance, of 100, a text passes as the brand's own; docs/voices.md says how it was determined.
LIMIT = 30.0
MAX_FAVOURITES = 8
_MIN_LONG_WORD = 7

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_LINK = re.compile(r"https?://\S+|\bwww\.\S+|<[@#:][^<>]{0,200}>", re.IGNORECASE)
_EMOJI = re.compile(
    "[\u00a9\u00ae\u203c\u2049\u2100-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff][\u200d\ufe0e\ufe0f\u2640-\u2bff\U0001f000-\U0001faff\U000e0020-\U000e007f]*|[#*0-9]\ufe0f?\u20e3"
)
_SENTENCE_END = re.compile(r"(?<![.!?…。！？])[.!?…。！？]++[\"'”’)\]]*+(?=\s|$)|[\r\n]+|(?<=[。！？])")
_CONTRACTED = re.compile(r"\b[^\W\d_]+['’](?:s|t|re|ve|ll|d|m)\b", re.IGNORECASE)
_US = {
    "en": "i me my mine we us our ours",
    "de": "ich mir mich mein meine wir uns unser unsere",
    "es": "yo mí mi mis nosotros nos nuestro nuestra",
    "fr": "je moi mon ma mes nous notre nos",
    "pt": "eu meu minha nós nos nosso nossa",
}
_YOU = {
    "en": "you your yours",
    "de": "du dich dir dein deine ihr euch euer eure",
    "es": "tú te ti tu tus vosotros os",
    "fr": "tu te toi ton ta tes",
    "pt": "tu te ti teu tua você seu sua",
}
_FORMAL_YOU = {"de": "Sie Ihnen Ihr Ihre", "es": "usted ustedes su sus", "fr": "vous votre vos", "pt": "senhor senhora"}


# Descriptions of a style, up to each value.
_LENGTHS = (
    (9, "Very short sentences of about {words} words"),
    (14, "Short sentences of about {words} words"),
    (20, "Medium-long sentences of about {words} words"),
    (math.inf, "Long sentences of about {words} words"),
)
_TONES = ((35, "informal"), (60, "neither stiff nor chatty"), (math.inf, "formal"))
# By use of the first and the second person.
_PERSONS = {
    (True, True): "says “we” or “I” and “you”",
    (True, False): "says “we” or “I”",
    (False, True): "says “you”",
    (False, False): "stays impersonal",
}
_RATES = ((0.05, "no"), (1.0, "few"), (2.5, "some"), (math.inf, "many"))
_MARKS = (("exclamation", "exclamation marks"), ("question", "questions"), ("emoji", "emoji"))


class StyleError(QuillmateError):
    """Samples that no style can be measured on; the message is for their owner."""


@dataclass(frozen=True, slots=True)
class StyleFeature:
    """One measured feature: its unit, the difference that readers notice, its weight and label.

    `rate` marks a count per 100 words, in which chance plays a large part for short texts.
    """

    label: str
    unit: str
    audible_gap: float
    weight: float = 1.0
    rate: bool = False


# `heard` is half of the usual gap between two plainly different house styles, such as a café's posts and a bank's letters.
FEATURES: Mapping[str, StyleFeature] = {
    "sentence": StyleFeature("sentences", "words per sentence", 4.0, 2.0),
    "rhythm": StyleFeature("rhythm", "variation in length", 0.25),
    "word": StyleFeature("words", "letters per word", 0.4),
    "formality": StyleFeature("formality", "degree of formality", 12.0, 2.0),
    "us": StyleFeature("I and we", "per 100 words", 2.5, 1.0, True),
    "you": StyleFeature("you", "per 100 words", 2.5, 1.0, True),
    "comma": StyleFeature("commas", "per 100 words", 2.5, 0.5, True),
    "dash": StyleFeature("dashes and colons", "per 100 words", 1.5, 0.5, True),
    "exclamation": StyleFeature("exclamation marks", "per 100 words", 1.0, 1.5, True),
    "question": StyleFeature("questions", "per 100 words", 1.0, 0.5, True),
    "emoji": StyleFeature("emoji", "per 100 words", 1.0, 1.5, True),
}

Value = Annotated[float, Field(ge=0, le=10_000)]


class Style(BaseModel):
    """A measured style: the value of each feature, favourite words, and the number of words measured."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    values: dict[str, Value]
    favourites: tuple[str, ...] = ()
    words: int
    language: str = "en"


class Brand(BaseModel):
    """A brand: its name, the samples of its voice, the measured style, None while they are too short, and its book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=48)]
    samples: tuple[str, ...]
    style: Style | None = None
    book: Annotated[Book, BeforeValidator(lambda data: data if isinstance(data, Book) else Book.parse(data))] = Book()


@dataclass(frozen=True, slots=True)
class Distance:
    """The distance of a text from a style, from 0 to 100, and its farthest features in words."""

    points: float
    farthest: tuple[str, ...] = ()

    @property
    def is_near(self) -> bool:
        """Whether the text passes as the brand's own."""
        return self.points <= LIMIT


def add_samples(brand: Brand, samples: Sequence[str], language: str = "en") -> Brand:
    """Return the brand with further samples, measured again. Duplicates are ignored.

    Raises:
        StyleError: there would be too many samples or characters.
    """
    all_samples = tuple(dict.fromkeys([*brand.samples, *samples]))
    if len(all_samples) > MAX_SAMPLES or sum(map(len, all_samples)) > MAX_CHARACTERS:
        message = (
            "A brand can have up to {samples} samples with {most:,} characters in total. Delete the brand and "
            "start again with your best samples, or save these under another name."
        )
        raise StyleError(message, samples=MAX_SAMPLES, most=MAX_CHARACTERS)
    enough = sum(len(_find_words(text)) for text in all_samples) >= MIN_SAMPLE_WORDS
    return brand.model_copy(
        update={"samples": all_samples, "style": measure_style(all_samples, language) if enough else None}
    )


def measure_style(samples: Sequence[str], language: str = "en") -> Style:
    """Measure the style of one writer's texts.

    `language` is an ISO 639-1 code; pronouns are known in English, German, Spanish, French and Portuguese.

    Raises:
        StyleError: together they have fewer than 50 words.
    """
    text = "\n".join(samples)[:MAX_CHARACTERS]
    words = _find_words(text)
    if len(words) < MIN_SAMPLE_WORDS:
        singular_text = "I need at least {least} words to learn a voice; these samples have only 1. Add another text."
        message = "I need at least {least} words to learn a voice; these samples have {count}. Add another text."
        raise StyleError(singular_text if len(words) == 1 else message, count=len(words), least=MIN_SAMPLE_WORDS)
    return Style(
        values=measure_features(text, language),
        favourites=_find_favourites(words, language),
        words=len(words),
        language=language,
    )


def measure_features(text: str, language: str = "en") -> dict[str, float]:
    """Return the value of each feature, in its unit; all 0 for a text without words."""
    bare = _LINK.sub(" ", text[:MAX_CHARACTERS])
    words, lengths = _find_words(bare), [n for part in _SENTENCE_END.split(bare) if (n := len(_find_words(part)))]
    if not words:
        return dict.fromkeys(FEATURES, 0.0)
    mean = len(words) / len(lengths)
    us, you = (_compute_share(words, known.get(language, "")) for known in (_US, _YOU))
    polite = 100 * sum(word in _FORMAL_YOU.get(language, "").split() for word in words) / len(words)
    values = {
        "sentence": mean,
        "rhythm": statistics.pstdev(lengths) / mean,
        "word": sum(map(len, words)) / len(words),
        "formality": _compute_formality(bare, words, us + you, polite),
        "us": us,
        "you": you + polite,
        "comma": _compute_rate(bare, r"[,，、]", words),
        "dash": _compute_rate(bare, r"\s[–—-]\s|—|:(?=\s)|;", words),
        "exclamation": _compute_rate(bare, r"[!！]", words),
        "question": _compute_rate(bare, r"[?？]+", words),
        "emoji": 100 * _count_emoji(" ".join(_EMOJI.findall(bare))[:_MAX_EMOJI_CHARACTERS]) / len(words),
    }
    return {name: round(value, 2) for name, value in values.items()}


def _count_emoji(signs: str) -> int:
    if not signs:
        return 0
    from emoji import emoji_list  # Imported late: its table takes 3 MB.

    return len(emoji_list(signs))


def compute_distance(text: str, style: Style) -> Distance | None:
    """Compute the distance of a text from a style: the weighted mean over all features of each noticeable difference,
    times 100.

    A difference of twice `audible_gap` counts fully, smaller ones in proportion. For a rate, the deviation expected by
    chance in so short a text is subtracted: one standard deviation of a Poisson count, at least half an occurrence.
    None for a text of fewer than 15 words.
    """
    text = text[:MAX_CHARACTERS]
    count = len(_find_words(_LINK.sub(" ", text)))
    if count < MIN_WORDS:
        return None
    measured, parts = measure_features(text, style.language), {}
    for name, feature in FEATURES.items():
        target = style.values.get(name, 0.0)
        chance = 100 / count * math.sqrt(max(target * count / 100, 0.25)) if feature.rate else 0.0
        gap = max(0.0, abs(measured[name] - target) - chance)
        parts[name] = min(1.0, gap / (2 * feature.audible_gap))
    total = sum(feature.weight for feature in FEATURES.values())
    points = 100 * sum(FEATURES[name].weight * part for name, part in parts.items()) / total
    distant_features = sorted(
        (name for name, part in parts.items() if part >= 0.5), key=lambda name: -parts[name] * FEATURES[name].weight
    )
    farthest = tuple(
        f"{FEATURES[name].label} {measured[name]:.1f}, the brand's {style.values.get(name, 0.0):.1f}"
        for name in distant_features[:3]
    )
    return Distance(round(points, 1), farthest)


def describe_style(style: Style, *, favourites: bool = True) -> Phrase:
    """Describe a style in a few words for users and models; of the samples it quotes only the `favourites`."""
    value = style.values
    parts = [
        Phrase(_find_step(value["sentence"], _LENGTHS), words=round(value["sentence"])),
        Phrase(_find_step(value["formality"], _TONES)),
    ]
    parts.append(Phrase("varied sentence lengths" if value["rhythm"] >= 0.5 else "an even rhythm"))
    parts.append(Phrase(_PERSONS[value["us"] >= 1.5, value["you"] >= 1.5]))
    parts += [Phrase(f"{_describe_rate(value[key])} {what}") for key, what in _MARKS]
    text = Phrase("{parts}.", parts=parts)
    return (
        Phrase("{style} Favourite words: {words}.", style=text, words=list(style.favourites))
        if style.favourites and favourites
        else text
    )


def _find_words(text: str) -> list[str]:
    return _WORD.findall(text)


def _compute_share(words: Sequence[str], word_list: str) -> float:
    word_set = set(word_list.split())
    return 100 * sum(word.casefold() in word_set for word in words) / len(words)


def _compute_rate(text: str, pattern: str, words: Sequence[str]) -> float:
    return 100 * len(re.findall(pattern, text)) / len(words)


def _compute_formality(text: str, words: Sequence[str], persons: float, polite: float) -> float:
    """Return 30 + 1.5 x long words - 4 x contractions - 1.5 x I, we and you + 3 x polite forms, each per 100 words; 0
    to 100.
    """
    long = 100 * sum(len(word) >= _MIN_LONG_WORD for word in words) / len(words)
    contracted = 100 * len(_CONTRACTED.findall(text)) / len(words)
    return max(0.0, min(100.0, 30 + 1.5 * long - 4 * contracted - 1.5 * persons + 3 * polite))


def _find_favourites(words: Sequence[str], language: str) -> tuple[str, ...]:
    """Return repeated words that are far commoner here than in the language: by count times Zipf's surprise."""
    from wordfreq import zipf_frequency

    counts = Counter(word.casefold().replace("’", "'") for word in words)

    def surprise(word: str) -> float:
        try:
            usual = zipf_frequency(word, language)
        except LookupError:
            usual = 3.0
        return counts[word] * (math.log10(counts[word] / len(words) * 1e9) - usual)

    repeated = [word for word, count in counts.items() if count > 1 and len(word) > 3]
    often = [word for word in repeated if surprise(word) / counts[word] > 2.0]
    return tuple(sorted(often, key=lambda word: (-surprise(word), word))[:MAX_FAVOURITES])


def _find_step(value: float, steps: Sequence[tuple[float, str]]) -> str:
    return next(name for upper_bound, name in steps if value < upper_bound)


def _describe_rate(rate: float) -> str:
    return _find_step(rate, _RATES)

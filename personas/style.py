"""Measures writing styles: a brand's style from samples, and the distance of another text from it. No I/O.

All features are counted without a model, so measuring a text again yields the same values; docs/voices.md has the formulas.
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
from .word_frequency import get_zipf_frequency

# Minimum words to measure a style, and to measure a text's distance from one.
MIN_SAMPLE_WORDS = 50
MIN_WORDS = 15
MAX_SAMPLES = 20
MAX_CHARACTERS = 40_000
# Maximum characters that are passed to the slow emoji look-up.
_MAX_EMOJI_CHARACTERS = 1_000
# Up to this distance (0 to 100), a text counts as in the brand's style; docs/voices.md says how the value was determined.
MAX_DISTANCE = 30.0
MAX_FAVOURITES = 8
_MIN_LONG_WORD_LETTERS = 7

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


# Descriptions of a style, each for values below the number.
_LENGTHS = (
    (9, "Very short sentences of about {words} words"),
    (14, "Short sentences of about {words} words"),
    (20, "Medium-long sentences of about {words} words"),
    (math.inf, "Long sentences of about {words} words"),
)
_TONES = ((35, "informal"), (60, "neither stiff nor chatty"), (math.inf, "formal"))
# By whether the first and the second person are used.
_PERSONS = {
    (True, True): "says “we” or “I” and “you”",
    (True, False): "says “we” or “I”",
    (False, True): "says “you”",
    (False, False): "stays impersonal",
}
_RATES = ((0.05, "no"), (1.0, "few"), (2.5, "some"), (math.inf, "many"))
_MARKS = (("exclamation", "exclamation marks"), ("question", "questions"), ("emoji", "emoji"))


class StyleError(QuillmateError):
    """A style cannot be measured from the samples; the message is for their owner."""


@dataclass(frozen=True, slots=True)
class StyleFeature:
    """A measured feature: its label and unit, the difference that readers notice (`audible_gap`, in that unit), and its weight.

    `is_rate` is whether it is a count per 100 words, which varies by chance in short texts.
    """

    label: str
    unit: str
    audible_gap: float
    weight: float = 1.0
    is_rate: bool = False


# `audible_gap` is half of the usual difference between two clearly different styles, such as a café's posts and a bank's letters.
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
    """A brand: its name, samples of its voice, the style measured from them (None while they are too short), and its book."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=48)]
    samples: tuple[str, ...]
    style: Style | None = None
    book: Annotated[Book, BeforeValidator(lambda data: data if isinstance(data, Book) else Book.parse(data))] = Book()


@dataclass(frozen=True, slots=True)
class Distance:
    """The distance of a text from a style, from 0 to 100, and descriptions of the features that differ most."""

    points: float
    farthest: tuple[str, ...] = ()

    @property
    def is_near(self) -> bool:
        """Whether the text counts as in the brand's style."""
        return self.points <= MAX_DISTANCE


def add_samples(brand: Brand, samples: Sequence[str], language: str = "en") -> Brand:
    """Return the brand with more samples and its style measured again. Duplicates are ignored.

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
    has_enough_words = sum(len(_find_words(text)) for text in all_samples) >= MIN_SAMPLE_WORDS
    return brand.model_copy(
        update={"samples": all_samples, "style": measure_style(all_samples, language) if has_enough_words else None}
    )


def measure_style(samples: Sequence[str], language: str = "en") -> Style:
    """Measure the style of one writer's texts.

    `language` is an ISO 639-1 code; pronouns are counted in English, German, Spanish, French and Portuguese.

    Raises:
        StyleError: together, the samples have fewer than `MIN_SAMPLE_WORDS` words.
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
    """Return the value of each feature in its unit; all 0 for a text without words."""
    plain_text = _LINK.sub(" ", text[:MAX_CHARACTERS])
    words = _find_words(plain_text)
    lengths = [count for sentence in _SENTENCE_END.split(plain_text) if (count := len(_find_words(sentence)))]
    if not words:
        return dict.fromkeys(FEATURES, 0.0)
    mean_length = len(words) / len(lengths)
    us, you = (_compute_share(words, pronouns.get(language, "")) for pronouns in (_US, _YOU))
    formal_you = 100 * sum(word in _FORMAL_YOU.get(language, "").split() for word in words) / len(words)
    values = {
        "sentence": mean_length,
        "rhythm": statistics.pstdev(lengths) / mean_length,
        "word": sum(map(len, words)) / len(words),
        "formality": _compute_formality(plain_text, words, us + you, formal_you),
        "us": us,
        "you": you + formal_you,
        "comma": _compute_rate(plain_text, r"[,，、]", words),
        "dash": _compute_rate(plain_text, r"\s[–—-]\s|—|:(?=\s)|;", words),
        "exclamation": _compute_rate(plain_text, r"[!！]", words),
        "question": _compute_rate(plain_text, r"[?？]+", words),
        "emoji": 100 * _count_emoji(" ".join(_EMOJI.findall(plain_text))[:_MAX_EMOJI_CHARACTERS]) / len(words),
    }
    return {name: round(value, 2) for name, value in values.items()}


def _count_emoji(characters: str) -> int:
    if not characters:
        return 0
    from emoji import emoji_list  # Imported here, as its table takes 3 MB.

    return len(emoji_list(characters))


def compute_distance(text: str, style: Style) -> Distance | None:
    """Compute the distance of a text from a style: 100 times the weighted mean of the differences of all features, each from 0 to 1.

    A difference of twice `audible_gap` or more counts as 1, a smaller one in proportion. From a rate's difference, the deviation that
    chance causes in a text of this length is subtracted first: one standard deviation of a Poisson count, at least half an occurrence.
    Returns None for a text with fewer than `MIN_WORDS` words.
    """
    text = text[:MAX_CHARACTERS]
    count = len(_find_words(_LINK.sub(" ", text)))
    if count < MIN_WORDS:
        return None
    measured, differences = measure_features(text, style.language), {}
    for name, feature in FEATURES.items():
        target = style.values.get(name, 0.0)
        chance_deviation = 100 / count * math.sqrt(max(target * count / 100, 0.25)) if feature.is_rate else 0.0
        gap = max(0.0, abs(measured[name] - target) - chance_deviation)
        differences[name] = min(1.0, gap / (2 * feature.audible_gap))
    total_weight = sum(feature.weight for feature in FEATURES.values())
    points = 100 * sum(FEATURES[name].weight * difference for name, difference in differences.items()) / total_weight
    distant_features = sorted(
        (name for name, difference in differences.items() if difference >= 0.5),
        key=lambda name: -differences[name] * FEATURES[name].weight,
    )
    farthest = tuple(
        f"{FEATURES[name].label} {measured[name]:.1f}, the brand's {style.values.get(name, 0.0):.1f}"
        for name in distant_features[:3]
    )
    return Distance(round(points, 1), farthest)


def describe_style(style: Style, *, favourites: bool = True) -> Phrase:
    """Describe a style in a few words for users and models; with `favourites`, words of the samples are quoted."""
    values = style.values
    parts = [
        Phrase(_find_step(values["sentence"], _LENGTHS), words=round(values["sentence"])),
        Phrase(_find_step(values["formality"], _TONES)),
    ]
    parts.append(Phrase("varied sentence lengths" if values["rhythm"] >= 0.5 else "an even rhythm"))
    parts.append(Phrase(_PERSONS[values["us"] >= 1.5, values["you"] >= 1.5]))
    parts += [Phrase(f"{_describe_rate(values[name])} {label}") for name, label in _MARKS]
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


def _compute_formality(text: str, words: Sequence[str], pronouns: float, formal_you: float) -> float:
    """Return the degree of formality, from 0 to 100.

    It is 30 + 1.5 x long words - 4 x contractions - 1.5 x I, we and you + 3 x formal forms of you, each per 100 words.
    """
    long_words = 100 * sum(len(word) >= _MIN_LONG_WORD_LETTERS for word in words) / len(words)
    contractions = 100 * len(_CONTRACTED.findall(text)) / len(words)
    return max(0.0, min(100.0, 30 + 1.5 * long_words - 4 * contractions - 1.5 * pronouns + 3 * formal_you))


def _find_favourites(words: Sequence[str], language: str) -> tuple[str, ...]:
    """Return repeated words that are much more frequent here than in the language, the most striking first.

    Words are ranked by their count times the difference of their Zipf frequencies (log10 per billion words).
    """
    counts = Counter(word.casefold().replace("’", "'") for word in words)

    def rate_word(word: str) -> float:
        return counts[word] * (math.log10(counts[word] / len(words) * 1e9) - get_zipf_frequency(word, language))

    repeated = [word for word, count in counts.items() if count > 1 and len(word) > 3]
    frequent = [word for word in repeated if rate_word(word) / counts[word] > 2.0]
    return tuple(sorted(frequent, key=lambda word: (-rate_word(word), word))[:MAX_FAVOURITES])


def _find_step(value: float, steps: Sequence[tuple[float, str]]) -> str:
    return next(name for upper_bound, name in steps if value < upper_bound)


def _describe_rate(rate: float) -> str:
    return _find_step(rate, _RATES)

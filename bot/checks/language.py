"""Which language a text is in."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

import regex

from personas.profile import storable

from .units import HASHTAG, LINK

if TYPE_CHECKING:
    from lingua import LanguageDetector

# Fewer letters than this tell nothing, and of a script that few languages share fewer are enough.
MIN_LETTERS, _MIN_OTHER_LETTERS = 20, 6
# More characters than this cost time and tell nothing new.
_ENOUGH = 400
_CANDIDATES = ["en", "es", "fr", "de", "pt", "hi", "ar", "ja", "id", "it", "nl", "pl", "sv", "tr", "ru", "zh", "ko"]

_WORD = re.compile(r"[^\W\d_]+")
_LONGER_WORD = re.compile(r"(?<![^\W\d_])[^\W\d_]{3,}+")
# English function words, and those of other languages in Latin script that are no English words.
_ENGLISH_WORDS = (
    "the and of to is are was you your our we it with for from that this they their what which who how why when where be "
    "been have has had can will would should not but if than then there about into more"
)
_FOREIGN_WORDS = (
    "der das und ist nicht ein eine den dem mit auf le la les des et est une du pour dans que el los las una por para con "
    "del os uma com em il che nel het een niet och att det som yang untuk dan dengan bir ve nie na jest"
)
_ENGLISH, _FOREIGN = frozenset(_ENGLISH_WORDS.split()), frozenset(_FOREIGN_WORDS.split())
# So many of them in a text, and so many times as many as foreign ones, make it English.
_ENOUGH_ENGLISH, _MORE_THAN_FOREIGN = 3, 4

_NOT_LATIN = regex.compile(
    r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}\p{Cyrillic}\p{Arabic}\p{Hebrew}\p{Devanagari}\p{Thai}]++"
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

    Text with some English function words and hardly a foreign one is English without asking the detector, which costs 22 MB.
    """
    bare = HASHTAG.sub(" ", LINK.sub(" ", text))
    letters = sum(1 for _ in islice(filter(str.isalpha, bare), MIN_LETTERS))
    if letters < _MIN_OTHER_LETTERS or (letters < MIN_LETTERS and not _NOT_LATIN.search(bare[:_ENOUGH])):
        return None
    if _plainly_english(bare):
        return "en"
    return _detected(bare[:_ENOUGH])


@lru_cache(maxsize=256)
def _detected(text: str) -> str | None:
    found = _detector().detect_language_of(storable(text))
    return found.iso_code_639_1.name.lower() if found else None


# Function words and numbers by language, of which a brief of some words holds a few.
_FUNCTION_WORDS = {
    "en": f"{_ENGLISH_WORDS} a an on at by as or so my me us do does make write new please without two three four five six seven "
    "eight nine ten",
    "de": "der das und ist nicht ein eine einen einem einer den dem des mit auf für von zu zum zur im am wir ihr sie ich du "
    "es dass wie bei nach aus über unser unsere unseren unserem haben hat sind wird werden auch nur schreib schreibe "
    "mach bitte mein meine meinen kein keine die heute morgen ohne fürs ins ans vom beim ne zwei drei vier fünf sechs "
    "sieben acht neun zehn höchstens",
    "fr": "le la les des du un une et est pour dans avec sur par au aux que qui nous vous notre nos votre vos mon ma mes ce "
    "cette ces il elle ne pas plus son sa ses écris fais je tu de sans deux trois quatre cinq sept huit neuf dix",
    "es": "el la los las un una unos y es para con por del al en que se nos nuestro nuestra nuestros su sus mi mis este "
    "esta lo más escribe haz como sobre de no sin dos tres cuatro cinco seis siete ocho nueve diez",
    "pt": "o a os as um uma e é para com por do da dos das em no na nos nas que se nosso nossa meu minha seu sua este esta "
    "ao mais escreva faça como sobre de não sem pra pro pros dois duas três quatro cinco seis sete oito nove dez",
    "it": "il lo la gli le un uno una e è per con di del della dello dei degli delle al alla allo ai alle sul sulla sui nel "
    "nella da dal dalla che non si ci mi ti vi nostro nostra nostri vostro mio mia suo sua loro questo questa più "
    "come sono scrivi fai niente senza due tre quattro cinque sei sette otto nove dieci",
    "id": "yang dan di ke dari untuk dengan ini itu ada tidak akan pada juga kami kita saya aku kamu anda buat buatkan "
    "bikin tolong dong ya buatin jangan pakai bisa soal tentang tanpa paling para oleh atau karena lebih dua tiga "
    "empat lima enam tujuh delapan sepuluh",
}
# English ones that other languages in Latin script have as well.
_SHARED_WORDS = frozenset(
    {"a", "an", "as", "at", "by", "do", "i", "in", "is", "me", "not", "on", "or", "so", "us", "was", "will"}
)
# So many different ones in a text make it one of that language, where no other has as many.
_ENOUGH_WORDS = 3
# So much more usual (powers of ten) makes a word one of a language.
_MORE_USUAL = 1.0


def other_language(text: str, wanted: str) -> str | None:
    """The language that a text is in where that is another than the wanted one, None where it is that or cannot be told.

    Of two near languages the one decides of which the text has more function words.
    """
    spoken = language(text)
    if spoken is None or spoken == wanted:
        return None
    said = set(_WORD.findall(text[:_ENOUGH].casefold()))
    of_wanted, of_spoken = (said.intersection(_FUNCTION_WORDS.get(code, "").split()) for code in (wanted, spoken))
    return None if len(of_wanted) > len(of_spoken) else spoken


def plainly_in(text: str) -> str | None:
    """The language that a text is in beyond doubt, None where it may be another: names and loan words make none."""
    if _NOT_LATIN.search(text[:_ENOUGH]):
        return language(text)
    (most, code), (second, _), *_rest = _function_words_of(text)
    return code if most >= _ENOUGH_WORDS and most > second else None


def likely_in(text: str) -> str | None:
    """The language that a text is plainly in, else what a detector takes it for where its words do not speak against that.

    Notes such as "Mittagstisch, Dienstag Linsensuppe 7,90" have hardly a function word. A detector alone takes one in twenty short
    English requests for another language, as they name places and dishes.
    """
    plain = plainly_in(text)
    if plain == "en" or _NOT_LATIN.search(text[:_ENOUGH]):
        return plain
    detected = language(text)
    counts = {code: count for count, code in _function_words_of(text)}
    if plain is not None:
        # Of two near languages the detector tells which, where a function word more or less is all the difference.
        return detected if detected and 0 < counts[plain] - counts.get(detected, 0) <= 1 else plain
    if detected is None or detected == "en" or detected not in counts:
        return None
    english = len(_words_in(text).intersection(_FUNCTION_WORDS["en"].split()) - _SHARED_WORDS)
    return detected if counts[detected] > english or (not english and _usual_in(detected, text)) else None


def _usual_in(code: str, text: str) -> bool:
    """Whether the words of a text that are usual in a language, and not in English, are many; names are none of them."""
    from wordfreq import zipf_frequency

    own = english = 0
    for found in _LONGER_WORD.finditer(text[:_ENOUGH]):
        # Nouns have capitals in German alone.
        if found[0][0].isupper() and found.start() and code != "de":
            continue
        word = found[0].casefold()
        apart = zipf_frequency(word, code, wordlist="small") - zipf_frequency(word, "en", wordlist="small")
        own, english = own + (apart >= _MORE_USUAL), english + (apart <= -_MORE_USUAL)
    return own >= _ENOUGH_WORDS and own > 2 * english


def _words_in(text: str) -> set[str]:
    return set(_WORD.findall(text[:_ENOUGH].casefold()))


def _function_words_of(text: str) -> list[tuple[int, str]]:
    """How many different function words of each language a text has, most first."""
    words = _words_in(text)
    return sorted(((len(words.intersection(of.split())), code) for code, of in _FUNCTION_WORDS.items()), reverse=True)


def _plainly_english(text: str) -> bool:
    if not text.isascii():
        return False
    tokens = [token.strip(".,!?;:'\"()").casefold() for token in text.split()]
    english = sum(token in _ENGLISH for token in tokens)
    foreign = sum(token in _FOREIGN for token in tokens)
    return english >= max(_ENOUGH_ENGLISH, _MORE_THAN_FOREIGN * foreign)


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

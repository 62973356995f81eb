"""Split a text into words as in the lexicons: lower case, without accents or tricks such as look-alike letters."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby, islice

from bot.checks.addresses import INVISIBLE

# Longer words are cut.
_MAX_WORD_CHARACTERS = 40
_CONTRACTION_APOSTROPHE = re.compile(r"(?<=\w)['’`´](?=(?:t|s|m|re|ve|ll|d)\b)")
# The end of a sentence, and its fewest words: "send. me. your. pin." is one sentence.
_SENTENCE_END, _MIN_SENTENCE_WORDS = re.compile(r"(?<![.!?;])[.!?;]++(?=\s)|\n"), 4
# The mark between two sentences.
SENTENCE_BREAK = ""
# Symbols within a word replace letters.
_WORD = re.compile(r"[^\W_][\w@$!\u0300-\u036f\u064b-\u065f\u0900-\u0d7f\u0e31-\u0e4e]*|%")
# Scripts without spaces between words: each character counts as a word.
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
# Currency symbols of amounts.
_CURRENCY = re.compile(r"[€£]|\$(?= ?\d)|(?<=\d)\$")
_CURRENCIES = {"€": " euro ", "£": " pounds ", "$": " dollars "}
_SPACED_LETTERS = re.compile(r"(?<![^\W_])(?:[^\W_][ .*_-]){2,40}[^\W_](?![^\W_])")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f]+")
_LETTERS_BY_SIGN = str.maketrans("013457@$!", "oieastasi")
# Letters of other scripts that resemble Latin ones.
_LATIN_LOOK_ALIKES = str.maketrans(
    "аеорсухіјѕԁһкмтвαεορτυικνøłđıɑᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢꮪϲ",
    "aeopcyxijsdhkmtbaeoptuiknoldiaabcdefghijklmnoprstuvwyzsc",
)
_LATIN_LETTER = re.compile("[a-z]")
# Digits of other scripts.
_DIGIT = re.compile(r"(?![0-9])\d")


def split_words(text: str) -> list[str]:
    """Split a text into words as in the lexicons: lower case, without accents, with symbols and look-alike letters replaced, and
    with marks between sentences.
    """
    text = _CONTRACTION_APOSTROPHE.sub("", INVISIBLE.sub("", text))
    text = _CURRENCY.sub(lambda match: _CURRENCIES[match[0]], text)
    text = _SPACED_LETTERS.sub(lambda match: re.sub(r"[ .*_-]", "", match[0]), text)
    text = UNSPACED.sub(r" \g<0> ", text)
    words: list[str] = []
    sentence_length = 0
    for sentence in _SENTENCE_END.split(text):
        if sentence_length >= _MIN_SENTENCE_WORDS:
            words.append(SENTENCE_BREAK)
            sentence_length = 0
        # Repetitions of a word count at most three times.
        runs = groupby(word[:_MAX_WORD_CHARACTERS] for word in _WORD.findall(sentence))
        sentence_words = [word for _, run in runs for word in islice(run, 3)]
        words += sentence_words
        sentence_length += len(sentence_words)
    distinct = [word for word in dict.fromkeys(words) if word]
    # Normalise all of them in one call.
    normalised = normalise("\n".join(distinct)).split("\n") if distinct else []
    forms = {SENTENCE_BREAK: SENTENCE_BREAK} | {
        word: _replace_look_alikes(form) for word, form in zip(distinct, normalised, strict=True)
    }
    return [forms[word] for word in words]


def fold_name(text: str) -> str:
    """Fold a name to its appearance: lower case, without accents and spaces, with look-alike letters as Latin ones."""
    return "".join(normalise(INVISIBLE.sub("", text)).translate(_LATIN_LOOK_ALIKES).split())


def normalise(text: str) -> str:
    """Return a text in lower case, without accents, with digits as ASCII ones."""
    if text.isascii():
        return text.lower()
    text = _DIGIT.sub(lambda match: str(unicodedata.digit(match[0])), text)
    return _MARKS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()))


def _replace_look_alikes(word: str) -> str:
    """Replace symbols and look-alike letters of other scripts in a word."""
    if word.isalpha() and word.isascii():
        return word
    word = word.rstrip("!@$")
    if not word.isascii() and _LATIN_LETTER.search(word):
        word = word.translate(_LATIN_LOOK_ALIKES)
    return word.translate(_LETTERS_BY_SIGN) if _LATIN_LETTER.search(word) else word

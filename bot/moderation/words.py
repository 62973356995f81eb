"""The words of a text as the lexicons have them: lower case, without accents, with look-alike letters as Latin ones."""

from __future__ import annotations

import re
import unicodedata
from itertools import groupby, islice

from bot.checks.addresses import INVISIBLE

# Longer words are cut.
_MAX_WORD_CHARACTERS = 40
_SHORT_FORM = re.compile(r"(?<=\w)['’`´](?=(?:t|s|m|re|ve|ll|d)\b)")
# The end of a sentence, and its fewest words: "send. me. your. pin." is one sentence.
_END, _MIN_WORDS = re.compile(r"(?<![.!?;])[.!?;]++(?=\s)|\n"), 4
# The mark between two sentences.
SENTENCE_BREAK = ""
# Symbols within a word replace letters.
_WORD = re.compile(r"[^\W_][\w@$!\u0300-\u036f\u064b-\u065f\u0900-\u0d7f\u0e31-\u0e4e]*|%")
# Scripts without spaces between words: each character counts as a word.
UNSPACED = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
# Currency symbols of amounts.
_CURRENCY = re.compile(r"[€£]|\$(?= ?\d)|(?<=\d)\$")
_CURRENCIES = {"€": " euro ", "£": " pounds ", "$": " dollars "}
_SPELLED_OUT = re.compile(r"(?<![^\W_])(?:[^\W_][ .*_-]){2,40}[^\W_](?![^\W_])")
_MARKS = re.compile("[\u0300-\u036f\u064b-\u065f]+")
_LETTERS_OF_SIGNS = str.maketrans("013457@$!", "oieastasi")
# Letters of other scripts that resemble Latin ones.
_LOOK_ALIKE = str.maketrans(
    "аеорсухіјѕԁһкмтвαεορτυικνøłđıɑᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢꮪϲ",
    "aeopcyxijsdhkmtbaeoptuiknoldiaabcdefghijklmnoprstuvwyzsc",
)
_LATIN = re.compile("[a-z]")
# Digits of other scripts.
_DIGIT = re.compile(r"(?![0-9])\d")


def split_words(text: str) -> list[str]:
    """Split a text into words as in the lexicons: lower case, without accents, with symbols and look-alike letters replaced, and
    with marks between sentences.
    """
    text = _SHORT_FORM.sub("", INVISIBLE.sub("", text))
    text = _CURRENCY.sub(lambda found: _CURRENCIES[found[0]], text)
    text = _SPELLED_OUT.sub(lambda found: re.sub(r"[ .*_-]", "", found[0]), text)
    text = UNSPACED.sub(r" \g<0> ", text)
    raw: list[str] = []
    since = 0
    for sentence in _END.split(text):
        if since >= _MIN_WORDS:
            raw.append(SENTENCE_BREAK)
            since = 0
        # Repetitions of a word count at most three times.
        runs = groupby(word[:_MAX_WORD_CHARACTERS] for word in _WORD.findall(sentence))
        words = [word for _, run in runs for word in islice(run, 3)]
        raw += words
        since += len(words)
    different = [word for word in dict.fromkeys(raw) if word]
    plain = normalise("\n".join(different)).split("\n") if different else []
    known = {SENTENCE_BREAK: SENTENCE_BREAK} | {
        word: _replace_look_alikes(shown) for word, shown in zip(different, plain, strict=True)
    }
    return [known[word] for word in raw]


def fold_name(text: str) -> str:
    """Fold a name to its appearance: lower case, without accents and spaces, with look-alike letters as Latin ones."""
    return "".join(normalise(INVISIBLE.sub("", text)).translate(_LOOK_ALIKE).split())


def normalise(text: str) -> str:
    """Return a text in lower case, without accents, with digits as ASCII ones."""
    if text.isascii():
        return text.lower()
    text = _DIGIT.sub(lambda found: str(unicodedata.digit(found[0])), text)
    return _MARKS.sub("", unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold()))


def _replace_look_alikes(word: str) -> str:
    """Replace symbols and look-alike letters of other scripts in a word."""
    if word.isalpha() and word.isascii():
        return word
    word = word.rstrip("!@$")
    if not word.isascii() and _LATIN.search(word):
        word = word.translate(_LOOK_ALIKE)
    return word.translate(_LETTERS_OF_SIGNS) if _LATIN.search(word) else word

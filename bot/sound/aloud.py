"""Extracts the words of a text to be read aloud: no Markdown, no labels, no full addresses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

import regex

from bot.checks.sentences import split_sentences
from bot.reading.surrounding_labels import is_label

# Characters of a text that is read aloud, about twenty minutes; the rest is ignored.
MAX_READ_ALOUD_CHARACTERS = 20_000
# Each pattern is anchored at the beginning of a line or reads no run of characters twice.
_FENCE = re.compile(r"^```\w*+$")
_RULE = re.compile(r"^(?:(?:[-*_=]\s*+){3,}+|\|?(?:\s*+:?-{2,}+:?\s*+\|)++\s*+(?::?-++:?)?\s*+)$")
_BEFORE = re.compile(r"^(?:>\s?|-# |#{1,6} |[-*•+] (?:\[[ xX]\] )?)*+")
_HIDDEN_LINE = re.compile(r"^(?:\d{1,3}[.)] )?\|\|[^|]{1,4000}\|\|$")
_BOLD_LABEL = re.compile(r"^\*\*([^*\n]{1,60}?)(?::\*\*|\*\*\s?(?:\([^()\n]{1,40}\))?:)\s?")
_BOLD_LINE = re.compile(r"^\*\*([^*\n]{1,80}?):?\*\*$")
_DIRECTION = re.compile(r"^\*[^*\n]{1,600}\*$")
_TIMES = re.compile(r"\d:\d\d")
_SPEAKER = re.compile(r"^[A-ZÀ-Þ][A-ZÀ-Þ0-9 .'-]{1,30}: (?=\S)")
_LINK = re.compile(r"\[([^\[\]\n]{1,300})\]\(<?[^()\[\]\s]{1,2000}>?\)")
_ADDRESS = re.compile(r"<?\bhttps?://(?:www\.)?([\w.-]{1,253})[^\s<>()\[\]]{0,2000}>?")
_NOTE = re.compile(r"\s?\[\d{1,3}\]")
_TAGS_ALONE = re.compile(r"^(?:#[\w-]++\s*+)++$")
_TAG = re.compile(r"(?<!\w)#(?=[^\W\d_])")
_MARKS = re.compile(r"\*\*|__|~~|\|\||`|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)")
_CELLS = re.compile(r"(?<!\s)\s*+\|\s*+")
_EMOJI = regex.compile(r"[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\u20e3]+")
_WORDS = re.compile(r"\w")
# A line of words only.
_PLAIN = re.compile(r"^\w[\w ,.;!?'’]*+$")
# The space that an emoji between a word and its comma leaves.
_LOOSE = re.compile(r"(?<! ) ++(?=[,.](?:\s|$))")
_ENDS = (".", "!", "?", "…", ":", ";", ",", "。", "！", "？", "।", "؟")
# A piece of a sentence that is too long ends at the last of these, else anywhere.
_BREAKS = (", ", "; ", ": ", " – ", " ")


def extract_speakable_text(markdown: str) -> str:
    """Return the words of a text, a line per paragraph; empty if it has none.

    Lines that Discord hides as spoilers, such as the answers of a quiz, are left out.
    """
    return "\n".join(_iter_lines(markdown))


def _iter_lines(markdown: str) -> Iterator[str]:
    for raw in filter(_WORDS.search, markdown[:MAX_READ_ALOUD_CHARACTERS].split("\n")):
        raw = " ".join(raw.split())
        if _FENCE.match(raw) or _RULE.match(raw) or _HIDDEN_LINE.match(raw):
            continue
        if _PLAIN.match(raw) and "_" not in raw:
            yield raw if raw.endswith(_ENDS) else f"{raw}."
            continue
        line = _clean_line(_BEFORE.sub("", f"{raw} ", count=1).strip())
        if _WORDS.search(line):
            yield line if line.rstrip("\"'”’»)").endswith(_ENDS) else f"{line}."


def _clean_line(line: str) -> str:
    """Return the words of a line."""
    if (alone := _BOLD_LINE.match(line)) and (is_label(alone[1]) or _TIMES.search(alone[1])):
        return ""
    if _DIRECTION.match(line) or _TAGS_ALONE.match(line):
        return ""
    if (found := _BOLD_LABEL.match(line)) and (is_label(found[1]) or "(" in found[0]):
        line = line[found.end() :]
    line = _SPEAKER.sub("", line)
    line = _ADDRESS.sub(r"\1", _LINK.sub(r"\1", line))
    line = _TAG.sub("", _NOTE.sub("", line))
    if line.count("|") > 1 and "||" not in line:
        line = _CELLS.sub(", ", line.strip("| "))
    line = _MARKS.sub("", line.replace("||", " "))
    return _LOOSE.sub("", " ".join(_EMOJI.sub(" ", line).split()))


def split_speech(text: str, most: int) -> list[str]:
    """Split a text into pieces of at most so many characters, at the ends of sentences if possible."""
    pieces: list[str] = []
    for sentence in split_sentences(text[: 2 * MAX_READ_ALOUD_CHARACTERS]):
        for part in _split_sentence(sentence, most):
            if pieces and len(pieces[-1]) + len(part) <= most:
                pieces[-1] += part
            else:
                pieces.append(part)
    return [piece.strip() for piece in pieces if piece.strip()]


def _split_sentence(sentence: str, most: int) -> Iterator[str]:
    start = 0
    while len(sentence) - start > most:
        # The break may begin one character beyond the limit, as its space is dropped.
        last = start + most + 1
        found = ((sentence.rfind(sign, start + 1, last), len(sign.rstrip())) for sign in _BREAKS)
        end = next((at + size for at, size in found if at > start and at + size <= start + most), start + most)
        yield sentence[start:end]
        start = end
        while start < len(sentence) and sentence[start].isspace():
            start += 1
    yield sentence[start:]

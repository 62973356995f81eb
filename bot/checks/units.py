"""Count texts in units such as words, graphemes or SMS segments, each as the platform that uses it does."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable

import regex

from .widths import measure_pixels

# GSM 03.38: the default alphabet counts one septet, the extension table two.
_GSM7 = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM7_EXTENDED = set("^{}\\[~]|€\f")
LINK = re.compile(
    r"(?:https?://|(?<![\w@./-])www\.)[^\s<>\"]*[\w/]"
    r"|(?<![\w@./-])(?:[A-Za-z0-9-]+\.)+(?:example|test|com|org|net|edu|gov|io|dev|app|info|eu|[a-z]{2}(?=/))"
    r"(?![\w-])(?:/[^\s<>\"]*[\w/])?"
)
_HEADING = re.compile(r"\*\*[^*\n]{1,200}\*\*|#{1,3} [^\n]{1,200}")
HASHTAG = regex.compile(r"(?<![^\s(\[{<])#(?=[\p{L}\p{M}\p{N}_]*\p{L})[\p{L}\p{M}\p{N}_]+")
# A run of characters that emoji consist of: looking each up costs a hundred times as much as finding the run.
_EMOJI_RUN = re.compile(
    "[#*0-9\u00a9\u00ae\u200d\u203c\u2049\u20e3\u2100-\u2bff\u3030\u303d\u3297\u3299\ufe0e\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
# Characters of such runs that are looked up; later emoji are not counted. No place accepts as many.
MAX_EMOJI_CHARACTERS = 1_000
_JAPANESE = regex.compile(r"[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}々ー]")
# A flag is two regional indicators, matched first because \X backtracks over a run of them.
GRAPHEME = regex.compile(r"\p{RI}{2}[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}]*+|\X")
# Ambiguous signs end a sentence only before white space, those of other scripts anywhere.
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s|$)|[。！？।؟]++|[\r\n]+")
# X counts these ranges as one, all others as two (twitter-text's configuration version 3).
_X_LIGHT = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]+")


def count_characters(text: str) -> int:
    """Count code points of the NFC form, trimmed."""
    return len(unicodedata.normalize("NFC", text).strip())


def count_columns(text: str) -> int:
    """Count columns of a terminal: code points of the NFC form, trimmed; double-width characters count as two."""
    text = unicodedata.normalize("NFC", text).strip()
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def count_graphemes(text: str) -> int:
    """Count extended grapheme clusters, which readers see as single characters."""
    text = text.strip()
    return len(text) - text.count("\r\n") if text.isascii() else len(GRAPHEME.findall(text))


def count_utf8_bytes(text: str) -> int:
    """Count bytes of the trimmed text in UTF-8."""
    return len(text.strip().encode("utf-8", "surrogatepass"))


def format_count(count: int, one: str, several: str = "") -> str:
    """Format a number of things: "1 row", "2 rows"."""
    return f"{count} {one if count == 1 else several or f'{one}s'}"


def count_words(text: str) -> int:
    """Count tokens with a letter or digit; in mostly Japanese text two characters count as a word."""
    japanese = len(_JAPANESE.findall(text))
    if japanese and (letters := sum(c.isalpha() for c in text)) and japanese / letters >= 0.6:
        return math.ceil(len("".join(text.split())) / 2)
    return sum(token[0].isalnum() or any(c.isalnum() for c in token) for token in text.split())


def count_weighted_characters(text: str) -> int:
    """Count as X does: a link is 23, an emoji 2, most scripts 1 and CJK 2 per character, over NFC."""
    text = unicodedata.normalize("NFC", text).strip()
    total = 23 * len(LINK.findall(text))
    rest = LINK.sub("", text)
    emoji_spans = find_emoji_spans(rest)
    total += 2 * len(emoji_spans)
    rest = remove_spans(rest, emoji_spans)
    return total + len(rest) + len(_X_LIGHT.sub("", rest))


def count_sms_segments(text: str) -> int:
    """Count the segments of an SMS: 160 or 153 septets of GSM-7, else 70 or 67 units of UTF-16."""
    if all(c in _GSM7 or c in _GSM7_EXTENDED for c in text):
        sizes, single_room, segment_room = [2 if c in _GSM7_EXTENDED else 1 for c in text], 160, 153
    else:
        sizes, single_room, segment_room = [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67
    if sum(sizes) <= single_room:
        return 1
    segments, room = 1, segment_room
    for size in sizes:  # A character of two units is not split.
        if size > room:
            segments, room = segments + 1, segment_room
        room -= size
    return segments


# Intellectual property signs, which are emoji only with a variation selector.
SIGNS = "©®™"


def find_emoji_spans(text: str) -> list[tuple[int, int]]:
    """Return the spans of emoji in a text; a joined sequence, a flag or a skin-tone form is one."""
    if text.isascii():
        return []  # The search costs more than all other measures combined.
    from emoji import emoji_list  # Its table takes 3 MB, loaded when first needed.

    spans, remaining = [], MAX_EMOJI_CHARACTERS
    for run in _EMOJI_RUN.finditer(text):
        if not run.group().isascii():
            emoji = emoji_list(run.group()[:remaining])
            if len(run.group()) > remaining:  # The last one may be truncated.
                emoji = emoji[:-1]
            spans += [(run.start() + each["match_start"], run.start() + each["match_end"]) for each in emoji]
            remaining -= len(run.group())
        if remaining <= 0:
            break
    return spans


def remove_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return the text without some spans, given in order."""
    pieces, at = [], 0
    for start, end in spans:
        pieces.append(text[at:start])
        at = end
    return "".join(pieces) + text[at:]


def count_emoji(text: str) -> int:
    """Count emoji; a joined sequence, a flag or a skin-tone form is one. ©, ® and ™ only count in their emoji form."""
    return sum(text[start:end] not in SIGNS for start, end in find_emoji_spans(text))


def count_hashtags(text: str) -> int:
    """Count hashtags with a letter, at the start or after a space or bracket."""
    return len(HASHTAG.findall(text))


def count_exclamations(text: str) -> int:
    """Count exclamation marks, including full-width ones."""
    return text.count("!") + text.count("！")


def count_prompt_tokens(text: str) -> int:
    """Count the tokens of an image prompt by CLIP's rules."""
    from .clip import count_clip_tokens

    return count_clip_tokens(text)


def count_sentences(text: str) -> int:
    """Count sentences, and lines without a final sign; scripts with their own full stop need no space after it."""
    return sum(1 for part in _SENTENCE_END.split(text) if any(map(str.isalnum, part)))


def count_paragraphs(text: str) -> int:
    """Count blocks separated by empty lines, except those that are only a heading."""
    blocks = (block.strip() for block in re.split(r"\n[ \t]*\n", text))
    return sum(1 for block in blocks if block and not _HEADING.fullmatch(block))


def count_lines(text: str) -> int:
    """Count non-empty lines."""
    return sum(1 for line in text.splitlines() if line.strip())


UNITS: dict[str, Callable[[str], int]] = {
    "characters": count_characters,
    "graphemes": count_graphemes,
    "bytes": count_utf8_bytes,
    "words": count_words,
    "weighted characters": count_weighted_characters,
    "SMS parts": count_sms_segments,
    "hashtags": count_hashtags,
    "exclamation marks": count_exclamations,
    "emoji": count_emoji,
    "CLIP tokens": count_prompt_tokens,
    "pixels": measure_pixels,
    "columns": count_columns,
    "sentences": count_sentences,
    "paragraphs": count_paragraphs,
    "lines": count_lines,
}

"""Units of measure for texts, each counted the way the platform that uses it counts."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Iterable

import regex

from .widths import pixels

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
# Runs of what emoji are made of: looking each of them up costs a hundred times as much as finding them.
_PICTURES = re.compile(
    "[#*0-9\u00a9\u00ae\u200d\u203c\u2049\u20e3\u2100-\u2bff\u3030\u303d\u3297\u3299\ufe0e\ufe0f\U0001f000-\U0001faff\U000e0020-\U000e007f]+"
)
# Characters of such runs that are looked up; emoji behind them are not counted. No place takes as many.
MAX_EMOJI = 1_000
_JAPANESE = regex.compile(r"[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}々ー]")
# A flag is two letters of its own script. Asked whether one begins at such a letter, \X goes back over all of them.
GRAPHEME = regex.compile(r"\p{RI}{2}[\p{GCB=Extend}\p{GCB=SpacingMark}\p{GCB=ZWJ}]*+|\X")
# A sign ends a sentence before white space, those of scripts that have one for nothing else anywhere.
_SENTENCE_END = re.compile(r"(?<![.!?])[.!?]++[\"'”’)\]]*+(?=\s|$)|[。！？।؟]++|[\r\n]+")
# X counts these ranges one, all else two (twitter-text's configuration version 3).
_X_LIGHT = re.compile("[\u0000-\u10ff\u2000-\u200d\u2010-\u201f\u2032-\u2037]+")


def characters(text: str) -> int:
    """Code points of the NFC form, trimmed."""
    return len(unicodedata.normalize("NFC", text).strip())


def columns(text: str) -> int:
    """Code points of the NFC form, trimmed; double-width signs count two."""
    text = unicodedata.normalize("NFC", text).strip()
    return sum(2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text)


def graphemes(text: str) -> int:
    """What a reader sees as single characters (extended grapheme clusters)."""
    text = text.strip()
    return len(text) - text.count("\r\n") if text.isascii() else len(GRAPHEME.findall(text))


def utf8_bytes(text: str) -> int:
    """Bytes of the trimmed text in UTF-8."""
    return len(text.strip().encode("utf-8", "surrogatepass"))


def counted(count: int, one: str, several: str = "") -> str:
    """A number of things: "1 row", "2 rows"."""
    return f"{count} {one if count == 1 else several or f'{one}s'}"


def words(text: str) -> int:
    """Tokens with a letter or digit; mostly Japanese text counts two characters as a word."""
    japanese = len(_JAPANESE.findall(text))
    if japanese and (letters := sum(c.isalpha() for c in text)) and japanese / letters >= 0.6:
        return math.ceil(len("".join(text.split())) / 2)
    return sum(token[0].isalnum() or any(c.isalnum() for c in token) for token in text.split())


def weighted(text: str) -> int:
    """X's count: a link is 23, an emoji 2, most scripts 1 and CJK 2 a character, over NFC."""
    text = unicodedata.normalize("NFC", text).strip()
    total = 23 * len(LINK.findall(text))
    rest = LINK.sub("", text)
    pieces = emoji_spans(rest)
    total += 2 * len(pieces)
    rest = without_spans(rest, pieces)
    return total + len(rest) + len(_X_LIGHT.sub("", rest))


def sms_segments(text: str) -> int:
    """Parts that an SMS is sent in: 160 or 153 septets of GSM-7, else 70 or 67 units of UTF-16."""
    if all(c in _GSM7 or c in _GSM7_EXTENDED for c in text):
        sizes, one, many = [2 if c in _GSM7_EXTENDED else 1 for c in text], 160, 153
    else:
        sizes, one, many = [2 if ord(c) > 0xFFFF else 1 for c in text], 70, 67
    if sum(sizes) <= one:
        return 1
    parts, room = 1, many
    for size in sizes:  # A sign of two units is not torn apart.
        if size > room:
            parts, room = parts + 1, many
        room -= size
    return parts


# Signs of rights, which are emoji only in a form of their own.
SIGNS = "©®™"


def emoji_spans(text: str) -> list[tuple[int, int]]:
    """Where emoji stand in a text, as (start, end); a joined sequence, a flag or a skin-tone form is one."""
    if text.isascii():
        return []  # The search costs more than all other measures together.
    from emoji import emoji_list  # Its table is 3 MB, read when the first sign is looked for.

    spans, left = [], MAX_EMOJI
    for run in _PICTURES.finditer(text):
        if not run.group().isascii():
            found = emoji_list(run.group()[:left])
            if len(run.group()) > left:  # The last may be cut through.
                found = found[:-1]
            spans += [(run.start() + one["match_start"], run.start() + one["match_end"]) for one in found]
            left -= len(run.group())
        if left <= 0:
            break
    return spans


def without_spans(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """The text without what stands at some places of it, in their order."""
    kept, at = [], 0
    for start, end in spans:
        kept.append(text[at:start])
        at = end
    return "".join(kept) + text[at:]


def emoji(text: str) -> int:
    """Emoji; a joined sequence, a flag or a skin-tone form is one. ©, ® and ™ need their emoji form."""
    return sum(text[start:end] not in SIGNS for start, end in emoji_spans(text))


def hashtags(text: str) -> int:
    """Hashtags with a letter, at the start or after a space or bracket."""
    return len(HASHTAG.findall(text))


def exclamations(text: str) -> int:
    """Exclamation marks, full-width ones too."""
    return text.count("!") + text.count("！")


def links(text: str) -> set[str]:
    """Different links, without scheme, www. and final slash."""
    found = (match.group().casefold() for match in LINK.finditer(text))
    return {re.sub(r"^(?:https?://)?(?:www\.)?", "", link).rstrip("/") for link in found}


def prompt_tokens(text: str) -> int:
    """Tokens of an image prompt, by CLIP's rules."""
    from .clip import clip_tokens

    return clip_tokens(text)


def sentences(text: str) -> int:
    """Sentences, and lines that end without a sign; scripts with a full stop of their own need no space behind it."""
    return sum(1 for part in _SENTENCE_END.split(text) if any(map(str.isalnum, part)))


def paragraphs(text: str) -> int:
    """Blocks divided by empty lines, but for those that are a heading alone."""
    blocks = (block.strip() for block in re.split(r"\n[ \t]*\n", text))
    return sum(1 for block in blocks if block and not _HEADING.fullmatch(block))


def lines(text: str) -> int:
    """Lines that hold something."""
    return sum(1 for line in text.splitlines() if line.strip())


UNITS: dict[str, Callable[[str], int]] = {
    "characters": characters,
    "graphemes": graphemes,
    "bytes": utf8_bytes,
    "words": words,
    "weighted characters": weighted,
    "SMS parts": sms_segments,
    "hashtags": hashtags,
    "exclamation marks": exclamations,
    "emoji": emoji,
    "CLIP tokens": prompt_tokens,
    "pixels": pixels,
    "columns": columns,
    "sentences": sentences,
    "paragraphs": paragraphs,
    "lines": lines,
}

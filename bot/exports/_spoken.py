"""Who speaks what and when in a content: the scenes of a script, the turns of a podcast."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from bot.content import Content

from ._parts import get_entries

# The maximum number of lines of a subtitle, and of seconds it is shown: Netflix's Timed Text Style Guide, General Requirements
# (partnerhelp.netflixstudios.com, article 215758617, read on 2026-11-27).
MAX_CUE_LINES = 2
_MAX_CUE_SECONDS = 7
# The maximum number of characters per line and per second: Netflix's guides per language for adults and subtitles, as Subtitle
# Edit checks them
# (SubtitleEdit/subtitleedit, src/libse/NetflixQualityCheck/NetflixQualityController.cs, read on 2026-11-28). Subtitles for the deaf
# may have 3 more per second; the ones written here are for everyone. The BBC's 160 to 180 words per minute are 15 to 17 in
# English.
_LINE, _LINE_IN = 42, {"ja": 23, "ko": 16, "th": 35, "zh": 16}
_SPEED, _SPEED_IN = 17, {"ar": 20, "en": 20, "hi": 22, "ja": 4, "ko": 12, "zh": 9}
# Approximate words per minute of speech, characters per second in scripts without spaces, and the pause before each turn.
_PACE, _WIDE_A_SECOND, _PAUSE_SECONDS = 150, 5, 0.5
# A line is best broken after punctuation, as near to the middle as possible.
_PAUSE = re.compile(r"[.,;:!?…。、，！？]$")


@dataclass(frozen=True, slots=True)
class SpokenPassage:
    """Words of one speaker with start and end in seconds; `picture` is what is seen meanwhile, `scene` the number of the scene.

    A passage that is only seen has no words.
    """

    speaker: str
    words: str
    start: float
    end: float
    picture: str = ""
    scene: int = 0
    heading: str = ""


@dataclass(frozen=True, slots=True)
class SubtitleCue:
    """A subtitle: one or two lines, with start and end in seconds."""

    lines: tuple[str, ...]
    start: float
    end: float

    @property
    def speed(self) -> float:
        """Its reading speed in characters per second."""
        return sum(map(len, self.lines)) / max(self.end - self.start, 0.001)


def get_max_line_characters(language: str) -> int:
    """Return the maximum number of characters in a line of a subtitle."""
    return _LINE_IN.get(language, _LINE)


def get_max_characters_per_second(language: str) -> int:
    """Return the number of characters that most people read per second."""
    return _SPEED_IN.get(language, _SPEED)


def build_passages(content: Content) -> list[SpokenPassage]:
    """Return what is spoken and seen, in order. Without a time of its own, a passage lasts as long as its words take to say."""
    scenes = get_entries(content, "scenes")
    turns = [_collect_turns(scene) for scene in scenes] if scenes else [[one] for one in get_entries(content, "turns")]
    lengths = _compute_lengths(scenes or [own[0] for own in turns], turns, content.parts.get("seconds"))
    found, at = list[SpokenPassage](), 0.0
    for number, (own, seconds) in enumerate(zip(turns, lengths, strict=True), 1):
        weights = [_estimate_seconds(one) for one in own]
        heading = _flatten_text(scenes[number - 1].get("heading")) if scenes else ""
        for one, weight in zip(own, weights, strict=True):
            end = at + seconds * weight / sum(weights)
            words, picture = _flatten_text(one.get("words")), _flatten_text(one.get("picture"))
            found.append(
                SpokenPassage(
                    _flatten_text(one.get("speaker")), words, round(at, 3), round(end, 3), picture, number, heading
                )
            )
            at = end
    return found if any(one.words for one in found) else []


def _collect_turns(scene: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the turns of a scene, with its opening picture before the first. A scene may be a turn of its own."""
    first, *more = [one for one in scene.get("turns") or [scene] if isinstance(one, dict)] or [{}]
    seen = _flatten_text(scene.get("picture")) if first is not scene else ""
    return [
        {**first, "picture": " ".join(filter(None, (seen, _flatten_text(first.get("picture")))))} if seen else first,
        *more,
    ]


def _compute_lengths(timed: list[dict[str, Any]], turns: list[list[dict[str, Any]]], total: Any) -> list[float]:
    """Return the seconds of each turn: as given, else as its words take, scaled to the total if no other time is given."""
    told = [one.get("seconds") for one in timed]
    need = [sum(map(_estimate_seconds, own)) for own in turns]
    if isinstance(total, int | float) and total > 0 and not any(told):
        return [total * one / sum(need) for one in need]
    return [
        float(one) if isinstance(one, int | float) and one > 0 else least for one, least in zip(told, need, strict=True)
    ]


def _estimate_seconds(turn: dict[str, Any]) -> float:
    """Return the approximate seconds that the words of a turn take; a moment if there are none."""
    words = _flatten_text(turn.get("words"))
    wide = sum("\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" for sign in words)
    return _PAUSE_SECONDS + 60 * len(words.split()) / _PACE + wide / _WIDE_A_SECOND


def build_cues(content: Content) -> list[SubtitleCue]:
    """Return the subtitles: each turn's words over its time, longer ones shown longer."""
    line = get_max_line_characters(content.language)
    return [cue for one in build_passages(content) if one.words for cue in _split_passage(one, line)]


def _split_passage(one: SpokenPassage, line: int) -> list[SubtitleCue]:
    blocks = _split_words(one.words, line)
    total = sum(map(len, blocks))
    # Few words for their time are shown at once rather than with a gap in the middle of a sentence.
    spent = min(one.end - one.start, _MAX_CUE_SECONDS * total / max(map(len, blocks), default=1))
    cues, at = list[SubtitleCue](), one.start
    for run, block in zip(itertools.accumulate(map(len, blocks)), blocks, strict=True):
        end = round(one.start + spent * run / total, 3)
        cues.append(SubtitleCue(_split_into_lines(block, line), at, min(end, at + _MAX_CUE_SECONDS)))
        at = end
    return cues


def _split_words(words: str, line: int) -> list[str]:
    """Return the words cut into texts of about equal length that fit two lines."""
    pieces = _split_long_words(words, line)
    count = 1
    while count <= len(pieces):
        blocks = _distribute_pieces(pieces, count)
        halved = [_split_into_lines(block, line) for block in blocks]
        if all(len(one) <= MAX_CUE_LINES and max(map(len, one)) <= line for one in halved):
            return blocks
        count += 1
    return pieces


def _split_long_words(words: str, line: int) -> list[str]:
    """Return the words one by one; those longer than a line, as in scripts without spaces, in lines."""
    return [piece for word in words.split() for piece in (word[at : at + line] for at in range(0, len(word), line))]


def _distribute_pieces(pieces: list[str], count: int) -> list[str]:
    """Return the pieces as so many texts, cut near even lengths and after a sentence if one ends there."""
    blocks, rest = list[str](), pieces
    for left in range(count, 1, -1):
        wanted = len(" ".join(rest)) / left
        sizes = list(itertools.accumulate(len(piece) + 1 for piece in rest))
        cut = min(
            range(1, len(rest)), key=lambda at: _compute_cut_cost(rest[at - 1], sizes[at - 1] - 1 - wanted), default=1
        )
        blocks.append(" ".join(rest[:cut]))
        rest = rest[cut:]
        if not rest:
            return blocks
    return [*blocks, " ".join(rest)]


def _compute_cut_cost(last: str, away: float) -> float:
    """Return the cost of a cut after a piece, the given number of characters from the ideal position."""
    return abs(away) - (12 if _PAUSE.search(last) else 0)


def _split_into_lines(block: str, line: int) -> tuple[str, ...]:
    """Return the lines of a subtitle: one if it fits, else two as equal as possible."""
    if len(block) <= line:
        return (block,)
    words = block.split(" ")
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    fitting = [cut for cut in cuts if max(map(len, cut)) <= line]
    if not fitting:
        return (block[:line], block[line:])
    return min(fitting, key=lambda cut: _compute_cut_cost(cut[0], len(cut[0]) - len(cut[1])))


def find_fast_cues(shown: list[SubtitleCue], language: str) -> list[SubtitleCue]:
    """Return the cues that are faster than most people read that language."""
    return [cue for cue in shown if round(cue.speed, 1) > get_max_characters_per_second(language)]


def format_clock(seconds: float, mark: str) -> str:
    """Return hours, minutes, seconds and milliseconds: 00:01:02.500."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}{mark}{whole % 1000:03d}"


def _flatten_text(value: Any) -> str:
    return " ".join(str(value or "").split())

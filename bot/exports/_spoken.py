"""What is spoken in a content, by whom and when: the scenes of a script, the turns of a podcast."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from bot.content import Content

from ._parts import entries

# Lines of a subtitle, and seconds that it stands at most: Netflix's Timed Text Style Guide, General Requirements
# (partnerhelp.netflixstudios.com, article 215758617, read on 2026-11-27).
LINES = 2
_MAX = 7
# Characters a line and a second: what that house's guides for each language have for adults and subtitles, as Subtitle Edit checks them
# (SubtitleEdit/subtitleedit, src/libse/NetflixQualityCheck/NetflixQualityController.cs, read on 2026-11-28). Subtitles for the deaf
# may have 3 more a second; what is written here is read by all. The BBC's 160 to 180 words a minute are 15 to 17 in English.
_LINE, _LINE_IN = 42, {"ja": 23, "ko": 16, "th": 35, "zh": 16}
_SPEED, _SPEED_IN = 17, {"ar": 20, "en": 20, "hi": 22, "ja": 4, "ko": 12, "zh": 9}
# Words a minute that people say, and signs a second in scripts without spaces, about; and the pause before each turn.
_PACE, _WIDE_A_SECOND, _PAUSE_SECONDS = 150, 5, 0.5
# Where a line is broken best: behind punctuation, the nearer to the middle the better.
_PAUSE = re.compile(r"[.,;:!?…。、，！？]$")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words of one speaker, from a second to another; `picture` is what is seen meanwhile, `scene` the number of their scene.

    What is only seen has no words.
    """

    speaker: str
    words: str
    start: float
    end: float
    picture: str = ""
    scene: int = 0
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Cue:
    """A subtitle: one or two lines, from a second to another."""

    lines: tuple[str, ...]
    start: float
    end: float

    @property
    def speed(self) -> float:
        """Characters that are to be read a second."""
        return sum(map(len, self.lines)) / max(self.end - self.start, 0.001)


def longest_line(language: str) -> int:
    """Characters of a line of a subtitle."""
    return _LINE_IN.get(language, _LINE)


def most_a_second(language: str) -> int:
    """Characters that most people read a second."""
    return _SPEED_IN.get(language, _SPEED)


def spoken(content: Content) -> list[Spoken]:
    """What is spoken and seen, in order. What has no time of its own lasts as long as its words take to be said."""
    scenes = entries(content, "scenes")
    turns = [_turns(scene) for scene in scenes] if scenes else [[one] for one in entries(content, "turns")]
    lengths = _lengths(scenes or [own[0] for own in turns], turns, content.parts.get("seconds"))
    found, at = list[Spoken](), 0.0
    for number, (own, seconds) in enumerate(zip(turns, lengths, strict=True), 1):
        weights = [_weight(one) for one in own]
        heading = _line(scenes[number - 1].get("heading")) if scenes else ""
        for one, weight in zip(own, weights, strict=True):
            end = at + seconds * weight / sum(weights)
            words, picture = _line(one.get("words")), _line(one.get("picture"))
            found.append(
                Spoken(_line(one.get("speaker")), words, round(at, 3), round(end, 3), picture, number, heading)
            )
            at = end
    return found if any(one.words for one in found) else []


def _turns(scene: dict[str, Any]) -> list[dict[str, Any]]:
    """The turns of a scene; what is seen as it begins is seen before the first. A scene may be a turn of its own."""
    first, *more = [one for one in scene.get("turns") or [scene] if isinstance(one, dict)] or [{}]
    seen = _line(scene.get("picture")) if first is not scene else ""
    return [{**first, "picture": " ".join(filter(None, (seen, _line(first.get("picture")))))} if seen else first, *more]


def _lengths(timed: list[dict[str, Any]], turns: list[list[dict[str, Any]]], total: Any) -> list[float]:
    """Seconds of each: those that are told, else those that its words take, of the total where no other time is told."""
    told = [one.get("seconds") for one in timed]
    need = [sum(map(_weight, own)) for own in turns]
    if isinstance(total, int | float) and total > 0 and not any(told):
        return [total * one / sum(need) for one in need]
    return [
        float(one) if isinstance(one, int | float) and one > 0 else least for one, least in zip(told, need, strict=True)
    ]


def _weight(turn: dict[str, Any]) -> float:
    """Seconds in which the words of a turn are said, about; a moment for what is only seen."""
    words = _line(turn.get("words"))
    wide = sum("\u3040" <= sign <= "\u9fff" or "\uac00" <= sign <= "\ud7af" for sign in words)
    return _PAUSE_SECONDS + 60 * len(words.split()) / _PACE + wide / _WIDE_A_SECOND


def cues(content: Content) -> list[Cue]:
    """The subtitles: each turn's words over its time, longer ones shown longer."""
    line = longest_line(content.language)
    return [cue for one in spoken(content) if one.words for cue in _cues(one, line)]


def _cues(one: Spoken, line: int) -> list[Cue]:
    blocks = _blocks(one.words, line)
    total = sum(map(len, blocks))
    # Words that are few for their time are said at once, and not with a silence in the middle of a sentence.
    spent = min(one.end - one.start, _MAX * total / max(map(len, blocks), default=1))
    cues, at = list[Cue](), one.start
    for run, block in zip(itertools.accumulate(map(len, blocks)), blocks, strict=True):
        end = round(one.start + spent * run / total, 3)
        cues.append(Cue(_halves(block, line), at, min(end, at + _MAX)))
        at = end
    return cues


def _blocks(words: str, line: int) -> list[str]:
    """The words cut into texts that two lines hold, of about the same length."""
    pieces = _pieces(words, line)
    count = 1
    while count <= len(pieces):
        blocks = _shared(pieces, count)
        halved = [_halves(block, line) for block in blocks]
        if all(len(one) <= LINES and max(map(len, one)) <= line for one in halved):
            return blocks
        count += 1
    return pieces


def _pieces(words: str, line: int) -> list[str]:
    """The words one by one; what is longer than a line, as in scripts without spaces, in lines."""
    return [piece for word in words.split() for piece in (word[at : at + line] for at in range(0, len(word), line))]


def _shared(pieces: list[str], count: int) -> list[str]:
    """The pieces in so many texts, cut near even lengths and behind a sentence where one ends there."""
    blocks, rest = list[str](), pieces
    for left in range(count, 1, -1):
        wanted = len(" ".join(rest)) / left
        sizes = list(itertools.accumulate(len(piece) + 1 for piece in rest))
        cut = min(range(1, len(rest)), key=lambda at: _cost(rest[at - 1], sizes[at - 1] - 1 - wanted), default=1)
        blocks.append(" ".join(rest[:cut]))
        rest = rest[cut:]
        if not rest:
            return blocks
    return [*blocks, " ".join(rest)]


def _cost(last: str, away: float) -> float:
    """How bad a cut behind a piece is that is so many characters away from where it is wanted."""
    return abs(away) - (12 if _PAUSE.search(last) else 0)


def _halves(block: str, line: int) -> tuple[str, ...]:
    """The lines of a subtitle: one where it fits, else two that are as alike as can be."""
    if len(block) <= line:
        return (block,)
    words = block.split(" ")
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    fitting = [cut for cut in cuts if max(map(len, cut)) <= line]
    if not fitting:
        return (block[:line], block[line:])
    return min(fitting, key=lambda cut: _cost(cut[0], len(cut[0]) - len(cut[1])))


def faster(shown: list[Cue], language: str) -> list[Cue]:
    """Those that are to be read faster than most people read that language."""
    return [cue for cue in shown if round(cue.speed, 1) > most_a_second(language)]


def clock(seconds: float, mark: str) -> str:
    """Hours, minutes, seconds and thousandths: 00:01:02.500."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}{mark}{whole % 1000:03d}"


def _line(value: Any) -> str:
    return " ".join(str(value or "").split())

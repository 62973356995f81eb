"""What is spoken in a content, by whom and when: the scenes of a script, the turns of a podcast."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from bot.content import Content

from ._parts import entries

# Characters a line and lines a subtitle: Netflix's Timed Text Style Guide, General Requirements (partnerhelp.netflixstudios.com,
# read on 2026-11-27). Characters a second: the same house's guides for most languages; for English it takes up to 20.
LINE, LINES, SPEED = 42, 2, 17
# Seconds that a subtitle stands at most, from the same guide.
_LONGEST = 7
# Where a line is broken best: behind punctuation, the nearer to the middle the better.
_PAUSE = re.compile(r"[.,;:!?…。、，！？]$")


@dataclass(frozen=True, slots=True)
class Spoken:
    """Words of one speaker, from a second to another; `picture` is what is seen meanwhile."""

    speaker: str
    words: str
    start: float
    end: float
    picture: str = ""


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


def spoken(content: Content) -> list[Spoken]:
    """What is spoken, in order; empty where nothing of it has a time."""
    turns = entries(content, "scenes") or entries(content, "turns")
    if not turns or not all(isinstance(one.get("seconds"), int) and one.get("words") for one in turns):
        return []
    ends = list(itertools.accumulate(one["seconds"] for one in turns))
    return [
        Spoken(_line(one.get("speaker")), _line(one["words"]), end - one["seconds"], end, _line(one.get("picture")))
        for one, end in zip(turns, ends, strict=True)
    ]


def cues(content: Content) -> list[Cue]:
    """The subtitles: each turn's words over its time, longer ones shown longer."""
    return [cue for one in spoken(content) for cue in _cues(one)]


def _cues(one: Spoken) -> list[Cue]:
    blocks = _blocks(one.words)
    total = sum(map(len, blocks))
    cues, at = list[Cue](), one.start
    for run, block in zip(itertools.accumulate(map(len, blocks)), blocks, strict=True):
        end = round(one.start + (one.end - one.start) * run / total, 3)
        cues.append(Cue(_halves(block), at, min(end, at + _LONGEST)))
        at = end
    return cues


def _blocks(words: str) -> list[str]:
    """The words cut into texts that two lines hold, of about the same length."""
    pieces = _pieces(words)
    count = 1
    while count <= len(pieces):
        blocks = _shared(pieces, count)
        if all(len(_halves(block)) <= LINES and max(map(len, _halves(block))) <= LINE for block in blocks):
            return blocks
        count += 1
    return pieces


def _pieces(words: str) -> list[str]:
    """The words one by one; what is longer than a line, as in scripts without spaces, in lines."""
    return [piece for word in words.split() for piece in (word[at : at + LINE] for at in range(0, len(word), LINE))]


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


def _halves(block: str) -> tuple[str, ...]:
    """The lines of a subtitle: one where it fits, else two that are as alike as can be."""
    if len(block) <= LINE:
        return (block,)
    words = block.split(" ")
    cuts = [(" ".join(words[:at]), " ".join(words[at:])) for at in range(1, len(words))]
    fitting = [cut for cut in cuts if max(map(len, cut)) <= LINE]
    if not fitting:
        return (block[:LINE], block[LINE:])
    return min(fitting, key=lambda cut: _cost(cut[0], len(cut[0]) - len(cut[1])))


def faster(shown: list[Cue]) -> list[Cue]:
    """Those that are to be read faster than most people read."""
    return [cue for cue in shown if round(cue.speed, 1) > SPEED]


def clock(seconds: float, mark: str) -> str:
    """Hours, minutes, seconds and thousandths: 00:01:02.500."""
    whole = round(seconds * 1000)
    return f"{whole // 3_600_000:02d}:{whole // 60_000 % 60:02d}:{whole // 1000 % 60:02d}{mark}{whole % 1000:03d}"


def _line(value: Any) -> str:
    return " ".join(str(value or "").split())

"""Times a content's speech and cuts it into subtitles: the scenes of a script, the turns of a podcast."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Any

from bot.content import Content

from ._parts import get_entries

# Netflix's Timed Text Style Guide, General Requirements (partnerhelp.netflixstudios.com, article 215758617, read on 2026-11-27).
MAX_CUE_LINES = 2
_MAX_CUE_SECONDS = 7
# Characters per line and per second for adults: Netflix's guides per language, as Subtitle Edit checks them
# (SubtitleEdit/subtitleedit, src/libse/NetflixQualityCheck/NetflixQualityController.cs, read on 2026-11-28). Subtitles for the
# deaf may have 3 more per second; the ones written here are for everyone. The BBC's 160 to 180 words per minute are 15 to 17
# characters per second in English.
_MAX_LINE_CHARACTERS, _MAX_LINE_CHARACTERS_BY_LANGUAGE = 42, {"ja": 23, "ko": 16, "th": 35, "zh": 16}
_MAX_SPEED, _MAX_SPEED_BY_LANGUAGE = 17, {"ar": 20, "en": 20, "hi": 22, "ja": 4, "ko": 12, "zh": 9}
# Approximate rates of speech, in scripts with and without spaces, and the pause before each turn.
_WORDS_PER_MINUTE, _CJK_CHARACTERS_PER_SECOND, _PAUSE_SECONDS = 150, 5, 0.5
# Where a line is best broken, and how many characters off the ideal position such a break may be.
_PUNCTUATION = re.compile(r"[.,;:!?…。、，！？]$")
_PUNCTUATION_BONUS = 12


@dataclass(frozen=True, slots=True)
class SpokenPassage:
    """The words of one speaker, with start and end in seconds and the picture meanwhile; a passage may have only a picture.

    `scene` is the number of the scene, or of the turn if there are no scenes; `heading` that of the scene.
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
        """The reading speed it requires, in characters per second."""
        return sum(map(len, self.lines)) / max(self.end - self.start, 0.001)


def get_max_line_characters(language: str) -> int:
    """Return the maximum number of characters in a line of a subtitle."""
    return _MAX_LINE_CHARACTERS_BY_LANGUAGE.get(language, _MAX_LINE_CHARACTERS)


def get_max_characters_per_second(language: str) -> int:
    """Return the speed at which most people can read subtitles in a language."""
    return _MAX_SPEED_BY_LANGUAGE.get(language, _MAX_SPEED)


def build_passages(content: Content) -> list[SpokenPassage]:
    """Return the passages of all scenes, or turns, in order; empty if nothing is spoken.

    A scene's time is divided among its turns by the time their words need.
    """
    scenes = get_entries(content, "scenes")
    turns_by_scene = (
        [_list_turns(scene) for scene in scenes] if scenes else [[turn] for turn in get_entries(content, "turns")]
    )
    stated_seconds = [scene.get("seconds") for scene in (scenes or [turns[0] for turns in turns_by_scene])]
    durations = _compute_durations(stated_seconds, turns_by_scene, content.parts.get("seconds"))
    passages, start = list[SpokenPassage](), 0.0
    for number, (turns, duration) in enumerate(zip(turns_by_scene, durations, strict=True), 1):
        heading = _flatten_whitespace(scenes[number - 1].get("heading")) if scenes else ""
        needed_seconds = [_estimate_seconds(turn) for turn in turns]
        for turn, needed in zip(turns, needed_seconds, strict=True):
            end = start + duration * needed / sum(needed_seconds)
            passages.append(
                SpokenPassage(
                    speaker=_flatten_whitespace(turn.get("speaker")),
                    words=_flatten_whitespace(turn.get("words")),
                    start=round(start, 3),
                    end=round(end, 3),
                    picture=_flatten_whitespace(turn.get("picture")),
                    scene=number,
                    heading=heading,
                )
            )
            start = end
    return passages if any(passage.words for passage in passages) else []


def _list_turns(scene: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the turns of a scene, at least one; the first has the scene's picture too. A scene without turns is its own."""
    first, *others = [turn for turn in scene.get("turns") or [scene] if isinstance(turn, dict)] or [{}]
    scene_picture = _flatten_whitespace(scene.get("picture")) if first is not scene else ""
    if scene_picture:
        first = {**first, "picture": f"{scene_picture} {_flatten_whitespace(first.get('picture'))}".rstrip()}
    return [first, *others]


def _compute_durations(
    stated_seconds: list[Any], turns_by_scene: list[list[dict[str, Any]]], total_seconds: Any
) -> list[float]:
    """Return the duration of each scene in seconds: as stated, else what its words need. If only a total is stated, it is divided
    by what the words need.
    """
    needed_seconds = [sum(map(_estimate_seconds, turns)) for turns in turns_by_scene]
    if isinstance(total_seconds, int | float) and total_seconds > 0 and not any(stated_seconds):
        return [total_seconds * needed / sum(needed_seconds) for needed in needed_seconds]
    return [
        float(stated) if isinstance(stated, int | float) and stated > 0 else needed
        for stated, needed in zip(stated_seconds, needed_seconds, strict=True)
    ]


def _estimate_seconds(turn: dict[str, Any]) -> float:
    """Return the approximate seconds that the words of a turn take to say; a pause if there are none."""
    words = _flatten_whitespace(turn.get("words"))
    cjk_count = sum("\u3040" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7af" for character in words)
    return _PAUSE_SECONDS + 60 * len(words.split()) / _WORDS_PER_MINUTE + cjk_count / _CJK_CHARACTERS_PER_SECOND


def build_cues(content: Content) -> list[SubtitleCue]:
    """Return the subtitles of all passages. A passage's time is divided by the lengths of its subtitles."""
    max_characters = get_max_line_characters(content.language)
    return [
        cue
        for passage in build_passages(content)
        if passage.words
        for cue in _build_passage_cues(passage, max_characters)
    ]


def _build_passage_cues(passage: SpokenPassage, max_characters: int) -> list[SubtitleCue]:
    texts = _split_into_cue_texts(passage.words, max_characters)
    lengths = [len(text) for text in texts]
    # If subtitles may not be shown for all of the passage's time, the rest stays empty at its end, not between them.
    longest_duration = _MAX_CUE_SECONDS * sum(lengths) / max(lengths, default=1)
    duration = min(passage.end - passage.start, longest_duration)
    cues, start = list[SubtitleCue](), passage.start
    for text, length_so_far in zip(texts, itertools.accumulate(lengths), strict=True):
        end = round(passage.start + duration * length_so_far / sum(lengths), 3)
        cues.append(SubtitleCue(_split_into_lines(text, max_characters), start, min(end, start + _MAX_CUE_SECONDS)))
        start = end
    return cues


def _split_into_cue_texts(words: str, max_characters: int) -> list[str]:
    """Return the words as the fewest texts of about equal length that each fit the lines of a subtitle."""
    pieces = _split_long_words(words, max_characters)
    for count in range(1, len(pieces) + 1):
        texts = _distribute_pieces(pieces, count)
        lines_by_text = [_split_into_lines(text, max_characters) for text in texts]
        if all(len(lines) <= MAX_CUE_LINES and max(map(len, lines)) <= max_characters for lines in lines_by_text):
            return texts
    return pieces


def _split_long_words(words: str, max_characters: int) -> list[str]:
    """Return the words, those longer than a line, as in scripts without spaces, cut into pieces as long as a line."""
    return [
        word[index : index + max_characters] for word in words.split() for index in range(0, len(word), max_characters)
    ]


def _distribute_pieces(pieces: list[str], count: int) -> list[str]:
    """Return the pieces joined to at most `count` texts of about equal length, preferably cut after punctuation."""
    texts, rest = list[str](), pieces
    for remaining_count in range(count, 1, -1):
        ideal_length = len(" ".join(rest)) / remaining_count
        lengths = [length - 1 for length in itertools.accumulate(len(piece) + 1 for piece in rest)]
        costs = [_compute_cut_cost(piece, length - ideal_length) for piece, length in zip(rest, lengths, strict=True)]
        cut = 1 + min(range(len(rest) - 1), key=costs.__getitem__, default=0)
        texts.append(" ".join(rest[:cut]))
        rest = rest[cut:]
        if not rest:
            return texts
    return [*texts, " ".join(rest)]


def _compute_cut_cost(text_before: str, distance: float) -> float:
    """Return the cost of a cut after a text, the given number of characters from the ideal position."""
    return abs(distance) - (_PUNCTUATION_BONUS if _PUNCTUATION.search(text_before) else 0)


def _split_into_lines(text: str, max_characters: int) -> tuple[str, ...]:
    """Return the lines of a subtitle: one if it fits, else two that are as equal as possible."""
    if len(text) <= max_characters:
        return (text,)
    words = text.split(" ")
    cuts = [(" ".join(words[:index]), " ".join(words[index:])) for index in range(1, len(words))]
    fitting = [lines for lines in cuts if max(map(len, lines)) <= max_characters]
    if not fitting:
        return (text[:max_characters], text[max_characters:])
    return min(fitting, key=lambda lines: _compute_cut_cost(lines[0], len(lines[0]) - len(lines[1])))


def find_fast_cues(cues: list[SubtitleCue], language: str) -> list[SubtitleCue]:
    """Return the cues that are too fast for most people to read in that language."""
    return [cue for cue in cues if round(cue.speed, 1) > get_max_characters_per_second(language)]


def format_timestamp(seconds: float, decimal_mark: str) -> str:
    """Return hours, minutes, seconds and milliseconds: 00:01:02.500."""
    total = round(seconds * 1000)
    hours, minutes, whole_seconds = total // 3_600_000, total // 60_000 % 60, total // 1000 % 60
    return f"{hours:02d}:{minutes:02d}:{whole_seconds:02d}{decimal_mark}{total % 1000:03d}"


def _flatten_whitespace(value: Any) -> str:
    return " ".join(str(value or "").split())

"""Subtitles in the WebVTT format, which browsers show, with the speaker of each cue."""

from __future__ import annotations

import html

from bot.content import Content

from ._speech import (
    SpokenPassage,
    SubtitleCue,
    build_cues,
    build_passages,
    find_fast_cues,
    format_timestamp,
    get_max_characters_per_second,
)
from .srt import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Subtitles (WebVTT)"
SIGN = "💬"


def export(_title: str, content: Content) -> bytes:
    """Return numbered cues in UTF-8. A note lists those that are too fast to read, as the script decides their times."""
    cues, passages = build_cues(content), build_passages(content)
    blocks = ["WEBVTT"]
    if fast_cues := find_fast_cues(cues, content.language):
        numbers = ", ".join(str(cues.index(cue) + 1) for cue in fast_cues)
        max_speed = get_max_characters_per_second(content.language)
        blocks.append(f"NOTE\nMore than {max_speed} characters a second: {numbers}")
    blocks += [_format_cue(number, cue, _find_speaker(cue, passages)) for number, cue in enumerate(cues, 1)]
    return ("\n\n".join(blocks) + "\n").encode()


def _format_cue(number: int, cue: SubtitleCue, speaker: str) -> str:
    text = html.escape("\n".join(cue.lines), quote=False)
    payload = f"<v {html.escape(speaker, quote=False)}>{text}</v>" if speaker else text
    return f"{number}\n{format_timestamp(cue.start, '.')} --> {format_timestamp(cue.end, '.')}\n{payload}"


def _find_speaker(cue: SubtitleCue, passages: list[SpokenPassage]) -> str:
    return next((passage.speaker for passage in passages if passage.start <= cue.start < passage.end), "")

"""Subtitles as WebVTT, which browsers show; each cue names its speaker."""

from __future__ import annotations

import html

from bot.content import Content

from ._spoken import (
    SubtitleCue,
    build_cues,
    build_passages,
    find_fast_cues,
    format_clock,
    get_max_characters_per_second,
)
from .srt import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Subtitles (WebVTT)"
SIGN = "💬"


def export(_title: str, content: Content) -> bytes:
    """Return UTF-8; a note lists the cues that are too fast to read, as times are the script's."""
    shown = build_cues(content)
    blocks = ["WEBVTT"]
    if fast := find_fast_cues(shown, content.language):
        numbers = ", ".join(str(shown.index(cue) + 1) for cue in fast)
        blocks.append(
            f"NOTE\nMore than {get_max_characters_per_second(content.language)} characters a second: {numbers}"
        )
    blocks += [_format_cue(number, cue, _find_speaker(cue, content)) for number, cue in enumerate(shown, 1)]
    return ("\n\n".join(blocks) + "\n").encode()


def _format_cue(number: int, cue: SubtitleCue, speaker: str) -> str:
    text = html.escape("\n".join(cue.lines), quote=False)
    voiced = f"<v {html.escape(speaker, quote=False)}>{text}</v>" if speaker else text
    return f"{number}\n{format_clock(cue.start, '.')} --> {format_clock(cue.end, '.')}\n{voiced}"


def _find_speaker(cue: SubtitleCue, content: Content) -> str:
    return next((one.speaker for one in build_passages(content) if one.start <= cue.start < one.end), "")

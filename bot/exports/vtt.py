"""Subtitles as WebVTT, which browsers show; each cue names who speaks."""

from __future__ import annotations

import html

from bot.content import Content

from ._spoken import Cue, clock, cues, faster, most_a_second, spoken
from .srt import fits

__all__ = ["LABEL", "SIGN", "export", "fits"]

LABEL = "Subtitles (WebVTT)"
SIGN = "💬"


def export(_title: str, content: Content) -> bytes:
    """UTF-8; a note names the cues that are faster to read than they should be, as times are the script's."""
    shown = cues(content)
    blocks = ["WEBVTT"]
    if fast := faster(shown, content.language):
        numbers = ", ".join(str(shown.index(cue) + 1) for cue in fast)
        blocks.append(f"NOTE\nMore than {most_a_second(content.language)} characters a second: {numbers}")
    blocks += [_cue(number, cue, _speaker(cue, content)) for number, cue in enumerate(shown, 1)]
    return ("\n\n".join(blocks) + "\n").encode()


def _cue(number: int, cue: Cue, speaker: str) -> str:
    text = html.escape("\n".join(cue.lines), quote=False)
    voiced = f"<v {html.escape(speaker, quote=False)}>{text}</v>" if speaker else text
    return f"{number}\n{clock(cue.start, '.')} --> {clock(cue.end, '.')}\n{voiced}"


def _speaker(cue: Cue, content: Content) -> str:
    return next((one.speaker for one in spoken(content) if one.start <= cue.start < one.end), "")

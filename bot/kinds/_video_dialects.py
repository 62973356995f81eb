"""How each video model wants to be spoken to: one clip in; its prompt, length, size and negatives out. Pure.

How much of a prompt each reads stands in limits.toml; the lengths and sizes that it makes stand here, with where that is said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bot.kinds._dialects import fits


@dataclass(frozen=True, slots=True)
class Clip:
    """One clip, each field a phrase; `negatives` is what must not be in it."""

    subject: str
    action: str
    setting: str
    camera: str
    light: str
    style: str
    sound: str
    negatives: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class VideoDialect:
    """`names` are what briefs call the model, `lengths` the seconds that it makes, `sizes` what it calls each shape.

    `written` gives a clip's sentences, those that matter most first. What is to be left out is `apart` where the model has a field
    for that; else it is told in the prompt where it is asked for at all.
    """

    title: str
    names: tuple[str, ...]
    lengths: tuple[int, ...]
    sizes: Mapping[tuple[int, int], str]
    written: Callable[[Clip], list[str]]
    apart: bool = False

    def length(self, seconds: int) -> int:
        """The shortest clip that holds so many seconds, else the longest there is."""
        return next((one for one in self.lengths if one >= seconds), self.lengths[-1])


def prompt_of(place: str, clip: Clip) -> str:
    """The clip in the words of a model; the least important sentences go where it reads no more."""
    dialect = VIDEO_DIALECTS[place]
    sentences = [one for one in dialect.written(clip) if one.strip(" .:")]
    if clip.negatives and not dialect.apart:
        sentences.insert(2, f"Without {', '.join(clip.negatives)}")
    prompt = _joined(sentences)
    while len(sentences) > 1 and not fits(place, prompt):
        sentences.pop()
        prompt = _joined(sentences)
    return prompt


def _joined(sentences: list[str]) -> str:
    return " ".join(f"{one[:1].upper()}{one[1:].rstrip('. ')}." for one in sentences)


def _scene(clip: Clip) -> str:
    return ", ".join(filter(None, (f"{clip.subject} {clip.action}".strip(), clip.setting)))


def _in_beats(clip: Clip) -> list[str]:
    """Sora: the scene first, then camera, light, look and sound under their names."""
    told = (("Camera", clip.camera), ("Lighting", clip.light), ("Look", clip.style), ("Sound", clip.sound))
    return [_scene(clip), *(f"{name}: {said}" for name, said in told if said)]


def _camera_first(clip: Clip) -> list[str]:
    """Runway: "[camera movement]: [establishing scene]. [additional details]"; its clips are silent."""
    return [f"{clip.camera}: {_scene(clip)}" if clip.camera else _scene(clip), clip.light, clip.style]


def _as_prose(clip: Clip) -> list[str]:
    """Veo: camera, subject and action, context, then style and mood; sound under its name."""
    shot = f"{clip.camera}, {_scene(clip)}" if clip.camera else _scene(clip)
    return [shot, f"Audio: {clip.sound}" if clip.sound else "", clip.style, clip.light]


# By the place in limits.toml; the first is meant when a brief names none.
VIDEO_DIALECTS: dict[str, VideoDialect] = {
    # docs.gmicloud.ai/model-quickstarts/video/sora-2, read on 2026-11-27.
    "sora": VideoDialect("Sora", ("sora", "sora 2"), (4, 8, 12), {(16, 9): "1280x720", (9, 16): "720x1280"}, _in_beats),
    # docs.magnific.com/api-reference/video/runway-gen-4-5/generate-t2v, read on 2026-11-27.
    "runway": VideoDialect(
        "Runway",
        ("runway", "runwayml", "gen-4", "gen 4", "gen-4.5"),
        (5, 8, 10),
        {(16, 9): "1280:720", (9, 16): "720:1280", (4, 3): "1104:832", (1, 1): "960:960", (3, 4): "832:1104"},
        _camera_first,
    ),
    # docs.gmicloud.ai/model-quickstarts/video/veo-3-1-generate-001, read on 2026-11-27; a negative prompt is a field of its own.
    "veo": VideoDialect(
        "Veo",
        ("veo", "veo 3", "veo 3.1", "google veo"),
        (4, 6, 8),
        {(16, 9): "16:9", (9, 16): "9:16"},
        _as_prose,
        apart=True,
    ),
}

VIDEO_PLACES = {place: dialect.names for place, dialect in VIDEO_DIALECTS.items()}

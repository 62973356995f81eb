"""Dialects of video models: the form of their prompts, and the lengths and sizes of their clips.

The limits of their prompts' length are in limits.toml.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class VideoDialect:
    """The dialect of a video model: its names in briefs, its clip lengths in seconds in ascending order, and its sizes.

    `sizes` has the model's name for a size by aspect ratio, `prompt_form` is the form of a prompt that it follows best.
    """

    title: str
    names: tuple[str, ...]
    lengths: tuple[int, ...]
    sizes: Mapping[tuple[int, int], str]
    prompt_form: str

    def find_clip_length(self, seconds: float) -> int:
        """Return the shortest clip length of at least so many seconds, else the longest."""
        return next((length for length in self.lengths if length >= seconds), self.lengths[-1])


# By the model's name as a place in limits.toml.
VIDEO_DIALECTS: dict[str, VideoDialect] = {
    # docs.gmicloud.ai/model-quickstarts/video/sora-2, read on 2026-11-27.
    "sora": VideoDialect(
        "Sora",
        ("sora", "sora 2"),
        (4, 8, 12),
        {(16, 9): "1280x720", (9, 16): "720x1280"},
        "the scene in a paragraph, then camera, light, look and sound, without what must not appear",
    ),
    # docs.magnific.com/api-reference/video/runway-gen-4-5/generate-t2v, read on 2026-11-27; its clips are silent.
    "runway": VideoDialect(
        "Runway",
        ("runway", "runwayml", "gen-4", "gen 4", "gen-4.5"),
        (5, 8, 10),
        {(16, 9): "1280:720", (9, 16): "720:1280", (4, 3): "1104:832", (1, 1): "960:960", (3, 4): "832:1104"},
        'one paragraph as "[camera movement]: [scene]. [details]"; its clips are silent; leave out what must not appear',
    ),
    # docs.gmicloud.ai/model-quickstarts/video/veo-3-1-generate-001, read on 2026-11-27; a negative prompt is a field of its own.
    "veo": VideoDialect(
        "Veo",
        ("veo", "veo 3", "veo 3.1", "google veo"),
        (4, 6, 8),
        {(16, 9): "16:9", (9, 16): "9:16"},
        'one paragraph with camera, subject and action, place, style, and "Audio: …" in it; what must not appear is listed below on a line '
        '"Negative prompt: …"',
    ),
}

VIDEO_PLACES = {place: dialect.names for place, dialect in VIDEO_DIALECTS.items()}

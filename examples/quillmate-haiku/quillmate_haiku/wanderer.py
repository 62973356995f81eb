"""A persona to write haiku with."""

WANDERER = {
    "name": "wanderer",
    "title": "Wanderer",
    "voice": "Plain words, one image at a time, no comment on it. What is small comes first.",
    "families": ["text"],
}

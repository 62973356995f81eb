"""Named colours, the colours that a brief asks for, and the contrast of colours. Colours are given as #RRGGBB."""

from __future__ import annotations

import math

from bot.briefs import find_colours, find_contrast, find_refused_colours

# The colours that models may choose by name.
COLOURS = {
    "black": "#1A1A1A",
    "white": "#FFFFFF",
    "cream": "#FFF6E3",
    "grey": "#6B7280",
    "silver": "#C7CCD1",
    "red": "#C8102E",
    "rust": "#A8431F",
    "orange": "#E8730C",
    "coral": "#F2695C",
    "terracotta": "#B5532F",
    "brown": "#6B4226",
    "gold": "#C9971C",
    "yellow": "#F4C430",
    "olive": "#6B7021",
    "green": "#1F7A3D",
    "forest green": "#14532D",
    "mint": "#A8E6CF",
    "sage": "#8FA58A",
    "teal": "#0F766E",
    "turquoise": "#22B8B0",
    "sky blue": "#6EC1E4",
    "blue": "#1D4ED8",
    "navy": "#14213D",
    "indigo": "#3F3D9E",
    "purple": "#6B2FA0",
    "lavender": "#C3B1E1",
    "plum": "#6D2E5B",
    "magenta": "#C2187A",
    "pink": "#F4A6C0",
    "burgundy": "#6E1423",
}
_SYNONYMS = {
    "gray": "grey",
    "violet": "purple",
    "beige": "cream",
    "dark blue": "navy",
    "dark green": "forest green",
    "light blue": "sky blue",
}
_COLOURS_BY_NAME = COLOURS | {synonym: COLOURS[name] for synonym, name in _SYNONYMS.items()}
# The maximum number of characters searched for colours.
MAX_COLOUR_CHARACTERS = 20_000
# The minimum contrast of text against its background: WCAG 2.2, success criterion 1.4.3.
MIN_TEXT_CONTRAST = 4.5
# The luminance at which black and white contrast about equally with a colour.
_MIDDLE_LUMINANCE = 0.18


def find_wanted_colours(text: str) -> list[str]:
    """Return the colours that a text names, in order of appearance, without those it rules out."""
    unwanted_colours = find_unwanted_colours(text)
    colours = find_colours(text[:MAX_COLOUR_CHARACTERS], _COLOURS_BY_NAME)
    return [colour for colour in colours if colour not in unwanted_colours]


def find_unwanted_colours(text: str) -> frozenset[str]:
    """Return the colours that a text rules out."""
    return find_refused_colours(text[:MAX_COLOUR_CHARACTERS], _COLOURS_BY_NAME)


def find_nearest_name(colour: str) -> str:
    """Return the name of the known colour that is nearest in RGB."""
    return min(COLOURS, key=lambda name: math.dist(_parse_channels(COLOURS[name]), _parse_channels(colour)))


def compute_contrast(colour: str, other: str) -> float:
    """Return the contrast ratio of two colours, from 1 to 21, as WCAG 2 defines it."""
    light, dark = sorted((_compute_luminance(colour), _compute_luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def ensure_contrast(colour: str, background: str, min_contrast: float = MIN_TEXT_CONTRAST) -> str:
    """Return the colour, darkened or lightened in small steps until it has enough contrast with its background.

    If no step has, return black or white.
    """
    is_background_light = _compute_luminance(background) > _MIDDLE_LUMINANCE
    channels = _parse_channels(colour)
    for _ in range(40):
        adjusted_colour = "#{:02X}{:02X}{:02X}".format(*channels)
        if compute_contrast(adjusted_colour, background) >= min_contrast:
            return adjusted_colour
        red, green, blue = (
            int(channel * 0.92) if is_background_light else min(channel + max(1, int((255 - channel) * 0.12)), 255)
            for channel in channels
        )
        channels = red, green, blue
    return "#000000" if is_background_light else "#FFFFFF"


def find_min_contrast(brief: str) -> float:
    """Return the contrast ratio that a brief asks for, at least the one that WCAG requires of text."""
    return max(MIN_TEXT_CONTRAST, find_contrast(brief) or 0)


def _parse_channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _compute_luminance(colour: str) -> float:
    """Return the relative luminance as WCAG 2 defines it, from 0 to 1."""
    red, green, blue = (
        (c / 255 / 12.92) if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _parse_channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

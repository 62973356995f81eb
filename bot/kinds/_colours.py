"""Colours: names and what they look like, those that a brief gives, and contrast."""

from __future__ import annotations

from bot.briefs import find_colours, find_contrast, find_refused_colours

# Names that models and people use, as #RRGGBB.
COLOURS = {
    "black": "#1A1A1A", "white": "#FFFFFF", "cream": "#FFF6E3", "grey": "#6B7280", "silver": "#C7CCD1", "red": "#C8102E",
    "rust": "#A8431F", "orange": "#E8730C", "coral": "#F2695C", "terracotta": "#B5532F", "brown": "#6B4226",
    "gold": "#C9971C", "yellow": "#F4C430", "olive": "#6B7021", "green": "#1F7A3D", "forest green": "#14532D",
    "mint": "#A8E6CF", "sage": "#8FA58A", "teal": "#0F766E", "turquoise": "#22B8B0", "sky blue": "#6EC1E4",
    "blue": "#1D4ED8", "navy": "#14213D", "indigo": "#3F3D9E", "purple": "#6B2FA0", "lavender": "#C3B1E1",
    "plum": "#6D2E5B", "magenta": "#C2187A", "pink": "#F4A6C0", "burgundy": "#6E1423",
}  # fmt: skip
_SPELLED = {
    "gray": "grey", "violet": "purple", "beige": "cream", "dark blue": "navy", "dark green": "forest green", "light blue": "sky blue",
}  # fmt: skip
_SAID = COLOURS | {said: COLOURS[name] for said, name in _SPELLED.items()}
# Characters of a text that are searched for colours.
MAX_READ = 20_000
# Least contrast of text against its ground: WCAG 2.2, success criterion 1.4.3.
READABLE = 4.5


def colours_in(text: str) -> list[str]:
    """The colours that a text names, as #RRGGBB, in its order, without those that it wants none of."""
    refused = refused_in(text)
    return [colour for colour in find_colours(text[:MAX_READ], _SAID) if colour not in refused]


def refused_in(text: str) -> frozenset[str]:
    """The colours that a text wants none of, as #RRGGBB."""
    return find_refused_colours(text[:MAX_READ], _SAID)


def name_of(colour: str) -> str:
    """What a colour is called: the known one that is nearest."""

    def apart(other: str) -> int:
        return sum((a - b) ** 2 for a, b in zip(_channels(colour), _channels(other), strict=True))

    return min(COLOURS, key=lambda name: apart(COLOURS[name]))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21, as WCAG 2 defines it."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(colour: str, ground: str, least: float = READABLE) -> str:
    """The colour, darkened or lightened in small steps until it stands out from its ground."""
    darker = _luminance(ground) > 0.18
    red, green, blue = _channels(colour)
    for _ in range(40):
        made = f"#{red:02X}{green:02X}{blue:02X}"
        if contrast(made, ground) >= least:
            return made
        red, green, blue = (int(c * 0.92) if darker else c + max(1, int((255 - c) * 0.12)) for c in (red, green, blue))
        red, green, blue = min(red, 255), min(green, 255), min(blue, 255)
    return "#000000" if darker else "#FFFFFF"


def least_contrast(brief: str) -> float:
    """The contrast that a brief asks for, at least what WCAG wants of text."""
    return max(READABLE, find_contrast(brief) or 0)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        (c / 255 / 12.92) if c / 255 <= 0.04045 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in _channels(colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue

"""What a colour that a prompt names looks like."""

# ruff: noqa: E501 - a table
from __future__ import annotations

import re

from bot.kinds._colours import COLOURS, colours_in

# What prompts call colours beside the names that logos use and those of CSS.
_MORE = {
    "amber": "#FFBF00", "apricot": "#FBCEB1", "ash": "#B2BEB5", "blush": "#E8B4B8", "bone": "#E3DAC9", "brass": "#B5A642", "brick": "#9C4A3C",
    "bronze": "#A97142", "charcoal": "#36454F", "chestnut": "#954535", "cobalt": "#0047AB", "copper": "#B87333", "emerald": "#2E8B57",
    "graphite": "#41424C", "honey": "#E0A030", "jade": "#00A86B", "lilac": "#C8A2C8", "moss": "#6B7B3A", "mustard": "#D4A017",
    "oak": "#B08D57", "ochre": "#CC7722", "peach": "#FFCBA4", "pine": "#234F3B", "rose": "#D98695", "ruby": "#9B111E",
    "sand": "#D9C7A0", "sapphire": "#0F52BA", "scarlet": "#D12B1F", "sepia": "#704214", "slate": "#5B6670", "slate blue": "#5A6F8C", "steel": "#71797E", "straw": "#E4D96F",
    "taupe": "#8B7E74", "ultramarine": "#3F00FF", "umber": "#635147", "vermilion": "#E34234", "wine": "#722F37", "cyan": "#00B7C3",
    "anthracite": "#383E42", "ink": "#1F2A44", "snow": "#F8FAFC", "parchment": "#F1E9D2", "clay": "#B66A50", "butter": "#FFF1A8",
}  # fmt: skip
_HEX = re.compile(r"#[0-9a-fA-F]{6}\b")
# How words change a colour: towards white or black, by how much.
_LIGHTER = {
    "pale": 0.5,
    "light": 0.4,
    "pastel": 0.5,
    "soft": 0.25,
    "bright": 0.0,
    "dusty": 0.3,
    "faded": 0.4,
    "off": 0.05,
}
_DARKER = {"dark": 0.4, "deep": 0.3, "midnight": 0.6, "burnt": 0.25, "muted": 0.1}


def swatch_of(name: str) -> str:
    """The colour as #RRGGBB; empty for one that is not known, which is then only named."""
    from PIL.ImageColor import colormap

    if found := _HEX.search(name):
        return found.group().upper()
    said = re.sub(r"[^a-z ]+", " ", name.casefold()).split()
    whole = " ".join(said)
    known = {**{one: str(value) for one, value in colormap.items()}, **_MORE, **COLOURS}
    changed = any(word in _LIGHTER or word in _DARKER for word in said)
    if value := known.get(whole) or ("" if changed else known.get("".join(said), "")):
        return value
    named = colours_in(whole)[-1:]
    if named and named != colours_in(said[-1]):  # Its name has the change in it, as "dark blue" has.
        return named[0]
    base = named or [known[word] for word in reversed(said) if word in known][:1]
    if not base:
        return ""
    lighter = max((_LIGHTER.get(word, 0.0) for word in said), default=0.0)
    darker = max((_DARKER.get(word, 0.0) for word in said), default=0.0)
    return _mixed(_mixed(base[0], 255, lighter), 0, darker)


def _mixed(colour: str, towards: int, share: float) -> str:
    channels = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return "#" + "".join(f"{round(one + (towards - one) * share):02X}" for one in channels)

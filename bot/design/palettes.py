"""Palettes of five to seven colours from words such as "warm, a bakery, #7a3e1d", each with a use, a name and its contrast.

Contrast follows WCAG 2.2 and is always computed, never taken from a model: 4.5 to 1 for text (success criterion 1.4.3, AA), 3 to 1
for large text and for graphics such as the edge of a field (1.4.3, 1.4.11), 7 to 1 for AAA (1.4.6). A colour that fails is repaired
by its lightness in OKLCH, so that it remains the same colour to the eye.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from bot.briefs.phrases import build_pattern
from bot.composition.colours import compute_contrast
from bot.errors import Phrase, RefusedError

from .oklch import Oklch, compute_distance, parse_hex

# Characters of the input that are read.
MAX_READ = 500
AAA, AA, LARGE = 7.0, 4.5, 3.0
# Colours that the user can set: primary, secondary and accent.
MAX_GIVEN = 3
# The uses of colours, in order.
USES = {
    "ground": "Background",
    "surface": "Surface",
    "text": "Text",
    "primary": "Primary",
    "link": "Primary as text",
    "secondary": "Secondary",
    "accent": "Accent",
    "black": "Black",
    "white": "White",
}
# Six hex digits without "#" are a colour if they mix letters and numbers: "7a3e1d", but neither "123456" nor "facade".
_HEX = re.compile(
    r"(?<![\w#])(?:#(?P<digits>[0-9a-f]{6}|[0-9a-f]{3})|(?P<bare>(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{6}))(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_STEP = 0.005
# The chroma from which a colour has a hue.
_MIN_CHROMA = 0.02
_NOT_RECOGNISED = (
    "I do not recognise a colour or a mood in that. Name a colour, by name or as #7A3E1D, a mood such as warm, "
    "calm or bold, or what it is for, such as a bakery or a school."
)


@dataclass(frozen=True, slots=True)
class Mood:
    """The colours of a mood or a trade: hue in degrees, chroma, lightness, the offsets of the secondary and accent hues, and
    whether the background is dark.
    """

    name: str
    words: str
    hue: float | None = None
    chroma: float | None = None
    lightness: float | None = None
    second: float | None = None
    accent: float | None = None
    dark: bool | None = None


@dataclass(frozen=True, slots=True)
class Swatch:
    """A colour of a palette: its use, name and hex value."""

    use: str
    name: str
    hex: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Text of one colour on another, with the contrast that it needs and has."""

    text: Swatch
    ground: Swatch
    least: float
    ratio: float

    @property
    def passes(self) -> bool:
        """Whether the contrast suffices."""
        return self.ratio >= self.least


@dataclass(frozen=True, slots=True)
class Repair:
    """A repaired colour: its use, the colour before and after, and the contrast before and after."""

    use: str
    before: str
    after: str
    ratio_before: float
    ratio_after: float


@dataclass(frozen=True, slots=True)
class Palette:
    """The swatches, the readable pairs, the repairs, and the words that were understood."""

    swatches: tuple[Swatch, ...]
    pairs: tuple[Pair, ...]
    repairs: tuple[Repair, ...]
    understood: tuple[str, ...] = ()

    def colour(self, use: str) -> Swatch | None:
        """Return the colour of a use, None if it has none."""
        return next((one for one in self.swatches if one.use == use), None)


@cache
def _load_data() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    return tomllib.loads((files("bot.design") / "moods.toml").read_text(encoding="utf-8"))


@cache
def load_moods() -> Sequence[Mood]:
    """Load the moods and trades."""
    rows = _load_data()["moods"]
    return tuple(Mood(name, **{**row, "words": "|".join(row["words"])}) for name, row in rows.items())  # type: ignore[arg-type]


@cache
def load_names(language: str = "en") -> Mapping[str, str]:
    """Load the colours as #RRGGBB by name in a language."""
    rows = _load_data()["names"]
    return {str(row.get(language, row["en"])): str(row["hex"]) for row in rows.values()}


def build_palette(words: str, language: str = "en", chosen: Sequence[str] = ()) -> Palette:
    """Build the palette that words ask for; `chosen` colours, primary first, fill those that the words do not give.

    Raises:
        RefusedError: the words name no known colour or mood.
    """
    words = words[:MAX_READ]
    given = find_colours(words)
    said = {at.group().casefold(): mood for mood in load_moods() if (at := build_pattern(mood.words).search(words))}
    colours = list(dict.fromkeys([*given, *chosen[len(given) :]]))
    if not colours and not said:
        raise RefusedError(_NOT_RECOGNISED)
    made = arrange_palette(colours, list(said.values()), language)
    return replace(made, understood=(*said, *given))


def find_colours(words: str) -> list[str]:
    """Return the colours in words, as hex values or by name in any of five languages, in order."""
    words = words[:MAX_READ]
    found = [(at.start(), _expand_digits(at["digits"] or at["bare"])) for at in _HEX.finditer(words)]
    taken = [range(at.start(), at.end()) for at in _HEX.finditer(words)]
    named = _load_named_colours()
    for at in build_pattern("|".join(sorted(named, key=len, reverse=True))).finditer(words):
        if not any(at.start() in one for one in taken):
            found.append((at.start(), named[_normalise_name(at.group())]))
    return list(dict.fromkeys(colour for _, colour in sorted(found)))


@cache
def _load_named_colours() -> Mapping[str, str]:
    """Load the colours by all their names, in lower case with single spaces."""
    return {
        _normalise_name(str(name)): str(row["hex"])
        for row in _load_data()["names"].values()
        for key, name in row.items()
        if key != "hex"
    }


def _normalise_name(name: str) -> str:
    return " ".join(_WORD.findall(name.lower()))


def _expand_digits(digits: str) -> str:
    return "#" + ("".join(2 * one for one in digits) if len(digits) == 3 else digits).upper()


def arrange_palette(given: Sequence[str], found: Sequence[Mood], language: str = "en") -> Palette:
    """Arrange a palette around given colours, the first one as primary, or around moods if none is given."""
    mood = _merge_moods(found)
    base = parse_hex(given[0]) if given else Oklch(mood.lightness or 0.52, mood.chroma or 0.1, mood.hue or 0.0)
    # A colour without a hue, such as grey, takes that of the mood for the other colours.
    hue = base.hue if base.chroma >= _MIN_CHROMA else (mood.hue if mood.hue is not None else base.hue)
    lively = min(0.16, max(0.05, mood.chroma or base.chroma))
    dark = bool(mood.dark)
    made: dict[str, Oklch] = {
        "ground": Oklch(0.19, 0.02, hue) if dark else Oklch(0.975, 0.012, hue),
        "surface": Oklch(0.27, 0.03, hue) if dark else Oklch(0.925, 0.03, hue),
        "text": Oklch(0.95, 0.012, hue) if dark else Oklch(0.24, 0.03, hue),
        "primary": base,
        "secondary": Oklch(0.62, 0.8 * lively, hue + (mood.second if mood.second is not None else 35)),
        "accent": Oklch(0.68, max(0.1, lively), hue + (mood.accent if mood.accent is not None else 180)),
    }
    hexes = {use: colour.hex for use, colour in made.items()}
    hexes |= dict(zip(("primary", "secondary", "accent"), given, strict=False))
    return _build_checked(hexes, language)


def _merge_moods(found: Sequence[Mood]) -> Mood:
    """Merge moods: each property comes from the first mood that has it."""
    joined = Mood("", "")
    for mood in found:
        filled = {
            key: getattr(mood, key)
            for key in ("hue", "chroma", "lightness", "second", "accent", "dark")
            if getattr(joined, key) is None and getattr(mood, key) is not None
        }
        joined = replace(joined, **filled)
    return joined


def _build_checked(hexes: dict[str, str], language: str) -> Palette:
    """Build the palette with computed contrast and repaired colours."""
    repairs = list[Repair]()
    for ground in ("ground", "surface"):
        hexes["text"] = _repair("text", hexes["text"], {hexes[ground]: AAA}, repairs)
    # The primary colour stays unchanged as a background; as text a readable one of its hue replaces it.
    link = _repair("link", hexes["primary"], {hexes["ground"]: AA, hexes["surface"]: AA}, repairs)
    if link != hexes["primary"]:
        hexes["link"] = link
    ends = (hexes["text"], hexes["ground"])
    for use in ("secondary", "accent"):
        # Visible on the background, and itself a background for text.
        hexes[use] = _repair(use, hexes[use], {hexes["ground"]: LARGE}, repairs, bearing=ends)
    swatches = _name_swatches(hexes, language)
    return Palette(tuple(swatches), tuple(_list_pairs({one.use: one for one in swatches})), tuple(repairs))


def _repair(
    use: str, colour: str, grounds: Mapping[str, float], repairs: list[Repair], bearing: Sequence[str] = ()
) -> str:
    """Return a colour with enough contrast to its grounds and to a text colour in `bearing`; a change is added to the repairs."""
    after = make_readable(colour, grounds, bearing)
    if after != colour:
        ground = min(grounds, key=lambda one: compute_contrast(colour, one) / grounds[one])
        if compute_contrast(colour, ground) >= grounds[ground]:  # The text on it was not readable.
            ground = max(bearing, key=lambda one: compute_contrast(colour, one))
        repairs.append(Repair(use, colour, after, compute_contrast(colour, ground), compute_contrast(after, ground)))
    return after


def make_readable(colour: str, grounds: Mapping[str, float], bearing: Sequence[str] = ()) -> str:
    """Return the colour, or the nearest one by OKLCH lightness, with the contrast that each ground needs.

    One of the text colours in `bearing` has to be readable on it. If no lightness suffices, it is black or white.
    """

    def is_good(one: str) -> bool:
        stands_out = all(compute_contrast(one, ground) >= least for ground, least in grounds.items())
        return stands_out and (not bearing or max(compute_contrast(one, text) for text in bearing) >= AA)

    if is_good(colour):
        return colour
    own = parse_hex(colour)
    for step in range(1, int(1 / _STEP) + 1):
        for lightness in (own.lightness - step * _STEP, own.lightness + step * _STEP):
            if 0 <= lightness <= 1 and is_good(made := replace(own, lightness=lightness).hex):
                return made
    return max(("#000000", "#FFFFFF"), key=lambda one: min(compute_contrast(one, ground) for ground in grounds))


def _list_pairs(known: Mapping[str, Swatch]) -> list[Pair]:
    """Return the readable pairs of a palette."""
    text, ground, link = known["text"], known["ground"], known.get("link", known["primary"])
    # On any colour one of these is readable.
    last = (Swatch("black", "", "#000000"), Swatch("white", "", "#FFFFFF"))

    def pair(upon: Swatch, below: Swatch, least: float = AA) -> Pair:
        return Pair(upon, below, least, compute_contrast(upon.hex, below.hex))

    def best_pair(below: Swatch) -> Pair:
        found = max((pair(one, below) for one in (text, ground)), key=lambda one: one.ratio)
        return found if found.passes else max((pair(one, below) for one in last), key=lambda one: one.ratio)

    return [
        pair(text, ground, AAA),
        pair(text, known["surface"], AAA),
        pair(link, ground),
        pair(link, known["surface"]),
        *(best_pair(known[use]) for use in ("primary", "secondary", "accent")),
        *(pair(known[use], ground, LARGE) for use in ("secondary", "accent")),
    ]


def _name_swatches(hexes: Mapping[str, str], language: str) -> list[Swatch]:
    """Name each colour after the nearest known one, without repetition."""
    taken, made = set[str](), dict[str, Swatch]()
    # The primary colour chooses first, then the most visible ones.
    for use in ("primary", "accent", "secondary", "link", "text", "ground", "surface"):
        if use in hexes:
            near = sorted(
                load_names(language), key=lambda name: compute_distance(load_names(language)[name], hexes[use])
            )
            name = next((one for one in near if one not in taken), near[0])
            taken.add(name)
            made[use] = Swatch(use, name, hexes[use])
    return [made[use] for use in USES if use in made]


def grade_contrast(ratio: float) -> str:
    """Return the WCAG grade of a contrast ratio."""
    return "AAA" if ratio >= AAA else "AA" if ratio >= AA else "AA large" if ratio >= LARGE else "–"


def format_ratio_text(ratio: float) -> str:
    """Format a ratio in English, "4.49 : 1"."""
    return str(format_ratio(ratio))


def format_ratio(ratio: float) -> Phrase:
    """Format a ratio, rounded down, as WCAG does not round up."""
    return Phrase("{ratio:.2f} : 1", ratio=math.floor(ratio * 100) / 100)


def render_gpl(palette: Palette, title: str) -> str:
    """Render the palette for GIMP, Inkscape and Krita."""
    rows = (
        f"{int(one.hex[1:3], 16):3} {int(one.hex[3:5], 16):3} {int(one.hex[5:], 16):3}\t{one.name}"
        for one in palette.swatches
    )
    return "\n".join(["GIMP Palette", f"Name: {title}", "Columns: 0", "#", *rows]) + "\n"


def render_css(palette: Palette) -> str:
    """Render the palette as CSS custom properties named by use, with their contrast."""
    lines = [f"  --{one.use}: {one.hex}; /* {one.name} */" for one in palette.swatches]
    told = [
        f"  /* {pair.text.use} on {pair.ground.use}: {format_ratio_text(pair.ratio)}, {grade_contrast(pair.ratio)} */"
        for pair in palette.pairs
    ]
    return "\n".join([":root {", *lines, *told, "}"]) + "\n"


def describe_repair(one: Repair) -> Phrase:
    """Describe a repair as a sentence."""
    said = _FOR_TEXT if one.use == "link" else _REPAIRED
    return Phrase(
        said,
        before=one.before,
        was=format_ratio(one.ratio_before),
        after=one.after,
        now=format_ratio(one.ratio_after),
        use=Phrase(USES[one.use]),
    )


_REPAIRED = "{use}: {before} had too little contrast ({was}), so I changed it to {after} ({now})."
_FOR_TEXT = "As text, {before} has too little contrast ({was}), so I use {after} ({now}) there."

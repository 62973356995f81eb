"""A palette of five to seven colours from words such as "warm, a bakery, #7a3e1d", each with a use, a name and its contrast.

Contrast is WCAG 2.2's, always reckoned and never taken from a model: 4.5 to 1 for text (success criterion 1.4.3, AA), 3 to 1 for
large text and for what is no text, such as the edge of a field (1.4.3, 1.4.11), 7 to 1 for AAA (1.4.6). What fails is put right by
its lightness in OKLCH, so that it stays the same colour to the eye.
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
from bot.errors import Phrase, RefusedError
from bot.kinds._colours import contrast

from .oklch import Oklch, apart, oklch_of

# Characters of the words that are read.
MAX_READ = 500
AAA, AA, LARGE = 7.0, 4.5, 3.0
# Of the colours of a palette so many can be given: the primary one, the second and the accent.
MAX_GIVEN = 3
# What colours are for, in their order.
USES = {
    "ground": "Background", "surface": "Surface", "text": "Text", "primary": "Primary", "link": "Primary as text",
    "secondary": "Secondary", "accent": "Accent", "black": "Black", "white": "White",
}  # fmt: skip
# Six digits without "#" are a colour where letters are among them: "7a3e1d", and neither "123456" nor "facade".
_HEX = re.compile(
    r"(?<![\w#])(?:#(?P<digits>[0-9a-f]{6}|[0-9a-f]{3})|(?P<bare>(?=[a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{6}))(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+")
_STEP = 0.005
# Of a colour that is named and of one that a mood has.
_MIN_CHROMA = 0.02
_NOTHING = (
    "I do not recognise a colour or a mood in that. Name a colour, by name or as #7A3E1D, a mood such as warm, "
    "calm or bold, or what it is for, such as a bakery or a school."
)


@dataclass(frozen=True, slots=True)
class Mood:
    """What words of a mood or a trade say of colours: hue in degrees, chroma, how far the second and the accent's hue lie from the
    first, and whether the ground is dark.
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
    """A colour of a palette: what it is for, what it is called, and how it looks."""

    use: str
    name: str
    hex: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Text of a colour on a ground of another, with the least contrast that it needs."""

    text: Swatch
    ground: Swatch
    least: float
    ratio: float

    @property
    def passes(self) -> bool:
        """Whether it can be read."""
        return self.ratio >= self.least


@dataclass(frozen=True, slots=True)
class Repair:
    """A colour that was put right: its use, what it was, what it is, and its contrast on its ground before and after."""

    use: str
    before: str
    after: str
    ratio_before: float
    ratio_after: float


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours, those of them that are read on each other, what was put right, and what of the words was understood."""

    swatches: tuple[Swatch, ...]
    pairs: tuple[Pair, ...]
    repairs: tuple[Repair, ...]
    understood: tuple[str, ...] = ()

    def colour(self, use: str) -> Swatch | None:
        """The colour for a use."""
        return next((one for one in self.swatches if one.use == use), None)


@cache
def _data() -> Mapping[str, Mapping[str, Mapping[str, object]]]:
    return tomllib.loads((files("bot.design") / "moods.toml").read_text(encoding="utf-8"))


@cache
def moods() -> Sequence[Mood]:
    """The moods and trades that are known."""
    rows = _data()["moods"]
    return tuple(Mood(name, **{**row, "words": "|".join(row["words"])}) for name, row in rows.items())  # type: ignore[arg-type]


@cache
def names(language: str = "en") -> Mapping[str, str]:
    """Colours as #RRGGBB by what they are called in a language."""
    rows = _data()["names"]
    return {str(row.get(language, row["en"])): str(row["hex"]) for row in rows.values()}


def palette_of(words: str, language: str = "en", chosen: Sequence[str] = ()) -> Palette:
    """The palette that words ask for. `chosen` are colours, the primary one first, for what the words give none for.

    Raises:
        RefusedError: they name no colour and no mood that is known.
    """
    words = words[:MAX_READ]
    given = colours_given(words)
    said = {at.group().casefold(): mood for mood in moods() if (at := build_pattern(mood.words).search(words))}
    colours = list(dict.fromkeys([*given, *chosen[len(given) :]]))
    if not colours and not said:
        raise RefusedError(_NOTHING)
    made = arranged(colours, list(said.values()), language)
    return replace(made, understood=(*said, *given))


def colours_given(words: str) -> list[str]:
    """The colours that words give, as digits or by name in any of five languages, in their order."""
    words = words[:MAX_READ]
    found = [(at.start(), _six(at["digits"] or at["bare"])) for at in _HEX.finditer(words)]
    taken = [range(at.start(), at.end()) for at in _HEX.finditer(words)]
    named = _named()
    for at in build_pattern("|".join(sorted(named, key=len, reverse=True))).finditer(words):
        if not any(at.start() in one for one in taken):
            found.append((at.start(), named[_bare(at.group())]))
    return list(dict.fromkeys(colour for _, colour in sorted(found)))


@cache
def _named() -> Mapping[str, str]:
    """Colours by all their names, in lower case and with single spaces, as patterns find them with any signs between words."""
    return {
        _bare(str(name)): str(row["hex"])
        for row in _data()["names"].values()
        for key, name in row.items()
        if key != "hex"
    }


def _bare(name: str) -> str:
    return " ".join(_WORD.findall(name.lower()))


def _six(digits: str) -> str:
    return "#" + ("".join(2 * one for one in digits) if len(digits) == 3 else digits).upper()


def arranged(given: Sequence[str], found: Sequence[Mood], language: str = "en") -> Palette:
    """A palette that begins from given colours, or from what moods say where none is given: the first is its primary one."""
    mood = _joined(found)
    base = oklch_of(given[0]) if given else Oklch(mood.lightness or 0.52, mood.chroma or 0.1, mood.hue or 0.0)
    # A colour without a hue, such as grey, takes that of the mood for what stands beside it.
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
    return _checked(hexes, language)


def _joined(found: Sequence[Mood]) -> Mood:
    """What several moods say together: of each thing what the first says that says it; hues of several as they lie between."""
    joined = Mood("", "")
    for mood in found:
        filled = {
            key: getattr(mood, key)
            for key in ("hue", "chroma", "lightness", "second", "accent", "dark")
            if getattr(joined, key) is None and getattr(mood, key) is not None
        }
        joined = replace(joined, **filled)
    return joined


def _checked(hexes: dict[str, str], language: str) -> Palette:
    """The palette with its contrast reckoned and what fails put right."""
    repairs = list[Repair]()
    for ground in ("ground", "surface"):
        hexes["text"] = _put_right("text", hexes["text"], {hexes[ground]: AAA}, repairs)
    # The primary colour stays as it is, as a ground. As text another of its hue stands for it where it cannot be read.
    link = _put_right("link", hexes["primary"], {hexes["ground"]: AA, hexes["surface"]: AA}, repairs)
    if link != hexes["primary"]:
        hexes["link"] = link
    ends = (hexes["text"], hexes["ground"])
    for use in ("secondary", "accent"):
        # Seen on the ground, and a ground for text itself.
        hexes[use] = _put_right(use, hexes[use], {hexes["ground"]: LARGE}, repairs, bearing=ends)
    swatches = _called(hexes, language)
    return Palette(tuple(swatches), tuple(_pairs({one.use: one for one in swatches})), tuple(repairs))


def _put_right(
    use: str, colour: str, grounds: Mapping[str, float], repairs: list[Repair], bearing: Sequence[str] = ()
) -> str:
    """A colour that stands out from grounds, and that can bear text of one of some colours; what was changed goes to the repairs."""
    after = readable(colour, grounds, bearing)
    if after != colour:
        ground = min(grounds, key=lambda one: contrast(colour, one) / grounds[one])
        if contrast(colour, ground) >= grounds[ground]:  # It was text on it that could not be read.
            ground = max(bearing, key=lambda one: contrast(colour, one))
        repairs.append(Repair(use, colour, after, contrast(colour, ground), contrast(after, ground)))
    return after


def readable(colour: str, grounds: Mapping[str, float], bearing: Sequence[str] = ()) -> str:
    """A colour that stands out from grounds by as much as each wants: itself, or the nearest by lightness in OKLCH.

    `bearing` are colours of text of which it is to bear one. Where no lightness does, it is black or white.
    """

    def does(one: str) -> bool:
        stands_out = all(contrast(one, ground) >= least for ground, least in grounds.items())
        return stands_out and (not bearing or max(contrast(one, text) for text in bearing) >= AA)

    if does(colour):
        return colour
    own = oklch_of(colour)
    for step in range(1, int(1 / _STEP) + 1):
        for lightness in (own.lightness - step * _STEP, own.lightness + step * _STEP):
            if 0 <= lightness <= 1 and does(made := replace(own, lightness=lightness).hex):
                return made
    return max(("#000000", "#FFFFFF"), key=lambda one: min(contrast(one, ground) for ground in grounds))


def _pairs(known: Mapping[str, Swatch]) -> list[Pair]:
    """Readable combinations in this palette."""
    text, ground, link = known["text"], known["ground"], known.get("link", known["primary"])
    # On any colour one of these can be read.
    last = (Swatch("black", "", "#000000"), Swatch("white", "", "#FFFFFF"))

    def pair(upon: Swatch, below: Swatch, least: float = AA) -> Pair:
        return Pair(upon, below, least, contrast(upon.hex, below.hex))

    def borne(below: Swatch) -> Pair:
        found = max((pair(one, below) for one in (text, ground)), key=lambda one: one.ratio)
        return found if found.passes else max((pair(one, below) for one in last), key=lambda one: one.ratio)

    return [
        pair(text, ground, AAA),
        pair(text, known["surface"], AAA),
        pair(link, ground),
        pair(link, known["surface"]),
        *(borne(known[use]) for use in ("primary", "secondary", "accent")),
        *(pair(known[use], ground, LARGE) for use in ("secondary", "accent")),
    ]


def _called(hexes: Mapping[str, str], language: str) -> list[Swatch]:
    """The colours with a name each, none twice: the known one that looks most like it."""
    taken, made = set[str](), dict[str, Swatch]()
    # The primary colour has the first choice, then what is seen most.
    for use in ("primary", "accent", "secondary", "link", "text", "ground", "surface"):
        if use in hexes:
            near = sorted(names(language), key=lambda name: apart(names(language)[name], hexes[use]))
            name = next((one for one in near if one not in taken), near[0])
            taken.add(name)
            made[use] = Swatch(use, name, hexes[use])
    return [made[use] for use in USES if use in made]


def grade(ratio: float) -> str:
    """What a contrast is enough for."""
    return "AAA" if ratio >= AAA else "AA" if ratio >= AA else "AA large" if ratio >= LARGE else "–"


def shown(ratio: float) -> str:
    """A ratio as it is told in English, "4.49 : 1"."""
    return str(ratio_told(ratio))


def ratio_told(ratio: float) -> Phrase:
    """A ratio as it is told; never rounded up, as WCAG counts what is just below as below."""
    return Phrase("{ratio:.2f} : 1", ratio=math.floor(ratio * 100) / 100)


def as_gpl(palette: Palette, title: str) -> str:
    """The palette for GIMP, Inkscape and Krita."""
    rows = (
        f"{int(one.hex[1:3], 16):3} {int(one.hex[3:5], 16):3} {int(one.hex[5:], 16):3}\t{one.name}"
        for one in palette.swatches
    )
    return "\n".join(["GIMP Palette", f"Name: {title}", "Columns: 0", "#", *rows]) + "\n"


def as_css(palette: Palette) -> str:
    """The palette as custom properties of CSS, named by what they are for, with their contrast."""
    lines = [f"  --{one.use}: {one.hex}; /* {one.name} */" for one in palette.swatches]
    told = [
        f"  /* {pair.text.use} on {pair.ground.use}: {shown(pair.ratio)}, {grade(pair.ratio)} */"
        for pair in palette.pairs
    ]
    return "\n".join([":root {", *lines, *told, "}"]) + "\n"


def repair_told(one: Repair) -> Phrase:
    """What was put right, as a sentence."""
    said = _FOR_TEXT if one.use == "link" else _PUT_RIGHT
    return Phrase(
        said,
        before=one.before,
        was=ratio_told(one.ratio_before),
        after=one.after,
        now=ratio_told(one.ratio_after),
        use=Phrase(USES[one.use]),
    )


_PUT_RIGHT = "{use}: {before} had too little contrast ({was}), so I changed it to {after} ({now})."
_FOR_TEXT = "As text, {before} has too little contrast ({was}), so I use {after} ({now}) there."

"""A logo: a motif of simple shapes, as a prompt for an image model and drawn as SVG."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, build_presence_check, build_range_check
from bot.checks.svg import escape_text, sanitise
from bot.composition.colours import (
    COLOURS,
    compute_contrast,
    ensure_contrast,
    find_min_contrast,
    find_nearest_name,
    find_unwanted_colours,
    find_wanted_colours,
)
from bot.composition.dialects import MAX_ALT_TEXT_CHARACTERS, PLACES
from bot.composition.drawing import join_paragraphs
from bot.composition.motifs import Motif, draw_motif, find_motifs
from bot.content import Assignment, Choice, Composer, Content, Count, Kind, Size
from bot.reading.surrounding_labels import translate_label_around_prompt

# SVG elements that each draw a shape in a 1 by 1 box around the origin.
SHAPES = {
    "circle": '<circle r="0.5"/>',
    "ring": '<path fill-rule="evenodd" d="M-.5 0a.5.5 0 1 0 1 0a.5.5 0 1 0-1 0zM-.32 0a.32.32 0 1 0 .64 0a.32.32 0 1 0-.64 0z"/>',
    "square": '<rect x="-0.5" y="-0.5" width="1" height="1" rx="0.06"/>',
    "bar": '<rect x="-0.5" y="-0.09" width="1" height="0.18" rx="0.09"/>',
    "triangle": '<path d="M0-.5L.5.45L-.5.45z"/>',
    "diamond": '<path d="M0-.5L.4 0L0 .5L-.4 0z"/>',
    "hexagon": '<path d="M-.25-.45L.25-.45L.5 0L.25.45L-.25.45L-.5 0z"/>',
    "drop": '<path d="M0-.5C.1-.25.36-.05.36.16A.36.34 0 0 1-.36.16C-.36-.05-.1-.25 0-.5z"/>',
    "leaf": '<path d="M-.45.45C-.5-.2-.1-.5.45-.45C.5.1.15.5-.45.45z"/>',
    "star": '<path d="M0-.5L.13-.16L.49-.15L.21.08L.31.43L0 .23L-.31.43L-.21.08L-.49-.15L-.13-.16z"/>',
    "heart": '<path d="M0 .46C-.7-.02-.42-.5-.2-.42C-.08-.38 0-.26 0-.18C0-.26.08-.38.2-.42C.42-.5.7-.02 0 .46z"/>',
    "crescent": '<path d="M.2-.46A.5.5 0 1 0 .2 .46A.38.46 0 1 1 .2-.46z"/>',
    "wave": '<path d="M-.5.05C-.35-.2-.2-.2-.02 0S.3.2.5-.05L.5.12C.35.37.2.37.02.17S-.3-.03-.5.22z"/>',
    "arch": '<path d="M-.5.45L-.5 0A.5.5 0 0 1 .5 0L.5.45L.3.45L.3 0A.3.3 0 0 0-.3 0L-.3.45z"/>',
}
_PLACES = {"centre": (50, 50), "top": (50, 30), "bottom": (50, 70), "left": (32, 50), "right": (68, 50)}
_SIZES = {"large": 46, "medium": 28, "small": 14}
# A badge's side in hundredths of the logo, and the share of it that its contents may take.
_BADGE_SIZE, _CONTENT_SHARE = 76, 0.64
# How much larger than a badge its rim is, in a colour that nothing else shows.
_RIM_SCALE = 1.1
# The maximum length of a one-line name, in multiples of the font size.
_MAX_LINE_EMS = 10.0
BADGES = ("none", "circle", "square", "hexagon")
# What a phrase neither begins nor ends with.
_PUNCTUATION = " ,.:;–—-"


class LogoShape(BaseModel):
    """A simple shape that the drawing is composed of."""

    meaning: Annotated[str, Size(30, low=3)]
    shape: Annotated[str, Choice(tuple(SHAPES))]
    place: Annotated[str, Choice(tuple(_PLACES))]
    size: Annotated[str, Choice(tuple(_SIZES))]


class Logo(BaseModel):
    """What a model writes: the motif of the logo, its words, and the simple shapes that make it up."""

    motif: Annotated[str, Size(70, low=4)]
    style: Annotated[str, Size(40, low=3)]
    words: Annotated[str, Size(60)] = ""
    badge: Annotated[str, Choice(BADGES)]
    colours: Annotated[
        list[Annotated[str, Choice(tuple(COLOURS))]], Count(1, 5, 2, ("colour", "color", "ink", "pantone"))
    ]
    pieces: Annotated[list[LogoShape], Count(1, 5, 3, ("shape",))]


def choose_colours(output: Logo, assignment: Assignment) -> list[str]:
    """Return ink, background and further colours: the brief's, else the brand's, before the model's, no more than the brief
    wants.

    Colours that the brief rules out are left out, except black and white where there is a single ink.
    """
    unwanted = find_unwanted_colours(assignment.brief)
    brand_colours = [colour.hex for colour in assignment.book.palette if colour.hex not in unwanted][:3]
    preferred = find_wanted_colours(assignment.brief) or brand_colours
    low, high = assignment.requirements.counts.get("colour", (2, max(2, len(preferred))))
    has_single_ink = len(output.colours) == 1
    high = 2 if has_single_ink or high < 2 else high
    model_colours = (COLOURS[name] for name in output.colours if name in COLOURS)
    candidates = dict.fromkeys([*preferred, *model_colours, "#FFFFFF", "#14213D"])
    chosen = [colour for colour in candidates if colour not in unwanted]
    if has_single_ink and len(preferred) < 2:
        # White as the only named colour is the background.
        chosen = list(dict.fromkeys([*preferred, COLOURS["black"], COLOURS["white"]]))[:2]
    spare = (colour for colour in COLOURS.values() if colour not in chosen and colour not in unwanted)
    count = min(high, max(low, 2, min(len(preferred), 5)))
    chosen = [*chosen, *spare][: max(count, 2)]
    pairs = ((compute_contrast(one, other), one, other) for one in chosen for other in chosen if one != other)
    # Of the two with the most contrast, the lighter one is the background.
    _, ink, ground = max(pairs, key=lambda pair: (pair[0], compute_contrast(pair[2], "#000000")))
    return [ink, ground, *(colour for colour in chosen if colour not in (ink, ground))]


def _ensure_readable(colours: list[str], brief: str) -> list[str]:
    """Return the colours as drawn: the ink dark or light enough for its background."""
    ink, ground, *rest = colours
    return list(dict.fromkeys([ensure_contrast(ink, ground, find_min_contrast(brief)), ground, *rest]))


def draw_logo(output: Logo, colours: list[str], name: str, motifs: Sequence[Motif] = ()) -> str:
    """Return the logo as SVG: shapes from a fixed set and escaped text, so that nothing in it can run or load."""
    ink, ground, *more = colours
    lines = _split_name(name)
    middle, size = (50, _BADGE_SIZE) if not lines else (44 - 3 * len(lines), _BADGE_SIZE - 8 - 6 * len(lines))
    parts = [f'<rect width="100" height="100" fill="{ground}"/>']
    figure, behind = ink, ground
    if output.badge != "none":
        parts.append(_draw_shape(output.badge, 50, middle, size, ink))
        figure, behind = ground, ink
    if motifs:
        room = size * _CONTENT_SHARE if output.badge != "none" else size if len(motifs) == 1 else _BADGE_SIZE
        parts += _draw_motifs(motifs, 50, middle, room, (figure, behind, *more))
    else:
        parts += _draw_pieces(output, middle, size, [figure, *more])
    unused = [colour for colour in more if colour not in "".join(parts)]
    if unused and output.badge != "none":
        parts.insert(1, _draw_shape(output.badge, 50, middle, size * _RIM_SCALE, unused.pop(0)))
    parts += _draw_accents(unused, 93 if not lines else middle + size * _RIM_SCALE / 2)
    if lines:
        font_size = min(12.0 if len(lines) == 1 else 9.5, 88 / max(map(_estimate_ems, lines)))
        top = middle + size / 2 + font_size + 4
        parts += [
            f'<text x="50" y="{top + number * font_size * 1.15:.1f}" font-family="sans-serif" font-weight="bold" '
            f'font-size="{font_size:.1f}" text-anchor="middle" fill="{ink}">{escape_text(line)}</text>'
            for number, line in enumerate(lines)
        ]
    label = escape_text(build_alt_text(output, name))
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="512" height="512" role="img" aria-label="{label}">{"".join(parts)}</svg>'


def _draw_accents(colours: Sequence[str], y: float) -> list[str]:
    """Draw a short line in each colour that nothing else shows."""
    width = 24 / max(1, len(colours))
    left = 50 - width * len(colours) / 2
    return [
        f'<rect x="{left + number * width:g}" y="{y:g}" width="{width:g}" height="2" fill="{colour}"/>'
        for number, colour in enumerate(colours)
    ]


def _draw_shape(name: str, x: float, y: float, size: float, fill: str) -> str:
    shape = SHAPES.get(name, SHAPES["circle"])
    return f'<g transform="translate({x:g} {y:g}) scale({size:g})" fill="{fill}">{shape}</g>'


def _draw_motifs(motifs: Sequence[Motif], x: float, y: float, size: float, colours: Sequence[str]) -> list[str]:
    """Draw one motif in the centre, or two side by side, the second in a third colour if there is one."""
    figure, behind, *more = colours
    if len(motifs) == 1:
        return [_draw_figure(motifs[0], x, y, size, (figure, behind))]
    offset, smaller_size = size * 0.29, size * 0.54
    first = _draw_figure(motifs[0], x - offset, y, smaller_size, (figure, behind))
    return [first, _draw_figure(motifs[1], x + offset, y, smaller_size, (more[0] if more else figure, behind))]


def _draw_figure(motif: Motif, x: float, y: float, size: float, colours: tuple[str, str]) -> str:
    return f'<g transform="translate({x:g} {y:g}) scale({size:g})">{draw_motif(motif, *colours)}</g>'


def _draw_pieces(output: Logo, middle: float, size: float, inks: Sequence[str]) -> list[str]:
    """Draw the model's own shapes, scaled to stay within their badge."""
    share = _CONTENT_SHARE if output.badge != "none" else 1.0
    shapes = []
    for number, piece in enumerate(output.pieces):
        x, y = (((position - 50) * size * share / _BADGE_SIZE) for position in _PLACES.get(piece.place, (50, 50)))
        scale = _SIZES.get(piece.size, 28) * size * share / _BADGE_SIZE
        shapes.append(_draw_shape(piece.shape, 50 + x, middle + y, scale, inks[number % len(inks)]))
    return shapes


def _split_name(name: str) -> list[str]:
    """Return the name on one line, or on two if it is long."""
    spaces = [index for index, sign in enumerate(name) if sign == " "]
    if _estimate_ems(name) <= _MAX_LINE_EMS or not spaces:
        return [name] if name else []
    middle = min(spaces, key=lambda index: abs(index - len(name) / 2))
    return [name[:middle], name[middle + 1 :]]


def _estimate_ems(text: str) -> float:
    """Return the approximate width of bold letters, in multiples of the font size."""
    return sum(1.05 if unicodedata.east_asian_width(sign) in "WF" else 0.63 for sign in text) or 1.0


def build_alt_text(output: Logo, name: str) -> str:
    """Return the logo's alternative text."""
    text = f"Logo{f' of {name}' if name else ''}: {output.motif}"
    return text if len(text) <= MAX_ALT_TEXT_CHARACTERS else text[: MAX_ALT_TEXT_CHARACTERS - 1].rsplit(" ", 1)[0]


def compose(output: Logo, assignment: Assignment) -> Content:
    """Compose a prompt that any image model draws, the drawing, and the colours that both use."""
    name = " ".join(output.words.split())
    output = output.model_copy(
        update={"motif": output.motif.strip(_PUNCTUATION), "style": output.style.strip(_PUNCTUATION)}
    )
    chosen_colours = choose_colours(output, assignment)
    colours = _ensure_readable(chosen_colours, assignment.brief)
    # A dark green that is darkened for its background must not be called black.
    colour_names = " and ".join(dict.fromkeys(map(find_nearest_name, chosen_colours)))
    badge = "" if output.badge == "none" else f", in a {output.badge} badge"
    lettering = f', with the words "{name}"' if name else ", without letters"
    prompt = f"A vector logo of {output.motif}{badge}{lettering}. {output.style[:1].upper()}{output.style[1:]}; only {colour_names}, on a plain background."
    motifs = find_motifs(output.motif) or find_motifs(assignment.brief)
    parts = {
        "prompt": prompt,
        "raw": prompt,
        "target": assignment.place,
        "colors": colours,
        "alt_text": build_alt_text(output, name),
        "svg": sanitise(draw_logo(output, colours, name, motifs)),
    }
    lines = [
        f"**{translate_label_around_prompt('Colours', assignment)}:** {', '.join(colours)}",
        f"**{translate_label_around_prompt('Alt text', assignment)}:** {parts['alt_text']}",
    ]
    return Content(join_paragraphs(f"```\n{prompt}\n```", "\n".join(lines)), parts)


def examine(output: Logo, content: Content, assignment: Assignment) -> list[Check]:
    """Check that the ink has enough contrast, and that every colour the brief names is in the drawing."""
    ink, ground, *_ = content.parts["colors"]
    contrast, min_contrast = compute_contrast(ink, ground), find_min_contrast(assignment.brief)
    drawn_colours = {colour for colour in content.parts["colors"] if colour in content.parts["svg"]}
    # The ink may be a darker or lighter shade of the named colour.
    drawn_colours.add(choose_colours(output, assignment)[0])
    wanted = find_wanted_colours(assignment.brief)
    missing = [find_nearest_name(colour) for colour in wanted if colour not in drawn_colours]
    checks = [build_range_check("contrast", contrast, min_contrast, unit="to 1")]
    return (
        [*checks, build_presence_check("colours in it", missing, len(wanted), asked_by="brief")] if wanted else checks
    )


KIND = Kind(
    name="logo",
    family="image",
    title="Logo",
    description="A logo as SVG and PNG, plus a prompt for an image model, with its colours.",
    task="A simple logo, in English: one motif that anybody can draw, and how two to four simple shapes make it. `words` are the name or initials where "
    "the request wants them in it, else empty. One colour is one ink on a plain ground.",
    composer=Composer(output=Logo, compose=compose, examine=examine),
    places=PLACES,
    exports=("png", "svg", "web_icons", "md", "txt"),
    form=Form("variant", shaped=True, describing=True),
    likely_exports=("png", "svg"),
    pasted_parts=("raw",),
)

"""Common motifs of logos as SVG, each in a unit square centred on the origin.

They are drawn in one ink, with cut-outs in the background colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from operator import itemgetter

from bot.briefs import build_pattern, remove_forms

# Placeholders in a motif's SVG for its two colours.
INK, BACKGROUND = "{ink}", "{background}"


@dataclass(frozen=True, slots=True)
class Motif:
    """A drawing with placeholders for its colours, and the words that ask for it, for `build_pattern`."""

    word_forms: str
    svg: str


def _draw_path(data: str, fill: str = INK) -> str:
    return f'<path d="{data}" fill="{fill}"/>'


def _draw_dot(x: float, y: float, radius: float, fill: str = INK) -> str:
    return f'<circle cx="{x:g}" cy="{y:g}" r="{radius:g}" fill="{fill}"/>'


def _draw_bar(x: float, y: float, width: float, height: float, fill: str = INK, corner_radius: float = 0.0) -> str:
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{corner_radius:g}" fill="{fill}"/>'


def _draw_line(data: str, width: float = 0.06, ink: str = INK) -> str:
    return f'<path d="{data}" fill="none" stroke="{ink}" stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round"/>'


def _rotate(svg: str, degrees: float) -> str:
    return f'<g transform="rotate({degrees:g})">{svg}</g>'


def _add_mirror_image(svg: str) -> str:
    return svg + f'<g transform="scale(-1 1)">{svg}</g>'


def _move(svg: str, x: float, y: float, scale: float = 1.0) -> str:
    return f'<g transform="translate({x:g} {y:g}) scale({scale:g})">{svg}</g>'


def _repeat_around(svg: str, count: int, offset: float = 0.0) -> str:
    return "".join(_rotate(svg, offset + 360 * number / count) for number in range(count))


_GRAIN = _draw_path("M.025 .07C.03-.03.1-.1.2-.12C.21-.01.14 .07.025 .07z")
_WHEAT = _draw_line("M0 .5L0-.2", 0.045) + "".join(
    _move(_add_mirror_image(_GRAIN), 0, y) for y in (0.27, 0.09, -0.09, -0.27)
)
_WHEAT += _draw_path("M0-.5C.09-.42.09-.33 0-.25C-.09-.33-.09-.42 0-.5z")
_LEAF = _draw_path("M-.38.42C-.52-.16-.12-.5.44-.46C.5.12.14.5-.38.42z") + _draw_line(
    "M-.48.5C-.3.2-.05-.05.2-.22", 0.05, BACKGROUND
)
_WAVE = "M-.46 {0}C-.34 {1}-.2 {1}-.08 {0}S.18 {2}.3 {0}S.42 {3}.46 {3}"
_TOOTH = _draw_bar(-0.085, -0.5, 0.17, 0.2, corner_radius=0.03)
_RAY = _draw_bar(-0.035, -0.5, 0.07, 0.15, corner_radius=0.035)
_PETAL = _draw_path("M0-.08C-.2-.24-.15-.46 0-.5C.15-.46.2-.24 0-.08z")
_EYE = _draw_dot(0.15, -0.16, 0.12, BACKGROUND) + _draw_dot(0.15, -0.16, 0.055)
_STEAM = "".join(_draw_line(f"M{x:g}-.22C{x - 0.08:g}-.3{x + 0.08:+g}-.38{x:+g}-.46", 0.05) for x in (-0.2, -0.05, 0.1))
_CUP = _draw_path("M-.4-.12L.25-.12L.2.3C.19.36.15.4.09.4L-.24.4C-.3.4-.34.36-.35.3z")
_CUP += _draw_line("M.25-.04C.46-.06.46.24.22.22", 0.065) + _STEAM


def _draw_star(points: int, inner_radius: float) -> str:
    corners = []
    for number in range(2 * points):
        radius = 0.5 if number % 2 == 0 else inner_radius
        angle = math.pi * number / points
        corners.append(f"{radius * math.sin(angle):.3f} {-radius * math.cos(angle):.3f}")
    return _draw_path("M" + "L".join(corners) + "z")


# If two motifs match at the same position, the one listed first here comes first.
MOTIFS = (
    Motif("wheat|grain|ear of|espiga|weizen|ähre|blé|trigo|bakery|bäckerei|panadería|boulangerie|padaria|麦|パン", _WHEAT),
    Motif(
        "mountain(s)|peak(s)|summit|hik*|alpine|berg(e)|montaña(s)|montagne|montanha|山",
        _draw_path("M-.5.38L-.1-.36L.3.38z") + _draw_path("M.02.38L.24-.06L.5.38z") + _draw_line("M-.32-.02L-.22-.1L-.15-.02L-.07-.1L.0-.02L.1-.08", 0.045, BACKGROUND),
    ),
    Motif(
        "owl(s)|eule|búho|hibou|coruja|フクロウ",
        _draw_path("M-.36-.5C-.2-.4.2-.4.36-.5C.44-.2.42.14.3.32C.2.46.1.5 0 .5C-.1.5-.2.46-.3.32C-.42.14-.44-.2-.36-.5z")
        + _add_mirror_image(_EYE) + _draw_path("M0-.12L.06-.02L0 .08L-.06-.02z", BACKGROUND)
        + _draw_line("M-.16.22C-.1.3-.06.3 0 .22C.06.3.1.3.16.22", 0.035, BACKGROUND),
    ),
    Motif(
        "fox(es)|fuchs|zorro|renard|raposa",
        _draw_path("M-.5-.42L-.2-.24C-.08-.28.08-.28.2-.24L.5-.42L.46.02L0 .46L-.46.02z")
        + _add_mirror_image(_draw_path("M.36.09L.14.1L.07.33C.17.25.28.17.36.09z", BACKGROUND) + _draw_dot(0.2, -0.04, 0.045, BACKGROUND)) + _draw_dot(0, 0.4, 0.05),
    ),
    Motif(
        "cat(s)|kitten(s)|katze(n)|gato(s)|猫|ねこ",
        _draw_path("M-.42-.48L-.16-.3C-.06-.33.06-.33.16-.3L.42-.48C.5-.1.5.4 0 .42C-.5.4-.5-.1-.42-.48z")
        + _add_mirror_image(_draw_dot(0.18, 0, 0.06, BACKGROUND) + _draw_line("M.26.16L.46.12M.26.22L.44.26", 0.025, BACKGROUND))
        + _draw_path("M-.06.12L.06.12L0 .2z", BACKGROUND),
    ),
    Motif(
        "bee(s)|honey*|apiary|beekeep*|biene*|imker*|abeja(s)|abeille(s)|abelha(s)",
        _add_mirror_image(_draw_path("M.06-.14C.2-.46.5-.42.46-.22C.42-.06.2-.02.06-.06z")) + _draw_dot(0, -0.26, 0.12)
        + _draw_path("M0-.18C.24-.16.28.16 0 .5C-.28.16-.24-.16 0-.18z")
        + "".join(_draw_bar(-w, y, 2 * w, 0.07, BACKGROUND) for w, y in ((0.2, -0.04), (0.19, 0.11), (0.13, 0.26))),
    ),
    Motif(
        "fish(|es|ing)|fisch*|peces|pescad*|poisson|peixe|魚",
        _draw_path("M-.5 0C-.3-.34.06-.34.24 0C.06.34-.3.34-.5 0z") + _draw_path("M.16 0L.5-.26C.42-.1.42.1.5.26z") + _draw_dot(-0.3, -0.06, 0.045, BACKGROUND),
    ),
    Motif(
        "bird(s)|swallow(s)|dove(s)|sparrow(s)|vogel|pájaro|oiseau|pássaro|鳥",
        _draw_path("M-.5-.2C-.3-.22-.16-.14-.06-.02C.06-.3.26-.42.5-.44C.46-.3.4-.2.32-.12C.4.14.2.36-.08.34L-.24.5L-.24.3C-.4.2-.46.02-.5-.2z"),
    ),
    Motif(
        "bik*|bicycle(s)|cycl*|fahrr*|velo*|bici*|vélo(s)|自転車|sepeda",
        "".join(_move(_draw_line("M-.16 0A.16.16 0 1 0 .16 0A.16.16 0 1 0-.16 0z", 0.05), x, 0.16) for x in (-0.3, 0.3))
        + _draw_line("M-.3.16L-.14-.14L.16-.14L0 .16zM.3.16L.16-.14L.13-.26L.24-.26M0 .16L-.17-.22M-.25-.22L-.09-.22", 0.045),
    ),
    Motif(
        "cog(s)|gear(s)|machine(s)|mechanic*|engineer*|zahnr*|engranaje|rouage|engrenagem|repair*",
        _repeat_around(_TOOTH, 8) + _draw_dot(0, 0, 0.36) + _draw_dot(0, 0, 0.15, BACKGROUND),
    ),
    Motif("coffee|cup(s)|mug(s)|tea|café*|tasse*|kaffee|taza(s)|xícara|cangkir|kopi|コーヒー|カップ|कप|فنجان", _CUP),
    Motif(
        "book(s)|librar*|reading|buch|bücher|libro(s)|livre(s)|livro(s)|本|किताब",
        _add_mirror_image(_draw_path("M.03-.26C.16-.38.34-.4.48-.36L.48.3C.34.26.16.28.03.4z") + _draw_line("M.14-.12C.22-.17.3-.18.38-.17M.14.04C.22-.01.3-.02.38-.01", 0.03, BACKGROUND)),
    ),
    Motif(
        "lighthouse(s)|leuchtturm|faro|phare|farol",
        _draw_path("M-.13-.2L.13-.2L.22.5L-.22.5z") + _draw_bar(-0.19, -0.25, 0.38, 0.06) + _draw_bar(-0.1, -0.38, 0.2, 0.14) + _draw_path("M-.14-.38L0-.5L.14-.38z")
        + _draw_bar(-0.165, 0.0, 0.33, 0.1, BACKGROUND) + _draw_bar(-0.19, 0.22, 0.38, 0.1, BACKGROUND)
        + _add_mirror_image(_draw_line("M.22-.32L.48-.42M.24-.25L.5-.22", 0.04)),
    ),
    Motif("anchor(s)|anker|ancla(s)|ancre|âncora", _draw_line("M0-.28L0 .42M-.18-.14L.18-.14M-.4.1C-.38.34-.2.42 0 .42C.2.42.38.34.4.1", 0.08)
          + _draw_line("M-.09-.39A.09.09 0 1 0 .09-.39A.09.09 0 1 0-.09-.39z", 0.06)),
    Motif(
        "boat(s)|ship(s)|sail*|segel*|barco(s)|bateau|船",
        _draw_path("M-.46.2L.46.2C.4.36.3.42.2.42L-.2.42C-.3.42-.4.36-.46.2z") + _draw_path("M-.03-.48L-.03.12L-.36.12z") + _draw_path("M.05-.34L.05.12L.36.12z"),
    ),
    Motif(
        "wave(s)|sea|ocean|surf*|swim*|river|welle*|ola(s)|vague(s)|onda(s)|波",
        "".join(_draw_line(_WAVE.format(*(f"{y + d:g}" for d in (0, -0.16, 0.16, -0.06))), 0.1) for y in (-0.24, 0.02, 0.28)),
    ),
    Motif(
        "tree(s)|oak(s)|forest|wood(s)|baum|bäume|wald|árbol|arbre|árvore|木",
        _draw_dot(0, -0.24, 0.25) + _add_mirror_image(_draw_dot(0.2, -0.02, 0.2)) + _draw_dot(0, 0, 0.2) + _draw_path("M-.05.05L.05.05L.07.4L.16.5L-.16.5L-.07.4z"),
    ),
    Motif(
        "flower(s)|florist*|blossom|bloom*|garden*|blume*|gärtner*|flores|flor|fleur(s)|jardin*|花",
        _repeat_around(_PETAL, 6) + _draw_dot(0, 0, 0.12, BACKGROUND) + _draw_dot(0, 0, 0.07),
    ),
    Motif("sun(s)|sunrise|solar|sonne*|sol|soleil|太陽|सूरज", _draw_dot(0, 0, 0.26) + _repeat_around(_RAY, 12)),
    Motif("moon(s)|night|mond|luna|lune|lua|月", _draw_path("M.16-.46A.48.48 0 1 0 .46.2A.4.4 0 0 1 .16-.46z") + _move(_draw_star(4, 0.14), 0.26, -0.2, 0.3)),
    Motif(
        "flame(s)|fire*|candle(s)|feuer*|fuego|feu|fogo",
        _draw_path("M.02-.5C.1-.26.36-.14.34.14C.32.36.16.5 0 .5C-.2.5-.34.34-.34.14C-.34-.02-.24-.12-.18-.24C-.14-.14-.1-.1-.04-.08C-.08-.24-.06-.38.02-.5z")
        + _draw_path("M.02.08C.06.18.15.2.14.32C.13.4.07.45 0 .45C-.08.45-.14.4-.14.31C-.13.22-.02.18.02.08z", BACKGROUND),
    ),
    Motif(
        "hous*|home(s)|hut(s)|cabin|roof*|realt*|haus|hütte|casa(s)|maison|家",
        _draw_path("M0-.46L.5-.02L.38-.02L.38.44L-.38.44L-.38-.02L-.5-.02z") + _draw_bar(-0.09, 0.12, 0.18, 0.34, BACKGROUND) + _add_mirror_image(_draw_bar(0.16, 0, 0.12, 0.12, BACKGROUND)),
    ),
    Motif("key(s)|lock*|schlüssel|llave(s)|clé|chave|鍵", _draw_line("M-.38 0A.16.16 0 1 0-.06 0A.16.16 0 1 0-.38 0z", 0.09) + _draw_line("M-.06 0L.44 0M.42 0L.42.16M.26 0L.26.13", 0.09)),
    Motif("music*|note(s)|choir|band|jazz|chor|música|musique|音楽", _draw_line("M-.16.28L-.16-.34L.32-.44L.32.2", 0.07) + _draw_path("M-.16-.38L.32-.48L.32-.32L-.16-.22z")
          + _draw_dot(-0.26, 0.3, 0.14) + _draw_dot(0.22, 0.22, 0.14)),
    Motif("heart(s)|love|care|charity|herz|corazón|cœur|coração|ハート", _draw_path("M0 .44C-.7-.02-.46-.5-.22-.44C-.1-.41-.03-.32 0-.24C.03-.32.1-.41.22-.44C.46-.5.7-.02 0 .44z")),
    Motif("pencil(s)|pen(s)|writ*|poet*|press|stift|lápiz|crayon|lápis|鉛筆", _rotate(_draw_bar(-0.1, -0.42, 0.2, 0.62) + _draw_path("M-.1.22L.1.22L0 .5z") + _draw_bar(-0.1, -0.3, 0.2, 0.04, BACKGROUND), 35)),
    Motif("rook(s)|chess|tower(s)|castle|ajedrez|torre|schach|tour|xadrez", _draw_path("M-.32-.46L-.18-.46L-.18-.36L-.07-.36L-.07-.46L.07-.46L.07-.36L.18-.36L.18-.46L.32-.46L.32-.2L.2-.12L.24.3L.36.36L.36.48L-.36.48L-.36.36L-.24.3L-.2-.12L-.32-.2z")
          + _draw_bar(-0.21, -0.08, 0.42, 0.05, BACKGROUND)),
    Motif("drop(s)|water|rain|soap(s)|tropfen|gota(s)|goutte|jabón|savon|sabun|水", _draw_path("M0-.5C.1-.25.36-.05.36.16A.36.34 0 0 1-.36.16C-.36-.05-.1-.25 0-.5z") + _draw_line("M-.2.18C-.2.28-.12.36-.02.37", 0.05, BACKGROUND)),
    Motif("leaf|leaves|fern(s)|herb(s)|plant(s)|eco|organic|nature|botan*|blatt|blätter|hoja(s)|feuille(s)|folha(s)|葉|पत्ती|ورقة|daun", _LEAF),
    Motif("star(s)|stern*|estrella(s)|étoile(s)|estrela(s)|星", _draw_star(5, 0.2)),
)  # fmt: skip


_MAX_MOTIFS = 2
_NEGATED_WORDS = "(no|not|without|never|sin|sans|ohne|kein*|sem|tanpa) (a |an |)*"
# The maximum number of characters searched for motifs.
MAX_MOTIF_CHARACTERS = 6_000


def find_motifs(text: str) -> list[Motif]:
    """Return the first two motifs that a text asks for, in order of appearance."""
    text = text[:MAX_MOTIF_CHARACTERS]
    text_without_negations = remove_forms(text, _NEGATED_WORDS)
    positions = [
        (match.start(), motif)
        for motif in MOTIFS
        if (match := build_pattern(motif.word_forms).search(text_without_negations))
    ]
    return [motif for _, motif in sorted(positions, key=itemgetter(0))][:_MAX_MOTIFS]


def draw_motif(motif: Motif, ink: str, background: str) -> str:
    """Return the SVG of a motif in the given colours."""
    return motif.svg.replace(INK, ink).replace(BACKGROUND, background)

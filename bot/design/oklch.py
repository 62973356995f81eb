"""Colours as OKLCH: lightness from 0 to 1, chroma, hue in degrees; perceptually uniform (Ottosson 2020)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

# The matrices between linear sRGB and OKLab (https://bottosson.github.io/posts/oklab/, read 2026-11).
_TO_LMS = (
    (0.4122214708, 0.5363325363, 0.0514459929),
    (0.2119034982, 0.6806995451, 0.1073969566),
    (0.0883024619, 0.2817188376, 0.6299787005),
)
_TO_LAB = (
    (0.2104542553, 0.7936177850, -0.0040720468),
    (1.9779984951, -2.4285922050, 0.4505937099),
    (0.0259040371, 0.7827717662, -0.8086757660),
)
_FROM_LAB = (
    (1.0, 0.3963377774, 0.2158037573),
    (1.0, -0.1055613458, -0.0638541728),
    (1.0, -0.0894841775, -1.2914855480),
)
_FROM_LMS = (
    (4.0767416621, -3.3077115913, 0.2309699292),
    (-1.2684380046, 2.6097574011, -0.3413193965),
    (-0.0041960863, -0.7034186147, 1.7076147010),
)
# The tolerance of the sRGB gamut, and the steps of the search for a chroma within it.
_ROUNDING, _MAX_STEPS = 0.0005, 24
_Triple = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Oklch:
    """A colour; one outside of sRGB is displayed with less chroma."""

    lightness: float
    chroma: float
    hue: float

    @property
    def hex(self) -> str:
        """The colour as #RRGGBB, with as much of its chroma as sRGB allows."""
        low, high = 0.0, self.chroma
        found = _to_rgb(self.lightness, self.chroma, self.hue)
        if not _is_displayable(found):
            for _ in range(_MAX_STEPS):
                half = (low + high) / 2
                low, high = (half, high) if _is_displayable(_to_rgb(self.lightness, half, self.hue)) else (low, half)
            found = _to_rgb(self.lightness, low, self.hue)
        return "#" + "".join(f"{round(255 * _from_linear(min(1.0, max(0.0, one)))):02X}" for one in found)


@lru_cache(maxsize=1024)
def parse_hex(colour: str) -> Oklch:
    """Parse a colour from #RRGGBB."""
    red, green, blue = (_to_linear(int(colour[at : at + 2], 16) / 255) for at in (1, 3, 5))
    large, medium, small = (math.cbrt(one) for one in _multiply(_TO_LMS, (red, green, blue)))
    lightness, a, b = _multiply(_TO_LAB, (large, medium, small))
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def compute_distance(one: str, other: str) -> float:
    """Return the perceptual distance of two colours."""
    first, second = parse_hex(one), parse_hex(other)
    across = 2 * math.sqrt(first.chroma * second.chroma) * math.sin(math.radians(first.hue - second.hue) / 2)
    return math.hypot(first.lightness - second.lightness, first.chroma - second.chroma, across)


def _to_rgb(lightness: float, chroma: float, hue: float) -> _Triple:
    turned = math.radians(hue)
    large, medium, small = _multiply(_FROM_LAB, (lightness, chroma * math.cos(turned), chroma * math.sin(turned)))
    return _multiply(_FROM_LMS, (large**3, medium**3, small**3))


def _is_displayable(rgb: _Triple) -> bool:
    return all(-_ROUNDING <= one <= 1 + _ROUNDING for one in rgb)


def _multiply(matrix: tuple[_Triple, _Triple, _Triple], values: _Triple) -> _Triple:
    first, second, third = (sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix)
    return first, second, third


def _to_linear(value: float) -> float:
    return value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4


def _from_linear(value: float) -> float:
    return 12.92 * value if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055

"""The shape that stands for a thing: a motif of the logos, a few more that scenes need, else a plain rounded block."""

# ruff: noqa: E501 - words and paths that are easier to read in long lines
from __future__ import annotations

import re
from dataclasses import dataclass

from bot.briefs import pattern_of
from bot.kinds._motifs import GROUND, INK, MOTIFS, Motif, drawn

from .reading import head_of

_NUMBERS = {"two": 2, "both": 2, "pair": 2, "couple": 2, "three": 3}
# More of a thing than three are three: a sketch tells many from one.
_MANY = 3
# Plurals that end otherwise, and words that only look like one.
_PLURAL = frozenset(
    [
        "people",
        "children",
        "men",
        "women",
        "geese",
        "mice",
        "sheep",
        "crowd",
        "band",
        "choir",
        "team",
        "crew",
        "family",
        "group",
        "guests",
    ]
)
_SINGULAR = frozenset(
    [
        "glass",
        "grass",
        "bus",
        "cactus",
        "octopus",
        "lens",
        "dress",
        "compass",
        "canvas",
        "bicycle's",
        "axis",
        "iris",
        "atlas",
        "chess",
    ]
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A shape in a box of 1 by 1 around the middle, and how often it stands side by side, `apart` by so many of its heights.

    What has no shape of its own is a `block` with its name in it.
    """

    svg: str = ""
    count: int = 1
    apart: float = 1.0

    @property
    def block(self) -> bool:
        """Whether it has no shape of its own."""
        return not self.svg

    @property
    def broad(self) -> float:
        """How broad it is for each unit of its height."""
        return 1.0 + self.apart * (self.count - 1)

    def inked(self, ink: str, ground: str) -> str:
        """The shape in its colours."""
        return drawn(Motif("", self.svg), ink, ground)


def _path(data: str, fill: str = INK) -> str:
    return f'<path d="{data}" fill="{fill}"/>'


def _line(data: str, width: float = 0.05, ink: str = INK) -> str:
    return f'<path d="{data}" fill="none" stroke="{ink}" stroke-width="{width:g}" stroke-linecap="round" stroke-linejoin="round"/>'


_PERSON = f'<circle cx="0" cy="-0.35" r="0.145" fill="{INK}"/>' + _path(
    "M-.24-.02C-.24-.13-.14-.18 0-.18C.14-.18.24-.13.24-.02L.24.2C.24.26.17.26.16.2L.15.02L.14.46C.14.51.03.51.03.46L.01.18L-.01.18L-.03.46C-.03.51-.14.51-.14.46L-.15.02L-.16.2C-.17.26-.24.26-.24.2z"
)
_ANIMAL = _path(
    "M-.34-.1C-.36-.22-.44-.24-.48-.34C-.42-.34-.36-.3-.33-.2C-.2-.24.06-.22.16-.2C.2-.3.24-.36.3-.36L.31-.45L.37-.37L.45-.36C.47-.35.5-.26.49-.22C.44-.18.4-.18.36-.12C.35 0 .33.08.3.14L.3.44L.22.44L.2.18C.06.22-.1.22-.2.16L-.22.44L-.3.44L-.32.1C-.34.04-.35-.02-.34-.1z"
)
_TABLE = _path("M-.5-.12L.5-.12L.5-.01L-.5-.01z") + _path(
    "M-.42-.01L-.33-.01L-.33.42L-.42.42zM.33-.01L.42-.01L.42.42L.33.42z"
)
_CHAIR = _path("M-.24-.5L-.15-.5L-.15-.02L.26-.02L.26.5L.17.5L.17.1L-.15.1L-.15.5L-.24.5z")
_WINDOW = _path("M-.38-.46L.38-.46L.38.46L-.38.46z") + _path(
    "M-.31-.39L-.03-.39L-.03-.03L-.31-.03zM.03-.39L.31-.39L.31-.03L.03-.03zM-.31.03L-.03.03L-.03.39L-.31.39zM.03.03L.31.03L.31.39L.03.39z",
    GROUND,
)
_DOOR = (
    _path("M-.26.5L-.26-.24A.26.26 0 0 1 .26-.24L.26.5z")
    + _path("M-.18.5L-.18-.22A.18.18 0 0 1 .18-.22L.18.5z", GROUND)
    + f'<circle cx="0.1" cy="0.14" r="0.035" fill="{INK}"/>'
)
_CLOUD = _path("M-.34.2C-.56.2-.54-.08-.34-.08C-.34-.3-.02-.36.06-.16C.22-.28.42-.14.36.02C.54.02.52.2.36.2z")
_CAR = _path("M-.5.18L-.5 0C-.48-.06-.38-.06-.34-.08L-.22-.26C-.2-.3-.16-.3-.12-.3L.14-.3C.2-.3.22-.28.26-.22L.34-.06C.42-.04.5-.02.5.08L.5.18z") + (
    f'<circle cx="-0.27" cy="0.2" r="0.11" fill="{INK}"/><circle cx="0.27" cy="0.2" r="0.11" fill="{INK}"/>'
    f'<circle cx="-0.27" cy="0.2" r="0.045" fill="{GROUND}"/><circle cx="0.27" cy="0.2" r="0.045" fill="{GROUND}"/>'
) + _path("M-.2-.1L-.13-.22L-.02-.22L-.02-.1zM.04-.1L.04-.22L.15-.22L.22-.1z", GROUND)  # fmt: skip
_BOTTLE = _path(
    "M-.08-.5L.08-.5L.08-.26C.08-.18.19-.14.19-.02L.19.42C.19.48.16.5.12.5L-.12.5C-.16.5-.19.48-.19.42L-.19-.02C-.19-.14-.08-.18-.08-.26z"
) + _path("M-.13.06L.13.06L.13.3L-.13.3z", GROUND)
_BOWL = _path("M-.46-.06L.46-.06C.46.2.26.36.14.38L.14.44L-.14.44L-.14.38C-.26.36-.46.2-.46-.06z")
_LAMP = (
    _path("M-.2-.16L.2-.16L.14.22L-.14.22zM-.12-.22L.12-.22L.12-.17L-.12-.17zM-.12.23L.12.23L.12.29L-.12.29z")
    + _line("M0-.24L0-.46M-.06-.46L.06-.46", 0.035)
    + f'<circle cx="0" cy="0.03" r="0.07" fill="{GROUND}"/>'
)
_HILL = _path("M-.5.3C-.4.02-.26-.14-.12-.14C.04-.14.12.06.2.1C.3 0 .42.06.5.3z")
_UMBRELLA = _path(
    "M-.48.02C-.44-.6.44-.6.48.02C.4-.08.28-.08.2.02C.12-.08-.12-.08-.2.02C-.28-.08-.4-.08-.48.02z"
) + _line("M0-.44L0 .36C0 .5-.18.48-.17.36", 0.045)
_ROUND = f'<circle r="0.42" fill="{INK}"/>'
_SHELF = _path("M-.5-.42L.5-.42L.5-.34L-.5-.34zM-.5-.04L.5-.04L.5.04L-.5.04zM-.5.34L.5.34L.5.42L-.5.42z") + _path("M-.42-.26L-.34-.26L-.34-.04L-.42-.04zM-.3-.2L-.2-.2L-.2-.04L-.3-.04zM-.1-.28L-.02-.28L-.02-.04L-.1-.04zM.2-.22L.34-.22L.34-.04L.2-.04zM-.36.14L-.2.14L-.2.34L-.36.34zM-.04.1L.06.1L.06.34L-.04.34zM.14.16L.3.16L.3.34L.14.34z")  # fmt: skip
_PAPER = _path("M-.3-.44L.3-.44L.3.44L-.3.44z") + _line(
    "M-.18-.22L.18-.22M-.18-.06L.18-.06M-.18.1L.18.1M-.18.26L.06.26", 0.04, GROUND
)
_ROAD = _path("M-.1-.4L.1-.4L.48.44L-.48.44z") + _line("M0-.3L0-.18M0-.08L0 .08M0 .2L0 .38", 0.035, GROUND)
_BRIDGE = _path("M-.5-.08C-.2-.22.2-.22.5-.08L.5.3L.36.3C.34.06-.34.06-.36.3L-.5.3z")
_BALLOON = _path(
    "M0-.5C.24-.5.34-.32.32-.16C.3.04.14.18.05.22L.08.28L-.08.28L-.05.22C-.14.18-.3.04-.32-.16C-.34-.32-.24-.5 0-.5z"
) + _line("M0 .28C.08.36-.06.42 0 .5", 0.025)
_SHOES = _path("M-.46.2L-.46-.16C-.4-.12-.26-.12-.2-.2L.1.02C.22.1.44.06.48.2L.48.28L-.46.28z")
_ROBOT = (
    _path(
        "M-.26-.34L.26-.34L.26-.02L-.26-.02zM-.2.02L.2.02L.2.34L-.2.34zM-.16.36L-.05.36L-.05.5L-.16.5zM.05.36L.16.36L.16.5L.05.5zM-.34.04L-.24.04L-.24.28L-.34.28zM.24.04L.34.04L.34.28L.24.28z"
    )
    + _line("M0-.34L0-.46", 0.04)
    + f'<circle cx="0" cy="-0.47" r="0.04" fill="{INK}"/><circle cx="-0.11" cy="-0.19" r="0.05" fill="{GROUND}"/><circle cx="0.11" cy="-0.19" r="0.05" fill="{GROUND}"/>'
)

# What motifs of logos do not have, or have another meaning for: a bakery is a house here, not an ear of wheat.
_MORE = (
    Motif(
        "m(a|e)n|wom(a|e)n|child(ren)|kid(s)|boy(s)|girl(s)|person(s)|people|neighbour(s)|neighbor(s)|friend(s)|crowd|couple|family|baker(s)|teacher(s)"
        "|gardener(s)|florist(s)|farmer(s)|fisherm(a|e)n|sailor(s)|runner(s)|hiker(s)|dancer(s)|singer(s)|player(s)|pianist|musician(s)|student(s)|pupil(s)"
        "|doctor|nurse|chef(s)|cook(s)|barista|waiter|mechanic(s)|worker(s)|artist|painter|potter|cyclist(s)|rider(s)|astronaut(s)|soldier(s)|king|queen"
        "|knight|wizard|witch|botanist|librarian|scientist(s)|customer(s)|guest(s)|team|crew|band|choir|figure(s)|silhouette(s)|mother|father|grandm*|grandfather"
        "|postm(a|e)n|swimmer(s)|climber(s)|skier(s)|elf|fairy|angel|baby|toddler|monk|trainer|coach|audience|passer*|diver(s)|owner|seller|vendor(s)",
        _PERSON,
    ),
    Motif("robot(s)|android", _ROBOT),
    Motif(
        "dog(s)|puppy|puppies|wolf|wolves|hound(s)|terrier|retriever|collie|labrador|husky|sheepdog|dachshund",
        _ANIMAL,
    ),
    Motif("goose|geese|duck(s)|hen(s)|chicken(s)|seagull(s)|gull(s)|eagle|falcon|hawk|crow(s)|raven(s)|parrot|pigeon(s)|robin|heron|crane(s)|swan(s)|penguin(s)", next(one.svg for one in MOTIFS if "swallow" in one.words)),
    Motif("bakery|caf(e|é)|shop(s)|store(s)|school(s)|library|church(es)|chapel|barn(s)|mill|station|temple|museum|cottage(s)|building(s)|village|town|city|skyline|stall(s)|market|factory|farm*|greenhouse|house(s)|kiosk|inn|hotel|villa|cabins", next(one.svg for one in MOTIFS if one.words.startswith("hous"))),
    Motif("birch(es)|pine(s)|fir(s)|spruce(s)|beech(es)|palm(s)|willow(s)|bush(es)|hedge(s)|woods|woodland|orchard", next(one.svg for one in MOTIFS if one.words.startswith("tree"))),
    Motif("table(s)|desk(s)|bench(es)|workbench", _TABLE),
    Motif("chair(s)|armchair|seat(s)|sofa|throne", _CHAIR),
    Motif("window(s)|skylight", _WINDOW),
    Motif("door(s)|doorway|gate(s)|arch(es)|archway|entrance", _DOOR),
    Motif("cloud(s)|fog|mist|smoke|steam", _CLOUD),
    Motif("car(s)|van(s)|truck(s)|bus(es)|tram|taxi|jeep|vehicle(s)", _CAR),
    Motif("bottle(s)|vial|flask|perfume|potion", _BOTTLE),
    Motif("bowl(s)|dish(es)|basin", _BOWL),
    Motif("lamp(s)|lantern(s)|bulb|lightbulb|chandelier|streetlamp(s)|torch(es)", _LAMP),
    Motif("hill(s)|dune(s)|rock(s)|stone(s)|boulder(s)|cliff(s)|island(s)|mound|loaf|loaves", _HILL),
    Motif("umbrella(s)|parasol(s)", _UMBRELLA),
    Motif("ball(s)|globe|planet(s)|earth|apple(s)|orange(s)|lemon(s)|tomato(es)|pumpkin(s)|coin(s)|bubble(s)|peach(es)|plum(s)", _ROUND),
    Motif("shel(f|ves)|bookshel(f|ves)|bookcase", _SHELF),
    Motif("letter(s)|poster(s)|paper(s)|map(s)|card(s)|menu|sign(s)|blackboard|chalkboard|notebook(s)|newspaper|calendar", _PAPER),
    Motif("road(s)|path(s)|street(s)|lane|alley|trail|highway", _ROAD),
    Motif("bridge(s)|aqueduct|viaduct", _BRIDGE),
    Motif("balloon(s)", _BALLOON),
    Motif("sunflower(s)|rose(s)|tulip(s)|daisy|daisies|poppy|poppies|peony|peonies|dahlia(s)|lily|lilies|wildflowers", next(one.svg for one in MOTIFS if one.words.startswith("flower"))),
    Motif("shoe(s)|sneaker(s)|boot(s)|trainers", _SHOES),
)  # fmt: skip

# What is far higher than broad stands closer together.
_SLIM = frozenset([_PERSON, _BOTTLE, _LAMP, _DOOR, _BALLOON, _CHAIR, _PAPER])


def figure_of(name: str) -> Figure:
    """The shape for a thing, by the word that says what it is."""
    head = head_of(name)
    for motif in (*_MORE, *MOTIFS):
        if head and (found := pattern_of(motif.words).search(head)) and found.span() == (0, len(head)):
            return Figure(motif.svg, _count(name, head), 0.5 if motif.svg in _SLIM else 1.0)
    return Figure()


def _count(name: str, head: str) -> int:
    """How many there are, three for many."""
    first = re.findall(r"[^\W_]+", name.casefold())[:2]
    for word in first:
        if word in _NUMBERS:
            return _NUMBERS[word]
        if word.isdecimal() and int(word[:3]) > 1:
            return min(int(word[:3]), _MANY)
        if word in ("a", "an", "one") and head not in _PLURAL:
            return 1
    plural = head in _PLURAL or (head.endswith("s") and not head.endswith("ss") and head not in _SINGULAR)
    return _MANY if plural else 1

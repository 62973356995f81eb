"""From the fields of a scene to a plan: what is seen, where it stands, how near, from where the light comes. Pure.

Prompts are in English whatever the reader's language, and so are the words that are looked for here. What a field does not tell
is not made up: without a word about the light there is none.
"""

# ruff: noqa: E501 - patterns that are easier to read in long lines
from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from .plan import Across, Angle, Depth, Ground, Place, Plan, Shot, Thing, Up
from .words import lights, phrases, single, whole

# Things that a sketch shows beside its subject, and characters of a field that are read.
MOST_THINGS, MOST_READ = 9, 400


# The words that say where, to be taken from a name: "a cat on the left", "distant hills".
_WHERE = whole(
    r"(?:(?:standing|sitting|placed|positioned|set|seen|visible|just|far|low|high)\s+)?(?:in|on|at|to|into|towards?|along|from|across)\s+(?:the\s+)?"
    r"(?:(?:very|far|extreme|upper|lower|top|bottom|left|right|immediate)[- ]?(?:hand)?\s*)*"
    r"(?:left|right|cent(?:re|er)|middle|foreground|background|distance|front|back|top|bottom|third|half|side|corner|edge|frame|horizon)s?"
    r"(?:\s+(?:third|half|side|corner|edge))?(?:\s+of the (?:frame|picture|image|page|cover|poster|scene))?"
    r"|(?:(?:just|slightly|well|far)\s+)?(?:left|right)\s+of\s+(?:the\s+)?cent(?:re|er)|cent(?:red|ered)|off[- ]cent(?:re|er)|(?:top|bottom|upper|lower|left|right)(?:[- ](?:left|right|third|half|side|corner))*(?=$|\s*$)"
    r"|(?:foreground|background)$"
)
_DISTANT = re.compile(r"^(?:the\s+)?(?:distant|far[- ]off|faraway)\s+", re.IGNORECASE)
# The shot in the subject's words: "close-up of a hand".
_SHOT_OF = re.compile(
    r"(?:an? )?(?:extreme |tight )?(?:close[- ]?up|macro(?: shot| photo)?|wide shot|aerial (?:view|shot)|panorama) of (?=\w)",
    re.IGNORECASE,
)
_QUANTITY = (
    r"(?:a|an|the|one|two|three|four|five|six|seven|eight|nine|ten|some|several|many|few|his|her|its|their|our|my|\d+)"
)
_AND = re.compile(rf"\s+(?:and|&|plus|as well as)\s+(?={_QUANTITY}\s)", re.IGNORECASE)
_COMMA = re.compile(r"\s*[,;]\s*(?:and\s+)?")
# Where a second thing begins, and how it stands to the first.
_RELATION = re.compile(
    r"\s+(?P<how>next to|beside|alongside|near|close to|by|in front of|behind|underneath|under|beneath|below|above|over|on top of|on|against|facing)\s+"
    rf"(?={_QUANTITY}\s+(?!(?:left|right|cent|middle|foreground|background|top|bottom|floor|ground|way|wall|horizon|distance|edge|side|air|phone|move|shoulders?|head|hands?|lap|back|knees?|arms?|face|feet|neck|lips|finger)))",
    re.IGNORECASE,
)
_HOW: dict[str, Place] = {
    "in front of": Place(depth="background", by="beside"), "behind": Place(depth="foreground", by="beside"),
    "against": Place(depth="background"), "on": Place(by="over"), "on top of": Place(by="over"), "above": Place(by="over"),
    "over": Place(by="over"), "under": Place(by="under"), "underneath": Place(by="under"), "beneath": Place(by="under"),
    "below": Place(by="under"),
}  # fmt: skip
_IN_SETTING = re.compile(
    r"\s+(?:with|full of|filled with|by|near|beside|next to|under|behind|in front of|overlooking|surrounded by|lined with|facing|below|beneath)\s+",
    re.IGNORECASE,
)
_LEADS = re.compile(r"^(?:set\s+)?(?:in|on|at|inside|within|against|and|with|of|plus|during|under)\s+", re.IGNORECASE)
_DOING = re.compile(
    r"^(?:\w+ly\s+)?(?!ceiling|railing|wing|ring|string|king|building|painting|morning|evening|spring)\w+(?:ing|ed)\b",
    re.IGNORECASE,
)


def plan_of(scene: Mapping[str, Any]) -> Plan:
    """The plan of a scene: "subject", "setting", "light", "style", "composition" and "text", "palette", "keep_out" and "ratio"."""
    told = {name: str(scene.get(name, ""))[:MOST_READ].strip() for name in _FIELDS}
    if shot := _SHOT_OF.match(told["subject"]):
        told["subject"], told["composition"] = told["subject"][shot.end() :], f"{shot.group()}, {told['composition']}"
    subject, *more = _things(told["subject"])
    setting, around = _setting(told["setting"])
    others = [*more, *around]
    plan = Plan(
        ratio=_ratio(scene),
        subject=subject,
        setting=setting,
        ground=_ground(setting),
        light=told["light"],
        light_from=light_from(told["light"]),
        style=told["style"],
        palette=tuple(str(one)[:60] for one in scene.get("palette", ()))[:6],
        text=told["text"],
        keep_out=tuple(str(one)[:60] for one in scene.get("keep_out", ()))[:6],
    )
    plan, others = _composed(plan, others, told["subject"], told["composition"])
    return replace(plan, things=tuple(map(_usual, _once(others, plan.subject)))[:MOST_THINGS])


_FIELDS = ("subject", "setting", "light", "style", "composition", "text")


def _ratio(scene: Mapping[str, Any]) -> tuple[int, int]:
    width, height = scene.get("ratio", (1, 1))
    return max(1, int(width)), max(1, int(height))


def light_from(light: str) -> str:
    """The side that light is told to come from; empty where none is."""
    found = [(at.start(), side) for side, pattern in lights().items() if (at := pattern.search(light))]
    return min(found)[1] if found else ""


def place_in(text: str) -> Place:
    """Where a text says that something is."""
    across: Across = "left" if _tells("left", text) else "right" if _tells("right", text) else ""
    if not across and _tells("centre", text):
        across = "centre"
    depth: Depth = "foreground" if _tells("front", text) else "background" if _tells("back", text) else ""
    up: Up = "top" if _tells("top", text) else "bottom" if _tells("bottom", text) else ""
    return Place(across, depth, up)


def _tells(name: str, text: str) -> bool:
    return bool(phrases(name).search(text))


def head_of(name: str) -> str:
    """The word that says what a thing is: "fox" of "a grumpy red fox in a scarf"."""
    first = re.split(
        r"[,;]|\s(?:with|of|in|on|at|from|by|for|that|which|who|whose|under|over|behind|beside|near|made|to|into|through"
        r"|against|wearing|full|as|and)\s",
        f"{name} ",
        maxsplit=1,
        flags=re.IGNORECASE,
    )[0]
    words = re.findall(r"[^\W\d_]+(?:['’-][^\W\d_]+)*", first)
    for at, word in enumerate(words):
        if at > 1 and re.fullmatch(r"\w{2,}(?:ing|ed)", word) and word.casefold() not in single("nouns"):
            words = words[:at]
            break
    return words[-1].casefold() if words else ""


def _stripped(clause: str) -> tuple[str, Place]:
    """A thing's name without the words about its place, and the place."""
    where = " ".join(found.group() for found in _WHERE.finditer(clause))
    distant = _DISTANT.search(clause)
    place = place_in(where)
    if distant:
        place = place.joined(Place(depth="background"))
    name = re.sub(r"\s+", " ", _WHERE.sub("", clause)).strip(" ,.;:-")
    return name, place


def _clauses(text: str) -> list[str]:
    """Texts between commas; what only describes what stands before it stays with that."""
    made: list[str] = []
    for clause in filter(None, (one.strip(" .") for one in _COMMA.split(text))):
        if made and (
            _DOING.match(clause) or (_tells("body", clause) and len(clause.split()) <= 3) or _unfinished(made[-1])
        ):
            made[-1] += f", {clause}"
        else:
            made.append(clause)
    return made


def _unfinished(clause: str) -> bool:
    """Whether a comma stood between two adjectives: "a small, round teapot"."""
    return bool(re.fullmatch(r"(?:a|an|the)\s+\w+", clause, re.IGNORECASE)) and clause.split()[1].casefold() in single(
        "adjectives"
    )


def _things(text: str) -> list[Thing]:
    """The things that a phrase names, the first of them the main one; always one at least."""
    made: list[Thing] = []
    for clause in _clauses(text):
        for part in _AND.split(clause):
            pieces = _RELATION.split(part)
            name, place = _stripped(pieces[0])
            if name:
                made.append(Thing(name, place))
            for how, other in zip(pieces[1::2], pieces[2::2], strict=True):
                said, at = _stripped(other)
                if said:
                    made.append(Thing(said, at.joined(_HOW.get(how.casefold(), Place(by="beside")))))
    return made or [Thing(text or "…")]


def _setting(text: str) -> tuple[str, list[Thing]]:
    """What the place is called, and what is told to stand in it."""
    name, around = "", list[Thing]()
    for number, clause in enumerate(_clauses(text)):
        parts = [part for one in _IN_SETTING.split(clause) for part in _AND.split(one)]
        for at, part in enumerate(parts):
            said, place = _stripped(_LEADS.sub("", part))
            if number == at == 0:
                name = part.strip(" ,.")
            elif said:
                around.append(Thing(said, place.joined(Place(depth="background"))))
    return name, around


def _ground(setting: str) -> Ground:
    if not setting or _tells("groundless", setting):
        return "room" if _tells("indoors", setting) else "none"
    return "room" if _tells("indoors", setting) else "line"


def _composed(plan: Plan, others: list[Thing], subject: str, composition: str) -> tuple[Plan, list[Thing]]:
    """The plan with what the composition says of shot, angle and places."""
    shot: Shot = "close" if _tells("close", composition) else "wide" if _tells("wide", composition) else "medium"
    angle: Angle = "above" if _tells("above", composition) else "low" if _tells("low", composition) else ""
    if not angle and _tells("high", composition):
        angle = "high"
    plan = replace(plan, shot=shot, angle=angle)
    for clause in (one for part in _COMMA.split(composition) for one in _AND.split(part)):
        place = place_in(clause)
        if _tells("free", clause):
            plan = replace(plan, free=place)
            continue
        bare = _without(clause, "high", "low", "above", "wide", "close")
        name, at = _stripped(bare)
        head = head_of(name)
        if _tells("letters", name) and place.told:
            plan = replace(plan, text_place=place)
        elif not place.told or (not at.told and name and head not in _words_of(subject)):
            continue
        elif not name or head in single("generic") | single("abstract") or head in _words_of(plan.subject.name):
            plan = replace(plan, subject=replace(plan.subject, place=replace(at, depth="") if at.told else place))
        else:
            others = _placed(others, Thing(name, at if at.told else place), head)
    return plan, others


def _without(text: str, *names: str) -> str:
    for name in names:
        text = phrases(name).sub("", text)
    return text


def _words_of(text: str) -> set[str]:
    return {word.casefold() for word in re.findall(r"[^\W\d_]{3,}", text)}


def _placed(others: Sequence[Thing], told: Thing, head: str) -> list[Thing]:
    """The things with the place of one of them, or with one more."""
    for at, thing in enumerate(others):
        if head and head in _words_of(thing.name):
            return [*others[:at], replace(thing, place=told.place.joined(thing.place)), *others[at + 1 :]]
    return [*others, told]


def _usual(thing: Thing) -> Thing:
    """A thing with the place that its nature gives it, as far as the prompt gives it none."""
    head = head_of(thing.name)
    if phrases("aloft").fullmatch(head) and thing.place in (Place(), Place(depth="background")):
        return replace(thing, place=Place(depth="background", up="top"))
    return (
        replace(thing, place=Place(depth="background"))
        if phrases("far").fullmatch(head) and not thing.place.told
        else thing
    )


def _once(things: Sequence[Thing], subject: Thing) -> list[Thing]:
    """Each thing once, and none that is the subject again."""
    seen, kept = {subject.name.casefold()}, list[Thing]()
    for thing in things:
        if thing.name.casefold() not in seen:
            seen.add(thing.name.casefold())
            kept.append(thing)
    return kept

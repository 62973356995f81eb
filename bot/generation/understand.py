"""What a brief says about form, read by a capable model beside the patterns: structured output of the same type."""

from __future__ import annotations

import asyncio
import json
import logging
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, get_args

from bot.briefs import CountBound, Form, Reading, SizeBound, numbers_in, read_by_patterns, things_to_avoid
from bot.briefs.reading import NOUNS, PLACES, Unit
from bot.engines import Ask, Engine, Engines
from bot.errors import EngineError

from .draft import partial, unwrapped
from .rendered import statements

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

log = logging.getLogger(__name__)

# Seconds that a text waits for what a model notes of its brief; then it is written by the patterns' reading alone.
LATEST_SECONDS = 20.0
# Characters of a brief that a model reads for its form; what is longer brings the text that it is about.
_MOST_READ = 2_000
_MOST_TOKENS = 400
# Readings that are kept, so that a brief that is made anew is not read again.
_KEPT = 512
_MOST_STATEMENTS = 8
# Statements of the patterns that are put before a model.
_MOST_READ_BY_PATTERNS = 20
# Fields of a reading that hold several statements, and those that are one.
_LISTS = ("count", "size", "include", "avoid", "barred", "exact")
_SINGLE = ("minutes", "place", "shape", "model", "language", "level", "audience", "tone")
_NUMBER = {"type": "integer", "minimum": 0, "maximum": 99_999}
_PROMPT = (
    "You note down what a brief says about the FORM of the text that it asks for. Note only what the brief says itself; leave "
    'lists empty and texts "" for the rest. '
    'count: how many of something, low = high for an exact number, low 0 for "at most", high 0 for "at least". '
    'size: how long a part or "all" of the text is, low 0 or high 0 where that end is open, both the same for "about". Numbers of the '
    "subject (dates, prices, ages, people) are no form. avoid: kinds of things that must not stand in the text. "
    "wrong: below the brief may stand what code read of it by patterns, numbered. Give the numbers of those statements that the brief "
    "does not make: a number of the subject taken for one of the form, a part for the whole or another part, words for wanted that are "
    "ruled out or only mentioned, for unwanted that are wanted or only not to be dwelt on. Most are right. "
    "own_form: below the brief may stand the form that the text will be put into: these parts, in that order, with labels of ours, and "
    "nothing else. true where a good writer would hand over another text for this brief: it names parts, an order, a place for "
    "something, labels, a layout (a table, columns, lines to write on, something to print, cut or read out), a part less or more, or a "
    "purpose that such a form does not serve. false where it says no more than what the text is about, for whom, how it sounds, how "
    "long it or a part of the form is, how many entries it has, which words it holds or avoids. In doubt true: the text is then "
    "written as the brief lays it down."
)
_READ, _FORM = "Read by patterns:", "The text will be put into this form:"
_EXAMPLES = (
    (
        "need 4 to 6 linkedin posts on our move to Hull, 80-120 words each, no hashtags pls, end with 'See you there'",
        {"count": [{"what": "post", "low": 4, "high": 6}], "size": [{"of": "post", "unit": "words", "low": 80, "high": 120}],
         "place": "linkedin", "avoid": ["hashtags"], "wrong": [], "own_form": False},
    ),
    (
        "Arbeitsblatt Bruchrechnen für 28 Schüler, mind. zehn Aufgaben, höchstens eine Seite, einfache Sprache, bitte auf Englisch",
        {"count": [{"what": "task", "low": 10, "high": 0}], "size": [{"of": "all", "unit": "pages", "low": 0, "high": 1}],
         "place": "", "avoid": [], "wrong": [], "own_form": False},
    ),
    (
        f"email to the members: the pool is closed till 3 May, our 2nd one\n\n{_READ}\n1. 2 emails\n2. for readers: the members",
        {"count": [], "size": [], "place": "", "avoid": [], "wrong": [1], "own_form": False},
    ),
    (
        "press release, new lift at the station opens 4 May, 200 words, one quote of the mayor, leave a gap for the architect's, "
        f"founding facts last in two lines\n\n{_READ}\n1. 200 words\n2. 2 lines\n\n{_FORM} headline; lead; body, several; "
        "quotes, several",
        {"count": [{"what": "quote", "low": 1, "high": 1}], "size": [], "place": "", "avoid": [], "wrong": [2], "own_form": True},
    ),
    (
        "study notes on the water cycle: a two-column table, left a pupil's question, right the answer, a line to fill in below each"
        f"\n\n{_FORM} title; sections, several with heading, text; key terms, several with term, meaning",
        {"count": [], "size": [], "place": "", "avoid": [], "wrong": [], "own_form": True},
    ),
)  # fmt: skip


def _listed(entry: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": entry, "maxItems": most}


def _group(**fields: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _one(*values: str) -> dict[str, Any]:
    return {"type": "string", "enum": list(values)}


def _schema() -> dict[str, Any]:
    return _group(
        count=_listed(_group(what=_one(*NOUNS), low=_NUMBER, high=_NUMBER), _MOST_STATEMENTS),
        size=_listed(
            _group(of=_one("all", *NOUNS), unit=_one(*get_args(Unit)), low=_NUMBER, high=_NUMBER), _MOST_STATEMENTS
        ),
        place=_one("", *PLACES),
        avoid=_listed(_one(*things_to_avoid()), _MOST_STATEMENTS),
        wrong=_listed(_NUMBER, _MOST_READ_BY_PATTERNS),
        own_form={"type": "boolean"},
    )


def reader_of(engines: Engines, *, local: bool = True) -> Engine | None:
    """The first engine that reads briefs: it is capable, and follows what it is told rather than examples; `local` ones too."""
    able = (one for one in engines.all if one.traits.capable and not one.traits.by_example)
    return next((one for one in able if local or not one.traits.local), None)


class Understanding:
    """Readings of briefs, by a capable model where there is one, each brief read once; by one in this process where `local`."""

    def __init__(self, *, local: bool = True) -> None:
        self.local = local
        # What a model noted of a brief, by its name and the form of the brief's kind.
        self._known: OrderedDict[tuple[str, Form, str, str], dict[str, Any]] = OrderedDict()

    async def read(self, brief: str, form: Form, engine: Engine | None) -> tuple[Reading, str]:
        """What a brief says about form, and who read it: "model" or "patterns".

        Without a capable engine, or where it fails, the patterns stand alone.
        """
        patterns = read_by_patterns(brief, form)
        if engine is None or not engine.traits.capable:
            return patterns, "patterns"
        try:
            return merged(patterns, await self._noted(patterns, form, engine)), "model"
        except EngineError:
            return patterns, "patterns"

    async def noted(self, brief: str, form: Form, engines: Engines, arrangement: str = "") -> dict[str, Any]:
        """What a capable model notes of a brief, as plain data for `merged`; also whether the text that it asks for fits the
        `arrangement`, the parts of its kind in words.

        Nothing where there is none, where it failed a moment ago, and where it fails now or is late, which the log tells.
        """
        engine = reader_of(engines, local=self.local)
        patterns = read_by_patterns(brief, form)
        if engine is None or engine.resting or not patterns.manner.told.strip():
            return {}
        try:
            async with asyncio.timeout(LATEST_SECONDS):
                return await self._noted(patterns, form, engine, arrangement)
        except (EngineError, TimeoutError) as error:
            log.warning("a brief was read by patterns alone: %s", type(error).__name__, extra={"engine": engine.name})
            return {}

    async def _noted(self, patterns: Reading, form: Form, engine: Engine, arrangement: str = "") -> dict[str, Any]:
        """What the model notes of an order, which is a brief without the text that is worked on, beside what patterns read of it."""
        key = (engine.name, form, arrangement, patterns.manner.told)
        if key not in self._known:
            found = partial(unwrapped(await engine.complete(_ask(patterns, arrangement))))
            self._known[key] = found if isinstance(found, dict) else {}
            while len(self._known) > _KEPT:
                self._known.popitem(last=False)
        self._known.move_to_end(key)
        return self._known[key]


@dataclass(frozen=True, slots=True)
class Statement:
    """One thing that patterns read of a brief: the field of a reading, its value or one of its entries, and that in words."""

    name: str
    value: Any
    told: str


def statements_of(reading: Reading) -> list[Statement]:
    """What patterns read of a brief, statement by statement, in an order that only the reading decides."""
    found = [Statement(name, entry, _told({name: (entry,)})) for name in _LISTS for entry in getattr(reading, name)]
    found += [Statement(name, value, _told({name: value})) for name in _SINGLE if (value := getattr(reading, name))]
    return [one for one in found if one.told][:_MOST_READ_BY_PATTERNS]


def _told(fields: dict[str, Any]) -> str:
    if figures := fields.get("exact"):
        return f"the text must hold: {figures[0]}"
    return "; ".join(map(str, statements(Reading(**fields))))


def without(reading: Reading, wrong: Sequence[Statement]) -> Reading:
    """The reading without some of its statements; words among them are remembered as `struck`, as others read briefs for words too."""
    left: dict[str, Any] = {}
    for one in wrong:
        if one.name in _LISTS:
            kept = left.get(one.name, getattr(reading, one.name))
            left[one.name] = tuple(entry for entry in kept if entry != one.value)
        else:
            left[one.name] = None if one.name == "minutes" else ""
    # What says the same elsewhere in the reading goes with it.
    left |= {
        also: nothing for name, also, nothing in (("minutes", "lasting", None), ("place", "venue", "")) if name in left
    }
    worded = [one for one in wrong if one.name not in ("count", "size", "minutes")]
    words = [one.value[1] if one.name == "barred" else one.value for one in worded]
    include = left.get("include", reading.include)
    everywhere = tuple(word for word in reading.everywhere if word in include)
    return reading.model_copy(update={**left, "everywhere": everywhere, "struck": tuple(words)})


def _ask(patterns: Reading, arrangement: str) -> Ask:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    messages: list[BaseMessage] = [SystemMessage(_PROMPT)]
    for said, reading in _EXAMPLES:
        messages += [HumanMessage(said), AIMessage(json.dumps(reading, ensure_ascii=False, separators=(",", ":")))]
    asked = [patterns.manner.told[:_MOST_READ]]
    if statements := statements_of(patterns):
        asked.append("\n".join([_READ, *(f"{number}. {one.told}" for number, one in enumerate(statements, 1))]))
    asked += [f"{_FORM} {arrangement}"] if arrangement else []
    messages.append(HumanMessage("\n\n".join(asked)))
    return Ask(messages, _schema(), 1_000, _MOST_TOKENS, seed=1, temperature=0.0)


def merged(patterns: Reading, given: Any) -> Reading:
    """The patterns' reading of a brief without what a model says is wrong of it, and with what it found besides.

    Numbers that the brief does not have are refused, and so is a second meaning of a number that the patterns have read: where the
    two differ on a number, the pattern's stands. Languages, levels, durations and literals are the pattern's alone, as models name
    them for most briefs (docs/quality.md).
    """
    if not isinstance(given, dict):
        return patterns
    known, statements = numbers_in(patterns.manner.told), statements_of(patterns)
    struck = given.get("wrong")
    wrong = {number for number in struck if _whole(number)} if isinstance(struck, list) else set()
    patterns = without(patterns, [one for number, one in enumerate(statements, 1) if number in wrong])
    taken = _taken(patterns)
    counts, sizes = list(patterns.count), list(patterns.size)
    for entry in _entries(given, "count"):
        what, low, high = str(entry.get("what")), _whole(entry.get("low")), _whole(entry.get("high"))
        new = what in NOUNS and all(one.what != what for one in counts)
        numbers = {value for value in (low, high) if value}
        if new and numbers and numbers <= known and not numbers & taken:
            counts.append(CountBound(what=what, low=low, high=high or None))
    for entry in _entries(given, "size"):
        size = _size(entry)
        if size is None or any((one.of, one.unit) == (size.of, size.unit) for one in sizes):
            continue
        numbers = {value for value in (size.low, size.high, size.about) if value}
        if numbers and numbers <= known and not numbers & taken:
            sizes.append(size)
    avoid = [text.strip() for text in _texts(given, "avoid") if text.strip() in things_to_avoid()]
    return patterns.model_copy(
        update={
            "count": tuple(counts),
            "size": tuple(sizes),
            "place": patterns.place or _one_of(given.get("place"), PLACES),
            "avoid": tuple(dict.fromkeys([*patterns.avoid, *avoid])),
            "own_form": given.get("own_form") is True,
        }
    )


def _taken(reading: Reading) -> set[int]:
    numbers: set[int | None] = {reading.minutes}
    for count in reading.count:
        numbers |= {count.low, count.high}
    for size in reading.size:
        numbers |= {size.low, size.high, size.about}
    return {number for number in numbers if number}


def _entries(given: dict[str, Any], name: str) -> list[dict[str, Any]]:
    found = given.get(name)
    return [entry for entry in found if isinstance(entry, dict)] if isinstance(found, list) else []


def _texts(given: dict[str, Any], name: str) -> list[str]:
    found = given.get(name)
    return [entry for entry in found if isinstance(entry, str)] if isinstance(found, list) else []


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0


def _one_of(value: Any, allowed: tuple[str, ...]) -> str:
    return value if isinstance(value, str) and value in allowed else ""


def _size(entry: dict[str, Any]) -> SizeBound | None:
    of, unit, low, high = str(entry.get("of")), entry.get("unit"), _whole(entry.get("low")), _whole(entry.get("high"))
    if unit not in get_args(Unit) or of not in ("all", *NOUNS):
        return None
    if low == high and unit in ("words", "characters"):
        return SizeBound(of=of, unit=unit, about=low)
    return SizeBound(of=of, unit=unit, low=low or None, high=high or None)

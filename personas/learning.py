"""What a person's votes, wishes, choices and edits say about their taste, and when that becomes an entry. Pure.

A signal says once that a field should have a value. Two that agree, with none between them that contradicts, make an entry;
one that contradicts begins the count anew. So whatever is known can be told again from the signals, and a signal that is
taken back leaves no trace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from .habits import Habits, checked
from .ledger import ME, Entry
from .ledger import brand as of_brand
from .profile import CEFR_GRADES, MAX_ENTRIES, EmojiUse, Length, Profile, ProfileError

# A "contrast" is what a vote without a reason shows beside earlier ones.
Source = Literal["vote", "variant", "wish", "edit", "contrast"]
# What somebody says holds already; or some of it was said about one result only; or neither.
Standing = Literal["known", "once", ""]
ENOUGH = 2
# Fields that hold several entries, each of which is learnt on its own.
SETS = ("avoid_words", "prefer_terms", "notes")
_OPPOSITE = {"avoid_words": "prefer_terms", "prefer_terms": "avoid_words"}
_LENGTHS: tuple[Length, ...] = ("short", "medium", "long")
_EMOJI: tuple[EmojiUse, ...] = ("none", "few", "many")
_LEVELS = tuple(f"CEFR {level}" for level in (*CEFR_GRADES, "C2"))
# Without a level texts are written for readers of about this one.
_USUAL_LEVEL = "CEFR B2"


@dataclass(frozen=True, slots=True)
class Signal:
    """One sign of a taste: `field` should be `value`, or hold it. `result` is the id of what it is about.

    `profile` and `brand` are the ids of those that the result was made as.
    """

    field: str
    value: Any
    source: Source
    result: str
    profile: str = ""
    id: str = ""
    created_at: datetime = made_by(default_factory=lambda: datetime.now(UTC))
    brand: str = ""

    @property
    def ref(self) -> str:
        """How an entry names it as its evidence."""
        return f"{self.source}:{self.result}"


def lessons(
    signals: Iterable[Signal],
    held: Mapping[str, Any],
    profile: str = "",
    brand: str = "",
    scopes: Mapping[str, str] = MappingProxyType({}),
) -> list[Entry]:
    """The entries that the signals have come to, oldest first; without those whose value is `held` already.

    What results taught that were made as a brand holds for that brand: another brand's texts may be unlike them. A word or
    a note is added to the list that holds, wherever that does: a list of the brand's own would stand in its way. `scopes`
    tells where the fields that are held come from. What somebody said about a field goes before any contrast.
    """
    runs: dict[tuple[str, str], list[Signal]] = {}
    mine = [one for one in signals if one.profile == profile and (one.field in SETS or one.brand == brand)]
    said = {one.field for one in mine if one.source != "contrast"}
    for signal in sorted(mine, key=lambda one: one.created_at):
        if signal.source == "contrast" and signal.field in said:
            continue
        run = runs.setdefault(_topic(signal), [])
        if run and _meaning(run[-1]) != _meaning(signal):
            run.clear()
        if signal.ref not in {one.ref for one in run}:
            run.append(signal)
    known, found = dict(held), []
    for run in runs.values():
        if len(run) < ENOUGH:
            continue
        name = run[-1].field
        scope = scopes.get(name, ME) if name in SETS or not brand else of_brand(brand)
        entry = _entry(run, known, profile, scope)
        if entry is not None:
            known[entry.field] = entry.value
            found.append(entry)
    return found


def _topic(signal: Signal) -> tuple[str, str]:
    """What signals contradict each other about."""
    if signal.field in _OPPOSITE:
        return "words", str(signal.value).casefold()
    return signal.field, str(signal.value).casefold() if signal.field in SETS else ""


def _meaning(signal: Signal) -> Any:
    return signal.field if signal.field in SETS else signal.value


def _entry(run: Sequence[Signal], held: Mapping[str, Any], profile: str, scope: str) -> Entry | None:
    last = run[-1]
    value = last.value
    if _holds(last, held):
        return None
    if last.field in SETS:
        before = list(held.get(last.field) or ())
        if len(before) >= MAX_ENTRIES:
            return None
        value = [*before, value]
    if not _can_be(last.field, value):
        return None
    evidence = " ".join(one.ref for one in run)
    return Entry("", last.field, value, scope, "learnt", evidence, sure(len(run)), profile)


def _can_be(name: str, value: Any) -> bool:
    """Whether a field can have a value: what could not be read again must not be learnt."""
    try:
        if name in Habits.model_fields:
            checked(name, value)
        else:
            Profile.of({name: value})
    except ProfileError:
        return False
    return True


def standing(signals: Sequence[Signal], ref: str, held: Mapping[str, Any]) -> Standing:
    """How what one source says about a result stands beside all signals and what is held."""
    mine = [one for one in signals if one.ref == ref]
    new = [one for one in mine if not _holds(one, held)]
    if not new:
        return "known" if mine else ""
    return "once" if any(len({one.ref for one in signals if _agree(one, said)}) < ENOUGH for said in new) else ""


def _holds(signal: Signal, held: Mapping[str, Any]) -> bool:
    value = held.get(signal.field)
    return (
        str(signal.value).casefold() in map(str.casefold, value or ())
        if signal.field in SETS
        else value == signal.value
    )


def _agree(one: Signal, other: Signal) -> bool:
    """Whether two signals count together."""
    same = one.profile == other.profile and (one.field in SETS or one.brand == other.brand)
    return same and (_topic(one), _meaning(one)) == (_topic(other), _meaning(other))


def sure(signals: int) -> float:
    """Confidence in what so many agreeing signals say, from 0 to 1: Laplace's rule of succession."""
    return round((signals + 1) / (signals + 2), 2)


def rests_on(entry: Entry, refs: Collection[str]) -> bool:
    """Whether an entry was learnt from one of some signals."""
    return entry.origin == "learnt" and not set(refs).isdisjoint(entry.evidence.split())


def still_rests(entry: Entry, gone: Collection[str]) -> bool:
    """Whether enough is left of what an entry was learnt from when some of its signals go."""
    return len([ref for ref in entry.evidence.split() if ref not in gone]) >= ENOUGH


def length_after(length: Length, step: int) -> Length:
    """The length that is so many steps longer."""
    return _LENGTHS[_moved(_LENGTHS.index(length), step, len(_LENGTHS))]


def emoji_after(use: EmojiUse, step: int) -> EmojiUse:
    """The use of emoji that is so many steps more."""
    return _EMOJI[_moved(_EMOJI.index(use), step, len(_EMOJI))]


def level_after(level: str, step: int) -> str:
    """The CEFR level that is so many steps harder; from a US grade to the nearest level."""
    if level.startswith("US grade "):
        grade = float(level.rpartition(" ")[2])
        level = next((f"CEFR {name}" for name, most in CEFR_GRADES.items() if grade <= most), _LEVELS[-1])
    place = _LEVELS.index(level or _USUAL_LEVEL)
    return _LEVELS[_moved(place, step, len(_LEVELS))]


def _moved(place: int, step: int, of: int) -> int:
    return min(of - 1, max(0, place + step))

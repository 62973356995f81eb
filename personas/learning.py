"""What a user's votes, instructions, choices and edits say about their taste, and when that becomes an entry. Pure
functions.

A signal says once that a field should have a value. Two agreeing signals without a contradicting one in between make
an entry; a contradicting one restarts the count. So all learnt entries can be derived from the signals again, and a
retracted signal leaves no trace.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as made_by
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from .habits import Habits, validate_habit
from .ledger import ME, Entry
from .ledger import brand as of_brand
from .profile import CEFR_GRADES, MAX_ENTRIES, EmojiUse, Length, Profile, ProfileError

# A "contrast" is what a vote without a reason shows when compared with earlier ones.
Source = Literal["vote", "variant", "wish", "edit", "contrast"]
# The signals hold already; or some come from one result only; or neither.
LearningStatus = Literal["known", "once", ""]
MIN_SIGNALS = 2
# Fields that hold lists, whose items are learnt independently.
LIST_FIELDS = ("avoid_words", "prefer_terms", "notes")
_OPPOSITE = {"avoid_words": "prefer_terms", "prefer_terms": "avoid_words"}
_LENGTHS: tuple[Length, ...] = ("short", "medium", "long")
_EMOJI: tuple[EmojiUse, ...] = ("none", "few", "many")
_LEVELS = tuple(f"CEFR {level}" for level in (*CEFR_GRADES, "C2"))
# The level that texts are written at by default.
_DEFAULT_LEVEL = "CEFR B2"


@dataclass(frozen=True, slots=True)
class Signal:
    """One sign of a taste: `field` should be `value`, or contain it. `result` is the id of what it is about.

    `profile` and `brand` are the ids of those that the result was made with.
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
        """The reference used in an entry's evidence."""
        return f"{self.source}:{self.result}"


def derive_entries(
    signals: Iterable[Signal],
    held: Mapping[str, Any],
    profile: str = "",
    brand: str = "",
    scopes: Mapping[str, str] = MappingProxyType({}),
) -> list[Entry]:
    """Return the entries that follow from the signals, oldest first, without values that are `held` already.

    What results of a brand taught holds for that brand: other brands' texts may differ. A word or note is added to the
    list in force, wherever it is: a separate list of the brand would hide it. `scopes` names the origin of the held
    fields. Stated signals about a field outrank any contrast.
    """
    runs: dict[tuple[str, str], list[Signal]] = {}
    relevant = [
        signal
        for signal in signals
        if signal.profile == profile and (signal.field in LIST_FIELDS or signal.brand == brand)
    ]
    stated_fields = {signal.field for signal in relevant if signal.source != "contrast"}
    for signal in sorted(relevant, key=lambda signal: signal.created_at):
        if signal.source == "contrast" and signal.field in stated_fields:
            continue
        run = runs.setdefault(_find_topic(signal), [])
        if run and _find_meaning(run[-1]) != _find_meaning(signal):
            run.clear()
        if signal.ref not in {signal.ref for signal in run}:
            run.append(signal)
    values, entries = dict(held), []
    for run in runs.values():
        if len(run) < MIN_SIGNALS:
            continue
        name = run[-1].field
        scope = scopes.get(name, ME) if name in LIST_FIELDS or not brand else of_brand(brand)
        entry = _build_entry(run, values, profile, scope)
        if entry is not None:
            values[entry.field] = entry.value
            entries.append(entry)
    return entries


def _find_topic(signal: Signal) -> tuple[str, str]:
    """Return the key under which signals contradict each other."""
    if signal.field in _OPPOSITE:
        return "words", str(signal.value).casefold()
    return signal.field, str(signal.value).casefold() if signal.field in LIST_FIELDS else ""


def _find_meaning(signal: Signal) -> Any:
    return signal.field if signal.field in LIST_FIELDS else signal.value


def _build_entry(run: Sequence[Signal], held: Mapping[str, Any], profile: str, scope: str) -> Entry | None:
    last_signal = run[-1]
    value = last_signal.value
    if _holds(last_signal, held):
        return None
    if last_signal.field in LIST_FIELDS:
        previous_values = list(held.get(last_signal.field) or ())
        if len(previous_values) >= MAX_ENTRIES:
            return None
        value = [*previous_values, value]
    if not _is_valid(last_signal.field, value):
        return None
    evidence = " ".join(one.ref for one in run)
    return Entry("", last_signal.field, value, scope, "learnt", evidence, compute_confidence(len(run)), profile)


def _is_valid(name: str, value: Any) -> bool:
    """Return whether a field can have a value: what could not be read again must not be learnt."""
    try:
        if name in Habits.model_fields:
            validate_habit(name, value)
        else:
            Profile.parse({name: value})
    except ProfileError:
        return False
    return True


def find_status(signals: Sequence[Signal], ref: str, held: Mapping[str, Any]) -> LearningStatus:
    """Return why the signals of one source about a result made no entry."""
    ref_signals = [signal for signal in signals if signal.ref == ref]
    new_signals = [one for one in ref_signals if not _holds(one, held)]
    if not new_signals:
        return "known" if ref_signals else ""
    return (
        "once"
        if any(len({one.ref for one in signals if _agrees(one, signal)}) < MIN_SIGNALS for signal in new_signals)
        else ""
    )


def _holds(signal: Signal, held: Mapping[str, Any]) -> bool:
    value = held.get(signal.field)
    return (
        str(signal.value).casefold() in map(str.casefold, value or ())
        if signal.field in LIST_FIELDS
        else value == signal.value
    )


def _agrees(first: Signal, second: Signal) -> bool:
    """Return whether two signals count together."""
    is_same_context = first.profile == second.profile and (first.field in LIST_FIELDS or first.brand == second.brand)
    return is_same_context and (_find_topic(first), _find_meaning(first)) == (
        _find_topic(second),
        _find_meaning(second),
    )


def compute_confidence(signals: int) -> float:
    """Return the confidence in agreeing signals, from 0 to 1: Laplace's rule of succession."""
    return round((signals + 1) / (signals + 2), 2)


def is_based_on(entry: Entry, refs: Collection[str]) -> bool:
    """Return whether an entry was learnt from any of some signals."""
    return entry.origin == "learnt" and not set(refs).isdisjoint(entry.evidence.split())


def is_still_supported(entry: Entry, gone: Collection[str]) -> bool:
    """Return whether an entry keeps enough evidence when some signals go."""
    return len([ref for ref in entry.evidence.split() if ref not in gone]) >= MIN_SIGNALS


def shift_length(length: Length, step: int) -> Length:
    """Return the length that is `step` steps longer."""
    return _LENGTHS[_shift(_LENGTHS.index(length), step, len(_LENGTHS))]


def shift_emoji(use: EmojiUse, step: int) -> EmojiUse:
    """Return the emoji use that is `step` steps more."""
    return _EMOJI[_shift(_EMOJI.index(use), step, len(_EMOJI))]


def shift_level(level: str, step: int) -> str:
    """Return the CEFR level that is `step` steps harder; a US grade maps to the nearest level first."""
    if level.startswith("US grade "):
        grade = float(level.rpartition(" ")[2])
        level = next((f"CEFR {name}" for name, max_grade in CEFR_GRADES.items() if grade <= max_grade), _LEVELS[-1])
    index = _LEVELS.index(level or _DEFAULT_LEVEL)
    return _LEVELS[_shift(index, step, len(_LEVELS))]


def _shift(index: int, step: int, count: int) -> int:
    return min(count - 1, max(0, index + step))

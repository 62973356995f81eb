"""Signals of preferences, from users' votes, instructions, choices and edits, and the ledger entries learnt from them. No I/O.

A signal is one observation that a field should have a value. Two agreeing signals without a contradicting one in between make an
entry; a contradicting one restarts the count. Thus all learnt entries can be derived again from the signals, and a retracted signal
has no effect any more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any, Literal

from .habits import Habits, validate_habit
from .ledger import ME, Entry
from .ledger import brand as of_brand
from .profile import CEFR_GRADES, MAX_ENTRIES, EmojiUse, Length, Profile, ProfileError

# A "contrast" signal is derived by comparing a result voted on without a reason with those voted on before.
Source = Literal["vote", "variant", "wish", "edit", "contrast"]
# Why signals made no entry: their values are known already; too few agree so far; or another reason.
LearningStatus = Literal["known", "once", ""]
MIN_SIGNALS = 2
# Fields with lists, whose items are learnt independently.
LIST_FIELDS = ("avoid_words", "prefer_terms", "notes")
_OPPOSITE = {"avoid_words": "prefer_terms", "prefer_terms": "avoid_words"}
_LENGTHS: tuple[Length, ...] = ("short", "medium", "long")
_EMOJI: tuple[EmojiUse, ...] = ("none", "few", "many")
_LEVELS = tuple(f"CEFR {level}" for level in (*CEFR_GRADES, "C2"))
# The level at which texts are written by default.
_DEFAULT_LEVEL = "CEFR B2"


@dataclass(frozen=True, slots=True)
class Signal:
    """An observation that `field` should be `value`, or contain it. `result` is the id of the result, request or edit it is from.

    `profile` and `brand` are the ids of those with which the result was made.
    """

    field: str
    value: Any
    source: Source
    result: str
    profile: str = ""
    id: str = ""
    created_at: datetime = dataclass_field(default_factory=lambda: datetime.now(UTC))
    brand: str = ""

    @property
    def ref(self) -> str:
        """The reference to this signal in an entry's evidence."""
        return f"{self.source}:{self.result}"


def derive_entries(
    signals: Iterable[Signal],
    current_values: Mapping[str, Any],
    profile: str = "",
    brand: str = "",
    scopes: Mapping[str, str] = MappingProxyType({}),
) -> list[Entry]:
    """Return the entries that follow from the signals, oldest first, except those whose value is in `current_values` already.

    Entries learnt from results of a brand are in the brand's scope. An item of a list field is added to the list in force, whatever
    its scope, as a separate list in the brand's scope would override it; `scopes` has the scope of each current value. Other signals
    for a field outrank contrasts.
    """
    # The agreeing signals since the last contradiction, by topic.
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
        if signal.ref not in {earlier.ref for earlier in run}:
            run.append(signal)
    values, entries = dict(current_values), []
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
    """Return the key of a signal's topic; only signals with the same topic can contradict each other."""
    if signal.field in _OPPOSITE:
        return "words", str(signal.value).casefold()
    return signal.field, str(signal.value).casefold() if signal.field in LIST_FIELDS else ""


def _find_meaning(signal: Signal) -> Any:
    return signal.field if signal.field in LIST_FIELDS else signal.value


def _build_entry(run: Sequence[Signal], current_values: Mapping[str, Any], profile: str, scope: str) -> Entry | None:
    last_signal = run[-1]
    value = last_signal.value
    if _is_known(last_signal, current_values):
        return None
    if last_signal.field in LIST_FIELDS:
        previous_values = list(current_values.get(last_signal.field) or ())
        if len(previous_values) >= MAX_ENTRIES:
            return None
        value = [*previous_values, value]
    if not _is_valid(last_signal.field, value):
        return None
    evidence = " ".join(signal.ref for signal in run)
    return Entry("", last_signal.field, value, scope, "learnt", evidence, compute_confidence(len(run)), profile)


def _is_valid(name: str, value: Any) -> bool:
    """Return whether a field can have a value; an invalid one could not be loaded again."""
    try:
        if name in Habits.model_fields:
            validate_habit(name, value)
        else:
            Profile.parse({name: value})
    except ProfileError:
        return False
    return True


def find_status(signals: Sequence[Signal], ref: str, current_values: Mapping[str, Any]) -> LearningStatus:
    """Return why the signals with a reference have led to no new entry."""
    ref_signals = [signal for signal in signals if signal.ref == ref]
    new_signals = [signal for signal in ref_signals if not _is_known(signal, current_values)]
    if not new_signals:
        return "known" if ref_signals else ""
    return (
        "once"
        if any(len({other.ref for other in signals if _agrees(other, signal)}) < MIN_SIGNALS for signal in new_signals)
        else ""
    )


def _is_known(signal: Signal, current_values: Mapping[str, Any]) -> bool:
    """Return whether the current value of a signal's field is, or contains, its value."""
    value = current_values.get(signal.field)
    return (
        str(signal.value).casefold() in map(str.casefold, value or ())
        if signal.field in LIST_FIELDS
        else value == signal.value
    )


def _agrees(first: Signal, second: Signal) -> bool:
    """Return whether two signals agree, so that they count together."""
    is_same_context = first.profile == second.profile and (first.field in LIST_FIELDS or first.brand == second.brand)
    return is_same_context and (_find_topic(first), _find_meaning(first)) == (
        _find_topic(second),
        _find_meaning(second),
    )


def compute_confidence(signal_count: int) -> float:
    """Return the confidence (0 to 1) in an entry from a number of agreeing signals, by Laplace's rule of succession."""
    return round((signal_count + 1) / (signal_count + 2), 2)


def is_based_on(entry: Entry, refs: Collection[str]) -> bool:
    """Return whether an entry was learnt from any of the signals with these references."""
    return entry.origin == "learnt" and not set(refs).isdisjoint(entry.evidence.split())


def is_still_supported(entry: Entry, retracted: Collection[str]) -> bool:
    """Return whether an entry has enough evidence left without the signals with these references."""
    return len([ref for ref in entry.evidence.split() if ref not in retracted]) >= MIN_SIGNALS


def shift_length(length: Length, step: int) -> Length:
    """Return the length that is `step` steps longer, or shorter if negative."""
    return _LENGTHS[_shift(_LENGTHS.index(length), step, len(_LENGTHS))]


def shift_emoji(use: EmojiUse, step: int) -> EmojiUse:
    """Return the emoji use that is `step` steps higher, or lower if negative."""
    return _EMOJI[_shift(_EMOJI.index(use), step, len(_EMOJI))]


def shift_level(level: str, step: int) -> str:
    """Return the CEFR level that is `step` steps harder, or easier if negative; a US grade is first mapped to a level."""
    if level.startswith("US grade "):
        grade = float(level.rpartition(" ")[2])
        level = next((f"CEFR {name}" for name, max_grade in CEFR_GRADES.items() if grade <= max_grade), _LEVELS[-1])
    index = _LEVELS.index(level or _DEFAULT_LEVEL)
    return _LEVELS[_shift(index, step, len(_LEVELS))]


def _shift(index: int, step: int, count: int) -> int:
    return min(count - 1, max(0, index + step))

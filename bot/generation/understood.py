"""Turns a reading of a brief into what generation goes by: one set of bounds for prompt, schema and checks. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import ROUND_HALF_UP, Decimal

from bot.briefs import OPENING, CountBound, Reading, SizeBound, lasting_in, meaning_of, read_by_patterns
from bot.checks.language import NAMES
from bot.checks.units import UNITS
from bot.content import MOST_MINUTES, MOST_WORDS, Bounds, Count, Kind, Size, Wishes, marks
from personas.profile import Profile

from .shape import Entries, Group, Text, shape_of

# How far from "about 300 words" a text may be and still be about as long.
ABOUT = 0.15
# So few characters are what there is room for, however they are asked for: "a subject of 40 characters".
MOST_EXACT = 300
# Words that an entry of a list has on average at least, for their sum to be meant.
_FEWEST_AN_ENTRY = 3
# Seconds of the shortest duration that is one in minutes.
_SHORTEST = 30
# Beside the fields of an output, what briefs give a number of.
_ALWAYS = (Count(0, 30, 0, ("hashtag",)), Count(0, 8, 0, ("option", "choice", "answer")), Count(0, 12, 0, ("channel",)))
# The field that holds the text of a kind which has other parts beside it.
_BODY = "body"
# Nouns that mean the entries of a kind that is a list of short lines.
_ENTRIES = ("variant", "option")
# What sizes call texts of which one is picked, and the kinds of lines that are.
_PICKED = (*_ENTRIES, "idea")
_LINES = ("tagline", "headline", "title")


def wishes_of(brief: str, kind: Kind, profile: Profile) -> Wishes:
    """What generation goes by of a brief for a kind."""
    return wishes_from(read_by_patterns(brief, kind.reader), kind, profile)


def wishes_from(reading: Reading, kind: Kind, profile: Profile) -> Wishes:
    """What generation goes by of the reading of a brief for a kind."""
    counts, said, fractions = _numbers(reading, kind)
    entries = {size: noun for size in reading.size if (noun := _counts_entries(size, kind))}
    for size, noun in entries.items():
        many = size.high if size.high is not None else size.about
        if many is not None:
            few = size.low or size.about or min(1, many)
            counts[noun] = (few, many)
            said.setdefault(noun, f"{_span(few, many)} {noun}s")
    sizes = {
        key: bounds
        for size in reading.size
        for key, bounds in [_size_of(size, kind)]
        if key is not None and size not in entries
    }
    return Wishes(
        counts=counts,
        said=said,
        fractions=fractions,
        sizes=_of_entries(sizes, counts, kind),
        reading=reading,
        figures=() if "numbers" in reading.avoid else reading.exact,
        words=_words(reading),
        minutes=_minutes(reading, kind, profile),
        place=reading.place if reading.place in kind.places else reading.venue,
        ratio=_ratio(reading.shape),
        language=reading.language if reading.language in NAMES else "",
    )


def _of_entries(
    sizes: dict[tuple[str, str], Bounds], counts: Mapping[str, tuple[int, int]], kind: Kind
) -> dict[tuple[str, str], Bounds]:
    """The sizes; what is too little for a whole of so many entries is meant of each: "14 cards, 12 words tops"."""
    whole = sizes.get(("", "words"))
    if kind.plain or whole is None or not whole.most:
        return sizes
    for _, node in shape_of(kind.output).fields:
        if isinstance(node, Entries) and node.count.nouns:
            entries = counts.get(node.count.nouns[0], (0, 0))[0]
            longest = max(_texts_of(node), key=lambda text: max(size.most for size in text.sizes), default=None)
            nouns = longest.sizes[0].nouns if longest else ()
            if nouns and whole.most < _FEWEST_AN_ENTRY * entries:
                return {key: size for key, size in sizes.items() if key != ("", "words")} | {(nouns[0], "words"): whole}
    return sizes


def _texts_of(node: Entries) -> list[Text]:
    """The texts that an entry of a list consists of."""
    fields = [field for _, field in node.entry.fields] if isinstance(node.entry, Group) else [node.entry]
    return [field for field in fields if isinstance(field, Text) and field.sizes]


def _numbers(reading: Reading, kind: Kind) -> tuple[dict[str, tuple[int, int]], dict[str, str], dict[str, Decimal]]:
    """How many of what there is to be, the words for it, and what of that is a part of one; each by the first noun of its group."""
    counts: dict[str, tuple[int, int]] = {}
    said: dict[str, str] = {}
    fractions: dict[str, Decimal] = {}
    for group in _groups(kind):
        name, meanings = group.nouns[0], {meaning_of(noun) or noun for noun in group.nouns}
        found = _count_of(reading, meanings, kind)
        if found is not None and _is_form(found, group, meanings, kind):
            found = None
        odd = next((one for one in reading.impossible if one.what in meanings), None)
        if odd is not None:
            whole = int(odd.amount.to_integral_value(ROUND_HALF_UP))
            counts[name], said[name] = (whole, whole), odd.said
            if odd.amount % 1:
                fractions[name] = odd.amount
        elif found is not None:
            low, high = found.low, found.high
            if low == 0 < (high or 0) and not _says_none(found.said):
                low = min(group.low, high or 0)  # "At most four" of what there is at least two of.
            counts[name] = (low, high if high is not None else max(low, group.high))
            said[name] = found.said or f"{_span(low, high)} {name}s"
        elif implied := _implied(reading, name, kind):
            counts[name] = (implied, implied)
        elif group.named and (meanings & {*reading.mentioned}):
            counts[name] = (group.named, group.high)
    if "hashtags" in reading.avoid:
        counts["hashtag"] = (0, 0)
    return counts, said, fractions


def _is_form(found: CountBound, group: Count, meanings: set[str], kind: Kind) -> bool:
    """Whether what a brief wants without something is about its form: "a rubric without levels" is no order for none of them."""
    return found.high == 0 and bool(meanings & {*kind.form.without} or (group.low and not found.said))


def _says_none(said: str) -> bool:
    """Whether words for a number hold a nought: "0 to 20 questions"."""
    return "0" in said.replace("-", " ").replace("–", " ").split()


def _implied(reading: Reading, noun: str, kind: Kind) -> int:
    """How many of something the one choice implies that a brief makes: a question of right or wrong has two options."""
    chosen = [value for values in reading.named.values() for value in values]
    implied = kind.form.implied.get(chosen[0], ("", 0)) if len(chosen) == 1 else ("", 0)
    return implied[1] if implied[0] == noun else 0


def _counts_entries(size: SizeBound, kind: Kind) -> str:
    """The noun of a list whose entries a size counts: paragraphs of a body beside other parts, lines of a verse; empty for none."""
    noun, whole = size.unit.removesuffix("s"), size.of == "all"
    part = any(size.of in map(meaning_of, group.nouns) for group in kind.counts)
    # Of a kind that is a list of lines, lines are its entries, but for "a slogan of one line".
    alone = len(kind.counts) == 1
    several = (size.high or size.about or 0) > 1
    of = {"paragraph": whole, "line": (part or (whole and alone)) and (several or not alone)}.get(noun, False)
    return next((group.nouns[0] for group in kind.counts if noun in group.nouns and group.low > 0), "") if of else ""


def _minutes(reading: Reading, kind: Kind, profile: Profile) -> int | None:
    """How many minutes it lasts: as the brief says, else, of what lasts, as a fact of the profile does; within what is possible."""
    if reading.lasting is not None and kind.minutes:
        least, most = kind.minutes
        whole = int((reading.lasting.seconds / 60).to_integral_value(ROUND_HALF_UP))
        return min(max(whole, least), most)
    if reading.minutes is not None:
        return reading.minutes if reading.minutes <= MOST_MINUTES else None
    return next(filter(None, map(minutes_in, profile.facts)), None) if kind.minutes else None


def minutes_in(text: str) -> int | None:
    """The first duration in a text, such as a fact of a profile, in minutes; None for one that nothing is made to last."""
    lasting = lasting_in(text)
    if lasting is None or not _SHORTEST <= lasting.seconds <= 60 * MOST_MINUTES:
        return None
    return int((lasting.seconds / 60).to_integral_value(ROUND_HALF_UP))


def _words(reading: Reading) -> int | None:
    """About how many words the whole text is to have; None where the brief says nothing, or only how many at most."""
    size = next((one for one in reading.size if (one.of, one.unit) == ("all", "words")), None)
    if size is None:
        return None
    if size.low is not None and size.high is not None:
        return (size.low + size.high) // 2
    return size.about or (round(size.low * (1 + ABOUT)) if size.low else None)


def counted_by(count: CountBound, kind: Kind) -> bool:
    """Whether a kind has that of which a brief gives a number, or of which it wants none."""
    named = {meaning_of(noun) or noun for group in _groups(kind) for noun in group.nouns}
    if count.what == "variant" and (kind.plain or kind.is_prompt):
        return True  # Each is a text of its own.
    return count.what in named or count.what in ("emoji", "link") or (kind.name == "slogan" and count.what in _ENTRIES)


def unchecked_sizes(reading: Reading, kind: Kind) -> Iterator[SizeBound]:
    """The sizes that a brief asks for and that no part of the kind has."""
    for size in reading.size:
        name = _size_of(size, kind)[0]
        if name is None or is_of_form(*name, kind):
            yield size


def is_of_form(_noun: str, unit: str, kind: Kind) -> bool:
    """Whether a size is of parts that the brief lays down, whatever it seems to be of."""
    return kind.any_form and unit not in ("words", "characters", "pages")


def same_part(kind: Kind) -> Callable[[str, str], bool]:
    """Tells whether two nouns of a reading mean the same part of a kind: of slogans an option is a tagline."""
    groups = [{meaning_of(noun) or noun for noun in group.nouns} for group in _groups(kind)]
    if kind.name == "slogan":
        groups.append({"tagline", *_ENTRIES})
    return lambda one, other: one == other or any({one, other} <= group for group in groups)


def without_counts(reading: Reading, parts: set[str], kind: Kind) -> Reading:
    """The reading without the numbers of some parts, in a reading's nouns; that there is to be none of one stays."""
    same = same_part(kind)
    kept = (one for one in reading.count if one.high == 0 or not any(same(one.what, part) for part in parts))
    odd = (one for one in reading.impossible if not any(same(one.what, part) for part in parts))
    return reading.model_copy(update={"count": tuple(kept), "impossible": tuple(odd)})


def _groups(kind: Kind) -> Iterator[Count]:
    """What briefs give a number of: all that the kind counts, and what stands beside any text."""
    counts = kind.counts
    yield from counts
    named = {noun for count in counts for noun in count.nouns}
    yield from (count for count in _ALWAYS if count.nouns[0] not in named)


def _count_of(reading: Reading, meanings: set[str], kind: Kind) -> CountBound | None:
    exact = next((one for one in reading.count if one.what in meanings), None)
    if exact is None and "tagline" in meanings and kind.name == "slogan":
        exact = next((one for one in reading.count if one.what in _ENTRIES), None)
    return exact


def _span(low: int, high: int | None) -> str:
    return f"{low}" if low == high else f"at least {low}" if high is None else f"{low} to {high}"


def _size_of(size: SizeBound, kind: Kind) -> tuple[tuple[str, str] | None, Bounds]:
    """The name of the field that a size is of (empty for the whole text) with its unit, None where there is none; and its bounds."""
    least, most = size.low or 0, size.high
    if size.about is not None:
        least, most = round(size.about * (1 - ABOUT)), round(size.about * (1 + ABOUT))
        if size.unit == "characters" and size.about <= MOST_EXACT:
            least, most = 0, size.about
    bounds = Bounds(least, min(most, 10 * MOST_WORDS) if most is not None else None)
    plan = kind.reader.planned and size.of == "all" and size.unit == "characters"
    if size.unit not in UNITS or plan:  # What is so short is one of a plan's texts, and not the plan.
        return None, bounds
    if size.of == OPENING:
        return ((OPENING, size.unit) if kind.plain else None), bounds
    if size.of == "all":
        # Of a mail the length that is said is that of its body.
        body = any(_BODY in nouns for nouns in _parts(kind))
        return (_BODY if body else "", size.unit), bounds
    if size.of in _PICKED and (kind.plain or kind.is_prompt):
        return ("", size.unit), bounds  # Each of several texts to pick from is one.
    of = kind.form.main if size.of in _PICKED and kind.form.main in _LINES else size.of
    name = next((nouns[0] for nouns in _parts(kind) if of in (*nouns, *map(meaning_of, nouns))), None)
    return ((name, size.unit) if name is not None else None), bounds


def _parts(kind: Kind) -> Iterator[tuple[str, ...]]:
    """What briefs call each field of a kind that has a size."""
    for mark in (*marks(kind.output, Size), *marks(kind.output, Count)):
        named = tuple(noun for noun in mark.nouns if noun)
        if named:
            yield named


def _ratio(shape: str) -> tuple[int, int] | None:
    width, _, height = shape.partition(":")
    return (int(width), int(height)) if width.isdigit() and height.isdigit() and int(height) else None

"""Compare two texts word by word, at a bounded cost for any input."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Tokens of each text that are compared; the rest counts as changed. The longest kind has about 4,000.
MAX_TOKENS = 5_000
# Pieces of up to this many tokens are compared by difflib, whose cost is the product of the common tokens' counts.
_MAX_PIECE_TOKENS, _MAX_PAIRS = 400, 8_000

Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class TokenComparison:
    """A comparison of two token sequences of `before` and `after` tokens.

    `blocks` are the common runs in order: start in the first, start in the second, length.
    """

    before: int
    after: int
    blocks: tuple[tuple[int, int, int], ...]

    @property
    def matching(self) -> int:
        """The number of common tokens."""
        return sum(size for _, _, size in self.blocks)

    @property
    def ratio(self) -> float:
        """The similarity, from 0 to 1."""
        return 2 * self.matching / (self.before + self.after) if self.before + self.after else 1.0

    def opcodes(self) -> Iterator[Opcode]:
        """Yield difflib's opcodes from the first to the second: equal, replace, delete or insert, and the spans in both."""
        a = b = 0
        for start, other, size in (*self.blocks, (self.before, self.after, 0)):
            if a < start or b < other:
                yield "replace" if a < start and b < other else "delete" if a < start else "insert", a, start, b, other
            if size:
                yield "equal", start, start + size, other, other + size
            a, b = start + size, other + size


def compare_tokens(before: Sequence[str], after: Sequence[str]) -> TokenComparison:
    """Compare two token sequences.

    Long ones are first anchored at tokens unique in each (as in a patience diff), and compared closely in between.
    """
    merged: list[tuple[int, int, int]] = []
    for start, other, size in _find_blocks(before[:MAX_TOKENS], after[:MAX_TOKENS], 0, 0):
        if merged and merged[-1][0] + merged[-1][2] == start and merged[-1][1] + merged[-1][2] == other:
            merged[-1] = (*merged[-1][:2], merged[-1][2] + size)
        elif size:
            merged.append((start, other, size))
    return TokenComparison(len(before), len(after), tuple(merged))


def _find_blocks(one: Sequence[str], other: Sequence[str], a: int, b: int) -> Iterator[tuple[int, int, int]]:
    """Yield the common blocks; `a` and `b` are offsets added to their positions."""
    if max(len(one), len(other)) <= _MAX_PIECE_TOKENS:
        yield from (
            (a + block.a, b + block.b, block.size) for block in _build_matcher(one, other).get_matching_blocks()
        )
        return
    at, to = 0, 0
    for start, end in (*_find_anchors(one, other), (len(one), len(other))):
        yield from _find_blocks_between(one[at:start], other[to:end], a + at, b + to)
        if start < len(one):
            yield a + start, b + end, 1
        at, to = start + 1, end + 1


def _find_blocks_between(one: Sequence[str], other: Sequence[str], a: int, b: int) -> Iterator[tuple[int, int, int]]:
    """Yield the blocks between two anchors: closely if they are near, else only the common beginning and end."""
    if max(len(one), len(other)) <= _MAX_PIECE_TOKENS:
        if one and other:
            yield from _find_blocks(one, other, a, b)
        return
    shorter = min(len(one), len(other))
    prefix = next((at for at in range(shorter) if one[at] != other[at]), shorter)
    suffix = next((at for at in range(shorter - prefix) if one[-1 - at] != other[-1 - at]), shorter - prefix)
    yield a, b, prefix
    yield a + len(one) - suffix, b + len(other) - suffix, suffix


def _build_matcher(one: Sequence[str], other: Sequence[str]) -> SequenceMatcher[str]:
    """Build difflib's matcher, ignoring words that are so frequent in both that comparing their pairs would take too long."""
    first, second = Counter(one), Counter(other)
    pairs = sorted(((first[token] * second[token], token) for token in first if token in second), reverse=True)
    remaining, ignored_tokens = sum(count for count, _ in pairs), set[str]()
    for count, token in pairs:
        if remaining <= _MAX_PAIRS:
            break
        ignored_tokens.add(token)
        remaining -= count
    return SequenceMatcher(ignored_tokens.__contains__ if ignored_tokens else None, one, other, autojunk=False)


def _find_anchors(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """Return the positions in both of tokens that are unique in each: the longest series that increases in both.

    Found by patience sorting: `ends` has the smallest last position of a series of each length.
    """
    first, second = _find_unique_tokens(one), _find_unique_tokens(other)
    pairs = sorted((at, second[token]) for token, at in first.items() if token in second)
    ends: list[int] = []
    last_pairs: list[int] = []
    previous_pairs: list[int] = []
    for number, (_, position) in enumerate(pairs):
        slot = bisect_left(ends, position)
        previous_pairs.append(last_pairs[slot - 1] if slot else -1)
        if slot == len(ends):
            ends.append(position)
            last_pairs.append(number)
        else:
            ends[slot], last_pairs[slot] = position, number
    anchors, number = [], last_pairs[-1] if last_pairs else -1
    while number >= 0:
        anchors.append(pairs[number])
        number = previous_pairs[number]
    return anchors[::-1]


def _find_unique_tokens(tokens: Sequence[str]) -> dict[str, int]:
    counts = Counter(tokens)
    return {token: at for at, token in enumerate(tokens) if counts[token] == 1}

"""What two texts have in common, word by word, at a cost that is bounded whatever the texts are. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

# Tokens of each text that are compared; what stands behind them counts as changed. The longest kind has about 4,000.
MAX_TOKENS = 5_000
# Pieces of up to so many tokens are compared as difflib does, which costs as the product of what is alike in both.
_PIECE, _MAX_PAIRS = 400, 8_000

Opcode = tuple[str, int, int, int, int]


@dataclass(frozen=True, slots=True)
class Compared:
    """Two sequences of tokens: the `blocks` (start in the first, start in the second, length) that stand in both, in order."""

    before: int
    after: int
    blocks: tuple[tuple[int, int, int], ...]

    @property
    def matching(self) -> int:
        """How many tokens stand in both."""
        return sum(size for _, _, size in self.blocks)

    @property
    def ratio(self) -> float:
        """How much is the same, from 0 to 1."""
        return 2 * self.matching / (self.before + self.after) if self.before + self.after else 1.0

    def opcodes(self) -> Iterator[Opcode]:
        """How the first becomes the second: (equal, replace, delete or insert, and the spans in both), as difflib tells it."""
        a = b = 0
        for start, other, size in (*self.blocks, (self.before, self.after, 0)):
            if a < start or b < other:
                yield "replace" if a < start and b < other else "delete" if a < start else "insert", a, start, b, other
            if size:
                yield "equal", start, start + size, other, other + size
            a, b = start + size, other + size


def compared(before: Sequence[str], after: Sequence[str]) -> Compared:
    """What two sequences of tokens have in common.

    Long ones are first anchored at what stands once in each (as in a patience diff), and compared closely in between.
    """
    found = _blocks(before[:MAX_TOKENS], after[:MAX_TOKENS], 0, 0)
    joined: list[tuple[int, int, int]] = []
    for start, other, size in found:
        if joined and joined[-1][0] + joined[-1][2] == start and joined[-1][1] + joined[-1][2] == other:
            joined[-1] = (*joined[-1][:2], joined[-1][2] + size)
        elif size:
            joined.append((start, other, size))
    return Compared(len(before), len(after), tuple(joined))


def _blocks(one: Sequence[str], other: Sequence[str], a: int, b: int) -> Iterator[tuple[int, int, int]]:
    """The blocks that stand in both; `a` and `b` are added to where they stand."""
    if max(len(one), len(other)) <= _PIECE:
        yield from ((a + block.a, b + block.b, block.size) for block in _matcher(one, other).get_matching_blocks())
        return
    at, to = 0, 0
    for start, end in (*_anchors(one, other), (len(one), len(other))):
        yield from _between(one[at:start], other[to:end], a + at, b + to)
        if start < len(one):
            yield a + start, b + end, 1
        at, to = start + 1, end + 1


def _between(one: Sequence[str], other: Sequence[str], a: int, b: int) -> Iterator[tuple[int, int, int]]:
    """The blocks between two anchors: closely where they are near, else only what the two pieces begin and end with."""
    if max(len(one), len(other)) <= _PIECE:
        if one and other:
            yield from _blocks(one, other, a, b)
        return
    most = min(len(one), len(other))
    first = next((at for at in range(most) if one[at] != other[at]), most)
    last = next((at for at in range(most - first) if one[-1 - at] != other[-1 - at]), most - first)
    yield a, b, first
    yield a + len(one) - last, b + len(other) - last, last


def _matcher(one: Sequence[str], other: Sequence[str]) -> SequenceMatcher[str]:
    """difflib's, which begins no block with words that stand so often in both that all their pairs would take too long."""
    first, second = Counter(one), Counter(other)
    pairs = sorted(((first[token] * second[token], token) for token in first if token in second), reverse=True)
    left, often = sum(count for count, _ in pairs), set[str]()
    for count, token in pairs:
        if left <= _MAX_PAIRS:
            break
        often.add(token)
        left -= count
    return SequenceMatcher(often.__contains__ if often else None, one, other, autojunk=False)


def _anchors(one: Sequence[str], other: Sequence[str]) -> list[tuple[int, int]]:
    """Where tokens stand that both have just once, as far as their order is the same: the longest rising run of them."""
    first, second = _single(one), _single(other)
    pairs = sorted((at, second[token]) for token, at in first.items() if token in second)
    ends: list[int] = []
    last: list[int] = []
    back: list[int] = []
    for number, (_, place) in enumerate(pairs):
        slot = bisect_left(ends, place)
        back.append(last[slot - 1] if slot else -1)
        if slot == len(ends):
            ends.append(place)
            last.append(number)
        else:
            ends[slot], last[slot] = place, number
    chain, number = [], last[-1] if last else -1
    while number >= 0:
        chain.append(pairs[number])
        number = back[number]
    return chain[::-1]


def _single(tokens: Sequence[str]) -> dict[str, int]:
    counts = Counter(tokens)
    return {token: at for at, token in enumerate(tokens) if counts[token] == 1}

"""Addresses in a text: parsed, however they are written, and shown as what they are."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Longer texts are looked at so far; a result has 60,000 characters at most.
MOST_CHARACTERS = 400_000
# A host is no longer (RFC 1035).
MOST_HOST = 253
# A link under other words, as Markdown writes it; a title may stand behind the address. Bounded, so that it stays linear.
_MASKED = re.compile(
    r"(?<!\\)!?\[(?P<label>[^\[\]\n]{0,300}+)\]\(\s{0,5}+<?(?P<address>[^\s()<>]{1,2000}+(?:\([^\s()<>]{0,200}+\))?+)>?"
    r"(?:\s{1,5}[\"'(][^\"'()\n]{0,200}[\"')])?\s{0,5}\)"
)
# A definition that a link elsewhere in the text refers to: "[1]: https://…".
_DEFINED = re.compile(r"^ {0,3}\[[^\[\]\n]{1,100}\]:[ \t]{0,5}<?(?P<address>[^\s<>]{1,2000})>?", re.MULTILINE)
_SCHEME = re.compile(
    r"(?<![a-z0-9])(?:https?|hxxps?|ftp|ws|wss|javascript|data|file|discord|mailto|tel|sms|magnet):[/\\]{0,3}(?=\S)",
    re.I,
)
# Any other program's.
_OTHER_SCHEME = re.compile(r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}://(?=\S)", re.I)
# What may stand directly before or behind an address: "Shop:evil.xyz", "→evil.xyz", "one.xyz,two.xyz".
_PIECE = re.compile(r"[^,;:=/\\()\[\]{}…—–•·→←⇒⇨➜➡▶►👉|]+")
_DOT_WITHIN = re.compile(r"\w\.\w\w")
# "t.me"
_SHORTEST = 4
# So many are looked at in a text, so that it takes linear and little time.
_MOST_PIECES = 2_000
_TOKEN = re.compile(r"[^\s<>\"“”„«»|`]+")
# What surrounds a word and is no part of an address.
_AROUND = "()[]{}*_~'’‘.,;:!?…"
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,10}[^\W\d_](?:[\w-]{0,22}[^\W_])?\.?", re.UNICODE)
# A dot as people write it who do not want it to be seen as one.
_DOTS = re.compile(r"[\[({]\s?(?:\.|dot|punkt|punto|point|ponto)\s?[\])}]|[。．｡]", re.IGNORECASE)
_BRACKET = re.compile(r"\\?\[|\]|\n")
_BEHIND_HOST = re.compile(r"[/?#:\\]")
# Endings of files that are endings of countries as well: with nothing before or behind that is an address's they are files.
_FILES = frozenset({"md", "py", "sh", "rs", "pl", "ps", "cc", "so"})
# Endings that are public nowhere and lead somewhere on some machines (RFC 2606, 6761, 7686), or stand in examples.
_RESERVED = frozenset({"example", "test", "invalid", "localhost", "local", "internal", "onion", "home", "lan"})
_NUMBERS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?=[/:])")
# Signs that turn the direction of what follows, or hide: they let a text read otherwise than it is.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad\u2060-\u2064\U000e0000-\U000e007f]")


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text: from where to where it stands, with what is around it, the address, and the words shown for it."""

    start: int
    end: int
    address: str
    label: str = ""

    @property
    def host(self) -> str:
        """The host that it leads to, without "www.", small; for addresses without one the scheme and what follows."""
        return host_of(self.address)


def host_of(address: str) -> str:
    """The host that an address leads to, without port, user and "www.", in small letters."""
    plain = _plain(address).casefold()
    scheme = _SCHEME.match(plain) or _OTHER_SCHEME.match(plain)
    if scheme and not scheme.group().startswith(("http", "hxxp", "ftp", "ws")):
        return plain
    rest = (plain[scheme.end() :] if scheme else plain).lstrip("/\\")
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2].partition(":")[0]
    return host.removeprefix("www.").rstrip(".")


def links(text: str) -> list[Link]:
    """All addresses of a text in their order: under other words, with a scheme in any case, or bare with a public ending."""
    text = text[:MOST_CHARACTERS]
    found = [Link(*one.span(), one["address"], one["label"]) for one in _MASKED.finditer(text)]
    found += [Link(*one.span("address"), one["address"]) for one in _DEFINED.finditer(text)]
    taken = sorted((one.start, one.end) for one in found)
    found += [one for one in _bare(text) if not _inside(one, taken)]
    return sorted(found, key=lambda one: one.start)


def hosts(texts: Iterable[str]) -> set[str]:
    """The hosts of all addresses in some texts."""
    return {one.host for text in texts for one in links(text)}


def without(text: str, gone: Callable[[Link], bool]) -> str:
    """The text without some of its addresses; the words that one was shown under stay."""
    kept, at = [], 0
    for one in links(text):
        if one.start >= at and gone(one):
            kept += [text[at : one.start], "" if links(one.label) else one.label]
            at = one.end
    if not kept:
        return text
    text = "".join([*kept, text[at:]])
    text = re.sub(r"\(\s?\)|<\s?>|\[\s?\]", "", text)
    return re.sub(r"[ \t]{2,9}", " ", re.sub(r"[ \t]{1,9}(?=[.,;:!?\n])", "", text)).strip()


def unmasked(text: str) -> str:
    """The text with every address in full view: "[our page](https://x.example)" is "our page (https://x.example)"."""
    text = _MASKED.sub(_in_view, _TURNING.sub("", text))
    return _apart(text) if "](" in text else text


def _apart(text: str) -> str:
    """The text with a space where a bracket that is no link's could become one's; what is escaped opens none."""
    if text.count("](") > _MOST_PIECES:  # Nobody writes that; each gets one, unseen what opens it.
        return text.replace("](", "] (")
    kept, at, escaped = list[str](), 0, list[bool]()
    for found in _BRACKET.finditer(text):
        if found.group() == "\n":
            escaped.clear()
        elif found.group().endswith("["):
            escaped.append(found.group() != "[")
        elif not (escaped.pop() if escaped else True) and text[found.end() : found.end() + 1] == "(":
            kept += [text[at : found.end()], " "]
            at = found.end()
    return "".join([*kept, text[at:]])


def _in_view(found: re.Match[str]) -> str:
    label, address = found["label"].strip(), found["address"]
    same = not label or _plain(label).casefold().rstrip("/") == _plain(address).casefold().rstrip("/")
    return address if same else f"{label} ({address})"


def _scheme(word: str) -> re.Match[str] | None:
    found = _SCHEME.search(word)
    if found is None and (at := word.find("://")) >= 0:
        found = _OTHER_SCHEME.search(word, max(0, at - 21), at + 4)
    return found


def _bare(text: str) -> Iterator[Link]:
    left = _MOST_PIECES
    for token in _TOKEN.finditer(text):
        word = token.group()
        if len(word) < _SHORTEST:
            continue
        if "." not in word and ":" not in word and not _DOTS.search(word):
            continue
        start = token.start()
        if scheme := _scheme(word):
            address = word[scheme.start() :].rstrip(_AROUND)
            yield Link(start + scheme.start(), start + scheme.start() + len(address), address)
            continue
        lead = len(word) - len(word.lstrip(_AROUND))
        address = word.strip(_AROUND)
        if _is_host(address):
            yield Link(start + lead, start + lead + len(address), address)
            continue
        if "." in word and "@" not in word and left > 0:
            pieces = [one for one in islice(_PIECE.finditer(word), left) if _DOT_WITHIN.search(one.group())]
            left -= len(pieces) + 1
            yield from _beside(word, start, pieces)


def _beside(word: str, start: int, pieces: Iterable[re.Match[str]]) -> Iterator[Link]:
    """Addresses without a scheme that touch something else; what follows on one up to the next blank belongs to it."""
    at = 0
    for piece in pieces:
        lead = len(piece.group()) - len(piece.group().lstrip(_AROUND))
        host = piece.group().strip(_AROUND)
        if piece.start() < at or not _is_host(host):
            continue
        begin = piece.start() + lead
        address = word[begin:].rstrip(_AROUND) if _BEHIND_HOST.match(word, begin + len(host)) else host
        at = begin + len(address)
        yield Link(start + begin, start + at, address)


def _is_host(word: str) -> bool:
    """Whether a word is an address without a scheme: "evil.xyz", "WWW.EVIL.XYZ", "evil[.]xyz/path"."""
    return _is_short_host(word) if len(word) <= MOST_HOST else _names_host(word)


@lru_cache(maxsize=4096)
def _is_short_host(word: str) -> bool:
    return _names_host(word)


def _names_host(word: str) -> bool:
    plain = _plain(word)
    host = _BEHIND_HOST.split(plain, 1)[0]
    if _NUMBERS.match(plain):
        return True
    if len(host) > MOST_HOST or "@" in plain[: len(host) + 1] or not _HOST.fullmatch(host):
        return False
    stem, _, ending = host.rstrip(".").rpartition(".")
    ending_only = host == plain and "." not in stem
    if ending_only and ending.casefold() in _FILES:
        return False
    # A space that is missing between two sentences: "closed.It".
    if ending_only and ending[:1].isupper() and len(ending) == 2 and not stem.isupper():
        return False
    return _is_public(ending.casefold())


def _plain(address: str) -> str:
    """An address as a browser reads it: compatible signs made plain, hidden ones gone, dots as dots."""
    if address.isascii() and not _DOTS.search(address):
        return address
    text = unicodedata.normalize("NFKC", _DOTS.sub(".", _TURNING.sub("", address)))
    return "".join(sign for sign in text if unicodedata.category(sign) != "Cf")


def _inside(link: Link, taken: list[tuple[int, int]]) -> bool:
    """Whether a link stands in one of some stretches, which are in order."""
    from bisect import bisect_right

    at = bisect_right(taken, (link.start, MOST_CHARACTERS + 1)) - 1
    return at >= 0 and taken[at][0] <= link.start < taken[at][1]


@lru_cache(maxsize=4096)
def _is_public(ending: str) -> bool:
    """Whether names end with this: all public endings do with one that is public by itself."""
    return ending in _RESERVED or _suffixes().publicsuffix(f"x.{ending}") is not None


@cache
def _suffixes() -> PublicSuffixList:
    """All public endings, https://publicsuffix.org, as the package ships them."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True)

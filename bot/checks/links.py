"""Find the addresses in a text, however they are marked up or disguised; remove them, or make them visible."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest

from .addresses import (
    AT_SIGN,
    DISGUISED_DOT,
    HOST_END,
    LATIN_HOST,
    MAX_HOST,
    build_address_key,
    canonicalise_host,
    extract_host,
    extract_site,
    find_scheme,
    is_bare_address,
    is_risky_address,
    normalise_address,
)
from .spoken import find_introduced_phone_numbers, find_known_hosts, find_phone_numbers, find_spoken_hosts

# Characters of a text that are searched; a result has 60,000 at most.
MAX_CHARACTERS = 400_000
# A link or picture in Markdown, with an optional title after the address. Bounded, so that matching stays linear.
_MARKDOWN_LINK = re.compile(
    r"(?<!\\)!?\[(?P<label>[^\[\]\n]{0,300}+)\]\(\s{0,5}+<?(?P<address>[^\s()<>]{1,2000}+(?:\([^\s()<>]{0,200}+\))?+)>?"
    r"(?:\s{1,5}[\"'(][^\"'()\n]{0,200}[\"')])?\s{0,5}\)"
)
# A Markdown reference definition: "[1]: https://…".
_REFERENCE_DEFINITION = re.compile(
    r"^ {0,3}\[[^\[\]\n]{1,100}\]:[ \t]{0,5}<?(?P<address>[^\s<>]{1,2000})>?", re.MULTILINE
)
# A piece between the characters that may touch an address: "Shop:evil.xyz", "→evil.xyz", "one.xyz,two.xyz".
_PIECE = re.compile(r"[^,;:=/\\()\[\]{}…—–•·→←⇒⇨➜➡▶►👉|]+")
_INNER_DOT = re.compile(r"\w\.\w\w")
# The length of the shortest address, "t.me".
_MIN_ADDRESS = 4
# Pieces of a text that are examined, so that the search takes little time.
_MAX_PIECES = 2_000
_TOKEN = re.compile(r"[^\s<>\"“”„«»|`]+")
# Characters around a word that are not part of an address.
_SURROUNDING_SIGNS = "()[]{}*_~'’‘.,;:!?…@"
_MAILBOX = re.compile(r"[\w.+'’%-]{1,64}\Z")
MAX_MAILBOX = 64
# Scripts written without spaces: their characters before Latin letters are another word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_UNSPACED_PREFIX = re.compile(rf"(?<![{_UNSPACED}])[{_UNSPACED}]+(?=[a-z0-9])", re.IGNORECASE)
_BRACKETS = {"(": ")", "<": ">", "[": "]"}
# Signs before which a text has no space; empty at its end.
_SIGNS_WITHOUT_SPACE = ("", " ", "\t", "\n", ".", ",", ";", ":", "!", "?")
# Characters that change the text direction or are hidden: they disguise a text.
_DIRECTION_OR_HIDDEN = re.compile(
    "[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad\u2060-\u2064\U000e0000-\U000e007f]"
)


@dataclass(frozen=True, slots=True)
class Link:
    """An address in a text: its span including markup, the address, and its label."""

    start: int
    end: int
    address: str
    label: str = ""

    @property
    def host(self) -> str:
        """The host in lower case without "www."; for addresses without a host, the scheme and the rest."""
        return extract_host(self.address)

    @property
    def site(self) -> str:
        """The host in canonical spelling."""
        return extract_site(self.address)

    @property
    def key(self) -> str:
        """The canonical key of the address: the full mailbox, the last digits of a telephone number, or the site."""
        return build_address_key(self.address)

    @property
    def is_risky(self) -> bool:
        """Whether it runs something, joins a server, or names a machine on the internet by its IP address."""
        return is_risky_address(self.address)


def find_links(text: str, known_keys: Collection[str] = ()) -> list[Link]:
    """Return all addresses of a text in order: Markdown links, with a scheme in any case, or bare with a public suffix.

    Addresses in `known_keys`, as returned by `collect_link_keys`, are also found spelled out: "evil dot xyz", "call 0900 12345".
    """
    text = text[:MAX_CHARACTERS]
    links = [Link(*match.span(), match["address"], match["label"]) for match in _MARKDOWN_LINK.finditer(text)]
    links += [Link(*match.span("address"), match["address"]) for match in _REFERENCE_DEFINITION.finditer(text)]
    links += _exclude_overlaps(_find_bare_links(text), links)
    if known_keys:
        links += _exclude_overlaps(_find_spoken_links(text, known_keys), links)
    return sorted(links, key=lambda link: link.start)


def _exclude_overlaps(links: Iterable[Link], others: Iterable[Link]) -> list[Link]:
    """Return the links that start within none of the others."""
    spans = sorted((other.start, other.end) for other in others)

    def is_inside(link: Link) -> bool:
        at = bisect_right(spans, (link.start, MAX_CHARACTERS + 1)) - 1
        return at >= 0 and link.start < spans[at][1]

    return [link for link in links if not is_inside(link)]


def _find_spoken_links(text: str, known_keys: Collection[str]) -> Iterator[Link]:
    for start, end, host in find_known_hosts(text, {key.rpartition("@")[2] for key in known_keys}):
        yield Link(start, end, host)
    for start, end, number in find_introduced_phone_numbers(text):
        if f"tel:{number}" in known_keys:
            yield Link(start, end, f"tel:{number}")


def collect_link_keys(texts: Iterable[str]) -> frozenset[str]:
    """Return the `Link.key` of all addresses in some texts, including spelled-out ones."""
    keys = set[str]()
    for text in texts:
        keys.update(link.key for link in find_links(text))
        keys.update(canonicalise_host(host) for host in find_spoken_hosts(text) if is_bare_address(host))
        keys.update(f"tel:{number}" for number in find_phone_numbers(text))
    return frozenset(keys)


def remove_links(text: str, should_remove: Callable[[Link], bool], known_keys: Collection[str] = ()) -> str:
    """Return the text without some of the addresses that `find_links` finds; labels that are no addresses are kept.

    Brackets around an address and a space before it go with it; nothing else changes.
    """
    pieces, at = list[str](), 0
    for link in find_links(text, known_keys):
        if link.start < at or not should_remove(link):
            continue
        start, end = link.start, link.end
        label = "" if find_links(link.label) else link.label
        while not label and start > at and _BRACKETS.get(text[start - 1]) == text[end : end + 1]:
            start, end = start - 1, end + 1
        if not label and text[end : end + 1] in _SIGNS_WITHOUT_SPACE and text[start - 1 : start] in (" ", "\t"):
            start -= 1
        pieces += [text[at:start], label]
        at = max(end, at)
    return "".join([*pieces, text[at:]]).strip() if pieces else text


def unmask_links(text: str) -> str:
    """Return the text with every address visible: "[our page](https://x.example)" is "our page (https://x.example)"."""
    text = _MARKDOWN_LINK.sub(_format_visible_link, _DIRECTION_OR_HIDDEN.sub("", text))
    # What else could become a link, such as one with a line break in its label, is parted.
    return text.replace("](", "] (")


def _format_visible_link(match: re.Match[str]) -> str:
    label, address = match["label"].strip(), match["address"]
    if not label or _normalise_for_comparison(label) == _normalise_for_comparison(address):
        return address
    return f"{label} ({address})"


def _normalise_for_comparison(address: str) -> str:
    return normalise_address(address).casefold().rstrip("/")


def _find_bare_links(text: str) -> Iterator[Link]:
    """Yield the addresses outside of markup: with a scheme, as a word of their own, or next to other signs."""
    remaining = _MAX_PIECES
    text_has_disguised_dot, text_has_at_sign = DISGUISED_DOT.search(text) is not None, AT_SIGN.search(text) is not None
    for token in _TOKEN.finditer(text):
        word, start = token.group(), token.start()
        if len(word) < _MIN_ADDRESS:
            continue
        if ":" in word and (scheme := find_scheme(word)):
            address = word[scheme.start() :].rstrip(_SURROUNDING_SIGNS)
            yield _build_link(address, start + scheme.start())
            continue
        has_disguised_dot = text_has_disguised_dot and DISGUISED_DOT.search(word) is not None
        if not has_disguised_dot and "." not in word:
            continue
        address = word.strip(_SURROUNDING_SIGNS)
        has_unspaced_prefix = not address.isascii() and _UNSPACED_PREFIX.match(address) is not None
        if not has_unspaced_prefix and is_bare_address(address):
            yield _build_link(address, start + _count_leading_signs(word))
            continue
        if remaining <= 0:
            continue
        links = [*islice(_find_mailboxes(word, start), remaining)] if text_has_at_sign else []
        if not links:
            pieces = [piece for piece in islice(_PIECE.finditer(word), remaining) if _INNER_DOT.search(piece.group())]
            remaining -= len(pieces)
            links = [] if has_unspaced_prefix else [*_find_adjacent_links(word, start, pieces)]
        if not links and (has_disguised_dot or not word.isascii()):
            links = [*islice(_find_latin_hosts(word, start), remaining)]
        remaining -= len(links) + 1
        yield from links


def _build_link(address: str, start: int) -> Link:
    return Link(start, start + len(address), address)


def _count_leading_signs(word: str) -> int:
    return len(word) - len(word.lstrip(_SURROUNDING_SIGNS))


def _find_mailboxes(word: str, offset: int) -> Iterator[Link]:
    """Yield mailbox addresses in a word: "ada@evil.xyz", "mail:ada(at)evil[.]xyz"."""
    signs = [*islice(AT_SIGN.finditer(word), _MAX_PIECES)]
    for sign, next_sign in zip_longest(signs, signs[1:]):
        mailbox = _MAILBOX.search(word[max(0, sign.start() - MAX_MAILBOX) : sign.start()])
        host_limit = min(sign.end() + MAX_HOST, next_sign.start() if next_sign else len(word))
        host = _find_leading_host(word[sign.end() : host_limit])
        if mailbox and host:
            start, end = sign.start() - len(mailbox.group()), sign.end() + len(host)
            yield _build_link(word[start:end], offset + start)


def _find_leading_host(text: str) -> str:
    """Return the host at the beginning of a text; empty without one."""
    piece, latin_host = _PIECE.match(text), LATIN_HOST.match(text)
    for candidate in (text, piece.group() if piece else "", latin_host.group() if latin_host else ""):
        host = HOST_END.split(candidate, maxsplit=1)[0].rstrip(_SURROUNDING_SIGNS)
        # The slash, because after a mailbox "evil.md" is no file.
        if host and is_bare_address(f"{host}/"):
            return host
    return ""


def _find_latin_hosts(word: str, offset: int) -> Iterator[Link]:
    """Yield addresses in Latin letters that touch other scripts or contain disguised dots."""
    for host in LATIN_HOST.finditer(word):
        if is_bare_address(host.group()):
            yield _build_link(host.group(), offset + host.start())


def _find_adjacent_links(word: str, offset: int, pieces: Iterable[re.Match[str]]) -> Iterator[Link]:
    """Yield addresses without a scheme that touch other text; everything up to the next space belongs to them."""
    end = 0
    for piece in pieces:
        host = piece.group().strip(_SURROUNDING_SIGNS)
        if piece.start() < end or not is_bare_address(host):
            continue
        start = piece.start() + _count_leading_signs(piece.group())
        has_path = HOST_END.match(word, start + len(host)) is not None
        address = word[start:].rstrip(_SURROUNDING_SIGNS) if has_path else host
        end = start + len(address)
        yield _build_link(address, offset + start)

"""Addresses in a text: parsed in any spelling, and shown undisguised."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from html import unescape
from ipaddress import ip_address
from itertools import islice, zip_longest
from socket import inet_aton, inet_ntoa
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .spoken import find_known_hosts, find_numbers, find_spoken_hosts, find_spoken_numbers, normalise_phone_number

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Characters of a text that are searched; a result has 60,000 at most.
MAX_CHARACTERS = 400_000
# Browsers and servers accept no longer ones.
MAX_ADDRESS = 2_000
# The maximum length of a host (RFC 1035).
MAX_HOST = 253
_MAX_LABEL = 64
# A Markdown link, with an optional title after the address. Bounded, so that it stays linear.
_MASKED = re.compile(
    r"(?<!\\)!?\[(?P<label>[^\[\]\n]{0,300}+)\]\(\s{0,5}+<?(?P<address>[^\s()<>]{1,2000}+(?:\([^\s()<>]{0,200}+\))?+)>?"
    r"(?:\s{1,5}[\"'(][^\"'()\n]{0,200}[\"')])?\s{0,5}\)"
)
# A Markdown reference definition: "[1]: https://…".
_DEFINED = re.compile(r"^ {0,3}\[[^\[\]\n]{1,100}\]:[ \t]{0,5}<?(?P<address>[^\s<>]{1,2000})>?", re.MULTILINE)
_SCHEME = re.compile(
    r"(?<![a-z0-9])(?:https?|hxxps?|ftp|ws|wss|javascript|data|file|discord|mailto|tel|sms|callto|magnet):[/\\]{0,6}(?=\S)",
    re.I,
)
# Schemes that are allowed; others run something or open a program.
_HARMLESS_SCHEMES = ("http", "hxxp", "mailto", "tel", "sms")
# Server invites: https://support.discord.com/hc/articles/208866998
_INVITE = re.compile(r"(?:www\.)?(?:discord\.(?:gg|me)|discord(?:app)?\.com/invite)/")
# The scheme of any other program.
_OTHER_SCHEME = re.compile(r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}://(?=\S)", re.I)
# A piece between the characters that may touch an address: "Shop:evil.xyz", "→evil.xyz", "one.xyz,two.xyz".
_PIECE = re.compile(r"[^,;:=/\\()\[\]{}…—–•·→←⇒⇨➜➡▶►👉|]+")
_DOT_WITHIN = re.compile(r"\w\.\w\w")
# The length of "t.me".
_MIN_CHARACTERS = 4
# Pieces of a text that are examined, so that it takes linear and little time.
_MAX_PIECES = 2_000
_TOKEN = re.compile(r"[^\s<>\"“”„«»|`]+")
# Characters around a word that are not part of an address.
_AROUND = "()[]{}*_~'’‘.,;:!?…@"
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,10}[^\W\d_](?:[\w-]{0,22}[^\W_])?\.?", re.UNICODE)
# A disguised dot.
_ODD_DOT = (
    r"[\[({]\s?(?:\.|dot|punkt|punto|point|ponto)\s?[\])}]|[。．｡․﹒]|%(?:25)?2e|&(?:#0{0,6}46|#x0{0,6}2e|period);"
    r"|(?:[*_~]{1,3}\\?|\\)\.[*_~]{0,3}|\.[*_~]{1,3}"
)
_DOTS = re.compile(_ODD_DOT, re.IGNORECASE)
# The sign between a mailbox and its host, also disguised.
_ATS = re.compile(r"[@＠﹫]|%40|&(?:#0{0,6}64|#x0{0,6}40|commat);|[\[({]\s?at\s?[\])}]", re.IGNORECASE)
_MAILBOX = re.compile(r"[\w.+'’%-]{1,64}\Z")
MAX_MAILBOX = 64
# An address in Latin letters within a word of other scripts: "evil.xyz店", "(evil[.]xyz)soon".
_LATIN = r"[A-Za-z0-9À-ɏ-]{1,63}+"
_CORE = re.compile(rf"(?<![A-Za-z0-9À-ɏ-]){_LATIN}(?:(?:\.|{_ODD_DOT}){_LATIN}){{1,10}}+", re.IGNORECASE)
# Scripts written without spaces: their characters before Latin letters are another word.
_CLOSE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af"
_CLOSE_BEFORE = re.compile(rf"(?<![{_CLOSE}])[{_CLOSE}]+(?=[a-z0-9])", re.IGNORECASE)
_BRACKET = re.compile(r"\\?\[|\]|\n")
_BEHIND_HOST = re.compile(r"[/?#:\\]")
# File extensions that are country domains as well: without another part of an address they are files.
_FILES = frozenset({"md", "py", "sh", "rs", "pl", "ps", "cc", "so"})
# Special-use domains, which are not public but resolve on some machines (RFC 2606, 6761, 7686) or occur in examples.
_RESERVED = frozenset({"example", "test", "invalid", "localhost", "local", "internal", "onion", "home", "lan"})
_NUMBERS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?=[/:])")
# Characters that change the text direction or are hidden, which disguise a text.
_TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\u00ad\u2060-\u2064\U000e0000-\U000e007f]")
# All characters that are invisible anywhere in a word.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
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
        return _extract_cached_host(self.address) if len(self.address) <= MAX_HOST else extract_host(self.address)

    @property
    def is_risky(self) -> bool:
        """Whether it runs something, joins a server, or names a machine by its IP address."""
        plain = _normalise(self.address).casefold()
        scheme = _SCHEME.match(plain) or _OTHER_SCHEME.match(plain)
        if scheme and not scheme.group().startswith(_HARMLESS_SCHEMES):
            return True
        return bool(_INVITE.match(plain[scheme.end() :] if scheme else plain)) or bool(
            _parse_ip_address(self.site.strip("[]"))
        )

    @property
    def key(self) -> str:
        """The canonical key of an address: the full mailbox, the last digits of a telephone number, or the host."""
        return _build_cached_key(self.address) if len(self.address) <= MAX_HOST else self._key

    @property
    def _key(self) -> str:
        plain = _normalise(self.address).casefold()
        scheme = _SCHEME.match(plain)
        if scheme and scheme.group().startswith(("tel", "sms", "callto")):
            return f"tel:{normalise_phone_number(re.split('[?;]', plain, maxsplit=1)[0]) or plain[scheme.end() :]}"
        if scheme and not scheme.group().startswith("mailto"):
            return self.site
        mail = plain[scheme.end() if scheme else 0 :].partition("?")[0]
        box, _, host = re.split(r"[/#\\]", mail, maxsplit=1)[0].rpartition("@")
        return f"{box.rpartition(':')[2]}@{_canonicalise(host)}" if box else self.site

    @property
    def site(self) -> str:
        """The host in canonical spelling: "xn--bcher-kva.de" is "bücher.de", "2130706433" is "127.0.0.1"."""
        plain = _normalise(self.address).casefold()
        mail = plain.startswith("mailto:")
        return _canonicalise(extract_host(plain.removeprefix("mailto:").partition("?")[0]) if mail else self.host)


@lru_cache(maxsize=4096)
def _extract_cached_host(address: str) -> str:
    return extract_host(address)


@lru_cache(maxsize=4096)
def _build_cached_key(address: str) -> str:
    return Link(0, 0, address)._key


def extract_host(address: str) -> str:
    """Return the host of an address in lower case, without port, user and "www."."""
    plain = _normalise(address[:MAX_ADDRESS]).casefold()
    scheme = _SCHEME.match(plain) or _OTHER_SCHEME.match(plain)
    if scheme and not scheme.group().startswith(("http", "hxxp", "ftp", "ws")):
        return plain
    rest = (plain[scheme.end() :] if scheme else plain).lstrip("/\\")
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    host = host.removeprefix("www.").rstrip(".")
    # "evil.xyz店" is no host, but its beginning is.
    core = None if host.isascii() or len(host) > MAX_HOST or _is_host(host) else _CORE.match(host)
    return core.group() if core and _is_host(core.group()) else host


def _canonicalise(host: str) -> str:
    """Return the canonical spelling of a host."""
    if host.startswith("["):
        return _parse_ip_address(host[1:-1]) or host
    if re.fullmatch(r"[\da-fx.]{1,60}", host) and host.rpartition(".")[2][:1].isdigit():
        try:
            return inet_ntoa(inet_aton(host))
        except OSError:
            return host
    labels = host.removeprefix("www.").rstrip(".").split(".")
    return ".".join(
        _decode_punycode(one) if one.startswith("xn--") and len(one) < _MAX_LABEL else one for one in labels
    )


def _parse_ip_address(number: str) -> str:
    try:
        return str(ip_address(number))
    except ValueError:
        return ""


def _decode_punycode(label: str) -> str:
    try:
        return label[4:].encode("ascii").decode("punycode").casefold()
    except UnicodeError:
        return label


def find_links(text: str, known: Collection[str] = ()) -> list[Link]:
    """Return all addresses of a text in order: Markdown links, with a scheme in any case, or bare with a public suffix.

    Addresses in `known`, as returned by `collect_addresses`, are also found spelled out: "evil dot xyz", "call 0900 12345".
    """
    text = text[:MAX_CHARACTERS]
    found = [Link(*one.span(), one["address"], one["label"]) for one in _MASKED.finditer(text)]
    found += [Link(*one.span("address"), one["address"]) for one in _DEFINED.finditer(text)]
    taken = sorted((one.start, one.end) for one in found)
    found += [one for one in _find_bare_links(text) if not _is_inside(one, taken)]
    if known:
        spoken = [*_find_spoken_links(text, known)]
        taken = sorted((one.start, one.end) for one in found)
        found += [one for one in spoken if not _is_inside(one, taken)]
    return sorted(found, key=lambda one: one.start)


def _find_spoken_links(text: str, known: Collection[str]) -> Iterator[Link]:
    for start, end, host in find_known_hosts(text, {one.rpartition("@")[2] for one in known}):
        yield Link(start, end, host)
    for start, end, number in find_spoken_numbers(text):
        if f"tel:{number}" in known:
            yield Link(start, end, f"tel:{number}")


def collect_addresses(texts: Iterable[str]) -> frozenset[str]:
    """Return the `Link.key` of all addresses in some texts, including spelled-out ones."""
    found = set[str]()
    for text in texts:
        found.update(one.key for one in find_links(text))
        found.update(_canonicalise(host) for host in find_spoken_hosts(text) if _is_host(host))
        found.update(f"tel:{number}" for number in find_numbers(text))
    return frozenset(found)


def remove_links(text: str, is_removed: Callable[[Link], bool], known: Collection[str] = ()) -> str:
    """Return the text without some of the addresses that `find_links` finds; their labels are kept."""
    pieces, at = [], 0
    for one in find_links(text, known):
        if one.start >= at and is_removed(one):
            pieces += [text[at : one.start], one.label if one.label and not find_links(one.label) else ""]
            at = one.end
    if not pieces:
        return text
    text = "".join([*pieces, text[at:]])
    text = re.sub(r"\(\s?\)|<\s?>|\[\s?\]", "", text)
    return re.sub(r"[ \t]{2,9}", " ", re.sub(r"[ \t]{1,9}(?=[.,;:!?\n])", "", text)).strip()


def unmask_links(text: str) -> str:
    """Return the text with every address visible: "[our page](https://x.example)" is "our page (https://x.example)"."""
    text = _MASKED.sub(_show_address, _TURNING.sub("", text))
    return _separate_brackets(text) if "](" in text else text


def _separate_brackets(text: str) -> str:
    """Insert a space where brackets that are no link could become one; escaped brackets open none."""
    if text.count("](") > _MAX_PIECES:  # Not a genuine text: separate all of them unchecked.
        return text.replace("](", "] (")
    pieces, at, escaped = list[str](), 0, list[bool]()
    for found in _BRACKET.finditer(text):
        if found.group() == "\n":
            escaped.clear()
        elif found.group().endswith("["):
            escaped.append(found.group() != "[")
        elif not (escaped.pop() if escaped else True) and text[found.end() : found.end() + 1] == "(":
            pieces += [text[at : found.end()], " "]
            at = found.end()
    return "".join([*pieces, text[at:]])


def _show_address(found: re.Match[str]) -> str:
    label, address = found["label"].strip(), found["address"]
    same = not label or _normalise(label).casefold().rstrip("/") == _normalise(address).casefold().rstrip("/")
    return address if same else f"{label} ({address})"


def _find_scheme(word: str) -> re.Match[str] | None:
    found = _SCHEME.search(word)
    if found is None and (at := word.find("://")) >= 0:
        found = _OTHER_SCHEME.search(word, max(0, at - 21), at + 4)
    return found


def _find_bare_links(text: str) -> Iterator[Link]:
    left = _MAX_PIECES
    any_odd, any_mailbox = _DOTS.search(text) is not None, _ATS.search(text) is not None
    for token in _TOKEN.finditer(text):
        word = token.group()
        if len(word) < _MIN_CHARACTERS:
            continue
        odd = any_odd and _DOTS.search(word) is not None
        if "." not in word and ":" not in word and not odd:
            continue
        start = token.start()
        if ":" in word and (scheme := _find_scheme(word)):
            address = word[scheme.start() :].rstrip(_AROUND)
            yield Link(start + scheme.start(), start + scheme.start() + len(address), address)
            continue
        if not odd and "." not in word:
            continue
        lead = len(word) - len(word.lstrip(_AROUND))
        address = word.strip(_AROUND)
        close = None if address.isascii() else _CLOSE_BEFORE.match(address)
        if close is None and _is_host(address):
            yield Link(start + lead, start + lead + len(address), address)
            continue
        if left <= 0:
            continue
        found = [*islice(_find_mailboxes(word, start), left)] if any_mailbox else []
        if not found:
            pieces = [one for one in islice(_PIECE.finditer(word), left) if _DOT_WITHIN.search(one.group())]
            left -= len(pieces)
            found = [] if close else [*_find_adjacent_links(word, start, pieces)]
        if not found and (odd or not word.isascii()):
            found = [*islice(_find_latin_hosts(word, start), left)]
        left -= len(found) + 1
        yield from found


def _find_mailboxes(word: str, start: int) -> Iterator[Link]:
    """Yield mailbox addresses in a word: "ada@evil.xyz", "mail:ada(at)evil[.]xyz"."""
    signs = [*islice(_ATS.finditer(word), _MAX_PIECES)]
    for sign, after in zip_longest(signs, signs[1:]):
        box = _MAILBOX.search(word[max(0, sign.start() - MAX_MAILBOX) : sign.start()])
        rest = word[sign.end() : min(sign.end() + MAX_HOST, after.start() if after else len(word))]
        host = _find_leading_host(rest)
        if box and host:
            begin, end = sign.start() - len(box.group()), sign.end() + len(host)
            yield Link(start + begin, start + end, word[begin:end])


def _find_leading_host(rest: str) -> str:
    """Return the host at the beginning of a text; empty without one."""
    piece, core = _PIECE.match(rest), _CORE.match(rest)
    candidates = (rest, piece.group() if piece else "", core.group() if core else "")
    hosts_of = (_BEHIND_HOST.split(one, maxsplit=1)[0].rstrip(_AROUND) for one in candidates)
    # After a mailbox "evil.md" is no file.
    return next((one for one in hosts_of if one and _is_host(f"{one}/")), "")


def _find_latin_hosts(word: str, start: int) -> Iterator[Link]:
    """Yield addresses in Latin letters that touch other scripts or contain disguised dots."""
    for core in _CORE.finditer(word):
        if _is_host(core.group()):
            yield Link(start + core.start(), start + core.end(), core.group())


def _find_adjacent_links(word: str, start: int, pieces: Iterable[re.Match[str]]) -> Iterator[Link]:
    """Yield addresses without a scheme that touch other text; everything up to the next space belongs to them."""
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
    return _is_short_host(word) if len(word) <= MAX_HOST else _matches_host(word)


@lru_cache(maxsize=4096)
def _is_short_host(word: str) -> bool:
    return _matches_host(word)


def _matches_host(word: str) -> bool:
    plain = _normalise(word)
    host = _BEHIND_HOST.split(plain, 1)[0]
    if _NUMBERS.match(plain):
        return True
    if len(host) > MAX_HOST or "@" in plain[: len(host) + 1] or not _HOST.fullmatch(host):
        return False
    stem, _, ending = host.rstrip(".").rpartition(".")
    ending_only = host == plain and "." not in stem
    if ending_only and ending.casefold() in _FILES:
        return False
    # A missing space between two sentences: "closed.It".
    if ending_only and ending[:1].isupper() and len(ending) == 2 and not stem.isupper():
        return False
    return _is_public(ending.casefold())


def _normalise(address: str) -> str:
    """Normalise an address as a browser does: compatibility characters replaced, hidden ones removed, dots restored."""
    if "%" in address or "&" in address:
        address = unescape(unquote(address))
    if not address.isascii():
        address = INVISIBLE.sub("", unicodedata.normalize("NFKC", address))
    return _ATS.sub("@", _DOTS.sub(".", address))


def _is_inside(link: Link, taken: list[tuple[int, int]]) -> bool:
    """Whether a link starts within one of some sorted spans."""
    from bisect import bisect_right

    at = bisect_right(taken, (link.start, MAX_CHARACTERS + 1)) - 1
    return at >= 0 and taken[at][0] <= link.start < taken[at][1]


@lru_cache(maxsize=4096)
def _is_public(ending: str) -> bool:
    """Whether a suffix is public or reserved."""
    return ending in _RESERVED or _load_suffixes().publicsuffix(f"x.{ending}") is not None


@cache
def _load_suffixes() -> PublicSuffixList:
    """Load all public suffixes, https://publicsuffix.org, as shipped by the package."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True)

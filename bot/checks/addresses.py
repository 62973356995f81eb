"""Recognise web addresses, mailboxes and telephone numbers in any spelling, and normalise them for comparison."""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from html import unescape
from ipaddress import ip_address
from socket import inet_aton, inet_ntoa
from typing import TYPE_CHECKING
from urllib.parse import unquote

from .spoken import normalise_phone_number

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

# Browsers and servers accept no longer addresses.
_MAX_ADDRESS = 2_000
# The maximum length of a host (RFC 1035).
MAX_HOST = 253
_MAX_LABEL = 64
_SCHEME = re.compile(
    r"(?<![a-z0-9])(?:https?|hxxps?|ftp|ws|wss|javascript|data|file|discord|mailto|tel|sms|callto|magnet):[/\\]{0,6}(?=\S)",
    re.I,
)
# Schemes that open a page, a mail or a call; others run something or start another program.
_HARMLESS_SCHEMES = ("http", "hxxp", "mailto", "tel", "sms")
# Server invites: https://support.discord.com/hc/articles/208866998
_INVITE = re.compile(r"(?:www\.)?(?:discord\.(?:gg|me)|discord(?:app)?\.com/invite)/")
# The scheme of any other program: "steam://".
_OTHER_SCHEME = re.compile(r"(?<![a-z0-9])[a-z][a-z0-9+.-]{1,20}://(?=\S)", re.I)
_HOST = re.compile(r"(?:[^\W_](?:[\w-]{0,62}[^\W_])?\.){1,10}[^\W\d_](?:[\w-]{0,22}[^\W_])?\.?", re.UNICODE)
_DISGUISED_DOT = (
    r"[\[({]\s?(?:\.|dot|punkt|punto|point|ponto)\s?[\])}]|[。．｡․﹒]|%(?:25)?2e|&(?:#0{0,6}46|#x0{0,6}2e|period);"
    r"|(?:[*_~]{1,3}\\?|\\)\.[*_~]{0,3}|\.[*_~]{1,3}"
)
DISGUISED_DOT = re.compile(_DISGUISED_DOT, re.IGNORECASE)
# The sign between a mailbox and its host, plain or disguised.
AT_SIGN = re.compile(r"[@＠﹫]|%40|&(?:#0{0,6}64|#x0{0,6}40|commat);|[\[({]\s?at\s?[\])}]", re.IGNORECASE)
# An address in Latin letters within a word of other scripts: "evil.xyz店", "(evil[.]xyz)soon".
_LATIN = r"[A-Za-z0-9À-ɏ-]{1,63}+"
LATIN_HOST = re.compile(rf"(?<![A-Za-z0-9À-ɏ-]){_LATIN}(?:(?:\.|{_DISGUISED_DOT}){_LATIN}){{1,10}}+", re.IGNORECASE)
HOST_END = re.compile(r"[/?#:\\]")
# File extensions that are country domains as well: without another part of an address they are files.
_FILE_EXTENSIONS = frozenset({"md", "py", "sh", "rs", "pl", "ps", "cc", "so"})
# Special-use domains, which are not public but resolve on some machines (RFC 2606, 6761, 7686) or occur in examples.
_RESERVED_SUFFIXES = frozenset({"example", "test", "invalid", "localhost", "local", "internal", "onion", "home", "lan"})
_LEADING_IP_ADDRESS = re.compile(r"(?:\d{1,3}\.){3}\d{1,3}(?=[/:])")
# Characters that are invisible anywhere in a word.
INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


def normalise_address(address: str) -> str:
    """Normalise an address as a browser does: compatibility characters replaced, hidden ones removed, dots restored."""
    if "%" in address or "&" in address:
        address = unescape(unquote(address))
    if not address.isascii():
        address = INVISIBLE.sub("", unicodedata.normalize("NFKC", address))
    return AT_SIGN.sub("@", DISGUISED_DOT.sub(".", address))


def find_scheme(word: str) -> re.Match[str] | None:
    """Return the first scheme in a word, preferring the common ones to "steam://" and its like."""
    scheme = _SCHEME.search(word)
    if scheme is None and (at := word.find("://")) >= 0:
        scheme = _OTHER_SCHEME.search(word, max(0, at - 21), at + 4)
    return scheme


def _match_scheme(plain: str) -> re.Match[str] | None:
    return _SCHEME.match(plain) or _OTHER_SCHEME.match(plain)


def extract_host(address: str) -> str:
    """Return the host of an address in lower case, without port, user and "www."; all of an address without a host."""
    return _extract_cached_host(address) if len(address) <= MAX_HOST else _extract_host(address)


def _extract_host(address: str) -> str:
    plain = normalise_address(address[:_MAX_ADDRESS]).casefold()
    scheme = _match_scheme(plain)
    if scheme and not scheme.group().startswith(("http", "hxxp", "ftp", "ws")):
        return plain
    rest = (plain[scheme.end() :] if scheme else plain).lstrip("/\\")
    host = re.split(r"[/?#\\]", rest, maxsplit=1)[0].rpartition("@")[2]
    host = host.partition("]")[0] + "]" if host.startswith("[") else host.partition(":")[0]
    host = host.removeprefix("www.").rstrip(".")
    if host.isascii() or len(host) > MAX_HOST or is_bare_address(host):
        return host
    # "evil.xyz店" is no host, but its beginning is.
    latin_host = LATIN_HOST.match(host)
    return latin_host.group() if latin_host and is_bare_address(latin_host.group()) else host


_extract_cached_host = lru_cache(maxsize=4096)(_extract_host)


def extract_site(address: str) -> str:
    """Return the host in its canonical spelling; of a "mailto:" address, the host of the mailbox."""
    plain = normalise_address(address).casefold()
    if plain.startswith("mailto:"):
        return canonicalise_host(extract_host(plain.removeprefix("mailto:").partition("?")[0]))
    return canonicalise_host(extract_host(address))


def canonicalise_host(host: str) -> str:
    """Return the canonical spelling of a host: "xn--bcher-kva.de" is "bücher.de", "2130706433" is "127.0.0.1"."""
    if host.startswith("["):
        return _parse_ip_address(host[1:-1]) or host
    if re.fullmatch(r"[\da-fx.]{1,60}", host) and host.rpartition(".")[2][:1].isdigit():
        try:
            return inet_ntoa(inet_aton(host))
        except OSError:
            return host
    return ".".join(map(_decode_label, host.removeprefix("www.").rstrip(".").split(".")))


def _parse_ip_address(number: str) -> str:
    try:
        return str(ip_address(number))
    except ValueError:
        return ""


def _decode_label(label: str) -> str:
    """Decode a label of a host from Punycode; return any other as it is."""
    if not label.startswith("xn--") or len(label) >= _MAX_LABEL:
        return label
    try:
        return label[4:].encode("ascii").decode("punycode").casefold()
    except UnicodeError:
        return label


def build_address_key(address: str) -> str:
    """Return the canonical key of an address: the full mailbox, the last digits of a telephone number, or the site."""
    return _build_cached_key(address) if len(address) <= MAX_HOST else _build_key(address)


def _build_key(address: str) -> str:
    plain = normalise_address(address).casefold()
    scheme = _SCHEME.match(plain)
    if scheme and scheme.group().startswith(("tel", "sms", "callto")):
        number = normalise_phone_number(re.split("[?;]", plain, maxsplit=1)[0])
        return f"tel:{number or plain[scheme.end() :]}"
    if scheme and not scheme.group().startswith("mailto"):
        return extract_site(address)
    mail = plain[scheme.end() if scheme else 0 :].partition("?")[0]
    mailbox, _, host = re.split(r"[/#\\]", mail, maxsplit=1)[0].rpartition("@")
    return f"{mailbox.rpartition(':')[2]}@{canonicalise_host(host)}" if mailbox else extract_site(address)


_build_cached_key = lru_cache(maxsize=4096)(_build_key)


def is_risky_address(address: str) -> bool:
    """Whether an address runs something, joins a server, or names a machine on the internet by its IP address.

    Instructions for a router or a development server name machines of the local network; if disguised, those are risky too.
    """
    plain = normalise_address(address).casefold()
    scheme = _match_scheme(plain)
    if scheme and not scheme.group().startswith(_HARMLESS_SCHEMES):
        return True
    if _INVITE.match(plain[scheme.end() :] if scheme else plain):
        return True
    number = _parse_ip_address(extract_site(address).strip("[]"))
    return bool(number) and (number not in plain or ip_address(number).is_global)


def is_bare_address(word: str) -> bool:
    """Whether a word is an address without a scheme: "evil.xyz", "WWW.EVIL.XYZ", "evil[.]xyz/path"."""
    return _is_cached_bare_address(word) if len(word) <= MAX_HOST else _is_bare_address(word)


def _is_bare_address(word: str) -> bool:
    plain = normalise_address(word)
    host = HOST_END.split(plain, 1)[0]
    if _LEADING_IP_ADDRESS.match(plain):
        return True
    if len(host) > MAX_HOST or "@" in plain[: len(host) + 1] or not _HOST.fullmatch(host):
        return False
    stem, _, suffix = host.rstrip(".").rpartition(".")
    is_bare_domain = host == plain and "." not in stem
    if is_bare_domain and suffix.casefold() in _FILE_EXTENSIONS:
        return False
    # A missing space between two sentences: "closed.It".
    if is_bare_domain and suffix[:1].isupper() and len(suffix) == 2 and not stem.isupper():
        return False
    return _is_known_suffix(suffix.casefold())


_is_cached_bare_address = lru_cache(maxsize=4096)(_is_bare_address)


@lru_cache(maxsize=4096)
def _is_known_suffix(suffix: str) -> bool:
    """Whether a suffix is public or reserved."""
    return suffix in _RESERVED_SUFFIXES or _load_public_suffixes().publicsuffix(f"x.{suffix}") is not None


@cache
def _load_public_suffixes() -> PublicSuffixList:
    """Load all public suffixes, https://publicsuffix.org, as shipped by the package."""
    from publicsuffixlist import PublicSuffixList

    return PublicSuffixList(accept_unknown=False, only_icann=True)

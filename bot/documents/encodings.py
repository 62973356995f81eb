"""Which encoding a text file is in: Unicode where it is that, else the likeliest of those that programs still write."""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from dataclasses import dataclass

from bot.errors import FileError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# As people know them; of two that are as likely, the earlier one is taken.
_NAMES = {
    "cp1252": "Windows-1252 (Western)",
    "cp1250": "Windows-1250 (Central European)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp932": "Shift-JIS (Japanese)",
    "euc_jp": "EUC-JP (Japanese)",
    "gb18030": "GB18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "EUC-KR (Korean)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
    "cp1256": "Windows-1256 (Arabic)",
    "cp1257": "Windows-1257 (Baltic)",
    "cp874": "Windows-874 (Thai)",
}
_UTF16 = "UTF-16"  # fmt: skip
# The letters that languages written in an encoding are written with.
_LETTERS = {
    "cp1252": "äöüßéèêëàâáåæçîïíìñóòôõøœùûúÿãÄÖÜÉÈÊËÀÂÁÅÆÇÎÏÍÑÓÔÕØŒÙÛÚÃ",
    "cp1250": "áčďéěíňóřšťúůýžąćęłńśźżőűäöüßăâîşţđÁČĎÉĚÍŇÓŘŠŤÚŮÝŽĄĆĘŁŃŚŹŻŐŰÄÖÜĂÂÎŞŢĐ",
    "cp1254": "çğıöşüÇĞİÖŞÜâîû", "cp1257": "āčēģīķļņšūžąęėįųõäöüĀČĒĢĪĶĻŅŠŪŽĄĘĖĮŲÕÄÖÜ",
}  # fmt: skip
_SCRIPTS = {
    "cp1251": "[А-Яа-яЁёІіЇїЄєҐґЎўЈј]", "koi8_r": "[А-Яа-яЁё]", "cp1253": "[Ά-ώ]", "cp1255": "[א-ת]", "cp1256": "[ء-ْ]",
    "cp874": "[ก-๛]",
}  # fmt: skip
# Lead bytes of the characters that are in daily use, in the tables of the East Asian encodings.
_DAILY = {
    "cp932": (0x81, 0x97),
    "euc_jp": (0xA1, 0xCF),
    "gb18030": (0xA1, 0xD7),
    "big5": (0xA1, 0xC6),
    "cp949": (0xA1, 0xC8),
}
_PUNCTUATION = set("“”‘’„‚–—…€«»°£§©®™•·¿¡´½¼¾×№")
_MIXED = re.compile(r"[A-Za-z][^\W\d_a-zA-Z]|[^\W\d_a-zA-Z][A-Za-z]")
_SAMPLE = 60_000
_MIN = 0.5


@dataclass(frozen=True, slots=True)
class Decoded:
    """A text and, where its file did not say so itself, the encoding that it was taken to be in."""

    text: str
    guessed: str = ""


def decoded(body: bytes) -> Decoded:
    """The text of a file.

    Raises:
        FileError: it is in no encoding that is known.
    """
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            try:
                return Decoded(body.decode(encoding))
            except UnicodeDecodeError:
                break
    if not len(body) % 2 and body.count(0) > len(body) // 4:
        # Every other byte of Latin letters in UTF-16 is zero: the first ones where the larger half stands first.
        encoding = "utf_16_be" if body[::2].count(0) > body[1::2].count(0) else "utf_16_le"
        if _whole(body, encoding):
            return Decoded(body.decode(encoding, "ignore"), _UTF16)
    try:
        return Decoded(body.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    for encoding in _likeliest(body):
        try:
            return Decoded(body.decode(encoding), _NAMES[encoding])
        except UnicodeDecodeError:
            continue
    raise FileError("I do not recognise the text encoding of that file. Save it as UTF-8 and send it again.")


def _likeliest(body: bytes) -> list[str]:
    """Encodings that the body can be in, the likeliest first: those whose characters are the most usual, then the least messy."""
    from charset_normalizer import from_bytes

    sample = body[:_SAMPLE]
    chaos = {match.encoding: match.chaos for match in from_bytes(sample, cp_isolation=list(_NAMES), threshold=0.3)}
    order = list(_NAMES)
    usual = {one: _usual(sample.decode(one, "ignore"), one) for one in order if _whole(sample, one)}
    likely = (one for one in usual if usual[one] >= _MIN)
    return sorted(likely, key=lambda one: (-round(usual[one], 1), round(chaos.get(one, 0.0), 1), order.index(one)))


def _whole(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _usual(text: str, encoding: str) -> float:
    """How usual the characters beyond ASCII are in texts of an encoding, from 0 to 1."""
    signs = [sign for sign in text if not sign.isascii()]
    if not signs or any(unicodedata.category(sign) == "Cc" and sign not in "\t\r\n\f\v" for sign in text):
        return 0.0
    if encoding in _DAILY:
        if not any(sign.isalpha() and sign >= "\u2e80" for sign in signs):
            return 0.0
        return sum(_east_asian(sign, encoding) for sign in signs) / len(signs) - _without_kana(signs, encoding)
    if encoding in _SCRIPTS:
        return (sum(_of_script(sign, encoding) for sign in signs) - _mixed(text) - _cropped(text, encoding)) / len(
            signs
        )
    letters = _LETTERS[encoding]
    total = sum(1.0 if sign in letters else 0.9 if sign in _PUNCTUATION else 0.2 for sign in signs)
    # Hardly a word of Latin letters has four in a row that have marks.
    return (total - 3 * len(re.findall(r"[^\W\d_a-zA-Z]{4}", text)) - _shouts(text)) / len(signs)


def _east_asian(sign: str, encoding: str) -> float:
    least, most = _DAILY[encoding]
    code = sign.encode(encoding, "replace")
    if len(code) != 2 or (encoding == "cp949" and code[1] < 0xA1):  # Half-width letters, and what EUC-KR has not.
        return 0.1
    if "\u3041" <= sign <= "\u3129":  # Kana and Bopomofo
        return 1.0 if encoding in ("cp932", "euc_jp") and sign <= "\u30ff" else 0.2
    if sign.isalpha() and sign < "\u2e80":  # Greek and Cyrillic stand in these tables too.
        return 0.1
    return 0.9 if least <= code[0] <= most else 0.2


def _without_kana(signs: list[str], encoding: str) -> float:
    """Japanese of some length has kana."""
    japanese = encoding in ("cp932", "euc_jp")
    return 0.4 if japanese and len(signs) > 6 and not any("\u3041" <= sign <= "\u30ff" for sign in signs) else 0.0


def _of_script(sign: str, encoding: str) -> float:
    return 1.0 if re.match(_SCRIPTS[encoding], sign) else 0.9 if sign in _PUNCTUATION else 0.2


def _mixed(text: str) -> float:
    """Words of two scripts, letters alone, and capitals inside of words, which a wrong table makes."""
    lone = len(re.findall(r"(?<![^\W\d_])[^\W\d_a-zA-Z](?![^\W\d_])", text))
    spaced = len(re.findall(r"(?<!\S)[^\W\d_a-zA-Z](?!\S)", text))  # Words of a letter are words.
    return 2 * len(_MIXED.findall(text)) + 0.7 * (lone - spaced) + 3 * _shouts(text)


def _cropped(text: str, encoding: str) -> float:
    """Texts of only the letters at whose places Hebrew has its own."""
    other = {"cp1251": "[ыьэюяА-Я]", "koi8_r": "[а-я]", "cp1253": "[άέήίόύώΑ-Ω]"}.get(encoding)
    letters = sum(map(str.isalpha, text))
    return letters / 2 if other and letters > 8 and not re.search(other, text) else 0.0


def _shouts(text: str) -> int:
    pairs = itertools.pairwise(text)
    return sum(1 for before, after in pairs if before.islower() and after.isupper() and not after.isascii())

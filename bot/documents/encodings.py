"""Decode text files: as Unicode if possible, else in the likeliest of the encodings that programs still write."""

from __future__ import annotations

import codecs
import itertools
import re
import unicodedata
from dataclasses import dataclass

from bot.errors import FileError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# The common names of encodings; of two equally likely encodings the earlier one wins.
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
_UTF16 = "UTF-16"
# The letters of the languages that use an encoding.
_LETTERS = {
    "cp1252": "äöüßéèêëàâáåæçîïíìñóòôõøœùûúÿãÄÖÜÉÈÊËÀÂÁÅÆÇÎÏÍÑÓÔÕØŒÙÛÚÃ",
    "cp1250": "áčďéěíňóřšťúůýžąćęłńśźżőűäöüßăâîşţđÁČĎÉĚÍŇÓŘŠŤÚŮÝŽĄĆĘŁŃŚŹŻŐŰÄÖÜĂÂÎŞŢĐ",
    "cp1254": "çğıöşüÇĞİÖŞÜâîû",
    "cp1257": "āčēģīķļņšūžąęėįųõäöüĀČĒĢĪĶĻŅŠŪŽĄĘĖĮŲÕÄÖÜ",
}
_SCRIPTS = {
    "cp1251": "[А-Яа-яЁёІіЇїЄєҐґЎўЈј]",
    "koi8_r": "[А-Яа-яЁё]",
    "cp1253": "[Ά-ώ]",
    "cp1255": "[א-ת]",
    "cp1256": "[ء-ْ]",
    "cp874": "[ก-๛]",
}
# The range of lead bytes of common characters in the East Asian encodings.
_COMMON_LEAD_BYTES = {
    "cp932": (0x81, 0x97),
    "euc_jp": (0xA1, 0xCF),
    "gb18030": (0xA1, 0xD7),
    "big5": (0xA1, 0xC6),
    "cp949": (0xA1, 0xC8),
}
_PUNCTUATION = set("“”‘’„‚–—…€«»°£§©®™•·¿¡´½¼¾×№")
_MIXED_SCRIPTS = re.compile(r"[A-Za-z][^\W\d_a-zA-Z]|[^\W\d_a-zA-Z][A-Za-z]")
_MAX_SAMPLE_BYTES = 60_000
_MIN_SCORE = 0.5


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A decoded text, and the name of its encoding if that was guessed."""

    text: str
    guessed_encoding: str = ""


def decode_text(body: bytes) -> DecodedText:
    """Decode the text of a file.

    Raises:
        FileError: its encoding is unknown.
    """
    for bom, encoding in _BOMS:
        if body.startswith(bom):
            try:
                return DecodedText(body.decode(encoding))
            except UnicodeDecodeError:
                break
    if not len(body) % 2 and body.count(0) > len(body) // 4:
        # In UTF-16 every other byte of Latin letters is zero, the first one in big-endian order.
        encoding = "utf_16_be" if body[::2].count(0) > body[1::2].count(0) else "utf_16_le"
        if _can_decode(body, encoding):
            return DecodedText(body.decode(encoding, "ignore"), _UTF16)
    try:
        return DecodedText(body.decode("utf-8"))
    except UnicodeDecodeError:
        pass
    for encoding in _rank_encodings(body):
        try:
            return DecodedText(body.decode(encoding), _NAMES[encoding])
        except UnicodeDecodeError:
            continue
    raise FileError("I do not recognise the text encoding of that file. Save it as UTF-8 and send it again.")


def _rank_encodings(body: bytes) -> list[str]:
    """Return the possible encodings, the likeliest first: by how common their characters are, then by the least chaos."""
    from charset_normalizer import from_bytes

    sample = body[:_MAX_SAMPLE_BYTES]
    chaos = {match.encoding: match.chaos for match in from_bytes(sample, cp_isolation=list(_NAMES), threshold=0.3)}
    order = list(_NAMES)
    possible = (encoding for encoding in order if _can_decode(sample, encoding))
    scores = {encoding: _score_text(sample.decode(encoding, "ignore"), encoding) for encoding in possible}
    likely = (encoding for encoding in scores if scores[encoding] >= _MIN_SCORE)

    def rank(encoding: str) -> tuple[float, float, int]:
        return -round(scores[encoding], 1), round(chaos.get(encoding, 0.0), 1), order.index(encoding)

    return sorted(likely, key=rank)


def _can_decode(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _score_text(text: str, encoding: str) -> float:
    """Return how common the characters beyond ASCII are in texts of an encoding, at most 1."""
    signs = [sign for sign in text if not sign.isascii()]
    if not signs or any(unicodedata.category(sign) == "Cc" and sign not in "\t\r\n\f\v" for sign in text):
        return 0.0
    if encoding in _COMMON_LEAD_BYTES:
        if not any(sign.isalpha() and sign >= "\u2e80" for sign in signs):
            return 0.0
        mean = sum(_score_east_asian(sign, encoding) for sign in signs) / len(signs)
        return mean - _compute_kana_penalty(signs, encoding)
    if encoding in _SCRIPTS:
        total = sum(_score_script(sign, encoding) for sign in signs)
        penalty = _compute_wrong_table_penalty(text) + _compute_missing_letters_penalty(text, encoding)
        return (total - penalty) / len(signs)
    letters = _LETTERS[encoding]
    total = sum(1.0 if sign in letters else 0.9 if sign in _PUNCTUATION else 0.2 for sign in signs)
    # Latin words hardly ever have four accented letters in a row.
    return (total - 3 * len(re.findall(r"[^\W\d_a-zA-Z]{4}", text)) - _count_inner_capitals(text)) / len(signs)


def _score_east_asian(sign: str, encoding: str) -> float:
    first, last = _COMMON_LEAD_BYTES[encoding]
    code = sign.encode(encoding, "replace")
    is_missing_in_euc_kr = encoding == "cp949" and len(code) == 2 and code[1] < 0xA1
    if len(code) != 2 or is_missing_in_euc_kr:  # Letters of one byte are half-width.
        return 0.1
    if "\u3041" <= sign <= "\u3129":  # Kana and Bopomofo
        return 1.0 if encoding in ("cp932", "euc_jp") and sign <= "\u30ff" else 0.2
    if sign.isalpha() and sign < "\u2e80":  # These tables contain Greek and Cyrillic too.
        return 0.1
    return 0.9 if first <= code[0] <= last else 0.2


def _compute_kana_penalty(signs: list[str], encoding: str) -> float:
    """Return a penalty for longer Japanese text without kana."""
    is_japanese = encoding in ("cp932", "euc_jp")
    return 0.4 if is_japanese and len(signs) > 6 and not any("\u3041" <= sign <= "\u30ff" for sign in signs) else 0.0


def _score_script(sign: str, encoding: str) -> float:
    return 1.0 if re.match(_SCRIPTS[encoding], sign) else 0.9 if sign in _PUNCTUATION else 0.2


def _compute_wrong_table_penalty(text: str) -> float:
    """Return a penalty for symptoms of a wrong encoding: words of two scripts, single letters, capitals inside words."""
    single_letters = len(re.findall(r"(?<![^\W\d_])[^\W\d_a-zA-Z](?![^\W\d_])", text))
    one_letter_words = len(re.findall(r"(?<!\S)[^\W\d_a-zA-Z](?!\S)", text))
    return (
        2 * len(_MIXED_SCRIPTS.findall(text))
        + 0.7 * (single_letters - one_letter_words)
        + 3 * _count_inner_capitals(text)
    )


def _compute_missing_letters_penalty(text: str, encoding: str) -> float:
    """Return a penalty for longer text that lacks all letters whose codes Hebrew does not use."""
    pattern = {"cp1251": "[ыьэюяА-Я]", "koi8_r": "[а-я]", "cp1253": "[άέήίόύώΑ-Ω]"}.get(encoding)
    letters = sum(map(str.isalpha, text))
    return letters / 2 if pattern and letters > 8 and not re.search(pattern, text) else 0.0


def _count_inner_capitals(text: str) -> int:
    pairs = itertools.pairwise(text)
    return sum(1 for before, after in pairs if before.islower() and after.isupper() and not after.isascii())

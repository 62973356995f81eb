"""How wide a line is on the screen: advance widths of Arial, which search results are set in."""

from __future__ import annotations

import math
import unicodedata

# Units of an em; Liberation Sans, which is made to Arial's widths, has the same numbers in its table `hmtx`.
_EM = 2048
# The size of a title in a search result, in pixels.
TITLE_SIZE = 20
_WIDTHS = {
    391: "'", 455: "ijl‘’", 532: "|¦", 569: " !,./:;I[\\]ft", 682: "()-`r¡“”", 684: "{}", 717: "•", 727: '"', 797: "*",
    819: "°", 961: "^", 1024: "Jcksvxyz", 1139: "#$0123456789?L_abdeghnopqu£¥§«»€–", 1196: "+<=>~", 1251: "FTZ¿ß",
    1366: "&ABEKPSVXY", 1479: "CDHNRUw", 1509: "©®", 1593: "GOQ", 1706: "Mm", 1821: "%æ", 1933: "Wœ", 2048: "ÆŒ—…™", 2079: "@",
}  # fmt: skip
_OF = {sign: width for width, signs in _WIDTHS.items() for sign in signs}
# A letter that the table does not have is as wide as most digits and small letters.
_USUAL = 1139


def pixels(text: str) -> int:
    """Width of a line in Arial of 20 px, rounded up. Letters with accents are as wide as without; CJK signs fill an em."""
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFC", text).strip())
    return math.ceil(sum(map(_width, plain)) * TITLE_SIZE / _EM)


def _width(sign: str) -> int:
    if unicodedata.combining(sign):
        return 0
    return _OF.get(sign) or (_EM if unicodedata.east_asian_width(sign) in "WF" else _USUAL)

"""Numbers that name something: the code of a gate, the number of a room or a bus. No other words can say them. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from .items import Brief, item_at
from .replaced import is_replaced
from .wording import filled

# What ends a number that is none of money, of a share, of a time or a part of another.
# Nor is it an ordinal: "Tag der offenen Tür 3. Advent".
_END = r"(?![\w%€$£#*]|[.,:/-]\d|\s?[%€$£]|\.\s[a-zäöü])"
# "The gate code changes on Saturday to 4471", "PIN: 8823", "pw plum-Tractor-88".
_CODE = (
    r"(?<!\w)(?:<numbered.code>)(?!\w)(?:[\s:=,]{1,3}[^\W\d_][^\W\d_’'-]{0,20}){0,6}?[\s:=,]{1,3}[\"“„«]?"
    rf"(?P<digits>(?=[\w-]{{0,20}}\d)[\w#*-]{{3,24}}){_END}"
)
# "Room 204", "bus no. 12", "Raum B104", and of several all.
_NUMBER = r"[A-Z]?\d{1,4}[a-z]?"
_PLACE = rf"(?<!\w)(?:<numbered.place>)(?!\w)\s?(?:n(?:o|r|um)?[.°º]\s?)?(?P<digits>{_NUMBER}){_END}"
_MORE = rf"\s?(?:,|&|\+|<numbered.and>)\s?(?P<digits>{_NUMBER}){_END}"


def numbers_that_name(brief: Brief) -> list[tuple[str, int]]:
    """The numbers of codes and of places with a number, as they are written, each with where it begins.

    Not those of what is left for another, "from room 12 to room 14", nor those that count something: "subject line 38 characters".
    """
    items = brief.items
    counting = {
        item.start for at, item in enumerate(items) if item.used or item_at(items, at + 1).has("units", "nouns", "time")
    }
    return [(number, at) for number, at in _found(brief) if at not in counting]


def _found(brief: Brief) -> Iterator[tuple[str, int]]:
    text, code = brief.text, brief.language
    for found in filled(_CODE, code).finditer(text):
        if not is_replaced(text, found.start("digits"), found.end("digits"), code):
            yield found["digits"], found.start("digits")
        elif instead := _behind(text, found.end("digits"), code):
            yield instead
    for found in filled(_PLACE, code).finditer(text):
        if not is_replaced(text, found.start(), found.end(), code):
            yield found["digits"], found.start("digits")
            end = found.end()
            while more := filled(_MORE, code).match(text, end):
                yield more["digits"], more.start("digits")
                end = more.end()


def _behind(text: str, at: int, code: str) -> tuple[str, int] | None:
    """The code that takes the place of one before it: "was 4471, now 8205#"."""
    found = filled(
        rf"[\s,;:]{{1,3}}(?:<replaced.now>)[\s:=]{{1,3}}(?P<digits>(?=[\w-]{{0,20}}\d)[\w#*-]{{3,24}}){_END}", code
    ).match(text, at)
    return (found["digits"], found.start("digits")) if found else None

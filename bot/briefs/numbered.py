"""Numbers that name something: the code of a gate, the number of a room or a bus. No other words can say them. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from .items import Brief, item_at
from .wording import filled

_MOST_BEFORE = 30
# "The gate code changes on Saturday to 4471", "PIN: 8823", "Zugangscode ist ab Montag 4471".
_CODE = (
    r"(?<!\w)(?:<numbered.code>)(?!\w)(?:[\s:=]{1,3}[^\W\d_][\w’'-]{0,20}){0,6}?[\s:=]{1,3}[\"“„«]?"
    r"(?P<digits>\d{3,10})(?![\w%€$£]|[.,:/-]\d|\s?[%€$£])"
)
# "Room 204", "bus no. 12", "Raum 3".
_PLACE = (
    r"(?<!\w)(?:<numbered.place>)(?!\w)\s?(?:n(?:o|r|um)?[.°º]\s?)?(?P<digits>\d{1,4})(?![\w%€$£]|[.,:/-]\d|\s?[%€$£])"
)
# What stands before the one that another takes the place of.
_LEFT = re.compile(
    r"(?<!\w)(?:from|not|instead of|of|von|nicht|statt|aus|de|du|del|da|do|no|não|pas|au lieu d[eu]|en vez de|em vez d[eoa]|non|dal"
    r"|dalla)\s(?:the |der |dem |la |le |el |o |a )?$",
    re.IGNORECASE,
)


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
    for found in filled(_CODE, brief.language).finditer(brief.text):
        yield found["digits"], found.start("digits")
    for found in filled(_PLACE, brief.language).finditer(brief.text):
        if not _LEFT.search(brief.text[max(0, found.start() - _MOST_BEFORE) : found.start()]):
            yield found["digits"], found.start("digits")

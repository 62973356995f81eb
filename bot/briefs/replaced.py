"""Figures that another takes the place of: a day, a time, a price or a code of before is none that a text has to tell. Pure."""

from __future__ import annotations

import re

from .wording import filled

_MOST_BEFORE, _MOST_AROUND = 60, 160
_END = re.compile(r"[.!?…;\n]\s")
_MOVES = r"(?<!\w)(?:<moved.moves>)(?!\w)"
# A day of the week may stand beside each.
_DAY = (
    r"(?:(?:[^\W\d_]{2,8}(?:day|tag|woch|di|feira|dì)|tues?|wed|thurs?|[a-z]{2}|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|seg|ter|qua|qui"
    r"|sex|mon|fri|sat|sun|martes|lunes|jueves|viernes|sábado|domingo|miércoles|terça|quinta|sexta|segunda|quarta)\.?,?\s)?"
)
_NOT = rf"(?<!\w)(?:<moved.not>)\s(?:<moved.on>\s)?(?:<moved.the>\s)?{_DAY}$"
_WAS = rf"(?<!\w)(?:<replaced.was>)[\s:]{{1,2}}(?:<moved.the>\s)?{_DAY}$"
# Behind one that is taken back: "15 % no sorry 5 %".
_SORRY = r"^\s?[,;–(-]?\s?(?:<replaced.sorry>)[\s,:–-]{1,3}\W?\d"
# Before the one that is left, and what stands between it and the one that comes.
_FROM = rf"(?<!\w)(?:<moved.from>)\s(?:<moved.the>\s)?{_DAY}$"
_TO = r"^[\w.,:]{0,10}\s(?:[^\W\d_]{1,12}\s){0,3}?(?:<moved.to>)\s(?:<moved.the>\s)?(?:[^\W\d_]{2,12}\.?,?\s){0,2}\d"


def is_replaced(text: str, start: int, end: int, code: str) -> bool:
    """Whether words of a brief are what another takes the place of: "from 12 to 14", "not 12", "was 4471 now 8205"."""
    before = text[max(0, start - _MOST_BEFORE) : start]
    if filled(_NOT, code).search(before) or filled(_WAS, code).search(before):
        return True
    if filled(_SORRY, code).search(text[end : end + _MOST_BEFORE]):
        return True
    if not filled(_FROM, code).search(before):
        return False
    head = _END.split(text[max(0, start - _MOST_AROUND) : start])[-1]
    tail = _END.split(text[end : end + _MOST_AROUND])[0]
    return bool(filled(_TO, code).search(tail) and filled(_MOVES, code).search(head + tail))

"""Find the figures of a text that no input contains: small models make up dates, prices and telephone numbers. Pure."""

from __future__ import annotations

import re

from bot.checks.amounts import SMALL, convert_to_digits
from bot.content import Assignment

from .inputs import join_inputs

# A telephone number is one figure, however it is grouped.
_FIGURE = re.compile(r"(?<![\w#])\+?\d+(?:[.,:/ -]\d+)*")
_DIGITS, _WORD = re.compile(r"\d+"), re.compile(r"[^\W\d_]+")
_LIST_NUMBER = re.compile(r"^[\s*_#>-]*\d{1,2}[.):]\s", re.MULTILINE)
_SMALL_NUMBERS = {word: value for words in SMALL.values() for word, value in words.items()}
# Hours by the other clock: 5 pm is 17:00.
_HALF_DAY, _HOURS = 12, 24


def find_unknown_figures(text: str, assignment: Assignment) -> list[str]:
    """Return the figures in a text that are in none of its inputs, in their order; none if its kind announces nothing.

    Numbers of list entries do not count.
    """
    if not assignment.kind.is_announcement or assignment.kind.form.own_text:
        return []
    day = assignment.day
    inputs = f"{join_inputs(assignment)}\n{day.day} {day.month} {day.year}"
    known = _list_numbers(inputs) | _list_numbers(convert_to_digits(inputs))
    known |= {_SMALL_NUMBERS[word] for word in _WORD.findall(inputs.casefold()) if word in _SMALL_NUMBERS}
    known |= {(number + _HALF_DAY) % _HOURS for number in known if number <= _HOURS}
    figures = _FIGURE.findall(_LIST_NUMBER.sub("", text))
    unknown = (
        figure
        for figure in figures
        if not (_list_numbers(figure) <= known or _list_numbers(convert_to_digits(figure)) <= known)
    )
    return list(dict.fromkeys(unknown))


def _list_numbers(text: str) -> set[int]:
    return {int(digits) for digits in _DIGITS.findall(text)}

"""What code adds to a text of what the profile knows: to a small model's what it was kept from writing, to a text that stands as
it was written only what the brief wants and the text lacks. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.briefs.wording import MOST_READ
from bot.checks.language import language
from bot.checks.terms import contains, norm
from bot.checks.units import HASHTAG, LINK
from bot.content import Assignment
from bot.kinds._shared import call_to_action, decorate, hashtags, paragraphs

# What ends a mail is a line without a sentence's end, of a few words.
_MOST_SIGNED = 6
_WORD = re.compile(r"[^\W\d_]{4,}")
_STEM = 5


def forbids_name(assignment: Assignment) -> bool:
    """Whether the brief does not want the organisation's name in the text."""
    return "no name" in assignment.reading.wants


def call_for(assignment: Assignment, *texts: str) -> str:
    """The profile's call to action as a line to be added to what was written; empty where it is not wanted.

    A text that stands as it was written has the call that its writer gave it. It gets the profile's where the brief wants a
    link, or has the same aim, and the text says nothing of it; in the language of the text, and never beside another address.
    """
    profile = assignment.profile
    line = call_to_action(profile)
    if not assignment.as_written or not line or not any(texts):
        return line if not assignment.as_written else ""
    wanted, text, wants = profile.call_to_action, "\n".join(texts), assignment.reading.wants
    assert wanted is not None
    if LINK.search(text) or "no call" in wants or (wanted.link and contains(text, wanted.link)):
        return ""
    if not in_language_of(wanted.text, text, assignment):
        # An address is in no language.
        return wanted.link if "link" in wants else ""
    if "link" in wants:
        return wanted.link if _stems(wanted.text) & _stems(text) else line
    aims = _stems(wanted.text)
    return line if aims & _stems(assignment.brief) and not aims & _stems(text) else ""


def in_language_of(added: str, text: str, assignment: Assignment) -> bool:
    """Whether words of the profile may stand beside a text: both are, as far as can be told, in the same language."""
    spoken = language(text) or assignment.language
    return (language(added) or assignment.profile.output_language) == spoken


def hashtags_for(assignment: Assignment, text: str, usual: tuple[int, int] = (0, 0)) -> str:
    """Hashtags to be added: `usual` ones where the brief names no number; to a text that stands as it was written only where
    it has none though the brief wants some."""
    if not assignment.as_written:
        low, high = assignment.wishes.counts.get("hashtag", usual)
        return hashtags(assignment, low, high) if high else ""
    low, high = assignment.wishes.counts.get("hashtag", (0, 0))
    return hashtags(assignment, low, high) if low and not HASHTAG.search(text) else ""


def signature_for(assignment: Assignment, body: Iterable[str]) -> str:
    """Closing line and sender of a mail; of one that stands as it was written what it does not end with already."""
    profile, closing = assignment.profile, assignment.habits.closing
    if not assignment.as_written:
        return paragraphs(closing, profile.organisation)
    text = "\n".join(body).strip()
    last = text.rpartition("\n")[2]
    signed = bool(text) and last[-1:] not in ".!?…:)。！？" and len(last.split()) <= _MOST_SIGNED
    if signed or not text:
        return ""
    closes = closing and contains(text[-len(closing) - 80 :], closing.rstrip(" ,"))
    closing = "" if closes or not in_language_of(closing, text, assignment) else closing
    named = contains(last, profile.organisation) or forbids_name(assignment)
    return paragraphs(closing, "" if named else profile.organisation)


def decorated(text: str, assignment: Assignment) -> str:
    """The text with emoji for somebody who likes many of them; as it is where it stands as it was written."""
    return text if assignment.as_written else decorate(text, assignment.profile)


def _stems(text: str) -> set[str]:
    return {word[:_STEM] for word in _WORD.findall(norm(text[:MOST_READ]))}

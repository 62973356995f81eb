"""Small pure functions that several kinds compose their text with."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable
from itertools import chain

from bot.checks.dates import LANGUAGES, bare, day_names, month_names
from bot.content import Assignment, Count, Wishes
from personas.profile import Profile

# Beats a minute of the usual words for tempo: the middle of what each means.
TEMPOS = {"very slow": 55, "slow": 72, "walking": 92, "medium": 108, "lively": 124, "fast": 140, "very fast": 168}
BPM = Count(20, 300, 100, ("bpm", "beats per minute", "beat per minute", "beats a minute"))
_WORD = re.compile(r"[^\W\d_]{4,}")
# From this Zipf frequency on a word tells too little to be a hashtag: "have" 6.7, "free" 5.6, "music" 5.5.
_FUNCTION_WORD = 5.6


def paragraphs(*blocks: str) -> str:
    """The blocks that hold something, with an empty line between."""
    return "\n\n".join(block.strip() for block in blocks if block and block.strip())


def bullets(entries: Iterable[str]) -> str:
    """A list, one entry a line."""
    return "\n".join(f"- {entry}" for entry in entries)


def call_to_action(profile: Profile) -> str:
    """The profile's call to action as a line of its own, empty without one."""
    wanted = profile.call_to_action
    return ": ".join(filter(None, (wanted.text, wanted.link))) if wanted else ""


def bounds(count: Count, wishes: Wishes) -> tuple[int, int, int]:
    """(least, most, to draft) of a list field: the brief's number where it names one that fits, else the kind's."""
    for noun in count.nouns:
        if noun in wishes.counts:
            low, high = (min(max(value, count.low), count.high) for value in wishes.counts[noun])
            return low, high, min(max(low, count.default), high)
    return count.low, count.high, count.default


def seconds_of(assignment: Assignment, usual: int) -> int:
    """How long what is made is to last: as its brief or profile says, as far as that is possible, else as is usual."""
    wishes, kind = assignment.wishes, assignment.kind
    if (lasting := wishes.reading.lasting) and kind.minutes:
        return min(max(round(lasting.seconds), kind.seconds), 60 * kind.minutes[1])
    return 60 * (wishes.minutes or 0) or usual


def shared_out(total: int, weights: list[int]) -> list[int]:
    """Whole seconds by weight that add up to the total."""
    ends, run = [], 0
    for weight in weights:
        run += max(weight, 1)
        ends.append(run)
    marks = [0, *(round(total * end / ends[-1]) for end in ends)] if ends else [0]
    return [later - earlier for earlier, later in itertools.pairwise(marks)]


def span(start: int, end: int, assignment: Assignment) -> str:
    """From a second to another, as clocks show it: 0:05–0:12."""
    to = "–" if assignment.as_written else " to "
    return f"{start // 60}:{start % 60:02d}{to}{end // 60}:{end % 60:02d}"


def hashtags(assignment: Assignment, low: int, high: int) -> str:
    """Hashtags made from the organisation and the words the profile likes: three, or as many as are asked for."""
    profile = assignment.profile
    sources = [profile.organisation, *profile.prefer_terms, *profile.facts]
    made = dict.fromkeys(filter(None, map(_hashtag, sources)))
    if len(made) < low:
        made.update(dict.fromkeys(f"#{word.capitalize()}" for word in _telling(assignment)))
    return " ".join(list(made)[: max(low, min(high, 3))])


def _telling(assignment: Assignment) -> list[str]:
    """The words of what a brief is about that tell most of it, the rarest first: neither function words nor names of days and months."""
    from wordfreq import zipf_frequency

    spoken = assignment.language
    times = set(chain(*day_names(spoken), month_names(spoken))) if spoken in LANGUAGES else set()
    words = dict.fromkeys(word for word in _WORD.findall(assignment.reading.message) if bare(word) not in times)
    usual = {word: zipf_frequency(word, spoken, wordlist="small") for word in words}
    return sorted((word for word in words if usual[word] < _FUNCTION_WORD), key=lambda word: usual[word])


def _hashtag(text: str) -> str:
    words = re.findall(r"[^\W_]+", text.replace("&", " and ").replace("'", ""))
    tag = "".join(word[:1].upper() + word[1:] for word in words)
    return f"#{tag}" if tag and len(words) <= 4 and not tag.isdigit() else ""


def decorate(text: str, profile: Profile) -> str:
    """The text with fitting emoji at its end for somebody who likes many of them; unchanged for all others."""
    if profile.emoji != "many":
        return text
    from emoji import emoji_count  # Its table is 3 MB, read when the first sign is looked for.

    if emoji_count(text) >= 2:
        return text
    found = (sign for word in _WORD.findall(text) if (sign := _sign(word.lower())))
    signs = list(dict.fromkeys(found))[:3]
    signs += [sign for sign in ("✨", "💛") if sign not in signs][: max(0, 2 - len(signs))]
    return f"{text} {''.join(signs)}"


def _sign(word: str) -> str:
    from emoji import emojize, is_emoji

    for name in (word, word.removesuffix("s")):
        sign = emojize(f":{name}:", language="alias")
        if is_emoji(sign):
            return str(sign)
    return ""


def facts_told(profile: Profile) -> list[str]:
    """The profile's facts as sentences."""
    return [as_sentence(fact) for fact in profile.facts if fact.strip()]


def as_sentence(text: str) -> str:
    """The text with a capital and a full stop."""
    text = text.strip()
    return text[:1].upper() + text[1:] + ("" if text[-1:] in ".!?。؟！？।" else ".")


def filled(text: str, most: int, more: Iterable[str], *, least: int) -> str:
    """A text that is too short, filled up with the sentences that fit, until it is long enough."""
    for sentence in more:
        if len(text) >= least:
            break
        if sentence.casefold() not in text.casefold() and len(text) + 1 + len(sentence) <= most:
            text = f"{text} {sentence}".strip()
    return text


def slug_of(text: str, most: int = 60) -> str:
    """The end of a page's address: small ASCII letters, digits and hyphens; empty when the text has none of them."""
    plain = unicodedata.normalize("NFKD", text.replace("&", " and ").replace("'", "").replace("ß", "ss"))
    plain = plain.encode("ascii", "ignore").decode().casefold()
    slug = ""
    for word in re.findall(r"[a-z0-9]+", plain):
        longer = f"{slug}-{word}".strip("-")
        if len(longer) > most:
            break
        slug = longer
    return slug


def shortened(text: str, most: int) -> str:
    """As many whole words of a text as fit; a text without spaces is left out where it does not."""
    if len(text) <= most:
        return text
    head = text[: most + 1].rpartition(" ")[0]
    return head.rstrip(" ,;:–—-(")

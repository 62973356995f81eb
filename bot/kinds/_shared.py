"""Small pure functions that several kinds compose their text with."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

import emoji as emoji_data

from bot.content import Assignment, Count, Wishes
from personas.profile import Profile

# Characters of a brief that are read for what it asks for; what stands behind them is matter.
MOST_READ = 6000
_WORD = re.compile(r"[^\W\d_]{4,}")
# What briefs call the forms of questions.
FORMS = {
    "true_false": r"true\W{1,3}(?:or )?false|t\s?/\s?f\b|right or wrong|real or fake|yes\W{1,3}(?:or )?no|richtig\W{1,3}(?:oder )?falsch"
    r"|wahr oder falsch|verdadero\W{1,3}[ou]? ?falso|vrai\W{1,3}(?:ou )?faux|verdadeiro\W{1,3}(?:ou )?falso|vero\W{1,3}o? ?falso",
    "multiple": r"multiple[- ](?:response|select|answers?)|select all|all that apply|(?:several|more than one|two|three) (?:right|correct)"
    r"|mehrfachauswahl|respuesta múltiple",
    "short_answer": r"short[- ]answers?|open[- ](?:questions?|ended)|one[- ]word answers?|kurzantwort\w*|respuesta corta|réponses? courtes?",
    "numeric": r"numeric(?:al)?|number answers?|calculations?",
    "matching": r"match(?:ing)?(?: (?:pairs?|items?|questions?|exercise))?\b|match the|zuordn\w+|emparejar|relier",
    "single": r"multiple[- ]choice|\bmcqs?\b|single[- ]choice",
}
_MIXED = re.compile(
    r"\bmixed (?:formats?|types?|questions?)|\bdifferent (?:formats|types of questions?)", re.IGNORECASE
)


def forms_in(brief: str) -> list[str]:
    """The forms of questions that a brief names, in the order of FORMS; all but matching where it wants them mixed."""
    brief = brief[:MOST_READ]
    if _MIXED.search(brief):
        return ["single", "true_false", "short_answer"]
    return [form for form, words in FORMS.items() if re.search(rf"(?<!\w)(?:{words})", brief, re.IGNORECASE)]


_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*"
_DATE = re.compile(
    r"\b(?P<y>20\d\d)-(?P<m>\d{1,2})-(?P<d>\d{1,2})\b"
    rf"|\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?\.?(?:\s+of)?\s+(?P<month>{_MONTH})\b(?:,?\s+(?P<year>20\d\d))?"
    rf"|\b(?P<month2>{_MONTH})\s+(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,?\s+(?P<year2>20\d\d))?",
    re.IGNORECASE,
)
_NUMBER = r"(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten)"
_TEXTS = r"(?:posts?|tweets?|toots?|parts?|e-?mails?|mails?|messages?)"
_SEVERAL = re.compile(
    rf"\b(?:{_NUMBER}[- ])?(?:{_TEXTS}[- ])?(?:thread|sequence|series)\b(?:\s+(?:of|with|in)\s+{_NUMBER}(?:\s+{_TEXTS})?)?"
    rf"|\b{_NUMBER}[- ](?:[a-z]+\s)?{_TEXTS}\b",
    re.IGNORECASE,
)
_LEADING = re.compile(
    r"^(?:(?![-−]\d)\W)*(?:(?:write|make|draft|give me|i need|please)\s+)*(?:an?\s|the\s)?\s*"
    r"(?:(?:for|on)\s+(?:x|twitter|threads|bluesky|mastodon|linkedin|instagram|facebook)\b)?[\s:,]*(?:(?:on|about|for|that)\s+)?",
    re.IGNORECASE,
)


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
    if wishes.said_time and kind.minutes:
        return min(max(round(wishes.said_time[1]), kind.seconds), 60 * kind.minutes[1])
    return 60 * (wishes.minutes or 0) or usual


def listed(brief: str, *nouns: str) -> list[str]:
    """What a brief lists after one of some nouns: "columns: name, age and city" gives the three. Without nouns, after any colon.

    Empty when it lists fewer than two things.
    """
    names = "|".join(map(re.escape, nouns)) or r"[\w)]"
    found = re.search(rf"(?:{names})(?:s|es)?\s*(?:\(\w+\)\s*)?[:(=]\s*([^.:;!?\n()]+)", brief, re.IGNORECASE)
    pieces = re.split(r"(?<!\s)\s*+(?:,|/|&|\+|\band\b|\bor\b)\s*+", found[1]) if found else []
    kept = [re.sub(r"^(?:the|an?|our)\s+", "", piece.strip(), flags=re.IGNORECASE) for piece in pieces]
    kept = [piece for piece in kept if piece and len(piece.split()) <= 4 and not re.search(r"\d|\bmax\b", piece)]
    return list(dict.fromkeys(kept)) if len(kept) > 1 else []


def trimmed(text: str, signs: str) -> str:
    """The text without some signs around it, but for the one that makes its first number negative."""
    return re.sub(rf"^(?:(?![-−]\d)[{re.escape(signs)}])+", "", text.rstrip(signs))


def topic_of(message: str) -> str:
    """What several texts are about: "a thread of 5 posts for X on why bread is slow" gives "why bread is slow"."""
    message = message[:MOST_READ]
    said = _SEVERAL.sub("", message, count=1)
    return trimmed(_LEADING.sub("", said, count=1) if said != message else said, " .!,;:-") or message


def dates_in(text: str, today: date) -> list[tuple[date, str]]:
    """The days that a text names, each with the words before it; a day without its year is the next one from today."""
    text = text[:MOST_READ]
    found = []
    for one in _DATE.finditer(text):
        named = one["month"] or one["month2"]
        month = int(one["m"]) if one["m"] else _MONTHS.index(named[:3].casefold()) + 1
        year, day = one["y"] or one["year"] or one["year2"], int(one["d"] or one["day"] or one["day2"])
        try:
            when = date(int(year) if year else today.year, month, day)
            if not year and when < today:
                when = date(today.year + 1, month, day)
        except ValueError:
            continue
        found.append((when, text[: one.start()]))
    return found


def without_dates(text: str) -> str:
    """The text without the days that it names."""
    return _DATE.sub(" ", text)


def matter(message: str) -> str:
    """A message without the words that name a text and its place, as far as they stand at its front."""
    found = re.match(r"^.{0,60}?\b(?:for|about|on|:)\s+(?:an?\s|our\s|the\s|my\s)?(?=\w)", message, re.IGNORECASE)
    return message[found.end() :] if found else message


def hashtags(assignment: Assignment, low: int, high: int) -> str:
    """Hashtags made from the organisation and the words the profile likes: three, or as many as are asked for."""
    profile = assignment.profile
    sources = [profile.organisation, *profile.prefer_terms, *profile.facts]
    made = dict.fromkeys(filter(None, map(_hashtag, sources)))
    if len(made) < low:
        made.update(dict.fromkeys(f"#{word.capitalize()}" for word in _WORD.findall(assignment.wishes.message)))
    return " ".join(list(made)[: max(low, min(high, 3))])


def _hashtag(text: str) -> str:
    words = re.findall(r"[^\W_]+", text.replace("&", " and ").replace("'", ""))
    tag = "".join(word[:1].upper() + word[1:] for word in words)
    return f"#{tag}" if tag and len(words) <= 4 and not tag.isdigit() else ""


def decorate(text: str, profile: Profile) -> str:
    """The text with fitting emoji at its end for somebody who likes many of them; unchanged for all others."""
    if profile.emoji != "many" or emoji_data.emoji_count(text) >= 2:
        return text
    found = (sign for word in _WORD.findall(text) if (sign := _sign(word.lower())))
    signs = list(dict.fromkeys(found))[:3]
    signs += [sign for sign in ("✨", "💛") if sign not in signs][: max(0, 2 - len(signs))]
    return f"{text} {''.join(signs)}"


def _sign(word: str) -> str:
    for name in (word, word.removesuffix("s")):
        sign = emoji_data.emojize(f":{name}:", language="alias")
        if emoji_data.is_emoji(sign):
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

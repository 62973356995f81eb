"""The reading of a brief in words for users: one short phrase per statement. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bot.briefs import CountBound, Reading, SizeBound, list_avoidable_things
from bot.checks.language import NAMES
from bot.errors import Phrase

# Counted things, singular and plural.
COUNTED = {
    "ad": ("ad", "ads"),
    "headline": ("headline", "headlines"),
    "description": ("description", "descriptions"),
    "primary text": ("primary text", "primary texts"),
    "post": ("post", "posts"),
    "hashtag": ("hashtag", "hashtags"),
    "emoji": ("emoji", "emoji"),
    "link": ("link", "links"),
    "image": ("image", "images"),
    "question": ("question", "questions"),
    "option": ("option", "options"),
    "answer": ("answer", "answers"),
    "card": ("card", "cards"),
    "criterion": ("criterion", "criteria"),
    "level": ("level", "levels"),
    "tagline": ("tagline", "taglines"),
    "email": ("email", "emails"),
    "subject": ("subject", "subjects"),
    "preheader": ("preview text", "preview texts"),
    "section": ("section", "sections"),
    "heading": ("heading", "headings"),
    "bullet": ("bullet point", "bullet points"),
    "step": ("step", "steps"),
    "paragraph": ("paragraph", "paragraphs"),
    "sentence": ("sentence", "sentences"),
    "variant": ("variant", "variants"),
    "activity": ("activity", "activities"),
    "objective": ("objective", "objectives"),
    "example": ("example", "examples"),
    "color": ("colour", "colours"),
    "block": ("block", "blocks"),
    "column": ("column", "columns"),
    "channel": ("channel", "channels"),
    "week": ("week", "weeks"),
    "day": ("day", "days"),
    "quote": ("quotation", "quotations"),
    "title": ("title", "titles"),
    "slug": ("slug", "slugs"),
    "name": ("name", "names"),
    "idea": ("idea", "ideas"),
    "task": ("task", "tasks"),
    "word": ("word", "words"),
    "term": ("term", "terms"),
    "slide": ("slide", "slides"),
    "scene": ("scene", "scenes"),
    "verse": ("verse", "verses"),
    "chorus": ("chorus", "choruses"),
    "row": ("row", "rows"),
    "field": ("field", "fields"),
    "part": ("part", "parts"),
    "point": ("point", "points"),
}
UNITS = {
    "characters": ("character", "characters"),
    "words": ("word", "words"),
    "sentences": ("sentence", "sentences"),
    "paragraphs": ("paragraph", "paragraphs"),
    "lines": ("line", "lines"),
    "pages": ("page", "pages"),
}
PLACES = {
    "x": "X",
    "instagram": "Instagram",
    "linkedin": "LinkedIn",
    "facebook": "Facebook",
    "threads": "Threads",
    "bluesky": "Bluesky",
    "mastodon": "Mastodon",
    "tiktok": "TikTok",
    "pinterest": "Pinterest",
    "youtube": "YouTube",
    "discord": "Discord",
    "google_ads": "Google Ads",
    "meta_ads": "Meta Ads",
    "linkedin_ads": "LinkedIn Ads",
    "app_store": "App Store",
    "google_play": "Google Play",
    "sms": "SMS",
}
SHAPES = {
    "portrait": "portrait format",
    "landscape": "landscape format",
    "square": "square format",
    "panorama": "panorama format",
}
MODELS = {
    "midjourney": "Midjourney",
    "sdxl": "SDXL",
    "sd15": "Stable Diffusion 1.5",
    "sd3": "Stable Diffusion 3",
    "flux": "FLUX",
    "dalle": "DALL-E",
    "gpt_image": "GPT Image",
}
# Longer durations are given in minutes.
_MANY_SECONDS = 180


def describe_reading(reading: Reading) -> list[Phrase]:
    """Describe every statement of a reading, form first: "3 options", "option: 4 to 7 words", "in Spanish", "without prices".

    Statements that are specific to one kind are left out.
    """
    found = [_describe_count(one) for one in reading.count if one.what in COUNTED]
    found += [_describe_size(one) for one in reading.size if one.of in ("all", *COUNTED)]
    found += list(_describe_labels(reading))
    found += [Phrase("with “{words}”", words=literal) for literal in reading.include]
    none = {
        thing
        for thing, one in (("hashtags", "hashtag"), ("emoji", "emoji"), ("links", "link"))
        if _has_none(reading, one)
    }
    for thing in reading.avoid:
        if thing in none:
            continue
        named = thing in list_avoidable_things()
        found.append(
            Phrase("without {things}", things=Phrase(thing)) if named else Phrase("without “{words}”", words=thing)
        )
    return found


def describe_public_reading(reading: Reading) -> list[Phrase]:
    """Describe the statements that others may see: without the words to avoid, which only Why? shows to their owner."""
    avoid = tuple(thing for thing in reading.avoid if thing in list_avoidable_things())
    return describe_reading(reading.model_copy(update={"avoid": avoid}))


def _has_none(reading: Reading, what: str) -> bool:
    return any((one.what, one.high) == (what, 0) for one in reading.count)


def _describe_count(one: CountBound) -> Phrase:
    if one.high == 0:
        return Phrase("without {things}", things=Phrase(COUNTED[one.what][1]))
    single = (one.low, one.high) == (1, 1)
    return Phrase(
        "{amount} {things}",
        amount=_describe_amount(one.low, one.high),
        things=Phrase(COUNTED[one.what][0 if single else 1]),
    )


def _describe_size(one: SizeBound) -> Phrase:
    single = 1 in (one.about, one.high) or (one.low, one.high) == (1, None)
    amount = (
        Phrase("about {number:,}", number=one.about)
        if one.about is not None
        else _describe_amount(one.low or 0, one.high)
    )
    size = Phrase("{amount} {things}", amount=amount, things=Phrase(UNITS[one.unit][0 if single else 1]))
    return size if one.of == "all" else Phrase("{part}: {size}", part=Phrase(COUNTED[one.of][0]), size=size)


def _describe_amount(low: int, high: int | None) -> Phrase:
    if high is None:
        return Phrase("at least {number:,}", number=low)
    if low == high:
        return Phrase("{number:,}", number=low)
    if low == 0:
        return Phrase("at most {number:,}", number=high)
    return Phrase("{low:,} to {high:,}", low=low, high=high)


def _describe_labels(reading: Reading) -> Iterator[Phrase]:
    if reading.minutes:
        yield _describe_duration(reading.minutes, int(reading.lasting.seconds) if reading.lasting else 0)
    if reading.place in PLACES:
        yield Phrase("for {place}", place=PLACES[reading.place])
    elif reading.place:
        yield Phrase("for print") if reading.place == "print" else Phrase("for screens")
    if reading.shape:
        yield (
            Phrase(SHAPES[reading.shape]) if reading.shape in SHAPES else Phrase("{shape} format", shape=reading.shape)
        )
    if reading.model:
        yield Phrase("for {place}", place=MODELS[reading.model])
    if reading.language in NAMES:
        yield Phrase("in {language}", language=Phrase(NAMES[reading.language]))
    elif reading.language:
        yield Phrase("in {language}", language=reading.language)
    if reading.level:
        yield Phrase("in simple words") if reading.level == "easy" else Phrase("for {level}", level=reading.level)


def _describe_duration(minutes: int, seconds: int) -> Phrase:
    """Describe a duration: in seconds if it is short and no multiple of a minute."""
    if seconds % 60 and seconds < _MANY_SECONDS and max(1, round(seconds / 60)) == minutes:
        return Phrase("{number:,} seconds", number=seconds)
    return Phrase("{count:,} minute", "{count:,} minutes", count=minutes)


def join_notes(notes: Sequence[Phrase]) -> Phrase | None:
    """Join notes into one; None without any."""
    whole: Phrase | None = None
    for one in notes:
        whole = Phrase("{first} {second}", first=whole, second=one) if whole else one
    return whole

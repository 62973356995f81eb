"""A campaign plan: message, channels, weeks, what is measured, and a budget that adds up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, budget_of, campaigned, days_of, first_monday_of, named
from bot.checks import Check, bounded
from bot.content import Assignment, Content, Count, Example, Kind, Piece, Size
from bot.kinds._additions import call_for
from bot.kinds._labels import label, label_in
from bot.kinds._shared import as_sentence, bullets, paragraphs


@dataclass(frozen=True, slots=True)
class Channel:
    """A way to reach people: what they see, what briefs call it, its share of a budget, and what it is good for.

    Its copy is a text of `kind` for `place`, made from `order`; it goes out at `hour`.
    """

    title: str
    said: str
    share: int
    use: str
    kind: str
    order: str
    place: str = ""
    hour: int = 9


_CHANNELS: dict[str, Channel] = {
    "email": Channel("Email", "email(s)|e-mail(s)|newsletter(s)|mailing(s)", 1, "tells those who know us first", "email", "email"),
    "instagram": Channel("Instagram", "instagram|insta", 2, "shows it in pictures", "social_post", "instagram post", "instagram", 18),
    "facebook": Channel("Facebook", "facebook|fb", 2, "reaches neighbours and groups", "social_post", "facebook post", "facebook", 18),
    "linkedin": Channel("LinkedIn", "linkedin", 2, "reaches people at work", "social_post", "linkedin post", "linkedin", 8),
    "tiktok": Channel("TikTok", "tiktok", 2, "shows it in half a minute", "social_post", "tiktok caption", "tiktok", 19),
    "youtube": Channel("YouTube", "youtube", 2, "shows it at length", "social_post", "youtube description", "youtube", 17),
    "x": Channel("X", "twitter|on x|x post(s)|tweet(s)", 1, "says the news in a line", "social_post", "tweet", "x", 12),
    "discord": Channel("Discord", "discord", 1, "tells the regulars", "social_post", "discord post", "discord", 18),
    "google_ads": Channel("Google ads", "google|search ad(s)", 3, "meets people who search", "ad", "google ads", "google_ads"),
    "posters": Channel("Posters and flyers", "poster(s)|flyer(s)|leaflet(s)|print", 2, "are seen on the way", "slogan", "slogans for a poster"),
    "on_site": Channel("Signs on site", "in store|on site|window|counter|chalkboard|sign(s)", 1, "catches those who are there", "slogan", "slogans for a sign"),
    "sms": Channel("Text messages", "sms|text message(s)", 1, "reminds at the last minute", "sms", "sms", "sms", 11),
    "radio": Channel("Radio", "radio", 3, "reaches people who drive", "script", "30 second radio spot", "", 7),
    "press": Channel("Local press", "press|newspaper(s)|journalist(s)", 1, "lets others tell it", "press_release", "press release"),
    "website": Channel("Website", "website|blog|site", 1, "answers who wants to know more", "seo_meta", "title and description of the page", "search_result"),
    "partners": Channel("Partners", "partner(s)|influencer(s)|word of mouth", 1, "bring friends along", "email", "email to partners"),
}  # fmt: skip
# What else a campaign can have a text for; no plan is made for these.
_BESIDE = {
    "meta_ads": Channel("Meta ads", "meta ad(s)|facebook ad(s)|instagram ad(s)", 3, "", "ad", "meta ads", "meta_ads"),
    "landing_page": Channel("Landing page", "landing page(s)|landingpage(s)", 1, "", "landing_page", "landing page"),
}
_ANYWHERE = Channel("A picture for any place", "", 0, "", "image_prompt", "")
# Channels that need a picture, and the shape of it.
_PICTURES = {
    "instagram": "4:5",
    "facebook": "1:1",
    "tiktok": "9:16",
    "youtube": "16:9",
    "linkedin": "1:1",
    "posters": "2:3",
}
_MOST_PICTURES = 2
_USUAL = ("email", "instagram", "on_site", "website", "partners", "posters")
CHANNELS = Count(1, 8, 3, ("channel",))


class Week(BaseModel):
    """What happens in a week."""

    focus: Annotated[str, Size(50, least=6, form="phrase")]
    action: Annotated[str, Size(160, least=30, form="sentences")]


class Campaign(BaseModel):
    """What a model writes; channels are chosen and the budget is shared out by code."""

    audience: Annotated[str, Size(110, least=10, nouns=("audience",), form="phrase")]
    goal: Annotated[str, Size(140, least=20, nouns=("goal",), form="sentences")]
    message: Annotated[str, Size(140, least=20, nouns=("message",), form="sentences")]
    weeks: Annotated[list[Week], Count(1, 16, 4, ("week",), apart=True)]
    kpis: Annotated[
        list[Annotated[str, Size(70, least=8, nouns=("kpi",), form="phrase")]],
        Count(2, 6, 3, ("kpi", "metric", "measure")),
    ]


def channels_of(assignment: Assignment) -> list[str]:
    """Ids of the channels: those that the brief names, filled up with usual ones to the number it asks for.

    A brief that names several and no number means just these.
    """
    named = assignment.reading.chosen("channel")
    low, _high = assignment.wishes.counts.get("channel", (len(named) if len(named) > 1 else CHANNELS.default,) * 2)
    wanted = min(max(low, 1), CHANNELS.high)
    return list(dict.fromkeys([*named, *_USUAL]))[:wanted]


def shared_out(total: int, channels: list[str]) -> list[tuple[str, int]]:
    """(channel, amount) for each; the amounts are round where that is possible and add up to the total."""
    weights = [_CHANNELS[channel].share for channel in channels]
    step = 10 if total >= 40 * len(channels) else 1
    amounts = [total * weight // sum(weights) // step * step for weight in weights]
    amounts[weights.index(max(weights))] += total - sum(amounts)
    return list(zip(channels, amounts, strict=True))


def first_day(assignment: Assignment, weeks: int) -> date:
    """The day a campaign begins: the one that the brief names, or the first Monday of a month it names, else so that it ends on a
    day it names, else next Monday."""
    today = assignment.day
    monday = today + timedelta(days=7 - today.weekday())
    begins, ends = days_of(assignment.brief, today)
    if ends is None:
        return first_monday_of(assignment.brief, today) or monday
    return begins or max(today + timedelta(days=1), ends - timedelta(weeks=weeks))


def calendar_of(output: Campaign, assignment: Assignment) -> list[dict[str, str]]:
    """What happens when: one entry a week, on its channel's hour."""
    channels, begin = channels_of(assignment), first_day(assignment, len(output.weeks))
    entries = []
    for number, week in enumerate(output.weeks):
        channel = _CHANNELS[channels[number % len(channels)]]
        day = begin + timedelta(weeks=number)
        entries.append(
            {"date": day.isoformat(), "time": f"{channel.hour:02}:00", "title": week.focus if assignment.as_written else week.focus.rstrip("."), "channel": _called(channel, assignment),
             "text": week.action}
        )  # fmt: skip
    return entries


def _channel(name: str, assignment: Assignment) -> str:
    channel = _CHANNELS[name]
    foreign = assignment.as_written and assignment.language != "en"
    return _called(channel, assignment) if foreign else f"{_called(channel, assignment)}: {channel.use}"


def _called(channel: Channel, assignment: Assignment) -> str:
    """A channel's title in the language of the campaign."""
    return label_in(channel.title, assignment.language)


def compose(output: Campaign, assignment: Assignment) -> Content:
    """The plan with its channels, one of them a week in turn, the budget, and the days."""
    channels, calendar = channels_of(assignment), calendar_of(output, assignment)
    weeks = [
        f"**{label('Week', assignment)} {number}, {entry['channel']}: {entry['title']}.** {entry['text']}"
        for number, entry in enumerate(calendar, 1)
    ]
    total = budget_of(assignment.brief)
    budget = [
        {"label": _called(_CHANNELS[name], assignment), "amount": amount}
        for name, amount in shared_out(total, channels)
        if amount
    ]
    lines = [f"{line['label']}: {line['amount']:,}" for line in budget]
    written = assignment.as_written
    audience = assignment.readers or assignment.profile.audience or output.audience
    audience = output.audience if written else as_sentence(audience) if audience else ""
    kpis = [kpi if written else kpi.rstrip(".") for kpi in output.kpis]
    sections = {
        "goal": output.goal,
        "audience": audience,
        "message": paragraphs(output.message, call_for(assignment, output.message)),
        "channels": bullets(_channel(name, assignment) for name in channels),
        "timeline": "\n".join(weeks),
        "kpis": bullets(kpis),
        "budget": paragraphs(bullets([*lines, f"{label('Total', assignment) if written else 'In all'}: {total:,}"]))
        if budget
        else "",
        "calendar": bullets(
            f"{entry['date']} {entry['time']}, {entry['channel']}: {entry['title']}" for entry in calendar
        ),
    }
    sections = {name: text for name, text in sections.items() if text}
    labels = {"kpis": "What we measure", "timeline": "Week by week"}
    shown = [f"**{label(labels.get(name, name.capitalize()), assignment)}**\n{text}" for name, text in sections.items()]
    parts: dict[str, Any] = {
        "sections": sections, "weeks": weeks, "channels": channels, "kpis": kpis, "budget": budget, "calendar": calendar,
        "about": _about(sections.get("message", ""), assignment),
    }  # fmt: skip
    return Content(paragraphs(*shown), parts)


def pieces(assignment: Assignment, own: Content | None) -> list[Piece]:
    """The copy of each channel and the prompts for its pictures, made from the plan's message."""
    channels = channels_of(assignment)
    about = own.parts.get("about", "") if own else ""
    seen = [name for name in channels if name in _PICTURES][:_MOST_PICTURES]
    return [copy_piece(name, about, assignment) for name in channels] + [
        picture_piece(name, assignment) for name in seen
    ]


def copy_piece(name: str, about: str, assignment: Assignment) -> Piece:
    """The copy of a channel, or of another place that has a text, about something; about what the brief says where that is empty."""
    channel = (_CHANNELS | _BESIDE)[name]
    return Piece(
        name,
        channel.kind,
        f"{channel.order}: {about or _topic(assignment)}",
        _called(channel, assignment),
        channel.place,
    )


def picture_piece(name: str, assignment: Assignment) -> Piece:
    """The prompt for a channel's picture; one that any place can use where a channel has none."""
    channel, shape = (_CHANNELS | _BESIDE).get(name, _ANYWHERE), _PICTURES.get(name, "1:1")
    brief = f"{_topic(assignment)}, {shape}"
    return Piece(f"{name} picture", "image_prompt", brief, _called(channel, assignment))


def places(language: str = "en") -> dict[str, str]:
    """What texts a campaign can have, by name: the channels that a plan can be for, and other places, as a language calls them."""
    return {name: label_in(channel.title, language) for name, channel in (_CHANNELS | _BESIDE).items()}


def kind_at(name: str) -> str:
    """The kind of a place's text."""
    return (_CHANNELS | _BESIDE)[name].kind


# Characters of a brief that places are looked for in.
_MOST_READ = 4_000


def places_in(brief: str) -> list[str]:
    """The places that a brief names."""
    choices = {name: channel.said for name, channel in (_CHANNELS | _BESIDE).items()}
    return list(named(brief[:_MOST_READ], choices))


def pictured(chosen: Sequence[str]) -> list[str]:
    """Of some places those that need a picture."""
    return [name for name in chosen if name in _PICTURES]


def with_places(assignment: Assignment, chosen: Sequence[str]) -> Assignment:
    """The assignment of the plan alone, for the channels of some places whatever its brief names."""
    channels = tuple([name for name in chosen if name in _CHANNELS][: CHANNELS.high] or ["website"])
    reading = assignment.reading.model_copy(update={"named": {**assignment.reading.named, "channel": channels}})
    counts = {**assignment.wishes.counts, "channel": (len(channels), len(channels))}
    wishes = replace(assignment.wishes, reading=reading, counts=counts)
    return replace(assignment, wishes=wishes, kind=replace(assignment.kind, pieces=_no_pieces))


def _no_pieces(_assignment: Assignment, _own: Content | None) -> list[Piece]:
    return []


def _about(message: str, assignment: Assignment) -> str:
    """What the texts of the channels are about: the message alone where its model can write, which is told the whole brief besides."""
    told = message.partition("\n")[0]
    return told if told and assignment.as_written else ". ".join(filter(None, (_topic(assignment), told)))


def _topic(assignment: Assignment) -> str:
    """What is advertised: the brief without weeks, budget and channels."""
    named = "|".join(channel.said for channel in _CHANNELS.values())
    return campaigned(assignment.request.brief, named) or assignment.reading.message


def join(own: Content | None, made: list[tuple[Piece, Content]], assignment: Assignment) -> Content:
    """The plan, then what each channel says; the calendar holds each channel's copy where it first goes out."""
    assert own is not None
    copy = [(piece, content) for piece, content in made if piece.kind != "image_prompt"]
    pictures = [(piece, content) for piece, content in made if piece.kind == "image_prompt"]
    first = {piece.title: content.text for piece, content in copy}
    calendar = [entry | {"text": first.pop(entry["channel"], entry["text"])} for entry in own.parts["calendar"]]
    text, picture = (label_in(name, assignment.language) for name in ("the text", "the picture"))
    blocks = [f"**{piece.title}: {text}**\n{content.text}" for piece, content in copy]
    blocks += [f"**{piece.title}: {picture}**\n{content.parts['raw']}" for piece, content in pictures]
    parts = own.parts | {
        "calendar": calendar,
        "copy": {piece.name: content.text for piece, content in copy},
        "image_prompts": [content.parts["raw"] for _, content in pictures],
    }
    return Content(paragraphs(own.text, *blocks), parts)


def examine(_output: Campaign, content: Content, assignment: Assignment) -> list[Check]:
    """The budget adds up to what the brief allows."""
    total = budget_of(assignment.brief)
    spent = sum(line["amount"] for line in content.parts["budget"])
    return [bounded("budget", spent, total, total, asked_by="brief")] if total else []


KIND = Kind(
    name="campaign",
    family="marketing",
    needs=("date",),
    title="Campaign plan",
    description="Message, channels with their copy, a dated plan, image prompts, what to measure, and a budget.",
    output=Campaign,
    prompt="Plan a campaign. audience says in a few words whom it is for. goal says what should change. message is what people should remember. Each week has a focus "
    "of two to four words and one sentence that says what we do. kpis are things one can count.",
    examples=(
        Example(
            "4 week campaign to get riders to check their bikes before winter",
            Campaign(
                audience="riders who bring their bike in once a year",
                goal="More riders bring their bikes in before the first frost.",
                message="A safe bike is a warm ride home.",
                weeks=[
                    Week(
                        focus="Tell the regulars",
                        action="We write to everybody whose bike we mended last winter and offer them an early slot.",
                    ),
                    Week(
                        focus="Show the work",
                        action="We film one brake repair from start to end and post it with three tips.",
                    ),
                    Week(focus="Bring a friend", action="Whoever comes with a friend gets a bottle of chain oil."),
                    Week(focus="Last call", action="We post how many bikes are ready and how many slots are left."),
                ],
                kpis=[
                    "Bikes checked each week",
                    "Bookings that came from the mail",
                    "New riders who came with a friend",
                ],
            ),
        ),
        Example(
            "plan to win adults for piano lessons",
            Campaign(
                audience="adults who never played an instrument",
                goal="More adults come to a first lesson.",
                message="It is never too late for your first song.",
                weeks=[Week(focus="Open the door", action="We hold a free evening where everybody may try the piano.")],
                kpis=["Visitors at the open evening", "First lessons booked"],
            ),
        ),
    ),
    compose=compose,
    counted=(CHANNELS,),
    pieces=pieces,
    join=join,
    chosen_by="channel",
    examine=examine,
    words=(120, 180, 260),
    form=Form("post", planned=True, choices={"channel": {name: channel.said for name, channel in _CHANNELS.items()}}),
    likeliest=("pdf", "ics", "docx", "pptx", "xlsx"),
)

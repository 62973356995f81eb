"""A campaign plan: message, channels, weeks, metrics, and a budget."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form, find_named_choices
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, Line
from bot.reading.budget import read_budget
from bot.reading.days import parse_leading_day
from bot.reading.labels import (
    LabelledText,
    Labels,
    find_labelled_cells,
    find_labelled_texts,
    normalise_label,
)
from bot.reading.lines import flatten_lines, is_heading_line, keep_outer_entries, strip_decoration
from bot.reading.sections import collect_sections, parse_outline
from bot.reading.surrounding_labels import translate_label, translate_to_all


@dataclass(frozen=True, slots=True)
class CampaignChannel:
    """A way to reach an audience: its name for users and the names briefs use. Its text is of `kind`, for `place`; it needs
    a picture of a `shape`, if it has one.
    """

    title: str
    names: str
    kind: str
    place: str = ""
    shape: str = ""


_CHANNELS: dict[str, CampaignChannel] = {
    "email": CampaignChannel(
        "Email",
        "email(s)|e-mail(s)|mail(s)|newsletter(s)|mailing(s)|rundmail(s)|correo(s)|boletín|courriel(s)|infolettre",
        "email",
    ),
    "instagram": CampaignChannel("Instagram", "instagram|insta", "social_post", "instagram", "4:5"),
    "facebook": CampaignChannel("Facebook", "facebook|fb", "social_post", "facebook", "1:1"),
    "linkedin": CampaignChannel("LinkedIn", "linkedin", "social_post", "linkedin", "1:1"),
    "tiktok": CampaignChannel("TikTok", "tiktok", "social_post", "tiktok", "9:16"),
    "youtube": CampaignChannel("YouTube", "youtube", "social_post", "youtube", "16:9"),
    "x": CampaignChannel("X", "twitter|on x|x post(s)|tweet(s)", "social_post", "x"),
    "discord": CampaignChannel("Discord", "discord", "social_post", "discord"),
    "whatsapp": CampaignChannel("WhatsApp", "whatsapp|whats app", "sms", "whatsapp"),
    "google_ads": CampaignChannel("Google ads", "google|search ad(s)", "ad", "google_ads"),
    "posters": CampaignChannel(
        "Posters and flyers",
        "poster(s)|flyer(s)|leaflet(s)|print|plakat(e)|aushang|aushänge|cartel(es)|folleto(s)|affiche(s)|"
        "dépliant(s)|cartaz(es)|panfleto(s)",
        "slogan",
        shape="2:3",
    ),
    "on_site": CampaignChannel("Signs on site", "in store|on site|window|counter|chalkboard|sign(s)", "slogan"),
    "sms": CampaignChannel("Text messages", "sms|text message(s)", "sms", "sms"),
    "radio": CampaignChannel("Radio", "radio", "script"),
    "press": CampaignChannel(
        "Local press",
        "press|newspaper(s)|journalist(s)|lokalzeitung|zeitung(en)|lokalpresse|prensa|periódico(s)|presse locale|"
        "imprensa|jornal|jornais",
        "press_release",
    ),
    "website": CampaignChannel("Website", "website|blog|site", "seo_meta", "search_result"),
    "partners": CampaignChannel("Partners", "partner(s)|influencer(s)|word of mouth", "email"),
}
# Other texts a campaign can have; no plan is made for these.
_OTHER_PLACES = {
    "meta_ads": CampaignChannel("Meta ads", "meta ad(s)|facebook ad(s)|instagram ad(s)", "ad", "meta_ads"),
    "landing_page": CampaignChannel("Landing page", "landing page(s)|landingpage(s)", "landing_page"),
}
_ALL_PLACES = _CHANNELS | _OTHER_PLACES
# What briefs call pictures.
_PICTURES = (
    "picture(s)|image(s)|photo(s)|visual(s)|illustration(s)|bild|bilder|foto(s)|grafik(en)|imagen|imágenes|ilustración|ilustraciones|"
    "visuel(s)|imagem|imagens|ilustração|ilustrações"
)
# What precedes a place that a brief rules out: "no Instagram", "not on Facebook".
_NOT_WANTED = re.compile(
    r"(?<!\w)(?:no|not|without|except|skip|kein|keine|keinen|ohne|nicht|außer|sin|ni|salvo|sans|pas|sauf|sem|não|nem|exceto)"
    r"(?!\s(?:only|nur|just|solo|seulement|só)(?!\w))(?:\s\w{1,12}){0,2}\s$",
    re.IGNORECASE,
)
# The shape of a picture for any place.
_ANY_SHAPE = "1:1"
# The maximum number of characters of a brief searched for places, and of a channel's own name.
_MAX_BRIEF_CHARACTERS, _MAX_NAME_CHARACTERS = 4_000, 40


class BudgetLine(BaseModel):
    """A part of the budget and its purpose."""

    label: str = ""
    amount: float = 0


class CalendarEntry(BaseModel):
    """What happens on a day, in ISO 8601."""

    date: str = ""
    time: str = ""
    title: str = ""
    channel: str = ""
    text: str = ""


class Campaign(BaseModel):
    """The parts of a plan; `sections` are all of them, the common ones under English names."""

    title: str = ""
    audience: Annotated[str, Size(nouns=("audience",))] = ""
    goal: Annotated[str, Size(nouns=("goal",))] = ""
    message: Annotated[str, Size(nouns=("message",))] = ""
    channels: Annotated[list[str], Count(nouns=("channel",))] = []
    weeks: Annotated[list[str], Count(nouns=("week",))] = []
    kpis: Annotated[list[Annotated[str, Size(nouns=("kpi",))]], Count(nouns=("kpi", "metric", "measure"))] = []
    budget: list[BudgetLine] = []
    calendar: list[CalendarEntry] = []
    sections: dict[str, str] = {}


_LABELS = Labels(
    goal="Goal|goals|objective|campaign goal|aim|Objectives|ziele|metas",
    audience="Audience|target audience|who|who we want|who it is for|target group|zielgruppen|público objetivo|public cible|público-alvo",
    message="Message|key message|core message|main message|what we say|kernbotschaft|hauptbotschaft|mensaje clave|message clé|"
    "mensagem principal|mensagem-chave|slogan",
    channels="Channels|Channel|channel mix|channels and tactics|channel plan|wege",
    timeline="Timeline|Week by week|weekly plan|Weeks|plan|week-by-week plan|wochenplan|ablauf|plan semanal|plan de la semaine|planning|"
    "action plan|schedule|roadmap|zeitleiste|fahrplan",
    kpis="What we measure|Key figure|kpis|kpi|metrics|metric|success metrics|measures of success|measurement|measuring success|how we measure|"
    "how we measure success|the numbers|the two numbers|two numbers to watch|the three numbers|three numbers to watch|numbers to watch|"
    "what we watch|Number|kennzahlen|erfolgsmessung|messung|indicadores|métricas|métrica|indicateurs|mesure|cómo medimos|"
    "indicadores clave|como medimos",
    budget="Budget|total budget|gesamtbudget|budget breakdown|budget plan|costs|money|kosten|costes|costos|coûts|custos|budget overview|budgetplan",
    calendar="Calendar|dates|key dates|termine|fechas|dates clés|datas|content calendar|posting schedule|redaktionsplan",
    other="risks|duration|when|dauer|period|cta|Call to action|hashtag|hashtags|Notes|note|before you start|next steps|if the numbers fall short",
)
_TABLE = Labels(
    channel="Channel|Channels|where|place|medium|kanal",
    title="Title|what|Action|activity|content|task|Focus|Message|was|maßnahme|inhalt|qué|quoi|o quê|contenido|contenu|conteúdo",
)
_WEEK = re.compile(
    r"\W{0,4}(?:weeks?|wk|wochen?|kw|semanas?|semaines?)\s{0,2}#?\s?\d{1,2}(?!\d)"
    r"|\W{0,4}\d{1,2}(?:st|nd|rd|th|[.ªº]|re|ère|er|e)?\s(?:week|woche|semana|semaine)(?!\w)",
    re.IGNORECASE,
)
_AND = re.compile(r"\s?[,;·•/+&]\s?|\s(?:and|und|y|e|et|plus)\s", re.IGNORECASE)


def list_places(language: str = "en") -> dict[str, str]:
    """Return the texts a campaign can have, by name: the channels that a plan can cover, and other places, labelled in a
    language.
    """
    return {name: translate_label(channel.title, language) for name, channel in _ALL_PLACES.items()}


def get_place_kind(name: str) -> str:
    """Return the kind of a place's text."""
    return _ALL_PLACES[name].kind


def find_places(brief: str) -> list[str]:
    """Return the places that a brief names and does not rule out."""
    return list(_find_wanted(brief, {name: channel.names for name, channel in _ALL_PLACES.items()}))


def wants_pictures(brief: str) -> bool:
    """Whether a brief names pictures and does not rule them out."""
    return bool(_find_wanted(brief, {"": _PICTURES}))


def _find_wanted(brief: str, choices: Mapping[str, str]) -> Sequence[str]:
    text = brief[:_MAX_BRIEF_CHARACTERS]
    return find_named_choices(text, choices, lambda start: not _NOT_WANTED.search(text[max(0, start - 40) : start]))


def filter_pictured_places(chosen: Sequence[str]) -> list[str]:
    """Return those of the places that need a picture."""
    return [name for name in chosen if name in _ALL_PLACES and _ALL_PLACES[name].shape]


def get_channel(name: str) -> CampaignChannel:
    """Return the channel or other place with a name; a picture for no particular place is square."""
    return _ALL_PLACES.get(name) or CampaignChannel("A picture for any place", "", "image_prompt", shape=_ANY_SHAPE)


def read(whole: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the parts of the plan, from its goal to its calendar."""
    shown = parse_outline(whole, _LABELS)
    known = find_labelled_texts(whole, _LABELS)
    first: dict[str, LabelledText] = {}
    for one in known:
        first.setdefault(one.part, one)
    sections: dict[str, str] = {}
    for title, text in collect_sections(whole, shown).items():
        part = _LABELS.find(title)
        sections.setdefault(part if part and part != "other" else title, text)
    for name, one in first.items():
        if name != "other" and (text := one.get_source(whole)):
            sections.setdefault(name, text)
    labelled_cells = dict(reversed(find_labelled_cells(whole, _LABELS)))
    weeks = _read_weeks(whole)
    if weeks:
        sections.setdefault("timeline", "\n\n".join(weeks))
    parts: dict[str, Any] = {
        "title": shown.title.text if shown.title else "",
        **{
            name: first[name].text if name in first else labelled_cells.get(name, "")
            for name in ("goal", "audience", "message")
        },
        "channels": _read_channels(whole, known),
        "weeks": weeks,
        "kpis": [kpi for one in known if one.part == "kpis" for kpi in _parse_kpis(one)],
        "budget": read_budget(whole, known),
        "calendar": _read_calendar(whole, assignment),
        "sections": sections,
    }
    return {name: part for name, part in parts.items() if part}


def _read_channels(whole: Document, known: Sequence[LabelledText]) -> list[str]:
    """Return the channels by their names here, unknown ones by their own; if none are listed, those named in headings."""
    listed = [name for one in known if one.part == "channels" for name in _parse_listed_channels(one)]
    if not listed:
        heads = [line for line in whole.lines if is_heading_line(whole, line) or line.lead or line.sort == "row"]
        names = [cell for line in heads for cell in (line.cells or (line.lead or line.label[0] or line.text,))]
        listed = [name for cell in names if len(cell) <= _MAX_NAME_CHARACTERS for name in _find_named_channels(cell)]
    return list(dict.fromkeys(listed))


def _parse_listed_channels(one: LabelledText) -> Iterator[str]:
    if one.value:
        for piece in _AND.split(re.split(r"[.!](?:\s|$)", one.value, maxsplit=1)[0]):
            yield from _match_channel(piece)
    rows = [line for line in one.lines if line.sort == "row" and not line.head]
    shown = keep_outer_entries([line for line in one.lines if line.sort == "item"]) or rows
    shown = shown or [line for line in one.lines if line.lead or line.sort == "heading"]
    for line in shown or (() if one.value else one.lines):
        yield from _match_channel(line.cells[0] if line.cells else line.label[0] or line.text)


def _match_channel(text: str) -> list[str]:
    text = strip_decoration(text).strip(" .:")
    return _find_named_channels(text) or (
        [text] if text and len(text) <= _MAX_NAME_CHARACTERS and normalise_label(text) else []
    )


def _find_named_channels(text: str) -> list[str]:
    return (
        ["x"] if text.strip() == "X" else list(find_named_choices(text[:_MAX_BRIEF_CHARACTERS], _load_channel_names()))
    )


@cache
def _load_channel_names() -> dict[str, str]:
    """Return what texts call the channels, in any language."""
    titles = {name: sorted(translate_to_all(channel.title)) for name, channel in _CHANNELS.items()}
    return {name: "|".join((channel.names, *map(str.casefold, titles[name]))) for name, channel in _CHANNELS.items()}


def _read_weeks(whole: Document) -> list[str]:
    """Return the text of each week, from its heading, row or entry, with its name."""
    found: dict[str, list[Line]] = {}
    rows: dict[str, str] = {}
    is_open: str | None = None
    for line in whole.lines:
        begins = _WEEK.match(line.text)
        if line.sort == "row":
            if line.cells and _WEEK.match(line.cells[0]) and not line.head:
                others = "; ".join(filter(None, line.cells[1:]))
                rows.setdefault(line.cells[0], ": ".join(filter(None, (line.cells[0], others))))
        elif begins and (is_heading_line(whole, line) or line.lead or line.label[0] or line.sort == "item"):
            name = normalise_label(begins[0])
            # If a week is named again, as above its texts, the first time counts.
            is_open = None if name in found else name
            found.setdefault(name, [line])
        elif is_open and (line.sort == "rule" or _ends_week(whole, line, found[is_open][0])):
            is_open = None
        elif is_open:
            found[is_open].append(line)
    texts = ["\n".join(filter(None, (lines[0].text, flatten_lines(lines[1:])))) for lines in found.values()]
    return texts or list(rows.values())


def _ends_week(whole: Document, line: Line, week: Line) -> bool:
    """Whether the content of a week ends before a line."""
    if line.sort == "heading":
        return week.sort != "heading" or line.level <= week.level
    if week.entry is not None:
        return line.entry is None or (line.sort == "item" and line.level <= week.level)
    known = _LABELS.match_line(line)
    return week.sort != "heading" and known is not None and known[0] in ("kpis", "budget", "channels", "calendar")


def _parse_kpis(one: LabelledText) -> list[str]:
    if one.value:
        return [strip_decoration(piece) for piece in one.value.split(";")]
    rows = [line for line in one.lines if line.sort == "row" and not line.head]
    shown = keep_outer_entries([line for line in one.lines if line.sort == "item"]) or (() if rows else one.lines)
    return [strip_decoration((line.lead or line.text).rstrip(".")) for line in shown] or [
        line.cells[0] for line in rows
    ]


def _read_calendar(whole: Document, assignment: Assignment) -> list[dict[str, str]]:
    """Return the dated entries: rows of tables, and entries and headings that begin with a day."""
    today = assignment.day
    found: list[dict[str, str]] = []
    head: tuple[str | None, ...] = ()
    alone = False
    for line in whole.lines:
        if line.sort == "row":
            if line.head:
                head = tuple(_TABLE.find(cell) for cell in line.cells)
            elif entry := _parse_dated_row(line, head, assignment):
                found.append(entry)
            continue
        begins = line.sort in ("item", "heading") or line.lead or line.label[0] or is_heading_line(whole, line)
        dated = parse_leading_day(line.text, today) if begins and line.sort != "rule" else None
        if dated:
            day, time, rest = dated
            channel, title = _split_channel(rest)
            found.append(_build_entry(day.isoformat(), time, title, channel, ""))
            alone = not title
        elif alone and line.sort in ("text", "item") and not is_heading_line(whole, line):
            # The plan for a day is below it.
            found[-1].setdefault("title", line.text)
            found[-1]["text"] = "\n".join(filter(None, (found[-1].get("text"), line.text)))
        else:
            alone = False
    return [entry for entry in found if entry.get("title")]


def _parse_dated_row(line: Line, head: Sequence[str | None], assignment: Assignment) -> dict[str, str] | None:
    for at, cell in enumerate(line.cells[:3]):
        if dated := parse_leading_day(cell, assignment.day):
            day, time, _ = dated
            named_so = {part: line.cells[n] for n, part in enumerate(head) if part and n < len(line.cells)}
            others = [one for n, one in enumerate(line.cells) if n != at and one and one != named_so.get("channel")]
            words = [one for one in others if any(map(str.isalpha, one)) and not _WEEK.fullmatch(one)]
            title = named_so.get("title") or next(iter(words), "")
            text = "\n".join(one for one in words if one != title)
            return _build_entry(day.isoformat(), time, title, named_so.get("channel", ""), text)
    return None


def _split_channel(text: str) -> tuple[str, str]:
    """Return the channel that a text is labelled with, and the remaining text."""
    name, colon, rest = text.partition(":")
    is_channel = colon and len(name) <= _MAX_NAME_CHARACTERS and len(_find_named_channels(name)) == 1
    return (name.strip(), rest.strip()) if is_channel else ("", text)


def _build_entry(day: str, time: str, title: str, channel: str, text: str) -> dict[str, str]:
    sentence, stop, rest = title.partition(". ")
    if rest and not text:
        title, text = f"{sentence}{stop.strip()}", title
    entry = {"date": day, "time": time, "title": title, "channel": channel, "text": text}
    return {name: value for name, value in entry.items() if value}


KIND = Kind(
    name="campaign",
    family="marketing",
    title="Campaign plan",
    description="Message, channels with their copy, a dated plan, image prompts, what to measure, and a budget.",
    task="With the channels, budget and dates of the request and no others.",
    read=read,
    parts=Campaign,
    form=Form("post", planned=True),
    likely_exports=("pdf", "ics", "docx", "pptx", "xlsx"),
)

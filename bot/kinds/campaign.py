"""A campaign: message, channels with their texts, weeks, metrics, and a budget."""

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
    """A way to reach an audience. `title` is for users, `names` are the forms in briefs. Its text is of `kind`, for `place`;
    if it has a `shape`, it needs a picture.
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
        "text",
        shape="2:3",
    ),
    "on_site": CampaignChannel("Signs on site", "in store|on site|window|counter|chalkboard|sign(s)", "text"),
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
_PICTURE_NAMES = (
    "picture(s)|image(s)|photo(s)|visual(s)|illustration(s)|bild|bilder|foto(s)|grafik(en)|imagen|imágenes|ilustración|ilustraciones|"
    "visuel(s)|imagem|imagens|ilustração|ilustrações"
)
# What precedes a place that a brief rules out: "no Instagram", "not on Facebook".
_EXCLUSION = re.compile(
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
    """The parts of a plan; `sections` has the source of each, the common ones under English names."""

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
_TABLE_LABELS = Labels(
    channel="Channel|Channels|where|place|medium|kanal",
    title="Title|what|Action|activity|content|task|Focus|Message|was|maßnahme|inhalt|qué|quoi|o quê|contenido|contenu|conteúdo",
)
_WEEK = re.compile(
    r"\W{0,4}(?:weeks?|wk|wochen?|kw|semanas?|semaines?)\s{0,2}#?\s?\d{1,2}(?!\d)"
    r"|\W{0,4}\d{1,2}(?:st|nd|rd|th|[.ªº]|re|ère|er|e)?\s(?:week|woche|semana|semaine)(?!\w)",
    re.IGNORECASE,
)
_LIST_SEPARATOR = re.compile(r"\s?[,;·•/+&]\s?|\s(?:and|und|y|e|et|plus)\s", re.IGNORECASE)


def list_places(language: str = "en") -> dict[str, str]:
    """Return the titles, in a language, of all places for texts by name: the channels of plans, and other places."""
    return {name: translate_label(channel.title, language) for name, channel in _ALL_PLACES.items()}


def get_place_kind(name: str) -> str:
    """Return the kind of a place's text."""
    return _ALL_PLACES[name].kind


def find_places(brief: str) -> list[str]:
    """Return the places that a brief names and does not rule out."""
    return list(_find_wanted(brief, {name: channel.names for name, channel in _ALL_PLACES.items()}))


def wants_pictures(brief: str) -> bool:
    """Whether a brief names pictures and does not rule them out."""
    return bool(_find_wanted(brief, {"": _PICTURE_NAMES}))


def _find_wanted(brief: str, choices: Mapping[str, str]) -> Sequence[str]:
    text = brief[:_MAX_BRIEF_CHARACTERS]
    return find_named_choices(text, choices, lambda start: not _EXCLUSION.search(text[max(0, start - 40) : start]))


def filter_pictured_places(names: Sequence[str]) -> list[str]:
    """Return those of the places that need a picture."""
    return [name for name in names if name in _ALL_PLACES and _ALL_PLACES[name].shape]


def get_channel(name: str) -> CampaignChannel:
    """Return the channel or other place with a name; a picture for no particular place is square."""
    return _ALL_PLACES.get(name) or CampaignChannel("A picture for any place", "", "image_prompt", shape=_ANY_SHAPE)


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the parts of the plan, from its goal to its calendar."""
    outline = parse_outline(document, _LABELS)
    labelled_texts = find_labelled_texts(document, _LABELS)
    first_texts: dict[str, LabelledText] = {}
    for labelled_text in labelled_texts:
        first_texts.setdefault(labelled_text.part, labelled_text)
    sections: dict[str, str] = {}
    for title, text in collect_sections(document, outline).items():
        part = _LABELS.find(title)
        sections.setdefault(part if part and part != "other" else title, text)
    for part, labelled_text in first_texts.items():
        if part != "other" and (text := labelled_text.get_source(document)):
            sections.setdefault(part, text)
    labelled_cells = dict(reversed(find_labelled_cells(document, _LABELS)))
    weeks = _read_weeks(document)
    if weeks:
        sections.setdefault("timeline", "\n\n".join(weeks))
    parts: dict[str, Any] = {
        "title": outline.title.text if outline.title else "",
        **{
            name: first_texts[name].text if name in first_texts else labelled_cells.get(name, "")
            for name in ("goal", "audience", "message")
        },
        "channels": _read_channels(document, labelled_texts),
        "weeks": weeks,
        "kpis": [kpi for text in labelled_texts if text.part == "kpis" for kpi in _parse_kpis(text)],
        "budget": read_budget(document, labelled_texts),
        "calendar": _read_calendar(document, assignment),
        "sections": sections,
    }
    return {name: part for name, part in parts.items() if part}


def _read_channels(document: Document, labelled_texts: Sequence[LabelledText]) -> list[str]:
    """Return the listed channels by name, unknown ones as they are called; if there are none, those in headings and tables."""
    channels = [name for text in labelled_texts if text.part == "channels" for name in _parse_listed_channels(text)]
    if not channels:
        lines = [line for line in document.lines if is_heading_line(document, line) or line.lead or line.sort == "row"]
        titles = [title for line in lines for title in (line.cells or (line.lead or line.label[0] or line.text,))]
        short_titles = (title for title in titles if len(title) <= _MAX_NAME_CHARACTERS)
        channels = [name for title in short_titles for name in _find_named_channels(title)]
    return list(dict.fromkeys(channels))


def _parse_listed_channels(text: LabelledText) -> Iterator[str]:
    """Yield the channels after a label, and those of the entries, rows or headings below it."""
    if text.value:
        first_sentence = re.split(r"[.!](?:\s|$)", text.value, maxsplit=1)[0]
        for piece in _LIST_SEPARATOR.split(first_sentence):
            yield from _match_channel(piece)
    lines = (
        keep_outer_entries([line for line in text.lines if line.sort == "item"])
        or [line for line in text.lines if line.sort == "row" and not line.head]
        or [line for line in text.lines if line.lead or line.sort == "heading"]
    )
    for line in lines or (() if text.value else text.lines):
        yield from _match_channel(line.cells[0] if line.cells else line.label[0] or line.text)


def _match_channel(text: str) -> list[str]:
    """Return the channels that a text names; if it names none, the text itself, provided that it can be a name."""
    text = strip_decoration(text).strip(" .:")
    is_name = bool(text) and len(text) <= _MAX_NAME_CHARACTERS and bool(normalise_label(text))
    return _find_named_channels(text) or ([text] if is_name else [])


def _find_named_channels(text: str) -> list[str]:
    if text.strip() == "X":
        return ["x"]
    return list(find_named_choices(text[:_MAX_BRIEF_CHARACTERS], _load_channel_names()))


@cache
def _load_channel_names() -> dict[str, str]:
    """Return the forms of each channel's name and of its titles in all languages."""
    titles = {name: sorted(translate_to_all(channel.title)) for name, channel in _CHANNELS.items()}
    return {name: "|".join((channel.names, *map(str.casefold, titles[name]))) for name, channel in _CHANNELS.items()}


def _read_weeks(document: Document) -> list[str]:
    """Return the text of each week, from its heading, row or entry, with its name."""
    lines_by_week: dict[str, list[Line]] = {}
    row_texts: dict[str, str] = {}
    open_week: str | None = None
    for line in document.lines:
        match = _WEEK.match(line.text)
        if line.sort == "row":
            if line.cells and _WEEK.match(line.cells[0]) and not line.head:
                other_cells = "; ".join(filter(None, line.cells[1:]))
                row_texts.setdefault(line.cells[0], ": ".join(filter(None, (line.cells[0], other_cells))))
        elif match and (is_heading_line(document, line) or line.lead or line.label[0] or line.sort == "item"):
            week = normalise_label(match[0])
            # If a week is named again, as above its texts, the first time counts.
            open_week = None if week in lines_by_week else week
            lines_by_week.setdefault(week, [line])
        elif open_week and (line.sort == "rule" or _ends_week(line, lines_by_week[open_week][0])):
            open_week = None
        elif open_week:
            lines_by_week[open_week].append(line)
    texts = ["\n".join(filter(None, (lines[0].text, flatten_lines(lines[1:])))) for lines in lines_by_week.values()]
    return texts or list(row_texts.values())


def _ends_week(line: Line, week: Line) -> bool:
    """Whether the content of a week ends before a line. `week` is the week's first line."""
    if line.sort == "heading":
        return week.sort != "heading" or line.level <= week.level
    if week.entry is not None:
        return line.entry is None or (line.sort == "item" and line.level <= week.level)
    label = _LABELS.match_line(line)
    return week.sort != "heading" and label is not None and label[0] in ("kpis", "budget", "channels", "calendar")


def _parse_kpis(text: LabelledText) -> list[str]:
    if text.value:
        return [strip_decoration(piece) for piece in text.value.split(";")]
    rows = [line for line in text.lines if line.sort == "row" and not line.head]
    entries = keep_outer_entries([line for line in text.lines if line.sort == "item"])
    lines = entries or (() if rows else text.lines)
    return [strip_decoration((line.lead or line.text).rstrip(".")) for line in lines] or [row.cells[0] for row in rows]


def _read_calendar(document: Document, assignment: Assignment) -> list[dict[str, str]]:
    """Return the dated entries: rows of tables, and entries and headings that begin with a day."""
    entries: list[dict[str, str]] = []
    columns: tuple[str | None, ...] = ()
    is_untitled = False
    for line in document.lines:
        if line.sort == "row":
            if line.head:
                columns = tuple(_TABLE_LABELS.find(cell) for cell in line.cells)
            elif entry := _parse_dated_row(line, columns, assignment):
                entries.append(entry)
            continue
        is_start = line.sort in ("item", "heading") or line.lead or line.label[0] or is_heading_line(document, line)
        if is_start and line.sort != "rule" and (dated_text := parse_leading_day(line.text, assignment.day)):
            day, time, rest = dated_text
            channel, title = _split_channel(rest)
            entries.append(_build_entry(day.isoformat(), time, title, channel, ""))
            is_untitled = not title
        elif is_untitled and line.sort in ("text", "item") and not is_heading_line(document, line):
            # The plan for a day is below it.
            entries[-1].setdefault("title", line.text)
            entries[-1]["text"] = "\n".join(filter(None, (entries[-1].get("text"), line.text)))
        else:
            is_untitled = False
    return [entry for entry in entries if entry.get("title")]


def _parse_dated_row(line: Line, columns: Sequence[str | None], assignment: Assignment) -> dict[str, str] | None:
    """Return the entry of a row with a day in one of its first cells; `columns` has the part of each column, if known."""
    for index, cell in enumerate(line.cells[:3]):
        if dated_text := parse_leading_day(cell, assignment.day):
            day, time, _ = dated_text
            labelled_cells = {part: text for part, text in zip(columns, line.cells, strict=False) if part}
            channel = labelled_cells.get("channel")
            other_cells = [text for n, text in enumerate(line.cells) if n != index and text and text != channel]
            texts = [text for text in other_cells if any(map(str.isalpha, text)) and not _WEEK.fullmatch(text)]
            title = labelled_cells.get("title") or next(iter(texts), "")
            text = "\n".join(text for text in texts if text != title)
            return _build_entry(day.isoformat(), time, title, channel or "", text)
    return None


def _split_channel(text: str) -> tuple[str, str]:
    """Return the channel that a text is labelled with, and the remaining text."""
    name, colon, rest = text.partition(":")
    is_channel = colon and len(name) <= _MAX_NAME_CHARACTERS and len(_find_named_channels(name)) == 1
    return (name.strip(), rest.strip()) if is_channel else ("", text)


def _build_entry(day: str, time: str, title: str, channel: str, text: str) -> dict[str, str]:
    first_sentence, stop, rest = title.partition(". ")
    if rest and not text:
        title, text = f"{first_sentence}{stop.strip()}", title
    entry = {"date": day, "time": time, "title": title, "channel": channel, "text": text}
    return {name: value for name, value in entry.items() if value}


KIND = Kind(
    name="campaign",
    family="marketing",
    title="Campaign",
    description="Message, channels with their copy, a dated plan, image prompts, what to measure, and a budget.",
    read=read,
    parts=Campaign,
    form=Form("post", planned=True),
    likely_exports=("pdf", "ics", "docx", "pptx", "xlsx"),
)

"""A paid advertisement: headlines and descriptions, and the primary text where the network shows one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.units import LINK
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document
from bot.reading.labels import Labels, collect_labelled_lists, find_labelled_cells, find_labelled_texts
from bot.reading.lines import strip_decoration
from bot.reading.lists import parse_points
from bot.reading.texts import get_wanted_count


class AdParts(BaseModel):
    """The parts that go into the fields of an ad or of a store listing; `primary_text` is the first of several texts."""

    headlines: Annotated[
        list[Annotated[str, Size(nouns=("headline", "title"))]],
        Count(nouns=("headline", "title", "variation", "variant", "version")),
    ] = []
    descriptions: Annotated[list[Annotated[str, Size(nouns=("description",))]], Count(nouns=("description",))] = []
    primary_text: Annotated[str, Size(nouns=("primary text", "intro"))] = ""
    primary_texts: list[str] = []
    paths: list[str] = []
    title: str = ""
    subtitle: str = ""
    short_description: str = ""
    description: str = ""
    promotional_text: str = ""
    keywords: str = ""
    link: str = ""
    network: str = ""


_LABELS = Labels(
    headlines="Headline|Headlines|h|ad headline|short headline|long headline|Title|Titles|anzeigentitel|anzeigentitel kurz|schlagzeile|"
    "schlagzeilen|encabezado|encabezados|titular|titulares|accroche|accroches|chamada|chamadas|manchete|link title|card title",
    descriptions="Description|Descriptions|d|ad description|description line|link description|textzeile|textzeilen|beschreibungszeile|"
    "newsfeed description|descripción del enlace|descrição do link|description du lien",
    primary_text="Primary text|primary texts|introductory text|Intro|intro text|body|body text|Text|ad text|ad copy|copy|post text|post copy|"
    "tweet|post|caption|anzeigentext|einleitungstext|primärer text|primärtext|texto introductorio|texte d'introduction|texto introdutório|"
    "texto do anúncio|texto del anuncio|texte de l'annonce|message",
    paths="Display paths|display path|display path fields|display url|path|paths|url path|angezeigter pfad|pfad|pfade|anzeigepfad|"
    "anzeigepfade|ruta|rutas|chemin|chemins|chemin affiché|caminho|caminhos",
    title="app name|Name|app title|nombre de la app|app-name|nom de l'app|nome do app",
    subtitle="Subtitle",
    short_description="Short description|kurzbeschreibung|descripción breve|descripción corta|description courte|brève description|"
    "descrição curta|breve descrição",
    description="full description|long description|app description|ausführliche beschreibung|vollständige beschreibung|"
    "descripción completa|descripción larga|description complète|description longue|descrição completa|descrição longa",
    promotional_text="Promotional text|promo text",
    keywords="Keywords|keyword field",
    link="link|final url|url|landing page|destination|destination url|website url|ziel-url|finale url|url final|url finale|enlace|lien",
    other="Button|cta|Call to action|cta button|Image|Picture|visual|creative|video|bild|Audience|targeting|Notes|note|sitelinks|sitelink|"
    "sitelink extensions|callouts|callout|negative keywords|search keywords|structured snippets|image text|overlay|ad|anzeige|anuncio|"
    "annonce|anúncio|variant|variation|variante|Version|Option|hashtags|ad group|Campaign|"
    "pinning|Length|characters|why",
)
_STORES = ("app_store", "google_play")


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the labelled parts; unlabelled headlines and descriptions are identified by how many of each the brief wants."""
    place = assignment.place
    lists = collect_labelled_lists(document, _LABELS) or _read_unlabelled(document, assignment)
    texts: dict[str, list[str]] = {}
    labelled_texts = ((text.part, text.text) for text in find_labelled_texts(document, _LABELS))
    for part, text in (*labelled_texts, *find_labelled_cells(document, _LABELS)):
        texts.setdefault(part, []).append(text)
    if place in _STORES:
        # A listing has one title, and a description as long as a page.
        for name, single in (("headlines", "title"), ("descriptions", "description")):
            if single not in texts and len(texts.get(name, ())) == 1:
                texts[single] = texts.pop(name)
                lists.pop(name)
    primary_texts = list(filter(None, texts.get("primary_text", ())))
    parts: dict[str, Any] = {
        "headlines": lists.get("headlines"),
        "descriptions": lists.get("descriptions"),
        "primary_text": next(iter(primary_texts), ""),
        "primary_texts": primary_texts if len(primary_texts) > 1 else [],
        "paths": _split_paths(lists.get("paths", ())),
        "keywords": ",".join(lists.get("keywords", ())) if place == "app_store" else "",
    }
    parts |= {name: texts[name][0] for name in _SINGLE_PARTS if name in texts}
    parts = {name: part for name, part in parts.items() if part}
    if not parts:
        return {}
    return {**parts, "network": place, "link": _find_link(document, lists) or assignment.profile.link}


# Parts that an ad has only one of.
_SINGLE_PARTS = ("title", "subtitle", "short_description", "description", "promotional_text")


def _read_unlabelled(document: Document, assignment: Assignment) -> dict[str, list[str]]:
    counts = assignment.requirements.counts
    headlines, descriptions = get_wanted_count(counts, "headline"), get_wanted_count(counts, "description")
    visible_lines = [line for line in document.lines if line.sort in ("text", "item") and not document.is_heading(line)]
    lines = parse_points(visible_lines) or [strip_decoration(line.numbered[1]) for line in visible_lines]
    if headlines and len(lines) == headlines + descriptions:
        return {"headlines": lines[:headlines], "descriptions": lines[headlines:]}
    return {}


def _split_paths(paths: Sequence[str]) -> list[str]:
    """Return the segments of the displayed address, each a field of its own."""
    segments: list[str] = []
    for path in (piece.strip("/ ") for text in paths for piece in re.split(r"[·,|]", text)):
        host, _, rest = path.partition("/")
        segments += (rest if "." in host else path).split("/")
    return [segment.strip() for segment in segments if segment.strip()]


def _find_link(document: Document, lists: dict[str, list[str]]) -> str:
    """Return where the ad links to, as it states; its displayed address does not count."""
    labelled_links = [match[0] for text in lists.get("link", ()) if (match := LINK.search(text))]
    lines = [line for line in document.lines if not ((label := _LABELS.match_line(line)) and label[0] == "paths")]
    links = (match[0] for line in lines for match in LINK.finditer(line.source))
    other_links = [link for link in links if "paths" not in lists or "://" in link]
    return next(iter([*labelled_links, *other_links]), "")


KIND = Kind(
    name="ad",
    family="marketing",
    title="Ad",
    description="Copy for Google search, Meta, LinkedIn and X ads, the App Store and Google Play.",
    task="Write paid ads in the fields of their platform. Google shows headlines and descriptions in any combination, so each stands alone.",
    layout="Give the primary text, a list of headlines and a list of descriptions, each under its name.",
    read=read,
    parts=AdParts,
    places={
        "google_ads": ("google", "search ad", "search ads", "responsive", "rsa"),
        "meta_ads": ("facebook", "instagram", "meta", "tiktok"),
        "linkedin_ads": ("linkedin",),
        "x_ads": ("twitter", "x ad", "x ads", "promoted tweet", "on x", "for x"),
        "app_store": ("app store", "apple search", "ios"),
        "google_play": ("google play", "play store", "android"),
    },
    form=Form(
        "ad", ("ad", "post", "block"), shaped=True, called={"title": "headline", "heading": "headline"}, describing=True
    ),
    likely_exports=("copy", "google_ads", "meta_ads", "csv"),
)

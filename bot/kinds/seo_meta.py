"""SEO metadata of a page: title, description, slug and structured data."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from itertools import groupby
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document
from bot.reading.labels import Labels, collect_labelled_lists
from bot.reading.lines import strip_decoration


class SeoMeta(BaseModel):
    """The title, description and slug of a page."""

    meta_title: Annotated[
        list[Annotated[str, Size(nouns=("title",))]],
        Count(nouns=("title", "meta title", "title tag", "alternative", "variant", "version")),
    ] = []
    meta_description: Annotated[str, Size(nouns=("description", "meta description", "snippet"))] = ""
    slug: str = ""


_LABELS = Labels(
    meta_title="Title|Titles|meta title|meta titles|title tag|seo title|page title|seitentitel|seo-titel|meta-titel|metatitel|titel-tag|"
    "título seo|metatítulo|título meta|título da página|título de la página|titre seo|balise titre|méta-titre|meta titre|titre de la page|"
    "meta título|alternative title|alternative titles|alternativer titel|Option|Version|variant|variante",
    meta_description="Description|meta description|Descriptions|meta descriptions|seo description|meta-beschreibung|metabeschreibung|"
    "metadescripción|meta descripción|descripción meta|méta-description|meta-description|meta descrição|metadescrição|snippet",
    slug="Slug|url slug|url-slug|url|permalink|path|page url|suggested url|pfad|ruta|chemin",
    other="Keywords|keyword|focus keyword|focus keyphrase|fokus-keyword|palabra clave|mot-clé|palavra-chave|h1|Headline|json-ld|schema|"
    "structured data|strukturierte daten|open graph|og title|og description|Notes|note|canonical|Length",
)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


class _HeadParser(HTMLParser):
    """Parses the title, description and canonical link of an HTML head into `texts_by_part`."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.texts_by_part: dict[str, list[str]] = {}
        self._in_title = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._in_title = tag == "title"
        if tag == "meta" and attributes.get("name") == "description" and attributes.get("content"):
            self.texts_by_part.setdefault("meta_description", []).append(str(attributes["content"]))
        if tag == "link" and attributes.get("rel") == "canonical" and attributes.get("href"):
            self.texts_by_part.setdefault("slug", []).append(str(attributes["href"]))

    def handle_endtag(self, tag: str) -> None:
        self._in_title = self._in_title and tag != "title"

    def handle_data(self, data: str) -> None:
        if self._in_title and data.strip():
            self.texts_by_part.setdefault("meta_title", []).append(data.strip())


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the parts found by labels or in HTML; of two unlabelled lines, a shorter first one is the title."""
    texts_by_part = collect_labelled_lists(document, _LABELS)
    if "<title" in document.text or "<meta" in document.text:
        texts_by_part = _HeadParser(document.text).texts_by_part | texts_by_part
    visible_texts = [line.text for line in document.lines if line.sort not in ("rule", "code")]
    if not texts_by_part and len(visible_texts) == 2 and len(visible_texts[0]) < len(visible_texts[1]):
        title, description = map(strip_decoration, visible_texts)
        texts_by_part = {"meta_title": [title], "meta_description": [description]}
    slugs = filter(None, map(_clean_slug, texts_by_part.get("slug", ())))
    parts = {
        "meta_title": list(dict.fromkeys(texts_by_part.get("meta_title", ()))),
        "meta_description": next(iter(texts_by_part.get("meta_description", ())), ""),
        "slug": next(slugs, ""),
        "json_ld": _parse_structured_data(document),
    }
    return {name: part for name, part in parts.items() if part}


def _clean_slug(text: str) -> str:
    """Return the last segment of an address, if it is well formed."""
    last_segment = text.split("?")[0].strip("/ ").rpartition("/")[2]
    return last_segment if _SLUG.fullmatch(last_segment) else ""


def _parse_structured_data(document: Document) -> dict[str, Any]:
    """Return the schema.org JSON in a code block; empty if none can be parsed."""
    code_lines = (line for line in document.lines if line.sort == "code")
    for _, block in groupby(code_lines, key=lambda line: line.block):
        text = "\n".join(line.source for line in block)
        start, end = text.find("{"), text.rfind("}") + 1
        try:
            data = json.loads(text[start:end]) if 0 <= start < end else None
        except (ValueError, RecursionError):
            continue
        if isinstance(data, dict) and "@type" in data:
            return data
    return {}


KIND = Kind(
    name="seo_meta",
    family="marketing",
    title="SEO title and description",
    description="Search title, meta description, slug and structured data for a page.",
    layout="Give the title, the description and the slug, each in a line after its name.",
    read=read,
    parts=SeoMeta,
    places={"search_result": ()},
    form=Form("description", called={"headline": "title", "heading": "title"}, describing=True),
)

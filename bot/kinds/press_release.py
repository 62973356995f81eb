"""A press release: headline, dateline, lead, body with quotations, sender and contact."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, Line
from bot.reading.labels import Labels, get_text_after_label, normalise_label
from bot.reading.lines import is_bold, is_heading_line, unwrap_text


class PressRelease(BaseModel):
    """The parts of a press release; `sections` has the text of each under an English name."""

    headline: Annotated[str, Size(nouns=("headline", "title"))] = ""
    lead: Annotated[str, Size(nouns=("lead",))] = ""
    quotes: Annotated[list[str], Count(nouns=("quote", "quotation"))] = []
    sections: dict[str, str] = {}


_LABELS = Labels(
    headline="Headline|Title|schlagzeile|titular|titre",
    subheadline="Subtitle|subheadline|subhead|sub-headline|deck|unterzeile|bajada|chapô",
    dateline="Place and date|dateline|Embargoed until|Embargoed|embargo|For immediate release|for release|frei zur veröffentlichung|"
    "para publicación|pour publication immédiate|date de diffusion|sperrvermerk|release date",
    lead="Opening paragraph|lead|lede|lead paragraph|vorspann|entradilla|chapeau|lide",
    body="body|main text|haupttext|cuerpo|corps|corpo|Text",
    quote="Quote|Quotes",
    boilerplate="boilerplate|About us|about the company|about the organisation|about the organization|über das unternehmen|"
    "unternehmensprofil|sobre la empresa|sobre a empresa|à propos|About",
    contact="Press contact|Contact|media contact|media enquiries|media inquiries|press enquiries|press inquiries|contacts|pressekontakt|"
    "ansprechpartner|ansprechpartnerin|kontakt für die presse|contacto para prensa|contacto para medios|contact presse|contacts presse|"
    "contato de imprensa|assessoria de imprensa|for more information|weitere informationen",
    other="press release|pressemitteilung|medienmitteilung|presseinformation|nota de prensa|comunicado de prensa|comunicado|"
    "communiqué de presse|communiqué|nota à imprensa|comunicado de imprensa|news release|media release",
    aside="Notes|notes to editors|note to editors|hinweise für redaktionen|Images|Image|photos|photographs|Picture|fotos",
)
# Labels that only name their part and are not printed; others, such as "Embargoed until", are text.
_PART_NAMES = Labels(name="boilerplate|dateline|Place and date|release date")
# Words that precede the sender's name: "About Fern & Fog".
_ABOUT = ("about ", "über ", "acerca de ", "sobre ", "à propos de ", "à propos d'")
# Newsrooms in America end a release with "-30-".
_END_MARK = re.compile(r"\W{0,6}(?:ends?|ende|fin|fim|30)?\W{0,6}", re.IGNORECASE)
_TEXT_BEFORE_DASH = re.compile(r"([^\n–—]{3,80}?)(?:\s?[–—]|\s-|\s?--)\s(?=\S)")
_MIN_QUOTATION_WORDS = 5
# The parts that are one paragraph.
_SINGLE_PARTS = ("headline", "subheadline", "lead")
# The maximum length of a paragraph that may be a headline, a subheadline or a speaker, and of a dateline.
_MAX_SHORT_CHARACTERS, _MAX_DATELINE_CHARACTERS = 140, 60
# Each opening mark with the marks that close it.
_CLOSING_MARKS = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«"}


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the parts of the release that the text has, by name."""
    reader = _ReleaseReader(document)
    for part, lines in _split_paragraphs(document):
        reader.read_paragraph(part, lines)
    texts = reader.texts
    lead = "\n\n".join(texts.get("lead", ()))
    if (
        "dateline" not in texts
        and (match := _TEXT_BEFORE_DASH.match(lead.lstrip("*_ ")))
        and _could_be_dateline(match[1])
    ):
        texts["dateline"] = [match[1].strip("*_ ")]
    texts["quote"] = reader.quotes
    order = ("headline", "subheadline", "dateline", "lead", "body", "quote", "boilerplate", "contact")
    sections = {name: text for name in order if (text := "\n\n".join(texts.get(name, ())))}
    parts = {"headline": sections.get("headline"), "lead": lead, "quotes": reader.quotes, "sections": sections}
    return {name: part for name, part in parts.items() if part}


class _ReleaseReader:
    """Sorts the paragraphs of a release by part. `current_part` is that of the last label or heading, for the text below it."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.texts: dict[str, list[str]] = {}
        self.quotes: list[str] = []
        self.current_part = ""
        self.has_open_quote = False

    def read_paragraph(self, part: str, lines: list[Line]) -> None:
        """Sort a paragraph into a part. `part` is that of its label, empty without one."""
        text, plain_text = unwrap_text(self.document.get_source(lines)), "\n".join(line.text for line in lines)
        if part in ("boilerplate", "contact", "dateline"):
            self._read_fixed_part(part, lines)
        # A fact sheet's "Title: …" at the end is not a second headline.
        elif part and (part not in _SINGLE_PARTS or part not in self.texts):
            self._read_labelled(part, lines)
        elif self.current_part in _SINGLE_PARTS:
            self._add(self.current_part, text if self.current_part == "lead" else plain_text)
            self.current_part = ""
        elif is_heading_line(self.document, lines[0]) and len(lines) == 1:
            self._read_heading(text, plain_text)
        elif self.current_part in ("boilerplate", "contact", "aside"):
            self._add(self.current_part, text)
        elif "headline" not in self.texts:
            is_short = len(lines) == 1 and len(plain_text) <= _MAX_SHORT_CHARACTERS
            self.texts["headline" if is_short else "lead"] = [text]
        elif "lead" not in self.texts and not count_longest_quotation(plain_text):
            opening_part = _classify_opening(text, plain_text)
            self._add(opening_part, plain_text if opening_part == "subheadline" else text)
        elif (
            self.current_part == "quote"
            or self._continues_quote(plain_text)
            or count_longest_quotation(plain_text) >= _MIN_QUOTATION_WORDS
        ):
            self._add_quote(text, plain_text)
        else:
            self._add("body", text)

    def _add(self, part: str, text: str) -> None:
        self.texts.setdefault(part, []).append(text)

    def _read_fixed_part(self, part: str, lines: list[Line]) -> None:
        """Add a dateline, the boilerplate or a contact. A label such as "Embargoed until" is part of the text, one that only names
        its part, such as "Contact", is not.
        """
        is_name = part == "contact" or bool(_PART_NAMES.match_line(lines[0]))
        if text := self._join(_get_labelled_text(lines[0]) if is_name else lines[0].text, lines[1:]):
            self._add(part, text)
        self.current_part = "" if part == "dateline" else part

    def _read_labelled(self, part: str, lines: list[Line]) -> None:
        self.current_part = part
        if text := self._join(_get_labelled_text(lines[0]), lines[1:]):
            self._add(part, text)
            if part == "quote":
                self.quotes.append(text)
            self.current_part = "" if part in _SINGLE_PARTS else part

    def _join(self, first: str, below: list[Line]) -> str:
        """Return the text of a paragraph's first line with the lines below it."""
        return "\n".join(filter(None, (first, unwrap_text(self.document.get_source(below)))))

    def _read_heading(self, text: str, plain_text: str) -> None:
        if "headline" not in self.texts:
            self._add("headline", plain_text)
            self.current_part = ""
            return
        if "lead" in self.texts:
            self._add("body", text)
        else:
            self._add("subheadline", plain_text)
        is_aside = self.current_part in ("boilerplate", "contact", "aside")
        self.current_part = "aside" if is_aside else ""

    def _continues_quote(self, plain_text: str) -> bool:
        """Whether a paragraph goes on with the quotation above it, or only names its speaker."""
        names_speaker = bool(self.quotes) and plain_text[:1] in "–—-" and len(plain_text) <= _MAX_SHORT_CHARACTERS
        return self.has_open_quote or (names_speaker and "body" not in self.texts)

    def _add_quote(self, text: str, plain_text: str) -> None:
        if self.quotes and self._continues_quote(plain_text):
            self.quotes[-1] = f"{self.quotes[-1]}\n\n{text}"
        else:
            self.quotes.append(text)
        self.has_open_quote = _is_open(self.quotes[-1])


def _split_paragraphs(document: Document) -> list[tuple[str, list[Line]]]:
    """Split the text into paragraphs, each with the part that its label names, or an empty one; a label begins a new one."""
    paragraphs: list[tuple[str, list[Line]]] = []
    for _, block in groupby(document.lines, key=lambda line: line.block):
        begins_paragraph = True
        for line in block:
            if line.sort in ("rule", "row") or _END_MARK.fullmatch(line.text):
                continue
            part = _match_label(line)[0]
            if part == "other":
                begins_paragraph = True
            elif part or begins_paragraph:
                paragraphs.append((part, [line]))
                begins_paragraph = False
            else:
                paragraphs[-1][1].append(line)
    return paragraphs


def _match_label(line: Line) -> tuple[str, str]:
    """Return the part that a line begins, and the text after its label."""
    if part_and_text := _LABELS.match_line(line):
        return part_and_text
    may_be_heading = line.sort == "heading" or is_bold(line) or (line.sort == "text" and len(line.text) <= 60)
    names_sender = may_be_heading and line.text[-1:] not in ".!?" and normalise_label(line.text).startswith(_ABOUT)
    return ("boilerplate", "") if names_sender else ("", "")


def _get_labelled_text(line: Line) -> str:
    """Return the text that stands after a label on its own line."""
    return get_text_after_label(line) if _match_label(line)[1] else ""


def _classify_opening(text: str, plain_text: str) -> str:
    """Return the part of a paragraph below the headline: "subheadline", "dateline" or "lead"."""
    if len(plain_text) <= _MAX_SHORT_CHARACTERS and text[:1] in "*_" and text[-1:] in "*_":
        return "subheadline"
    is_dateline = (
        len(plain_text) <= _MAX_DATELINE_CHARACTERS and _could_be_dateline(plain_text) and plain_text[-1:] not in ".!?"
    )
    return "dateline" if is_dateline else "lead"


def _could_be_dateline(text: str) -> bool:
    """Whether a text could be a place and a date: it has a digit, a comma or a bracket (a blank), or is in capitals."""
    return any(map(str.isdigit, text)) or text.isupper() or any(sign in text for sign in ",[(")


def count_longest_quotation(text: str) -> int:
    """Return the number of words in the longest quotation."""
    longest, position = 0, 0
    while position < len(text):
        closing = _CLOSING_MARKS.get(text[position], "")
        closing_positions = [end for sign in closing if (end := text.find(sign, position + 1)) > position]
        if closing_positions:
            start, position = position + 1, min(closing_positions)
            longest = max(longest, len(text[start:position].split()))
        elif closing:
            # An unclosed quotation continues in the next paragraph.
            return max(longest, len(text[position + 1 :].split()))
        position += 1
    return longest


def _is_open(text: str) -> bool:
    """Whether the last paragraph of a quotation leaves it open. “ closes a quotation after „, and opens one otherwise."""
    last_paragraph = text.rpartition("\n\n")[2]
    opening_position, closing_position = max(map(last_paragraph.rfind, "„«")), max(map(last_paragraph.rfind, "“”»"))
    if opening_position < 0:
        opening_position, closing_position = last_paragraph.rfind("“"), last_paragraph.rfind("”")
    return last_paragraph.count('"') % 2 == 1 or opening_position > closing_position


KIND = Kind(
    name="press_release",
    family="marketing",
    title="Press release",
    description="Headline, lead, body, quote, company profile and contact, the way newsrooms expect it.",
    read=read,
    task="Quote people only with words that were given; where a quotation is wanted without them, leave a marked blank.",
    parts=PressRelease,
    form=Form(called={"title": "headline"}),
    likely_exports=("docx", "pdf", "copy"),
)

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
    """The parts that newsrooms look for; `sections` holds all of them under English names."""

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
    beside="Notes|notes to editors|note to editors|hinweise für redaktionen|Images|Image|photos|photographs|Picture|fotos",
)
_NAMED = Labels(named="boilerplate|dateline|Place and date|release date")
# Words that precede the sender's name: "About Fern & Fog".
_ABOUT = ("about ", "über ", "acerca de ", "sobre ", "à propos de ", "à propos d'")
_END = re.compile(r"\W{0,6}(?:ends?|ende|fin|fim|30)?\W{0,6}", re.IGNORECASE)
_DATELINE = re.compile(r"([^\n–—]{3,80}?)(?:\s?[–—]|\s-|\s?--)\s(?=\S)")
_QUOTE_WORDS = 5
# The parts that are one paragraph.
_SINGLE_PARTS = ("headline", "subheadline", "lead")
# The maximum length of a line that may be a dateline of its own, or below a headline.
_MAX_DATELINE_CHARACTERS = 140
_CLOSING = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«"}


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the release from its headline to its contact."""
    release = _ReleaseReader(document)
    for part, lines in _split_paragraphs(document):
        release.read_paragraph(part, lines)
    texts = release.texts
    lead = "\n\n".join(texts.get("lead", ()))
    if "dateline" not in texts and (found := _DATELINE.match(lead.lstrip("*_ "))) and _is_dateline(found[1]):
        texts["dateline"] = [found[1].strip("*_ ")]
    texts["quote"] = release.quotes
    order = ("headline", "subheadline", "dateline", "lead", "body", "quote", "boilerplate", "contact")
    sections = {name: text for name in order if (text := "\n\n".join(texts.get(name, ())))}
    parts = {"headline": sections.get("headline"), "lead": lead, "quotes": release.quotes, "sections": sections}
    return {name: part for name, part in parts.items() if part}


class _ReleaseReader:
    """Sorts the paragraphs of a release by part. `label` is the part of the last label or heading, for the text below it."""

    def __init__(self, document: Document) -> None:
        self.whole = document
        self.texts: dict[str, list[str]] = {}
        self.quotes: list[str] = []
        self.label = ""
        self.has_open_quote = False

    def read_paragraph(self, part: str, lines: list[Line]) -> None:
        """Add a paragraph, which begins with the label of a part or with none."""
        text, plain_text = unwrap_text(self.whole.get_source(lines)), "\n".join(line.text for line in lines)
        if part in ("boilerplate", "contact", "dateline"):
            self._read_standard_text(part, lines)
        # A fact sheet's "Title: …" at the end is not a second headline.
        elif part and not (part in _SINGLE_PARTS and part in self.texts):
            self._read_labelled(part, lines)
        elif self.label in _SINGLE_PARTS:
            self._add(self.label, text if self.label == "lead" else plain_text)
            self.label = ""
        elif is_heading_line(self.whole, lines[0]) and len(lines) == 1:
            self._read_heading(text, plain_text)
        elif self.label in ("boilerplate", "contact", "beside"):
            self._add(self.label, text)
        elif "headline" not in self.texts:
            is_short = len(lines) == 1 and len(plain_text) <= _MAX_DATELINE_CHARACTERS
            self.texts["headline" if is_short else "lead"] = [text]
        elif "lead" not in self.texts and not find_longest_quotation(plain_text):
            name = _classify_opening(text, plain_text)
            self._add(name, plain_text if name == "subheadline" else text)
        elif (
            self.label == "quote"
            or self._continues_quote(plain_text)
            or find_longest_quotation(plain_text) >= _QUOTE_WORDS
        ):
            self._add_quote(text, plain_text)
        else:
            self._add("body", text)

    def _add(self, part: str, text: str) -> None:
        self.texts.setdefault(part, []).append(text)

    def _read_standard_text(self, part: str, lines: list[Line]) -> None:
        """Add an embargo, the contact or the sender; a label's text is printed too, such as an embargo's, its name is not."""
        has_name = part == "contact" or bool(_NAMED.match_line(lines[0]))
        text = self._join(_get_labelled_text(lines[0]) if has_name else lines[0].text, lines[1:])
        self.texts.setdefault(part, []).extend([text] if text else [])
        self.label = "" if part == "dateline" else part

    def _read_labelled(self, part: str, lines: list[Line]) -> None:
        self.label = part
        if text := self._join(_get_labelled_text(lines[0]), lines[1:]):
            self._add(part, text)
            self.quotes += [text] if part == "quote" else []
            self.label = "" if part in _SINGLE_PARTS else part

    def _join(self, first: str, below: list[Line]) -> str:
        """Return the text of a paragraph's first line with the lines below it."""
        return "\n".join(filter(None, (first, unwrap_text(self.whole.get_source(below)))))

    def _read_heading(self, text: str, plain_text: str) -> None:
        name = "headline" if "headline" not in self.texts else "" if "lead" in self.texts else "subheadline"
        self._add(name or "body", plain_text if name else text)
        is_aside = name != "headline" and self.label in ("boilerplate", "contact", "beside")
        self.label = "beside" if is_aside else ""

    def _continues_quote(self, plain_text: str) -> bool:
        """Whether a paragraph goes on with the quotation above it, or only names its speaker."""
        names_speaker = bool(self.quotes) and plain_text[:1] in "–—-" and len(plain_text) <= _MAX_DATELINE_CHARACTERS
        return self.has_open_quote or (names_speaker and "body" not in self.texts)

    def _add_quote(self, text: str, plain_text: str) -> None:
        if self.quotes and self._continues_quote(plain_text):
            self.quotes[-1] = f"{self.quotes[-1]}\n\n{text}"
        else:
            self.quotes.append(text)
        self.has_open_quote = _is_open(self.quotes[-1])


def _split_paragraphs(document: Document) -> list[tuple[str, list[Line]]]:
    """Return the text as paragraphs, those that begin with a label under its part; the text below a label belongs to it."""
    found: list[tuple[str, list[Line]]] = []
    for _, block in groupby(document.lines, key=lambda line: line.block):
        begins_paragraph = True
        for line in block:
            if line.sort in ("rule", "row") or _END.fullmatch(line.text):
                continue
            part = _match_label(line)[0]
            if part == "other":
                begins_paragraph = True
            elif part or begins_paragraph:
                found.append((part, [line]))
                begins_paragraph = False
            else:
                found[-1][1].append(line)
    return found


def _match_label(line: Line) -> tuple[str, str]:
    """Return the part that a line begins, and the text after its label."""
    found = _LABELS.match_line(line)
    # A colon never follows the subject of a sentence: "Contact us at" is no label.
    if found:
        return found
    may_be_heading = line.sort == "heading" or is_bold(line) or (line.sort == "text" and len(line.text) <= 60)
    names_sender = may_be_heading and line.text[-1:] not in ".!?" and normalise_label(line.text).startswith(_ABOUT)
    return ("boilerplate", "") if names_sender else ("", "")


def _get_labelled_text(line: Line) -> str:
    """Return the text that stands after a label on its own line."""
    return get_text_after_label(line) if _match_label(line)[1] else ""


def _classify_opening(text: str, plain_text: str) -> str:
    """Classify a paragraph below the headline: the lead, or a line of its own before that."""
    if len(plain_text) <= _MAX_DATELINE_CHARACTERS and text[:1] in "*_" and text[-1:] in "*_":
        return "subheadline"
    is_own_line = len(plain_text) <= 60 and _is_dateline(plain_text) and plain_text[-1:] not in ".!?"
    return "dateline" if is_own_line else "lead"


def _is_dateline(text: str) -> bool:
    """Whether it has the marks of a place with a day: a figure, a comma, capitals, or a blank for one."""
    return any(map(str.isdigit, text)) or text.isupper() or any(sign in text for sign in ",[(")


def find_longest_quotation(text: str) -> int:
    """Return the number of words in the longest quotation."""
    longest, position = 0, 0
    while position < len(text):
        closing = _CLOSING.get(text[position], "")
        closing_positions = [end for sign in closing if (end := text.find(sign, position + 1)) > position]
        if closing_positions:
            longest, position = (
                max(longest, len(text[position + 1 : min(closing_positions)].split())),
                min(closing_positions),
            )
        elif closing:
            # An unclosed quotation continues in the next paragraph.
            return max(longest, len(text[position + 1 :].split()))
        position += 1
    return longest


def _is_open(text: str) -> bool:
    """Whether the last paragraph of a quotation leaves it open."""
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

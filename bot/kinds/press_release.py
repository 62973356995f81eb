"""A press release: headline, dateline, lead, body with quotations, sender and contact."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.kinds._reading_labels import Labels, get_text_after_label, normalise_label
from bot.kinds._reading_lines import is_bold, is_heading_line, unwrap_text
from bot.markup import Document, Line


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
# The maximum length of a line that may be a dateline of its own, or below a headline.
_MAX_DATELINE_CHARACTERS = 140
_CLOSING = {'"': '"', "“": "”", "„": "“”", "«": "»", "»": "«"}


def read(whole: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the release from its headline to its contact."""
    told: dict[str, list[str]] = {}
    quotes: list[str] = []
    state, is_open = "", False
    for part, lines in _split_paragraphs(whole):
        text, shown = unwrap_text(whole.get_source(lines)), "\n".join(line.text for line in lines)
        if part in ("boilerplate", "contact", "dateline"):
            # A label's text is printed too, such as an embargo's; its name is not.
            named = part == "contact" or _NAMED.match_line(lines[0])
            first = (get_text_after_label(lines[0]) if _match_label(lines[0])[1] else "") if named else lines[0].text
            below = unwrap_text(whole.get_source(lines[1:]))
            told.setdefault(part, []).extend(filter(None, ["\n".join(filter(None, (first, below)))]))
            state = "" if part == "dateline" else part
        # A fact sheet's "Title: …" at the end is not a second headline.
        elif part and not (part in ("headline", "subheadline", "lead") and part in told):
            state = part
            if value := get_text_after_label(lines[0]) if _match_label(lines[0])[1] else "":
                told.setdefault(part, []).append(value)
                quotes += [value] if part == "quote" else []
        elif state in ("headline", "subheadline", "lead"):
            told.setdefault(state, []).append(text if state == "lead" else shown)
            state = ""
        elif is_heading_line(whole, lines[0]) and len(lines) == 1:
            name = "headline" if "headline" not in told else "" if "lead" in told else "subheadline"
            told.setdefault(name or "body", []).append(shown if name else text)
            state = "beside" if name != "headline" and state in ("boilerplate", "contact", "beside") else ""
        elif state in ("boilerplate", "contact", "beside"):
            told.setdefault(state, []).append(text)
        elif "headline" not in told:
            told["headline" if len(lines) == 1 and len(shown) <= _MAX_DATELINE_CHARACTERS else "lead"] = [text]
        elif "lead" not in told and not find_longest_quotation(shown):
            name = _classify_opening(text, shown)
            told.setdefault(name, []).append(shown if name == "subheadline" else text)
        elif (
            is_open
            or state == "quote"
            or find_longest_quotation(shown) >= _QUOTE_WORDS
            or _is_speaker(shown, quotes, told)
        ):
            goes_on = quotes and (is_open or _is_speaker(shown, quotes, told))
            quotes[-1:] = [f"{quotes[-1]}\n\n{text}"] if goes_on else [*quotes[-1:], text]
            is_open = _is_open(quotes[-1])
        else:
            told.setdefault("body", []).append(text)
    lead = "\n\n".join(told.get("lead", ()))
    if "dateline" not in told and (found := _DATELINE.match(lead.lstrip("*_ "))) and _is_dateline(found[1]):
        told["dateline"] = [found[1].strip("*_ ")]
    told["quote"] = quotes
    order = ("headline", "subheadline", "dateline", "lead", "body", "quote", "boilerplate", "contact")
    sections = {name: text for name in order if (text := "\n\n".join(told.get(name, ())))}
    parts = {"headline": sections.get("headline"), "lead": lead, "quotes": quotes, "sections": sections}
    return {name: part for name, part in parts.items() if part}


def _split_paragraphs(whole: Document) -> list[tuple[str, list[Line]]]:
    """Return the text as paragraphs, those that begin with a label under its part; the text below a label belongs to it."""
    found: list[tuple[str, list[Line]]] = []
    for _, block in groupby(whole.lines, key=lambda line: line.block):
        fresh = True
        for line in block:
            if line.sort in ("rule", "row") or _END.fullmatch(line.text):
                continue
            part = _match_label(line)[0]
            if part == "other":
                fresh = True
            elif part or fresh:
                found.append((part, [line]))
                fresh = False
            else:
                found[-1][1].append(line)
    return found


def _match_label(line: Line) -> tuple[str, str]:
    """Return the part that a line begins, and the text after its label."""
    found = _LABELS.match_line(line)
    # A colon never follows the subject of a sentence: "Contact us at" is no label.
    if found:
        return found
    head = line.sort == "heading" or is_bold(line) or (line.sort == "text" and len(line.text) <= 60)
    about = head and line.text[-1:] not in ".!?" and normalise_label(line.text).startswith(_ABOUT)
    return ("boilerplate", "") if about else ("", "")


def _classify_opening(text: str, shown: str) -> str:
    """Classify a paragraph below the headline: the lead, or a line of its own before that."""
    if len(shown) <= _MAX_DATELINE_CHARACTERS and text[:1] in "*_" and text[-1:] in "*_":
        return "subheadline"
    alone = len(shown) <= 60 and _is_dateline(shown) and shown[-1:] not in ".!?"
    return "dateline" if alone else "lead"


def _is_dateline(text: str) -> bool:
    """Whether it has the marks of a place with a day: a figure, a comma, capitals, or a blank for one."""
    return any(map(str.isdigit, text)) or text.isupper() or any(sign in text for sign in ",[(")


def find_longest_quotation(text: str) -> int:
    """Return the words of the longest quotation."""
    most, at = 0, 0
    while at < len(text):
        closing = _CLOSING.get(text[at], "")
        ends = [end for sign in closing if (end := text.find(sign, at + 1)) > at]
        if ends:
            most, at = max(most, len(text[at + 1 : min(ends)].split())), min(ends)
        elif closing:
            # An unclosed quotation continues in the next paragraph.
            return max(most, len(text[at + 1 :].split()))
        at += 1
    return most


def _is_open(text: str) -> bool:
    """Whether the last paragraph of a quotation leaves it open."""
    last = text.rpartition("\n\n")[2]
    opened, closed = max(map(last.rfind, "„«")), max(map(last.rfind, "“”»"))
    if opened < 0:
        opened, closed = last.rfind("“"), last.rfind("”")
    return last.count('"') % 2 == 1 or opened > closed


def _is_speaker(text: str, quotes: list[str], told: dict[str, list[str]]) -> bool:
    """Whether it only names the speaker of the quotation above it."""
    return bool(quotes) and text[:1] in "–—-" and len(text) <= _MAX_DATELINE_CHARACTERS and "body" not in told


KIND = Kind(
    name="press_release",
    family="marketing",
    title="Press release",
    description="Headline, lead, body, quote, company profile and contact, the way newsrooms expect it.",
    read=read,
    parts=PressRelease,
    form=Form(called={"title": "headline"}),
    likely_exports=("docx", "pdf", "copy"),
)

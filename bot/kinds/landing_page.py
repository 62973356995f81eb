"""The copy of a landing page: hero, benefits, questions and answers, and the call to action."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, Line
from bot.reading.labels import LabelledText, Labels, find_labelled_texts, get_text_after_label
from bot.reading.lines import parse_link, strip_decoration
from bot.reading.lists import parse_points, parse_questions, parse_section_points
from bot.reading.sections import collect_sections, parse_outline


class VisitorQuestion(BaseModel):
    """A visitor's question and the answer."""

    question: str = ""
    answer: str = ""


class LandingPage(BaseModel):
    """The parts of the page; `sections` are all of them, the common ones under the names hero, benefits, steps, faq and cta."""

    h1: Annotated[str, Size(nouns=("h1", "headline", "heading", "title"))] = ""
    hero: Annotated[str, Size(nouns=("hero", "subheadline", "subline"))] = ""
    benefits: Annotated[
        list[Annotated[str, Size(nouns=("benefit",))]],
        Count(nouns=("benefit", "advantage", "feature", "reason", "bullet")),
    ] = []
    steps: Annotated[list[str], Count(nouns=("step",))] = []
    faq: Annotated[list[VisitorQuestion], Count(nouns=("question", "faq", "q&a", "faqs"))] = []
    button: Annotated[str, Size(nouns=("button", "cta"))] = ""
    sections: dict[str, str] = {}


_LABELS = Labels(
    h1="h1|Headline|main headline|hero headline|Title|hauptüberschrift|titular|titre principal|título principal",
    hero="hero|hero text|Opening|Subtitle|subheadline|subheading|subhead|subline|tagline|hero subheadline|unterzeile|untertitel|Intro|"
    "introduction|encabezado|subtitular|accroche|sous-titre|above the fold",
    benefits="Benefits|benefit|What you get|features|key benefits|key features|why us|why choose us|advantages|highlights|was sie bekommen|"
    "ihre vorteile|deine vorteile|was du bekommst|beneficios|lo que obtienes|lo que incluye|avantages|bénéfices|ce que vous obtenez|"
    "benefícios|o que você recebe|what's included|what is included",
    steps="Steps|How it works|so funktioniert es|so funktioniert's|so läuft es ab|how to start|Step",
    faq="Questions and answers|faq|faqs|frequently asked questions|Questions|q&a|common questions|good to know|questions, answered|"
    "häufige fragen|häufig gestellte fragen|fragen|preguntas frecuentes|questions fréquentes|foire aux questions|perguntas frequentes|"
    "dúvidas frequentes|before you book",
    cta="Call to action|cta|cta button|Button|final cta|closing cta|primary cta|button text|schaltfläche|botón|bouton|botão|"
    "cta-button|secondary cta",
    other="meta title|meta description|seo title|Notes|note|page title|seo",
)


_NO_BENEFITS = ("steps", "faq", "cta", "other")


def read(document: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the parts of the page from top to bottom."""
    labelled_texts: dict[str, LabelledText] = {}
    for labelled_text in find_labelled_texts(document, _LABELS):
        labelled_texts.setdefault(labelled_text.part, labelled_text)
    outline = parse_outline(document, _LABELS)
    section_texts: dict[str, str] = {}
    section_lines: dict[str, tuple[Line, ...]] = {}
    for (title, text), section in zip(collect_sections(document, outline).items(), outline.sections, strict=True):
        part = _LABELS.find(title) or ""
        section_texts.setdefault(part if part and part != "h1" else title, text)
        section_lines.setdefault(part or title, section.lines)

    def get_lines(part: str) -> tuple[Line, ...]:
        """Return the lines of a part: below its heading, else after its label."""
        return section_lines.get(part) or (labelled_texts[part].lines if part in labelled_texts else ())

    heading = labelled_texts["h1"].text if "h1" in labelled_texts else outline.title.text if outline.title else ""
    parts: dict[str, Any] = {"h1": heading}
    if hero := _read_hero(document, labelled_texts, outline.opening, section_lines):
        parts["hero"] = section_texts["hero"] = hero
    if lines := get_lines("benefits"):
        benefits = parse_section_points(lines, document)
    else:
        benefits = _find_listed_benefits(document, section_lines, outline.opening)
    if benefits:
        parts["benefits"] = benefits
        section_texts.setdefault("benefits", "\n".join(f"- {benefit}" for benefit in benefits))
    steps = get_lines("steps")
    parts["steps"] = parse_section_points(steps, document) if steps else _read_steps(document)
    faq_lines = get_lines("faq")
    if faq := parse_questions(faq_lines or document.lines, document, expects_questions=bool(faq_lines)):
        parts["faq"] = faq
        section_texts.setdefault("faq", "\n\n".join(f"**{entry['question']}**\n{entry['answer']}" for entry in faq))
    button, button_line = _find_button(document, labelled_texts)
    section_texts.setdefault("cta", button_line)
    sections = {name: text for name, text in section_texts.items() if text and name != "other"}
    parts |= {"button": button, "sections": sections}
    return {name: part for name, part in parts.items() if part}


def _read_hero(
    document: Document,
    labelled_texts: dict[str, LabelledText],
    opening: Sequence[Line],
    section_lines: dict[str, tuple[Line, ...]],
) -> str:
    """Return the text between the first heading and the next, without the button."""
    lines = opening
    if "hero" in section_lines:
        lines = [
            line for line in section_lines["hero"] if not (known := _LABELS.match_line(line)) or known[0] == "hero"
        ]
    elif "hero" in labelled_texts and labelled_texts["hero"].line.sort != "heading":
        return labelled_texts["hero"].get_source(document)
    blocks_of = ([*block] for _, block in groupby(lines, key=lambda line: line.block))
    prose = (line for block in blocks_of if not parse_points(block) for line in block)
    prose_lines = [line for line in prose if not _parse_button(line) and line.sort not in ("rule", "row")]
    prose_lines = [
        line
        for line in prose_lines
        if not (known := _LABELS.match_line(line)) or known[0] not in ("h1", "cta", "other")
    ]
    blocks = (
        "\n".join(filter(None, map(_get_text, block))) for _, block in groupby(prose_lines, key=lambda line: line.block)
    )
    return "\n\n".join(filter(None, blocks))


def _get_text(line: Line) -> str:
    known = _LABELS.match_line(line)
    return (known[1] if known else line.source).strip()


def _find_listed_benefits(
    document: Document, section_lines: dict[str, tuple[Line, ...]], opening: Sequence[Line]
) -> list[str]:
    """Return the first list of points that is neither steps nor questions."""
    for name, lines in {"": opening, **section_lines}.items():
        if name in _NO_BENEFITS:
            continue
        found = parse_points([line for line in lines if line.ordinal is None])
        if len(found) > 1 and not parse_questions(lines, document, expects_questions=False):
            return found
    for name, lines in section_lines.items():
        leads = [line for line in lines if line.lead and line.lead[-1:] not in "?؟？"]
        if name not in _NO_BENEFITS and len(leads) > 1:
            return parse_section_points(lines, document)
    return []


def _read_steps(document: Document) -> list[str]:
    """Return the entries of the first numbered list that contains no questions."""
    numbered = [line for line in document.lines if line.ordinal is not None and line.level == 1]
    asks = any(line.text.endswith("?") or line.lead.endswith("?") for line in numbered)
    return [] if asks else [line.text for line in numbered]


def _find_button(document: Document, labelled_texts: dict[str, LabelledText]) -> tuple[str, str]:
    """Return the words of the button and its line: labelled, in square brackets, or only a link."""
    if "cta" in labelled_texts:
        labelled_text = labelled_texts["cta"]
        if labelled_text.value:
            return strip_decoration(_remove_address(labelled_text.value)), get_text_after_label(labelled_text.line)
        words = next(filter(None, map(_parse_button, labelled_text.lines)), "") or (
            labelled_text.lines[0].text if labelled_text.lines else ""
        )
        return strip_decoration(_remove_address(words)), labelled_text.get_source(document)
    return next(((words, line.source) for line in document.lines if (words := _parse_button(line))), ("", ""))


def _parse_button(line: Line) -> str:
    """Return the words of a line that is only a link or in square brackets; empty for any other."""
    if found := parse_link(line):
        return found[0]
    alone = line.text[:1] == "[" and line.text[-1:] == "]" and 2 < len(line.text) <= 60
    return line.text.strip("[ ]") if alone else ""


def _remove_address(text: str) -> str:
    """Return a button's words without the address it leads to."""
    for gap in (" – ", " — ", " → ", " -> ", ": ", " | ", " ("):
        head, found, rest = text.partition(gap)
        if found and "." in rest and " " not in rest.strip(" )"):
            return head.strip("[] ")
    return text.strip("[] ")


KIND = Kind(
    name="landing_page",
    family="marketing",
    title="Landing page",
    description="Copy for a page that wins readers over: opening, benefits, FAQ and a button.",
    read=read,
    parts=LandingPage,
    form=Form(called={"point": "benefit"}),
    likely_exports=("copy", "docx", "md"),
)

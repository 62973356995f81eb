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


def read(whole: Document, _assignment: Assignment) -> dict[str, Any]:
    """Return the parts of the page from top to bottom."""
    told: dict[str, LabelledText] = {}
    for one in find_labelled_texts(whole, _LABELS):
        told.setdefault(one.part, one)
    shown = parse_outline(whole, _LABELS)
    named: dict[str, str] = {}
    below: dict[str, tuple[Line, ...]] = {}
    for (title, text), section in zip(collect_sections(whole, shown).items(), shown.sections, strict=True):
        part = _LABELS.find(title) or ""
        named.setdefault(part if part and part != "h1" else title, text)
        below.setdefault(part or title, section.lines)
    parts: dict[str, Any] = {}
    parts["h1"] = told["h1"].text if "h1" in told else shown.title.text if shown.title else ""
    if hero := _read_hero(whole, told, shown.opening, below):
        parts["hero"] = named["hero"] = hero
    benefits = below.get("benefits") or (told["benefits"].lines if "benefits" in told else ())
    if (
        found := parse_section_points(benefits, whole)
        if benefits
        else _find_listed_benefits(whole, below, shown.opening)
    ):
        parts["benefits"] = found
        named.setdefault("benefits", "\n".join(f"- {one}" for one in found))
    steps = below.get("steps") or (told["steps"].lines if "steps" in told else ())
    parts["steps"] = parse_section_points(steps, whole) if steps else _read_steps(whole)
    asked = below.get("faq") or (told["faq"].lines if "faq" in told else ())
    if (
        faq := parse_questions(asked, whole, expects_questions=True)
        if asked
        else parse_questions(whole.lines, whole, expects_questions=False)
    ):
        parts["faq"] = faq
        named.setdefault("faq", "\n\n".join(f"**{one['question']}**\n{one['answer']}" for one in faq))
    button, call = _find_button(whole, told)
    named.setdefault("cta", call)
    parts |= {"button": button, "sections": {name: text for name, text in named.items() if text and name != "other"}}
    return {name: part for name, part in parts.items() if part}


def _read_hero(
    whole: Document, told: dict[str, LabelledText], opening: Sequence[Line], below: dict[str, tuple[Line, ...]]
) -> str:
    """Return the text between the first heading and the next, without the button."""
    lines = opening
    if "hero" in below:
        lines = [line for line in below["hero"] if not (known := _LABELS.match_line(line)) or known[0] == "hero"]
    elif "hero" in told and told["hero"].line.sort != "heading":
        return told["hero"].get_source(whole)
    blocks_of = ([*block] for _, block in groupby(lines, key=lambda line: line.block))
    prose = (line for block in blocks_of if not parse_points(block) for line in block)
    kept = [line for line in prose if not _parse_button(line) and line.sort not in ("rule", "row")]
    kept = [line for line in kept if not (known := _LABELS.match_line(line)) or known[0] not in ("h1", "cta", "other")]
    blocks = ("\n".join(filter(None, map(_get_text, block))) for _, block in groupby(kept, key=lambda line: line.block))
    return "\n\n".join(filter(None, blocks))


def _get_text(line: Line) -> str:
    known = _LABELS.match_line(line)
    return (known[1] if known else line.source).strip()


def _find_listed_benefits(whole: Document, below: dict[str, tuple[Line, ...]], opening: Sequence[Line]) -> list[str]:
    """Return the first list of points that is neither steps nor questions."""
    for name, lines in {"": opening, **below}.items():
        if name in _NO_BENEFITS:
            continue
        found = parse_points([line for line in lines if line.ordinal is None])
        if len(found) > 1 and not parse_questions(lines, whole, expects_questions=False):
            return found
    for name, lines in below.items():
        leads = [line for line in lines if line.lead and line.lead[-1:] not in "?؟？"]
        if name not in _NO_BENEFITS and len(leads) > 1:
            return parse_section_points(lines, whole)
    return []


def _read_steps(whole: Document) -> list[str]:
    """Return the entries of the first numbered list that contains no questions."""
    numbered = [line for line in whole.lines if line.ordinal is not None and line.level == 1]
    asks = any(line.text.endswith("?") or line.lead.endswith("?") for line in numbered)
    return [] if asks else [line.text for line in numbered]


def _find_button(whole: Document, told: dict[str, LabelledText]) -> tuple[str, str]:
    """Return the words of the button and its line: labelled, in square brackets, or only a link."""
    if "cta" in told:
        one = told["cta"]
        if one.value:
            return strip_decoration(_remove_address(one.value)), get_text_after_label(one.line)
        words = next(filter(None, map(_parse_button, one.lines)), "") or (one.lines[0].text if one.lines else "")
        return strip_decoration(_remove_address(words)), one.get_source(whole)
    return next(((words, line.source) for line in whole.lines if (words := _parse_button(line))), ("", ""))


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

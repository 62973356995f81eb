"""An article or blog post: title, introduction, and sections with headings."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.units import words
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._shared import facts_told, paragraphs

# How far an article may be from the length that the brief asks for.
TOLERANCE = 0.13


class Section(BaseModel):
    """A part of an article."""

    heading: Annotated[str, Size(60, least=6, form="phrase")]
    text: Annotated[
        str,
        Size(3000, least=80, form="sentences"),
        # One may be longer than its share where another fell short; the whole is measured too.
        Size(140, least=45, unit="words", nouns=("section", "tip", "reason"), spread="sections", form="sentences"),
    ]


class Article(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(65, least=10, nouns=("title", "headline"), form="phrase")]
    intro: Annotated[str, Size(240, least=60, nouns=("intro", "introduction"), form="sentences")]
    sections: Annotated[
        list[Section],
        Count(
            1,
            10,
            3,
            (
                "section",
                "heading",
                "subheading",
                "sub-heading",
                "tip",
                "thing",
                "reason",
                "mistake",
                "myth",
                "question",
            ),
            apart=True,
            turn="text",
            each=110,
        ),
    ]


def compose(output: Article, assignment: Assignment) -> Content:
    """The article with headings; one that is too short is filled up with what the profile says."""
    if assignment.as_written:
        return _as_written(output, assignment)
    title = output.title.rstrip(".")
    sections = {"intro": output.intro}
    for section in output.sections:
        sections.setdefault(section.heading.rstrip("."), _in_paragraphs(section.text))
    end = call_for(assignment)
    headings = [name for name in sections if name != "intro"]
    shown = [f"### {heading}\n{sections[heading]}" for heading in headings]
    text = paragraphs(f"## {title}", output.intro, *shown, end)
    wanted = assignment.wishes.words
    if wanted and shown:
        missing = round(wanted * (1 - TOLERANCE)) - words(text)
        more = []
        for fact in facts_told(assignment.profile):
            if missing > 0 and fact not in text:
                more.append(fact)
                missing -= words(fact)
        if more:
            sections[headings[-1]] = paragraphs(sections[headings[-1]], " ".join(more))
            shown[-1] = f"### {headings[-1]}\n{sections[headings[-1]]}"
            text = paragraphs(f"## {title}", output.intro, *shown, end)
    return Content(text, {"title": title, "headings": headings, "sections": sections})


def _as_written(output: Article, assignment: Assignment) -> Content:
    shown = [f"### {section.heading}\n{section.text}" for section in output.sections]
    end = call_for(assignment, output.intro, *(section.text for section in output.sections))
    parts = {
        "title": output.title,
        "headings": [section.heading for section in output.sections],
        "sections": {"intro": output.intro} | {section.heading: section.text for section in output.sections},
    }
    return Content(paragraphs(f"## {output.title}", output.intro, *shown, end), parts)


def _in_paragraphs(text: str) -> str:
    """A long text in paragraphs of about three sentences."""
    sentences = text.replace("? ", "?\n").replace("! ", "!\n").replace(". ", ".\n").split("\n")
    return paragraphs(*(" ".join(sentences[at : at + 3]) for at in range(0, len(sentences), 3)))


KIND = Kind(
    name="article",
    family="marketing",
    needs=("link",),
    title="Article",
    description="A blog post or article with title, introduction, headings and sections.",
    output=Article,
    prompt="Write an article. The introduction says what readers will learn. Each section has a heading and explains one "
    "thing in plain sentences with an example. Do not repeat yourself.",
    examples=(
        Example(
            "blog post: how to keep a bike going through winter",
            Article(
                title="Your bike can like the winter too",
                intro="Salt and rain are hard on a bike. With a little care each week it runs until spring.",
                sections=[
                    Section(
                        heading="Oil the chain before it squeaks",
                        text="Rain washes the oil out of a chain. Wipe it with an old cloth, put one drop on every link and "
                        "turn the pedals. Then wipe off what is too much, because oil that stays outside only collects dirt. "
                        "If you ride every day, do it on Sunday evening. It takes as long as boiling an egg.",
                    ),
                    Section(
                        heading="Let a little air out of the tyres",
                        text="Soft tyres grip better on wet leaves and ice. Let out a little air and press with your thumb, "
                        "the tyre should give a bit. Too soft is not good, you would feel the rim on every stone. Look for "
                        "glass while you are there. A small splinter works its way in slowly and gives you a flat a week later.",
                    ),
                ],
            ),
        ),
        Example(
            "article for new volunteers on how a first evening at the shelter goes, 2 sections",
            Article(
                title="Your first evening at the shelter",
                intro="Nobody knows everything on the first evening. You need to know two things, and both are easy to learn.",
                sections=[
                    Section(
                        heading="Say hello before you help",
                        text="People who come in have often spoken to nobody all day. Tell them your name and ask for theirs. "
                        "Offer a cup of tea before you offer advice. If somebody wants to sit alone, let them, and look over "
                        "now and then. You will notice soon who likes to talk while you fold blankets together.",
                    ),
                    Section(
                        heading="Ask when you are not sure",
                        text="There is always one person on duty who has done this for years. They wear a green badge and like "
                        "questions. Ask where things are, ask what a word means, ask whether a door should be open. A wrong "
                        "guess costs more time than a short question, and nobody has ever been sent home for asking.",
                    ),
                ],
            ),
        ),
    ),
    craft="Write an article. The introduction says what readers will learn. Each section has a heading and explains one thing with "
    "an example. Paragraphs have an empty line between them. Do not repeat yourself.",
    compose=compose,
    words=(200, 320, 500),
    levelled=True,
    form=Form("", ("post",), lasts=True, titles=("blog post", "blog", "post", "essay")),
    likeliest=("docx", "copy", "pdf", "md"),
)

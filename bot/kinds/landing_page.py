"""The words of a landing page: hero, benefits, questions and answers, and the call to action."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, bounded
from bot.checks.terms import contains
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import forbids_name, in_language_of
from bot.kinds._labels import label
from bot.kinds._shared import bullets, paragraphs


class Question(BaseModel):
    """What visitors ask, and the answer."""

    question: Annotated[str, Size(80, least=10, form="phrase")]
    answer: Annotated[str, Size(160, least=20, form="sentences")]


class LandingPage(BaseModel):
    """What a model writes; link and organisation are added by code."""

    h1: Annotated[str, Size(60, least=8, nouns=("h1", "headline", "heading", "title"), form="phrase")]
    hero: Annotated[str, Size(170, least=40, nouns=("hero", "subheadline", "subline"), form="sentences")]
    benefits: Annotated[
        list[Annotated[str, Size(100, least=12, nouns=("benefit",), form="phrase")]],
        Count(1, 8, 3, ("benefit", "advantage", "feature", "reason", "bullet"), known=True),
    ]
    steps: Annotated[list[Annotated[str, Size(100, least=10, form="sentences")]], Count(0, 8, 0, ("step",))]
    faq: Annotated[list[Question], Count(1, 10, 3, ("question", "faq", "q&a", "faqs"))]
    button: Annotated[str, Size(25, least=4, nouns=("button", "cta"), form="phrase")]


def compose(output: LandingPage, assignment: Assignment) -> Content:
    """The page from top to bottom, with the profile's link under the button."""
    written = assignment.as_written
    h1 = output.h1 if written else output.h1.rstrip(".")
    asked = [one.question if written else _asked(one.question) for one in output.faq]
    faq = [{"question": question, "answer": one.answer} for question, one in zip(asked, output.faq, strict=True)]
    button, link = _button(output, assignment)
    sections = {
        "hero": paragraphs(h1, output.hero),
        "benefits": bullets(point if written else point.rstrip(".") for point in output.benefits),
        "steps": "\n".join(f"{number}. {step}" for number, step in enumerate(output.steps, 1)),
        "faq": paragraphs(*(f"**{one['question']}**\n{one['answer']}" for one in faq)),
        "cta": ": ".join(filter(None, (button, link))),
    }
    sections = {name: text for name, text in sections.items() if text}
    titles = {"benefits": "What you get", "steps": "How it works", "faq": "Questions and answers"}
    shown = [
        f"**{label(titles[name], assignment)}**\n{text}"
        if name in titles and (written or assignment.language == "en")
        else text
        for name, text in sections.items()
        if name not in ("hero", "cta")
    ]
    cta = sections.get("cta", "").replace(button, f"**{button}**", 1) if button else ""
    text = paragraphs(f"# {h1}", output.hero, *shown, cta)
    text = paragraphs(text, _sender(text, assignment))
    parts: dict[str, object] = {"h1": h1, "sections": sections, "faq": faq}
    return Content(text, parts | ({"steps": list(output.steps)} if output.steps else {}))


def _button(output: LandingPage, assignment: Assignment) -> tuple[str, str]:
    """What stands on the button and where it leads: as it was written, to the profile's page where that is for the same."""
    wanted = assignment.profile.call_to_action
    if not assignment.as_written:
        return (wanted.text if wanted else "") or output.button.rstrip("."), assignment.profile.link
    if not wanted or not output.button:
        return output.button, ""
    same = contains(wanted.text, output.button) or contains(output.button, wanted.text or output.button)
    return output.button, wanted.link if same and in_language_of(wanted.text, output.hero, assignment) else ""


def _sender(text: str, assignment: Assignment) -> str:
    name = assignment.profile.organisation
    return "" if assignment.as_written and (contains(text, name) or forbids_name(assignment)) else name


def _asked(question: str) -> str:
    question = question.strip().rstrip(".")
    return question if question[-1:] in "?？؟" else f"{question}?"


def examine(output: LandingPage, _content: Content, _assignment: Assignment) -> list[Check]:
    """Every question has an answer, and no two are the same."""
    asked = {one.question.casefold().strip(" ?.") for one in output.faq if one.question and one.answer}
    return [bounded("questions answered", len(asked), len(output.faq), len(output.faq), "different questions")]


KIND = Kind(
    name="landing_page",
    family="marketing",
    needs=("link", "price"),
    title="Landing page",
    description="Words for a page that wins readers over: opening, benefits, questions and answers, button.",
    output=LandingPage,
    prompt="Write the words of a landing page. h1 says what visitors get in four to eight words. hero is one or two "
    "sentences. Each benefit is one short phrase. Answers are one plain sentence. button is two or three words.",
    examples=(
        Example(
            "landing page for our bike check before winter, 3 benefits, faq",
            LandingPage(
                h1="Ride into winter on a safe bike",
                hero="We check brakes, lights and chain while you have a tea. You ride home the same day.",
                benefits=["Brakes that hold on wet leaves", "Lights that stay on", "A chain that does not squeak"],
                steps=[],
                faq=[
                    Question(question="Do I have to book?", answer="No, come when it suits you."),
                    Question(question="Can I wait for it?", answer="Yes, there is tea and a warm bench."),
                    Question(question="What if a part is broken?", answer="We tell you the price before we change it."),
                ],
                button="Book a check",
            ),
        ),
        Example(
            "page where parents book a trial lesson at our music school, how it works in 3 steps, 2 questions",
            LandingPage(
                h1="Try an instrument for an afternoon",
                hero="Your child plays three instruments with a teacher, and takes home the one that sounds best.",
                benefits=["Groups of four children", "Teachers who play in bands", "Instruments to borrow"],
                steps=["Pick an afternoon.", "Come and play for an hour.", "Tell us which instrument it shall be."],
                faq=[
                    Question(
                        question="Does my child need to read notes?", answer="No, we begin by ear and by watching."
                    ),
                    Question(question="May I stay and listen?", answer="Yes, there is a row of chairs for parents."),
                ],
                button="Book a trial",
            ),
        ),
    ),
    craft="Write the words of a landing page. h1 says what visitors get. hero is one or two sentences. Each benefit is one short "
    "phrase. Answers are plain and short. button says in a few words what this page is to make visitors do.",
    compose=compose,
    examine=examine,
    words=(120, 180, 260),
    levelled=True,
    form=Form(called={"point": "benefit"}),
    likeliest=("copy", "docx", "md"),
)

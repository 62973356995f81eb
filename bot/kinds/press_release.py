"""A press release: headline, lead, body and a quotation; dateline, boilerplate and contact are made by code."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form, cities_in, embargo_in
from bot.checks import Check, bounded
from bot.checks.people import people
from bot.checks.terms import contains
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._additions import in_language_of
from bot.kinds._labels import label
from bot.kinds._shared import facts_told, paragraphs

_QUOTE_WORDS = 5
# What a brief says of when it may be printed, and of figures that the profile knows.
_RELEASE = {"embargo": "embargo*|sperrfrist|not for release"}
_FIGURE = {"ours": "(number|numbers|figure|figures|fact|facts|statistic|statistics) … profile"}
# Quotation marks of a language; whatever opens one, in any.
_MARKS = {"de": "„“", "fr": ("« ", " »"), "es": "«»", "pt": "“”"}
_OPENS = re.compile(r"[\"“”„«»]")


class PressRelease(BaseModel):
    """What a model writes."""

    headline: Annotated[str, Size(80, least=20, nouns=("headline", "title"), form="phrase")]
    lead: Annotated[str, Size(260, least=60, nouns=("lead",), form="sentences")]
    body: Annotated[list[Annotated[str, Size(300, least=40, form="sentences")]], Count(1, 5, 2, ("paragraph",))]
    quotes: Annotated[
        list[Annotated[str, Size(180, least=35, form="sentences")]], Count(1, 3, 1, ("quote", "quotation"))
    ]


def compose(output: PressRelease, assignment: Assignment) -> Content:
    """The release in the order that newsrooms expect."""
    quotes = [_quoted(quote, assignment) for quote in output.quotes if quote.strip()]
    headline = output.headline.strip()
    if assignment.as_written:
        told = "\n".join([headline, output.lead, *output.body])
        before, lead = _release_line(assignment), output.lead
        boilerplate, contact = (
            _about(told, assignment) or ("" if _ends_itself(assignment) else _known_facts(told, assignment)),
            _known_contact(told, assignment),
        )
    else:
        headline = headline.rstrip(".")
        before, lead = _dateline(assignment), _lead(output.lead, assignment)
        boilerplate, contact = _about("", assignment) or _boilerplate(assignment), _contact(assignment)
    sections = {
        "headline": headline,
        "dateline": before,
        "lead": lead,
        "body": paragraphs(*output.body),
        "quote": paragraphs(*quotes),
        "boilerplate": boilerplate,
        "contact": contact,
    }
    text = paragraphs(
        f"## {headline}",
        sections["dateline"],
        sections["lead"],
        sections["body"],
        sections["quote"],
        sections["boilerplate"],
        sections["contact"],
    )
    return Content(text, {"headline": headline, "sections": sections, "quotes": quotes})


def _release_line(assignment: Assignment) -> str:
    """From when it may be printed: at once, or from the day of the brief's embargo on, in its words."""
    if "embargo" not in assignment.reading.chosen("release"):
        return label("For immediate release", assignment)
    until = embargo_in(assignment.brief)
    return f"{label('Embargoed until', assignment)} {until}" if until else label("Embargoed", assignment)


def _about(told: str, assignment: Assignment) -> str:
    """The brand's own text about itself, word for word; empty where it has none, or the release says it."""
    brand, text = assignment.memory.brand, assignment.book.boilerplate
    if brand is None or not text or contains(told, text):
        return ""
    return f"{label('About', assignment)} {brand.name}\n{text}"


def _ends_itself(assignment: Assignment) -> bool:
    """Whether its writer gives what stands at the end of a release, such as who sends it."""
    return any(one.place == "after" for one in assignment.beside)


def _known_facts(told: str, assignment: Assignment) -> str:
    """What is true of the organisation, where it is in the language of the release; who it is for is not for print.

    Facts that name a person are for the text that needs them, not for everything that is released.
    """
    facts = [fact for fact in facts_told(assignment.profile) if not contains(told, fact.rstrip("."))]
    facts = [fact for fact in facts if not people(fact, assignment.language)][:4]
    name = assignment.profile.organisation
    if not name or not facts or not in_language_of(" ".join(facts), told, assignment):
        return ""
    return f"{label('About', assignment)} {name}\n{' '.join(facts)}"


def _known_contact(told: str, assignment: Assignment) -> str:
    """Where the press may ask, where the profile has an address that the release does not give."""
    profile = assignment.profile
    if not profile.link or profile.link in told:
        return ""
    return f"{label('Press contact', assignment)}: {', '.join(filter(None, (profile.organisation, profile.link)))}"


def _quoted(quote: str, assignment: Assignment) -> str:
    if assignment.as_written:
        opening, closing = _MARKS.get(assignment.language, "“”")
        return quote.strip() if _OPENS.search(quote) else f"{opening}{quote.strip()}{closing}"
    words = quote.strip(' "“”')
    words = f"{words[:-1]}," if words.endswith(".") else words
    return f"“{words}” said {_speaker(assignment)}."


def _speaker(assignment: Assignment) -> str:
    """Who is quoted: the profile's role at its organisation. Names of people are never made up."""
    profile = assignment.profile
    role = f"the {profile.role}" if profile.role else "a spokesperson"
    return f"{role}, {profile.organisation}" if profile.organisation else role


def _dateline(assignment: Assignment) -> str:
    """Place and day, where the brief names them."""
    named = assignment.profile.organisation.split()
    place = next((one for one in cities_in(assignment.brief) if one.split()[0] not in named), "")
    place = place or assignment.profile.organisation
    return " — ".join(filter(None, (_release_line(assignment), place)))


def _lead(lead: str, assignment: Assignment) -> str:
    """The lead; where the brief wants a figure of the profile's, with the first one that it has."""
    if not assignment.reading.chosen("figure") or re.search(r"\d", lead):
        return lead
    fact = next((fact for fact in facts_told(assignment.profile) if re.search(r"\d", fact)), "")
    return f"{lead} {fact}".strip()


def _boilerplate(assignment: Assignment) -> str:
    profile = assignment.profile
    name = profile.organisation or "us"
    told = " ".join(facts_told(profile)[:4])
    readers = f"{name} is there for {profile.audience}." if profile.organisation and profile.audience else ""
    return f"About {name}\n{' '.join(filter(None, (readers, told))) or 'More on request.'}"


def _contact(assignment: Assignment) -> str:
    profile = assignment.profile
    blank = "[contact]" if "[contact]" in assignment.brief.casefold() else ""
    return f"Press contact: {', '.join(filter(None, (profile.organisation, profile.link, blank))) or 'on request'}"


def examine(_output: PressRelease, content: Content, _assignment: Assignment) -> list[Check]:
    """Somebody is quoted with words enough to print."""
    quotes = [quote for quote in content.parts["quotes"] if max(map(_words, _OPENS.split(quote))) >= _QUOTE_WORDS]
    return [bounded("quotation", len(quotes), 1, unit=f"quotations of {_QUOTE_WORDS} words", path="quotes.0")]


def _words(text: str) -> int:
    return len(text.split())


KIND = Kind(
    name="press_release",
    family="marketing",
    needs=("contact",),
    title="Press release",
    description="Headline, opening, main text, quote, about the organisation, and contact, as newsrooms expect it.",
    output=PressRelease,
    prompt="Write a press release. The headline says the news. The lead says who does what, where and when. The body "
    "tells more in plain sentences. The quote is what the speaker says, without quotation marks. Only true facts.",
    examples=(
        Example(
            "our bike repair shop opens a free tool bench",
            PressRelease(
                headline="Bike shop opens a tool bench for everybody",
                lead="The repair shop opens a bench with tools that anybody may use. It stands in front of the shop and costs nothing.",
                body=[
                    "Riders find pumps, keys and oil there. Whoever gets stuck can ask inside.",
                    "The bench was built by apprentices. It stays open as long as the shop does.",
                ],
                quotes=[
                    "Most repairs are easy once somebody hands you the right key. That is why we put them outside."
                ],
            ),
        ),
        Example(
            "a piano school reaches its hundredth adult pupil",
            PressRelease(
                headline="Piano school welcomes its hundredth adult pupil",
                lead="A small piano school for adults has taken in its hundredth pupil. She had never played before.",
                body=[
                    "The school teaches people who start late. Lessons are calm and short.",
                    "It began with a single pupil and one old piano.",
                ],
                quotes=["People think it is too late to learn. Then they play their first song and laugh."],
            ),
        ),
    ),
    craft="Write a press release. The headline says the news. The lead says who does what, where and when. The body tells more "
    "in plain sentences. Each quote is a whole sentence for print: the words in quotation marks, and who says them, of those "
    "whom the brief names, else a spokesperson. Only true facts.",
    compose=compose,
    examine=examine,
    words=(150, 220, 320),
    levelled=True,
    form=Form(
        called={"title": "headline"}, choices={"release": _RELEASE, "figure": _FIGURE}, titles=("release", "statement")
    ),
    likeliest=("docx", "pdf", "copy"),
)

"""An email: subject, preview text and body."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form, Reading, topic_of
from bot.content import Assignment, Content, Count, Example, Kind, Piece, Size
from bot.kinds._additions import call_for, decorated, signature_for
from bot.kinds._labels import label
from bot.kinds._shared import bounds, paragraphs


class Email(BaseModel):
    """What a model writes; link and signature are added by code."""

    subject: Annotated[str, Size(60, least=8, nouns=("subject", "subject line"))]
    preheader: Annotated[str, Size(70, least=30, nouns=("preheader", "preview", "preview text"))]
    greeting: Annotated[str, Size(40, least=3)]
    body: Annotated[
        list[Annotated[str, Size(300, least=40)]],
        Count(1, 6, 2, ("paragraph",)),
        Size(180, unit="words", nouns=("body", "email", "mail")),
    ]


SERIES = Count(1, 10, 1, ("email", "e-mail", "mail", "message", "part"), before=("sequence of", "series of"))
_SEQUENCE = {"sequence": "sequence|series|drip|flow|nurtur*|follow ups"}
_USUAL_SEQUENCE = 3
# Days after the first mail on which those of a sequence go out when the brief says nothing, then one a week.
_DAYS = (0, 2, 5, 9, 14)
# What each mail of a sequence is for, so that no two say the same.
_FIRST, _LAST = "Say hello and what comes next.", "Remind readers and name one clear step."
_BETWEEN = (
    "how to get started",
    "answers to what people ask first",
    "a story of somebody like the reader",
    "a useful tip",
)


def pieces(assignment: Assignment, _own: Content | None) -> list[Piece]:
    """The mails, where the brief wants several."""
    usual = _USUAL_SEQUENCE if assignment.reading.chosen("series") else 1
    of = bounds(replace(SERIES, default=usual), assignment.wishes)[2]
    topic = topic_of(assignment.reading.message)
    said = [_FIRST, *(_BETWEEN[at % len(_BETWEEN)] for at in range(of - 2)), _LAST][:of] if of > 1 else [""]
    return [Piece(f"mail {at}", "email", f"email about {topic}. {one}".strip()) for at, one in enumerate(said, 1)]


def send_day(number: int, reading: Reading) -> int:
    """The day on which mail `number` of a sequence is sent: as the brief tells, else from the first on every so many, or as is usual."""
    if number <= len(reading.days):
        return reading.days[number - 1]
    if reading.every is not None:
        return (number - 1) * reading.every
    return _DAYS[number - 1] if number <= len(_DAYS) else _DAYS[-1] + 7 * (number - len(_DAYS))


def compose(output: Email, assignment: Assignment) -> Content:
    """The mail with the profile's one link and its sender; in a sequence with the day on which it is sent."""
    series = assignment.series
    written = [*output.body[:-1], decorated(output.body[-1], assignment)] if output.body else []
    body = paragraphs(
        output.greeting, *written, call_for(assignment, *output.body), signature_for(assignment, output.body)
    )
    mail: dict[str, object] = {"subject": output.subject, "preheader": output.preheader, "body": body}
    head = ""
    if series:
        mail["send_day"] = send_day(series.number, assignment.reading)
        email, of, day = (label(word, assignment) for word in ("Email", "of", "day"))
        head = f"**{email} {series.number} {of} {series.of}, {day} {mail['send_day']}**"
    lines = [head, f"**{label('Subject', assignment)}:** {output.subject}"]
    lines.append(f"**{label('Preview', assignment)}:** {output.preheader}")
    return Content(paragraphs("\n".join(filter(None, lines)), body), {"emails": [mail]})


def join(_own: Content | None, made: list[tuple[Piece, Content]], _assignment: Assignment) -> Content:
    """The mails with a line between them."""
    mails = [mail for _, content in made for mail in content.parts["emails"]]
    return Content("\n\n---\n\n".join(content.text for _, content in made), {"emails": mails})


KIND = Kind(
    name="email",
    family="marketing",
    needs=("date", "contact"),
    title="Email",
    description="A newsletter, announcement, welcome or sequence of mails, with subject and preview text.",
    output=Email,
    prompt="Write an email. The first sentence says why it comes. Short paragraphs. No links and no signature.",
    examples=(
        Example(
            "mail to members: the climbing hall closes for new holds from Monday to Wednesday",
            Email(
                subject="Closed Monday to Wednesday for new holds",
                preheader="On Thursday there are forty new routes to try.",
                greeting="Hello climbers,",
                body=[
                    "The hall is closed from Monday to Wednesday. We take down every hold, wash it and set new routes.",
                    "On Thursday we open at the usual time. Come and try the new wall first, it is the steep one.",
                ],
            ),
        ),
        Example(
            "welcome email for new members of our seed library",
            Email(
                subject="Welcome to the seed library",
                preheader="Your first three packets are waiting for you.",
                greeting="Hello and welcome,",
                body=[
                    "Thank you for joining us. You can take three packets of seeds today and three more each month.",
                    "Start with beans or sunflowers. They grow fast and forgive a lot. Tell us how they do in summer.",
                ],
            ),
        ),
    ),
    craft="Write an email. The first sentence says why it comes. Short paragraphs. The sender's name is added below it; a "
    "closing line only where the brief wants one of its own.",
    compose=compose,
    series=SERIES,
    pieces=pieces,
    join=join,
    words=(70, 110, 170),
    places={"email": ()},
    emoji=True,
    levelled=True,
    form=Form(
        "email",
        ("email", "post"),
        choices={"series": _SEQUENCE},
        titles=(
            "newsletter",
            "announcement",
            "invitation",
            "invite",
            "reply",
            "reminder",
            "letter",
            "note",
            "complaint",
        ),
    ),
    likeliest=("copy", "docx"),
    copied=("emails",),
)

"""A scenario: a case that people act out, with roles, a start, turns and questions for afterwards."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import Check, differing
from bot.checks.terms import norm
from bot.content import Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import bullets, paragraphs


class Role(BaseModel):
    """Somebody to play."""

    name: Annotated[str, Size(30, least=3, form="phrase")]
    wants: Annotated[str, Size(100, least=10, form="phrase", starts=("wants", "hopes", "needs", "fears"))]
    hides: Annotated[str, Size(100, least=8, form="phrase", starts=("knows", "does not say", "forgot", "thinks", "is"))]


class Scenario(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(60, least=4)]
    situation: Annotated[str, Size(260, least=30, form="sentences")]
    roles: Annotated[list[Role], Count(2, 6, 2, ("role", "character", "player", "part"))]
    opening: Annotated[str, Size(110, least=8, form="sentences")]
    turns: Annotated[
        list[Annotated[str, Size(110, least=12, form="sentences")]],
        Count(1, 6, 2, ("turn", "twist", "complication", "event", "inject")),
    ]
    debrief: Annotated[
        list[Annotated[str, Size(110, least=12, form="question", starts=("What", "How", "When", "Which", "Why"))]],
        Count(1, 6, 3, ("question", "debrief question")),
    ]


def compose(output: Scenario, assignment: Assignment) -> Content:
    """The case; what a role hides stands behind a spoiler, for its player."""
    secret = label("Secret", assignment)
    hidden = (f"- **{role.name}** {role.wants}. ||{secret}: {role.hides.replace('|', '/')}||" for role in output.roles)
    sections = {
        "situation": output.situation,
        "roles": "\n".join(hidden),
        "opening": output.opening,
        "turns": "\n".join(f"{n}. {turn}" for n, turn in enumerate(output.turns, 1)),
        "debrief": bullets(output.debrief),
    }
    shown = (f"**{label(name.capitalize(), assignment)}**\n{text}" for name, text in sections.items())
    roles = [role.model_dump() for role in output.roles]
    return Content(
        paragraphs(f"## {output.title}", *shown), {"title": output.title, "sections": sections, "roles": roles}
    )


def examine(output: Scenario, _content: Content, _assignment: Assignment) -> list[Check]:
    """Every role has a name of its own."""
    names = len({norm(role.name) for role in output.roles})
    return [differing("roles", names, len(output.roles), path="roles")]


KIND = Kind(
    name="scenario",
    family="data",
    title="Scenario",
    description="A case to act out: situation, roles with secrets, turns and questions for afterwards.",
    output=Scenario,
    prompt="Write a case for people to act out and learn from. Each role wants something and hides something. The opening is "
    "the first thing that is said. Turns happen in the middle of the play.",
    examples=(
        Example(
            "role play for librarians: a loud group, 2 roles",
            Scenario(
                title="Voices in the reading room",
                situation="It is four in the afternoon before exams. A study group laughs loudly beside a man who reads.",
                roles=[
                    Role(
                        name="Librarian",
                        wants="wants quiet without sending anybody away",
                        hides="knows that a group room is free",
                    ),
                    Role(
                        name="Student",
                        wants="wants to finish the group work today",
                        hides="does not say that their room was locked",
                    ),
                ],
                opening="Could you lot keep it down over there?",
                turns=["The reading man packs his things and complains.", "One student starts to film the talk."],
                debrief=["When did the mood change?", "What would you say first next time?"],
            ),
        ),
        Example(
            "case for new nurses: a worried father, 2 roles, 1 twist",
            Scenario(
                title="The long wait",
                situation="It is late in the evening. A father has waited for two hours with his son, who has a sore arm.",
                roles=[
                    Role(
                        name="Nurse",
                        wants="wants to calm him and see the others first",
                        hides="does not say that a doctor has gone home",
                    ),
                    Role(
                        name="Father",
                        wants="needs to know when it is their turn",
                        hides="thinks that he is to blame for the fall",
                    ),
                ],
                opening="We have sat here for two hours. Does anybody see us?",
                turns=["The son falls asleep on the chairs."],
                debrief=["What did the father need to hear?", "When would you have spoken to him first?"],
            ),
        ),
    ),
    compose=compose,
    examine=examine,
    facts=False,
    hidden=("hides",),
    words=(120, 180, 260),
    form=Form("scene", lasts=True),
    likeliest=("docx", "pdf", "copy"),
)

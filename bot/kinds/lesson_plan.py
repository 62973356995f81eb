"""A lesson plan: objectives, materials, timed activities, assessment, differentiation."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks import AskedBy, Check, bounded
from bot.content import MOST_MINUTES, Assignment, Content, Count, Example, Kind, Size
from bot.kinds._labels import label
from bot.kinds._shared import bullets, paragraphs

# What a lesson lasts when neither brief nor profile says it.
USUAL_MINUTES = 45
# A shorter duration in a brief is one of its parts ("start with a 3 minute warm-up").
SHORTEST_MINUTES = 10


# What learners do at each step of Bloom's revised taxonomy (Anderson, Krathwohl 2001), one can see whether they do it.
BLOOM = {
    "remember": ("Name", "List", "Recall", "Identify", "Label", "Define", "State", "Recognise", "Recognize", "Match"),
    "understand": (
        "Explain",
        "Describe",
        "Summarise",
        "Summarize",
        "Classify",
        "Retell",
        "Give",
        "Say",
        "Show",
        "Tell",
        "Discuss",
    ),
    "apply": (
        "Use",
        "Solve",
        "Apply",
        "Calculate",
        "Measure",
        "Carry",
        "Demonstrate",
        "Practise",
        "Practice",
        "Read",
        "Follow",
        "Draw",
    ),
    "analyse": ("Compare", "Sort", "Order", "Contrast", "Analyse", "Analyze", "Distinguish", "Test", "Find", "Group"),
    "evaluate": ("Judge", "Choose", "Check", "Defend", "Argue", "Rate", "Evaluate", "Assess", "Justify"),
    "create": ("Build", "Write", "Design", "Plan", "Make", "Invent", "Create", "Perform", "Compose", "Present"),
}
VERBS = tuple(verb for verbs in BLOOM.values() for verb in verbs)
# Those that a small model begins with: two of each step.
_STARTS = tuple(verb for verbs in BLOOM.values() for verb in verbs[:2])


class Activity(BaseModel):
    """One step of a lesson; its minutes are shared out by code so that they add up."""

    name: Annotated[str, Size(40, least=4)]
    description: Annotated[str, Size(180, least=20)]


class LessonPlan(BaseModel):
    """What a model writes."""

    title: Annotated[str, Size(70, least=6)]
    objectives: Annotated[
        list[Annotated[str, Size(110, least=12, form="phrase", starts=_STARTS)]], Count(2, 5, 3, ("objective", "goal"))
    ]
    materials: Annotated[list[Annotated[str, Size(50, least=3)]], Count(2, 8, 4, ("material",))]
    activities: Annotated[list[Activity], Count(3, 7, 4, ("activity", "activities", "step", "phase", "part"))]
    assessment: Annotated[str, Size(180, least=20)]
    support: Annotated[str, Size(160, least=20)]
    challenge: Annotated[str, Size(160, least=20)]


def lesson_minutes(assignment: Assignment) -> int:
    """The lesson's length in minutes, as the brief or the profile says it, else 45."""
    return max(SHORTEST_MINUTES, assignment.wishes.minutes or USUAL_MINUTES)


def shares(total: int, count: int) -> list[int]:
    """`total` minutes over `count` activities: short at both ends, in steps of five where that adds up, none below one."""
    if not count:
        return []
    total = max(total, count)
    weights = [1 if index in (0, count - 1) else 2 for index in range(count)]
    step = 5 if total >= 5 * count else 1
    minutes = [max(step, round(total * weight / sum(weights) / step) * step) for weight in weights]
    while sum(minutes) != total:
        longest = minutes.index(max(minutes))
        minutes[longest] += max(1 - minutes[longest], total - sum(minutes))
    return minutes


def compose(output: LessonPlan, assignment: Assignment) -> Content:
    """The plan with minutes that add up and the access needs that the profile names."""
    total = lesson_minutes(assignment)
    timed = list(zip(output.activities, shares(total, len(output.activities)), strict=True))
    steps = [f"{n}. **{one.name}** ({minutes} min): {one.description}" for n, (one, minutes) in enumerate(timed, 1)]
    differentiation = [
        f"{label('Support', assignment)}: {output.support}",
        f"{label('Challenge', assignment)}: {output.challenge}",
        # Who can write was told of them and has planned for them; as they stand they are a note to the teacher.
        *(f"Access: {need}" for need in assignment.profile.accessibility if not assignment.as_written),
    ]
    sections = {
        "objectives": bullets(output.objectives),
        "materials": bullets(output.materials),
        "activities": "\n".join(steps),
        "assessment": output.assessment,
        "differentiation": bullets(differentiation),
    }
    shown = [f"**{label(name.capitalize(), assignment)}**\n{text}" for name, text in sections.items()]
    activities = [{"name": one.name, "minutes": minutes} for one, minutes in timed]
    text = paragraphs(f"## {output.title}\n{total} {label('minutes', assignment)}", *shown)
    return Content(text, {"title": output.title, "sections": sections, "activities": activities})


# What no one can see learners do.
_UNSEEN = re.compile(
    r"(?:to |learners (?:will|can) |students (?:will|can) |pupils (?:will|can) |(?:be )?able to )*"
    r"(?:understand|know|learn|appreciate|grasp|become|be (?:aware|familiar)|get to know|realise|realize|familiari[sz]e)\b",
    re.IGNORECASE,
)


def unseen(objectives: list[str]) -> list[int]:
    """The objectives that begin with what nobody can see, such as "Understand that ..."."""
    return [n for n, one in enumerate(objectives) if _UNSEEN.match(one.strip())]


def vague(objectives: list[str]) -> list[int]:
    """The objectives that do not begin with a verb of Bloom's, such as "Understand that ..."."""
    words = (
        re.match(r"(?:to |learners (?:will|can) |(?:be )?able to )*([a-z]+)", one.strip(), re.IGNORECASE)
        for one in objectives
    )
    return [n for n, word in enumerate(words) if not word or word[1].capitalize() not in VERBS]


def examine(output: LessonPlan, content: Content, assignment: Assignment) -> list[Check]:
    """The minutes add up; each objective begins with what learners do, where that can be told."""
    total, wanted = sum(one["minutes"] for one in content.parts["activities"]), lesson_minutes(assignment)
    asked_by: AskedBy = "brief" if assignment.reading.lasting or assignment.reading.minutes else "kind"
    checks = [bounded("minutes", total, wanted, wanted, "minutes", asked_by=asked_by)]
    if assignment.language == "en":
        found = (unseen if assignment.as_written else vague)(output.objectives)
        where = f"objectives.{found[0]}" if found else ""
        hint = "It must begin with a verb that one can see, such as name, explain, use, compare, judge or build."
        checks.append(
            bounded("objectives' verbs", len(found), high=0, unit="objectives", path=where, hint=hint, asked_by="house")
        )
    return checks


KIND = Kind(
    name="lesson_plan",
    family="education",
    title="Lesson plan",
    description="Objectives, materials, timed activities, assessment and differentiation.",
    output=LessonPlan,
    prompt="Write a lesson plan. Objectives begin with a verb such as name, explain, compare or build. Materials are "
    "cheap things. Each activity says what learners do.",
    examples=(
        Example(
            "40 minute lesson on how plants drink, cheap materials",
            LessonPlan(
                title="How plants drink",
                objectives=["Explain how water moves up a stem", "Draw the path of water in a plant"],
                materials=["celery sticks", "food colouring", "cups of water"],
                activities=[
                    Activity(name="Guess first", description="Pairs say where they think the water in a vase goes."),
                    Activity(name="Colour the celery", description="Groups put celery in coloured water and watch it."),
                    Activity(name="Draw what happened", description="Everybody draws the stem and marks the colour."),
                ],
                assessment="Each learner explains the drawing to a partner in two sentences.",
                support="Give a drawing of the stem with the words root, stem and leaf to place.",
                challenge="Ask what would happen if the stem was cut in half lengthways.",
            ),
        ),
        Example(
            "one hour for adults who write their first job application, B1",
            LessonPlan(
                title="A letter that gets you invited",
                objectives=[
                    "Sort the parts of a letter",
                    "Write an opening of two sentences",
                    "Check a letter for mistakes",
                ],
                materials=["two sample letters", "a job advert for each pair", "paper and pens"],
                activities=[
                    Activity(
                        name="Two letters",
                        description="Pairs read both letters and say whom they would invite, and why.",
                    ),
                    Activity(
                        name="Cut and sort",
                        description="Groups put the cut-up parts of a letter into an order that works.",
                    ),
                    Activity(
                        name="My opening", description="Everybody writes two sentences for the advert they like best."
                    ),
                    Activity(
                        name="Swap and check",
                        description="Partners swap openings and mark one thing to keep and one to mend.",
                    ),
                ],
                assessment="Each learner hands in an opening that names the job and one thing they are good at.",
                support="Give sentence starters such as I saw your advert and I am good at.",
                challenge="Ask for a closing sentence that says when they could start.",
            ),
        ),
    ),
    craft="Write a lesson plan. Objectives begin with a verb for what one can see learners do. Activities say what learners do, "
    "step by step; their minutes are shared out by code and stand beside them. Support and challenge fit these learners.",
    compose=compose,
    minutes=(SHORTEST_MINUTES, MOST_MINUTES),
    examine=examine,
    facts=False,
    form=Form("activity", lasts=True, planned=True),
    likeliest=("docx", "pdf", "pptx"),
)

"""The commands that make the kinds of one family each, as data: `make` adds them, and the help names them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FamilyCommand:
    """A command that makes the kinds of one family; the sentences are what Discord shows beside it and its options."""

    name: str
    family: str
    description: str
    brief: str
    kind: str
    tone: str
    audience: str
    language: str
    file: str


COMMANDS = (
    FamilyCommand(
        name="copy",
        family="marketing",
        description="Write marketing copy: posts, ads, emails",
        brief="What it should say, in your own words",
        kind="What to write; I find out when you leave it out",
        tone="How it should sound, such as warm or matter-of-fact",
        audience="Who will read it, if not as in your profile",
        language="The language to write in",
        file="A .txt, .md, .pdf or .docx file to write from",
    ),
    FamilyCommand(
        name="lesson",
        family="education",
        description="Make teaching material: lesson plans, explanations, quizzes",
        brief="What it should teach, in your own words",
        kind="What to make; I find out when you leave it out",
        tone="How it should sound, such as playful or calm",
        audience="Who will learn from it, if not as in your profile",
        language="The language to write in",
        file="A .txt, .md, .pdf or .docx file to write from",
    ),
    FamilyCommand(
        name="image",
        family="image",
        description="Write a prompt for an image model",
        brief="What should be seen, and for which model if you know it",
        kind="What to make; I find out when you leave it out",
        tone="The mood, such as calm or festive",
        audience="Who will see it, if not as in your profile",
        language="The language of the words around the prompt",
        file="A .txt, .md, .pdf or .docx file to draw from",
    ),
)

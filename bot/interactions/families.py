"""The commands that make the kinds of one family each, as data: `make` registers them, and /help lists them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FamilyCommand:
    """A command that makes the kinds of one family, with its description and those of its options."""

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
        kind="What kind of text to write; if empty, I'll decide",
        tone="How it should sound, such as warm or matter-of-fact",
        audience="Who will read it, if different from your profile",
        language="The language to write in",
        file="A .txt, .md, .pdf or .docx file to base the text on",
    ),
    FamilyCommand(
        name="lesson",
        family="education",
        description="Make teaching material: lesson plans, explanations, quizzes",
        brief="What it should teach, in your own words",
        kind="What to make; if empty, I'll decide",
        tone="How it should sound, such as playful or calm",
        audience="Who will learn from it, if different from your profile",
        language="The language to write in",
        file="A .txt, .md, .pdf or .docx file to base the text on",
    ),
    FamilyCommand(
        name="image",
        family="image",
        description="Write a prompt for an image model",
        brief="What the image should show, and for which model if you know it",
        kind="What to make; if empty, I'll decide",
        tone="The mood, such as calm or festive",
        audience="Who will see it, if different from your profile",
        language="The language of the text around the prompt",
        file="A .txt, .md, .pdf or .docx file to use as a source",
    ),
)

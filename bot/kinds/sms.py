"""A text message that fits into one SMS."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document
from bot.reading.labels import Labels
from bot.reading.texts import get_wanted_count, split_texts


class Messages(BaseModel):
    """The messages as they are sent."""

    messages: Annotated[
        list[Annotated[str, Size(nouns=("message", "sms", "text"))]], Count(nouns=("message", "sms", "text message"))
    ] = []


_LABELS = Labels(
    text="Message|sms|Text|text message|Option|Version|variant|variante|nachricht|textnachricht|whatsapp|reminder|erinnerung|recordatorio|rappel|lembrete",
    heading="day|Week|Part",
)


def read(whole: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the messages, each as it is sent."""
    messages = split_texts(whole, _LABELS, get_wanted_count(assignment.requirements.counts, "message"))
    return {"messages": messages} if messages else {}


def build_task(assignment: Assignment) -> str:
    """Return the task; messengers hold longer texts than an SMS."""
    size = "" if assignment.place == "whatsapp" else " A message holds 160 characters, or 70 if it contains emoji."
    return f"Plain text.{size}"


KIND = Kind(
    name="sms",
    family="marketing",
    title="Text message",
    description="An SMS that fits in one message, with a sender and a link.",
    task=build_task,
    read=read,
    parts=Messages,
    places={"sms": (), "whatsapp": ("whatsapp", "whats app", "signal group", "telegram group")},
    exports=("txt",),
    form=Form("", ("post", "email", "message")),
    pasted_parts=("messages",),
)

"""A text message that fits into one SMS."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.units import sms_segments
from bot.content import Assignment, Content, Example, Kind, Size
from bot.kinds._additions import call_for
from bot.kinds._shared import call_to_action

# Signs that would make a phone send the whole text in the wide alphabet, and what stands for them.
_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u00a0": " ", "`": "'"}
)
_ONE = 160


class Sms(BaseModel):
    """What a model writes: the message. Sender and link are added by code."""

    text: Annotated[str, Size(300, least=10, nouns=("message", "sms", "text"))]


def compose(output: Sms, assignment: Assignment) -> Content:
    """The message, begun with who sends it and ended with the profile's link, where they fit."""
    if assignment.as_written:
        whole = " ".join(filter(None, (output.text, call_for(assignment, output.text))))
        plain = whole.translate(_PLAIN)
        # A curly quotation mark costs half of the room that there is.
        whole = plain if sms_segments(plain) < sms_segments(whole) else whole
        return Content(whole, {"messages": [whole]})
    profile = assignment.profile
    text = output.text.translate(_PLAIN).replace("\n", " ").strip()
    link = (
        call_to_action(profile) if not output.text or len(f"{text} {call_to_action(profile)}") <= _ONE else profile.link
    )
    whole = " ".join(filter(None, (text, link.translate(_PLAIN))))
    named = f"{profile.organisation}: {whole}" if profile.organisation and profile.organisation not in whole else whole
    if output.text and sms_segments(named) <= 1:
        whole = named
    return Content(whole, {"messages": [whole]})


KIND = Kind(
    name="sms",
    family="marketing",
    needs=("date", "phone"),
    title="Text message",
    description="An SMS that fits into one message, with the sender and a link.",
    output=Sms,
    prompt="Write one text message of one or two short sentences. Say the news first. No links, no quotation marks.",
    examples=(
        Example(
            "sms: your bike is ready, we close at six", Sms(text="Your bike is ready. Come by before we close at 6.")
        ),
        Example(
            "text pupils that the lesson moves to Friday", Sms(text="Your piano lesson moves to Friday, same time.")
        ),
    ),
    craft="Write one text message of one or two short sentences that fits into one SMS. Say the news first, and who sends it.",
    compose=compose,
    words=(14, 16, 20),
    places={"sms": (), "whatsapp": ("whatsapp", "whats app", "signal group", "telegram group")},
    exports=("txt",),
    form=Form("", ("post", "email", "message"), titles=("message", "reminder")),
    copied=("messages",),
)

"""The answers to greetings, thanks, complaints and "what can you do?": a sentence, and next steps as buttons."""

from __future__ import annotations

from collections.abc import Sequence

import discord

from bot.errors import Phrase
from bot.generation.small_talk import SmallTalkTopic
from bot.kinds import find_kind
from bot.locales import localize, translate

from .views import button_id, note_view

_ANSWERS: dict[SmallTalkTopic, str] = {
    "ability": "I write texts, teaching material and image prompts. Tell me in your own words what you need, for example:",
    "thanks": "You're welcome! Press 👍 under More… to tell me what you like. What's next?",
    "hello": "Hello! Tell me in a few words what you need, or start with one of these.",
    "how": "I'm fine, thanks for asking. What can I write for you?",
    "glad": "Glad to hear it. What's next?",
    "bye": "See you soon!",
    "ok": "OK. Tell me when you need something, or start with one of these.",
    "complaint": "I'm sorry. Tell me in a few words what you need, and I'll start again.",
    "slow": "Sorry for the wait. Short texts are faster, and my operator can choose a faster model.",
}
# Example requests for the kinds offered to new users.
_EXAMPLES = {
    "social_post": "a post saying that we are closed next Monday",
    "email": "an email to our customers about the new opening hours",
    "ad": "an ad for our Saturday course, 40 euros",
    "product_description": "a product description for our hazelnut jam",
    "quiz": "a quiz with five questions on the water cycle",
    "lesson_plan": "a 45-minute lesson plan on fractions",
    "worksheet": "a worksheet on prepositions with an answer key",
    "explanation": "explain photosynthesis to a ten-year-old",
    "image_prompt": "an image prompt for a poster: a pier at dawn, with room for a title",
    "logo": "a round logo with an owl in navy and cream",
    "layout": "a layout for a landing page with a sign-up form",
    "script": "a one-minute video script about our workshop",
    "lyrics": "lyrics for a birthday song about a cat called Otto",
    "music": "calm piano music for a podcast intro",
    "synthetic_data": "a table of 50 made-up orders",
    "rewrite": "put this text into plain words: …",
}
_MORE = "/help lists everything I can make; with /profile edit you tell me who you are."
_LAST = (
    "I'm sorry. What was wrong with the last result ({kind}, {day})? Choose below, or press Change… and tell "
    "me in your own words."
)


def answer_view(topic: SmallTalkTopic, kinds: Sequence[str], locale: str) -> discord.ui.LayoutView:
    """Build the answer, with a button for each kind to start with; none for a goodbye."""
    lines = [translate(_ANSWERS[topic], locale)]
    if topic == "ability":
        examples = (f"- {translate(_EXAMPLES[kind], locale)}" for kind in kinds if kind in _EXAMPLES)
        lines += [*examples, f"-# {translate(_MORE, locale)}"]
    return answer_text_view("\n".join(lines), () if topic == "bye" else kinds, locale)


def answer_text_view(text: str, kinds: Sequence[str], locale: str) -> discord.ui.LayoutView:
    """Build a short answer with a button for each kind to start with."""
    view = note_view(text)
    if kinds:
        row = discord.ui.ActionRow[discord.ui.LayoutView]()
        for name in kinds:
            label = translate(find_kind(name).title, locale)
            row.add_item(discord.ui.Button(label=label, emoji="✏️", custom_id=build_try_id(name)))
        view.add_item(row)
    return view


def complaint_view(
    kind: str, day: str, generation_id: str, reasons: discord.ui.Item[discord.ui.LayoutView], locale: str
) -> discord.ui.LayoutView:
    """Build the answer to a complaint about a result: possible reasons, and the button that changes it."""
    text = localize(Phrase(_LAST, kind=Phrase(find_kind(kind).title), day=day), locale)
    view = note_view(text)
    menu, row = discord.ui.ActionRow[discord.ui.LayoutView](), discord.ui.ActionRow[discord.ui.LayoutView]()
    menu.add_item(reasons)
    change = translate("Change…", locale)
    row.add_item(discord.ui.Button(label=change, emoji="✏️", custom_id=button_id("change", generation_id)))
    view.add_item(menu)
    view.add_item(row)
    return view


def build_try_id(kind: str) -> str:
    """Return the custom id of the button that starts a text of a kind."""
    return f"quilltry:{kind}"

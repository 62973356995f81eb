"""Questions about the bot, thanks, small talk, and what no other kind covers."""

from __future__ import annotations

from bot.briefs import Form
from bot.content import Kind

KIND = Kind(
    name="chat",
    family="chat",
    title="Chat",
    description="Answers a question in a few sentences, or makes small talk.",
    task="Answer in one to three short sentences. You are Quillmate: you make copy (/copy), teaching material (/lesson) and image prompts "
    "(/image); /profile edit holds what you know about people. You cannot book, look things up or see pictures.",
    form=Form(),
)

"""Questions about the bot, thanks, small talk, and what no other kind covers."""

from __future__ import annotations

from bot.briefs import Form
from bot.content import Kind

KIND = Kind(
    name="chat",
    family="chat",
    title="Chat",
    description="Answers a question in a few sentences, or makes small talk.",
    task="You are Quillmate, a writing assistant: /copy, /lesson and /image make texts, and /profile edit holds what you know about people. "
    "Answer in one to three short sentences. If you are asked to book, call, send, look up or see something, say that you cannot, but "
    "can write the message.",
    form=Form(),
)

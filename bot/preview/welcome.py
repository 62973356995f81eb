"""The playground's welcome: what it is, and the first things to try, which README shows too."""

from __future__ import annotations

from bot.errors import Phrase
from bot.locales import localize, translate

# As they are typed: what the default model does well, in a natural order.
TYPED = (
    "/copy tweet: we are closed next Monday",
    "/copy text to our regulars: the oven is broken, no bread on Friday, coffee as always",
    "/profile edit",
    "/image poster for our jazz night: a saxophone on a bakery counter, steam, neon light, tall, no people, midjourney",
)
# The last of the five; it needs material of one's own.
NOTES = "Paste a page of your own notes, then right-click the message: {quiz}"
MENU = "Make a quiz"
_WELCOME = "Welcome to the studio"
_ABOUT = "This is the real Quillmate, running on your own computer. Try these:"
_HOW = (
    "Type one of them below exactly as it is and press Enter. After `/profile edit`, try the first one again "
    "and see what changes."
)
# What the fictional team has, one line each.
TEAM = (
    (
        "**A team at work**: you are Ada, who owns this server; Ben writes and Cleo reviews. Use “You are” above to "
        "switch between them."
    ),
    "Texts are waiting for your approval in {reviews}, and the team is voting there. A campaign is running in a "
    "thread of {news}, where the first post goes out within two minutes. All of these samples were written by "
    "hand.",
    (
        "Find all texts in /library, upcoming posts in /calendar, past activity in /stats and /audit, and the "
        "settings in /settings."
    ),
)
_MORE = "Ask `@Quillmate what can you do?` to see what else there is."


def build_welcome_text(locale: str) -> str:
    """Return the welcome in the language of a locale."""
    notes = localize(Phrase(NOTES, quiz=f"**{translate(MENU, locale)}**"), locale)
    tried = [*(f"`{translate(typed, locale)}`" for typed in TYPED), notes]
    lines = [f"### {translate(_WELCOME, locale)}", translate(_ABOUT, locale), *(f"- {one}" for one in tried)]
    return "\n".join([*lines, "", translate(_HOW, locale), f"-# {translate(_MORE, locale)}"])


def build_team_text(locale: str, *, reviews: str, news: str, **_others: str) -> str:
    """Return the list of what the playground's team has, in the language of a locale; channels as mentions."""
    return "\n".join(translate(line, locale).format(reviews=reviews, news=news) for line in TEAM)

"""What is refused whatever the model: publishing where somebody lives, and threats against people."""

from __future__ import annotations

import re

from bot.errors import RefusedError

_PRIVATE = re.compile(
    r"\b(?:home|private|personal)\s+(?:address|phone|number)|\bphone number\b|\bwhere (?:s?he|they) lives?\b|\bdox\w*",
    re.IGNORECASE,
)
_SOMEBODY = re.compile(
    r"\bmy (?:ex|boss|neighbou?r|teacher|roommate|colleague|landlord|sister|brother)\b|\b(?:his|her|their|someone'?s)\b",
    re.IGNORECASE,
)
_EXPOSE = re.compile(
    r"\bso (?:that )?(?:every(?:one|body)|people|all)\b|\bexpose\b|\bname and shame\b|\brevenge\b", re.IGNORECASE
)
_THREAT = re.compile(
    r"\b(?:threaten|insult|humiliate|harass|incite)\w*\b.{0,80}\b(?:because of|for) (?:their|his|her|being)\b"
    r"|\b(?:kill|hurt|get rid of|exterminate)\w* (?:all|every|those) \w+",
    re.IGNORECASE,
)


def refuse_harm(text: str) -> None:
    """Refuses what would expose or threaten somebody; all other harm is left to the operator's model to refuse.

    Raises:
        RefusedError: with an offer of what can be made instead.
    """
    if _PRIVATE.search(text) and _SOMEBODY.search(text) and (_EXPOSE.search(text) or re.search(r"\bex\b", text)):
        raise RefusedError(
            "I don't publish somebody's private address or number. I can write a neutral text without them."
        )
    if _THREAT.search(text):
        raise RefusedError(
            "I don't write texts that threaten or insult people. I can help to say what you need in a calm way."
        )

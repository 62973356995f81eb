"""The description of a picture, each part in a code block to copy."""

from __future__ import annotations

from bot.images.description import SUGGESTED_ALT, PictureDescription
from bot.locales import LANGUAGES, translate

from .split import fence_text

# Length of each part; all of them fit into a view.
_MAX_PART_CHARACTERS = 1_500


def find_language(locale: str) -> str:
    """Return the language to describe a picture in for a Discord locale; English where it is not supported."""
    language = locale.partition("-")[0]
    return language if language in LANGUAGES else "en"


def picture_text(seen: PictureDescription, locale: str) -> str:
    """Format a description, with the note that a model made it."""
    length = translate("{count} characters; screen readers work best with up to {most}", locale).format(
        count=len(seen.alt_text), most=SUGGESTED_ALT
    )
    parts = [
        f"### {translate('Alternative text', locale)}\n{fence_text(seen.alt_text[:_MAX_PART_CHARACTERS])}\n-# {length}",
        f"### {translate('Prompt', locale)}\n{fence_text(seen.prompt[:_MAX_PART_CHARACTERS])}" if seen.prompt else "",
        f"### {translate('Words in the picture', locale)}\n{fence_text(seen.text)}" if seen.text else "",
    ]
    warning = translate("A model has described this: check names, numbers and any text it read.", locale)
    return "\n".join([*filter(None, parts), f"-# {warning}"])

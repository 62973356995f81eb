"""What a picture shows, as whoever asked for it sees that: each part in a block of its own that can be copied."""

from __future__ import annotations

from bot.images.description import SUGGESTED_ALT, PictureDescription
from bot.locales import LANGUAGES, translate

from .split import fenced

# Characters of each part that are shown: all of them fit into a view.
_MAX_SHOWN = 1_500


def language_of(locale: str) -> str:
    """The language of Discord's locale in which a picture is described; English where there is none."""
    language = locale.partition("-")[0]
    return language if language in LANGUAGES else "en"


def seen_text(seen: PictureDescription, locale: str) -> str:
    """What was seen, and that a model has looked."""
    length = translate("{count} characters; screen readers work best with up to {most}", locale).format(
        count=len(seen.alt_text), most=SUGGESTED_ALT
    )
    parts = [
        f"### {translate('Alternative text', locale)}\n{fenced(seen.alt_text[:_MAX_SHOWN])}\n-# {length}",
        f"### {translate('Prompt', locale)}\n{fenced(seen.prompt[:_MAX_SHOWN])}" if seen.prompt else "",
        f"### {translate('Words in the picture', locale)}\n{fenced(seen.text)}" if seen.text else "",
    ]
    warning = translate("A model has described this: check names, numbers and any text it read.", locale)
    return "\n".join([*filter(None, parts), f"-# {warning}"])

"""An organic post for a social network."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Annotated

from pydantic import BaseModel

from bot.briefs import Form, topic_of
from bot.checks import Check, bounded
from bot.checks.limits import limits_of
from bot.checks.units import HASHTAG
from bot.content import Assignment, Content, Count, Example, Kind, Piece, Size
from bot.kinds._additions import call_for, decorated, hashtags_for
from bot.kinds._shared import bounds, paragraphs


class SocialPost(BaseModel):
    """What a model writes: the running text. Link and hashtags are added by code."""

    text: Annotated[str, Size(700, least=20, nouns=("post", "caption", "tweet"))]


HASHTAGS = Count(0, 5, 0, ("hashtag", "tag"))
# The most that any network takes (Instagram, limits.toml).
_ASKED_TAGS = Count(0, 30, 0, ("hashtag",))
SERIES = Count(
    1,
    15,
    1,
    ("post", "tweet", "part", "toot", "skeet", "pin", "caption"),
    before=("thread of", "thread with", "thread in"),
)
# Networks where hashtags help people find a post; elsewhere they come only when asked for.
_TAGGED = {"instagram": (1, 5), "tiktok": (1, 5)}
# Networks where a post has a title, and the most that it takes.
_TITLED = {"pinterest", "youtube"}
_TITLE_MOST = min(limit.max for place in _TITLED for limit in limits_of(place) if limit.field == "title")
_SERIES = {"thread": "thread|tweetstorm"}
_USUAL_THREAD = 4
# What each post of several is to say, so that no two say the same; those between first and last in turn.
_FIRST, _LAST = "Begin with what is new or odd about it.", "End with what readers can do."
_BETWEEN = ("Say why it matters.", "Say how it works.", "Give an example.", "Say what surprises people.", "Give a tip.")


def is_thread(assignment: Assignment) -> bool:
    """Whether the posts belong together and are read one after another."""
    return bool(assignment.reading.chosen("series"))


def pieces(assignment: Assignment, _own: Content | None) -> list[Piece]:
    """The posts, where the brief wants several."""
    usual = _USUAL_THREAD if is_thread(assignment) else 1
    of = bounds(replace(SERIES, default=usual), assignment.wishes)[2]
    topic = topic_of(assignment.reading.message)
    said = [_FIRST, *(_BETWEEN[at % len(_BETWEEN)] for at in range(of - 2)), _LAST][:of] if of > 1 else [""]
    return [Piece(f"post {at}", "social_post", f"post about {topic}. {one}".strip()) for at, one in enumerate(said, 1)]


def compose(output: SocialPost, assignment: Assignment) -> Content:
    """The post with the profile's link and, where they help or are asked for, hashtags; in a thread with its number.

    What a thread says once stands in its last post.
    """
    series = assignment.series if is_thread(assignment) else None
    number = f"{series.number}/{series.of}" if series else ""
    if assignment.as_written and output.text.startswith(number):
        number = ""
    closing = assignment.ends or not series
    text = paragraphs(
        " ".join(filter(None, (number, decorated(output.text, assignment) if closing else output.text))),
        call_for(assignment, output.text) if closing else "",
        hashtags_for(assignment, output.text, _TAGGED.get(assignment.place, (0, 0))) if closing else "",
    )
    parts: dict[str, object] = {"posts": [text]}
    if assignment.place in _TITLED and output.text:
        parts |= {"title": _title(output.text), "text": text}  # The limits of the two are apart.
        text = f"**{parts['title']}**\n{text}"
    return Content(text, parts)


def _title(text: str) -> str:
    """The first sentence, or as many of its words as a title takes."""
    title = re.split(r"(?<=[.!?])\s", text.strip(), maxsplit=1)[0].rstrip(".")
    while len(title) > _TITLE_MOST:
        title = title.rpartition(" ")[0] or title[:_TITLE_MOST]
    return title.rstrip(" ,;:–-")


def examine(_output: SocialPost, content: Content, assignment: Assignment) -> list[Check]:
    """As many hashtags as the brief wants, where the post stands as it was written; else code has put them there."""
    if not assignment.as_written or "hashtag" not in assignment.wishes.counts or not assignment.ends:
        return []
    low, high = assignment.wishes.counts["hashtag"]
    count = len(HASHTAG.findall(content.text))
    return [bounded("hashtags", count, low, high, "hashtags", sort="number", path="text", asked_by="brief")]


def join(_own: Content | None, made: list[tuple[Piece, Content]], _assignment: Assignment) -> Content:
    """The posts with a line between them."""
    posts = [content.text for _, content in made]
    return Content("\n\n---\n\n".join(posts), {"posts": posts})


KIND = Kind(
    name="social_post",
    family="marketing",
    needs=("date", "place"),
    title="Social post",
    description="A post or a thread for X, Instagram, LinkedIn, Facebook, Threads, Bluesky, Mastodon and others.",
    output=SocialPost,
    prompt="Write one short social media post. Say the news first. No hashtags, no links, no quotation marks.",
    examples=(
        Example(
            "tweet: the bike repair café is back on Saturday, bring your squeaky brakes",
            SocialPost(
                text="The repair café is back on Saturday. Bring the squeaky brakes, the flat tyre and the lock that "
                "never opens. We bring tools, tea and people who like bolts."
            ),
        ),
        Example(
            "instagram caption for our new reading corner in the library",
            SocialPost(
                text="Two old armchairs, one tall lamp and a window with a view of the chestnut tree. The reading corner "
                "is ready. Come early, the left chair goes fast."
            ),
        ),
    ),
    craft="Write one social media post. Say the news first. Hashtags only where the brief wants them.",
    compose=compose,
    examine=examine,
    counted=(_ASKED_TAGS,),
    series=SERIES,
    pieces=pieces,
    join=join,
    words=(30, 45, 90),
    places={
        "x": ("tweet", "twitter", "x post", "post on x", "post for x", "on x", "for x"),
        "instagram": ("instagram", "insta", "ig", "reel"),
        "linkedin": ("linkedin",),
        "facebook": ("facebook", "fb"),
        "threads": ("threads",),
        "bluesky": ("bluesky", "bsky"),
        "mastodon": ("mastodon", "toot", "fediverse"),
        "tiktok": ("tiktok", "tik tok"),
        "pinterest": ("pinterest", "pin", "pinterest pin"),
        "youtube": ("youtube", "yt"),
        "discord": ("discord",),
    },
    anywhere=True,
    emoji=True,
    levelled=True,
    form=Form(
        "post", ("post", "ad", "image"), shaped=True, choices={"series": _SERIES}, titles=("message", "announcement")
    ),
    copied=("posts",),
)

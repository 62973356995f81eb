"""An organic post for a social network."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.limits import find_limits
from bot.checks.units import HASHTAG
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, parse_document
from bot.reading.labels import OTHER_PART, LabelledText, Labels, find_labelled_cells, find_labelled_texts
from bot.reading.sections import parse_outline
from bot.reading.texts import get_wanted_count, split_texts


class SocialPosts(BaseModel):
    """The posts as they are pasted, with the hashtags of a single one; on networks with titles, the first one's title and
    text.
    """

    posts: Annotated[
        list[Annotated[str, Size(nouns=("post", "caption", "tweet"))]],
        Count(
            nouns=("post", "tweet", "part", "toot", "skeet", "pin", "caption"),
            before=("thread of", "thread with", "thread in"),
        ),
    ] = []
    hashtags: Annotated[list[str], Count(nouns=("hashtag",))] = []
    title: Annotated[str, Size(nouns=("title",))] = ""
    text: str = ""


# Networks that show headings within a post.
_NETWORKS_WITH_HEADINGS = ("discord",)
_LABELS = Labels(
    text="Post|tweet|toot|skeet|pin|caption|story|status|Option|Version|variant|variante|beitrag|tuit",
    heading="Part|day|Week|thread|message|Instagram|Facebook|LinkedIn|TikTok|YouTube|X|Twitter|X / Twitter|Threads|Bluesky|Mastodon|"
    "Pinterest|Discord|WhatsApp|reel",
)
_WITHIN = Labels(
    text="Text|caption|post|post text|body|copy|tweet|Description|description text|bildunterschrift|pie de foto|légende|legenda",
    title="Title|post title|pin title|video title|Headline",
    hashtags="hashtags|hashtag|tags",
    other="Alt text|image|Picture|photo|visual|image idea|image suggestion|suggested image|bild|bildidee|imagen|visuel|imagem|"
    "Length|characters|Notes|note",
)


def read(whole: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the posts, each as it is pasted."""
    titled = any(limit.field == "title" for limit in find_limits(assignment.place))
    count = get_wanted_count(assignment.requirements.counts, "post")
    several = not titled or count > 1
    parted = split_texts(
        whole,
        _LABELS,
        count,
        allow_rules=several,
        allow_any_heading=several and assignment.place not in _NETWORKS_WITH_HEADINGS,
    )
    table = [cell for part, cell in find_labelled_cells(whole, _LABELS) if part == "text"] if len(parted) == 1 else []
    if len(table) > 1 and not any(line.sort == "text" for line in whole.lines):
        return {"posts": table}
    found = [_read_post(whole if piece == whole.text else parse_document(piece), titled=titled) for piece in parted]
    posts = [text for text, _ in found if text]
    if not posts:
        return {}
    parts: dict[str, Any] = {"posts": posts}
    if len(posts) == 1 and (tags := HASHTAG.findall(posts[0])):
        parts["hashtags"] = tags
    title = found[0][1]
    return parts | ({"title": title, "text": posts[0]} if titled and title else {})


def _read_post(whole: Document, *, titled: bool) -> tuple[str, str]:
    """Return the text of a post as it is pasted, and its title."""
    told = find_labelled_texts(whole, _WITHIN)
    known = {one.part: one for one in reversed(told)}
    title = known["title"].text if "title" in known else ""
    if titled and not title and (head := parse_outline(whole).title) is not None:
        title = head.text
        rest = [line for line in whole.lines if line.at > head.at]
        return whole.get_source(rest), title
    if not told:
        return whole.text.strip(), title
    text = known["text"].get_source(whole) if "text" in known else _get_unlabelled_text(whole, told)
    tags = known["hashtags"].value if "hashtags" in known else ""
    return "\n\n".join(filter(None, (text, tags if tags not in text else ""))), title


def _get_unlabelled_text(whole: Document, told: list[LabelledText]) -> str:
    """Return the text before the first label that is not part of a post."""
    aside = [one.line.at for one in told if one.part in (OTHER_PART, "title", "hashtags")]
    before = [line for line in whole.lines if not aside or line.at < aside[0]]
    after = [line for one in told[-1:] if one.part == "title" for line in one.lines]
    return whole.get_source(before or after)


KIND = Kind(
    name="social_post",
    family="marketing",
    title="Social post",
    description="A post or a thread for X, Instagram, LinkedIn, Facebook, Threads, Bluesky, Mastodon and others.",
    task="If there are several, a line of three dashes stands between them.",
    read=read,
    parts=SocialPosts,
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
    form=Form("post", ("post", "ad", "image"), shaped=True),
    pasted_parts=("posts",),
)

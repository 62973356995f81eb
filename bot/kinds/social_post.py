"""An organic post for a social network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.checks.limits import find_limits
from bot.checks.units import HASHTAG
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document, parse_document, split_paragraphs
from bot.reading.labels import OTHER_PART, LabelledText, Labels, find_labelled_cells, find_labelled_texts
from bot.reading.sections import parse_outline
from bot.reading.texts import get_wanted_count, split_texts


class SocialPosts(BaseModel):
    """The posts as they are pasted, with the hashtags of a single one; on networks with titles, also the first one's title
    and text.
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
_POST_LABELS = Labels(
    caption="caption|post text|bildunterschrift|pie de foto|légende|legenda",
    text="Text|post|body|copy|tweet|Description|description text",
    title="Title|post title|pin title|video title|Headline",
    hashtags="hashtags|hashtag|tags",
    other="Alt text|image|Picture|visual|image idea|image suggestion|suggested image|bild|bildidee|imagen|visuel|imagem|"
    "Length|characters",
    note="Notes|note",
)


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the posts, each as it is pasted."""
    takes_title = any(limit.field == "title" for limit in find_limits(assignment.place))
    count = get_wanted_count(assignment.requirements.counts, "post")
    may_be_several = not takes_title or count > 1
    sources = split_texts(
        document,
        _LABELS,
        count,
        allow_rules=may_be_several,
        allow_any_heading=may_be_several and assignment.place not in _NETWORKS_WITH_HEADINGS,
    )
    cells = [text for part, text in find_labelled_cells(document, _LABELS) if part == "text"]
    if len(sources) == 1 and len(cells) > 1 and not any(line.sort == "text" for line in document.lines):
        return {"posts": cells}
    documents = [document if source == document.text else parse_document(source) for source in sources]
    texts_and_titles = [_read_post(post, takes_title=takes_title) for post in documents]
    posts = [text for text, _ in texts_and_titles if text]
    if not posts:
        return {}
    parts: dict[str, Any] = {"posts": posts}
    if len(posts) == 1 and (hashtags := HASHTAG.findall(posts[0])):
        parts["hashtags"] = hashtags
    title = texts_and_titles[0][1]
    return parts | ({"title": title, "text": posts[0]} if takes_title and title else {})


def _read_post(document: Document, *, takes_title: bool) -> tuple[str, str]:
    """Return the text of a post as it is pasted, and its title."""
    labelled_texts = find_labelled_texts(document, _POST_LABELS)
    if not takes_title and not _are_parts(labelled_texts, document):
        return document.text.strip(), ""
    text_by_part = {text.part.replace("caption", "text"): text for text in reversed(labelled_texts)}
    title = text_by_part["title"].text if "title" in text_by_part else ""
    if takes_title and not title and (title_line := parse_outline(document).title) is not None:
        return document.get_source([line for line in document.lines if line.at > title_line.at]), title_line.text
    if not labelled_texts:
        return document.text.strip(), title
    text = (
        text_by_part["text"].get_source(document)
        if "text" in text_by_part
        else _get_unlabelled_text(document, labelled_texts)
    )
    hashtags = text_by_part["hashtags"].value if "hashtags" in text_by_part else ""
    return "\n\n".join(filter(None, (text, hashtags if hashtags not in text else ""))), title


def _are_parts(labelled_texts: Sequence[LabelledText], document: Document) -> bool:
    """Whether labels mark the parts of a post, rather than being lines of the post itself, such as "Photo: Jane Doe".

    Either one is that of a caption; or the first begins the post and one is that of its text, unless all of it is remarks; or its
    hashtags and what is not posted follow it.
    """
    first_line = next((line for line in document.lines if line.text.strip()), None)
    part_names = {text.part for text in labelled_texts}
    if labelled_texts and labelled_texts[0].line is first_line:
        return not part_names.isdisjoint(("caption", "text")) or part_names <= {OTHER_PART, "note"}
    return "caption" in part_names or all(
        text.part in ("hashtags", OTHER_PART) and len(split_paragraphs(text.get_source(document))) < 2
        for text in labelled_texts
    )


def _get_unlabelled_text(document: Document, labelled_texts: list[LabelledText]) -> str:
    """Return the text before the first label, or, if there is none, that below a title at the end."""
    first, last = labelled_texts[0], labelled_texts[-1]
    before = [line for line in document.lines if line.at < first.line.at]
    return document.get_source(before or (last.lines if last.part == "title" else ()))


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

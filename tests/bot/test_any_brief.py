"""Whatever somebody asks for and whatever a model writes: every kind makes a result of it, or says in a sentence why not."""

# ruff: noqa: E501 - tables that are easier to read in long lines
from __future__ import annotations

import asyncio
import itertools
import json
from typing import Any

import discord
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.cli.generate import as_object
from bot.content import Content, Kind, Remembered, Request
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import Scripted, scripted
from bot.errors import QuillmateError
from bot.exports import export, fitting
from bot.generation.draft import draft_so_far, read
from bot.generation.pipeline import Pipeline
from bot.generation.recall import assign
from bot.generation.result import result_of
from bot.generation.shape import Entries, Group, Node, Text, shape_of
from bot.generation.writers import capable_prompt, small_prompt
from bot.generation.writers import handed_on as capable
from bot.generation.writers.capable import CAPABLE
from bot.generation.writers.small import SMALL, candidate_of, pooled, whole
from bot.generation.writers.trim import trimmed
from bot.kinds import all_kinds
from bot.replies.views import draft_view, result_view, variants_view
from personas.habits import Habits
from personas.profile import CallToAction, Profile

# Bounds of a view, as Discord documents them.
MOST_CHARACTERS, MOST_COMPONENTS = 4_000, 40
EXAMPLES = 9

PROFILES = (
    Profile(),
    Profile(
        organisation="Fern & Fog", emoji="many", tone=("dry",), reading_level="CEFR A2", avoid_words=("the", "just", "花"), timezone="Asia/Tokyo",
        facts=("-18 °C in the cellar", "open 9 to 5", "1'000 seats"), prefer_terms=("sourdough",), output_language="de",
        call_to_action=CallToAction(text="Book", link="https://fern.example/a?b=c#d"), accessibility=("large print",),
    ),
    Profile(organisation="花" * 300, audience="\u202eעברית", emoji="none", reading_level="US grade 1", facts=("😀",) * 30, preferred_length="long"),
)  # fmt: skip

NUMBERS = (
    "0",
    "-1",
    "1",
    "2",
    "3",
    "7",
    "12",
    "50",
    "999",
    "99999",
    "1'000",
    "1.000,50",
    "10k",
    "two hundred",
    "half a dozen",
    "٣",
    "²",
    "1e9",
    "NaN",
    "½",
)
THINGS = (
    "questions", "options", "words", "words max", "characters each", "headlines", "hashtags", "emoji", "posts", "minutes", "seconds", "weeks",
    "channels", "colours", "columns", "rows", "levels", "criteria", "points", "points each", "cards", "cloze cards", "sections", "paragraphs",
    "bpm", "verses", "lines", "scenes", "roles", "steps", "CHF", "€ budget", "%", "quotes", "bullets", "terms", "activities", "variants", "pages",
)  # fmt: skip
FRAGMENTS = (
    "symbol only, no letters", "sdxl", "one color on white", "black on black", "#FFFFFF", "#000000 and #000000", "midjourney", "dall-e", "0:0", "16:0", "0:9",
    "16:9", "99:1", "1:1", "AAA", "contrast 99:1", "contrast 0", "monochrome", "no text", "no emoji", "no hashtags", "no name", "without a logo", "in German",
    "auf Deutsch", "en français", "in Klingon", "for x", "for instagram", "linkedin", "google ads", "thread", "a thread of 0", "thread of 99 posts",
    "sequence of 3 emails, every 0 days", "every 99 weeks", "31 February", "2026-02-31", "2099-12-31", "29 Feb", "May 45", "from 1 May to 32 June", "at 25:61",
    "“”", "“bread”", '"', "'", "«x", "says ''", "true/false", "multiple response", "matching", "matching pairs", "short answer", "numeric", "mixed formats",
    "cloze", "reading text", "glossary", "keyword:", "keyword: oat milk", "columns: a, b", "columns: , ,", "columns: id, id, id", "criteria: x, x", "levels: a, a",
    "start with “Hi”", "end with ''", "CEFR A1", "US grade 99", "simpler", "shorter", "more formal", "budget 0", "budget -5", "budget 99999999999999",
    "seed 0", "seed 99999999999999999999", "seed: -1", "negative prompt: , ,", "letter", "poster", "app", "two columns", "0 columns", "99 columns", "a4",
    "translate to", "translate to Spanish", "proofread:", "shorten: ", "rewrite this: a", "summarise", "from csv", "json", "@everyone", "<@1>", "```", "|a|b|", "||x||",
    "# x", "- a\n- b", "\n\n\n", " ", "…", "👩‍👩‍👧‍👦", "🇩🇪🇩", "\u202eabc", "e\u0301\u0301", "\x00\x07\x1b", "\ufeff", "\u2028", "花の店。", "عرض", "ß", "İ", "{name}", "{0}",
    "%s", "\\", "$x$", "<script>", "&amp;", "a" * 300, "lorem ipsum", "TODO", "https://a.example/x", "our name", "bread", "a bike shop", "magnets", "mug, cat, sun, moon",
)  # fmt: skip
PHRASES = st.sampled_from(FRAGMENTS) | st.builds(
    lambda count, thing: f"{count} {thing}", st.sampled_from(NUMBERS), st.sampled_from(THINGS)
)
ODD = st.text(st.characters(codec=None, categories=None, exclude_categories=()), max_size=12)
BRIEFS = st.builds(
    lambda parts, joint: joint.join(parts),
    st.lists(PHRASES | ODD, max_size=6),
    st.sampled_from((" ", ", ", ". ", "\n")),
)
SHORT_TEXTS = st.sampled_from(
    ("", " ", ".", "a", "Bread is slow.", "花。", "0", "-", "\n", "**a**", "a" * 500, "Very long. " * 60, "😀" * 40, "|", "{}", "true", "x: y", '"quoted"', "<b>", "1) a",
     "\x00", "\ud800", "\u202e", "12", "-1.5", "1,5", "[1](http://a.example)", "```", "https://a.example", "the the the", "None of the above", "\r\n", "=", "~", "::")
)  # fmt: skip


def written(node: Node) -> st.SearchStrategy[Any]:
    """What a model may write for a part of an output: mostly of the right form, with too much or too little in it."""
    match node:
        case Group():
            whole = st.fixed_dictionaries({}, optional={name: written(child) for name, child in node.fields})
            full = st.fixed_dictionaries({name: written(child) for name, child in node.fields})
            return full | whole | st.just(None)
        case Entries():
            return st.lists(written(node.entry), max_size=min(4, node.count.high + 1)) | st.sampled_from(
                (None, "a", [])
            )
        case Text():
            known = st.sampled_from(node.choice.values) if node.choice else SHORT_TEXTS
            return known | SHORT_TEXTS | st.sampled_from((None, 7, ["a"]))


def outputs(kind: Kind) -> st.SearchStrategy[str]:
    """What a model may answer: text, JSON that fits more or less, a worked example, or what is none of it."""
    example = kind.examples[0].output.model_dump(mode="json")
    torn = st.sampled_from(
        ("", "{", "[]", "null", "<think>x", "{}" * 50, "```json\n{}\n```", '{"text": ', "\ud800", "a" * 70_000)
    )
    if kind.plain:
        return torn | SHORT_TEXTS | st.lists(SHORT_TEXTS, max_size=9).map(" ".join) | st.just(example["text"])
    return torn | written(shape_of(kind.output)).map(lambda data: json.dumps(data)) | st.just(json.dumps(example))


def count_of(view: discord.ui.LayoutView) -> tuple[int, int]:
    """(characters, components) of a view; its texts have to say something."""
    texts = [one for one in view.walk_children() if isinstance(one, discord.ui.TextDisplay)]
    assert all(one.content.strip() for one in texts), "an empty text"
    return sum(len(one.content) for one in texts), sum(1 for _ in view.walk_children())


def goes_through(kind: Kind, brief: str, answers: list[str], profile: Profile, formal: bool) -> None:
    """A brief and what models answer go all the way that a request goes."""
    request = Request("1", "7", brief, kind=kind.name, variants=len(answers), asked="2026-03-05T23:30:00+00:00")
    habits = Habits(formality="formal", exclamation_marks="none") if formal else Habits()
    assignment = assign(request, Remembered(profile, habits=habits))
    engine = Engine(Scripted(lambda _: "", traits=Traits()), name="scripted")
    for prompt_of, writer in ((capable_prompt, CAPABLE), (small_prompt, SMALL)):
        prompt_of.messages_for(assignment, tokens=2_000)
        writer.ask(assignment, engine)
    for one in answers:
        draft_view(kind.name, draft_so_far(one[: len(one) // 2], assignment))
    candidates = [candidate_of(read(one, assignment.kind), assignment) for one in answers]
    candidates[0] = whole(pooled(candidates, assignment), assignment)
    stands = CAPABLE.assigned(assignment)
    candidates += [trimmed(capable.candidate_of(read(one, kind), stands), stands) for one in answers]
    results = [result_of(one, assignment, engine, 0.1) for one in candidates]
    kind.pieces(assignment, Content("", {}))
    kind.pieces(assignment, results[0].content)
    for view, _files in (result_view(results[0], profile, "1"), variants_view([("1", one) for one in results])):
        characters, components = count_of(view)
        assert characters <= MOST_CHARACTERS
        assert components <= MOST_COMPONENTS
    json.dumps(as_object(results[0], 1)).encode("utf-8")
    # One format each time, as some take long; pdf and png are written from the same parts and take half a second.
    forms = [one.name for one in fitting(results[0].content, kind.exports) if one.name not in ("pdf", "png")]
    if forms:
        export(forms[len(brief) % len(forms)], kind.title, results[0].content)


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_any_brief_and_any_answer_give_a_result_or_a_sentence(kind: Kind) -> None:
    @settings(
        max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @given(BRIEFS, st.lists(outputs(kind), min_size=1, max_size=2), st.sampled_from(PROFILES), st.booleans())
    def run(brief: str, answers: list[str], profile: Profile, formal: bool) -> None:
        try:
            goes_through(kind, brief, answers, profile, formal)
        except QuillmateError as error:
            assert str(error)  # noqa: PT017 - it is a sentence

    run()


@pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)
def test_the_pipeline_ends_whatever_a_model_answers(kind: Kind) -> None:
    """Also threads and campaigns, whose pieces are made one after another."""

    @settings(max_examples=3, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
    @given(BRIEFS, st.lists(outputs(kind), min_size=1, max_size=4), st.sampled_from(PROFILES), st.booleans())
    def run(brief: str, answers: list[str], profile: Profile, capable: bool) -> None:
        said = itertools.cycle(answers)
        model = scripted(lambda _: next(said), traits=Traits(capable=capable, drafts=2))
        try:
            assignment = assign(Request("1", "7", brief, kind=kind.name, variants=2), Remembered(profile))
            results = asyncio.run(Pipeline(Engines([model])).run(assignment))
        except QuillmateError as error:
            assert str(error)  # noqa: PT017 - it is a sentence
            return
        view, _files = variants_view([(f"{number}", one) for number, one in enumerate(results)])
        characters, components = count_of(view)
        assert characters <= MOST_CHARACTERS
        assert components <= MOST_COMPONENTS

    run()


@pytest.mark.parametrize(
    "brief",
    [
        "symbol only, no letters, sdxl, one color on white",
        "single colour, black",
        "monochrome #FFFFFF",
        "one color, white on white",
    ],
)
def test_a_logo_of_one_colour_has_a_ground(brief: str, assigned: Any) -> None:
    kind = all_kinds()["logo"]
    content = kind.compose(kind.examples[0].output, assigned("logo", brief))
    assert len(set(content.parts["colors"])) >= 2

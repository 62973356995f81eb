"""What every kind of content promises."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from bot.generation.check import run_checks

import bot.kinds
from bot.content import Assignment, Kind
from bot.errors import RefusedError
from bot.exports import formats
from bot.generation.understood import wishes_of
from bot.kinds import all_kinds, kind_named, of_family
from personas.profile import CallToAction, Profile

Assigned = Callable[..., Assignment]
PROFILE = Profile(
    organisation="Fern & Fog", prefer_terms=("sourdough",), emoji="none",
    call_to_action=CallToAction(text="Book", link="https://fern.example"),
)  # fmt: skip
PARTS = {
    "ad": {"headlines", "descriptions", "paths", "network", "link"},
    "email": {"emails"},
    "slogan": {"variants"},
    "press_release": {"headline", "sections", "quotes"},
    "landing_page": {"h1", "sections", "faq"},
    "article": {"title", "headings", "sections"},
    "campaign": {"sections", "weeks", "channels", "kpis", "budget", "calendar", "about"},
    "sms": {"messages"},
    "seo_meta": {"meta_title", "meta_description", "slug", "json_ld"},
    "product_description": {"intro", "bullets"},
    "social_post": {"posts"},
    "explanation": set(),
    "lesson_plan": {"title", "sections", "activities"},
    "quiz": {"title", "items", "player_text", "host_text"},
    "image_prompt": {"prompt", "raw", "target", "negative_prompt", "alt_text", "width", "height", "seed", "scene"},
    "flashcards": {"title", "cards"},
    "worksheet": {"title", "items"},
    "rubric": {"title", "criteria", "levels", "points_total"},
    "study_guide": {"title", "sections", "key_terms"},
    "tutor": set(),
    "logo": {"prompt", "raw", "target", "negative_prompt", "alt_text", "width", "height", "seed", "colors", "svg"},
    "layout": {"regions", "viewport", "columns", "width", "height", "colors", "alt_text", "svg"},
    "script": {"title", "scenes", "seconds"},
    "podcast": {"title", "summary", "chapters", "turns", "seconds"},
    "storyboard": {
        "prompt",
        "raw",
        "variants",
        "target",
        "negative_prompt",
        "width",
        "height",
        "seed",
        "alt_text",
        "title",
        "style",
        "shots",
        "seconds",
        "ratio",
        "drawn",
    },
    "video_prompt": {"prompt", "raw", "negative_prompt", "model", "seconds", "size"},
    "lead_sheet": {"title", "style", "key", "metre", "bpm", "song", "borrowed", "put_right"},
    "lyrics": {"title", "sections"},
    "music": {"prompt", "bpm", "seconds", "course"},
    "synthetic_data": {"columns", "rows", "csv"},
    "scenario": {"title", "sections", "roles"},
    "rewrite": {"text"},
    "chat": set(),
}

each = pytest.mark.parametrize("kind", all_kinds().values(), ids=lambda kind: kind.name)


def test_every_file_is_found() -> None:
    folder = Path(bot.kinds.__file__).parent
    assert set(all_kinds()) == {file.stem for file in folder.glob("*.py") if not file.stem.startswith("_")}
    assert set(all_kinds()) == set(PARTS)


@each
def test_names_and_descriptions_fit_discord(kind: Kind) -> None:
    assert 1 <= len(kind.title) <= 32
    assert 10 <= len(kind.description) <= 100
    assert set(kind.exports) <= set(formats())
    assert 0 < kind.words[0] < kind.words[1] < kind.words[2]


@each
def test_sixty_different_utterances(kind: Kind) -> None:
    phrases = {" ".join(phrase.casefold().split()) for phrase in kind.phrases}
    assert len(phrases) == len(kind.phrases) >= 60


def test_no_utterance_leads_to_two_kinds() -> None:
    seen: dict[str, str] = {}
    for kind in all_kinds().values():
        for phrase in kind.phrases:
            assert seen.setdefault(phrase.casefold(), kind.name) == kind.name, phrase


@each
def test_examples_are_what_models_should_write(kind: Kind, assigned: Assigned) -> None:
    assert kind.examples
    for example in kind.examples:
        assert kind.output.model_validate(example.output.model_dump(mode="json")) == example.output
        # Examples may hold fewer entries than a brief that names no number asks for.
        assignment = assigned(kind.name, example.brief)
        data = example.output.model_dump(mode="json")
        content = kind.compose(example.output, assignment)
        ignored = {"own words", "own topic", "headlines", "descriptions", "items", "objectives", "materials", "palette"}
        failed = [one for one in run_checks(data, content, assignment) if not one.passed and one.name not in ignored]
        assert failed == []


@each
@pytest.mark.parametrize("profile", [Profile(), PROFILE], ids=["nobody", "somebody"])
def test_composing_gives_text_and_parts(kind: Kind, profile: Profile, assigned: Assigned) -> None:
    for example in kind.examples:
        content = kind.compose(example.output, assigned(kind.name, "about bread", profile))
        assert content.text.strip() == content.text != ""
        assert set(content.parts) - {"source_text", "steps"} == PARTS[kind.name] - {"steps"}
        assert json.loads(json.dumps(content.parts)) == content.parts


@each
def test_an_empty_output_can_be_composed(kind: Kind, assigned: Assigned) -> None:
    from bot.generation.draft import read

    kind.compose(kind.output.model_validate(read("", kind)), assigned(kind.name, "bread", PROFILE))


@pytest.mark.parametrize("kind", ["ad", "email", "social_post"])
def test_the_link_is_the_profiles_and_stands_once(kind: str, assigned: Assigned) -> None:
    example = kind_named(kind).examples[0]
    text = kind_named(kind).compose(example.output, assigned(kind, "bread", PROFILE)).text
    assert text.count("Book: https://fern.example") == 1
    assert "http" not in kind_named(kind).compose(example.output, assigned(kind, "bread")).text


@pytest.mark.parametrize("said", ["social_post", "Social post", " SOCIAL-POST ", "social post"])
def test_a_kind_has_many_spellings(said: str) -> None:
    assert kind_named(said) is all_kinds()["social_post"]


@pytest.mark.parametrize("said", ["", "poem", "x" * 3000])
def test_an_unknown_kind_is_refused_shortly(said: str) -> None:
    with pytest.raises(RefusedError, match="choose one of ad, ") as told:
        kind_named(said)
    assert len(str(told.value)) < 450


def test_families_in_order() -> None:
    assert next(iter(all_kinds().values())).family == "marketing"
    assert [kind.name for kind in of_family("education")] == [
        "explanation", "flashcards", "lesson_plan", "quiz", "rubric", "study_guide", "tutor", "worksheet",
    ]  # fmt: skip
    assert of_family("nothing") == []


@each
def test_places_are_found_by_their_names(kind: Kind) -> None:
    for place, names in kind.places.items():
        for name in names:
            assert wishes_of(f"for {name}, about bread", kind, Profile()).place == place


NETWORKS = [
    ("a post for instagram", True), ("a post for instagram with 0 hashtags", False), ("tweet", False),
    ("tweet with 2 hashtags", True), ("linkedin post", False),
]  # fmt: skip


@pytest.mark.parametrize(("brief", "tagged"), NETWORKS)
def test_hashtags_where_they_help(brief: str, tagged: bool, assigned: Assigned) -> None:
    post = kind_named("social_post")
    text = post.compose(post.examples[0].output, assigned("social_post", brief, PROFILE)).text
    assert ("#FernAndFog #Sourdough" in text) is tagged


@pytest.mark.parametrize(("low", "high", "count"), [(1, 1, 1), (3, 3, 3), (2, 5, 3), (5, 5, 5)])
def test_as_many_hashtags_as_asked_for(low: int, high: int, count: int, assigned: Assigned) -> None:
    from bot.kinds._shared import hashtags

    assignment = assigned("social_post", "post: fresh warm crusty bread tomorrow morning")
    assert len(hashtags(assignment, low, high).split()) == count


@pytest.mark.parametrize(
    ("brief", "language", "tags"),
    [
        ("post: we have free desks from 1 February in the old mill", "en", "#Desks #Mill"),
        ("Post: wir haben wieder frische Kürbisse auf dem Markt am Samstag", "de", "#Kürbisse #Frische"),
    ],
)
def test_hashtags_are_words_that_tell_something(brief: str, language: str, tags: str, assigned: Assigned) -> None:
    from bot.kinds._shared import hashtags

    assert hashtags(assigned("social_post", brief, Profile(output_language=language)), 2, 2) == tags


@pytest.mark.parametrize(
    ("profile", "emoji"),
    [(Profile(emoji="none"), 0), (Profile(emoji="few"), 0), (Profile(emoji="many"), 2)],
)
def test_those_who_like_emoji_get_them(profile: Profile, emoji: int, assigned: Assigned) -> None:
    from bot.checks.units import emoji as count

    post = kind_named("social_post")
    text = post.compose(post.output(text="A cake and a dog in the sun."), assigned("social_post", "post", profile)).text
    assert count(text) >= emoji
    assert (count(text) > 0) is (emoji > 0)
    full = post.compose(post.output(text="Cake 🍰🐕"), assigned("social_post", "post", profile)).text
    assert full == "Cake 🍰🐕"


@pytest.mark.parametrize(
    ("brief", "shown"), [("google ads", False), ("facebook ad", True), ("linkedin ad", True), ("an ad", False)]
)
def test_only_some_networks_show_a_primary_text(brief: str, shown: bool, assigned: Assigned) -> None:
    ad = kind_named("ad")
    content = ad.compose(ad.examples[0].output, assigned("ad", brief))
    assert ("**Primary text**" in content.text) is shown
    assert ("primary_text" in content.parts) is shown


def test_a_mail_is_signed(assigned: Assigned) -> None:
    email = kind_named("email")
    mail: dict[str, Any] = email.compose(email.examples[0].output, assigned("email", "x", PROFILE)).parts["emails"][0]
    assert mail["body"].endswith("Book: https://fern.example\n\nFern & Fog")
    assert set(mail) == {"subject", "preheader", "body"}

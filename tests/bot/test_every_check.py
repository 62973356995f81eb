"""For each check that the product has, a result that breaks just it is caught, by its name and by no other."""

from __future__ import annotations

import ast
import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.checks import Check
from bot.checks.units import UNITS
from bot.content import Assignment, Content, Example, Kind, Remembered, Request, Size
from bot.generation.branded import composed_of, places_known
from bot.generation.check import run_checks
from bot.generation.findings import asker, finding
from bot.generation.recall import assign
from bot.generation.shape import Entries, Group, Text, entries_wanted, key_of, lists, shape_of, sizes_for, texts
from bot.kinds import all_kinds, tutor
from bot.locales import LANGUAGES, said
from personas.book import Book, with_written
from personas.habits import Habits
from personas.profile import Profile
from personas.style import Brand, with_samples

Data = dict[str, Any]
HARD = (
    "Comprehensive institutional accountability necessitates extraordinarily considerate administrative collaboration. "
)
RARE = " Newt and lynx hid. A stoat slunk by. The fen had gorse. A crag hung low. Sedge and whelk lay there." * 5


@dataclass(frozen=True)
class Result:
    """A good result of a kind: an assignment that its worked example fulfils, and what was made of it."""

    assignment: Assignment
    data: Data
    content: Content

    def failed(self, data: Data | None = None, content: Content | None = None) -> set[str]:
        """The names of the checks that fail when a part of it is broken."""
        found = run_checks(data or self.data, content or self.content, self.assignment)
        return {check.name for check in found if not check.passed}


def good(name: str, number: int = 0, brief: str = "", profile: Profile | None = None, **request: Any) -> Result:
    """A worked example as somebody's result; its kind then has no examples, as copying them is a fault of its own."""
    brief = brief or all_kinds()[name].examples[number].brief
    assignment = assign(Request("1", "7", brief, kind=name, **request), Remembered(profile or Profile()))
    kind = assignment.kind
    example = kind.examples[number]
    assignment = replace(assignment, kind=replace(kind, examples=()))
    return Result(assignment, example.output.model_dump(mode="json"), kind.compose(example.output, assignment))


def formal(result: Result) -> Result:
    """The result of somebody who writes formally."""
    memory = replace(result.assignment.memory, habits=Habits(formality="formal"))
    return replace(result, assignment=replace(result.assignment, memory=memory))


def standing(name: str, brief: str, data: Data) -> Result:
    """A good result of a capable model, as it was written."""
    assignment = replace(assign(Request("1", "7", brief, kind=name), Remembered(Profile())), as_written=True)
    content = assignment.kind.compose(assignment.kind.output.model_validate(data), assignment)
    return Result(assignment, data, content)


def branded(name: str) -> Result:
    """A good result of somebody whose brand sounds as the worked example does."""
    result = good(name)
    brand = with_samples(Brand(name="Ours", samples=()), [result.content.text, f"Again. {result.content.text}"])
    assert brand.style is not None
    memory = replace(result.assignment.memory, brand=brand)
    return replace(result, assignment=replace(result.assignment, memory=memory))


def booked(kind: str, brief: str, **fields: str) -> Result:
    """A good result of somebody whose brand holds some lines, with what code puts in of them."""
    result, book = good(kind, 0, brief), Book()
    for name, text in fields.items():
        book = with_written(book, name, text, places_known())
    memory = replace(result.assignment.memory, brand=Brand(name="Ours", samples=(), book=book))
    assignment = replace(result.assignment, memory=memory)
    return Result(assignment, result.data, composed_of(assignment.kind.output.model_validate(result.data), assignment))


def put(data: Data, path: str, value: Any) -> Data:
    """The data with another value at a path such as "items.0.question"."""
    made: Any = copy.deepcopy(data)
    *way, last = path.split(".")
    at = made
    for step in way:
        at = at[int(step)] if isinstance(at, list) else at[step]
    at[int(last) if isinstance(at, list) else last] = value
    return made  # type: ignore[no-any-return]


KINDS = [one for kind in all_kinds().values() for one in (kind, *(variant for _, variant in kind.variants))]
EXAMPLES = [(kind.name, number, example.brief) for kind in KINDS for number, example in enumerate(kind.examples)]


@pytest.mark.parametrize(("kind", "number", "brief"), EXAMPLES)
def test_a_worked_example_has_no_fault(kind: str, number: int, brief: str) -> None:
    assert good(kind, number, brief).failed() == set()


# Checks that are made from the shape of a kind's output: its sizes and counts.


def fields(kind: Kind) -> Iterator[tuple[int, str, Text | Entries, Size]]:
    """(example, path, field, size) of each field and unit, at its first text in a worked example."""
    seen = set()
    for number, example in enumerate(kind.examples):
        result = good(kind.name, number, example.brief)
        shape, data = shape_of(kind.output), example.output.model_dump(mode="json")
        found: list[tuple[str, Text | Entries, Any]] = [] if kind.plain else list(texts(shape, data))
        found += [one for one in lists(shape, data) if one[1].sizes and one[2]]
        for path, field, _ in found:
            for size in sizes_for(field, result.assignment):
                if (field.name, size.unit) not in seen:
                    seen.add((field.name, size.unit))
                    yield number, path, field, size


SIZES = [
    pytest.param(kind.name, kind.examples[found[0]].brief, *found, id=f"{kind.name} {found[2].name} {found[3].unit}")
    for kind in KINDS
    for found in fields(kind)
]


@pytest.mark.parametrize(("kind", "brief", "number", "path", "field", "size"), SIZES)
def test_a_field_that_is_too_long_or_too_short(
    kind: str, brief: str, number: int, path: str, field: Any, size: Size
) -> None:
    result = good(kind, number, brief)
    wanted = {f"{field.name} length".replace("_", " ")}
    paragraph = isinstance(field, Entries)
    before = [text for at, _, text in texts(shape_of(result.assignment.kind.output), result.data) if at == path]
    text = before[0] if before else ""
    while UNITS[size.unit](text) <= size.most:
        text += " more" if size.unit == "words" else "e"
    assert result.failed(put(result.data, path, [text] if paragraph else text)) >= wanted
    if size.least > UNITS[size.unit]("y") and not paragraph:
        assert wanted <= result.failed(put(result.data, path, "y"))


def counted(kind: Kind) -> Iterator[tuple[int, str, Entries]]:
    seen = set()
    for number, example in enumerate(kind.examples):
        for path, field, _ in lists(shape_of(kind.output), example.output.model_dump(mode="json")):
            if field.name not in seen:
                seen.add(field.name)
                yield number, path, field


COUNTS = [
    pytest.param(kind.name, kind.examples[found[0]].brief, *found, id=f"{kind.name} {found[2].name}")
    for kind in KINDS
    for found in counted(kind)
]


@pytest.mark.parametrize(("kind", "brief", "number", "path", "field"), COUNTS)
def test_a_list_with_too_many_entries_or_the_same_twice(
    kind: str, brief: str, number: int, path: str, field: Entries
) -> None:
    result = good(kind, number, brief)
    label = field.name.replace("_", " ")
    entries = at(result.data, path) or [example_of(field)]
    _, high, _ = entries_wanted(field, result.assignment)
    more = [different(entries[0], field, n) for n in range(high + 1)]
    assert label in result.failed(put(result.data, path, more))
    if isinstance(field.entry, Text) and high > 1:
        assert f"different {label}" in result.failed(put(result.data, path, [entries[0], entries[0].upper()]))


def at(data: Any, path: str) -> Any:
    for step in path.split("."):
        data = data[int(step)] if isinstance(data, list) else data[step]
    return data


def example_of(field: Entries) -> Any:
    return "Some words to read." if isinstance(field.entry, Text) else {name: "" for name, _ in field.entry.fields}


def different(entry: Any, field: Entries, number: int) -> Any:
    """An entry like another one, with a letter of its own."""
    sign = chr(ord("a") + number // 26) + chr(ord("a") + number % 26)
    if isinstance(entry, str):
        return f"{sign} {entry}"[
            : max((size.most for size in field.entry.sizes if size.unit == "characters"), default=999)
        ]  # type: ignore[union-attr]
    assert isinstance(field.entry, Group)
    name = key_of(field)
    told = entry[name]
    return {**entry, name: [f"{sign} {told[0]}", *told[1:]] if isinstance(told, list) else f"{sign} {told}"}


# Checks of what was written, of style, and those that a kind adds.


@dataclass(frozen=True)
class Broken:
    """What breaks one check, of what was written or of what is made of it, in a result that is good without."""

    name: str
    result: Result
    data: Callable[[Data], Data] = copy.deepcopy
    content: Callable[[Content], Content] = copy.deepcopy


def says(**parts: Any) -> Callable[[Data], Data]:
    """The data with other values; a double underscore goes a step deeper."""

    def change(data: Data) -> Data:
        for path, value in parts.items():
            data = put(data, path.replace("__", "."), value)
        return data

    return change


def shows(more: str = "", /, **parts: Any) -> Callable[[Content], Content]:
    """The content with more text, and other values in its parts."""

    def change(content: Content) -> Content:
        made = copy.deepcopy(content.parts)
        for path, value in parts.items():
            made = put(made, path.replace("__", "."), value)
        return Content(content.text + more, made)

    return change


def with_examples(result: Result, *examples: Example) -> Result:
    return replace(
        result, assignment=replace(result.assignment, kind=replace(result.assignment.kind, examples=examples))
    )


def german(level: str = "US grade 5") -> Result:
    result = good("explanation", 0, profile=Profile(reading_level=level), language="de")
    text = "Brot wird hart. Es hat viel Wasser. Das Wasser geht in die Luft. Dann ist es hart. So geht das mit Brot. Leg es weg."
    return replace(result, data={"text": text}, content=Content(text, {}))


def made(result: Result, data: Data) -> Result:
    kind = result.assignment.kind
    return replace(result, data=data, content=kind.compose(kind.output(**data), result.assignment))


def own_cards() -> Result:
    card = {"term": "bowline", "meaning": "loop that holds well", "sentence": []}
    return made(good("flashcards", 0, "a card on knots"), {"title": "Knots", "cards": [card]})


HARD = (
    "the organisation regrets to inform all participants that, owing to unforeseen meteorological circumstances, the excursion "
    "will be discontinued."
)
EASY = "The walk will not take place. The weather is too bad for it. We are sorry, and we hope to see you soon."


def rewritten(brief: str, text: str) -> Result:
    return made(good("rewrite", 0, brief), {"text": text})


def easy_words() -> Result:
    text = "The bread is old. It was good in the morning. Now it is not so good. " * 6
    return made(good("explanation", profile=Profile(reading_level="CEFR A2")), {"text": text.strip()})


def article_of_its_length() -> Result:
    """An article of as many words as its brief asks for."""
    result = good("article", 0, "blog post of 240 words: how to keep a bike going through winter")
    text = " ".join(["Wipe the chain and oil it."] * 11)
    sections = [{"heading": f"Week {number}", "text": text} for number in ("one", "two", "three")]
    data = {**result.data, "sections": sections}
    return made(result, data)


def in_habit(**habits: Any) -> Result:
    """A good post of somebody with those habits."""
    result = post()
    memory = replace(result.assignment.memory, habits=Habits.model_validate(habits))
    return replace(result, assignment=replace(result.assignment, memory=memory))


def replace_brief(result: Result, brief: str) -> Result:
    """The same result for somebody who asked for something else."""
    kind = result.assignment.kind
    assignment = assign(Request("1", "7", brief, kind=kind.name), Remembered(result.assignment.profile))
    return replace(result, assignment=replace(assignment, kind=kind))


def post(brief: str = "", **profile: Any) -> Result:
    return good("social_post", 0, brief, Profile(**profile) if profile else None)


def told_post() -> Result:
    """A good post by a capable model, of which nothing is made up."""
    return standing(
        "social_post", "tweet: our 12 lamps are here", {"text": "Our 12 lamps are here. Come and see them."}
    )


def ending(order: str) -> Result:
    """That post for a brief that says how it is to begin or to end."""
    return standing(
        "social_post", f"tweet: our 12 lamps are here. {order}", {"text": "Our 12 lamps are here. Come and see them."}
    )


def german_post() -> Result:
    """A good post in German that is to speak to readers as friends."""
    text = "Das Café öffnet wieder. Komm du doch am Samstag und bleib lange bei uns."
    return standing("social_post", "Ein Post auf Deutsch: das Café öffnet wieder. Bitte duzen", {"text": text})


CHAT = all_kinds()["chat"].examples[0]
WOOL, FERN = Profile(prefer_terms=("wool",)), Profile(organisation="Fern")
PASSAGE = "reading passage on lighthouses with a glossary of 2 words"
KEYWORD = "title and description, keyword: bike repair"
HARD_GERMAN = " Verantwortungsbewusste Verwaltungsvorschriften erfordern Zuständigkeitsvereinbarungen."
GERMAN = "Am Samstag öffnet unser Café wieder, komm mit Freunden und bleib lange bei uns sitzen."
RELEASE = good("press_release")
STORE = good("ad", 0, "google play listing for our bakery app", FERN)
OAK = "5 slogans with the word oak in each"
SLOGANS = "slogans for Fern, without the name"
BROKEN = [
    Broken("length in weighted characters", post(), content=shows(" Come along." * 30)),
    Broken("length in characters", good("social_post", 1), content=shows(" Come along." * 200)),
    Broken("length in hashtags", good("social_post", 1), content=shows(" #a #b #c #d #e #f")),
    Broken("length in words", post("tweet: the café is back, max 30 words"), content=shows(" Come." * 20)),
    Broken("length in SMS parts", good("sms"), content=shows(" €" * 50)),
    Broken("length in graphemes", good("social_post", 1, "post for bluesky"), content=shows(" Come along." * 30)),
    Broken("length in bytes", good("social_post", 1, "post for youtube"), content=shows(text="Come along. " * 500)),
    Broken("avoided words", post(avoid_words=("artisan",)), content=shows(" An artisan brake.")),
    Broken(
        "approved claims",
        booked("social_post", "post: the café is back", claims="Best in Kiel"),
        data=says(text="We sell the cheapest mugs."),
    ),
    Broken(
        "legal lines",
        booked("social_post", "post: the café is back", legal="Mind the step."),
        content=lambda one: replace(one, text=one.text.replace("Mind the step.", "")),
    ),
    Broken("contractions", formal(post()), content=shows(" We'll be there.")),
    Broken("placeholders", post(), content=shows(" Yours, [Name]")),
    Broken("figures from you", post(), data=says(text="All 99 of you.")),
    Broken("brief's figures", replace_brief(post(), "tweet: the café opens at 9:30"), content=copy.deepcopy),
    Broken("brief's days", replace_brief(post(), "tweet: the café opens on Tuesday"), content=copy.deepcopy),
    Broken(
        "moved days",
        replace_brief(post(), "tweet: the repair café moves from Tuesday to Saturday"),
        content=shows(" See you on Tuesday."),
    ),
    Broken(
        "words that must stand in it",
        replace_brief(post(), "tweet: the repair café is back on Saturday, with the words 'squeaky brakes'"),
        content=lambda content: Content(content.text.replace("squeaky", "bad"), content.parts),
    ),
    Broken("first words", ending('Start with "Our 12 lamps"'), data=says(text="Here they are. Our 12 lamps are here.")),
    Broken(
        "last words",
        ending('End with "Come and see them."'),
        data=says(text="Come and see them. Our 12 lamps are here."),
    ),
    Broken("form of address", german_post(), content=shows(" Kommen Sie am Samstag.")),
    Broken("links", replace_brief(post(), "tweet that we open, no links"), content=shows(" oak.example")),
    Broken("emoji", post(emoji="few"), content=shows(" ☕🥐🍰🫖")),
    Broken("exclamation marks", post(), content=shows(" Come! Come! Come!")),
    Broken("exclamation marks", in_habit(exclamation_marks="none"), content=shows(" Come!")),
    Broken("contractions", in_habit(formality="formal"), content=shows(" We don't bite.")),
    Broken(
        "reading grade", good("explanation", 0, profile=Profile(reading_level="US grade 5")), content=shows(HARD * 3)
    ),
    Broken("reading ease", german(), content=shows(HARD_GERMAN * 3)),
    Broken("words", easy_words(), content=shows(RARE)),
    Broken(
        "opening line length",
        replace_brief(post(), "tweet: the repair café is back, opening line max 230 characters"),
        content=lambda content: Content((content.text + " Come along." * 20)[:260], content.parts),
    ),
    Broken(
        "word in each",
        made(
            good("slogan", 0, OAK), {"slogans": [f"Oak is {what}" for what in ("warm", "old", "calm", "sound", "here")]}
        ),
        data=says(slogans__0="Wood is warm"),
    ),
    Broken(
        "kept out of a part",
        good("email", 0, "mail: the pool opens again, no 'swim' in the subject line"),
        data=says(subject="Come for a swim"),
    ),
    Broken("length in words", article_of_its_length(), content=shows(" Come along." * 200)),
    Broken("language", post(), content=lambda content: Content(GERMAN, content.parts)),
    Broken("own words", with_examples(good("chat", 1), CHAT), data=lambda _: CHAT.output.model_dump()),
    Broken("own topic", with_examples(own_cards(), *all_kinds()["flashcards"].examples), data=says(title="The flower")),
    Broken("title shown", good("seo_meta"), content=shows(meta_title__0="Too short")),
    Broken("description shown", good("seo_meta"), content=shows(meta_description="Too short")),
    Broken("slug", good("seo_meta"), content=shows(slug="Not A Slug")),
    Broken("keyword", good("seo_meta", 0, KEYWORD), content=shows(meta_title__0="A title about something else")),
    Broken(
        "words you like",
        good("product_description", profile=WOOL),
        content=lambda content: Content("Warm.", content.parts),
    ),
    Broken(
        "title words",
        good("product_description", 0, "amazon listing, 3 bullets"),
        content=shows(title="wool wool wool"),
    ),
    Broken("a whole line each", good("slogan"), content=shows(variants__0="Ride")),
    Broken("without the name", good("slogan", 0, SLOGANS, FERN), content=shows(variants__0="Ride on with Fern")),
    Broken(
        "budget", good("campaign", 0, "4 week campaign for bike checks, budget 300"), content=shows(budget__0__amount=9)
    ),
    Broken("quotation", RELEASE, content=shows(quotes=["“So good,” says Ada."])),
    Broken(
        "questions answered",
        good("landing_page"),
        data=says(faq__0__question=good("landing_page").data["faq"][1]["question"]),
    ),
    Broken("fits the model", good("image_prompt"), content=shows(prompt="word " * 70)),
    Broken(
        "kept out",
        good("image_prompt", 1, "wide header for our repair shop, no people"),
        content=shows(prompt="people in a shop"),
    ),
    Broken("contrast", good("logo"), content=shows(colors__0="#FFFFFF", colors__1="#FEFEFE")),
    Broken("within the page", good("layout"), content=shows(regions__0__width=9999)),
    Broken("regions asked for", good("layout"), content=shows(regions=[])),
    Broken("minutes", good("lesson_plan"), content=shows(activities__0__minutes=99)),
    Broken("objectives' verbs", good("lesson_plan"), data=says(objectives__0="Understand how water moves")),
    Broken("glossary", good("explanation", 0, PASSAGE), data=says(glossary__0__term="harbour")),
    Broken("different options", good("quiz"), data=says(items__0__wrong__0="An iron nail")),
    Broken(
        "different questions", good("quiz"), data=says(items__0__question=good("quiz").data["items"][1]["question"])
    ),
    Broken("one key", good("quiz"), content=shows(items__0__correct=[0, 1])),
    Broken("options stand alone", good("quiz"), data=says(items__0__wrong__2="all of the above")),
    Broken("answer not given away", good("quiz"), data=says(items__0__right="an iron nail that was made in a smithy")),
    Broken("different fronts", good("flashcards"), content=shows(cards__0__front="stem")),
    Broken("backs explain", good("flashcards"), data=says(cards__0__meaning="what a petal is")),
    Broken("points", good("rubric"), content=shows(criteria__0__points=1)),
    Broken(
        "levels for all", good("rubric"), content=shows(criteria__0__cells=["names all", "names some", "names none"])
    ),
    Broken("different criteria", good("rubric"), content=shows(criteria__0__name="drawings")),
    Broken("different terms", good("study_guide"), data=says(key_terms__0__term="Orbit")),
    Broken(
        "explained terms", good("study_guide"), data=says(key_terms__2__term="a line round the middle of the Earth")
    ),
    Broken("asks", good("tutor"), content=shows(" Good.")),
    Broken(
        "keeps the answer", good("tutor"), content=lambda content: Content(f"All fall equally fast. {content.text}", {})
    ),
    Broken("gives a hint", good("tutor"), content=lambda content: Content("Which of the two lands first?", {})),
    Broken("own question", good("tutor"), content=shows(f" {tutor.FALLBACK}")),
    Broken("answer key", good("worksheet"), data=says(items__0__answer=".")),
    Broken(
        "different tasks",
        good("worksheet"),
        data=says(items__0__question=good("worksheet").data["items"][1]["question"]),
    ),
    Broken("seconds", good("script"), content=shows(seconds=9)),
    Broken("seconds", good("podcast"), content=shows(seconds=9)),
    Broken(
        "words a minute",
        standing(
            "podcast",
            "podcast on our tram, 15 seconds, 1 chapter",
            {
                "title": "Line nine",
                "summary": "Why the tram is late when it snows.",
                "chapters": [
                    {"heading": "Snow", "turns": [{"speaker": "Ida", "words": "It snows, and so I am late."}]}
                ],
            },
        ),
        data=says(chapters__0__turns__0__words="It ran and ran, and it ran, and then it ran on and on. " * 8),
    ),
    Broken("full bars", good("lead_sheet"), content=shows(song__0__bars__0__notes__0__length=2.0)),
    Broken("chords of the key", good("lead_sheet", 1), content=shows(song__0__bars__1__chords__0__symbol="F#maj7")),
    Broken("strong beats", good("lead_sheet"), content=shows(song__0__bars__0__notes__0__pitch="C5")),
    Broken(
        "bars with a melody",
        good("lead_sheet", 0, "a waltz with a melody"),
        content=shows(
            song__0__bars=[{**bar, "notes": []} for bar in good("lead_sheet").content.parts["song"][0]["bars"]]
        ),
    ),
    Broken("key asked for", good("lead_sheet", 0, "a waltz in G"), content=shows(key="D")),
    Broken("metre asked for", good("lead_sheet", 0, "a song in 3/4"), content=shows(metre="6/8")),
    Broken("bars asked for", good("lead_sheet", 0, "a waltz, 4 bars"), content=shows(song__0__bars=[])),
    Broken(
        "rhyme scheme",
        good("lyrics", 0, "song about a late bus, 2 verses, rhyming couplets"),
        data=says(verses__0__lines__1="everyone waiting is looking at the clock"),
    ),
    Broken(
        "syllables",
        good("lyrics", 1, "a round for the kitchen choir, one verse, 7 syllables a line"),
        data=says(verses__0__lines__1="carrots laugh"),
    ),
    Broken(
        "fits the model",
        good("lyrics", 1, "suno lyrics for the kitchen choir, one verse"),
        content=shows(lyrics="soup " * 700),
    ),
    Broken("clip length", good("video_prompt"), content=shows(seconds=4)),
    Broken(
        "different shots", good("storyboard"), data=says(shots__0__seen=good("storyboard").data["shots"][1]["seen"])
    ),
    Broken(
        "kept out", good("video_prompt", 0, "veo clip of a boat, no people"), content=shows(prompt="people on a boat")
    ),
    Broken(
        "different lines", good("lyrics"), data=says(verses__0__lines__0=good("lyrics").data["verses"][1]["lines"][0])
    ),
    Broken("title width", good("seo_meta"), content=shows(meta_title__0="W" * 55)),
    Broken("title without claims", STORE, content=shows(title="Best Bakery")),
    Broken("display paths length", good("ad"), content=shows(paths=["a-path-that-is-too-long"])),
    Broken("short description length", STORE, content=shows(short_description="Bread. " * 20)),
    Broken("shorter", rewritten("shorten: the bread is old", "the bread"), data=says(text="the bread is very old")),
    Broken("simpler", rewritten(f"simpler: {HARD}", EASY), data=says(text=f"Unfortunately: {HARD}")),
    Broken("in other words", rewritten("friendlier: come at noon", "do come at noon"), data=says(text="come at noon!")),
    Broken("longer", rewritten("make longer: the bread is old", "the bread is very old"), data=says(text="the bread")),
    Broken(
        "your words",
        rewritten("proofread: the bred is old and hard", "the bread is old and hard"),
        data=says(text="a stale loaf"),
    ),
    Broken(
        "figures and names kept",
        rewritten("friendlier: pay 20 pounds to Fern", "Please pay 20 pounds to Fern."),
        data=says(text="Please pay soon."),
    ),
    Broken(
        "language of a part",
        standing(
            "product_description",
            "shop text for our lamp",
            {
                "title": "Brass desk lamp",
                "intro": "It shines on the page and leaves the rest of the room as dark as you like it to be.",
                "bullets": ["Mended by us, for as long as you have it", "Two people made it, and both are proud of it"],
            },
        ),
        data=says(intro="Sie leuchtet auf die Seite und lässt den Rest des Zimmers so dunkel, wie du es gern hast."),
    ),
    Broken(
        "other script",
        standing(
            "social_post", "tweet: our lamps are here", {"text": "Our lamps are here. Come in and see how they shine."}
        ),
        data=says(text="Our lamps are here. Come in and see how they 发光."),
    ),
    Broken(
        "figures from you",
        standing("rewrite", "friendlier: Pay 20 pounds by noon.", {"text": "Please pay the 20 pounds by noon."}),
        data=says(text="Please pay the 20 pounds by noon on day 45."),
    ),
    Broken(
        "brand voice",
        branded("social_post"),
        data=says(
            text="The establishment hereby informs all customers, in accordance with applicable provisions, that "
            "operations recommence immediately following scheduled maintenance of the municipal premises."
        ),
    ),
    Broken(
        "links from you",
        good("social_post", material="The repair café is run by volunteers."),
        data=says(text=good("social_post").data["text"] + " More at https://elsewhere.example/now."),
    ),
    Broken(
        "hashtags",
        standing(
            "social_post", "tweet: we mend bikes, 2 hashtags", {"text": "We mend bikes while you wait. #bikes #mending"}
        ),
        content=lambda content: replace(content, text=content.text.replace("#mending", "")),
    ),
    Broken(
        "title signs",
        standing(
            "product_description",
            "amazon listing for our lamp",
            {
                "title": "Brass Desk Lamp",
                "intro": "It shines on the page and leaves the room dark.",
                "bullets": ["Mended by us"],
            },
        ),
        content=lambda content: replace(content, parts={**content.parts, "title": "Brass Lamp!"}),
    ),
    Broken(
        "sums",
        standing(
            "worksheet",
            "2 sums",
            {
                "title": "Sums",
                "source_text": [],
                "items": [
                    {"question": "12 x 7 =", "answer": "84"},
                    {"question": "Round 12.4 + 7.3 to a whole number.", "answer": "20"},
                ],
            },
        ),
        data=says(items__0__answer="74"),
    ),
    Broken(
        "arithmetic",
        good("explanation"),
        data=lambda data: {"text": f"{data['text']} A tenth of 40 loaves, 10 % of 40, is 4. So 3 × 4 = 13."},
    ),
    Broken(
        "weekdays",
        good("explanation"),
        data=lambda data: {"text": f"{data['text']} The fair was on Saturday, 8 March 2027."},
    ),
    Broken(
        "weekday asked for",
        replace_brief(good("explanation"), "why does bread go stale? For the fair on Saturday, 8 March 2027"),
        data=lambda data: {"text": f"{data['text']} The fair was on Saturday, 8 March 2027."},
    ),
    Broken("claims from you", told_post(), data=says(text="Our 12 lamps are here, and each is guaranteed to last.")),
    Broken("names from you", told_post(), data=says(text="Our 12 lamps are here. Ask for Ms Patel in the shop.")),
    Broken("addresses from you", told_post(), data=says(text="Our lamps are here. Find us at 12 High Street.")),
    Broken("rows", good("synthetic_data"), content=shows(rows=[["1"]])),
    Broken("different roles", good("scenario"), data=says(roles__0__name="student")),
]


@pytest.mark.parametrize("one", BROKEN, ids=lambda one: f"{one.name} {one.result.assignment.kind.name}")
def test_what_breaks_one_check_is_caught_by_just_that(one: Broken) -> None:
    result = one.result
    assert one.name in ("brief's figures", "brief's days") or result.failed() == set()
    assert result.failed(one.data(result.data), one.content(result.content)) == {one.name}


def names_of_examples() -> set[str]:
    """The names of all checks that are made of all worked examples, whatever they say."""
    results = [good(*example) for example in EXAMPLES]
    results += [one.result for one in BROKEN]
    return {check.name for one in results for check in run_checks(one.data, one.content, one.assignment)}


# What makes a check, its name given as `id` or first.
MAKERS = (
    "Check",
    "partial",
    "missed",
    "bounded",
    "free_of",
    "holding",
    "differing",
    "_language",
    "_named_wrongly",
    "_held",
)


def names_in_code() -> set[str]:
    """The names that the code gives to checks, but for those made of a field's name."""
    files = [file for folder in ("kinds", "generation") for file in (Path(bot.__file__).parent / folder).glob("*.py")]
    calls = [
        node for file in files for node in ast.walk(ast.parse(file.read_text("utf-8"))) if isinstance(node, ast.Call)
    ]
    named = [(called.func.id, _name_in(called)) for called in calls if isinstance(called.func, ast.Name)]
    return {f"different {name}" if how == "differing" else name for how, name in named if how in MAKERS and name}


def _name_in(call: ast.Call) -> str:
    """The name that a call gives to a check; empty for one that is made of other values."""
    named = [*call.args[:1], *(one.value for one in call.keywords if one.arg == "id")]
    return next((str(one.value) for one in named if isinstance(one, ast.Constant)), "")


def test_no_check_is_without_a_result_that_breaks_it() -> None:
    labels = {one.values[4].name.replace("_", " ") for one in [*SIZES, *COUNTS]}
    caught = {one.name for one in BROKEN} | labels | {f"{label} length" for label in labels}
    assert names_in_code() >= {"minutes", "own words", "contrast"}
    assert (names_of_examples() | names_in_code()) - caught == set()


# Words that those who build it have for what is measured.
BUILDERS = r"weighted|graphemes|columns|body length|standard deviation|\bCLIP\b|\bnone\b(?! wanted)|[_{}]|\d-\d"


def findings() -> Iterator[Check]:
    """All checks of good results, and of results that are broken."""
    for result in [good(*example) for example in EXAMPLES]:
        yield from run_checks(result.data, result.content, result.assignment)
    for one in BROKEN:
        yield from run_checks(one.data(one.result.data), one.content(one.result.content), one.result.assignment)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_check_is_said_in_plain_words(language: str) -> None:
    checks = set(findings())
    assert {check.passed for check in checks} == {True, False}
    for check in checks:
        plain, there = said(finding(check), "en"), said(finding(check), language)
        assert not re.search(BUILDERS, plain), plain
        assert there != plain or re.fullmatch(r"[\d,.]+ (?:of|von|sur|de) .*|budget.*", plain), (language, plain)
        assert said(asker(check), language) != said(asker(check), "en")


def test_every_check_that_is_kept_is_read_again_as_it_was() -> None:
    for check in set(findings()):
        kept = Check.from_json(json.loads(json.dumps(check.as_json())))
        assert kept == replace(check, hint="", repairable=True)
        assert (kept.name, kept.measured, kept.limit) == (check.name, check.measured, check.limit)
        assert Check.from_json({**check.as_json(), "mendable": False}) == kept, (
            "a field of earlier versions is no hindrance"
        )

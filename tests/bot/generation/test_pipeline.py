"""One call writes the text, failed checks are revised once, and the text is returned verbatim."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from writing import ADDED, format_edit_block, good_answer, load_good_text

from bot.content import Assignment, MemorySnapshot, Request, Result, Version
from bot.engines import Engine, Engines, Traits
from bot.engines.scripted import ScriptedChatModel, ScriptedProvider
from bot.errors import EngineError
from bot.generation.findings import describe_check
from bot.generation.pipeline import Pipeline
from bot.generation.recall import LONGER, SHORTER, assign
from bot.generation.writer import CALL_LIMITS
from bot.kinds import load_kinds
from personas.book import Book, LegalLine
from personas.profile import Profile
from personas.style import Brand

QUIZ = """# Tea

**1. What is tea?**
A) a leaf
B) a stone

**2. Where does it grow?**
A) on hills
B) in caves

Answers: 1 A, 2 B"""


class Writer:
    """A model that returns its answers in order and repeats the last one. `asked` are the prompts it received."""

    def __init__(self, *answers: str | Exception, **traits: Any) -> None:
        self.answers = list(answers)
        self.provider = ScriptedProvider(self._take_answer, traits=Traits(**traits))

    def _take_answer(self, _messages: Sequence[Any]) -> str | Exception:
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]

    @property
    def asked_for(self) -> str:
        """The system message of its last call."""
        return str(self.provider.model.calls[-1][0].text)

    @property
    def asked(self) -> list[str]:
        return [call[-1].text for call in self.provider.model.calls]

    async def write(
        self, brief: str, kind: str = "social_post", memory: MemorySnapshot | None = None, **request: Any
    ) -> list[Result]:
        pipeline = Pipeline(Engines([Engine(self.provider, name="writer")]))
        asked = Request("1", "7", brief, kind=kind, **request)
        return await pipeline.run(await pipeline.build_assignment(asked, memory or MemorySnapshot()))


TEXT = "# Closed on Monday\n\nWe *rest*. You may, too:\n\n1. sleep\n2. eat\n\n| a | b |\n|---|---|\n| 1 | 2 |"


@pytest.mark.parametrize("kind", [name for name, kind in load_kinds().items() if not kind.composer and not kind.counts])
async def test_a_text_is_returned_verbatim_after_one_call(kind: str) -> None:
    writer = Writer(f"{TEXT}\n\n<check>Is Monday a holiday?</check>")
    [result] = await writer.write("we close on Monday: sleep, eat", kind)
    assert (result.content.text, result.to_check, result.calls) == (TEXT, "Is Monday a holiday?", ("text",))


OWL = {
    "motif": "an owl",
    "style": "flat",
    "words": "",
    "badge": "circle",
    "colours": ["navy", "white"],
    "pieces": [{"meaning": "owl", "shape": "drop", "place": "centre", "size": "large"}],
}


@pytest.mark.parametrize("small", [False, True])
async def test_missing_colours_of_a_drawing_are_reported(small: bool) -> None:
    lacks = {} if small else {"to_check": "Simple shapes cannot show the owl's three feathers."}
    writer = Writer(json.dumps(OWL | lacks), small=small)
    [result] = await writer.write(
        "logo of an owl with three feathers in navy, red, gold, teal, pink, olive and white", "logo"
    )
    assert result.to_check == lacks.get("to_check", "")
    assert ("`to_check`" in writer.asked_for) is not small
    [colours] = [str(describe_check(check)) for check in result.checks if check.id == "colours in it"]
    assert colours == "colours it has no room for: olive, white"


@pytest.mark.parametrize("kind", [name for name, kind in load_kinds().items() if not kind.composer])
async def test_a_good_text_is_returned_with_its_parts(kind: str) -> None:
    writer = Writer(load_good_text(kind))
    [result] = await writer.write("about what it is about", kind)
    assert result.content.text == load_good_text(kind)
    assert "parts" not in result.calls, "its reader found none of its parts"


async def test_failed_checks_are_revised_once_together() -> None:
    long = f"Tea ☕ {'a' * 300}"
    writer = Writer(long, f"{long} again")
    [result] = await writer.write("tweet about tea without emoji")
    assert result.calls == ("text", "revision")
    assert result.content.text == long
    assert "at most 280 fit" in writer.asked[1]
    assert "There must be no emoji." in writer.asked[1]
    assert [check.name for check in result.checks if not check.passed] == ["text weighted characters", "emoji"]


@pytest.mark.parametrize(
    ("brief", "text", "figures"),
    [
        (
            "tweet: open day on 12 May, 5pm",
            "Open day: 12 May, 35 places. Call +351 22 555 1234.",
            "35, +351 22 555 1234",
        ),
        ("tweet: open day on 12 May, 5pm, twenty places", "Open day: 12/5 at 17:00, 20 places.", ""),
        ("tweet: soup, 5,50 €", "1. Soup for 5.50. #Soup24", ""),
        ("worksheet on tens", "1. What is 50 + 50?\n2. What is 40 + 30?", ""),
    ],
)
@pytest.mark.parametrize("small", [True, False])
async def test_figures_that_a_small_model_makes_up_are_listed(brief: str, text: str, figures: str, small: bool) -> None:
    kind = "worksheet" if brief.startswith("worksheet") else "social_post"
    [result] = await Writer(text, small=small).write(brief, kind)
    expected = f"Check these figures, which you did not give me: {figures}." if figures and small else ""
    assert str(result.note or "") == expected


@pytest.mark.parametrize(
    ("brief", "text", "blanks"),
    [
        ("email: we move", "Dear [Name],\n\nWe move. [Read more](https://a.pt)\n\n**[Your Name]**", "Name, Your Name"),
        ("email: we move, to [Name]", "Dear [Name],\n\nWe move.\n\n[x] Paid", ""),
    ],
)
@pytest.mark.parametrize("small", [True, False])
async def test_blanks_that_a_small_model_leaves_are_listed(brief: str, text: str, blanks: str, small: bool) -> None:
    [result] = await Writer(text, small=small).write(brief, "email")
    assert str(result.note or "") == (f"Fill in before you use it: {blanks}." if blanks and small else "")


@pytest.mark.parametrize(("small", "expected"), [(True, "We close on Monday."), (False, '"We close on Monday."')])
async def test_a_small_models_text_loses_the_quotation_marks_around_it(small: bool, expected: str) -> None:
    [result] = await Writer('"We close on Monday."', small=small).write("tweet: closed on Monday")
    assert result.content.text == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("Here is the post:\n\n---\n\nWe close.\n\nCome Tuesday.\n\n---", "We close.\n\nCome Tuesday."),
        ("Voici le texte :\n\n« Nous fermons. »", "Nous fermons."),
        ("Dear all:\n\nWe close.", "Dear all:\n\nWe close."),
        ("We close:\n\n- Monday\n- Tuesday", "We close:\n\n- Monday\n- Tuesday"),
    ],
)
async def test_a_small_models_text_loses_the_line_that_introduces_it(answer: str, expected: str) -> None:
    [result] = await Writer(answer, small=True).write("we close on Monday", "text")
    assert result.content.text == expected
    [result] = await Writer(answer).write("we close on Monday", "text")
    assert result.content.text == answer


async def test_a_small_model_does_not_revise() -> None:
    writer = Writer("Tea ☕", "Tea", small=True)
    [result] = await writer.write("tweet about tea without emoji")
    assert (result.content.text, result.calls) == ("Tea ☕", ("text",))
    assert [check.name for check in result.checks if not check.passed] == ["emoji"]


async def test_a_revision_is_used_if_fewer_checks_fail() -> None:
    writer = Writer(f"Tea ☕ {'a' * 300}<check>Is it tea?</check>", "Tea ☕")
    [result] = await writer.write("tweet about tea without emoji")
    assert (result.content.text, result.to_check) == ("Tea ☕", "Is it tea?")


async def test_a_writer_may_excuse_a_check() -> None:
    writer = Writer("Tea ☕", "Tea ☕\n<skip>1</skip>")
    [result] = await writer.write("tweet about tea without emoji")
    assert result.content.text == "Tea ☕"
    assert all(check.passed for check in result.checks)
    assert result.unchecked


@pytest.mark.parametrize(
    ("brief", "text", "calls"),
    [
        ("note about tea in at most 10 words", "Tea " * 13, ("text", "revision")),
        ("note about tea, a headline of at most 10 words", "Tea " * 40, ("text",)),
        ("note about tea with exactly 3 emoji", "Tea ☕", ("text",)),
        (
            "a letter about the boots with the words “the sole came off after only three weeks” in it",
            "Thank you.",
            ("text",),
        ),
    ],
)
async def test_a_large_miss_of_a_capable_writer_is_excused(brief: str, text: str, calls: tuple[str, ...]) -> None:
    [result] = await Writer(text, text).write(brief, "text")
    assert result.calls == calls
    assert [check.name for check in result.checks if not check.passed] == ([] if calls == ("text",) else ["text words"])


async def test_missing_parts_are_extracted_once() -> None:
    prose = "Ask them what tea is: a leaf (right) or a stone?"
    item = {"question": "What is tea?", "options": ["a leaf", "a stone"], "correct": [0], "feedback": ""}
    writer = Writer(prose, f'{{"items": [{str(item).replace(chr(39), chr(34))}]}}', "1. A")
    [result] = await writer.write("quiz on tea", "quiz")
    assert result.content.text == prose
    assert result.content.parts["items"][0]["options"] == ["a leaf", "a stone"]
    assert result.calls == ("text", "parts", "key")


async def test_an_answer_key_is_verified() -> None:
    writer = Writer(QUIZ, "1. A\n2. A")
    [result] = await writer.write("quiz on tea", "quiz")
    assert "Answers" not in writer.asked[1]
    assert "on hills" in writer.asked[1]
    assert "question 2" in str(result.note)
    assert result.content.text == QUIZ
    agreed = await Writer(QUIZ, "1. A\n2. B").write("quiz on tea", "quiz")
    assert agreed[0].note is None


async def test_versions_take_one_call() -> None:
    writer = Writer("<version>One.</version><version>Two.</version><version>Three.</version>")
    results = await writer.write("tweet about tea", variants=3)
    assert [one.content.text for one in results] == ["One.", "Two.", "Three."]
    assert len(writer.asked) == 1


async def test_versions_of_what_code_composes_take_one_call() -> None:
    piece = json.loads(load_good_text("music"))
    writer = Writer(json.dumps({"versions": [{**piece, "tempo": tempo} for tempo in ("80", "100", "120")]}))
    results = await writer.write("calm piano for the shop", "music", variants=3)
    assert [result.written["tempo"] for result in results] == ["80", "100", "120"]
    assert len(writer.asked) == 1
    assert "Give 3 versions that differ on purpose" in writer.asked_for


async def test_nearly_identical_versions_are_merged() -> None:
    first = "We close on Monday, and on Tuesday the first coffee is on us, from seven in the morning."
    other = "Monday off. Tuesday: free coffee for whoever is here before eight."
    answer = f"<version>{first}</version><version>{first.replace('first coffee', 'coffee')}</version><version>{other}</version>"
    results = await Writer(answer).write("tweet: we close on Monday", variants=3)
    assert [one.content.text for one in results] == [first, other]


@pytest.mark.parametrize("answer", ["", "   \n", "<think>hm</think>", "<check>Nothing to write.</check>"])
async def test_an_empty_answer_is_an_error(answer: str) -> None:
    with pytest.raises(EngineError, match="wrote nothing"):
        await Writer(answer).write("tweet about tea")


async def test_unreadable_data_is_an_error_for_composed_kinds() -> None:
    with pytest.raises(EngineError):
        await Writer("I cannot do that.").write("round logo of an owl", "logo")


def build_version(text: str = "We close on Monday.", failed: tuple[str, ...] = ()) -> Version:
    return Version(text, failed=failed)


async def test_a_change_is_one_call_and_shows_its_difference() -> None:
    writer = Writer(format_edit_block("on Monday", "on Sunday"))
    [result] = await writer.write(
        "tweet: we close on Monday",
        before=build_version(),
        notes=("Sunday, not Monday",),
        instruction="Sunday, not Monday",
    )
    assert (result.content.text, result.calls) == ("We close on Sunday.", ("text",))
    assert ("out", "Monday") in [(tag, words.strip()) for tag, words in result.changed]


@pytest.mark.parametrize(
    ("answer", "wish", "said"),
    [
        ("We close on Monday.", "say it twice", "came back unchanged"),
        (format_edit_block("on Friday", "on Sunday"), "Sunday", "came back unchanged"),
        (
            f"{format_edit_block('We close', 'We rest')}\n{format_edit_block('on Friday', '')}",
            "rest",
            "I could not place one of the changes. Check that everything is as you want it.",
        ),
        ("We do close on Monday.", SHORTER, "The text did not get shorter."),
        ("We are closed Monday.", LONGER, "The text did not get longer."),
    ],
)
async def test_a_change_without_effect_is_reported(answer: str, wish: str, said: str) -> None:
    [result] = await Writer(answer).write("tweet: we close on Monday", before=build_version(), instruction=wish)
    assert said in str(result.note)


async def test_a_change_that_leaves_little_of_the_text_says_so() -> None:
    text = "We close on Monday and open again on Tuesday at nine with fresh rye and a new oven."
    [result] = await Writer("I cannot.").write(
        "tweet: we close on Monday", before=build_version(text), instruction="on Sunday"
    )
    assert "The text is much shorter than before (2 words; it had 18)." in str(result.note)


async def test_a_revision_may_have_only_the_changed_passages() -> None:
    writer = Writer(format_edit_block("on Monday", "on Sunday ☕"), format_edit_block(" ☕", ""))
    [result] = await writer.write("tweet without emoji: we close", before=build_version(), instruction="on Sunday")
    assert (result.content.text, result.calls) == ("We close on Sunday.", ("text", "revision"))


async def test_a_short_text_without_parts_is_returned() -> None:
    riddle = "Which grain makes the darkest bread? Rye."
    [result] = await Writer(riddle, "{}").write("one riddle as a quiz", "quiz")
    assert (result.content.text, result.calls) == (riddle, ("text", "parts"))


async def test_a_link_from_material_is_left_out_and_reported() -> None:
    text = "1. Open  the form.\n   - [ ] Sign up: {}\n2. Close it."
    [result] = await Writer(text.format("https://fair.example/join")).write(
        "how to sign up", "explanation", material="Join at https://fair.example/join"
    )
    assert result.content.text == text.format("").replace("up: \n", "up:\n")
    assert "I left out a link that you did not give me yourself." in str(result.note)
    text = text.format("type http://192.168.1.1 into the address bar")
    [result] = await Writer(text).write("how to sign up", "explanation")
    assert (result.content.text, result.note) == (text, None)


async def test_a_text_that_repeats_itself_says_so() -> None:
    [result] = await Writer("Clay is heating up, clay is cooling down. " * 200, small=True).write("tweet: kiln day")
    assert "The end is missing: Scripted began to repeat itself." in str(result.note)


async def test_a_truncated_text_says_so() -> None:
    class TruncatingChatModel(ScriptedChatModel):
        async def _astream(self, *args: Any, **kwargs: Any) -> AsyncIterator[ChatGenerationChunk]:
            metadata = {"finish_reason": "length"}
            yield ChatGenerationChunk(message=AIMessageChunk("We close on", response_metadata=metadata))

    writer = Writer("")
    writer.provider.model = TruncatingChatModel(script=lambda _: "")
    [result] = await writer.write("tweet: we close on Monday")
    assert result.content.text == "We close on"
    assert "The end is missing: Scripted reached its maximum length." in str(result.note)
    [result] = await Writer("We close on").write("tweet: we close on Monday")
    assert not result.note


@pytest.mark.parametrize(("key", "note"), [("", "I found no answers to the questions."), ("\n\nAnswers: 1 A, 2 B", "")])
async def test_a_quiz_without_a_key_says_so(key: str, note: str) -> None:
    questions = "1. What is tea?\nA) a leaf\nB) a stone\n\n2. What is a cup?\nA) a leaf\nB) a vessel"
    [result] = await Writer(questions + key, small=True).write("a quiz on tea", "quiz")
    assert note in str(result.note)
    assert bool(result.note) == bool(note)


async def test_an_apology_is_no_quiz() -> None:
    with pytest.raises(EngineError, match="wrote nothing I can read"):
        await Writer("I'm sorry, but I can't assist with that request.", small=True).write("a quiz on tea", "quiz")


async def test_a_change_is_not_revised_for_earlier_failures() -> None:
    long = "a" * 300
    [result] = await Writer(format_edit_block(long, f"{long}b")).write(
        "tweet about tea", before=build_version(long, ("text weighted characters",)), instruction="more"
    )
    assert result.calls == ("text",)


async def test_code_only_adds_legal_lines() -> None:
    line = "Drink responsibly."
    brand = Brand(name="Fern", samples=(), book=Book(legal=(LegalLine(text=line),)))
    [result] = await Writer("Wine is here.").write("post about wine", memory=MemorySnapshot(Profile(), brand=brand))
    assert result.content.text == f"Wine is here.\n\n{line}"


async def test_a_fallback_writes_if_the_first_engine_fails() -> None:
    engines = [
        Engine(ScriptedProvider(lambda _: EngineError("gone")), name="first"),
        Engine(ScriptedProvider(lambda _: "Tea."), name="second"),
    ]
    pipeline = Pipeline(Engines(engines))
    [result] = await pipeline.run(
        await pipeline.build_assignment(Request("1", "7", "tweet about tea", kind="social_post"), MemorySnapshot())
    )
    assert result.content.text == "Tea."


@pytest.mark.parametrize("small", [True, False])
async def test_a_reviser_is_sent_what_fails_and_nothing_else(small: bool) -> None:
    cheap, dear = Writer("Tea ☕", "Tea.", small=small), Writer("Tea, dearly.")
    engines = Engines([Engine(cheap.provider, name="cheap")], Engine(dear.provider, name="dear"))
    dear.provider.label = "Dear"
    pipeline = Pipeline(engines)
    [fails] = await pipeline.run(
        assign(Request("1", "7", "tweet about tea without emoji", kind="social_post"), MemorySnapshot())
    )
    assert (fails.content.text, fails.calls) == ("Tea, dearly.", ("text", "revision"))
    assert fails.engine == "Scripted + Dear"
    assert "There must be no emoji." in dear.asked[0]
    assert "Tea ☕" in str(dear.provider.model.calls[0])
    [fits] = await pipeline.run(assign(Request("2", "7", "tweet about tea", kind="social_post"), MemorySnapshot()))
    assert (fits.content.text, fits.calls) == ("Tea.", ("text",))
    assert len(dear.asked) == 1


async def test_an_unavailable_reviser_leaves_the_text_unchanged() -> None:
    cheap, dear = Writer("Tea ☕", small=True), Writer(EngineError("gone"))
    pipeline = Pipeline(Engines([Engine(cheap.provider, name="cheap")], Engine(dear.provider, name="dear")))
    [result] = await pipeline.run(
        assign(Request("1", "7", "tweet about tea without emoji", kind="social_post"), MemorySnapshot())
    )
    assert result.content.text == "Tea ☕"


async def test_steps_are_paid_for_once(assigned: Callable[..., Assignment]) -> None:
    kept: dict[str, Any] = {}

    async def checkpoint(name: str, step: Callable[[], Any]) -> Any:
        if name not in kept:
            kept[name] = await step()
        return kept[name]

    writer = Writer(f"Tea {'a' * 300}", "Tea.")
    pipeline = Pipeline(Engines([Engine(writer.provider, name="writer")]))
    assignment = assigned("social_post", "tweet about tea")
    first = await pipeline.run(assignment, checkpoint=checkpoint)
    again = await pipeline.run(assignment, checkpoint=checkpoint)
    assert len(writer.asked) == 2
    assert first[0].content == again[0].content
    assert set(kept) == {"text", "revision"}


def test_the_calls_of_a_text_are_limited_in_one_place() -> None:
    assert sum(CALL_LIMITS.values()) == 4


async def test_the_scripted_writer_answers_every_kind_and_shortens() -> None:
    """Other tests rely on this: it answers each kind, changes texts, and writes versions."""
    provider = ScriptedProvider(good_answer)
    pipeline = Pipeline(Engines([Engine(provider, name="writer")]))
    for kind in load_kinds():
        [result] = await pipeline.run(assign(Request("1", "7", "about tea", kind=kind), MemorySnapshot()))
        assert result.content.text
    request = Request("1", "7", "about tea", kind="social_post", before=build_version(), instruction="more of the shed")
    [result] = await pipeline.run(assign(request, MemorySnapshot()))
    assert result.content.text == f"We close on Monday. {ADDED}"
    [result] = await pipeline.run(assign(replace(request, instruction=SHORTER), MemorySnapshot()))
    assert result.content.text == "We close"

"""What a capable model writes well comes through word for word: drafts as data, played back through the whole pipeline.

Each `[[case]]` of a file in `unharmed/` is one request with the answer that the best writer would give:

    [[case]]
    id = "en-bread"             # unique; what the test is called
    kind = "social_post"        # a kind of bot/kinds/
    language = "de"             # of the text, as whoever asks has picked it; without it the brief and the profile decide
    brief = "..."               # word for word what was asked
    added = ["...", "..."]      # all that stands in the result beside the draft: what code adds, labels of parts, options' letters
    misread = "..."             # optional: what of the brief is read wrongly
    excused = ["It must not"]   # optional: what code takes for a fault, as it begins, and the writer says is none
    unshown = ["cards"]         # optional: fields whose texts the form shows otherwise, such as a sentence with a gap
    [case.profile]              # optional: fields of personas.profile.Profile
    [case.habits]               # optional: fields of personas.habits.Habits
    [case.request]              # optional: other fields of bot.content.Request, such as tone, audience, material
    [case.draft]                # the fields of the kind's output, as the model answers; optional lists may be left out

A kind that is written as plain text has `draft = {text = "..."}`. A request that is written in several calls, as a thread is,
has `[[case.drafts]]` in place of `[case.draft]`, one for each call in their order; so has a campaign, whose pieces are of other kinds.
A case with `misread` waits for the reading of its brief: it says what is misread, and its tests may fail until that is put
right. Numbers of a list ("1."), signs and white
space need not be in `added`. A draft must be one that a strict reader would take as it is: the test wants every check to pass,
no call for a repair, and the draft within the schema and the tokens that were asked for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from drafts import CASES, Case, own_texts
from looking import excused_in, is_judging, is_looking, is_reading_over
from solving import is_solving, solved

from bot.content import Assignment, Kind, Result
from bot.engines import Ask, Engine, Engines, Traits
from bot.engines.scripted import Scripted
from bot.generation.pipeline import Pipeline
from bot.generation.shape import Entries, completed, shape_of, turn_list
from bot.generation.writers.capable_form import fits_at_once
from bot.kinds import all_kinds

LANGUAGES, LEAST_CASES = {"en", "de", "es", "fr", "pt"}, 80
# Characters of a text that a token of it has on average, at the least, in Latin script.
CHARACTERS_A_TOKEN = 2.5
_NUMBERED = re.compile(r"(?m)^\W*\d{1,2}\.(?=\s)")


_each_case = pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=case.id, marks=[pytest.mark.xfail(reason=case.misread)] if case.misread else [])
        for case in CASES
    ],
)


class Writer:
    """Answers each call for a draft with the next one, a call for a part that is written in turn with that part's text."""

    def __init__(self, case: Case, kind: Kind) -> None:
        self.kind, self.case, self.left = kind, case, list(case.drafts)
        self.parts: dict[str, str] = {}
        self.faults: list[str] = []

    def __call__(self, messages: Any) -> Any:
        asked = messages[-1].text
        if is_solving(messages):
            return solved(messages, self.case.drafts[0]["items"])
        if is_reading_over(messages):
            return {"faults": [], "changes": []}
        if is_judging(messages):
            return {"mistaken": excused_in(asked, self.case.excused)}
        if "\nFault: " in asked:
            self.faults.append(asked.partition("\nFault: ")[2])
            return ""
        for head, text in self.parts.items():
            if asked.endswith(head):
                return text
        draft = self.left.pop(0)
        if set(draft) == {"text"}:
            return draft["text"]
        return self._outline(draft) if "is asked for afterwards" in asked else draft

    def _outline(self, draft: dict[str, Any]) -> dict[str, Any]:
        for name, turn in turned(self.kind):
            self.parts |= {one["heading"]: one[turn] for one in draft[name]}
        return outlined(draft, self.kind)


def turned(kind: Kind) -> Iterator[tuple[str, str]]:
    """The lists of a kind that are written in turn, with the text of each entry that is."""
    for name, node in shape_of(kind.output).fields:
        if isinstance(node, Entries) and node.count.turn:
            yield name, node.count.turn


def outlined(draft: dict[str, Any], kind: Kind) -> dict[str, Any]:
    """A draft without the texts that are asked for one by one."""
    for name, turn in turned(kind):
        draft = draft | {name: [{key: one[key] for key in one if key != turn} for one in draft[name]]}
    return draft


class Listening(Scripted):
    """A scripted provider that keeps the calls it is given."""

    asks: list[Ask]

    def arguments(self, ask: Ask) -> dict[str, Any]:
        self.asks = [*getattr(self, "asks", []), ask]
        return super().arguments(ask)


async def played(case: Case) -> tuple[Result, list[Ask], Assignment]:
    """The result of a case, with the calls that were made for its drafts; none is for a repair."""
    assignment = case.assignment()
    writer = Writer(case, assignment.kind)
    provider = Listening(writer, traits=Traits(capable=True))
    (result,) = await Pipeline(Engines([Engine(provider, name="best")]), critique=True).run(assignment)
    assert writer.faults == []
    drafting = (ask for ask in provider.asks if not (is_solving(ask.messages) or is_looking(ask.messages)))
    assignment = replace(assignment, at_once=fits_at_once(assignment, Traits().context))
    return result, list(drafting), assignment


def words_left(result: Result, case: Case, kind: Kind) -> str:
    """What stands in a result beside the drafts and what may be added to them."""
    own = [text for draft in case.drafts for _, text in own_texts(draft, kind)]
    shown = _NUMBERED.sub(" ", result.content.text)
    for text in sorted([*own, *case.added], key=len, reverse=True):
        for line in filter(None, map(str.strip, text.replace("|", "/").split("\n"))):
            shown = shown.replace(line, " ").replace(line.replace("/", "|"), " ")
    return " ".join(re.findall(r"[^\W_]+", shown))


@_each_case
async def test_a_good_draft_comes_through_word_for_word(case: Case) -> None:
    result, _asks, assignment = await played(case)
    kind = assignment.kind
    if len(case.drafts) == 1 and not kind.series:
        shape = shape_of(kind.output)
        assert result.written == completed(shape, case.drafts[0])
    shown = result.content.text + json.dumps(result.content.parts, ensure_ascii=False)
    unshown = [*case.unshown, *UNSHOWN.get(assignment.place, ()), *UNSHOWN.get(kind.name, ())]
    for draft in case.drafts:
        for path, text in own_texts(draft, kind):
            if path.split(".")[0] not in unshown:
                assert text in shown or json.dumps(text, ensure_ascii=False)[1:-1] in shown, path
    if kind.name not in FOR_MACHINES:
        assert words_left(result, case, kind) == ""


# What is for code alone.
UNSHOWN = {
    "tutor": ("answer", "telling"),
    "google_ads": ("primary_text",),
    "synthetic_data": ("columns",),
    "logo": ("pieces",),
    "music": ("tempo",),
}
# What is put into a machine's form: their drafts stand in it, beside settings.
FOR_MACHINES = {"synthetic_data", "logo", "music", "layout", "image_prompt"}


@_each_case
async def test_no_check_is_a_false_alarm(case: Case) -> None:
    result, _asks, _assignment = await played(case)
    assert [f"{one.name}: {one.measured}, wanted {one.limit}" for one in result.checks if not one.passed] == []
    assert result.note is None
    assert [str(one) for one in result.missing] == []


@_each_case
async def test_the_best_draft_is_within_what_was_asked_for(case: Case) -> None:
    _result, asks, assignment = await played(case)
    if turn_list(assignment):
        asks = asks[:1]
    for ask, draft in zip(asks, case.drafts, strict=True):
        written = str(draft["text"]) if ask.schema is None else json.dumps(draft, ensure_ascii=False)
        written = written if not turn_list(assignment) else json.dumps(outlined(draft, assignment.kind))
        assert ask.max_tokens >= 2 * len(written) / CHARACTERS_A_TOKEN or ask.max_tokens == Traits().context // 2
        if ask.schema is not None:
            assert list(outside(draft, ask.schema, "")) == []


def outside(data: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
    """Where data is outside a schema of the kind that is asked for; a field that the schema does not have is not asked for."""
    match schema["type"]:
        case "object":
            for name, child in schema["properties"].items():
                yield from outside(data.get(name, [] if child["type"] == "array" else ""), child, f"{path}.{name}")
        case "array":
            if not schema["minItems"] <= len(data) <= schema["maxItems"]:
                yield f"{path} has {len(data)}"
            for number, one in enumerate(data):
                yield from outside(one, schema["items"], f"{path}.{number}")
        case _ if "enum" in schema:
            if data not in schema["enum"]:
                yield f"{path} is {data}"
        case _:
            if not schema.get("minLength", 0) <= len(data) <= schema.get("maxLength", len(data)):
                yield f"{path} has {len(data)} characters"


def test_there_are_cases_of_all_families_in_five_languages() -> None:
    assert len(CASES) >= LEAST_CASES
    assert len({case.id for case in CASES}) == len(CASES)
    assert {case.language or "en" for case in CASES} >= LANGUAGES
    families = {kind.family for kind in all_kinds().values()}
    assert {all_kinds()[case.kind].family for case in CASES} == families

"""Every reader takes linear time: 100,000 characters of any kind of pathological text take less than 50 ms on a quiet machine.

python -m pytest benchmarks/readers.py     # every pattern, every kind's reader, every reader of briefs: about two minutes

While other programs slow Python down, the limit is longer by as much, at most three times.
"""

# ruff: noqa: E501 - tables that are easier to read in long lines
from __future__ import annotations

import ast
import contextlib
import importlib
import inspect
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
import regex

from benchmarks.nasty import build_nasty_texts
from bot.briefs import wording
from bot.checks import quantities
from bot.checks.addresses import MAX_HOST
from bot.checks.language import identify_language
from bot.checks.links import MAX_MAILBOX
from bot.checks.spoken import MAX_INTRODUCTION_CHARACTERS
from bot.content import Assignment, Count, MemorySnapshot, Passage, Request, Requirements, Size
from bot.documents.sheets import MAX_CELL
from bot.generation.answer import MAX_ANSWER_CHARACTERS, apply_changes
from bot.generation.recall import assign
from bot.generation.tastes import Baseline
from bot.kinds import load_kinds
from bot.markup import Document, parse_document
from bot.synthesis import conditions, schema
from bot.team.library import templates
from personas.profile import MAX_TEXT, Profile
from personas.style import measure_style
from tests.tracing_control import disable_tracing, load_modules

LIMIT = 0.05
# Milliseconds that the sum in `measure_slowdown` takes on a quiet machine of two cores.
QUIET = 7.5
# Each kind of text is tried in short, and those that took longest at full length: a reader that goes over the same
# characters again and again is slowest there as well.
SHORT, SLOWEST = 400, 4
# How the libraries of patterns are called with one that stands there; what is compiled at the top of a module is found by its name.
_CALLED = re.compile(
    r"^(?!\w+(?:: [^=\n]+)? = (?:re|regex)\.compile\().*\b(?:re|regex)\s*\.\s*(?!escape\b)\w+\s*\([\s(]*[rRbBuU]{0,2}[\"']",
    re.MULTILINE,
)
# CPU seconds after which a reader is stopped, so that a failing one does not take minutes.
STOPPED = 0.5

# Patterns that are only put to texts of a bounded length, by module and name, and that length.
BOUNDED = {
    "bot.checks.amounts": wording.MAX_BRIEF_CHARACTERS,
    "bot.checks.quantities._TOKEN": quantities.MAX_CHARACTERS,
    # Of what stands beside a statement, and of single figures.
    "bot.checks.quantities": 400,
    "bot.team.library.templates": templates._MAX_TEXT_CHARACTERS,
    # Of single lines, labels and cells, which a tree has without blanks around them; whole texts are put to all of them below.
    "bot.reading.answers._TRAILING_TRUTH_WORDS": 60,
    # A whole line is one of these or not.
    "bot.reading.options.ONLY_LETTERS": 300,
    "bot.reading.keys.ONLY_LETTERS": 300,
    "bot.markup.document._LABEL": 300,
    "bot.kinds": 1_000,
    "bot.markup": 1_000,
    # Of the forms of lexicons, which are ours.
    "bot.briefs.lexicon.FORM": 100,
    "bot.briefs.lexicon._BRACKETED": 100,
    "bot.briefs": wording.MAX_BRIEF_CHARACTERS,
    "bot.engines._retry._DURATION": 30,
    "bot.checks.addresses._HOST": MAX_HOST,
    "bot.checks.links._MAILBOX": MAX_MAILBOX,
    "bot.checks.spoken._PHONE_INTRODUCTION": MAX_INTRODUCTION_CHARACTERS,
    "bot.images.pictures": 200,
    "bot.replies.split": 4_000,
    "bot.commands.profile.fields._ACTION_END": MAX_TEXT,
    "personas.profile._LINK": MAX_TEXT,
    # Of a cell or a heading.
    "bot.synthesis.columns": MAX_CELL,
    "bot.synthesis.dates": MAX_CELL,
    "bot.synthesis.shapes": MAX_CELL,
    "bot.synthesis.conditions": conditions.MAX_CONDITION_CHARACTERS,
    # Of one column that words describe; the others of all of them.
    "bot.synthesis.fields._CHOICES": schema.MAX_FIELD_CHARACTERS,
    "bot.synthesis.fields._RANGE": schema.MAX_FIELD_CHARACTERS,
    "bot.synthesis.fields": schema.MAX_FIELD_CHARACTERS,
    "bot.synthesis.schema": schema.MAX_DESCRIPTION_CHARACTERS,
}
# Functions of these rooms read what people or models write.
ROOMS = (
    "bot.briefs",
    "bot.checks",
    "bot.generation",
    "bot.kinds",
    "bot.markup",
    "bot.replies",
    "bot.exports",
    "bot.documents.index",
    "bot.documents.knowledge",
    "bot.simulation",
    "bot.sound.aloud",
    "bot.design.palettes",
    "personas",
)
# Readers of what a model wrote, of which no more is read (bot/generation/answer.py).
WRITTEN = ("bot.exports", "bot.replies.result_views", "bot.replies.views", "bot.generation.untrusted_links")
# Public functions with a text among other things that are not put to the test by themselves, by the beginning of their
# names, with the reason.
OTHERS = {
    "bot.kinds.campaign.list_places": "takes the code of a language",
    "bot.briefs.nouns.": "take items of a brief; `extract_reading` is tested",
    "bot.reading_": "take lines of a text; `read_parts` is tested, which reads with them",
    "bot.generation.proofread.parse_findings": "takes five findings",
    "bot.generation.sheet.build_revision_messages": "puts a bounded text into a prompt",
    "bot.composition.theory.": "take names of keys, notes and metres; `parse_notes` is tested",
    "bot.kinds.lead_sheet.correct_bar": "takes a bar, whose notes `parse_notes` reads",
    "bot.checks.build_range_check": "takes the name of a check",
    "bot.simulation.case.build_case": "takes the code of a language",
    "bot.simulation.interview.build_persona_card": "takes the code of a language",
    "bot.simulation.interview.add_answer": "keeps what was said, as it is",
    "bot.simulation.interview.add_question": "keeps what was said, as it is",
    "bot.simulation.play.add_answer": "keeps what was said, as it is",
    "bot.simulation.play.add_player_line": "keeps what was said, as it is",
    "bot.simulation.play.move_to_scene": "takes the name of a scene",
    "bot.simulation.play.take_role": "takes the name of a role",
    "bot.simulation.play.verify_quote": "takes a quotation, which `contains_quote` looks for",
    "bot.simulation.signs.match_groups": "takes signs; `normalise` is tested, which reads so much and no more",
    "bot.design.palettes.make_readable": "takes a colour and grounds",
    "bot.design.palettes.arrange_palette": "takes colours that `find_colours` read",
    "bot.design.palettes.render_gpl": "takes a palette and its title",
    "bot.generation.languages.can_write": "takes the code of a language",
    "bot.checks.build_absence_check": "takes the name of a check, and what was found",
    "bot.checks.build_presence_check": "takes the name of a check, and what is missing",
    "bot.checks.units.remove_spans": "takes places in a text, once each",
    "bot.exports.": "write a content of at most `MAX_ANSWER_CHARACTERS` characters in a thread",
    "bot.checks.spoken.find_known_hosts": "takes known hosts; `find_links` is tested with them",
    "bot.generation.examples.choose_examples": "compares vectors",
    "bot.generation.tastes.build_signals": "takes names",
    "bot.documents.index.score_overlap": "asks an index in a thread; its words are read by functions that are tested",
    "bot.sound.aloud.split_speech": "cuts a text of at most `MAX_READ_ALOUD_CHARACTERS` characters",
    "bot.composition.motifs.draw_motif": "takes colours",
    "bot.composition.sketches.draw_region": "takes colours",
    "bot.kinds.layout.draw_wireframe": "takes colours and a bounded text",
    "bot.kinds.logo.": "take a name",
    "bot.kinds.list_family_kinds": "takes a name",
    "bot.documents.knowledge.rank_passages": "asks indexes in a thread",
    "bot.replies.": "take names, or results whose texts go through `split`, which is tested",
    "personas.": "take names of fields, or values that are bounded at the door",
}
# Make a tree of a text, which takes some seconds where every sign could be markup, and is tested below.
TREES = (
    "bot.exports._blocks.strip_marks", "bot.exports._blocks.parse_blocks", "bot.generation.drafts.build_draft", "bot.generation.pipeline.read_parts",
    "bot.reading.film.parse_cell_lines", "bot.markup.document.parse_document", "bot.markup.document.strip_marks",
)  # fmt: skip
# No readers of long texts, by module or name, with the reason.
EXEMPT = {
    **dict.fromkeys(TREES, "makes a tree"),
    "bot.briefs.lexicon": "reads our own words; what is read with them is tested",
    "bot.briefs.wording.compile_for_text": "puts our own words into a pattern; `detect_text_language` is tested",
    "bot.briefs.figure_pattern": "puts our own words into a pattern, which is tested",
    "bot.exports.gift.read": "reads what its own export has just written",
}


class TooSlow(BaseException):
    """A reader that was stopped."""


def _stop(*_: object) -> None:
    raise TooSlow


def measure_seconds(read: Callable[[str], object], text: str) -> float:
    """Return the CPU seconds that a reader takes in its own thread, the best of a few if the first was too slow."""
    signal.signal(signal.SIGPROF, _stop)
    taken = []
    for _ in range(4 if len(text) > SHORT else 1):
        with disable_tracing(collecting=False):
            started = time.thread_time()
            # It may be stopped at any moment, also between its end and that of the timer.
            with contextlib.suppress(TooSlow):
                try:
                    signal.setitimer(signal.ITIMER_PROF, STOPPED)
                    found = read(text)
                    if isinstance(found, Iterator):
                        for _one in found:
                            pass
                finally:
                    signal.setitimer(signal.ITIMER_PROF, 0)
            taken.append(time.thread_time() - started)
        if taken[-1] < LIMIT or sum(taken) > STOPPED:
            break
    return min(taken)


def find_slow_texts(read: Callable[[str], object], size: int) -> dict[str, float]:
    """Return the kinds of pathological text on which a reader is too slow, with the milliseconds."""
    short, long = build_nasty_texts(min(SHORT, size)), build_nasty_texts(size)
    order = sorted(short, key=lambda kind: -measure_seconds(read, short[kind]))
    taken = {kind: measure_seconds(read, long[kind]) for kind in order[:SLOWEST]}
    # What seems slow is timed again, as another program may have been running.
    taken |= {
        kind: min(measure_seconds(read, long[kind]) for _ in range(3))
        for kind, value in taken.items()
        if value >= LIMIT
    }
    return {
        kind: round(1000 * value)
        for kind, value in taken.items()
        if value >= LIMIT and value >= LIMIT * measure_slowdown()
    }


def measure_slowdown() -> float:
    """Return how many times as long as on a quiet machine Python takes right now: at least 1, at most 3."""
    with disable_tracing(collecting=False):
        started = time.thread_time()
        sum(number * number % 7 for number in range(100_000))
        taken = time.thread_time() - started
    return min(max(1000 * taken / QUIET, 1), 3)


@pytest.fixture(scope="module", autouse=True)
def _load_libraries() -> None:
    """Load what readers import at first use: an import that is stopped half-way stays broken in its process."""
    for name in ("docx", "fontTools.ttLib", "icalendar", "lxml.etree", "lxml.html", "numpy", "publicsuffixlist", "py3langid.langid",
                 "tokenizers", "emoji"):  # fmt: skip
        importlib.import_module(name)
    identify_language("Der Regen bleibt draußen, und der Schuppen hält alles trocken, auch wenn der Wind weht.")


def _find_inline_patterns(module: Any) -> Iterator[tuple[str, Any]]:
    """Yield the patterns in calls such as `re.sub(r"…", …)` within a module's functions."""
    source = inspect.getsource(module)
    # Most modules call none, and to take them all apart takes seconds in each process of tests.
    if not _CALLED.search(source):
        return
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args):
            continue
        library = {"re": re, "regex": regex}.get(getattr(node.func.value, "id", ""))
        first = node.args[0]
        if library and node.func.attr != "escape" and isinstance(first, ast.Constant) and isinstance(first.value, str):
            named = [
                one for one in (*node.args[1:], *(key.value for key in node.keywords)) if "re." in ast.unparse(one)
            ]
            flags = [
                eval(ast.unparse(one), {"re": re, "regex": regex}) for one in named if isinstance(one, ast.Attribute)
            ]
            yield f"{module.__name__}:{node.lineno}", library.compile(first.value, flags[0] if flags else 0)


@cache
def find_patterns() -> dict[str, Any]:
    """Return every compiled pattern of the project by where it is defined, each once."""
    found: dict[Any, str] = {}
    for name, module in load_modules().items():
        named = ((f"{name}.{key}", value) for key, value in vars(module).items())
        for place, value in (*named, *_find_inline_patterns(module)):
            if isinstance(value, re.Pattern | regex.Pattern):
                found.setdefault(value, place)
    return {place: value for value, place in found.items()}


def get_bound(place: str) -> int:
    """Return the length of the longest text that is put to a pattern or a reader."""
    known = (most for name, most in BOUNDED.items() if place == name or place.startswith((f"{name}.", f"{name}:")))
    return next(known, 100_000)


@pytest.mark.parametrize("place", find_patterns())
def test_a_pattern_is_quick_on_anything(place: str) -> None:
    pattern = find_patterns()[place]
    assert not find_slow_texts(pattern.finditer, get_bound(place))


MAIL = assign(Request("1", "7", "a mail about shoes", kind="email"), MemorySnapshot())
STYLE = measure_style(["The shed keeps it dry, and the rain stays out of it. " * 10])
# What stands for the other things that readers are given, by the name of a parameter, else by its type.
NAMED: dict[str, Any] = {
    "language": "en", "locale": "en", "unit": "words", "family": "marketing", "vote": "up", "place": "x", "target": "sdxl",
    "kind_name": "email", "form": "sentences", "starts": (), "generation_id": "1", "job_id": "1", "format_name": "md",
    "limit": 1_900, "most": 6, "forms": "link(s)|end … link", "nouns": "column(s)|field(s)", "channels": "email(s)|instagram",
}  # fmt: skip
# Texts that are bounded before they come to a reader: names, and the terms of a profile.
SHORTER = {"term": 120, "word": 120, "name": 300, "avoid": 120, "avoid_words": 120, "part": 300, "figure": 120}
TYPED: dict[str, Any] = {
    "Kind": load_kinds()["social_post"], "Profile": Profile(), "Assignment": MAIL, "Baseline": Baseline(), "Size": Size(280), "Style": STYLE,
    "int": 60, "float": 6.0, "Count": Count(1, 5, 3), "bool": False, "date": date(2026, 1, 1), "Requirements": Requirements(),
    "Request": MAIL.request, "Passage": Passage("The shed keeps it dry.", "shed.md"), "Callable[[str], bool]": lambda part: len(part) > 3,
    "Mapping[str, str]": {"red": "red(s)"}, "Form": load_kinds()["quiz"].brief_form, "Iterable[re.Pattern[str]]": (), "Mapping[str, Any]": {},
    "bytes": b"", "Fraction": Fraction(1, 3), "Callable[[Link], bool]": lambda link: True,
}  # fmt: skip
LISTS = ("Sequence[str]", "Iterable[str]", "list[str]", "tuple[str, ...]")


def build_arguments(function: Callable[..., Any], text: str) -> dict[str, Any] | None:
    """Build arguments that put a text wherever a function takes one; None if it takes none, or a type unknown here."""
    found, read = {}, False
    for name, one in inspect.signature(function).parameters.items():
        if name in NAMED:
            found[name] = NAMED[name]
        elif name in SHORTER:
            found[name], read = text[: SHORTER[name]] if one.annotation == "str" else [text[: SHORTER[name]]], True
        elif one.annotation == "str" or one.annotation in LISTS:
            found[name], read = text if one.annotation == "str" else [text], True
        elif one.default is one.empty:
            if one.annotation not in TYPED:
                return None
            found[name] = TYPED[one.annotation]
    return found if read else None


@cache
def find_readers() -> dict[str, Callable[..., Any]]:
    """Return the public functions in ROOMS that take texts."""
    found = {}
    for name, module in load_modules().items():
        if not name.startswith(ROOMS) or name in EXEMPT:
            continue
        for key, value in vars(module).items():
            public = inspect.isfunction(value) and not key.startswith("_") and value.__module__ == name
            if (
                public
                and f"{name}.{key}" not in EXEMPT
                and not inspect.iscoroutinefunction(value)
                and build_arguments(value, "a")
            ):
                found[f"{name}.{key}"] = value
    return found


@pytest.mark.parametrize("place", find_readers())
def test_a_reader_is_quick_on_anything(place: str) -> None:
    read = find_readers()[place]

    def put(text: str) -> object:
        try:
            found = read(**(build_arguments(read, text) or {}))
            return list(found) if isinstance(found, Iterator) else found
        except Exception:  # What it refuses is no matter here.
            return None

    put("It reads some words first. " * 30)
    # Readers of kinds are given lines.
    size = get_bound(place) if place.startswith("bot.kinds") else 100_000
    assert not find_slow_texts(put, MAX_ANSWER_CHARACTERS if place.startswith(WRITTEN) else size)


def test_a_tree_of_any_text_is_made_in_time_that_grows_as_the_text_does() -> None:
    taken = {}
    for name, text in build_nasty_texts(MAX_ANSWER_CHARACTERS // 7).items():
        started = time.thread_time()
        parse_document(text)
        taken[name] = time.thread_time() - started
    assert {name: value for name, value in taken.items() if value > measure_slowdown()} == {}


# What patterns of lines and labels go over again and again, where they do.
LINES = (
    "spaces between", "breaks between", "headings", "table", "prose", "different lines", "' ' ending with 'é'", "'-' ending with '!'",
    "'.' ending with 'é'", "'\\u2028'", "'('", "'['", "'— '", "'- a\\n'", "'a: b\\n'", "'\\n1. '", "'**a'", "'| a '",
)  # fmt: skip


@cache
def parse_trees() -> dict[str, Document]:
    """Parse the texts of LINES."""
    return {name: parse_document(build_nasty_texts(MAX_ANSWER_CHARACTERS)[name]) for name in LINES}


@pytest.mark.parametrize("kind", [name for name, kind in load_kinds().items() if not kind.composer])
def test_the_parts_of_any_text_are_found_quickly(kind: str) -> None:
    """Read all parts of an answer; if every line could be markup, its tree alone takes one to three seconds."""
    asked = assign(Request("1", "7", "bread", kind=kind), MemorySnapshot())
    taken = {}
    for name, tree in parse_trees().items():
        started = time.thread_time()
        asked.kind.read(tree, asked)
        taken[name] = time.thread_time() - started
    assert {name: value for name, value in taken.items() if value > 5 * measure_slowdown()} == {}


def test_changes_of_any_number_of_passages_are_placed_quickly() -> None:
    """Try passages that differ in blanks only and nearly match at every place of a text."""
    text, block = "a " * (MAX_ANSWER_CHARACTERS // 2), "<<<<<<< OLD\n{}\n=======\nb\n>>>>>>> NEW\n"

    def put(old: str) -> object:
        return apply_changes(text, (block.format(old) * 200)[:MAX_ANSWER_CHARACTERS])

    assert measure_seconds(put, "a\n" * 150 + "b") < 200 * LIMIT


def test_no_reader_is_left_out() -> None:
    """A public function that takes a text is put to the test, or takes more than a text and is used by those that are."""
    found = {
        f"{name}.{key}"
        for name, module in load_modules().items()
        if name.startswith(ROOMS) and name not in EXEMPT
        for key, value in vars(module).items()
        if inspect.isfunction(value) and not key.startswith("_") and value.__module__ == name
        and any(str(one.annotation) == "str" for one in inspect.signature(value).parameters.values())
    }  # fmt: skip
    left = {
        name
        for name in found - set(find_readers()) - set(EXEMPT)
        if not inspect.iscoroutinefunction(_find_function(name))
    }
    assert sorted(name for name in left if not name.startswith(tuple(OTHERS))) == []


def _find_function(name: str) -> Any:
    module, _, key = name.rpartition(".")
    return getattr(load_modules()[module], key)


@cache
def find_brief_readers() -> dict[str, Callable[[Assignment], Any]]:
    """Return the public functions that take only an assignment."""
    found = {}
    for name, module in load_modules().items():
        for key, value in vars(module).items() if name.startswith(ROOMS) else ():
            if inspect.isfunction(value) and not key.startswith("_") and value.__module__ == name:
                kinds = [one.annotation for one in inspect.signature(value).parameters.values()]
                if kinds == ["Assignment"] and f"{name}.{key}" not in EXEMPT:
                    found[f"{name}.{key}"] = value
    return found


@pytest.mark.parametrize("place", find_brief_readers())
def test_what_is_read_from_a_brief_is_read_quickly(place: str) -> None:
    """Of a whole brief of 100,000 characters, which is what a file may bring."""
    read, kind = find_brief_readers()[place], place.split(".")[2]
    usual = assign(Request("1", "7", "bread", kind=kind if kind in load_kinds() else "sms"), MemorySnapshot())

    def put(text: str) -> object:
        found = read(replace(usual, request=replace(usual.request, brief=text)))
        return list(found) if isinstance(found, Iterator) else found

    put("It reads some words first. " * 30)
    assert not find_slow_texts(put, 100_000)

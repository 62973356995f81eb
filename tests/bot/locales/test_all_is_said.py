"""What people read in Discord is found in the source by itself, so that what a catalogue lacks is listed.

What is said is the first argument of `translate`, of a `Phrase` and of an error, and it is followed through names, branches,
tables and what functions give back. Where it stands in data instead, `list_data_texts` goes over the data.
"""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from pathlib import Path
from typing import Annotated, Any, get_args, get_origin

import pytest
from catalogues import load_catalogue
from pydantic import BaseModel

import bot
from bot.briefs import find_meaning, list_avoidable_things
from bot.checks.language import NAMES
from bot.checks.limits import load_limits
from bot.checks.units import UNITS
from bot.commands.admin import ACTIONS, AT
from bot.commands.calendar import FORMS, WHOSE
from bot.commands.campaign.views import WORDS as CAMPAIGN_WORDS
from bot.commands.quiz.mastery import FORMS as FORMS_OF_MASTERY
from bot.commands.quota import PERIOD_NAMES as QUOTA_PERIODS
from bot.commands.stats import FORMS as STATS_FORMS
from bot.commands.stats import PERIOD_NAMES
from bot.commands.workspace.sections import FAMILY_NAMES, LIMIT_NAMES, ROLE_NAMES, TITLES
from bot.composition.colours import COLOURS
from bot.content import Count, Size
from bot.design.palettes import ROLES
from bot.exports import load_formats
from bot.generation.findings import _CHECK_ORIGINS, _CHECK_SENTENCES, _PART_NAMES, _REGULAR_NAMES, _UNITS, name_failure
from bot.generation.reading_phrases import COUNTED, SHAPES
from bot.generation.reading_phrases import UNITS as LENGTHS
from bot.generation.tastes import QUICK_INSTRUCTIONS, REASONS
from bot.images.regions import load_regions
from bot.interactions.downloads import AUDIO_OPTIONS
from bot.interactions.figures import _TITLES as FIGURE_TITLES
from bot.interactions.posts.planned import BUTTONS
from bot.interactions.posts.planning import IF_LATE
from bot.interactions.quotas import MEASURE_NAMES
from bot.interactions.quotas import WAYS as QUOTA_WAYS
from bot.interactions.quotas import WHOSE as QUOTA_WHOSE
from bot.interactions.requests import PLACEHOLDERS
from bot.interactions.review import LABELS
from bot.kinds import load_kinds
from bot.locales import LANGUAGES
from bot.preview import CHANNELS
from bot.preview.dress import list_page_words
from bot.preview.hub import LOADING, UNINVITED, USED
from bot.preview.welcome import TEAM, TYPED
from bot.replies.brand_sheet import LISTS
from bot.replies.bulk import BUTTONS as BULK_BUTTONS
from bot.replies.downloads import COPY_BUTTON, PLAY, SCHEDULE
from bot.replies.ledger import CHOICES, FIELDS, SECTIONS
from bot.replies.result_views import CONTROLS, KEEP, MORE, OPINIONS, PARAMETERS, PICTURE, REWRITES, SUBMIT
from bot.replies.small_talk import _ANSWERS as ANSWERS
from bot.replies.welcome import QUESTIONS
from bot.simulation.panel import ATTITUDES, READING_HABITS, WISHES
from bot.team.ideas import GAP_IDEAS as IDEAS
from bot.team.ideas import HOLIDAY_IDEAS
from bot.team.review.steps import REFUSALS
from personas.faults import FIELD_LABELS
from personas.habits import Habits
from personas.persona import Persona, load_builtin
from personas.profile import Profile
from personas.style import _LENGTHS, _MARKS, _RATES, _TONES, FEATURES
from storage.errors import _MESSAGES as _DATABASE_SENTENCES
from storage.errors import _UNKNOWN_MESSAGE

ROOT = Path(bot.__file__).parent.parent
# What whoever runs the bot reads, in a terminal or a log, is English.
OPERATORS = (
    "bot/cli/",
    "bot/models/",
    "bot/runtime/files.py",
    "bot/settings.py",
    "storage/crypto.py",
    "storage/database.py",
    "storage/copying.py",
    "storage/engine.py",
    "storage/parent_keys.py",
)
OPERATORS_ERRORS = {"SettingsError", "EngineError"}
# Said before anybody is there to read it, or to the operator alone.
UNSEEN = {
    "Jobs run already in this process.",
    "The file of pending jobs cannot be opened. Run `quillmate doctor` for details.",
    "The job failed.",
    "The pending requests cannot be read. Run `quillmate doctor` for details.",
    # Other assistants and their models read these (bot/mcp), in English.
    "A length is short, medium or long.",
    "Between 1 and {most} variants can be written at once.",
    'I do not know the language "{name}". Name it in English, such as "German".',
    "It is not clear what to write. Name a kind, such as {kinds}, or say in the brief what it should be.",
    "The material has {count:,} characters; {most:,} fit. Keep what matters.",
    "There is no such text in the library, or it is not yours to read.",
}
SAYING = {"translate", "Phrase", "_bound"}
SHOWING = {"whisper", "say", "note_view", "note_views", "TextDisplay", "send_message"}
TRANSLATED = {"translate", "translate_plural", "translate_error", "said", "label"}
# Names of programs and formats are the same everywhere.
PROGRAMS = {
    "Anki",
    "Google Ads Editor",
    "Kahoot",
    "MIDI",
    "Markdown",
    "Meta Ads Manager",
    "Moodle (GIFT)",
    "PDF",
    "QTI 1.2",
    "QTI 2.1",
    "Quizlet",
    "Word",
}
# Fields whose example is a name or a code.
IN_CODE = ("organisation", "display_name", "reading_level", "output_language", "timezone", "locale")
# What is said of data, which `list_data_texts` goes over, and what a phrase, an error or a table brings along, by file.
DATA = {
    "bot/commands/brand/__init__.py": {"self._brands.remove(interaction, name)"},
    "bot/commands/knowledge.py": {"self._documents.remove(interaction, name)"},
    "personas/profile.py": {"_describe_error(error, (*cls.model_fields, *extra_fields))"},
    "bot/generation/pipeline.py": {"*draft.answer.asks", "draft.answer.to_check"},
    "bot/requests/attachments.py": {"Phrase.from_json(outcome['refused'])"},
    "bot/requests/illustrations.py": {"assignment.kind.title"},
    "bot/commands/campaign/views.py": {"find_kind(kind_of(item.piece)).title", "label", "head"},
    "bot/interactions/figures.py": {"kind.title", "name", "title"},
    "bot/interactions/library.py": {"kind.title"},
    "bot/commands/admin.py": {"kind.title", "label"},
    "bot/interactions/playing.py": {"message"},
    "bot/commands/bulk.py": {"kind.title"},
    "bot/requests/job_errors.py": {"message"},
    "bot/requests/picture_jobs.py": {"Phrase.from_json(outcome['refused'])"},
    "bot/requests/sound_jobs.py": {"Phrase.from_json(outcome['refused'])", "find_kind(of.kind).title"},
    "bot/synthesis/worker.py": {"Phrase.from_json(message.data)"},
    "bot/waves/apart.py": {"Phrase.from_json(json.loads(last.removeprefix(_ERROR_PREFIX)))"},
    "bot/replies/brand_sheet.py": {"heading"},
    "bot/replies/downloads.py": {"kind.title"},
    "bot/images/alteration.py": {"message.text", "region.label"},
    "bot/replies/bulk.py": {"find_kind(job.kind).title", "label"},
    "bot/commands/ideas.py": {"find_kind(idea.kind).title"},
    "bot/team/ideas.py": {"find_kind(kind).title", "brief"},
    "bot/interactions/posts/planned.py": {"label"},
    "bot/interactions/review.py": {"kind.title", "label"},
    "bot/team/review/steps.py": {"reason"},
    "bot/team/review/service.py": {"message"},
    "bot/team/workspace/settings.py": {"message"},
    "bot/interactions/posts/planning.py": {"label"},
    "bot/interactions/sharing.py": {"self.empty_hint", "self.unknown_message", "self.unowned_message"},
    "bot/interactions/taste.py": {"label"},
    "bot/interactions/samples.py": {"feature.label", "feature.unit"},
    "bot/interactions/downloads.py": {"label", "outcome"},
    "bot/commands/help.py": {"kind.description", "kind.title"},
    "bot/commands/make.py": {"kind.title", "language_name"},
    "bot/commands/persona.py": {
        "self._voices.remove(interaction, name)",
        "persona.summary",
        "persona.title",
        "text",
    },
    "bot/commands/privacy.py": {"label"},
    "bot/commands/profile/fields.py": {"hint", "title"},
    "bot/commands/profile/page.py": {
        "format_values(known_profile, [name])[name].replace('\\n', ', ')",
        "section.capitalize()",
    },
    "bot/commands/workspace/components.py": {"label"},
    "bot/commands/workspace/menus.py": {"kind.title", "label", "name", "title"},
    "bot/commands/workspace/sections.py": {
        "load_kinds()[channel.kind].title",
        "self.personas.get(persona_id) or self.builtin_personas.get(persona_id, '')",
        "label",
    },
    "bot/commands/stats.py": {"label"},
    "bot/exports/__init__.py": {"why"},
    "bot/generation/findings.py": {
        "_SINGULARS.get(plural, plural)",
        "check.id",
        "check_id",
        "wording[1]",
        "check.of",
        "check.within",
        "name",
        "text",
        "plural",
    },
    "bot/generation/result.py": {"assignment.language"},
    "bot/locales/__init__.py": {"phrase.several", "phrase.text", "string.message"},
    "bot/documents/materials.py": {"Phrase.from_json(json.loads(last.removeprefix(_ERROR_PREFIX)))"},
    "bot/preview/__init__.py": {"topic"},
    "bot/preview/welcome.py": {"line", "typed"},
    "bot/preview/dress.py": {"ours", "paragraph", "title"},
    "bot/replies/gallery.py": {"one.summary", "one.title"},
    "bot/replies/ledger.py": {
        "FIELDS[name][1]",
        "name.replace('_', ' ').capitalize()",
        "str(value)",
    },
    "bot/replies/panel_results.py": {"one"},
    "bot/replies/reasons.py": {
        "REASONS['down'][name][0]",
        "one['value']",
        "persona['name']",
        "why['of_channel']",
    },
    "bot/replies/result_views.py": {
        "find_kind(one.kind).title",
        "kind.title",
        "label",
        "words",
    },
    "bot/replies/small_talk.py": {"find_kind(kind).title", "find_kind(name).title"},
    "bot/replies/views.py": {
        "kind.title",
        "find_kind(name).title",
    },
    "bot/replies/welcome.py": {"question.text", "words"},
    "personas/errors.py": {"text"},
    "personas/faults.py": {"str(context['error'])", "str(name)[:60]"},
    "personas/style.py": {
        "next((name for upper_bound, name in steps if value < upper_bound))",
        # Both steps are read through _find_step.
        "f'{_describe_rate(values[name])} {label}'",
    },
    "bot/generation/reading_phrases.py": {
        "COUNTED[one.of][0]",
        "COUNTED[one.what][0 if single else 1]",
        "COUNTED[one.what][1]",
        "UNITS[one.unit][0 if single else 1]",
    },
    "storage/errors.py": {"next(matches, _UNKNOWN_MESSAGE)"},
}

Names = Mapping[str, list[ast.expr]]


@dataclass(frozen=True)
class Said:
    """An argument that users read: its place, and a sentence that it can be, or an expression that the source does not resolve."""

    where: str
    what: str | ast.expr


@cache
def load_modules() -> dict[str, ast.Module]:
    """Parse the modules that may contain texts for users in Discord."""
    files = [file for folder in ("bot", "personas", "storage") for file in sorted((ROOT / folder).rglob("*.py"))]
    named = {file.relative_to(ROOT).as_posix(): file for file in files}
    return {
        name: ast.parse(file.read_text(encoding="utf-8"))
        for name, file in named.items()
        if not name.startswith(OPERATORS)
    }


@cache
def list_nodes(node: ast.AST) -> tuple[ast.AST, ...]:
    """List all nodes below a node; cached, as each check goes over the same modules."""
    return tuple(ast.walk(node))


def get_called_name(call: ast.Call) -> str:
    return str(getattr(call.func, "id", getattr(call.func, "attr", "")))


@cache
def find_error_names() -> frozenset[str]:
    """Find the names of the errors that users in Discord can see."""
    classes = [
        node for module in load_modules().values() for node in list_nodes(module) if isinstance(node, ast.ClassDef)
    ]
    found = {"QuillmateError"}
    while more := {one.name for one in classes for base in one.bases if ast.unparse(base) in found} - found:
        found |= more
    return frozenset(found - OPERATORS_ERRORS)


def collect_assignments(nodes: Iterable[ast.AST]) -> dict[str, list[ast.expr]]:
    """Map each name to the values that it is assigned, also in loops over written-out values."""
    found: dict[str, list[ast.expr]] = {}
    for node in nodes:
        for target, value in find_assignments(node):
            found.setdefault(getattr(target, "id", ""), []).append(value)
    return found


def find_assignments(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    match node:
        case ast.Assign(targets=targets, value=value):
            yield from ((target, value) for target in targets)
        case ast.AnnAssign(target=target, value=ast.expr() as value):
            yield target, value
        case (
            ast.For(target=target, iter=ast.Tuple(elts=rows))
            | ast.comprehension(target=target, iter=ast.Tuple(elts=rows))
        ):
            for row in rows:
                if isinstance(target, ast.Tuple) and isinstance(row, ast.Tuple):
                    yield from zip(target.elts, row.elts, strict=True)
                elif isinstance(row, ast.Constant):
                    yield target, row


@cache
def load_constants() -> Names:
    """Return the constants at the top level of all modules, for the modules that import them."""
    tops = collect_assignments(node for module in load_modules().values() for node in module.body)
    return {name: values for name, values in tops.items() if name.isupper()}


@cache
def load_functions() -> dict[str, list[tuple[ast.AST, Names]]]:
    """Return all functions by name, with the values that their module assigns to names at the top level."""
    found: dict[str, list[tuple[ast.AST, Names]]] = {}
    for module in load_modules().values():
        top = collect_assignments(module.body)
        for node in list_nodes(module):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                found.setdefault(node.name, []).append((node, top))
    return found


def find_sentences(said: ast.expr, names: Names) -> Iterator[str | ast.expr]:
    """Yield the sentences that an argument can be; the argument itself where the source does not show them."""
    match said:
        case ast.Constant(value=str(text)):
            yield text
        case ast.IfExp(body=one, orelse=other):
            yield from find_sentences(one, names)
            yield from find_sentences(other, names)
        case ast.Name(id=name) if name in names:
            for value in names[name]:
                yield from find_sentences(value, names)
        case ast.Subscript(value=table) | ast.Call(func=ast.Attribute(value=table, attr="get")) if find_tables(
            table, names
        ):
            for one in find_tables(table, names):
                for value in one.values:
                    yield from find_sentences(value, names)
            for default in said.args[1:] if isinstance(said, ast.Call) else ():
                yield from find_sentences(default, names)
        case ast.Await(value=value):
            yield from find_sentences(value, names)
        case ast.Call() if get_called_name(said) in (SAYING | TRANSLATED | find_error_names()):
            return  # It is looked at where it stands.
        case ast.Call() if len(load_functions().get(get_called_name(said), ())) == 1:
            [(function, top)] = load_functions()[get_called_name(said)]
            inner = {**load_constants(), **top, **collect_assignments(list_nodes(function))}
            for node in list_nodes(function):
                if isinstance(node, ast.Return) and node.value is not None:
                    yield from find_sentences(node.value, inner)
        case ast.Tuple(elts=several):
            for one in several:
                yield from find_sentences(one, names)
        case _:
            yield said


def find_tables(table: ast.expr, names: Names) -> list[ast.Dict]:
    """Find the dictionaries that an expression can be."""
    values = names.get(table.id, []) if isinstance(table, ast.Name) else [table]
    return [value for value in values if isinstance(value, ast.Dict)]


@cache
def load_sentences() -> tuple[Said, ...]:
    """Load everything that the source says to users."""
    return tuple(_find_all_sentences())


def _find_all_sentences() -> Iterator[Said]:
    for file, module in load_modules().items():
        top = {**load_constants(), **collect_assignments(module.body)}
        for statement in module.body:
            methods = statement.body if isinstance(statement, ast.ClassDef) else [statement]
            for part in methods:
                names = {**top, **collect_assignments(list_nodes(part))}
                for node in list_nodes(part):
                    if isinstance(node, ast.Call):
                        # What comes of a text is told to whoever asked for it.
                        is_told = get_called_name(node) == "EngineError" and file.startswith("bot/generation/")
                        for argument in node.args[:1] if is_told else get_text_arguments(node):
                            yield from (Said(f"{file}:{node.lineno}", one) for one in find_sentences(argument, names))


def get_text_arguments(call: ast.Call) -> list[ast.expr]:
    """Return the arguments of a call that are texts themselves."""
    if get_called_name(call) in SAYING | find_error_names() and ast.unparse(call.func)[-10:] != ".translate":
        return call.args[: 2 if get_called_name(call) == "Phrase" else 1]
    if get_called_name(call) == "translate_plural":
        return [one.value if isinstance(one, ast.Starred) else one for one in call.args[1:-1]]
    return [one.value for one in call.keywords] if get_called_name(call) == "Lendable" else []


def find_command_texts() -> Iterator[Said]:
    """Yield the texts that Discord shows beside commands, their options and choices."""
    for file, module in load_modules().items():
        for node in list_nodes(module):
            if isinstance(node, ast.ClassDef | ast.Call):
                shown = [one for one in node.keywords if is_shown(node, one.arg or "")]
                for one in shown:
                    if isinstance(one.value, ast.Constant):
                        yield Said(f"{file}:{node.lineno}", str(one.value.value))


def is_shown(of: ast.ClassDef | ast.Call, name: str) -> bool:
    if isinstance(of, ast.ClassDef):
        return name == "group_description"
    match get_called_name(of):
        case "describe":
            return True
        case "command":
            return name == "description"
        case "context_menu" | "Choice":
            return name == "name"
        case "FamilyCommand":
            return name not in ("name", "family")
    return False


def list_data_texts() -> Iterator[str]:
    """Yield the texts for users that are defined in data."""
    yield from (label for _, label, _ in (*BUTTONS.values(), SCHEDULE, PLAY))
    yield from (label for label, _ in (*BULK_BUTTONS.values(), *ACTIONS.values()))
    yield from AT.values()
    yield from (*LABELS, *REFUSALS, *CAMPAIGN_WORDS, *READING_HABITS, *ATTITUDES, *WISHES)
    words = (
        IF_LATE,
        FORMS,
        FORMS_OF_MASTERY,
        WHOSE,
        STATS_FORMS,
        PERIOD_NAMES,
        MEASURE_NAMES,
        QUOTA_PERIODS,
        QUOTA_WAYS,
        QUOTA_WHOSE,
        FIGURE_TITLES,
    )
    yield from (word for table in words for word in table.values())
    yield from (check_id for check_id in _CHECK_SENTENCES if name_failure(check_id).text == check_id)
    yield from (words for one in _REGULAR_NAMES for words in (one, f"{one}s"))
    for kind in load_kinds().values():
        yield from (kind.title, kind.description)
    for one in load_builtin().values():
        yield from (one.title, one.summary)
    yield from ({one.label for one in load_formats().values()} - PROGRAMS)
    yield from (
        *LISTS.values(),
        *(word for label, _, told in AUDIO_OPTIONS.values() for word in (label, told)),
    )
    yield from (*(label for label, _ in PICTURE.values()), *ROLES.values())
    yield from (region.label for region in load_regions())
    yield from (
        brief for _, brief in (*HOLIDAY_IDEAS.values(), *(form for forms in IDEAS.values() for form in forms.values()))
    )
    yield from (*list_page_words(), *(topic for _, topic in CHANNELS), *LOADING, *UNINVITED, *USED, *TYPED, *TEAM)
    yield from (*NAMES.values(), *COLOURS, *_DATABASE_SENTENCES.values(), _UNKNOWN_MESSAGE)
    yield from (words for _, words, _, _ in FIELDS.values())
    yield from (hint for name, (_, _, hint, _) in FIELDS.items() if name not in (*CHOICES, *IN_CODE))
    yield from (words for section in SECTIONS for words in (section, section.capitalize()))
    for name in CHOICES:
        holder = Profile if name in Profile.model_fields else Habits
        yield from filter(None, get_args(holder.model_fields[name].annotation))
    yield from (FIELD_LABELS.get(name, name) for name in (*Profile.model_fields, *Persona.model_fields))
    yield from (name.replace("_", " ").capitalize() for name in Habits.model_fields)
    for question in QUESTIONS:
        yield from (question.text, *(words for words, _ in question.answers))
    yield from (words for reasons in REASONS.values() for words, _ in reasons.values())
    yield from QUICK_INSTRUCTIONS.values()
    yield from (one for names in (FAMILY_NAMES, LIMIT_NAMES, ROLE_NAMES, TITLES) for one in names.values())
    buttons = (*CONTROLS, *REWRITES, *OPINIONS, COPY_BUTTON, KEEP, MORE, PARAMETERS, SUBMIT)
    yield from (words for _, words, _ in buttons)
    yield from (words for feature in FEATURES.values() for words in (feature.label, feature.unit))
    yield from (words for _, words in (*_LENGTHS, *_TONES))
    yield from (word for words in (*COUNTED.values(), *LENGTHS.values()) for word in words)
    yield from (*SHAPES.values(), *list_avoidable_things())
    yield from (*ANSWERS.values(), *PLACEHOLDERS.values())
    yield from (f"{often} {what}" for (_, often), (_, what) in product(_RATES, _MARKS))
    profile = load_modules()["personas/profile.py"]
    wrong = [
        node for node in list_nodes(profile) if isinstance(node, ast.Call) and get_called_name(node) == "ValueError"
    ]
    yield from (ast.literal_eval(one.args[0]) for one in wrong)


def list_check_texts() -> Iterator[str]:
    """Yield the names of checks, and the units of what they measure."""
    yield from (_UNITS.get(unit, unit) for unit in UNITS if unit not in ("weighted characters", "columns"))
    yield from (_PART_NAMES.get(one, one) for one in (limit.field.replace("_", " ") for limit in load_limits()))
    yield from (*_PART_NAMES.values(), *_CHECK_ORIGINS.values())
    yield from (said for one in _CHECK_SENTENCES.values() for said in ([one] if isinstance(one, str) else one))
    for kind in load_kinds().values():
        names = {one.replace("_", " ") for one in find_part_names(kind.shape)} if kind.shape else set()
        yield from (_PART_NAMES.get(one, one) for one in names)
        counted = {find_meaning(count.nouns[0]) or count.nouns[0] for count in kind.counts}
        units = (COUNTED[one][1] if one in COUNTED else f"{one}s" for one in counted)
        yield from (_PART_NAMES.get(one, one) for one in units)
    for module in load_modules().values():
        for node in list_nodes(module):
            if isinstance(node, ast.Call) and get_called_name(node) in ("build_range_check", "build_presence_check"):
                yield from find_units(node)


def find_units(call: ast.Call) -> Iterator[str]:
    """Yield what a check of a number counts, for checks without a sentence of their own."""
    first = ast.literal_eval(call.args[0]) if isinstance(call.args[0], ast.Constant) else ""
    if first not in _CHECK_SENTENCES:
        units = [*call.args[4:5], *(one.value for one in call.keywords if one.arg in ("unit", "of"))]
        yield from (str(one.value) for one in units if isinstance(one, ast.Constant))


def find_part_names(shape: type[BaseModel]) -> Iterator[str]:
    """Yield the names of the parts for which a brief may state a size or a number."""
    for name, info in shape.model_fields.items():
        yield from find_inner_part_names(name, info.annotation, info.metadata)


def find_inner_part_names(name: str, annotation: Any, metadata: Sequence[Any]) -> Iterator[str]:
    if annotation is not int and any(mark.nouns for mark in metadata if isinstance(mark, Count | Size)):
        yield name
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield from find_part_names(annotation)
    elif get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        yield from find_inner_part_names(name, inner, marks)
    else:
        for inner in get_args(annotation):
            yield from find_inner_part_names(name, inner, ())


def has_words(text: str) -> bool:
    """Whether a text is more than places for values."""
    literal = "".join(part for part, *_ in string.Formatter().parse(text))
    return bool(re.search(r"[^\W\d_]{2}", literal))


@pytest.mark.nightly
def test_untranslated_texts_are_listed() -> None:
    """A text begins in English and other languages follow: what they lack is in the summary of a run, and fails nothing."""
    found = {one.what: one.where for one in (*load_sentences(), *find_command_texts()) if isinstance(one.what, str)}
    words = {text for text in (*list_data_texts(), *list_check_texts()) if has_words(text)}
    assert len(found) > 300
    assert len(words) > 400
    wanted = ({text for text in found if has_words(text)} - UNSEEN) | words
    missing = {language: sorted(wanted - set(load_catalogue(language))) for language in LANGUAGES}
    if any(missing.values()):
        pytest.xfail("; ".join(f"{language} lacks {texts}" for language, texts in missing.items() if texts))


def test_every_text_is_literal_in_the_source_or_known_data() -> None:
    found: dict[str, set[str]] = {}
    for one in load_sentences():
        if not isinstance(one.what, str):
            found.setdefault(one.where.partition(":")[0], set()).add(ast.unparse(one.what))
    assert found == DATA


def find_texts(found: Any) -> Iterator[str]:
    """Yield all texts in the content of a settings file, including its keys."""
    if isinstance(found, dict):
        yield from found
    for one in (found.values() if isinstance(found, dict) else found) if isinstance(found, dict | list) else ():
        yield from ([one] if isinstance(one, str) else find_texts(one))


def test_no_unused_text_is_translated() -> None:
    said = {one.what for one in (*load_sentences(), *find_command_texts()) if isinstance(one.what, str)}
    written = {
        node.value
        for module in load_modules().values()
        for node in list_nodes(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    tables = (file for folder in ("bot", "personas") for file in (ROOT / folder).rglob("*.toml"))
    kept = {text for file in tables for text in find_texts(tomllib.loads(file.read_text(encoding="utf-8")))}
    assert set(load_catalogue("de")) - said - written - kept - {*list_data_texts(), *list_check_texts()} == set()


def find_untranslated_words(node: ast.AST) -> Iterator[str]:
    """Yield the words in an expression that do not come from a translation."""
    match node:
        case ast.Call() if get_called_name(node) in TRANSLATED:
            return
        case ast.Subscript(value=value):
            yield from find_untranslated_words(value)
        case ast.Constant(value=str(text)) if re.search(r"[^\W\d_]{2}", text):
            yield text
        case _:
            for inner in ast.iter_child_nodes(node):
                yield from find_untranslated_words(inner)


def test_no_untranslated_text_is_shown() -> None:
    shown = [
        (f"{file}:{node.lineno}", text)
        for file, module in load_modules().items()
        for node in list_nodes(module)
        if isinstance(node, ast.Call) and get_called_name(node) in SHOWING
        for argument in node.args
        for text in find_untranslated_words(argument)
    ]
    assert shown == []


def test_f_strings_of_pages_contain_no_words() -> None:
    """An f-string in code that makes pages has no words of its own; four files draw pictures, and one line is for the model."""
    lines = [
        (file, "".join(str(one.value) for one in node.values if isinstance(one, ast.Constant)))
        for file, module in load_modules().items()
        if file.startswith(
            ("bot/commands/", "bot/replies/", "bot/requests/answers.py", "bot/requests/result_answers.py")
        )
        and file
        not in (
            "bot/replies/gallery.py",
            "bot/replies/palette.py",
            "bot/replies/brand_sheet.py",
            "bot/replies/palette_page.py",
        )
        for node in list_nodes(module)
        if isinstance(node, ast.JoinedStr)
    ]
    worded = [(file, text) for file, text in lines if re.search(r"[^\W\d_]{2} | [^\W\d_]{2}", text)]
    assert worded == [("bot/commands/menus.py", "Make this ")]

"""`scenario`, `interview` and `readers`: simulations in the terminal. Nothing is stored."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from bot.configured_engines import build_engines
from bot.content import MemorySnapshot, Request
from bot.documents.encodings import decode_text
from bot.engines import Engines
from bot.errors import FileError, QuillmateError, RefusedError, SettingsError
from bot.exports.txt import to_plain_text
from bot.locales import LANGUAGES
from bot.moderation.seam import build_moderation
from bot.replies.interviews import card_text, exchange_text, interview_md, simulated_line, summary_text
from bot.replies.panel_results import panel_picture, panel_text
from bot.replies.plays import case_text, debrief_text, lines_text, transcript_md
from bot.runtime.files import read_file, write_file
from bot.settings import Settings
from bot.simulation.case import Case, build_case, find_builtin_case, load_builtin_cases
from bot.simulation.interview import Interview, add_question, build_persona_card, parse_card
from bot.simulation.panel import MAX_VARIANTS, MIN_READERS, compute_max_readers, draw_readers
from bot.simulation.play import Play, add_player_line, count_turns_left, give_hint, is_over, start, take_role
from bot.team.stage.writer import StageWriter
from personas.persona import load_builtin
from personas.profile import clean

from .generate import open_pipeline, validate_brief

_PLAYER = "you"
_CARD_TOO_SHORT = (
    "Tell me more about this person: a name, and what they do, want or worry about. For example: "
    "Marta, 41, runs a café and counts every euro."
)
_INSTRUCTIONS = "Type what you say. ? for a hint, q to end. {clock}"
_NOT_A_CASE = "I could not make a playable case from that. Put it in other words, or name one of {known}."


@dataclass(frozen=True, slots=True)
class StageTerminal:
    """The terminal of a play: functions for reading and writing lines; `ask` returns None at the end of input."""

    ask: Callable[[str], str | None]
    say: Callable[[str], None]
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)


async def play_scenario(
    settings: Settings,
    brief: str,
    terminal: StageTerminal,
    *,
    language: str,
    role: str,
    minutes: int,
    seed: int,
    out: Path | None,
) -> int:
    """Play a built-in case by its name, or one generated from a brief.

    Raises:
        QuillmateError: no case can be generated, the brief is refused, or the file cannot be written.
    """
    if language not in ("en", *LANGUAGES):
        raise SettingsError(f"--language is {language}; it should be en, de, es, fr or pt.")
    async with Engines(build_engines(settings)) as engines:
        writing = StageWriter(engines, build_moderation(settings, engines, None), terminal.clock)
        case = find_builtin_case(brief, language) or await _generate_case(settings, brief, language, seed, terminal)
        play = _assign_role(Play(case.with_minutes(minutes), {}), role)
        await writing.check_case(play.case)
        play = await _run_play(start(play, terminal.clock()), writing, terminal, seed)
        if play.player_lines:
            terminal.say("…")
        play = await writing.write_debrief(play, seed)
    terminal.say(to_plain_text(debrief_text(play, language)))
    if out is not None:
        write_file(out, transcript_md(play, language).encode())
    return 0


async def run_interview(
    settings: Settings, who: str, terminal: StageTerminal, *, language: str, seed: int, out: Path | None
) -> int:
    """Let a fictional person answer typed questions from their card.

    Raises:
        QuillmateError: the card is too short or refused, or the file cannot be written.
    """
    builtin_persona = next(
        (one for one in load_builtin().values() if who.casefold() in (one.name, one.title.casefold())), None
    )
    card = build_persona_card(builtin_persona, language) if builtin_persona else parse_card(clean(who), language)
    if card is None:
        raise RefusedError(_CARD_TOO_SHORT)
    talk = Interview(card)
    async with Engines(build_engines(settings)) as engines:
        writing = StageWriter(engines, build_moderation(settings, engines, None), terminal.clock)
        await writing.check_text("\n".join([card.name, *card.statements]), language)
        terminal.say(to_plain_text(f"{card_text(card, language)}\n{simulated_line(card, language)}"))
        while talk.state == "open" and (line := terminal.ask("> ")) is not None and line.strip() != "q":
            if not line.strip():
                continue
            try:
                await writing.check_text(line, language)
                talk = await writing.write_answer(add_question(talk, _PLAYER, line.strip()), seed + len(talk.exchanges))
            except QuillmateError as error:
                terminal.say(str(error))
                continue
            terminal.say(
                to_plain_text(exchange_text(talk.exchanges[-1], card, language, asked=False)).replace("-# ", "  ")
            )
    terminal.say(to_plain_text(summary_text(talk, language)).replace("-# ", ""))
    if out is not None:
        write_file(out, interview_md(talk, language).encode())
    return 0


async def run_panel(
    settings: Settings,
    files: Sequence[Path],
    terminal: StageTerminal,
    *,
    audience: str,
    purpose: str,
    count: int,
    language: str,
    seed: int,
    out: Path | None,
) -> int:
    """Let simulated readers choose among the texts of files; print the tally, and write it as .png or .md if
    requested.

    Raises:
        QuillmateError: a file cannot be read or written, a text is refused, or no model answers.
    """
    if not 2 <= len(files) <= MAX_VARIANTS:
        raise SettingsError(f"Name 2 to {MAX_VARIANTS} files, one per variant.")
    if not MIN_READERS <= count <= compute_max_readers(len(files)):
        raise SettingsError(
            f"--readers is {count}; it should be from {MIN_READERS} to {compute_max_readers(len(files))}."
        )
    if out is not None and out.suffix.casefold() not in (".png", ".md"):
        raise SettingsError(f"--out is {out.name}; it should end in .png or .md.")
    texts, readers = [_read_variant(file) for file in files], draw_readers(audience, count, seed)
    async with Engines(build_engines(settings)) as engines:
        writing = StageWriter(engines, build_moderation(settings, engines, None), terminal.clock)
        for text in (audience, purpose, *texts):
            await writing.check_text(text, language)
        tally = await writing.run_panel(texts, readers, brief=purpose, language=language, seed=seed)
    words = panel_text(tally, texts, readers, language)
    terminal.say(to_plain_text(words).replace("-# ", ""))
    if out is not None:
        body = (
            words.replace("-# ", "").encode()
            if out.suffix.casefold() == ".md"
            else panel_picture(tally, texts, language)[0]
        )
        write_file(out, body)
    return 0


def _read_variant(file: Path) -> str:
    text = decode_text(read_file(file)).text.strip()
    if not text:
        raise FileError(f"{file} is empty.")
    return validate_brief(text)


async def _generate_case(settings: Settings, brief: str, language: str, seed: int, terminal: StageTerminal) -> Case:
    terminal.say("Making a case; a local model takes a minute or two.")
    request = Request(
        "cli", "cli", validate_brief(brief), kind="scenario", seed=seed, language=language if language != "en" else ""
    )
    async with open_pipeline(settings) as pipeline:
        results = await pipeline.run(await pipeline.build_assignment(request, MemorySnapshot()))
    case = build_case(results[0].content.parts, language) if results else None
    if case is None:
        raise RefusedError(_NOT_A_CASE, known=[*load_builtin_cases()])
    return case


def _assign_role(play: Play, role: str) -> Play:
    """Assign a role to the player: the named one, else the one for a single player."""
    names = {one.name.casefold(): one.name for one in play.case.roles}
    if role and role.casefold() not in names:
        raise SettingsError(f"--role is {role}; it should be one of {', '.join(names.values())}.")
    return take_role(play, _PLAYER, names[role.casefold()] if role else play.case.solo_role.name)


async def _run_play(play: Play, writing: StageWriter, terminal: StageTerminal, seed: int) -> Play:
    terminal.say(f"{to_plain_text(case_text(play, play.case.language))}\n\nYou are {play.find_role(_PLAYER)}.")
    clock = f"{play.case.minutes} minutes." if play.case.minutes else f"{play.case.turns} turns."
    terminal.say(_INSTRUCTIONS.format(clock=clock))
    shown_lines = 0
    while play.state == "open":
        terminal.say(to_plain_text(lines_text([line for line in play.lines[shown_lines:] if not line.player_id])))
        shown_lines = len(play.lines)
        line = terminal.ask(f"[{_format_remaining(play, terminal)}] > ")
        if line is None or line.strip() == "q" or is_over(play, terminal.clock()):
            return replace(play, state="ending")
        if line.strip() == "?":
            play, words = give_hint(play)
            terminal.say(f"Hint: {words}" if words else "There are no more hints.")
        elif line.strip():
            play = await _write_turn(play, line.strip(), writing, terminal, seed)
    terminal.say(to_plain_text(lines_text([line for line in play.lines[shown_lines:] if not line.player_id])))
    return play


async def _write_turn(play: Play, line: str, writing: StageWriter, terminal: StageTerminal, seed: int) -> Play:
    """Return the play after the answer; unchanged if it is refused or no model answers, with a message."""
    try:
        await writing.check_text(line, play.case.language)
        return await writing.write_turn(add_player_line(play, _PLAYER, line), seed + 10 * play.turn_count)
    except QuillmateError as error:
        terminal.say(str(error))
        return play


def _format_remaining(play: Play, terminal: StageTerminal) -> str:
    if play.case.minutes and play.started_at is not None:
        passed = (terminal.clock() - play.started_at).total_seconds() / 60
        return f"{max(0.0, play.case.minutes - passed):.0f} min left"
    return f"{count_turns_left(play)} turns left"

"""The state of a play: its players, lines, scene, clock and judgements. Pure functions, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from . import signs
from .case import Case, Exit, Objective, Role, Scene

State = Literal["lobby", "open", "waiting", "paused", "ending", "ended"]
Verdict = Literal["met", "partly", "missed"]
# The role of narration at the beginning of a scene.
NARRATOR = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a role or the narrator; `player_id` is the user id of the player, empty for the bot."""

    role: str
    text: str
    player_id: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of an objective: the verdict, where its evidence is, and the advice (`next`).

    `line` counts from 1 and is 0 without evidence; `sentence` counts from 0 and is -1 for the entire line. The field names
    are keys of stored plays.
    """

    objective: str
    verdict: Verdict
    line: int = 0
    sentence: int = -1
    next: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """A play of a case. `players` are user ids by role.

    `turn_count` counts the turns of players, `scene_turn_count` those in the current scene, `hint_count` the hints given in it,
    and `shown_count` the lines that are posted. `started_at` is the start of the clock, moved by pauses; `paused_at` is the
    start of the current pause. With `by_words`, objectives were judged by signs, not by a model.
    """

    case: Case
    players: Mapping[str, str]
    lines: tuple[Line, ...] = ()
    state: State = "lobby"
    scene: str = ""
    turn_count: int = 0
    scene_turn_count: int = 0
    hint_count: int = 0
    shown_count: int = 0
    started_at: datetime | None = None
    paused_at: datetime | None = None
    judgements: tuple[Judgement, ...] = ()
    by_words: bool = False

    @property
    def current_scene(self) -> Scene:
        """The current scene."""
        return self.case.find_scene(self.scene)

    @property
    def bot_roles(self) -> list[Role]:
        """The roles that nobody has taken, played by the bot."""
        return [role for role in self.case.roles if role.name not in self.players]

    def find_role(self, user_id: str) -> str | None:
        """Return the role of a user; None if they have none."""
        return next((role for role, player in self.players.items() if player == user_id), None)

    @property
    def player_lines(self) -> list[Line]:
        """The lines of players."""
        return [line for line in self.lines if line.player_id]

    def to_json(self) -> dict[str, Any]:
        """Return plain data without the players and the words of their lines."""
        return {
            "case": self.case.to_json(),
            "lines": [
                {"role": line.role, "text": "" if line.player_id else line.text, "theirs": bool(line.player_id)}
                for line in self.lines
            ],
            "judged": [asdict(judgement) for judgement in self.judgements],
            "since": self.started_at.isoformat() if self.started_at else None,
            "paused": self.paused_at.isoformat() if self.paused_at else None,
            "state": self.state,
            "scene": self.scene,
            "turns": self.turn_count,
            "in_scene": self.scene_turn_count,
            "hints": self.hint_count,
            "shown": self.shown_count,
            "by_words": self.by_words,
        }

    def texts_to_json(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the roles (number 0) and lines of players by user id and number."""
        roles = {(player, 0): {"role": role} for role, player in self.players.items()}
        lines = {
            (line.player_id, number): {"text": line.text} for number, line in enumerate(self.lines, 1) if line.player_id
        }
        return {**roles, **lines}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], texts: Mapping[tuple[str, int], Mapping[str, Any]]) -> Self:
        """Parse the data of `to_json` and `texts_to_json`; the lines of a forgotten player read "…"."""
        players = {str(text["role"]): player for (player, number), text in texts.items() if not number}
        by_number = {number: (player, str(text["text"])) for (player, number), text in texts.items() if number}
        lines = []
        for number, line in enumerate(value["lines"], 1):
            player, text = by_number.get(number, ("", "…")) if line["theirs"] else ("", str(line["text"]))
            lines.append(Line(line["role"], text, player))
        return cls(
            Case.from_json(value["case"]),
            players,
            tuple(lines),
            value["state"],
            value["scene"],
            value["turns"],
            value["in_scene"],
            value["hints"],
            value["shown"],
            datetime.fromisoformat(value["since"]) if value["since"] else None,
            datetime.fromisoformat(value["paused"]) if value["paused"] else None,
            tuple(Judgement(**judgement) for judgement in value["judged"]),
            value["by_words"],
        )


def take_role(play: Play, user_id: str, role: str) -> Play:
    """Return the play with a role taken, or given back if the user has it; their earlier role becomes free."""
    other_players = {name: player for name, player in play.players.items() if player != user_id}
    if play.players.get(role) == user_id:
        return replace(play, players=other_players)
    return replace(play, players={**other_players, role: user_id})


def start(play: Play, now: datetime) -> Play:
    """Return the started play, with its first scene and line."""
    first = play.case.scenes[0]
    lines = [Line(NARRATOR, first.told)] if first.told else []
    speaker = _find_opener(play)
    if play.case.opening and speaker is not None:
        lines.append(Line(speaker.name, play.case.opening))
    return replace(play, state="open", scene=first.name, started_at=now, lines=tuple(lines))


def _find_opener(play: Play) -> Role | None:
    """Return the bot's role that speaks first, if possible not the solo player's."""
    return next((role for role in play.bot_roles if not role.yours), next(iter(play.bot_roles), None))


def add_player_line(play: Play, user_id: str, text: str, *, visible: bool = False) -> Play:
    """Return the play with a player's line; a `visible` line counts as shown already."""
    role = play.find_role(user_id) or NARRATOR
    line = Line(role, text, user_id)
    is_next_shown = visible and play.shown_count == len(play.lines)
    return replace(
        play,
        state="waiting",
        lines=(*play.lines, line),
        turn_count=play.turn_count + 1,
        scene_turn_count=play.scene_turn_count + 1,
        shown_count=play.shown_count + is_next_shown,
    )


def find_exit(play: Play) -> Exit | None:
    """Return the exit that the current scene has reached, by its signs or else its number of turns; None if there is none."""
    text = _join_scene_lines(play)
    for scene_exit in play.current_scene.exits:
        if scene_exit.signs and all(signs.match_groups(text, scene_exit.signs)):
            return scene_exit
    return next(
        (
            scene_exit
            for scene_exit in play.current_scene.exits
            if scene_exit.after and play.scene_turn_count >= scene_exit.after
        ),
        None,
    )


def _join_scene_lines(play: Play) -> str:
    count = min(play.scene_turn_count, len(play.player_lines))
    return "\n".join(line.text for line in play.player_lines[len(play.player_lines) - count :]) if count else ""


def move_to_scene(play: Play, name: str) -> Play:
    """Return the play in another scene; unchanged if there is no scene of that name."""
    scene = next((scene for scene in play.case.scenes if scene.name == name), None)
    if scene is None or scene.name == play.scene:
        return play
    lines = (*play.lines, Line(NARRATOR, scene.told)) if scene.told else play.lines
    return replace(play, scene=scene.name, scene_turn_count=0, hint_count=0, lines=lines)


def add_answer(play: Play, role: str, text: str, now: datetime) -> Play:
    """Return the play with the bot's answer; it ends after its last turn or minute, or in a scene that ends it."""
    lines = (*play.lines, Line(role, text)) if text else play.lines
    answered = replace(play, lines=lines, state="open")
    return replace(answered, state="ending") if is_over(answered, now) or answered.current_scene.ends else answered


def is_over(play: Play, now: datetime) -> bool:
    """Return whether the turns or minutes are used up."""
    deadline = compute_deadline(play)
    return now >= deadline if deadline is not None else not play.case.minutes and play.turn_count >= play.case.turns


def compute_deadline(play: Play) -> datetime | None:
    """Return the time at which the minutes are over; None without minutes, or while the clock is paused."""
    if not play.case.minutes or play.started_at is None or play.paused_at is not None:
        return None
    return play.started_at + timedelta(minutes=play.case.minutes)


def count_turns_left(play: Play) -> int:
    """Return the number of turns left."""
    return max(0, play.case.turns - play.turn_count)


def pause(play: Play, now: datetime) -> Play:
    """Return the paused play."""
    return replace(play, state="paused", paused_at=now)


def resume(play: Play, now: datetime) -> Play:
    """Return the resumed play; the time of the pause does not count."""
    since = play.started_at + (now - play.paused_at) if play.started_at and play.paused_at else play.started_at
    return replace(play, state="open", started_at=since, paused_at=None)


def give_hint(play: Play) -> tuple[Play, str]:
    """Return the play and its next hint, from the scene, then from open objectives; "" if none is left."""
    hints = [*play.current_scene.hints, *(objective.next for objective in list_open_objectives(play) if objective.next)]
    hints += [objective.text for objective in list_open_objectives(play) if not objective.next]
    if play.hint_count >= len(hints):
        return play, ""
    return replace(play, hint_count=play.hint_count + 1), hints[play.hint_count]


def list_open_objectives(play: Play) -> list[Objective]:
    """Return the visible objectives that the players' lines do not meet yet by their signs."""
    text = "\n".join(line.text for line in play.player_lines)
    return [
        objective
        for objective in play.case.objectives
        if not objective.hidden and not (objective.signs and all(signs.match_groups(text, objective.signs)))
    ]


def find_evidence(objective: Objective, play: Play) -> tuple[int, int]:
    """Return the line and sentence of a player with the most signs of an objective; (0, -1) if there is none."""
    best, best_count = (0, -1), 0
    for number, line in enumerate(play.lines, 1):
        for index, sentence in enumerate(signs.split_sentences(line.text) if line.player_id else ()):
            count = sum(signs.match_groups(sentence, objective.signs))
            if count > best_count:
                best, best_count = (number, index), count
    return best


def find_quote(judgement: Judgement, play: Play) -> str:
    """Return the player's own words that a judgement refers to."""
    if not judgement.line:
        return ""
    text = play.lines[judgement.line - 1].text
    sentences = signs.split_sentences(text)
    return sentences[judgement.sentence] if 0 <= judgement.sentence < len(sentences) else text


def judge_by_signs(play: Play) -> list[Judgement | None]:
    """Judge each objective by its signs; None for an objective without signs."""
    text = "\n".join(line.text for line in play.player_lines)
    judgements: list[Judgement | None] = []
    for objective in play.case.objectives:
        if not objective.signs:
            judgements.append(None)
            continue
        count = sum(signs.match_groups(text, objective.signs))
        verdict: Verdict = "met" if count == len(objective.signs) else "partly" if count else "missed"
        line, sentence = find_evidence(objective, play)
        judgements.append(
            Judgement(objective.text, verdict, line, sentence, "" if verdict == "met" else objective.next)
        )
    return judgements


def verify_quote(judgement: Judgement, quote: str, play: Play) -> Judgement:
    """Return the judgement with the place of the quote as its evidence; it is "missed" if no player's line contains the quote."""
    if judgement.verdict == "missed":
        return replace(judgement, line=0, sentence=-1)
    for number, line in enumerate(play.lines, 1):
        if line.player_id and signs.contains_quote(quote, line.text):
            sentences = enumerate(signs.split_sentences(line.text))
            sentence_index = next((index for index, sentence in sentences if signs.contains_quote(quote, sentence)), -1)
            return replace(judgement, line=number, sentence=sentence_index)
    return replace(judgement, verdict="missed", line=0, sentence=-1)

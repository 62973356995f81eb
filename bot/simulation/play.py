"""The state of a play: its players, lines, scene, clock and judgements. Pure."""

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
    """A line of a role or the narrator; `by` is the id of the player, empty for the bot."""

    role: str
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The judgement of an objective: the place of its evidence, and the advice `next`.

    `line` counts from 1, 0 for none; `sentence` from 0, -1 for the entire line.
    """

    objective: str
    verdict: Verdict
    line: int = 0
    sentence: int = -1
    next: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """A play of a case. `turns` counts those of players, `in_scene` those in the current scene.

    `since` is the start of the clock, moved by pauses; `paused` is the start of the current pause. `shown` lines are posted.
    """

    case: Case
    players: Mapping[str, str]
    lines: tuple[Line, ...] = ()
    state: State = "lobby"
    scene: str = ""
    turns: int = 0
    in_scene: int = 0
    hints: int = 0
    shown: int = 0
    since: datetime | None = None
    paused: datetime | None = None
    judged: tuple[Judgement, ...] = ()
    by_words: bool = False

    @property
    def current_scene(self) -> Scene:
        """The current scene."""
        return self.case.scene(self.scene)

    @property
    def bot_roles(self) -> list[Role]:
        """The roles that nobody has taken, played by the bot."""
        return [role for role in self.case.roles if role.name not in self.players]

    def role_of(self, user_id: str) -> str | None:
        """Return the role of a user, None if they have none."""
        return next((role for role, player in self.players.items() if player == user_id), None)

    @property
    def player_lines(self) -> list[Line]:
        """The lines of players."""
        return [line for line in self.lines if line.by]

    def to_json(self) -> dict[str, Any]:
        """Return plain data without the players and the words of their lines."""
        lines = [
            {"role": line.role, "text": "" if line.by else line.text, "theirs": bool(line.by)} for line in self.lines
        ]
        moments = {name: at.isoformat() if (at := getattr(self, name)) else None for name in ("since", "paused")}
        plain = ("state", "scene", "turns", "in_scene", "hints", "shown", "by_words")
        judged = [asdict(judgement) for judgement in self.judged]
        more = {name: getattr(self, name) for name in plain}
        return {"case": self.case.to_json(), "lines": lines, "judged": judged, **moments, **more}

    def texts_to_json(self) -> dict[tuple[str, int], dict[str, Any]]:
        """Return the roles (number 0) and lines of players by user id and number."""
        taken = {(player, 0): {"role": role} for role, player in self.players.items()}
        spoken = {(line.by, at): {"text": line.text} for at, line in enumerate(self.lines, 1) if line.by}
        return {**taken, **spoken}

    @classmethod
    def from_json(cls, value: Mapping[str, Any], texts: Mapping[tuple[str, int], Mapping[str, Any]]) -> Self:
        """Parse the data of `to_json` and `texts_to_json`; the lines of a forgotten player read "…"."""
        players = {str(text["role"]): player for (player, number), text in texts.items() if not number}
        by_number = {number: (player, str(text["text"])) for (player, number), text in texts.items() if number}
        lines = []
        for at, line in enumerate(value["lines"], 1):
            player, text = by_number.get(at, ("", "…")) if line["theirs"] else ("", str(line["text"]))
            lines.append(Line(line["role"], text, player))
        moments: dict[str, Any] = {
            name: datetime.fromisoformat(at) if (at := value[name]) else None for name in ("since", "paused")
        }
        plain = {name: value[name] for name in ("state", "scene", "turns", "in_scene", "hints", "shown", "by_words")}
        judged = tuple(Judgement(**judgement) for judgement in value["judged"])
        return cls(Case.from_json(value["case"]), players, tuple(lines), judged=judged, **moments, **plain)


def take_role(play: Play, user_id: str, role: str) -> Play:
    """Return the play with a role taken, or given back if the user has it; their earlier role becomes free."""
    others = {name: player for name, player in play.players.items() if player != user_id}
    if play.players.get(role) == user_id:
        return replace(play, players=others)
    return replace(play, players={**others, role: user_id})


def start(play: Play, now: datetime) -> Play:
    """Return the started play, with its first scene and line."""
    first = play.case.scenes[0]
    lines = [Line(NARRATOR, first.told)] if first.told else []
    speaker = _find_opener(play)
    if play.case.opening and speaker is not None:
        lines.append(Line(speaker.name, play.case.opening))
    return replace(play, state="open", scene=first.name, since=now, lines=tuple(lines))


def _find_opener(play: Play) -> Role | None:
    """Return the bot's role that speaks first, if possible not the solo player's."""
    return next((role for role in play.bot_roles if not role.yours), next(iter(play.bot_roles), None))


def say(play: Play, user_id: str, text: str, *, visible: bool = False) -> Play:
    """Return the play with a player's line; one that is `visible` already counts as shown."""
    role = play.role_of(user_id) or NARRATOR
    line = Line(role, text, user_id)
    shown = play.shown + 1 if visible and play.shown == len(play.lines) else play.shown
    said: dict[str, Any] = {"lines": (*play.lines, line), "turns": play.turns + 1, "in_scene": play.in_scene + 1}
    return replace(play, state="waiting", shown=shown, **said)


def find_exit(play: Play) -> Exit | None:
    """Return the exit that was reached in the current scene, by its signs or its turns; None if none was."""
    here = _join_scene_lines(play)
    for exit_ in play.current_scene.exits:
        if exit_.signs and all(signs.match_groups(here, exit_.signs)):
            return exit_
    return next((exit_ for exit_ in play.current_scene.exits if exit_.after and play.in_scene >= exit_.after), None)


def _join_scene_lines(play: Play) -> str:
    count = min(play.in_scene, len(play.player_lines))
    return "\n".join(line.text for line in play.player_lines[len(play.player_lines) - count :]) if count else ""


def move_to_scene(play: Play, to: str) -> Play:
    """Return the play in another scene; unchanged if there is none of that name."""
    scene = next((scene for scene in play.case.scenes if scene.name == to), None)
    if scene is None or scene.name == play.scene:
        return play
    lines = (*play.lines, Line(NARRATOR, scene.told)) if scene.told else play.lines
    return replace(play, scene=scene.name, in_scene=0, hints=0, lines=lines)


def add_answer(play: Play, role: str, text: str, now: datetime) -> Play:
    """Return the play with the bot's answer; it ends if its time or its last scene is over."""
    lines = (*play.lines, Line(role, text)) if text else play.lines
    after = replace(play, lines=lines, state="open")
    return replace(after, state="ending") if is_over(after, now) or after.current_scene.ends else after


def is_over(play: Play, now: datetime) -> bool:
    """Return whether the turns or minutes are used up."""
    due = due_at(play)
    return now >= due if due is not None else not play.case.minutes and play.turns >= play.case.turns


def due_at(play: Play) -> datetime | None:
    """Return when the minutes are over; None without minutes, or while the clock is paused."""
    if not play.case.minutes or play.since is None or play.paused is not None:
        return None
    return play.since + timedelta(minutes=play.case.minutes)


def count_turns_left(play: Play) -> int:
    """Return the number of turns left."""
    return max(0, play.case.turns - play.turns)


def pause(play: Play, now: datetime) -> Play:
    """Return the paused play."""
    return replace(play, state="paused", paused=now)


def resume(play: Play, now: datetime) -> Play:
    """Return the resumed play; the time of the pause does not count."""
    since = play.since + (now - play.paused) if play.since and play.paused else play.since
    return replace(play, state="open", since=since, paused=None)


def give_hint(play: Play) -> tuple[Play, str]:
    """Return the play and its next hint, from the scene, then from open objectives; empty if there is none left."""
    known = [*play.current_scene.hints, *(objective.next for objective in list_open_objectives(play) if objective.next)]
    known += [objective.text for objective in list_open_objectives(play) if not objective.next]
    if play.hints >= len(known):
        return play, ""
    return replace(play, hints=play.hints + 1), known[play.hints]


def list_open_objectives(play: Play) -> list[Objective]:
    """Return the objectives, except hidden ones, that the players' lines do not show yet."""
    text = "\n".join(line.text for line in play.player_lines)
    return [
        objective
        for objective in play.case.objectives
        if not objective.hidden and not (objective.signs and all(signs.match_groups(text, objective.signs)))
    ]


def find_evidence(objective: Objective, play: Play) -> tuple[int, int]:
    """Return the line and sentence of a player with the most signs of an objective; (0, -1) if there is none."""
    best, most = (0, -1), 0
    for number, line in enumerate(play.lines, 1):
        for at, sentence in enumerate(signs.split_sentences(line.text) if line.by else ()):
            count = sum(signs.match_groups(sentence, objective.signs))
            if count > most:
                best, most = (number, at), count
    return best


def find_quote(judged: Judgement, play: Play) -> str:
    """Return the player's own words that a judgement refers to."""
    if not judged.line:
        return ""
    text = play.lines[judged.line - 1].text
    found = signs.split_sentences(text)
    return found[judged.sentence] if 0 <= judged.sentence < len(found) else text


def judge_by_signs(play: Play) -> list[Judgement | None]:
    """Judge each objective by its signs; None for an objective without signs."""
    text = "\n".join(line.text for line in play.player_lines)
    judged: list[Judgement | None] = []
    for objective in play.case.objectives:
        if not objective.signs:
            judged.append(None)
            continue
        count = sum(signs.match_groups(text, objective.signs))
        verdict: Verdict = "met" if count == len(objective.signs) else "partly" if count else "missed"
        line, sentence = find_evidence(objective, play)
        judged.append(Judgement(objective.text, verdict, line, sentence, "" if verdict == "met" else objective.next))
    return judged


def verify_quote(judged: Judgement, quote: str, play: Play) -> Judgement:
    """Return the judgement with the place of its quote; it is "missed" if no player said these words."""
    if judged.verdict == "missed":
        return replace(judged, line=0, sentence=-1)
    for number, line in enumerate(play.lines, 1):
        if line.by and signs.contains_words(quote, line.text):
            whole = enumerate(signs.split_sentences(line.text))
            place = next((at for at, sentence in whole if signs.contains_words(quote, sentence)), -1)
            return replace(judged, line=number, sentence=place)
    return replace(judged, verdict="missed", line=0, sentence=-1)

"""A case as it is played: who plays what, what was said, in which scene it is, and how much of its time is left. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from . import signs
from .case import Case, Exit, Objective, Role, Scene

State = Literal["lobby", "open", "waiting", "paused", "ending", "ended"]
Verdict = Literal["met", "partly", "missed"]
# Who says what is so when a scene begins.
NARRATOR = ""


@dataclass(frozen=True, slots=True)
class Line:
    """What a role says, or is told where the role is the narrator; `by` is the person who plays it, empty for the bot."""

    role: str
    text: str
    by: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """How far an objective was reached: the place of the words that show it, and what to try `next`.

    `line` is counted from 1, 0 for none; `sentence` from 0, -1 for all of the line.
    """

    objective: str
    verdict: Verdict
    line: int = 0
    sentence: int = -1
    next: str = ""


@dataclass(frozen=True, slots=True)
class Play:
    """A case as it stands. `turns` are those of people, `in_scene` those in the scene that it is in.

    `since` is when the clock began, without the time that it stood still; it stands still since `paused`. `shown` lines are posted.
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
    judged: tuple[Judged, ...] = ()
    by_words: bool = False

    @property
    def now_in(self) -> Scene:
        """The scene that it is in."""
        return self.case.scene(self.scene)

    @property
    def acted(self) -> list[Role]:
        """The roles that nobody has taken, which the bot plays."""
        return [role for role in self.case.roles if role.name not in self.players]

    def role_of(self, user_id: str) -> str | None:
        """The role that somebody plays."""
        return next((role for role, player in self.players.items() if player == user_id), None)

    @property
    def said(self) -> list[Line]:
        """What people have said."""
        return [line for line in self.lines if line.by]

    def to_json(self) -> dict[str, Any]:
        """The play as JSON takes it, without what people said and who they are: of a line of theirs only its place is kept."""
        lines = [
            {"role": line.role, "text": "" if line.by else line.text, "theirs": bool(line.by)} for line in self.lines
        ]
        moments = {name: at.isoformat() if (at := getattr(self, name)) else None for name in ("since", "paused")}
        plain = ("state", "scene", "turns", "in_scene", "hints", "shown", "by_words")
        judged = [asdict(one) for one in self.judged]
        more = {name: getattr(self, name) for name in plain}
        return {"case": self.case.to_json(), "lines": lines, "judged": judged, **moments, **more}

    def words(self) -> dict[tuple[str, int], dict[str, Any]]:
        """What people said and did, by who and number: 0 is the role that they took, the others are lines."""
        taken = {(player, 0): {"role": role} for role, player in self.players.items()}
        spoken = {(line.by, at): {"text": line.text} for at, line in enumerate(self.lines, 1) if line.by}
        return {**taken, **spoken}

    @classmethod
    def of(cls, value: Mapping[str, Any], words: Mapping[tuple[str, int], Mapping[str, Any]]) -> Self:
        """The play of what `to_json` and `words` gave; what was said by somebody who is forgotten is left empty."""
        players = {str(one["role"]): player for (player, number), one in words.items() if not number}
        by_number = {number: (player, str(one["text"])) for (player, number), one in words.items() if number}
        lines = []
        for at, one in enumerate(value["lines"], 1):
            player, text = by_number.get(at, ("", "…")) if one["theirs"] else ("", str(one["text"]))
            lines.append(Line(one["role"], text, player))
        moments: dict[str, Any] = {
            name: datetime.fromisoformat(at) if (at := value[name]) else None for name in ("since", "paused")
        }
        plain = {name: value[name] for name in ("state", "scene", "turns", "in_scene", "hints", "shown", "by_words")}
        judged = tuple(Judged(**one) for one in value["judged"])
        return cls(Case.of(value["case"]), players, tuple(lines), judged=judged, **moments, **plain)


def taken(play: Play, user_id: str, role: str) -> Play:
    """The play with a role taken, or given back where they have it; one they had before is free again."""
    others = {name: player for name, player in play.players.items() if player != user_id}
    if play.players.get(role) == user_id:
        return replace(play, players=others)
    return replace(play, players={**others, role: user_id})


def begun(play: Play, now: datetime) -> Play:
    """The play as its clock begins, with its first scene and line."""
    first = play.case.scenes[0]
    lines = [Line(NARRATOR, first.told)] if first.told else []
    speaker = _opener(play)
    if play.case.opening and speaker is not None:
        lines.append(Line(speaker.name, play.case.opening))
    return replace(play, state="open", scene=first.name, since=now, lines=tuple(lines))


def _opener(play: Play) -> Role | None:
    """The bot's role that speaks first: not that of whoever plays, unless nobody else is there."""
    return next((role for role in play.acted if not role.yours), next(iter(play.acted), None))


def spoken(play: Play, user_id: str, text: str, *, visible: bool = False) -> Play:
    """The play after somebody has said something; where that is `visible` already it counts as shown."""
    role = play.role_of(user_id) or NARRATOR
    line = Line(role, text, user_id)
    shown = play.shown + 1 if visible and play.shown == len(play.lines) else play.shown
    said: dict[str, Any] = {"lines": (*play.lines, line), "turns": play.turns + 1, "in_scene": play.in_scene + 1}
    return replace(play, state="waiting", shown=shown, **said)


def way_out(play: Play) -> Exit | None:
    """The exit of the scene that what was said in it leads to, by its signs, else by how long it lasts; None where it stays."""
    here = _said_here(play)
    for one in play.now_in.exits:
        if one.signs and all(signs.found(here, one.signs)):
            return one
    return next((one for one in play.now_in.exits if one.after and play.in_scene >= one.after), None)


def _said_here(play: Play) -> str:
    count = min(play.in_scene, len(play.said))
    return "\n".join(line.text for line in play.said[len(play.said) - count :]) if count else ""


def moved(play: Play, to: str) -> Play:
    """The play in another scene of its case; the same where there is none of that name."""
    scene = next((one for one in play.case.scenes if one.name == to), None)
    if scene is None or scene.name == play.scene:
        return play
    lines = (*play.lines, Line(NARRATOR, scene.told)) if scene.told else play.lines
    return replace(play, scene=scene.name, in_scene=0, hints=0, lines=lines)


def answered(play: Play, role: str, text: str, now: datetime) -> Play:
    """The play after the bot's answer; with it, it ends where its time or its last scene is over."""
    lines = (*play.lines, Line(role, text)) if text else play.lines
    after = replace(play, lines=lines, state="open")
    return replace(after, state="ending") if is_over(after, now) or after.now_in.ends else after


def is_over(play: Play, now: datetime) -> bool:
    """Whether its turns or minutes are used up."""
    due = due_at(play)
    return now >= due if due is not None else not play.case.minutes and play.turns >= play.case.turns


def due_at(play: Play) -> datetime | None:
    """When its minutes are over; None where it has none, or its clock stands."""
    if not play.case.minutes or play.since is None or play.paused is not None:
        return None
    return play.since + timedelta(minutes=play.case.minutes)


def turns_left(play: Play) -> int:
    """How many turns people have left."""
    return max(0, play.case.turns - play.turns)


def stopped(play: Play, now: datetime) -> Play:
    """The play with its clock standing."""
    return replace(play, state="paused", paused=now)


def resumed(play: Play, now: datetime) -> Play:
    """The play as it goes on: the time that its clock stood does not count."""
    since = play.since + (now - play.paused) if play.since and play.paused else play.since
    return replace(play, state="open", since=since, paused=None)


def hint(play: Play) -> tuple[Play, str]:
    """The next hint of the scene, else of what is to be reached and was not; empty where there is none left."""
    known = [*play.now_in.hints, *(one.next for one in open_objectives(play) if one.next)]
    known += [one.text for one in open_objectives(play) if not one.next]
    if play.hints >= len(known):
        return play, ""
    return replace(play, hints=play.hints + 1), known[play.hints]


def open_objectives(play: Play) -> list[Objective]:
    """Those that are told before the end and that what was said shows no signs of yet."""
    text = "\n".join(line.text for line in play.said)
    return [
        one for one in play.case.objectives if not one.hidden and not (one.signs and all(signs.found(text, one.signs)))
    ]


def evidence(objective: Objective, play: Play) -> tuple[int, int]:
    """Where the sentence of a person's stands that shows the most signs of an objective: line and sentence; (0, -1) for nowhere."""
    best, most = (0, -1), 0
    for number, line in enumerate(play.lines, 1):
        for at, sentence in enumerate(signs.sentences(line.text) if line.by else ()):
            count = sum(signs.found(sentence, objective.signs))
            if count > most:
                best, most = (number, at), count
    return best


def quoted(judged: Judged, play: Play) -> str:
    """The player's own words that show it, as they stand in what they said."""
    if not judged.line:
        return ""
    text = play.lines[judged.line - 1].text
    found = signs.sentences(text)
    return found[judged.sentence] if 0 <= judged.sentence < len(found) else text


def by_signs(play: Play) -> list[Judged | None]:
    """How far each objective was reached, by the words that were said; None where it has no signs to go by."""
    text = "\n".join(line.text for line in play.said)
    judged: list[Judged | None] = []
    for one in play.case.objectives:
        if not one.signs:
            judged.append(None)
            continue
        count = sum(signs.found(text, one.signs))
        verdict: Verdict = "met" if count == len(one.signs) else "partly" if count else "missed"
        line, sentence = evidence(one, play)
        judged.append(Judged(one.text, verdict, line, sentence, "" if verdict == "met" else one.next))
    return judged


def borne_out(judged: Judged, quote: str, play: Play) -> Judged:
    """The judgement with the place of the words it quotes; where no player said these, it was missed."""
    if judged.verdict == "missed":
        return replace(judged, line=0, sentence=-1)
    for number, line in enumerate(play.lines, 1):
        if line.by and signs.stands_in(quote, line.text):
            whole = enumerate(signs.sentences(line.text))
            place = next((at for at, one in whole if signs.stands_in(quote, one)), -1)
            return replace(judged, line=number, sentence=place)
    return replace(judged, verdict="missed", line=0, sentence=-1)

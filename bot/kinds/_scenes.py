"""Finds the scenes of a script and the turns of whoever speaks, with the times that are told. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.kinds._reading_film import (
    Field,
    Time,
    field_of,
    is_slug,
    is_stage,
    is_transition,
    label_on,
    lasting_in,
    lines_of,
    may_be_speaker,
    named_speaker,
    number_in,
    pieces_of,
    time_in,
    title_line,
    unstaged,
)
from bot.kinds._reading_lines import one_of, unquoted
from bot.markup import Document, Line

# What stands above a script as a label, and is nobody who speaks unless it comes again.
_ABOUT = one_of(
    "tone|platform|genre|audience|client|target audience|zielgruppe|plattform|tonalität|produkt|product|kunde|público|plataforma|tono|tom|public|cible"
    "|plateforme|objective|goal|ziel|objetivo|objectif|message|kernbotschaft|concept|konzept|date|datum|author|autor|autorin|writer|by|von|brand|marke|marca"
    "|marque|language|sprache|idioma|langue|topic|thema|tema|sujet|mood|stimmung|channel|kanal|canal|word count|wörter|show|sendung|host|moderation"
)
_PARTED = re.compile(r"\s{1,3}\|\s{1,3}")
_FIRST = re.compile(r"\s[–—-]\s|[:(|·\[]")
_VOICES = one_of(
    "voice-over|voiceover|voice over|vo|v.o.|off|off-text|off-ton|voix off|voix-off|voz en off|voz off|locución|locução|narration|narración|narração"
)


# Headings below which nothing is played.
_ASIDE = frozenset({"notes", "summary", "title", "settings", "onscreen", "style", "alt"})


@dataclass(slots=True)
class Turn:
    """What one speaker says before the next one does, and what is seen before it."""

    speaker: str = ""
    words: list[str] = field(default_factory=list)
    picture: list[str] = field(default_factory=list)
    time: Time = field(default_factory=Time)
    block: int = -1

    @property
    def said(self) -> str:
        """The words, without the quotation marks around all of them."""
        return unquoted(" ".join(self.words))


@dataclass(slots=True)
class Scene:
    """A part under its heading. What is seen behind its last words is a turn without any."""

    heading: str = ""
    time: Time = field(default_factory=Time)
    picture: list[str] = field(default_factory=list)
    turns: list[Turn] = field(default_factory=list)


@dataclass(slots=True)
class Played:
    """What was found in a script or an episode."""

    title: str = ""
    summary: str = ""
    scenes: list[Scene] = field(default_factory=list)
    total: float | None = None


class _Reader:
    """Walks through the lines. Where text `flows`, a paragraph behind a turn goes on with it; else it is what is seen.

    Where it is `narrated`, nobody is named, and what has no label is said.
    """

    def __init__(self, document: Document, *, flows: bool, narrated: bool) -> None:
        self.document, self.flows, self.narrated, self.found = document, flows, narrated, Played()
        self.scene: Scene | None = None
        self.pending: Turn | None = None
        self.picture: list[str] = []
        self.beside = self.summarised = False
        self.columns: list[Field | None] = []
        self.row = ""
        labels = [label_on(line) for line in document.lines if line.sort != "row"]
        self.names = Counter(named_speaker(label)[0].casefold() for label, _, marked in labels if marked)
        told = [(name, line) for line in document.lines if (name := self._label(line))]
        self.strong = {name.casefold() for name, line in told if line.lead or name.isupper()}
        self.plainly = not self.strong and sum(self.names[name.casefold()] > 0 for name, _ in told) > 1 and not narrated
        self.stages = any(is_stage(line) for line in document.lines if line.sort != "row")
        self.alone = Counter(line.text.casefold() for line in document.lines if document.is_heading(line))
        named = any(self._is_name(line) for line in document.lines if line.lead != line.text)
        # Where what is seen is marked, what is not is said.
        self.goes_on = flows or (self.stages and bool(self.strong) and not named)
        self.head = self._head()
        others = (line for line in document.lines if line is not self.head and line.sort != "row")
        self.has_scenes = any(map(self._begins, others))

    def _head(self) -> Line | None:
        """The line of the title: the first heading, unless it is that of a scene."""
        title, head = title_line(self.document)
        if head is None:
            return None
        if field_of(label_on(head)[0]) != "title":
            of_scene = is_slug(head.text) or field_of(head.text) in ("scene", "size", "notes")
            if of_scene or self._timed(head.text) or time_in(head.text)[0].end is not None:
                return None
            others = [line for line in self.document.headings if line is not head]
            after = [line for line in self.document.lines if others and head.at < line.at < others[0].at]
            level = head.level if head.sort == "heading" else 9
            levels = [line.level if line.sort == "heading" else 9 for line in others]
            below = others and (level < min(levels) or level not in levels)
            if not below and others and any(self._speaks(line) for line in after):
                return None
        self.found.title, self.found.total = title, time_in(head.text)[0].lasts
        return head

    def _label(self, line: Line) -> str:
        """The name before a colon that may be that of whoever speaks."""
        label, rest, marked = label_on(line)
        name = named_speaker(label)[0] if marked and rest and line.sort != "row" else ""
        return name if may_be_speaker(name) and field_of(label) is None else ""

    def _speaks(self, line: Line) -> bool:
        return bool(name := self._label(line)) and self._is_known(name, line)

    def _is_known(self, name: str, line: Line) -> bool:
        """Whether a name is one that speaks: marked as one here or elsewhere, or one of several where none is."""
        return bool(line.lead) or name.isupper() or name.casefold() in self.strong or self.plainly

    def _timed(self, text: str) -> bool:
        """Whether a line begins with a time."""
        start = text[:60].lstrip("[(*⏱️ ")
        time, rest = time_in(start)
        return start[:1].isdigit() and time != Time() and not rest.startswith(start[:3])

    def _begins(self, line: Line) -> bool:
        """Whether a line is the heading of a scene."""
        text = line.text
        if is_slug(line.lead or text) or (not self.flows and self._timed(text) and line.sort != "row"):
            return True
        first = _FIRST.split(text, maxsplit=1)[0]
        if field_of(first) in ("scene", "size") and number_in(first) is not None and len(first) < 40:
            return True
        if line.lead == text.strip(" :") and line.sort != "row" and not self.flows and time_in(text)[0] != Time():
            return True
        if self.document.is_heading(line) and (
            not is_stage(line) or (self.flows and (time_in(text)[0].start is not None))
        ):
            return not self._is_name(line) and (field_of(text) not in _ASIDE or time_in(text)[0] != Time())
        return False

    def _is_name(self, line: Line) -> bool:
        """Whether a line is nothing but the name of whoever speaks next."""
        text = line.text.strip().rstrip(":")
        text = line.lead if line.lead.isupper() and line.rest.startswith("(") and line.rest.endswith(")") else text
        if line.sort not in ("text", "code") or is_slug(text) or is_transition(text):
            return False
        if not may_be_speaker(named_speaker(text)[0]) or field_of(text) in ("scene", "size"):
            return False
        if not self.flows and time_in(text)[0] != Time():
            return False
        known = self.names[named_speaker(text)[0].casefold()] > 0 or self.alone[line.text.casefold()] > 1
        return text.isupper() or (bool(line.lead) and not line.rest and known)

    def read(self) -> Played:
        for line in self.document.lines:
            if line.sort == "rule":
                self.pending = None
            elif line.sort == "row":
                self._row(line)
            elif line is not self.head:
                self.columns = []
                self._line(line)
        self._end()
        self.found.scenes = [one for one in self.found.scenes if one.turns or one.picture]
        return self.found

    def _open(self, heading: str, time: Time) -> Scene:
        self._end()
        self.scene = Scene(heading.strip(), time)
        self.found.scenes.append(self.scene)
        self.beside = False
        return self.scene

    def _end(self) -> None:
        """What is still to be seen belongs to the scene that ends."""
        if self.scene is not None and self.picture:
            if self.scene.turns and not self.flows:
                self.scene.turns.append(Turn(picture=self.picture))
            else:
                self.scene.picture += self.picture
        self.picture, self.pending = [], None

    def _in_scene(self) -> Scene:
        """The scene that is open, else a new one, of which what was seen before is a part."""
        if self.scene is not None:
            return self.scene
        seen = self.picture
        scene = self._open("", Time())
        self.picture = seen
        return scene

    def _turn(self, speaker: str, said: str, time: Time, block: int) -> None:
        scene = self._in_scene()
        if not scene.turns and not self.flows:
            scene.picture, self.picture = scene.picture + self.picture, []
        turn, self.picture, self.pending = Turn(speaker, [said] if said else [], self.picture, time, block), [], None
        if said:
            scene.turns.append(turn)
        else:
            self.pending = turn

    def _line(self, line: Line) -> None:
        text = line.text.strip()
        if not text:
            return
        headed = self.flows and self.document.is_heading(line) and (time_in(text)[0].start is not None)
        if is_stage(line) and not is_slug(text) and not headed:
            if not self.beside or self.scene is None:
                self.beside = False
                self._stage(unstaged(text), line)
            return
        if self._is_name(line):
            name, time = named_speaker(text.rstrip(":"))
            aside = line.rest if line.lead.isupper() and named_speaker(line.text)[0] == name else ""
            self._turn(name, "", time, line.block)
            if aside.startswith("(") and self.pending is not None:
                self.pending.words.append(aside)
            return
        bold = line.lead == text.strip(" :")
        named = field_of(text)
        named = "summary" if self.flows and named == "picture" else named
        if (bold or self.document.is_heading(line)) and named in _ASIDE and time_in(text)[0] == Time():
            self._end()
            self.beside = True
            self.summarised = named == "summary"
            return
        if self._begins(line) or self._counted(line):
            self._heading(line)
            return
        if self.beside:
            if self.summarised and not self.found.summary:
                self.found.summary = text
            if self.document.is_heading(line) or not self._speaks(line) or self.scene is not None:
                return
            self.beside = False
        self._content(line, *label_on(line))

    def _stage(self, text: str, line: Line) -> None:
        """Takes what is seen; what stands in brackets may have a label of its own."""
        label, colon, rest = text.partition(":")
        named = field_of(label) if colon else None
        if named == "length":
            self._field(named, label, rest, line.block)
        elif self.pending is not None and named is None and not self.pending.words:
            self.pending.words.append(f"({text})")
        elif not self.flows and (named is None or named in ("picture", "location", "size", "move", "scene")):
            self._see(rest.strip() if named else text)

    def _counted(self, line: Line) -> bool:
        """Whether an entry of a numbered list is a scene."""
        return line.ordinal is not None and line.level == 1 and not self.has_scenes and not self.flows

    def _heading(self, line: Line) -> None:
        """Begins a scene; what stands behind its heading on the same line is read as a line of it."""
        text, rest = line.text, label_on(line)[1]
        if self.document.is_heading(line) or (is_slug(text) and not line.lead):
            time, named = time_in(unstaged(text))
            self._open("" if field_of(named) == "words" else named, time)
        elif line.lead:
            time, named = time_in(line.lead)
            self._behind(rest, line, self._open(named, time))
        elif self._timed(text):
            time, rest = time_in(text[:80])
            self._behind(rest.lstrip("])*") + text[80:], line, self._open("", time))
        elif self._counted(line):
            self._open("", Time())
            self._content(line, *label_on(line))
        else:
            time, named = time_in(text)
            self._open(named, time)

    def _behind(self, rest: str, line: Line, scene: Scene) -> None:
        """What stands on the line of a heading, behind it, in pieces where those are parted by |."""
        first, *pieces = _PARTED.split(line.source)
        if pieces and (time_in(first)[0] != Time() or number_in(first) is not None):
            rest = "\n".join(pieces)
        if not rest.strip():
            return
        if scene.time == Time() and len(rest) < 40 and time_in(rest)[0] != Time():
            scene.time, left = time_in(rest)
            scene.heading = scene.heading or left
            return
        for one in lines_of(rest):
            self._content(one, *label_on(one), block=line.block)

    def _content(self, line: Line, label: str, rest: str, marked: bool, block: int = -1) -> None:
        text, block = line.text.strip(), line.block if block < 0 else block
        if self.flows and self._timed(text):
            time, behind = time_in(text[:80])
            for one in lines_of(behind.lstrip("])*| ") + text[80:]):
                inner, said, colon = label_on(one)
                if colon and may_be_speaker(named_speaker(inner)[0]):
                    self._turn(named_speaker(inner)[0], said, time, block)
                elif len(one.text.split()) <= 8 and one.text[-1:] not in ".!?…":
                    self._open(one.text, time)
                else:
                    self._turn("", one.text, time, block)
            return
        named = field_of(label) if label and (marked or line.cells) else None
        if named and self._field(named, label, rest, block):
            return
        name, time = named_speaker(label) if marked else ("", Time())
        last = self.scene.turns[-1] if self.scene is not None and self.scene.turns else None
        if name and may_be_speaker(name) and not is_stage(line) and (field_of(label) or self._is_known(name, line)):
            if not self._is_about(name, rest):
                self._turn(name, rest, time, block)
        elif is_transition(text) or (self.scene is None and text.endswith((":", "：")) and self.pending is None):
            return
        elif self.pending is not None and not (is_stage(line) and self.pending.words):
            self.pending.words.append(text)
            self.pending.block = block
            self._in_scene().turns.append(self.pending)
            self.pending = None
        elif is_stage(line):
            self._see(unstaged(text))
        elif last and not self.picture and (block == last.block or self.goes_on):
            last.words.append(text)
        elif self.flows and self.scene is None and not self.found.summary and (self.has_scenes or not self.narrated):
            self.found.summary = text
        elif self.narrated:
            self._turn("", text, Time(), block)
        else:
            self._see(text)

    def _see(self, text: str) -> None:
        if text:
            self.picture.append(text)

    def _is_about(self, name: str, rest: str) -> bool:
        """Whether a label says something of the whole script, and names nobody who speaks."""
        speech = len(rest.split()) > 3 and rest[-1:] in '.!?…”")'
        if self.has_scenes and self.scene is None:
            return not speech
        return self.names[name.casefold()] < 2 and name.casefold() in _ABOUT and not speech

    def _field(self, named: Field, label: str, rest: str, block: int) -> bool:
        """Takes what a label stands before; False where it is to be read as a speaker's words."""
        match named:
            case "words":
                return self._words(label, rest, block)
            case "heard":
                self._heard(rest, block)
            case "picture" | "location" | "size" | "move" | "subject":
                if rest:
                    self._see(rest)
            case "time" | "length":
                time = lasting_in(rest) if named == "time" else time_in(rest)[0]
                if self.scene is not None:
                    self.scene.time = time
                elif self.found.total is None:
                    self.found.total = time.seconds or time.start
            case "summary" if not self.found.summary:
                self.found.summary = rest
            case "title" if not self.found.title:
                self.found.title = unquoted(rest)
            case "speaker" if rest[-1:] not in '.!?…”"' and len(rest.split()) <= 4 and may_be_speaker(rest):
                self._turn(rest, "", Time(), block)
            case "speaker" | "scene":
                return False
            case _:
                pass
        return True

    def _words(self, label: str, rest: str, block: int) -> bool:
        name = named_speaker(label)[0]
        own = name.casefold() in _VOICES
        if not rest:
            self._turn(label if own else "", "", Time(), block)
        elif self.pending is not None and not self.pending.words:
            self._turn(self.pending.speaker, rest, self.pending.time, block)
        else:
            self._turn(name if own else "", rest, Time(), block)
        return True

    def _heard(self, rest: str, block: int) -> None:
        """Of what is heard the words that somebody says."""
        for one in lines_of(rest):
            label, said, marked = label_on(one)
            name = named_speaker(label)[0] if marked else ""
            if may_be_speaker(name) and field_of(label) in (None, "words", "speaker"):
                unnamed = field_of(label) == "words" and name.casefold() not in _VOICES
                self._turn("" if unnamed else name, said, Time(), block)
            elif unquoted(one.text) != one.text:
                self._turn("", unquoted(one.text), Time(), block)

    def _row(self, line: Line) -> None:
        """A row of a table is a scene, or a turn where what is said flows."""
        if line.head:
            self.columns = [field_of(cell) for cell in line.cells]
            if "speaker" in self.columns and not {"words", "heard"} & set(self.columns):
                self.columns[self.columns.index("speaker")] = "words"  # "Picture | Voice": nobody is named.
            if "heard" in self.columns and "words" not in self.columns:
                at = self.columns.index("heard")
                rows = (
                    one.cells
                    for one in self.document.lines
                    if one.sort == "row" and not one.head and len(one.cells) > at
                )
                heard = [one for cells in rows for one in lines_of(cells[at])]
                if not any(self._speaks(one) or unquoted(one.text) != one.text for one in heard):
                    self.columns[at] = "words"
            return
        told = {name: cell for name, cell in zip(self.columns, line.cells, strict=False) if name and cell.strip(" –—-")}
        same = bool(told.get("scene")) and told.get("scene") == self.row and self.scene is not None
        self.row = told.get("scene", "")
        if "scene" in self.columns and not told.get("scene", "").strip(" .0123456789"):
            told.pop("scene", None)
        if not ({"words", "heard", "picture", "speaker"} & set(told)):
            return
        time = lasting_in(told.get("time") or told.get("length") or "")
        if self.flows:
            if told.get("words"):
                self._turn(named_speaker(told.get("speaker", ""))[0], " ".join(pieces_of(told["words"])), time, -2)
            return
        if not same:
            self._open(told.get("scene", ""), time)
        for name in ("picture", "location"):
            self._see(" ".join(pieces_of(told.get(name, ""))))
        if told.get("heard"):
            self._heard(told["heard"], -2)
        if told.get("words"):
            speaker = named_speaker(told.get("speaker", ""))[0]
            for one in lines_of(told["words"]):
                label, said, marked = label_on(one)
                name = named_speaker(label)[0] if marked and not speaker else ""
                if may_be_speaker(name) and field_of(label) in (None, "words", "heard", "speaker"):
                    if field_of(label) != "heard":
                        self._turn(name, said, Time(), -2)
                elif not is_stage(one):
                    self._turn(speaker, one.text, Time(), -2)
        if self.scene is not None and not self.scene.turns:
            self._end()


def played(document: Document, *, flows: bool = False) -> Played:
    """The scenes and turns of a text."""
    found = _Reader(document, flows=flows, narrated=False).read()
    return found if any(scene.turns for scene in found.scenes) else _Reader(document, flows=flows, narrated=True).read()


def lasting(times: Sequence[Time], total: float | None) -> list[float | None]:
    """How long each of what follows each other lasts: as it is told, else until the next begins."""
    found = list[float | None]()
    for at, time in enumerate(times):
        last = at + 1 == len(times)
        later = total if last else times[at + 1].start
        start = time.start
        until = later - start if start is not None and later is not None and later > start else None
        found.append(time.seconds if time.seconds is not None else until)
    return found


def length_of(scenes: Iterable[Scene], total: float | None) -> float | None:
    """How long all of it lasts, as far as it is told."""
    times = [time for scene in scenes for time in (scene.time, *(turn.time for turn in scene.turns))]
    ends = [time.end for time in times if time.end is not None]
    return max(ends, default=None) or total


def whole(seconds: float | None) -> dict[str, Any]:
    """A length as a part; none where nothing is told."""
    return {"seconds": round(seconds)} if seconds else {}

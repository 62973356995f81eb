"""Parses the scenes of a script and the turns of its speakers, with their times. Pure."""

from __future__ import annotations

import re

from bot.composition.script_layout import ASIDE_FIELDS, ScriptLayout
from bot.composition.script_parts import ParsedScene, ParsedScript, ParsedTurn
from bot.markup import Document, Line
from bot.reading.film import (
    Field,
    TimeSpan,
    can_be_speaker,
    extract_time,
    find_field,
    find_number,
    is_scene_heading,
    is_stage_direction,
    is_transition,
    parse_cell_lines,
    parse_duration,
    parse_speaker,
    split_cell,
    split_label,
    strip_brackets,
)
from bot.reading.lines import parse_names, strip_quotes

# Labels above a script, which name no speaker unless they occur again.
_SCRIPT_LABELS = parse_names(
    "tone|platform|genre|audience|client|target audience|zielgruppe|plattform|tonalität|produkt|product|kunde|público|plataforma|tono|tom|public|cible"
    "|plateforme|objective|goal|ziel|objetivo|objectif|message|kernbotschaft|concept|konzept|date|datum|author|autor|autorin|writer|by|von|brand|marke|marca"
    "|marque|language|sprache|idioma|langue|topic|thema|tema|sujet|mood|stimmung|channel|kanal|canal|word count|wörter|show|sendung|host|moderation"
)
_CELL_SEPARATOR = re.compile(r"\s{1,3}\|\s{1,3}")
_VOICES = parse_names(
    "voice-over|voiceover|voice over|vo|v.o.|off|off-text|off-ton|voix off|voix-off|voz en off|voz off|locución|locução|narration|narración|narração"
)


class _ScriptParser:
    """Parses a script line by line. If text `flows`, a paragraph after a turn continues it; else it describes what is seen.

    If it is `narrated`, no speaker is named, and unlabelled text is spoken.
    """

    def __init__(self, document: Document, *, flows: bool, narrated: bool) -> None:
        self.document, self.flows, self.narrated = document, flows, narrated
        self.layout = ScriptLayout(document, flows=flows, narrated=narrated)
        self.found = ParsedScript(title=self.layout.title, total=self.layout.total)
        self.scene: ParsedScene | None = None
        self.pending: ParsedTurn | None = None
        self.visuals: list[str] = []
        self.beside = self.summarised = False
        self.columns: list[Field | None] = []
        self.row = ""

    def read(self) -> ParsedScript:
        for line in self.document.lines:
            if line.sort == "rule":
                self.pending = None
            elif line.sort == "row":
                self._row(line)
            elif line is not self.layout.title_line:
                self.columns = []
                self._line(line)
        self._end()
        self.found.scenes = [one for one in self.found.scenes if one.turns or one.picture]
        return self.found

    def _open(self, heading: str, time: TimeSpan) -> ParsedScene:
        self._end()
        self.scene = ParsedScene(heading.strip(), time)
        self.found.scenes.append(self.scene)
        self.beside = False
        return self.scene

    def _end(self) -> None:
        """Close the scene and add the pending visuals to it."""
        if self.scene is not None and self.visuals:
            if self.scene.turns and not self.flows:
                self.scene.turns.append(ParsedTurn(visuals=self.visuals))
            else:
                self.scene.picture += self.visuals
        self.visuals, self.pending = [], None

    def _in_scene(self) -> ParsedScene:
        """Return the open scene, else a new one that includes the visuals so far."""
        if self.scene is not None:
            return self.scene
        seen = self.visuals
        scene = self._open("", TimeSpan())
        self.visuals = seen
        return scene

    def _turn(self, speaker: str, words: str, time: TimeSpan, block: int) -> None:
        scene = self._in_scene()
        if not scene.turns and not self.flows:
            scene.picture, self.visuals = scene.picture + self.visuals, []
        turn, self.visuals, self.pending = (
            ParsedTurn(speaker, [words] if words else [], self.visuals, time, block),
            [],
            None,
        )
        if words:
            scene.turns.append(turn)
        else:
            self.pending = turn

    def _line(self, line: Line) -> None:
        text = line.text.strip()
        if not text:
            return
        headed = self.flows and self.document.is_heading(line) and (extract_time(text)[0].start is not None)
        if is_stage_direction(line) and not is_scene_heading(text) and not headed:
            if not self.beside or self.scene is None:
                self.beside = False
                self._stage(strip_brackets(text), line)
            return
        if self.layout.is_speaker_line(line):
            name, time = parse_speaker(text.rstrip(":"))
            aside = line.rest if line.lead.isupper() and parse_speaker(line.text)[0] == name else ""
            self._turn(name, "", time, line.block)
            if aside.startswith("(") and self.pending is not None:
                self.pending.words.append(aside)
            return
        bold = line.lead == text.strip(" :")
        named = find_field(text)
        named = "summary" if self.flows and named == "picture" else named
        if (bold or self.document.is_heading(line)) and named in ASIDE_FIELDS and extract_time(text)[0] == TimeSpan():
            self._end()
            self.beside = True
            self.summarised = named == "summary"
            return
        if self.layout.begins_scene(line) or self._counted(line):
            self._heading(line)
            return
        if self.beside:
            if self.summarised and not self.found.summary:
                self.found.summary = text
            if self.document.is_heading(line) or not self.layout.has_speaker(line) or self.scene is not None:
                return
            self.beside = False
        self._content(line, *split_label(line))

    def _stage(self, text: str, line: Line) -> None:
        """Add a stage direction; bracketed text may have a label of its own."""
        label, colon, rest = text.partition(":")
        named = find_field(label) if colon else None
        if named == "length":
            self._field(named, label, rest, line.block)
        elif self.pending is not None and named is None and not self.pending.words:
            self.pending.words.append(f"({text})")
        elif not self.flows and (named is None or named in ("picture", "location", "size", "move", "scene")):
            self._see(rest.strip() if named else text)

    def _counted(self, line: Line) -> bool:
        """Whether an entry of a numbered list is a scene."""
        return line.ordinal is not None and line.level == 1 and not self.layout.has_scenes and not self.flows

    def _heading(self, line: Line) -> None:
        """Begin a scene; text after its heading on the same line is parsed as a line of it."""
        text, rest = line.text, split_label(line)[1]
        if self.document.is_heading(line) or (is_scene_heading(text) and not line.lead):
            time, named = extract_time(strip_brackets(text))
            self._open("" if find_field(named) == "words" else named, time)
        elif line.lead:
            time, named = extract_time(line.lead)
            self._behind(rest, line, self._open(named, time))
        elif self.layout.begins_with_time(text):
            time, rest = extract_time(text[:80])
            self._behind(rest.lstrip("])*") + text[80:], line, self._open("", time))
        elif self._counted(line):
            self._open("", TimeSpan())
            self._content(line, *split_label(line))
        else:
            time, named = extract_time(text)
            self._open(named, time)

    def _behind(self, rest: str, line: Line, scene: ParsedScene) -> None:
        """Parse the text after a heading on its line, in pieces if they are separated by |."""
        first, *pieces = _CELL_SEPARATOR.split(line.source)
        if pieces and (extract_time(first)[0] != TimeSpan() or find_number(first) is not None):
            rest = "\n".join(pieces)
        if not rest.strip():
            return
        if scene.time == TimeSpan() and len(rest) < 40 and extract_time(rest)[0] != TimeSpan():
            scene.time, left = extract_time(rest)
            scene.heading = scene.heading or left
            return
        for one in parse_cell_lines(rest):
            self._content(one, *split_label(one), block=line.block)

    def _content(self, line: Line, label: str, rest: str, marked: bool, block: int = -1) -> None:
        text, block = line.text.strip(), line.block if block < 0 else block
        if self.flows and self.layout.begins_with_time(text):
            time, behind = extract_time(text[:80])
            for one in parse_cell_lines(behind.lstrip("])*| ") + text[80:]):
                inner, words, colon = split_label(one)
                if colon and can_be_speaker(parse_speaker(inner)[0]):
                    self._turn(parse_speaker(inner)[0], words, time, block)
                elif len(one.text.split()) <= 8 and one.text[-1:] not in ".!?…":
                    self._open(one.text, time)
                else:
                    self._turn("", one.text, time, block)
            return
        named = find_field(label) if label and (marked or line.cells) else None
        if named and self._field(named, label, rest, block):
            return
        name, time = parse_speaker(label) if marked else ("", TimeSpan())
        last = self.scene.turns[-1] if self.scene is not None and self.scene.turns else None
        if (
            name
            and can_be_speaker(name)
            and not is_stage_direction(line)
            and (find_field(label) or self.layout.is_speaker(name, line))
        ):
            if not self._is_about(name, rest):
                self._turn(name, rest, time, block)
        elif is_transition(text) or (self.scene is None and text.endswith((":", "：")) and self.pending is None):
            return
        elif self.pending is not None and not (is_stage_direction(line) and self.pending.words):
            self.pending.words.append(text)
            self.pending.block = block
            self._in_scene().turns.append(self.pending)
            self.pending = None
        elif is_stage_direction(line):
            self._see(strip_brackets(text))
        elif last and not self.visuals and (block == last.block or self.layout.continues_turns):
            last.words.append(text)
        elif (
            self.flows
            and self.scene is None
            and not self.found.summary
            and (self.layout.has_scenes or not self.narrated)
        ):
            self.found.summary = text
        elif self.narrated:
            self._turn("", text, TimeSpan(), block)
        else:
            self._see(text)

    def _see(self, text: str) -> None:
        if text:
            self.visuals.append(text)

    def _is_about(self, name: str, rest: str) -> bool:
        """Whether a label describes the full script rather than naming a speaker."""
        speech = len(rest.split()) > 3 and rest[-1:] in '.!?…”")'
        if self.layout.has_scenes and self.scene is None:
            return not speech
        return self.layout.names[name.casefold()] < 2 and name.casefold() in _SCRIPT_LABELS and not speech

    def _field(self, named: Field, label: str, rest: str, block: int) -> bool:
        """Add the text of a label; return False if it should be parsed as a speaker's words."""
        match named:
            case "words":
                return self._words(label, rest, block)
            case "heard":
                self._heard(rest, block)
            case "picture" | "location" | "size" | "move" | "subject":
                if rest:
                    self._see(rest)
            case "time" | "length":
                time = parse_duration(rest) if named == "time" else extract_time(rest)[0]
                if self.scene is not None:
                    self.scene.time = time
                elif self.found.total is None:
                    self.found.total = time.seconds or time.start
            case "summary" if not self.found.summary:
                self.found.summary = rest
            case "title" if not self.found.title:
                self.found.title = strip_quotes(rest)
            case "speaker" if rest[-1:] not in '.!?…”"' and len(rest.split()) <= 4 and can_be_speaker(rest):
                self._turn(rest, "", TimeSpan(), block)
            case "speaker" | "scene":
                return False
            case _:
                pass
        return True

    def _words(self, label: str, rest: str, block: int) -> bool:
        name = parse_speaker(label)[0]
        own = name.casefold() in _VOICES
        if not rest:
            self._turn(label if own else "", "", TimeSpan(), block)
        elif self.pending is not None and not self.pending.words:
            self._turn(self.pending.speaker, rest, self.pending.time, block)
        else:
            self._turn(name if own else "", rest, TimeSpan(), block)
        return True

    def _heard(self, rest: str, block: int) -> None:
        """Add the spoken words among what is heard."""
        for one in parse_cell_lines(rest):
            label, words, marked = split_label(one)
            name = parse_speaker(label)[0] if marked else ""
            if can_be_speaker(name) and find_field(label) in (None, "words", "speaker"):
                unnamed = find_field(label) == "words" and name.casefold() not in _VOICES
                self._turn("" if unnamed else name, words, TimeSpan(), block)
            elif strip_quotes(one.text) != one.text:
                self._turn("", strip_quotes(one.text), TimeSpan(), block)

    def _row(self, line: Line) -> None:
        """Add a table row: a scene, or a turn if speech flows."""
        if line.head:
            self.columns = [find_field(cell) for cell in line.cells]
            if "speaker" in self.columns and not {"words", "heard"} & set(self.columns):
                self.columns[self.columns.index("speaker")] = "words"  # "Picture | Voice": no speaker is named.
            if "heard" in self.columns and "words" not in self.columns:
                at = self.columns.index("heard")
                rows = (
                    one.cells
                    for one in self.document.lines
                    if one.sort == "row" and not one.head and len(one.cells) > at
                )
                heard = [one for cells in rows for one in parse_cell_lines(cells[at])]
                if not any(self.layout.has_speaker(one) or strip_quotes(one.text) != one.text for one in heard):
                    self.columns[at] = "words"
            return
        cells = {
            name: cell for name, cell in zip(self.columns, line.cells, strict=False) if name and cell.strip(" –—-")
        }
        same = bool(cells.get("scene")) and cells.get("scene") == self.row and self.scene is not None
        self.row = cells.get("scene", "")
        if "scene" in self.columns and not cells.get("scene", "").strip(" .0123456789"):
            cells.pop("scene", None)
        if not ({"words", "heard", "picture", "speaker"} & set(cells)):
            return
        time = parse_duration(cells.get("time") or cells.get("length") or "")
        if self.flows:
            if cells.get("words"):
                self._turn(parse_speaker(cells.get("speaker", ""))[0], " ".join(split_cell(cells["words"])), time, -2)
            return
        if not same:
            self._open(cells.get("scene", ""), time)
        for name in ("picture", "location"):
            self._see(" ".join(split_cell(cells.get(name, ""))))
        if cells.get("heard"):
            self._heard(cells["heard"], -2)
        if cells.get("words"):
            speaker = parse_speaker(cells.get("speaker", ""))[0]
            for one in parse_cell_lines(cells["words"]):
                label, words, marked = split_label(one)
                name = parse_speaker(label)[0] if marked and not speaker else ""
                if can_be_speaker(name) and find_field(label) in (None, "words", "heard", "speaker"):
                    if find_field(label) != "heard":
                        self._turn(name, words, TimeSpan(), -2)
                elif not is_stage_direction(one):
                    self._turn(speaker, one.text, TimeSpan(), -2)
        if self.scene is not None and not self.scene.turns:
            self._end()


def parse_script(document: Document, *, flows: bool = False) -> ParsedScript:
    """Parse the scenes and turns of a text."""
    found = _ScriptParser(document, flows=flows, narrated=False).read()
    return (
        found
        if any(scene.turns for scene in found.scenes)
        else _ScriptParser(document, flows=flows, narrated=True).read()
    )

"""Parses a script into scenes and the turns of its speakers, with their times."""

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

# Labels of remarks on a script; they name a speaker only if they occur more than once.
_SCRIPT_LABELS = parse_names(
    "tone|platform|genre|audience|client|target audience|zielgruppe|plattform|tonalität|produkt|product|kunde|público|plataforma|tono|tom|public|cible"
    "|plateforme|objective|goal|ziel|objetivo|objectif|message|kernbotschaft|concept|konzept|date|datum|author|autor|autorin|writer|by|von|brand|marke|marca"
    "|marque|language|sprache|idioma|langue|topic|thema|tema|sujet|mood|stimmung|channel|kanal|canal|word count|wörter|show|sendung|host|moderation"
)
_CELL_SEPARATOR = re.compile(r"\s{1,3}\|\s{1,3}")
# Labels of speech by an unnamed voice.
_VOICES = parse_names(
    "voice-over|voiceover|voice over|vo|v.o.|off|off-text|off-ton|voix off|voix-off|voz en off|voz off|locución|locução|narration|narración|narração"
)
# The block of turns in tables, which differs from that of any line.
_TABLE_BLOCK = -2


class _ScriptParser:
    """Parses a script line by line.

    In an audio script, unlabelled paragraphs continue a turn; in others they may describe the picture. If the script
    `is_narrated`, no speaker is named, and unlabelled text is spoken.
    """

    def __init__(self, document: Document, *, is_audio: bool, is_narrated: bool) -> None:
        self.document, self.is_audio, self.is_narrated = document, is_audio, is_narrated
        self.layout = ScriptLayout(document, is_audio=is_audio, is_narrated=is_narrated)
        self.script = ParsedScript(title=self.layout.title, total_seconds=self.layout.total_seconds)
        self.scene: ParsedScene | None = None
        # A turn whose words are on the lines below its speaker's name.
        self.pending_turn: ParsedTurn | None = None
        # Descriptions of the picture before the next turn.
        self.visuals: list[str] = []
        # Whether the parser is in a section that is not performed, and whether that is the summary.
        self.in_aside = self.in_summary = False
        self.columns: list[Field | None] = []
        # The scene that the last table row names.
        self.row_scene = ""

    def parse(self) -> ParsedScript:
        for line in self.document.lines:
            if line.sort == "rule":
                self.pending_turn = None
            elif line.sort == "row":
                self._read_row(line)
            elif line is not self.layout.title_line:
                self.columns = []
                self._read_line(line)
        self._close_scene()
        self.script.scenes = [scene for scene in self.script.scenes if scene.turns or scene.picture]
        return self.script

    def _open_scene(self, heading: str, time: TimeSpan) -> ParsedScene:
        self._close_scene()
        self.scene = ParsedScene(heading.strip(), time)
        self.script.scenes.append(self.scene)
        self.in_aside = False
        return self.scene

    def _close_scene(self) -> None:
        """Add the visuals after the last turn to the scene, and drop a turn without words."""
        if self.scene is not None and self.visuals:
            if self.scene.turns and not self.is_audio:
                self.scene.turns.append(ParsedTurn(visuals=self.visuals))
            else:
                self.scene.picture += self.visuals
        self.visuals, self.pending_turn = [], None

    def _ensure_scene(self) -> ParsedScene:
        """Return the open scene; open one without a heading if there is none, keeping the visuals for it."""
        if self.scene is None:
            visuals = self.visuals
            self._open_scene("", TimeSpan())
            self.visuals = visuals
        assert self.scene is not None
        return self.scene

    def _add_turn(self, speaker: str, words: str, time: TimeSpan, block: int) -> None:
        """Add a turn with the visuals before it; without words, it is pending."""
        scene = self._ensure_scene()
        if not scene.turns and not self.is_audio:
            scene.picture, self.visuals = scene.picture + self.visuals, []
        turn = ParsedTurn(speaker, [words] if words else [], self.visuals, time, block)
        self.visuals, self.pending_turn = [], None
        if words:
            scene.turns.append(turn)
        else:
            self.pending_turn = turn

    def _read_line(self, line: Line) -> None:
        text = line.text.strip()
        if not text:
            return
        is_timed_heading = self.is_audio and self.document.is_heading(line) and extract_time(text)[0].start is not None
        if is_stage_direction(line) and not is_scene_heading(text) and not is_timed_heading:
            if not self.in_aside or self.scene is None:
                self.in_aside = False
                self._add_direction(strip_brackets(text), line)
        elif self.layout.is_speaker_line(line):
            name, time = parse_speaker(text.rstrip(":"))
            self._add_turn(name, "", time, line.block)
            parenthetical = line.rest if line.lead.isupper() and parse_speaker(line.text)[0] == name else ""
            if parenthetical.startswith("(") and self.pending_turn is not None:
                self.pending_turn.words.append(parenthetical)
        elif self._begins_aside(line, text):
            self._close_scene()
            self.in_aside = True
            self.in_summary = self._find_aside_field(text) == "summary"
        elif self.layout.begins_scene(line) or self._is_numbered_scene(line):
            self._begin_scene(line)
        else:
            if self.in_aside and self.in_summary and not self.script.summary:
                self.script.summary = text
            if not self.in_aside or self._ends_aside(line):
                self.in_aside = False
                self._read_content(line, *split_label(line))

    def _find_aside_field(self, heading: str) -> Field | None:
        """Return the field that a heading names; in an audio script, a description is its summary."""
        field = find_field(heading)
        return "summary" if self.is_audio and field == "picture" else field

    def _begins_aside(self, line: Line, text: str) -> bool:
        """Whether a line is the heading of a section that is not performed."""
        is_heading = line.lead == text.strip(" :") or self.document.is_heading(line)
        return is_heading and self._find_aside_field(text) in ASIDE_FIELDS and extract_time(text)[0] == TimeSpan()

    def _ends_aside(self, line: Line) -> bool:
        """Whether a line in a section before the scenes is a speaker's, so that the script begins."""
        return not self.document.is_heading(line) and self.layout.has_speaker(line) and self.scene is None

    def _add_direction(self, text: str, line: Line) -> None:
        """Add a stage direction, given without brackets; it may have a label of its own."""
        label, colon, rest = text.partition(":")
        field = find_field(label) if colon else None
        if field == "length":
            self._add_field(field, label, rest, line.block)
        elif self.pending_turn is not None and field is None and not self.pending_turn.words:
            self.pending_turn.words.append(f"({text})")
        elif not self.is_audio and (field is None or field in ("picture", "location", "size", "move", "scene")):
            self._add_visual(rest.strip() if field else text)

    def _is_numbered_scene(self, line: Line) -> bool:
        """Whether an entry of a numbered list is a scene, as it is where scenes have no headings."""
        return line.ordinal is not None and line.level == 1 and not self.layout.has_scenes and not self.is_audio

    def _begin_scene(self, line: Line) -> None:
        """Begin a scene; text after its heading on the same line is parsed as a line of it."""
        text, rest = line.text, split_label(line)[1]
        if self.document.is_heading(line) or (is_scene_heading(text) and not line.lead):
            time, heading = extract_time(strip_brackets(text))
            self._open_scene("" if find_field(heading) == "words" else heading, time)
        elif line.lead:
            time, heading = extract_time(line.lead)
            self._read_heading_rest(rest, line, self._open_scene(heading, time))
        elif self.layout.begins_with_time(text):
            time, rest = extract_time(text[:80])
            self._read_heading_rest(rest.lstrip("])*") + text[80:], line, self._open_scene("", time))
        elif self._is_numbered_scene(line):
            self._open_scene("", TimeSpan())
            self._read_content(line, *split_label(line))
        else:
            time, heading = extract_time(text)
            self._open_scene(heading, time)

    def _read_heading_rest(self, rest: str, line: Line, scene: ParsedScene) -> None:
        """Parse the text after a heading on its line, in pieces if they are separated by |."""
        first_piece, *pieces = _CELL_SEPARATOR.split(line.source)
        if pieces and (extract_time(first_piece)[0] != TimeSpan() or find_number(first_piece) is not None):
            rest = "\n".join(pieces)
        if not rest.strip():
            return
        if scene.time == TimeSpan() and len(rest) < 40 and extract_time(rest)[0] != TimeSpan():
            scene.time, heading = extract_time(rest)
            scene.heading = scene.heading or heading
            return
        for piece in parse_cell_lines(rest):
            self._read_content(piece, *split_label(piece), block=line.block)

    def _read_content(self, line: Line, label: str, rest: str, has_colon: bool, block: int = -1) -> None:
        """Add a line of a scene: a field, a turn, words of the last turn, or a description of the picture."""
        text, block = line.text.strip(), line.block if block < 0 else block
        if self.is_audio and self.layout.begins_with_time(text):
            self._read_timed_content(text, block)
            return
        field = find_field(label) if label and (has_colon or line.cells) else None
        if field and self._add_field(field, label, rest, block):
            return
        name, time = parse_speaker(label) if has_colon else ("", TimeSpan())
        if self._is_speaker_label(label, name, line):
            if not self._is_script_label(name, rest):
                self._add_turn(name, rest, time, block)
        elif is_transition(text) or (self.scene is None and text.endswith((":", "：")) and self.pending_turn is None):
            return
        elif self.pending_turn is not None and not (is_stage_direction(line) and self.pending_turn.words):
            self.pending_turn.words.append(text)
            self.pending_turn.block = block
            self._ensure_scene().turns.append(self.pending_turn)
            self.pending_turn = None
        elif is_stage_direction(line):
            self._add_visual(strip_brackets(text))
        else:
            self._add_unlabelled(text, block)

    def _read_timed_content(self, text: str, block: int) -> None:
        """Add the pieces of an audio script's line that begins with a time: turns, or the heading of a part."""
        time, rest = extract_time(text[:80])
        for piece in parse_cell_lines(rest.lstrip("])*| ") + text[80:]):
            label, words, has_colon = split_label(piece)
            speaker = parse_speaker(label)[0]
            if has_colon and can_be_speaker(speaker):
                self._add_turn(speaker, words, time, block)
            elif len(piece.text.split()) <= 8 and piece.text[-1:] not in ".!?…":
                self._open_scene(piece.text, time)
            else:
                self._add_turn("", piece.text, time, block)

    def _is_speaker_label(self, label: str, name: str, line: Line) -> bool:
        if not name or not can_be_speaker(name) or is_stage_direction(line):
            return False
        return find_field(label) is not None or self.layout.is_speaker(name, line)

    def _add_unlabelled(self, text: str, block: int) -> None:
        """Add a paragraph to the last turn, the summary, the narration or the visuals."""
        last_turn = self.scene.turns[-1] if self.scene is not None and self.scene.turns else None
        precedes_scenes = self.is_audio and self.scene is None and (self.layout.has_scenes or not self.is_narrated)
        if last_turn and not self.visuals and (block == last_turn.block or self.layout.continues_turns):
            last_turn.words.append(text)
        elif precedes_scenes and not self.script.summary:
            self.script.summary = text
        elif self.is_narrated:
            self._add_turn("", text, TimeSpan(), block)
        else:
            self._add_visual(text)

    def _add_visual(self, text: str) -> None:
        if text:
            self.visuals.append(text)

    def _is_script_label(self, name: str, rest: str) -> bool:
        """Whether a label belongs to a remark on the script, such as "Tone: warm", rather than naming a speaker."""
        is_speech = len(rest.split()) > 3 and rest[-1:] in '.!?…”")'
        if self.layout.has_scenes and self.scene is None:
            return not is_speech
        return self.layout.names[name.casefold()] < 2 and name.casefold() in _SCRIPT_LABELS and not is_speech

    def _add_field(self, field: Field, label: str, rest: str, block: int) -> bool:
        """Add the text of a label; return False if it should be parsed as a speaker's words."""
        match field:
            case "words":
                self._add_words(label, rest, block)
            case "heard":
                self._add_heard(rest, block)
            case "picture" | "location" | "size" | "move" | "subject":
                self._add_visual(rest)
            case "time" | "length":
                time = parse_duration(rest) if field == "time" else extract_time(rest)[0]
                if self.scene is not None:
                    self.scene.time = time
                elif self.script.total_seconds is None:
                    self.script.total_seconds = time.seconds or time.start
            case "summary" if not self.script.summary:
                self.script.summary = rest
            case "title" if not self.script.title:
                self.script.title = strip_quotes(rest)
            case "speaker" if rest[-1:] not in '.!?…”"' and len(rest.split()) <= 4 and can_be_speaker(rest):
                self._add_turn(rest, "", TimeSpan(), block)
            case "speaker" | "scene":
                return False
            case _:
                pass
        return True

    def _add_words(self, label: str, words: str, block: int) -> None:
        """Add words labelled as speech: of the speaker named above, or of a voice such as "VO"."""
        name = parse_speaker(label)[0]
        is_voice = name.casefold() in _VOICES
        if not words:
            self._add_turn(label if is_voice else "", "", TimeSpan(), block)
        elif self.pending_turn is not None and not self.pending_turn.words:
            self._add_turn(self.pending_turn.speaker, words, self.pending_turn.time, block)
        else:
            self._add_turn(name if is_voice else "", words, TimeSpan(), block)

    def _add_heard(self, text: str, block: int) -> None:
        """Add the speech in a description of the sound: lines with a speaker or in quotation marks."""
        for line in parse_cell_lines(text):
            label, words, has_colon = split_label(line)
            name = parse_speaker(label)[0] if has_colon else ""
            if can_be_speaker(name) and find_field(label) in (None, "words", "speaker"):
                is_unnamed = find_field(label) == "words" and name.casefold() not in _VOICES
                self._add_turn("" if is_unnamed else name, words, TimeSpan(), block)
            elif strip_quotes(line.text) != line.text:
                self._add_turn("", strip_quotes(line.text), TimeSpan(), block)

    def _read_row(self, line: Line) -> None:
        """Add a table row: a scene, or a turn of an audio script."""
        if line.head:
            self._read_header(line)
            return
        cells = {
            field: cell for field, cell in zip(self.columns, line.cells, strict=False) if field and cell.strip(" –—-")
        }
        scene_name = cells.get("scene", "")
        is_same_scene = bool(scene_name) and scene_name == self.row_scene and self.scene is not None
        self.row_scene = scene_name
        if not scene_name.strip(" .0123456789"):
            cells.pop("scene", None)
        if not ({"words", "heard", "picture", "speaker"} & set(cells)):
            return
        time = parse_duration(cells.get("time") or cells.get("length") or "")
        speaker = parse_speaker(cells.get("speaker", ""))[0]
        if self.is_audio:
            if cells.get("words"):
                self._add_turn(speaker, " ".join(split_cell(cells["words"])), time, _TABLE_BLOCK)
            return
        if not is_same_scene:
            self._open_scene(cells.get("scene", ""), time)
        self._add_visual(" ".join(split_cell(cells.get("picture", ""))))
        self._add_visual(" ".join(split_cell(cells.get("location", ""))))
        self._add_heard(cells.get("heard", ""), _TABLE_BLOCK)
        self._read_word_cell(cells.get("words", ""), speaker)
        if self.scene is not None and not self.scene.turns:
            self._close_scene()

    def _read_header(self, line: Line) -> None:
        """Set the fields of a table's columns; a column of sound holds the words if no other does."""
        self.columns = [find_field(cell) for cell in line.cells]
        if "speaker" in self.columns and not {"words", "heard"} & set(self.columns):
            # "Picture | Voice": the voice is what is spoken.
            self.columns[self.columns.index("speaker")] = "words"
        if "heard" in self.columns and "words" not in self.columns:
            column = self.columns.index("heard")
            cells = [
                row.cells[column]
                for row in self.document.lines
                if row.sort == "row" and not row.head and len(row.cells) > column
            ]
            sound_lines = [sound_line for cell in cells for sound_line in parse_cell_lines(cell)]
            has_quotes = any(strip_quotes(sound_line.text) != sound_line.text for sound_line in sound_lines)
            if not has_quotes and not any(map(self.layout.has_speaker, sound_lines)):
                self.columns[column] = "words"

    def _read_word_cell(self, cell: str, speaker: str) -> None:
        """Add the turns in a cell of words: of the row's speaker, else of those that the cell names."""
        for line in parse_cell_lines(cell):
            label, words, has_colon = split_label(line)
            name = parse_speaker(label)[0] if has_colon and not speaker else ""
            if can_be_speaker(name) and find_field(label) in (None, "words", "heard", "speaker"):
                if find_field(label) != "heard":
                    self._add_turn(name, words, TimeSpan(), _TABLE_BLOCK)
            elif not is_stage_direction(line):
                self._add_turn(speaker, line.text, TimeSpan(), _TABLE_BLOCK)


def parse_script(document: Document, *, is_audio: bool = False) -> ParsedScript:
    """Parse the scenes and turns of a script; if no line names a speaker, unlabelled text is narration."""
    script = _ScriptParser(document, is_audio=is_audio, is_narrated=False).parse()
    if any(scene.turns for scene in script.scenes):
        return script
    return _ScriptParser(document, is_audio=is_audio, is_narrated=True).parse()

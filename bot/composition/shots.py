"""Parses a storyboard's shots from the rows of a table, or from headed or numbered entries whose lines have labels."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.composition.prompts import split_flags
from bot.composition.script_parts import build_seconds_part, compute_durations
from bot.markup import Document, Line
from bot.reading.film import (
    Field,
    TimeSpan,
    extract_time,
    find_field,
    find_number,
    find_title_line,
    is_stage_direction,
    parse_aspect_ratio,
    parse_duration,
    parse_speaker,
    split_cell,
    split_label,
    strip_brackets,
)
from bot.reading.lines import strip_quotes

# The keys of a shot for what is in the picture and what is heard.
_PICTURE, _SOUND = "seen", "heard"
# The part of a shot that each field of a label or column becomes.
_PART_BY_FIELD: dict[Field, str] = {
    "picture": _PICTURE,
    "location": _PICTURE,
    "subject": _PICTURE,
    "scene": _PICTURE,
    "heard": _SOUND,
    "words": _SOUND,
    "onscreen": _SOUND,
    "size": "size",
    "move": "move",
    "prompt": "image_prompt",
}
# Terms for shot size and camera movement, in the supported languages, that tell the two apart.
_SIZE_TERMS = re.compile(
    r"\b(?:close|close-?ups?|wide|medium|full|long|establishing|extreme|macro|over[- ]the[- ]shoulder|two[- ]shot|insert|aerial|top[- ]down|overhead|pov|totale|halbtotale"
    r"|halbnah|nah|groß|großaufnahme|detail|amerikanisch|primer plano|plano \w+|primerísimo|gros plan|plan \w+|ecu|cu|mcu|ms|mls|ws|ls|els|ews)\b",
    re.IGNORECASE,
)
_MOVE_TERMS = re.compile(
    r"\b(?:static|locked|pan|tilt|dolly|tracking|track|crane|handheld|hand-held|zoom|push|pull|orbit|drone|steadicam|whip|slider|fest|statisch|schwenk|fahrt|zufahrt"
    r"|handkamera|kran|fijo|panorámica|travelling|fixe|panoramique|fixa|panorâmica|parallax|jib)\w{0,4}\b",
    re.IGNORECASE,
)
_SEPARATOR = re.compile(r"\s{1,3}[·•|/]\s{1,3}|\s{1,3}[–—-]\s{1,3}|[,;]\s{1,3}")
# Sentences about the picture followed by a labelled sound: "A door. Sound: rain".
_INLINE_SOUND = re.compile(r"(.{1,2000}[.!?])([^.!?:]{1,60}): ([^:]{1,2000})", re.DOTALL)
_RATIO = re.compile(r"\b(?:16|9|4|3|1|21)\s?:\s?(?:16|9|4|3|5|1)\b")
_SHOT_NUMBER = re.compile(
    r"\W{0,4}(?:shot|frame|panel|scene|bild|einstellung|szene|plano|escena|plan|scène|cena|quadro|cuadro|vignette|viñeta|toma)?\s{0,2}(?:no\.|nr\.|#)?\s{0,2}(\d{1,3})(?!\d|:\d)\b[.):]?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class ParsedStoryboard:
    """The shots of a storyboard as parts, and what applies to all of them. `seconds` is the total."""

    title: str = ""
    style: str = ""
    negative_prompt: str = ""
    aspect_ratio: tuple[int, int] | None = None
    seconds: float | None = None
    shots: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _ParsedShot:
    """A shot with its texts by part. `last_part` is the part that a line without a label continues."""

    number: int
    time: TimeSpan = field(default_factory=TimeSpan)
    texts: dict[str, list[str]] = field(default_factory=dict)
    last_part: str = ""

    def add_text(self, part: str, text: str) -> None:
        """Add a text to a part, unless it is empty."""
        if text.strip():
            self.texts.setdefault(part, []).append(text.strip())
            self.last_part = part

    def add_field(self, part: str, text: str) -> None:
        """Add the text of a label or column to a part.

        Text with both shot size and camera movement is split between them, text of a picture from a labelled sound.
        """
        if part == _PICTURE and (match := _INLINE_SOUND.fullmatch(text)) and find_field(match[2]) in ("heard", "words"):
            self.add_text(_PICTURE, match[1])
            self.add_text(_SOUND, match[3])
            return
        other_part = "size" if part == "move" else "move"
        own_terms, other_terms = (_MOVE_TERMS, _SIZE_TERMS) if part == "move" else (_SIZE_TERMS, _MOVE_TERMS)
        is_combined = part in ("size", "move") and other_terms.search(text) and len(text) < 160
        if is_combined and other_part not in self.texts:
            for piece in filter(None, _SEPARATOR.split(text)):
                is_other = other_terms.search(piece) and not own_terms.search(piece)
                self.add_text(other_part if is_other else part, piece)
        else:
            self.add_text(part, strip_quotes(text) if part == "image_prompt" else text)


def parse_storyboard(document: Document) -> ParsedStoryboard:
    """Parse the shots of a storyboard, and what applies to all of them."""
    return _StoryboardParser(document).parse()


class _StoryboardParser:
    """Parses a storyboard line by line."""

    def __init__(self, document: Document) -> None:
        self.document, self.storyboard, self.shots = document, ParsedStoryboard(), list[_ParsedShot]()
        # The fields of the columns of the table that is being parsed.
        self.columns: list[Field | None] = []
        self.in_prompt_list = False
        self.listed_prompts = list[str]()
        self.total_seconds: float | None = None
        title, self.title_line = find_title_line(document)
        has_number = self.title_line is not None and _SHOT_NUMBER.match(self.title_line.text)
        if self.title_line is not None and has_number and self._begins_shot(self.title_line):
            self.title_line = None
        else:
            self.storyboard.title = title
            self.total_seconds = extract_time(title)[0].duration

    def parse(self) -> ParsedStoryboard:
        for line in self.document.lines:
            if line.sort == "row":
                self._read_row(line)
            elif line is not self.title_line and line.sort != "rule" and line.text.strip():
                self.columns = []
                self._read_line(line)
        self._assign_listed_prompts()
        shots = [shot for shot in self.shots if {_PICTURE, "image_prompt"} & set(shot.texts)]
        times = compute_durations([shot.time for shot in shots], self.total_seconds)
        for number, (shot, seconds) in enumerate(zip(shots, times, strict=True), 1):
            self.storyboard.shots.append(self._build_shot_parts(shot, number, seconds))
        if not self.storyboard.aspect_ratio and _RATIO.search(self.storyboard.title):
            self.storyboard.aspect_ratio = parse_aspect_ratio(self.storyboard.title)
        ends = [shot.time.end for shot in shots if shot.time.end is not None]
        summed_or_stated = sum(filter(None, times)) if times and all(times) else self.total_seconds
        self.storyboard.seconds = max(ends, default=None) or summed_or_stated
        return self.storyboard

    def _build_shot_parts(self, shot: _ParsedShot, number: int, seconds: float | None) -> dict[str, Any]:
        """Build the parts of a shot; its prompt may give the storyboard's aspect ratio."""
        picture, sound, image_prompt = (
            " ".join(shot.texts.get(part, ())) for part in (_PICTURE, _SOUND, "image_prompt")
        )
        size, move = (", ".join(shot.texts.get(part, ())) for part in ("size", "move"))
        shot_parts = {"number": shot.number or number, "size": size, "move": move}
        shot_parts |= build_seconds_part(seconds) | {_PICTURE: picture, _SOUND: sound}
        prompt, flags = split_flags(strip_quotes(image_prompt))
        self.storyboard.aspect_ratio = self.storyboard.aspect_ratio or parse_aspect_ratio(flags.get("ar", ""))
        return shot_parts | ({"image_prompt": image_prompt if flags else prompt} if prompt else {})

    def _begins_shot(self, line: Line) -> bool:
        """Whether a line begins a shot.

        It is an entry of a numbered list, has a number with a noun such as "Shot 3", or is a heading or bold text with
        a number or a time range.
        """
        if line.ordinal is not None and line.level == 1:
            return True
        is_emphasised = line.lead or line.sort == "heading" or self.document.is_heading(line)
        text = line.lead or line.text
        if match := _SHOT_NUMBER.match(text):
            shot_word = match.group().strip(" *#.:)").rstrip("0123456789 ").strip()
            after = text[match.end() :].strip()
            return bool(shot_word or (is_emphasised and (text[match.end() - 1] in ".):" or not after[:1].isalpha())))
        return bool(is_emphasised) and extract_time(text)[0].end is not None

    def _read_line(self, line: Line) -> None:
        """Read a line that begins a shot or a list of prompts, sets something for all shots, or is the last shot's."""
        text = line.text.strip()
        label, rest, has_colon = split_label(line)
        field_name = find_field(label) if label else None
        _, prompt_word, after_prompt = text.casefold().partition("prompt")
        if self.document.is_heading(line) and (prompt_word or find_field(text) in ("notes", "style", "summary")):
            is_single = prompt_word and not after_prompt.startswith("s")
            if is_single and self.shots and "image_prompt" not in self.shots[-1].texts:
                self.shots[-1].last_part = "image_prompt"
                return
            self.in_prompt_list = bool(prompt_word)
            self.shots.append(_ParsedShot(0))
            return
        if self.in_prompt_list:
            is_entry = line.sort == "code" or line.ordinal is not None
            self.listed_prompts.append(line.numbered[1] if is_entry else rest if has_colon else text)
            return
        is_numbered_field = field_name in ("size", "scene", "picture") and find_number(label) is not None
        if (field_name not in _PART_BY_FIELD or is_numbered_field) and self._begins_shot(line):
            self._begin_shot(line, label, rest, has_colon)
            return
        if field_name == "negative":
            self.storyboard.negative_prompt = self.storyboard.negative_prompt or rest
        elif field_name == "format" and not self.storyboard.aspect_ratio:
            self.storyboard.aspect_ratio = parse_aspect_ratio(rest)
        elif field_name == "style" and (not self.shots or not self.storyboard.style):
            self.storyboard.style = self.storyboard.style or rest
        elif field_name in ("length", "time"):
            self._set_time(rest)
        elif field_name == "title" and not self.storyboard.title:
            self.storyboard.title = strip_quotes(rest)
        elif self.shots:
            self._add_line(self.shots[-1], line, field_name, rest, has_colon)

    def _set_time(self, text: str) -> None:
        """Set the time of the last shot, or the total if there is no shot yet."""
        time = parse_duration(text)
        if self.shots:
            self.shots[-1].time = time
        else:
            self.total_seconds = self.total_seconds or time.seconds or time.start

    def _begin_shot(self, line: Line, label: str, rest: str, has_colon: bool) -> None:
        """Begin a shot at its first line, which has a number and may have a time, size, movement and picture."""
        text = line.lead or (label if has_colon and _SHOT_NUMBER.fullmatch(label) else line.text)
        match = _SHOT_NUMBER.match(text) if line.ordinal is None or line.lead else None
        number = int(match[1]) if match and match[1] else line.ordinal or 0
        shot = _ParsedShot(number or sum(bool(other.texts) for other in self.shots) + 1)
        self.shots.append(shot)
        after = text[match.end() :] if match else text
        is_rest_short = rest and text is not line.text and len(rest) < 60 and not line.rest.endswith(".")
        heading = f"{after} | {rest}" if is_rest_short else after
        shot.time, remaining = extract_time(heading) if len(heading) <= 400 else (TimeSpan(), heading)
        remaining = remaining.replace("()", "").strip(" ·|,–—-:")
        pieces = [remaining]
        if len(remaining) < 160:
            pieces = [piece.strip(" ()|:.–—-") for piece in _SEPARATOR.split(remaining)]
        for piece in filter(None, pieces):
            is_size, is_move = _SIZE_TERMS.search(piece), _MOVE_TERMS.search(piece)
            if len(piece.split()) <= 6 and (is_size or is_move):
                shot.add_text("size" if is_size else "move", piece)
            elif len(piece.split()) > 3 or (text is line.text and line.ordinal is not None):
                shot.add_text(_PICTURE, piece)
        shot.last_part = ""
        if text is not line.text and rest and not heading.endswith(rest):
            field_name = find_field(rest.partition(":")[0])
            part = _PART_BY_FIELD.get(field_name, _PICTURE) if field_name else _PICTURE
            shot.add_field(part, rest.partition(":")[2] if field_name else rest)

    def _add_line(self, shot: _ParsedShot, line: Line, field_name: Field | None, rest: str, has_colon: bool) -> None:
        """Add a line below the beginning of a shot to the part that its label or form suggests, else to the last one."""
        text = line.text.strip()
        part = _PART_BY_FIELD.get(field_name) if field_name else None
        if text[:1] in "🔊🎵🎙🔈🎧":
            shot.add_text(_SOUND, text[1:].lstrip("️ "))
        elif part and (has_colon or line.lead):
            shot.add_field(part, rest)
            shot.last_part = part
        elif has_colon and field_name is None and parse_speaker(line.label[0])[0].isupper():
            shot.add_text(_SOUND, text)
        elif field_name in ("notes", "settings", "seed", "model", "alt", "number", "speaker", "summary"):
            shot.last_part = ""
        elif line.sort == "code":
            shot.add_text("image_prompt", text)
        elif is_stage_direction(line) and _PICTURE not in shot.texts:
            shot.add_text(_PICTURE, strip_brackets(text))
        else:
            shot.add_text(shot.last_part or _PICTURE, text)

    def _read_row(self, line: Line) -> None:
        """Add a table row as a shot, or set the columns if it is a header."""
        if line.head:
            self.columns = [_find_column_field(cell) for cell in line.cells]
            return
        fields_and_cells = list(zip(self.columns, line.cells, strict=False))
        if not any(name in _PART_BY_FIELD for name, _ in fields_and_cells):
            return
        numbers = [find_number(cell) for name, cell in fields_and_cells if name in ("number", "scene") and cell]
        shot = _ParsedShot(next(filter(None, numbers), None) or len(self.shots) + 1)
        self.shots.append(shot)
        for name, cell in fields_and_cells:
            text = " ".join(split_cell(cell))
            if name in ("time", "length"):
                shot.time = parse_duration(cell)
            elif name == "size" and find_number(cell) is not None and len(cell) < 8:
                shot.number = find_number(cell) or shot.number
            elif name == "scene" and (text.isdigit() or len(text) < 10):
                continue
            elif name in _PART_BY_FIELD and text.strip("–—- "):
                shot.add_field(_PART_BY_FIELD[name], text)

    def _assign_listed_prompts(self) -> None:
        """Drop empty shots. If no shot has a prompt and as many are listed as there are shots, assign them in order."""
        self.shots = [shot for shot in self.shots if shot.texts]
        prompts = [prompt for prompt in self.listed_prompts if prompt.strip()]
        shots_without_prompt = [shot for shot in self.shots if "image_prompt" not in shot.texts]
        if len(prompts) == len(shots_without_prompt) == len(self.shots):
            for shot, prompt in zip(shots_without_prompt, prompts, strict=True):
                shot.add_text("image_prompt", prompt)


def _find_column_field(cell: str) -> Field | None:
    """Return the field of a column from its heading: the first known name in it, else "prompt" if it has that word."""
    for name in (cell, *re.split(r"\s{0,3}[/&+]\s{0,3}|\s(?:and|und|y|et|e)\s", cell)):
        if column_field := find_field(name):
            return column_field
    return "prompt" if "prompt" in cell.casefold() else None

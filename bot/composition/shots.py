"""Parses the shots of a storyboard: rows of a table, or entries under headings or numbers with labelled lines. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from bot.composition.prompts import split_flags
from bot.composition.script_parts import compute_durations
from bot.markup import Document, Line
from bot.reading.film import (
    Field,
    TimeSpan,
    extract_time,
    find_field,
    find_number,
    find_title_line,
    is_stage_direction,
    parse_duration,
    parse_shape,
    parse_speaker,
    split_cell,
    split_label,
    strip_brackets,
)
from bot.reading.lines import strip_quotes

# The fields of a shot that a label or a column may fill, by the part they become.
_PARTS: dict[Field, str] = {
    "picture": "seen",
    "location": "seen",
    "subject": "seen",
    "scene": "seen",
    "heard": "heard",
    "words": "heard",
    "onscreen": "heard",
    "size": "size",
    "move": "move",
    "prompt": "image_prompt",
}
# Technical terms in every language that identify the pieces of a heading.
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
_PIECES = re.compile(r"\s{1,3}[·•|/]\s{1,3}|\s{1,3}[–—-]\s{1,3}|[,;]\s{1,3}")
# A sentence about sound after those about the picture: "A door. Sound: rain".
_INLINE_SOUND = re.compile(r"(.{1,2000}[.!?])([^.!?:]{1,60}): ([^:]{1,2000})", re.DOTALL)
_RATIO = re.compile(r"\b(?:16|9|4|3|1|21)\s?:\s?(?:16|9|4|3|5|1)\b")
_SHOT = re.compile(
    r"\W{0,4}(?:shot|frame|panel|scene|bild|einstellung|szene|plano|escena|plan|scène|cena|quadro|cuadro|vignette|viñeta|toma)?\s{0,2}(?:no\.|nr\.|#)?\s{0,2}(\d{1,3})(?!\d|:\d)\b[.):]?",
    re.IGNORECASE,
)


@dataclass(slots=True)
class ParsedStoryboard:
    """A parsed storyboard."""

    title: str = ""
    style: str = ""
    negative: str = ""
    shape: tuple[int, int] | None = None
    seconds: float | None = None
    shots: list[dict[str, Any]] = field(default_factory=list)


@dataclass(slots=True)
class _ParsedShot:
    number: int
    time: TimeSpan = field(default_factory=TimeSpan)
    told: dict[str, list[str]] = field(default_factory=dict)
    last: str = ""

    def tell(self, part: str, said: str) -> None:
        if said.strip():
            self.told.setdefault(part, []).append(said.strip())
            self.last = part

    def fill(self, part: str, said: str) -> None:
        """Fill a part with the text of a label or a column, which often combines size and move."""
        other = "size" if part == "move" else "move"
        by, others = (_MOVE_TERMS, _SIZE_TERMS) if part == "move" else (_SIZE_TERMS, _MOVE_TERMS)
        if part in ("size", "move") and others.search(said) and other not in self.told and len(said) < 160:
            for piece in filter(None, _PIECES.split(said)):
                self.tell(other if others.search(piece) and not by.search(piece) else part, piece)
        elif part == "seen" and (inner := _INLINE_SOUND.fullmatch(said)) and find_field(inner[2]) in ("heard", "words"):
            self.tell("seen", inner[1])
            self.tell("heard", inner[3])
        else:
            self.tell(part, strip_quotes(said) if part == "image_prompt" else said)


def parse_storyboard(document: Document) -> ParsedStoryboard:
    """Return the shots of a text, with the settings common to all of them."""
    return _StoryboardParser(document).read()


class _StoryboardParser:
    def __init__(self, document: Document) -> None:
        self.document, self.board, self.shots = document, ParsedStoryboard(), list[_ParsedShot]()
        self.columns: list[Field | None] = []
        self.prompts = False
        self.listed = list[str]()
        self.total: float | None = None
        title, self.head = find_title_line(document)
        if self.head is not None and _SHOT.match(self.head.text) and self._opens(self.head):
            self.head = None
        else:
            self.board.title = title
            self.total = extract_time(title)[0].duration

    def read(self) -> ParsedStoryboard:
        for line in self.document.lines:
            if line.sort == "row":
                self._row(line)
            elif line is not self.head and line.sort != "rule" and line.text.strip():
                self.columns = []
                self._line(line)
        self._prompts_below()
        shots = [shot for shot in self.shots if {"seen", "image_prompt"} & set(shot.told)]
        times = compute_durations([shot.time for shot in shots], self.total)
        for number, (shot, seconds) in enumerate(zip(shots, times, strict=True), 1):
            told = {name: " ".join(shot.told.get(name, ())) for name in ("seen", "heard", "image_prompt")}
            size, move = (", ".join(shot.told.get(name, ())) for name in ("size", "move"))
            made: dict[str, Any] = {"number": shot.number or number, "size": size, "move": move}
            made |= {"seconds": round(seconds)} if seconds else {}
            made |= {"seen": told["seen"], "heard": told["heard"]}
            prompt, flags = split_flags(strip_quotes(told["image_prompt"]))
            self.board.shape = self.board.shape or parse_shape(flags.get("ar", ""))
            image = {"image_prompt": told["image_prompt"] if flags else prompt} if prompt else {}
            self.board.shots.append(made | image)
        self.board.shape = self.board.shape or (
            parse_shape(self.board.title) if _RATIO.search(self.board.title) else None
        )
        ends = [shot.time.end for shot in shots if shot.time.end is not None]
        summed = sum(filter(None, times)) if times and all(times) else self.total
        self.board.seconds = max(ends, default=None) or summed
        return self.board

    def _opens(self, line: Line) -> bool:
        """Whether a line begins a shot: a heading or a bold start with its number, or an entry of a numbered list."""
        if line.ordinal is not None and line.level == 1:
            return True
        bold = line.lead or line.sort == "heading" or self.document.is_heading(line)
        text = line.lead or line.text
        if found := _SHOT.match(text):
            named = found.group().strip(" *#.:)").rstrip("0123456789 ").strip()
            behind = text[found.end() :].strip()
            return bool(named or (bold and (text[found.end() - 1] in ".):" or not behind[:1].isalpha())))
        return bool(bold) and extract_time(text)[0].end is not None

    def _line(self, line: Line) -> None:
        text = line.text.strip()
        label, rest, marked = split_label(line)
        named = find_field(label) if label else None
        prompt = text.casefold().partition("prompt")[1:]
        if self.document.is_heading(line) and (prompt[0] or find_field(text) in ("notes", "style", "summary")):
            if prompt[0] and prompt[1][:1] != "s" and self.shots and "image_prompt" not in self.shots[-1].told:
                self.shots[-1].last = "image_prompt"
                return
            self.prompts = bool(prompt[0])
            self.shots.append(_ParsedShot(0))
            return
        if self.prompts:
            entry = line.sort == "code" or line.ordinal is not None
            self.listed.append(line.numbered[1] if entry else rest if marked else text)
            return
        numbered = named in ("size", "scene", "picture") and find_number(label) is not None
        if (named not in _PARTS or numbered) and self._opens(line):
            self._open(line, label, rest, marked)
            return
        if named == "negative":
            self.board.negative = self.board.negative or rest
        elif named == "format" and not self.board.shape:
            self.board.shape = parse_shape(rest)
        elif named == "style" and (not self.shots or not self.board.style):
            self.board.style = self.board.style or rest
        elif named in ("length", "time"):
            self._time(rest)
        elif named == "title" and not self.board.title:
            self.board.title = strip_quotes(rest)
        elif self.shots:
            self._tell(self.shots[-1], line, named, rest, marked)

    def _time(self, rest: str) -> None:
        time = parse_duration(rest)
        if self.shots:
            self.shots[-1].time = time
        else:
            self.total = self.total or time.seconds or time.start

    def _open(self, line: Line, label: str, rest: str, marked: bool) -> None:
        """Begin a shot from its first line: number, time, size, move and the remaining text."""
        text = line.lead or (label if marked and _SHOT.fullmatch(label) else line.text)
        found = _SHOT.match(text) if line.ordinal is None or line.lead else None
        number = int(found[1]) if found and found[1] else line.ordinal or 0
        shot = _ParsedShot(number or len([one for one in self.shots if one.told]) + 1)
        self.shots.append(shot)
        behind = text[found.end() :] if found else text
        short = rest and text is not line.text and len(rest) < 60 and not line.rest.endswith(".")
        whole = f"{behind} | {rest}" if short else behind
        shot.time, left = extract_time(whole) if len(whole) <= 400 else (TimeSpan(), whole)
        left = left.replace("()", "").strip(" ·|,–—-:")
        kept = [piece.strip(" ()|:.–—-") for piece in _PIECES.split(left)] if len(left) < 160 else [left]
        for piece in filter(None, kept):
            is_size, is_move = _SIZE_TERMS.search(piece), _MOVE_TERMS.search(piece)
            if len(piece.split()) <= 6 and (is_size or is_move):
                shot.tell("size" if is_size else "move", piece)
            elif len(piece.split()) > 3 or (text is line.text and line.ordinal is not None):
                shot.tell("seen", piece)
        shot.last = ""
        if text is not line.text and rest and not whole.endswith(rest):
            named = find_field(rest.partition(":")[0])
            shot.fill(_PARTS.get(named, "seen") if named else "seen", rest.partition(":")[2] if named else rest)

    def _tell(self, shot: _ParsedShot, line: Line, named: Field | None, rest: str, marked: bool) -> None:
        text = line.text.strip()
        part = _PARTS.get(named) if named else None
        if text[:1] in "🔊🎵🎙🔈🎧":
            shot.tell("heard", text[1:].lstrip("️ "))
        elif part and (marked or line.lead):
            shot.fill(part, rest)
            shot.last = part
        elif marked and named is None and parse_speaker(line.label[0])[0].isupper():
            shot.tell("heard", text)
        elif named in ("notes", "settings", "seed", "model", "alt", "number", "speaker", "summary"):
            shot.last = ""
        elif line.sort == "code":
            shot.tell("image_prompt", text)
        elif is_stage_direction(line) and "seen" not in shot.told:
            shot.tell("seen", strip_brackets(text))
        else:
            shot.tell(shot.last or "seen", text)

    def _row(self, line: Line) -> None:
        if line.head:
            self.columns = [_find_column_field(cell) for cell in line.cells]
            return
        told = list(zip(self.columns, line.cells, strict=False))
        if not any(name in _PARTS for name, _ in told):
            return
        numbers = [find_number(cell) for name, cell in told if name in ("number", "scene") and cell]
        shot = _ParsedShot(next((one for one in numbers if one), None) or len(self.shots) + 1)
        self.shots.append(shot)
        for name, cell in told:
            said = " ".join(split_cell(cell))
            if name in ("time", "length"):
                shot.time = parse_duration(cell)
            elif name == "size" and find_number(cell) is not None and len(cell) < 8:
                shot.number = find_number(cell) or shot.number
            elif name == "scene" and (said.isdigit() or len(said) < 10):
                continue
            elif name in _PARTS and said.strip("–—- "):
                shot.fill(_PARTS[name], said)

    def _prompts_below(self) -> None:
        """Assign each shot its prompt if the prompts are in a list below all shots."""
        self.shots = [shot for shot in self.shots if shot.told]
        listed = [one for one in self.listed if one.strip()]
        lacking = [shot for shot in self.shots if "image_prompt" not in shot.told]
        if len(listed) == len(lacking) == len(self.shots):
            for shot, prompt in zip(lacking, listed, strict=True):
                shot.tell("image_prompt", prompt)


def _find_column_field(cell: str) -> Field | None:
    """Return the field that a column holds: the first known one of the names in its heading."""
    for one in (cell, *re.split(r"\s{0,3}[/&+]\s{0,3}|\s(?:and|und|y|et|e)\s", cell)):
        if found := find_field(one):
            return found
    return "prompt" if "prompt" in cell.casefold() else None

"""Parses prompts out of a text, with the fields around them: negative prompt, shape, alternative text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from bot.composition.dialects import reduce_ratio
from bot.markup import Document, Line
from bot.reading.film import Field, extract_time, find_field, find_number, parse_aspect_ratio, split_label
from bot.reading.lines import parse_names, strip_quotes

# The start of a prompt's parameters: "--ar 3:2".
_FLAG_START = re.compile(
    r"(?:^|\s)(?:--|—|––|–)(?=(?:ar|aspect|no|s|stylize|v|version|style|seed|q|quality|c|chaos|niji|tile|iw|sref|cref|raw|weird|w|p|profile|sw|cw|hd|exp|ow|oref|draft)\b)"
)
_FLAGGED = re.compile(r"(?:--|—|––|–)(\w{1,12})(?:\s{1,4}([^\s-][^\n]*?))?(?=\s{1,4}(?:--|—|––|–)\w|\s*$)")
_PROMPT = re.compile(
    r"(?:[^\w\n]{0,4})(?:(?:image|bild|video|final|midjourney)[ -]?)?prompt\b[^\n]{0,60}", re.IGNORECASE
)
_NONE = parse_names("none|nothing|no|n/a|-|–|—|keine|nichts|nada|ninguno|ninguna|rien|aucun|nenhum|nenhuma")
_PROMPT_FIELDS: frozenset[Field] = frozenset(
    {"alt", "seed", "model", "length", "settings", "notes", "title", "summary"}
)
_IMAGINE = re.compile(r"/imagine\s{1,3}(?:prompt:?\s{0,3})?", re.IGNORECASE)
# Words of a heading above a prompt.
_NAME = 8
_SEPARATOR = re.compile(r"\s{1,3}[|·•]\s{1,3}|\s{2,4}/\s{2,4}")


@dataclass(slots=True)
class ParsedPrompts:
    """The prompts found in a text. `prompts` lack their parameters; `raw` includes them, ready to paste."""

    prompts: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    negative: str = ""
    alt: str = ""
    shape: tuple[int, int] | None = None
    seed: int | None = None
    seconds: str = ""


@dataclass(slots=True)
class _PromptBlock:
    """Lines that belong together: a prompt, or the text of a label."""

    named_field: Field | None
    lines: list[Line] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    is_fenced: bool = False
    group: int = 0

    @property
    def awaits_fence(self) -> bool:
        """Whether it is a label that may precede the fence that it names."""
        return not self.is_fenced and self.named_field not in (None, "prompt") and not self.texts

    def add(self, line: Line, text: str) -> None:
        """Add a line with its text, an empty line before it where a paragraph begins."""
        if self.texts and self._is_parted_from(line):
            self.texts.append("")
        self.lines.append(line)
        self.texts.append(text)

    def ends_before(self, line: Line) -> bool:
        """Whether a line without a label belongs to another block: at a fence, or a paragraph below another field's text."""
        if line.sort == "code" or self.is_fenced:
            return self.is_fenced != (line.sort == "code")
        is_aside = self.named_field not in (None, "prompt", "notes")
        return is_aside and bool(self.texts) and self._is_parted_from(line)

    def build_next(self, line: Line, *, is_numbered: bool) -> _PromptBlock:
        """Build the block that a line begins; fences and numbered entries below "Prompt" are prompts too."""
        begins_fence = line.sort == "code" and not self.is_fenced
        named_field = self.named_field if (begins_fence or is_numbered) and self.named_field == "prompt" else None
        group = self.group + bool(is_numbered or (begins_fence and self.texts))
        return _PromptBlock(named_field, is_fenced=line.sort == "code", group=group)

    def _is_parted_from(self, line: Line) -> bool:
        return bool(self.lines) and self.lines[-1].block != line.block


def parse_prompts(document: Document) -> ParsedPrompts:
    """Return the prompts of a text: those in fences or below "Prompt", else the paragraphs before the first label."""
    blocks = list(_split_blocks(document))
    found = ParsedPrompts()
    for block in blocks:
        if block.named_field is None and not block.is_fenced:
            _take_setting(block, found)
        _store_field(block, found)
    if not (chosen := _choose_prompts(blocks)):
        return found
    for group in chosen:
        raw = strip_quotes("\n\n".join(group))
        bare, flags = split_flags(_IMAGINE.sub("", raw, count=1))
        if bare:
            found.prompts.append(bare)
            found.raw.append(raw)
            found.shape = found.shape or (parse_aspect_ratio(flags.get("ar", flags.get("aspect", ""))))
            found.seed = found.seed if found.seed is not None else find_number(flags.get("seed", ""))
    return found


def build_prompt_parts(found: ParsedPrompts, ratio: tuple[int, int]) -> dict[str, Any]:
    """Return the parts that image and video prompts have in common."""
    several = {"variants": found.prompts} if len(found.prompts) > 1 else {}
    kept_out = {"negative_prompt": found.negative} if found.negative else {}
    shape = {"ratio": list(reduce_ratio(found.shape or ratio))}
    return {"prompt": found.prompts[0], "raw": "\n\n".join(found.raw), **shape, **several, **kept_out}


def split_flags(raw: str) -> tuple[str, dict[str, str]]:
    """Return a prompt without the parameters at its end, and those parameters by name."""
    found = _FLAG_START.search(raw)
    if not found:
        return raw, {}
    return raw[: found.start()].strip(), {
        one[1].casefold(): (one[2] or "").strip() for one in _FLAGGED.finditer(raw[found.start() :])
    }


def _split_blocks(document: Document) -> Iterator[_PromptBlock]:
    """Yield the lines grouped by the label before them; a heading starts a new group."""
    block, entry = _PromptBlock(None), None
    for line, following in zip_longest(document.lines, document.lines[1:]):
        if line.head:
            continue
        if _heads_prompt(line, following):
            yield block
            block = _PromptBlock(None, group=block.group + 1)
            continue
        if line.sort != "code" and document.is_heading(line):
            yield block
            named_field = find_field(line.text) or ("prompt" if _PROMPT.fullmatch(line.text) else None)
            block = _PromptBlock(named_field, group=block.group + 1)
            continue
        label, rest, _ = split_label(line)
        if named_field := _find_prompt_field(label, line):
            yield block
            group = block.group + (named_field == "prompt")
            block = _PromptBlock(named_field, is_fenced=line.sort == "code", group=group)
            if rest:
                block.add(line, rest)
            yield from _split_inline_labels(block)
            continue
        is_numbered = line.ordinal is not None and line.entry != entry and block.named_field in (None, "prompt")
        entry = line.entry
        if block.awaits_fence and line.sort == "code":
            block.is_fenced = True
        elif is_numbered or block.ends_before(line):
            yield block
            block = block.build_next(line, is_numbered=is_numbered)
        block.add(line, line.source if line.sort != "row" else line.text)
    yield block


def _heads_prompt(line: Line, following: Line | None) -> bool:
    """Whether a line is a rule, or a bold line in the paragraph of a prompt that names no field."""
    if line.sort == "rule":
        return True
    below = following is not None and following.block == line.block
    named = line.lead == line.text.strip(" :") and len(line.lead.split()) <= _NAME
    return below and named and _find_prompt_field(line.lead, line) is None


def _find_prompt_field(label: str, line: Line) -> Field | None:
    """Return the field that a line's label names, if it is one of those that accompany prompts."""
    named_field = find_field(label) if label else None
    if label and named_field is None and (line.lead or len(label) < 40) and _PROMPT.fullmatch(label):
        return "prompt"
    if named_field == "size":  # Of a picture, not of a shot.
        return "format" if parse_aspect_ratio(line.text) else None
    return named_field if named_field in {*_PROMPT_FIELDS, "prompt", "negative", "format"} else None


def _split_inline_labels(block: _PromptBlock) -> Iterator[_PromptBlock]:
    """Yield further labels on the line of the first one: "Format: 4:5 | Alt text: …"."""
    pieces = _SEPARATOR.split(block.texts[0]) if block.texts and block.named_field != "prompt" else []
    for at, piece in enumerate(pieces[1:], 1):
        label, colon, rest = piece.partition(":")
        if colon and (named_field := find_field(label)):
            yield _PromptBlock(named_field, list(block.lines), [rest.strip(" *")], group=block.group)
            block.texts[0] = _SEPARATOR.split(block.texts[0])[0] if at == 1 else block.texts[0]


def _take_setting(block: _PromptBlock, found: ParsedPrompts) -> None:
    """Consume a last paragraph that holds only a length and a shape: "8 seconds, 9:16"."""
    *before, last = _join_texts(block.texts).split("\n\n")
    left = extract_time(last)[1] if 0 < len(last) < 40 else "words"
    if not any(map(str.isalpha, left.replace("x", "").replace("px", ""))):
        found.shape, found.seconds = found.shape or parse_aspect_ratio(last), found.seconds or last
        block.texts = ["\n\n".join(before)]


def _store_field(block: _PromptBlock, found: ParsedPrompts) -> None:
    text = " ".join(filter(None, block.texts)).strip(" *`")
    if not text:
        return
    match block.named_field:
        case "negative" if not found.negative and text.casefold().strip(" .") not in _NONE:
            found.negative = text.rstrip(".") if text.count(".") == 1 else text
        case "format":
            found.shape = found.shape or parse_aspect_ratio(text)
        case "alt" if not found.alt:
            found.alt = strip_quotes(text)
        case "seed" | "settings" if found.seed is None:
            at = text.casefold().find("seed") if block.named_field == "settings" else 0
            found.seed = find_number(text[at:]) if at >= 0 else None
        case "length" if not found.seconds:
            found.seconds = text


def _choose_prompts(blocks: Sequence[_PromptBlock]) -> list[list[str]]:
    """Return the texts of each prompt: fenced ones, else those with parameters, else labelled ones, else everything without
    a label.
    """
    candidates = [
        block for block in blocks if block.named_field in (None, "prompt") and any(map(str.strip, block.texts))
    ]
    fenced = [block for block in candidates if block.is_fenced]
    if fenced:
        return [["\n".join(block.texts).strip()] for block in fenced]
    flagged = [_join_texts(block.texts) for block in candidates]
    flagged = [piece for text in flagged for piece in text.split("\n\n") if _FLAG_START.search(piece)]
    if flagged:
        return [[piece] for piece in flagged]
    named = [block for block in candidates if block.named_field == "prompt"]
    groups: dict[int, list[str]] = {}
    for block in named or candidates:
        text = _join_texts(block.texts)
        groups.setdefault(block.group, []).append(text if named else _remove_lead(text))
    return [texts for group in groups.values() if (texts := [text for text in group if any(map(str.isalnum, text))])]


def _remove_lead(text: str) -> str:
    """Return the text without a leading sentence that only introduces it: "Here is the prompt:"."""
    first, _, rest = text.partition("\n\n")
    return rest if len(first) < 200 and first.rstrip("*_ ").endswith((":", "：")) else text


def _join_texts(texts: Sequence[str]) -> str:
    """Join lines as written, with an empty line between paragraphs."""
    return "\n".join(texts).strip()

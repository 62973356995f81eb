"""Parses the prompts in a text, and the fields around them: negative prompt, aspect ratio, alternative text."""

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

# The beginning of a prompt's parameters: "--ar 3:2".
_FLAG_START = re.compile(
    r"(?:^|\s)(?:--|—|––|–)(?=(?:ar|aspect|no|s|stylize|v|version|style|seed|q|quality|c|chaos|niji|tile|iw|sref|cref|raw|weird|w|p|profile|sw|cw|hd|exp|ow|oref|draft)\b)"
)
_FLAG = re.compile(r"(?:--|—|––|–)(\w{1,12})(?:\s{1,4}([^\s-][^\n]*?))?(?=\s{1,4}(?:--|—|––|–)\w|\s*$)")
_PROMPT_LABEL = re.compile(
    r"(?:[^\w\n]{0,4})(?:(?:image|bild|video|final|midjourney)[ -]?)?prompt\b[^\n]{0,60}", re.IGNORECASE
)
_NO_VALUE = parse_names("none|nothing|no|n/a|-|–|—|keine|nichts|nada|ninguno|ninguna|rien|aucun|nenhum|nenhuma")
_PROMPT_FIELDS: frozenset[Field] = frozenset(
    {"alt", "seed", "model", "length", "settings", "notes", "title", "summary"}
)
_IMAGINE_COMMAND = re.compile(r"/imagine\s{1,3}(?:prompt:?\s{0,3})?", re.IGNORECASE)
_MAX_HEADING_WORDS = 8
_SEPARATOR = re.compile(r"\s{1,3}[|·•]\s{1,3}|\s{2,4}/\s{2,4}")


@dataclass(slots=True)
class ParsedPrompts:
    """The prompts in a text, without their parameters, and with them in `raw_prompts`; and the fields around them."""

    prompts: list[str] = field(default_factory=list)
    raw_prompts: list[str] = field(default_factory=list)
    negative_prompt: str = ""
    alt_text: str = ""
    aspect_ratio: tuple[int, int] | None = None
    seed: int | None = None
    # The text that gives a clip's length.
    duration: str = ""


@dataclass(slots=True)
class _PromptBlock:
    """Lines that belong together: those of a prompt, or the text of a label."""

    # The field that the label names, None for lines without a label.
    named_field: Field | None
    lines: list[Line] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    is_fenced: bool = False
    # Blocks with the same number are parts of one prompt.
    group: int = 0

    @property
    def awaits_fence(self) -> bool:
        """Whether the block is a label without text, whose text may be in a fence below it."""
        return not self.is_fenced and self.named_field not in (None, "prompt") and not self.texts

    def add(self, line: Line, text: str) -> None:
        """Add a line with its text, after an empty text if the line begins another paragraph."""
        if self.texts and self._is_other_paragraph(line):
            self.texts.append("")
        self.lines.append(line)
        self.texts.append(text)

    def ends_before(self, line: Line) -> bool:
        """Whether an unlabelled line begins another block: a fence or its end, or a paragraph below a field's text."""
        if line.sort == "code" or self.is_fenced:
            return self.is_fenced != (line.sort == "code")
        is_aside = self.named_field not in (None, "prompt", "notes")
        return is_aside and bool(self.texts) and self._is_other_paragraph(line)

    def build_next(self, line: Line, *, is_numbered: bool) -> _PromptBlock:
        """Build the block that a line begins; fences and numbered entries below "Prompt" are prompts too."""
        begins_fence = line.sort == "code" and not self.is_fenced
        named_field = self.named_field if (begins_fence or is_numbered) and self.named_field == "prompt" else None
        group = self.group + bool(is_numbered or (begins_fence and self.texts))
        return _PromptBlock(named_field, is_fenced=line.sort == "code", group=group)

    def _is_other_paragraph(self, line: Line) -> bool:
        return bool(self.lines) and self.lines[-1].block != line.block


def parse_prompts(document: Document) -> ParsedPrompts:
    """Parse the prompts of a text: those in fences, with parameters or labelled, else all unlabelled text."""
    blocks = list(_split_blocks(document))
    result = ParsedPrompts()
    for block in blocks:
        if block.named_field is None and not block.is_fenced:
            _extract_length(block, result)
        _store_field(block, result)
    for group in _choose_prompts(blocks):
        raw = strip_quotes("\n\n".join(group))
        bare, flags = split_flags(_IMAGINE_COMMAND.sub("", raw, count=1))
        if bare:
            result.prompts.append(bare)
            result.raw_prompts.append(raw)
            result.aspect_ratio = result.aspect_ratio or (parse_aspect_ratio(flags.get("ar", flags.get("aspect", ""))))
            result.seed = result.seed if result.seed is not None else find_number(flags.get("seed", ""))
    return result


def build_prompt_parts(result: ParsedPrompts, ratio: tuple[int, int]) -> dict[str, Any]:
    """Return the parts that image and video prompts have in common."""
    variants = {"variants": result.prompts} if len(result.prompts) > 1 else {}
    negative_prompt = {"negative_prompt": result.negative_prompt} if result.negative_prompt else {}
    ratio_part = {"ratio": list(reduce_ratio(result.aspect_ratio or ratio))}
    return {
        "prompt": result.prompts[0],
        "raw": "\n\n".join(result.raw_prompts),
        **ratio_part,
        **variants,
        **negative_prompt,
    }


def split_flags(raw: str) -> tuple[str, dict[str, str]]:
    """Return a prompt without the parameters at its end, and these by name."""
    match = _FLAG_START.search(raw)
    if not match:
        return raw, {}
    return raw[: match.start()].strip(), {
        flag[1].casefold(): (flag[2] or "").strip() for flag in _FLAG.finditer(raw[match.start() :])
    }


def _split_blocks(document: Document) -> Iterator[_PromptBlock]:
    """Yield the lines in blocks by the label before them; a heading begins a new group."""
    block, previous_entry = _PromptBlock(None), None
    for line, following in zip_longest(document.lines, document.lines[1:]):
        if line.head:
            continue
        if _heads_prompt(line, following):
            yield block
            block = _PromptBlock(None, group=block.group + 1)
            continue
        if line.sort != "code" and document.is_heading(line):
            yield block
            named_field = find_field(line.text) or ("prompt" if _PROMPT_LABEL.fullmatch(line.text) else None)
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
        is_numbered = (
            line.ordinal is not None and line.entry != previous_entry and block.named_field in (None, "prompt")
        )
        previous_entry = line.entry
        if block.awaits_fence and line.sort == "code":
            block.is_fenced = True
        elif is_numbered or block.ends_before(line):
            yield block
            block = block.build_next(line, is_numbered=is_numbered)
        block.add(line, line.source if line.sort != "row" else line.text)
    yield block


def _heads_prompt(line: Line, following: Line | None) -> bool:
    """Whether a line is a rule, or a short bold one above text of its paragraph that is no known label."""
    if line.sort == "rule":
        return True
    has_text_below = following is not None and following.block == line.block
    is_bold = line.lead == line.text.strip(" :") and len(line.lead.split()) <= _MAX_HEADING_WORDS
    return has_text_below and is_bold and _find_prompt_field(line.lead, line) is None


def _find_prompt_field(label: str, line: Line) -> Field | None:
    """Return the field that a label names if it is "prompt" or one that accompanies prompts; None otherwise."""
    named_field = find_field(label) if label else None
    if label and named_field is None and (line.lead or len(label) < 40) and _PROMPT_LABEL.fullmatch(label):
        return "prompt"
    if named_field == "size":  # The size of a picture rather than of a shot.
        return "format" if parse_aspect_ratio(line.text) else None
    return named_field if named_field in {*_PROMPT_FIELDS, "prompt", "negative", "format"} else None


def _split_inline_labels(block: _PromptBlock) -> Iterator[_PromptBlock]:
    """Split off the further labels on a block's line: "Format: 4:5 | Alt text: …"."""
    pieces = _SEPARATOR.split(block.texts[0]) if block.texts and block.named_field != "prompt" else []
    for position, piece in enumerate(pieces[1:], 1):
        label, colon, rest = piece.partition(":")
        if colon and (named_field := find_field(label)):
            yield _PromptBlock(named_field, list(block.lines), [rest.strip(" *")], group=block.group)
            block.texts[0] = _SEPARATOR.split(block.texts[0])[0] if position == 1 else block.texts[0]


def _extract_length(block: _PromptBlock, result: ParsedPrompts) -> None:
    """Remove a last paragraph of only length and aspect ratio, such as "8 seconds, 9:16", from a block, and use it."""
    *paragraphs, last = _join_texts(block.texts).split("\n\n")
    rest = extract_time(last)[1] if 0 < len(last) < 40 else "words"
    if not any(map(str.isalpha, rest.replace("px", "").replace("x", ""))):
        result.aspect_ratio, result.duration = result.aspect_ratio or parse_aspect_ratio(last), result.duration or last
        block.texts = ["\n\n".join(paragraphs)]


def _store_field(block: _PromptBlock, result: ParsedPrompts) -> None:
    """Set the field that a block is labelled with, unless it is set already."""
    text = " ".join(filter(None, block.texts)).strip(" *`")
    if not text:
        return
    match block.named_field:
        case "negative" if not result.negative_prompt and text.casefold().strip(" .") not in _NO_VALUE:
            result.negative_prompt = text.rstrip(".") if text.count(".") == 1 else text
        case "format":
            result.aspect_ratio = result.aspect_ratio or parse_aspect_ratio(text)
        case "alt" if not result.alt_text:
            result.alt_text = strip_quotes(text)
        case "seed" | "settings" if result.seed is None:
            start = text.casefold().find("seed") if block.named_field == "settings" else 0
            result.seed = find_number(text[start:]) if start >= 0 else None
        case "length" if not result.duration:
            result.duration = text


def _choose_prompts(blocks: Sequence[_PromptBlock]) -> list[list[str]]:
    """Return the texts of each prompt: fenced, else with parameters, else labelled, else all unlabelled ones."""
    candidates = [
        block for block in blocks if block.named_field in (None, "prompt") and any(map(str.strip, block.texts))
    ]
    fenced_blocks = [block for block in candidates if block.is_fenced]
    if fenced_blocks:
        return [["\n".join(block.texts).strip()] for block in fenced_blocks]
    paragraphs = [paragraph for block in candidates for paragraph in _join_texts(block.texts).split("\n\n")]
    prompts_with_flags = [[paragraph] for paragraph in paragraphs if _FLAG_START.search(paragraph)]
    if prompts_with_flags:
        return prompts_with_flags
    labelled_blocks = [block for block in candidates if block.named_field == "prompt"]
    groups: dict[int, list[str]] = {}
    for block in labelled_blocks or candidates:
        text = _join_texts(block.texts)
        groups.setdefault(block.group, []).append(text if labelled_blocks else _remove_introduction(text))
    return [texts for group in groups.values() if (texts := [text for text in group if any(map(str.isalnum, text))])]


def _remove_introduction(text: str) -> str:
    """Return a text without a first paragraph that introduces it: "Here is the prompt:"."""
    first_paragraph, _, rest = text.partition("\n\n")
    return rest if len(first_paragraph) < 200 and first_paragraph.rstrip("*_ ").endswith((":", "：")) else text


def _join_texts(texts: Sequence[str]) -> str:
    """Join the lines of a block; empty texts separate its paragraphs."""
    return "\n".join(texts).strip()

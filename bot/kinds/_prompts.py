"""Finds the prompts in a text that holds them, and what stands beside them: what is kept out, the shape, the alternative text. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.kinds._dialects import reduced
from bot.kinds._reading_film import Field, field_of, label_on, number_in, shape_in, time_in
from bot.kinds._reading_lines import one_of, unquoted
from bot.markup import Document, Line

# Where a prompt's parameters begin: "--ar 3:2".
_FLAG = re.compile(
    r"(?:^|\s)(?:--|—|––|–)(?=(?:ar|aspect|no|s|stylize|v|version|style|seed|q|quality|c|chaos|niji|tile|iw|sref|cref|raw|weird|w|p|profile|sw|cw|hd|exp|ow|oref|draft)\b)"
)
_FLAGGED = re.compile(r"(?:--|—|––|–)(\w{1,12})(?:\s{1,4}([^\s-][^\n]*?))?(?=\s{1,4}(?:--|—|––|–)\w|\s*$)")
_PROMPT = re.compile(
    r"(?:[^\w\n]{0,4})(?:(?:image|bild|video|final|midjourney)[ -]?)?prompt\b[^\n]{0,60}", re.IGNORECASE
)
_NONE = one_of("none|nothing|no|n/a|-|–|—|keine|nichts|nada|ninguno|ninguna|rien|aucun|nenhum|nenhuma")
_BESIDE: frozenset[Field] = frozenset({"alt", "seed", "model", "length", "settings", "notes", "title", "summary"})
_IMAGINE = re.compile(r"/imagine\s{1,3}(?:prompt:?\s{0,3})?", re.IGNORECASE)
# Words of a name above a prompt.
_NAME = 8
_SEPARATED = re.compile(r"\s{1,3}[|·•]\s{1,3}|\s{2,4}/\s{2,4}")


@dataclass(slots=True)
class Prompts:
    """What was found. `prompts` are without their parameters, `raw` with them, as they are pasted."""

    prompts: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    negative: str = ""
    alt: str = ""
    shape: tuple[int, int] | None = None
    seed: int | None = None
    seconds: str = ""


@dataclass(slots=True)
class _Block:
    """Lines that belong together: a prompt, or what a label stands before."""

    named: Field | None
    lines: list[Line] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    fenced: bool = False
    group: int = 0


def prompts_in(document: Document) -> Prompts:
    """The prompts of a text: what stands in fences or below "Prompt", else the paragraphs before the first label."""
    blocks = list(_blocks(document))
    found = Prompts()
    for block in blocks:
        if block.named is None and not block.fenced:
            _take_setting(block, found)
        _note(block, found)
    if not (chosen := _chosen(blocks)):
        return found
    for group in chosen:
        raw = unquoted("\n\n".join(group))
        bare, flags = without_flags(_IMAGINE.sub("", raw, count=1))
        if bare:
            found.prompts.append(bare)
            found.raw.append(raw)
            found.shape = found.shape or (shape_in(flags.get("ar", flags.get("aspect", ""))))
            found.seed = found.seed if found.seed is not None else number_in(flags.get("seed", ""))
    return found


def parts_of_prompts(found: Prompts, ratio: tuple[int, int]) -> dict[str, Any]:
    """The parts that prompts for pictures and for films have alike."""
    several = {"variants": found.prompts} if len(found.prompts) > 1 else {}
    kept_out = {"negative_prompt": found.negative} if found.negative else {}
    shape = {"ratio": list(reduced(found.shape or ratio))}
    return {"prompt": found.prompts[0], "raw": "\n\n".join(found.raw), **shape, **several, **kept_out}


def without_flags(raw: str) -> tuple[str, dict[str, str]]:
    """A prompt without the parameters at its end, and those by their names."""
    found = _FLAG.search(raw)
    if not found:
        return raw, {}
    return raw[: found.start()].strip(), {
        one[1].casefold(): (one[2] or "").strip() for one in _FLAGGED.finditer(raw[found.start() :])
    }


def _blocks(document: Document) -> Iterator[_Block]:
    """The lines by the labels before them; a heading begins a group of its own."""
    block, group, entry = _Block(None), 0, None
    for at, line in enumerate(document.lines):
        if line.head:
            continue
        following = document.lines[at + 1] if at + 1 < len(document.lines) else line
        below = following is not line and following.block == line.block
        named = line.lead == line.text.strip(" :") and len(line.lead.split()) <= _NAME
        if line.sort == "rule" or (below and named and _meant(line.lead, line) is None):
            yield block  # A name above a prompt.
            group += 1
            block = _Block(None, group=group)
            continue
        if line.sort != "code" and document.is_heading(line):
            yield block
            group += 1
            block = _Block(field_of(line.text) or ("prompt" if _PROMPT.fullmatch(line.text) else None), group=group)
            continue
        label, rest, _ = label_on(line)
        told = _meant(label, line)
        if told:
            fresh = told == "prompt"
            yield block
            group += fresh
            block = _Block(told, fenced=line.sort == "code", group=group)
            if rest:
                block.lines.append(line)
                block.said.append(rest)
            yield from _beside(block)
            continue
        numbered = line.ordinal is not None and line.entry != entry and block.named in (None, "prompt")
        fence = line.sort == "code" and not block.fenced
        after = block.fenced and line.sort != "code"
        parted = bool(block.lines) and block.lines[-1].block != line.block
        aside = block.named is not None and block.named not in ("prompt", "notes")
        ended = parted and aside and block.said and line.sort != "code"
        if fence and block.named not in (None, "prompt") and not block.said:
            block.fenced = True  # A label stands before the fence that it names.
        elif fence or after or numbered or ended:
            yield block
            group += bool(numbered or (fence and block.said))
            kept = block.named if (fence or numbered) and block.named == "prompt" else None
            block = _Block(kept, fenced=line.sort == "code", group=group)
        entry = line.entry
        if parted and block.said:
            block.said.append("")
        block.lines.append(line)
        block.said.append(line.source if line.sort != "row" else line.text)
    yield block


def _meant(label: str, line: Line) -> Field | None:
    """The field that a line's label names, of those that stand beside prompts."""
    told = field_of(label) if label else None
    if label and told is None and (line.lead or len(label) < 40) and _PROMPT.fullmatch(label):
        return "prompt"
    if told == "size":  # Of a picture, not of a shot.
        return "format" if shape_in(line.text) else None
    return told if told in _BESIDE or told in ("prompt", "negative", "format") else None


def _beside(block: _Block) -> Iterator[_Block]:
    """Further labels on the line of a first one: "Format: 4:5 | Alt text: …"."""
    pieces = _SEPARATED.split(block.said[0]) if block.said and block.named != "prompt" else []
    for at, piece in enumerate(pieces[1:], 1):
        label, colon, rest = piece.partition(":")
        if colon and (told := field_of(label)):
            yield _Block(told, list(block.lines), [rest.strip(" *")], group=block.group)
            block.said[0] = _SEPARATED.split(block.said[0])[0] if at == 1 else block.said[0]


def _take_setting(block: _Block, found: Prompts) -> None:
    """Takes a last paragraph that is nothing but a length and a shape: "8 seconds, 9:16"."""
    *before, last = _joined(block.said).split("\n\n")
    left = time_in(last)[1] if 0 < len(last) < 40 else "words"
    if not any(map(str.isalpha, left.replace("x", "").replace("px", ""))):
        found.shape, found.seconds = found.shape or shape_in(last), found.seconds or last
        block.said = ["\n\n".join(before)]


def _note(block: _Block, found: Prompts) -> None:
    said = " ".join(filter(None, block.said)).strip(" *`")
    if not said:
        return
    match block.named:
        case "negative" if not found.negative and said.casefold().strip(" .") not in _NONE:
            found.negative = said.rstrip(".") if said.count(".") == 1 else said
        case "format":
            found.shape = found.shape or shape_in(said)
        case "alt" if not found.alt:
            found.alt = unquoted(said)
        case "seed" | "settings" if found.seed is None:
            at = said.casefold().find("seed") if block.named == "settings" else 0
            found.seed = number_in(said[at:]) if at >= 0 else None
        case "length" if not found.seconds:
            found.seconds = said


def _chosen(blocks: Sequence[_Block]) -> list[list[str]]:
    """The texts of each prompt: fenced ones, else those with parameters, else labelled ones, else whatever has no label."""
    told = [block for block in blocks if block.named in (None, "prompt") and any(map(str.strip, block.said))]
    fenced = [block for block in told if block.fenced]
    if fenced:
        return [["\n".join(block.said).strip()] for block in fenced]
    flagged = [_joined(block.said) for block in told]
    flagged = [piece for text in flagged for piece in text.split("\n\n") if _FLAG.search(piece)]
    if flagged:
        return [[piece] for piece in flagged]
    named = [block for block in told if block.named == "prompt"]
    groups: dict[int, list[str]] = {}
    for block in named or told:
        text = _joined(block.said)
        groups.setdefault(block.group, []).append(text if named else _without_lead(text))
    return [texts for group in groups.values() if (texts := [text for text in group if any(map(str.isalnum, text))])]


def _without_lead(text: str) -> str:
    """The text without a sentence before it that only leads to it: "Here is the prompt:"."""
    first, _, rest = text.partition("\n\n")
    return rest if len(first) < 200 and first.rstrip("*_ ").endswith((":", "：")) else text


def _joined(said: Sequence[str]) -> str:
    """Lines as written, paragraphs with an empty line between."""
    return "\n".join(said).strip()

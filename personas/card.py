"""Character Cards V2 and V3: personas exchanged with other programs, as JSON or inside a PNG. No I/O.

Specifications: github.com/malfoyslastname/character-card-spec-v2 and github.com/kwaroran/character-card-spec-v3. A PNG contains
the card as base64-encoded JSON in a tEXt chunk, `chara` for V2 and `ccv3` for V3. A card's instructions to a model
(`system_prompt`, `post_history_instructions`), its lorebook and its greetings are ignored.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from .persona import MAX_EXAMPLES, Persona, PersonaError, build_name, build_persona
from .profile import strip_bullet

MAX_BYTES = 8 * 1024 * 1024
# Maximum bytes of the JSON; cards that are shared have 5 to 100 kB.
MAX_JSON_BYTES = 1024 * 1024
MAX_FIELD_CHARACTERS = 20_000
MAX_LOREBOOK_ENTRIES = 200
MAX_DEPTH = 12
_MAX_PIXELS = 16_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
# The extension that contains the complete persona in cards exported by this bot.
_EXTENSION = "quillmate"
_CHUNKS = ("ccv3", "chara")

_SCRIPT = re.compile(
    r"<\s*(?:script|iframe|object|embed|svg|link|meta|style|form|img|video|audio|base)\b|\bjavascript\s*:|\bvbscript\s*:"
    r"|\bdata\s*:\s*text/html|<[^<>]*\bon[a-z]{3,20}\s*=|\{\{\s*(?:setvar|getvar|addvar|exec|eval|script)\b|<%|\bimport\s*\("
    r"|\bfunction\s*\([^()]{0,80}\)\s*\{",
    re.IGNORECASE,
)
_SCRIPT_FIELD = re.compile(r"script|regex|trigger|macro|quick_?repl|\bjs\b|lua|plugin", re.IGNORECASE)
_SPEAKER = re.compile(r"^[^\S\n]*+\{\{(user|char)\}\}\s*+:\s*", re.IGNORECASE | re.MULTILINE)


class CardError(PersonaError):
    """A Character Card is invalid or refused; the message is for the user who sent it."""


def read_card(body: bytes) -> Persona:
    """Parse the persona of a card (V2 or V3) from a JSON or PNG file.

    Raises:
        PersonaError: the file is not a card, is damaged or too large, contains scripts, or its persona is invalid.
    """
    if len(body) > MAX_BYTES:
        message = "That card is {size:.1f} MB; the limit is {most} MB."
        raise CardError(message, size=len(body) / 1024 / 1024, most=MAX_BYTES // 1024 // 1024)
    card = _parse_json(_extract_json(body) if body.startswith(_PNG) else body)
    spec = card.get("spec")
    if spec not in ("chara_card_v2", "chara_card_v3") or not isinstance(card.get("data"), dict):
        raise CardError(
            "That is not a version 2 or 3 Character Card. Export it again from the program it was made with."
        )
    data: dict[str, Any] = card["data"]
    _refuse_unsafe(data)
    return _build_persona(data)


def build_card(persona: Persona, version: int = 3) -> dict[str, Any]:
    """Build the card of a persona as plain data, in version 2 or 3. An extension contains the complete persona, so that nothing is lost
    when the card is imported again.
    """
    persona_data = persona.model_dump(mode="json", exclude={"name", "families"})
    examples = "\n".join(
        f"<START>\n{{{{user}}}}: {example.brief}\n{{{{char}}}}: {example.text}" for example in persona.examples
    )
    data: dict[str, Any] = {
        "name": persona.title,
        "description": persona.voice,
        "personality": "; ".join([*persona.habits, *persona.do]),
        "scenario": "",
        "first_mes": persona.examples[0].text if persona.examples else persona.summary,
        "mes_example": examples,
        "creator_notes": persona.summary,
        "system_prompt": "",
        "post_history_instructions": "",
        "alternate_greetings": [],
        "tags": ["writing"],
        "creator": "Quillmate",
        "character_version": "1",
        "extensions": {_EXTENSION: persona_data},
    }
    if version == 3:
        data |= {"group_only_greetings": []}
    return {"spec": f"chara_card_v{version}", "spec_version": f"{version}.0", "data": data}


def to_json(persona: Persona, version: int = 3) -> bytes:
    """Return the card as a JSON file."""
    return json.dumps(build_card(persona, version), ensure_ascii=False, indent=2).encode("utf-8")


def to_png(persona: Persona, picture: bytes) -> bytes:
    """Return a PNG file with the card in both versions; `picture` is the visible image, a PNG file too."""
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    chunks, buffer = PngInfo(), io.BytesIO()
    for chunk, version in (("chara", 2), ("ccv3", 3)):
        chunks.add_text(chunk, base64.b64encode(json.dumps(build_card(persona, version)).encode()).decode("ascii"))
    with Image.open(io.BytesIO(picture)) as image:
        image.save(buffer, "PNG", pnginfo=chunks)
    return buffer.getvalue()


def _extract_json(body: bytes) -> bytes:
    """Return the JSON in a PNG's chunks, preferably in version 3. No pixels are decoded."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(body), formats=["PNG"]) as image:
            if image.width * image.height > _MAX_PIXELS:
                raise CardError("That picture has more than 16 million pixels. Save the card with a smaller picture.")
    except CardError:
        raise
    except Exception as error:  # Pillow raises many types of errors for damaged files.
        raise CardError("That PNG is damaged. Download the card again from where you got it.") from error
    chunks_by_name = _read_text_chunks(body)
    chunk = next((chunks_by_name[name] for name in _CHUNKS if name in chunks_by_name), None)
    if chunk is None:
        raise CardError(
            "There is no Character Card in that PNG. It may be just a picture of one, or the card "
            "was lost when the file was saved."
        )
    try:
        return base64.b64decode(str(chunk), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CardError("The Character Card in that PNG is damaged. Download it again.") from error


def _read_text_chunks(body: bytes) -> dict[str, str]:
    """Return the texts of a PNG's tEXt chunks by key."""
    chunks, offset = {}, len(_PNG)
    while offset + 12 <= len(body):
        size, chunk_type = int.from_bytes(body[offset : offset + 4], "big"), body[offset + 4 : offset + 8]
        if chunk_type == b"tEXt":
            key, _, text = body[offset + 8 : offset + 8 + size].partition(b"\0")
            chunks[key.decode("latin-1")] = text.decode("latin-1")
        offset += 12 + size
    return chunks


def _parse_json(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_JSON_BYTES:
        message = "That card has {size:,} kB of text; the limit is {most:,} kB."
        raise CardError(message, size=round(len(body) / 1024), most=MAX_JSON_BYTES // 1024)
    try:
        data = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise CardError(
            "That card is damaged: it is not valid JSON. Export it again from the program it was made with."
        ) from error
    if not isinstance(data, dict):
        raise CardError("That is not a Character Card. Export it again from the program it was made with.")
    return data


def _refuse_unsafe(data: dict[str, Any]) -> None:
    """Raise CardError for a card that contains scripts, or exceeds a limit."""
    book = data.get("character_book")
    entries = book.get("entries") if isinstance(book, dict) else None
    if isinstance(entries, list) and len(entries) > MAX_LOREBOOK_ENTRIES:
        message = (
            "That card's lorebook has {count} entries; the limit is {most}. Shorten it or remove it from the card."
        )
        raise CardError(message, count=len(entries), most=MAX_LOREBOOK_ENTRIES)
    extensions = data.get("extensions")
    for name, value in extensions.items() if isinstance(extensions, dict) else ():
        if _SCRIPT_FIELD.search(str(name)) and value:
            message = "That card contains scripts ({name}), which I do not accept. Remove them and try again."
            raise CardError(message, name=str(name)[:40])
    for path, text in _iter_texts(data):
        if len(text) > MAX_FIELD_CHARACTERS:
            message = "The card's {path} has {count:,} characters; the limit is {most:,}. Shorten it."
            raise CardError(message, path=path, count=len(text), most=MAX_FIELD_CHARACTERS)
        if _SCRIPT.search(text):
            message = "The card's {path} contains a script or HTML, which I do not accept. Remove it and try again."
            raise CardError(message, path=path)


def _iter_texts(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Yield each text in a JSON value, including field names, after the name of its top-level field."""
    if depth > MAX_DEPTH:
        raise CardError("That card is nested too deeply. Export it again from the program it was made with.")
    if isinstance(value, str):
        yield path or "text", value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield "field names", str(name)
            yield from _iter_texts(inner, path or re.sub(r"\W", " ", str(name))[:40], depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _iter_texts(inner, path, depth + 1)


def _build_persona(data: dict[str, Any]) -> Persona:
    extensions = data.get("extensions")
    extension = extensions.get(_EXTENSION) if isinstance(extensions, dict) else None
    title = _shorten(_get_text(data, "name"), 48)
    if isinstance(extension, dict):
        return build_persona({**extension, "title": title or extension.get("title", "")})
    description = _fill_placeholders(_get_text(data, "description"), title)
    if not title or not (description or _get_text(data, "personality")):
        raise CardError(
            "That card lacks a name or a description, so I cannot take a voice from it. Add what is "
            "missing and try again."
        )
    notes = _fill_placeholders(_get_text(data, "creator_notes"), title)
    personality = _fill_placeholders(_get_text(data, "personality"), title)
    voice = _shorten(description, 600) or _shorten(personality, 600)
    habits = [_shorten(strip_bullet(part).strip(" ."), 160) for part in re.split(r"[;\n]", personality)]
    return build_persona(
        {
            "title": title,
            "summary": _shorten(notes or description or personality, 100),
            "voice": voice,
            "habits": [habit for habit in habits if habit][:10],
            "examples": list(_parse_examples(_get_text(data, "mes_example"), title))[:MAX_EXAMPLES],
        }
    )


def _parse_examples(text: str, title: str) -> Iterator[dict[str, str]]:
    """Yield the character's answers in the sample conversations, each with the question before it, as fields of `Example`."""
    for conversation in re.split(r"<START>", text, flags=re.IGNORECASE):
        question, pieces = "", _SPEAKER.split(conversation)[1:]
        for speaker, message in zip(pieces[::2], pieces[1::2], strict=False):
            if speaker.casefold() == "user":
                question = _shorten(_fill_placeholders(message, title), 200)
            elif answer := _shorten(_fill_placeholders(message, title), 600):
                yield {"brief": question, "text": answer}


def _get_text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return " ".join(value.split(" ")).strip() if isinstance(value, str) else ""


def _fill_placeholders(text: str, title: str) -> str:
    """Return a text with its placeholders filled in."""
    return re.sub(r"\{\{user\}\}", "the reader", re.sub(r"\{\{char\}\}", lambda _: title, text, flags=re.I), flags=re.I)


def _shorten(text: str, max_length: int) -> str:
    """Shorten a text to complete sentences, or if the first one is too long, to complete words."""
    text = " ".join(text.split())
    if len(text) <= max_length:
        return text
    sentence_match = re.match(rf"(.{{1,{max_length}}})(?<=[.!?])\s", text)
    return sentence_match[1] if sentence_match else text[:max_length].rpartition(" ")[0] or text[:max_length]


def format_file_stem(persona: Persona) -> str:
    """Return the file name for a persona, without its extension."""
    return build_name(persona.title)

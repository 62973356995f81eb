"""Character Cards V2 and V3: personas that go to and come from other programs, as JSON or within a PNG. Pure.

Specifications: github.com/malfoyslastname/character-card-spec-v2 and github.com/kwaroran/character-card-spec-v3. A card in a
PNG is base64 of the JSON in a tEXt chunk, `chara` for V2 and `ccv3` for V3. What a card holds is data: its own instructions
to a model (`system_prompt`, `post_history_instructions`), lorebook and greetings are not used.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import re
from collections.abc import Iterator
from typing import Any

from .persona import MAX_EXAMPLES, Persona, PersonaError, name_of, persona_of
from .profile import entry

MAX_BYTES = 8 * 1024 * 1024
# Of the JSON; cards that people share have 5 to 100 kB.
MAX_JSON = 1024 * 1024
MAX_FIELD = 20_000
MAX_LOREBOOK = 200
MAX_DEPTH = 12
_MAX_PIXELS = 16_000_000
_PNG = b"\x89PNG\r\n\x1a\n"
# Where our own persona stands, whole, in a card that we wrote.
_OURS = "quillmate"
_CHUNKS = ("ccv3", "chara")

_SCRIPT = re.compile(
    r"<\s*(?:script|iframe|object|embed|svg|link|meta|style|form|img|video|audio|base)\b|\bjavascript\s*:|\bvbscript\s*:"
    r"|\bdata\s*:\s*text/html|<[^<>]*\bon[a-z]{3,20}\s*=|\{\{\s*(?:setvar|getvar|addvar|exec|eval|script)\b|<%|\bimport\s*\("
    r"|\bfunction\s*\([^()]{0,80}\)\s*\{",
    re.IGNORECASE,
)
_RUNS = re.compile(r"script|regex|trigger|macro|quick_?repl|\bjs\b|lua|plugin", re.IGNORECASE)
_TURN = re.compile(r"^[^\S\n]*+\{\{(user|char)\}\}\s*+:\s*", re.IGNORECASE | re.MULTILINE)


class CardError(PersonaError):
    """A Character Card that cannot be used; the text is a sentence for whoever sent it."""


def read_card(body: bytes) -> Persona:
    """The persona of a card, whether JSON or PNG, V2 or V3.

    Raises:
        PersonaError: it is no card, damaged, too large, or holds scripts; or what it says makes no persona.
    """
    if len(body) > MAX_BYTES:
        said = "That card is {size:.1f} MB; the limit is {most} MB."
        raise CardError(said, size=len(body) / 1024 / 1024, most=MAX_BYTES // 1024 // 1024)
    card = _json(_from_png(body) if body.startswith(_PNG) else body)
    spec = card.get("spec")
    if spec not in ("chara_card_v2", "chara_card_v3") or not isinstance(card.get("data"), dict):
        raise CardError(
            "That is not a version 2 or 3 Character Card. Export it again from the program it was made with."
        )
    data: dict[str, Any] = card["data"]
    _refuse(data)
    return _persona(data)


def card_of(one: Persona, version: int = 3) -> dict[str, Any]:
    """The card of a persona, of version 2 or 3. It holds the persona whole, so that nothing is lost on the way back."""
    whole = one.model_dump(mode="json", exclude={"name", "families"})
    examples = "\n".join(f"<START>\n{{{{user}}}}: {e.brief}\n{{{{char}}}}: {e.text}" for e in one.examples)
    data: dict[str, Any] = {
        "name": one.title,
        "description": one.voice,
        "personality": "; ".join([*one.habits, *one.do]),
        "scenario": "",
        "first_mes": one.examples[0].text if one.examples else one.summary,
        "mes_example": examples,
        "creator_notes": one.summary,
        "system_prompt": "",
        "post_history_instructions": "",
        "alternate_greetings": [],
        "tags": ["writing"],
        "creator": "Quillmate",
        "character_version": "1",
        "extensions": {_OURS: whole},
    }
    if version == 3:
        data |= {"group_only_greetings": []}
    return {"spec": f"chara_card_v{version}", "spec_version": f"{version}.0", "data": data}


def to_json(one: Persona, version: int = 3) -> bytes:
    """The card as a JSON file."""
    return json.dumps(card_of(one, version), ensure_ascii=False, indent=2).encode("utf-8")


def to_png(one: Persona, picture: bytes) -> bytes:
    """A PNG with the card in it, for readers of both versions.

    Args:
        one: the persona.
        picture: the PNG that people see.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    chunks, out = PngInfo(), io.BytesIO()
    for chunk, version in (("chara", 2), ("ccv3", 3)):
        chunks.add_text(chunk, base64.b64encode(json.dumps(card_of(one, version)).encode()).decode("ascii"))
    with Image.open(io.BytesIO(picture)) as opened:
        opened.save(out, "PNG", pnginfo=chunks)
    return out.getvalue()


def _from_png(body: bytes) -> bytes:
    """The JSON in a PNG's chunks, that of the newer version first. No pixel is decoded."""
    from PIL import Image

    try:
        with Image.open(io.BytesIO(body), formats=["PNG"]) as opened:
            if opened.width * opened.height > _MAX_PIXELS:
                raise CardError("That picture has more than 16 million pixels. Save the card with a smaller picture.")
    except CardError:
        raise
    except Exception as error:
        raise CardError("That PNG is damaged. Download the card again from where you got it.") from error
    found = _text_chunks(body)
    chunk = next((found[name] for name in _CHUNKS if name in found), None)
    if chunk is None:
        raise CardError(
            "There is no Character Card in that PNG. It may be just a picture of one, or the card "
            "was lost when the file was saved."
        )
    try:
        return base64.b64decode(str(chunk), validate=True)
    except (binascii.Error, ValueError) as error:
        raise CardError("The Character Card in that PNG is damaged. Download it again.") from error


def _text_chunks(body: bytes) -> dict[str, str]:
    """The tEXt chunks of a PNG, wherever they stand."""
    found, at = {}, len(_PNG)
    while at + 12 <= len(body):
        size, kind = int.from_bytes(body[at : at + 4], "big"), body[at + 4 : at + 8]
        if kind == b"tEXt":
            key, _, text = body[at + 8 : at + 8 + size].partition(b"\0")
            found[key.decode("latin-1")] = text.decode("latin-1")
        at += 12 + size
    return found


def _json(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_JSON:
        said = "That card has {size:,} kB of text; the limit is {most:,} kB."
        raise CardError(said, size=round(len(body) / 1024), most=MAX_JSON // 1024)
    try:
        found = json.loads(body.decode("utf-8-sig"))
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise CardError(
            "That card is damaged: it is not valid JSON. Export it again from the program it was made with."
        ) from error
    if not isinstance(found, dict):
        raise CardError("That is not a Character Card. Export it again from the program it was made with.")
    return found


def _refuse(data: dict[str, Any]) -> None:
    """Refuses what could run somewhere, and what is larger than any card has to be."""
    book = data.get("character_book")
    entries = book.get("entries") if isinstance(book, dict) else None
    if isinstance(entries, list) and len(entries) > MAX_LOREBOOK:
        said = "That card's lorebook has {count} entries; the limit is {most}. Shorten it or remove it from the card."
        raise CardError(said, count=len(entries), most=MAX_LOREBOOK)
    extensions = data.get("extensions")
    for name, value in extensions.items() if isinstance(extensions, dict) else ():
        if _RUNS.search(str(name)) and value:
            said = "That card contains scripts ({name}), which I do not accept. Remove them and try again."
            raise CardError(said, name=str(name)[:40])
    for path, text in _texts(data):
        if len(text) > MAX_FIELD:
            said = "The card's {path} has {count:,} characters; the limit is {most:,}. Shorten it."
            raise CardError(said, path=path, count=len(text), most=MAX_FIELD)
        if _SCRIPT.search(text):
            said = "The card's {path} contains a script or HTML, which I do not accept. Remove it and try again."
            raise CardError(said, path=path)


def _texts(value: Any, path: str = "", depth: int = 0) -> Iterator[tuple[str, str]]:
    """Every text in a JSON value with the name of the field that it stands in."""
    if depth > MAX_DEPTH:
        raise CardError("That card is nested too deeply. Export it again from the program it was made with.")
    if isinstance(value, str):
        yield path or "text", value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield "field names", str(name)
            yield from _texts(inner, path or re.sub(r"\W", " ", str(name))[:40], depth + 1)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, path, depth + 1)


def _persona(data: dict[str, Any]) -> Persona:
    extensions = data.get("extensions")
    ours = extensions.get(_OURS) if isinstance(extensions, dict) else None
    title = _shortened(_text(data, "name"), 48)
    if isinstance(ours, dict):
        return persona_of({**ours, "title": title or ours.get("title", "")})
    described = _named(_text(data, "description"), title)
    if not title or not (described or _text(data, "personality")):
        raise CardError(
            "That card lacks a name or a description, so I cannot take a voice from it. Add what is "
            "missing and try again."
        )
    notes = _named(_text(data, "creator_notes"), title)
    personality = _named(_text(data, "personality"), title)
    voice = _shortened(described, 600) or _shortened(personality, 600)
    habits = [_shortened(entry(one).strip(" ."), 160) for one in re.split(r"[;\n]", personality)]
    return persona_of(
        {
            "title": title,
            "summary": _shortened(notes or described or personality, 100),
            "voice": voice,
            "habits": [one for one in habits if one][:10],
            "examples": list(_examples(_text(data, "mes_example"), title))[:MAX_EXAMPLES],
        }
    )


def _examples(text: str, title: str) -> Iterator[dict[str, str]]:
    """What the character answers in the sample conversations, with what it was asked."""
    for talk in re.split(r"<START>", text, flags=re.IGNORECASE):
        asked, pieces = "", _TURN.split(talk)[1:]
        for who, said in zip(pieces[::2], pieces[1::2], strict=False):
            if who.casefold() == "user":
                asked = _shortened(_named(said, title), 200)
            elif answer := _shortened(_named(said, title), 600):
                yield {"brief": asked, "text": answer}


def _text(data: dict[str, Any], name: str) -> str:
    value = data.get(name)
    return " ".join(value.split(" ")).strip() if isinstance(value, str) else ""


def _named(text: str, title: str) -> str:
    """A text with its placeholders filled in."""
    return re.sub(r"\{\{user\}\}", "the reader", re.sub(r"\{\{char\}\}", lambda _: title, text, flags=re.I), flags=re.I)


def _shortened(text: str, most: int) -> str:
    """A text of at most so many characters: whole sentences of it, else whole words."""
    text = " ".join(text.split())
    if len(text) <= most:
        return text
    whole = re.match(rf"(.{{1,{most}}})(?<=[.!?])\s", text)
    return whole[1] if whole else text[:most].rpartition(" ")[0] or text[:most]


def file_stem(one: Persona) -> str:
    """What a file of the persona is called, without its ending."""
    return name_of(one.title)

"""Parses what scripts, storyboards and prompts have in common: field labels, times, aspect ratios and speakers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bot.markup import Document, Line, parse_document
from bot.reading.lines import parse_names, strip_quotes

Field = Literal[
    "prompt",
    "negative",
    "format",
    "alt",
    "seed",
    "model",
    "length",
    "picture",
    "heard",
    "words",
    "speaker",
    "time",
    "size",
    "move",
    "number",
    "style",
    "title",
    "summary",
    "notes",
    "onscreen",
    "scene",
    "settings",
    "subject",
    "location",
]
# The labels of each field in English, German, Spanish, French and Portuguese, separated by "|".
_FIELD_LABELS: dict[Field, str] = {
    "prompt": "prompt|prompts|image prompt|image prompts|picture prompt|video prompt|positive prompt|positive|main prompt|final prompt|full prompt|prompt text|midjourney prompt"
    "|bild-prompt|bildprompt|video-prompt|ki-prompt|prompt für das bild|prompt de imagen|prompt de vídeo|prompt de video|prompt d’image|prompt d'image"
    "|prompt image|prompt vidéo|prompt de imagem|prompt principal|prompt positivo|prompt positif|positiver prompt|ai prompt|ai image prompt|still prompt"
    "|prompt ia|prompt imagen|prompt imagem",
    "negative": "negative prompt|negative|keep out|leave out|exclude|excluded|avoid|do not include|not in the picture|not in it|without"
    "|negativ-prompt|negativprompt|negativer prompt|nicht im bild|weglassen|vermeiden|ausschließen|ohne|prompt negativo|fuera de la imagen"
    "|evitar|excluir|sin|prompt négatif|à exclure|à éviter|exclure|sans|fora da imagem|deixar de fora|sem",
    "format": "format|aspect ratio|aspect|ratio|image size|picture size|dimensions|resolution|seitenverhältnis|bildformat|bildgröße|auflösung|maße"
    "|formato|relación de aspecto|proporción|dimensiones|resolución|rapport d’aspect|rapport d'aspect|résolution|proporção|dimensões|resolução"
    "|output size|canvas",
    "alt": "alt text|alt-text|alternative text|alt|alternativtext|alternativtext (alt)|bildbeschreibung|texto alternativo|texto alt|texte alternatif"
    "|texte alt|image description",
    "seed": "seed|startwert|semilla|graine|semente",
    "model": "model|modell|modelo|modèle|engine|tool",
    "length": "length|duration|running time|runtime|run time|total length|total duration|total time|total runtime|clip length|länge|dauer|laufzeit"
    "|gesamtlänge|gesamtdauer|duración|duración total|durée|durée totale|duração|duração total|estimated runtime|estimated length",
    "picture": "opening shot|closing shot|final shot|cut to|fade to|close on|insert shot|schnitt auf|plano final|plan final|visual|visuals|video|picture|pictures|image|scene description|what we see|we see|seen|action|action/visual|visual/action|description"
    "|shot description|b-roll|visual description|on camera|bild|bilder|bildinhalt|bildbeschreibung der szene|was wir sehen|zu sehen|handlung|szenenbild"
    "|beschreibung|imagen|imágenes|acción|descripción|visuel|visuels|à l’image|à l'image|à l’écran (image)|vidéo|imagem|ação|descrição"
    "|visual / action|action / visual|frame|what's seen|what is seen|inhalt|content|contenido|contenu|conteúdo|stage directions|regie",
    "heard": "sound|audio|sfx|fx|music|sound effects|sound/sfx|audio/sfx|heard|what we hear|we hear|sound design|audio / dialogue|dialogue / sound"
    "|audio/dialogue|dialogue/audio|sound/dialogue|sound / dialogue|ton|musik|geräusche|geräusch|ton/text|ton / text|ton/sprecher|zu hören|sonido"
    "|música|efectos|audio/diálogo|son|bruitage|musique|ambiance|som|efeitos|áudio|trilha|atmo|ambience|audio/vo|audio / vo|vo / audio|sound & dialogue"
    "|audio & dialogue|ton & text|text/ton|text / ton",
    "words": "words|dialogue|dialog|voice-over|voiceover|voice over|vo|v.o.|script|spoken|spoken text|spoken words|narration|line|lines|text|copy"
    "|what is said|said|sprechertext|gesprochener text|gesprochen|sprache|off-text|off|off-ton|dialoge|diálogo|diálogos|locución|voz en off|voz|texto|narración"
    "|dialogues|voix off|voix-off|texte|narração|locução|voz off|fala|falas",
    "speaker": "speaker|character|who|voice|sprecher|sprecherin|figur|rolle|wer|personaje|locutor|hablante|quién|personnage|qui|voix|personagem|quem|role",
    "time": "time|timing|timecode|time code|timestamp|sec|secs|seconds|zeit|zeitcode|sekunden|sek.|sek|tiempo|segundos|minutaje|temps|minutage|secondes"
    "|tempo|time (s)|duration (s)|dauer (s)",
    "size": "shot size|size|shot type|framing|shot|camera shot|type of shot|type|einstellungsgröße|einstellung|größe|bildausschnitt|tipo de plano|plano"
    "|encuadre|cadrage|plan|échelle de plan|valeur de plan|enquadramento|shot/angle|shot type/angle|camera angle|angle",
    "move": "move|movement|camera move|camera movement|motion|kamerabewegung|bewegung|movimiento|movimiento de cámara|mouvement|mouvement de caméra"
    "|movimento|movimento de câmera|movimento de câmara|camera motion|camera|kamera|cámara|caméra|câmera|câmara|camera / movement|camera/movement",
    "number": "#|no|no.|nr|nr.|n°|nº|number|nummer|número|numéro|shot #|shot no.|shot number|frame #|panel|scene #",
    "style": "style|look|visual style|overall style|stil|bildstil|estilo|estilo visual|style visuel|look and feel|look & feel",
    "title": "title|titel|título|titre|song title|episode title|working title|episode|folge|arbeitstitel",
    "summary": "summary|description of the episode|episode summary|episode description|logline|teaser|synopsis|zusammenfassung|beschreibung der folge"
    "|inhaltsangabe|resumen|sinopsis|résumé|resumo|sinopse|about this episode|darum geht es|darum geht’s|kurzbeschreibung|in this episode",
    "notes": "note|notes|show notes|shownotes|production notes|director’s notes|director's notes|tip|tips|why this works|why it works|usage|usage notes"
    "|how to use it|hinweis|hinweise|notizen|produktionshinweise|produktionsnotizen|tipp|tipps|nota|notas|consejo|consejos|notas de producción|remarque"
    "|remarques|conseil|conseils|notes de production|notas de produção|dica|dicas|characters|cast|figuren|personen|rollen|besetzung|personajes|personnages"
    "|distribution|personagens|elenco|props|requisiten|equipment|materials|hashtags|caption|performance notes|performance note|chords|akkorde|links"
    "|resources|timestamps|chapters|kapitelmarken|notes de l’épisode|notes de l'épisode|notas del episodio|notas do episódio|credits|speakers|hosts|host and guest"
    "|sprecherinnen|sprecher:innen|intervenants|participantes|setup|vorbereitung|call to action|cta|thumbnail|b-roll list|shot list notes|voices|stimmen|kostüme"
    "|music cues|attire|logistics|tags|keywords",
    "onscreen": "on screen|on-screen|on screen text|on-screen text|text on screen|super|supers|title card|caption on screen|einblendung|im bild|texteinblendung"
    "|bildtext|bauchbinde|en pantalla|texto en pantalla|rótulo|à l’écran|à l'écran|texte à l’écran|texte à l'écran|na tela|texto na tela|graphic|graphics"
    "|overlay|text overlay|lettering|schrift|grafik|insert",
    "scene": "scene|scenes|szene|szenen|escena|escenas|scène|scènes|cena|cenas|act|akt|acto|acte|ato|beat|segment|section|part|teil|parte|partie|chapter|kapitel"
    "|capítulo|chapitre",
    "settings": "settings|parameters|steps|sampler|cfg|cfg scale|guidance|guidance scale|stylize|version|quality|einstellungen|parameter|ajustes|parámetros"
    "|paramètres|réglages|parâmetros|configurações|clip skip|scheduler|checkpoint|denoise|fps|frame rate|loras|lora",
    "subject": "subject|motif|motiv|motivo|sujet|assunto",
    "location": "setting|location|ort|schauplatz|lugar|lieu|local|place|set",
}
# Characters around a label that are not part of it.
_LABEL_EDGES = " \t*_:：.,;–—-·|•()[]🎬🎥🔊🎙️🎵📷🖼️✏️📝"
_EDGES_BUT_BRACKETS = _LABEL_EDGES.replace("(", "").replace(")", "").replace("[", "").replace("]", "")
_LABEL_SUFFIX = re.compile(r"(?<!\s)\s*+(?:\([^()]{0,80}\)|\[[^\[\]]{0,80}\]|#?\d{1,3}|(?<= )[a-h])$")
_CELL_BREAK = re.compile(r"<br\s{0,3}/?>|\n", re.IGNORECASE)


@cache
def _map_labels() -> dict[str, Field]:
    return {label.casefold(): field for field, labels in _FIELD_LABELS.items() for label in labels.split("|")}


def find_field(label: str) -> Field | None:
    """Return the field that a label names, ignoring numbers, brackets and signs around it; None without one."""
    field_by_label, label = _map_labels(), label.casefold().strip().rstrip(":：").strip()
    for _ in range(4):
        if label in field_by_label:
            return field_by_label[label]
        label = _LABEL_SUFFIX.sub("", label.strip(_EDGES_BUT_BRACKETS)).strip(_EDGES_BUT_BRACKETS)
    return field_by_label.get(label.strip(_LABEL_EDGES))


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """A time as a text gives it: start, end and duration in seconds, None for those not given."""

    start: float | None = None
    end: float | None = None
    duration: float | None = None

    @property
    def seconds(self) -> float | None:
        """The duration in seconds, given or from start to end; None if neither is known."""
        if self.duration is not None:
            return self.duration
        if self.start is not None and self.end is not None and self.end > self.start:
            return self.end - self.start
        return None


_CLOCK = r"(?:(?:(\d{1,2}):)?(\d{1,3}):(\d{2}))(?:[.,]\d{1,3})?"
_RANGE_SEPARATOR = r"\s{0,3}(?:-{1,2}>?|–|—|→|to|bis|a|à|até|hasta|jusqu'à)\s{0,3}"
_SECONDS = r"(?:s|sec|secs|seconds?|sek|sekunden?|segundos?|segs?|secondes?|″|\")"
_MINUTES = r"(?:m|min|mins|minutes?|minuten?|minutos?|′)"
_NUMBER = r"(\d{1,4}(?:[.,]\d{1,2})?)"
_CLOCK_RANGE = re.compile(rf"(?<![\d:]){_CLOCK}{_RANGE_SEPARATOR}{_CLOCK}(?![\d:])", re.IGNORECASE)
_SECONDS_RANGE = re.compile(
    rf"(?<![\d:.,]){_NUMBER}\s{{0,2}}{_SECONDS}?\.?{_RANGE_SEPARATOR}{_NUMBER}\s{{0,2}}{_SECONDS}(?!\w)\.?",
    re.IGNORECASE,
)
_CLOCK_TIME = re.compile(rf"(?<![\d:]){_CLOCK}(?![\d:])")
_DURATION = re.compile(
    rf"(?<![\d:.,])(?:{_NUMBER}[ -]{{0,2}}{_MINUTES}(?!\w)\.?(?:\s{{0,2}}(?:and|und|y|et|e)?\s{{0,2}}))?"
    rf"(?:{_NUMBER}[ -]{{0,2}}{_SECONDS}(?!\w)\.?)?",
    re.IGNORECASE,
)
_MAX_DURATION_SECONDS = 24 * 3600


def extract_time(text: str) -> tuple[TimeSpan, str]:
    """Return a time in a short text and the text without it; an empty `TimeSpan` if there is none.

    The forms, the first of which wins, are "0:05–0:12", "5–12 s", "7 seconds" or "2 min", and "0:05".
    """
    text = text[:400]
    if match := _CLOCK_RANGE.search(text):
        start, end = _compute_clock_seconds(*match.groups()[:3]), _compute_clock_seconds(*match.groups()[3:])
        return TimeSpan(start, end), _remove_match(text, match)
    if match := _SECONDS_RANGE.search(text):
        return TimeSpan(_parse_figure(match[1]), _parse_figure(match[2])), _remove_match(text, match)
    for match in _DURATION.finditer(text):
        if match[1] or match[2]:
            seconds = 60 * _parse_figure(match[1] or "0") + _parse_figure(match[2] or "0")
            return TimeSpan(duration=seconds if seconds < _MAX_DURATION_SECONDS else None), _remove_match(text, match)
    if match := _CLOCK_TIME.search(text):
        return TimeSpan(_compute_clock_seconds(*match.groups())), _remove_match(text, match)
    return TimeSpan(), text


def parse_duration(text: str) -> TimeSpan:
    """Return the time in the text of a field; a number without a unit means seconds."""
    time, number = extract_time(text)[0], find_number(text)
    return TimeSpan(duration=float(number)) if time == TimeSpan() and number is not None else time


def _compute_clock_seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return 3600 * int(hours or 0) + 60 * int(minutes) + int(seconds)


def _parse_figure(text: str) -> float:
    return float(text.replace(",", "."))


def _remove_match(text: str, match: re.Match[str]) -> str:
    """Return a text without a match and the brackets around it."""
    before, after = text[: match.start()].rstrip(), text[match.end() :].lstrip()
    if before[-1:] in ("(", "[") and after[:1] in (")", "]"):
        before, after = before[:-1].rstrip(), after[1:].lstrip()
    return f"{before} {after}".strip(" \t·|,;–—-:").removesuffix(" .")


def find_number(text: str) -> int | None:
    """Return the first whole number of a short text."""
    match = re.search(r"\d{1,6}", text[:200])
    return int(match.group()) if match else None


def parse_aspect_ratio(text: str) -> tuple[int, int] | None:
    """Return the width and height that a text gives, such as "4:5", "1920 x 1080" or "square"; None without them.

    Ratios above 100:1 are ignored.
    """
    text = text[:200]
    if match := _RATIO.search(text):
        width, height = int(match[1]), int(match[2])
        return (width, height) if width and height and max(width, height) <= 100 * min(width, height) else None
    text = text.casefold()
    return next(
        (ratio for words, ratio in _RATIO_BY_WORDS.items() if any(word in text for word in words.split("|"))), None
    )


_RATIO = re.compile(r"(?<![\d.])(\d{1,5})\s{0,2}(?:px)?\s{0,2}[:x×*/]\s{0,2}(\d{1,5})(?![\d.]\d)", re.IGNORECASE)
_RATIO_BY_WORDS = {
    "square|quadrat|cuadrad|carré|quadrad": (1, 1),
    "vertical|portrait|upright|hochkant|hochformat|vertikal": (9, 16),
    "landscape|widescreen|querformat|horizontal|paysage": (16, 9),
}


def split_cell(cell: str) -> list[str]:
    """Return the lines of a table's cell, without empty ones."""
    return [line.strip() for line in _CELL_BREAK.split(cell) if line.strip()]


# A name with brackets that may contain a colon: "JO (0:12): …".
_NAME_WITH_BRACKETS = re.compile(r"([^:：()\n]{1,40}\([^()\n]{1,40}\))\s{0,2}[:：]\s{0,4}(.*)", re.DOTALL)


def split_label(line: Line) -> tuple[str, str, bool]:
    """Return a line's label, the text after it, and whether a colon separates them.

    Without a label, return "" and the line's text. Bold text at the beginning is a label even without a colon.
    A table row has a label only if it has two cells.
    """
    if line.cells:
        return (line.cells[0], line.cells[1], True) if len(line.cells) == 2 else ("", line.text, False)
    if not line.lead:
        if match := _NAME_WITH_BRACKETS.fullmatch(line.text):
            return match[1], match[2], True
        label, rest = line.label
        return label, rest, bool(label)
    lead_end = line.text.find(line.lead) + len(line.lead)
    after = line.text[lead_end:].lstrip()
    if after[:1] == "(" and ")" in after[:80]:
        brackets, _, after = after.partition(")")
        after = after.lstrip()
        return f"{line.lead} {brackets})", after.lstrip(":： "), after[:1] in (":", "：")
    return line.lead, line.rest, after[:1] in (":", "：")


_TRANSITION = re.compile(
    r"(?:FADE|CUT|SMASH|DISSOLVE|SCHNITT|ABBLENDE|AUFBLENDE|FONDU|FUNDIDO|CORTE|THE END|ENDE|FIN|FIM)\b[^\n]{0,40}"
)
_SCENE_HEADING = re.compile(
    r"(?:INT|EXT|INT\.?/EXT|I/E|INNEN|AUSSEN|AUßEN|INTÉRIEUR|EXTÉRIEUR|INTERIOR|EXTERIOR)\b[./ ]", re.IGNORECASE
)
_VOICE_REMARKS = parse_names("v.o.|vo|v.o|o.s.|os|off|voice-over|voiceover|voice over|o.c.|aus dem off|voz en off")


def is_scene_heading(text: str) -> bool:
    """Whether a text begins like a screenplay's scene heading: "INT. KITCHEN – DAY"."""
    return bool(_SCENE_HEADING.match(text))


def is_transition(text: str) -> bool:
    """Whether a text is a screenplay's transition: "CUT TO:"."""
    return text.isupper() and bool(_TRANSITION.fullmatch(text.strip(" .:")))


def is_stage_direction(line: Line) -> bool:
    """Whether a line is a stage direction rather than speech: entirely in brackets or italics."""
    text, source = line.text.strip(), line.source.strip()
    if len(text) > 2 and (text[0], text[-1]) in (("(", ")"), ("[", "]")):
        return True
    is_italic = source[:1] in ("*", "_") and source[:1] == source[-1:] and source[:2] not in ("**", "__")
    return len(text) > 2 and is_italic and source.count(source[0]) == 2


def strip_brackets(text: str) -> str:
    """Return a text without round or square brackets that enclose it."""
    text = text.strip()
    return text[1:-1].strip() if (text[:1], text[-1:]) in (("(", ")"), ("[", "]")) else text


def parse_speaker(label: str) -> tuple[str, TimeSpan]:
    """Return the speaker that a label names and the time next to the name.

    Of remarks in brackets only those on an unseen voice, such as (V.O.), stay part of the name.
    """
    time, name = extract_time(label)
    name = name.strip(_LABEL_EDGES.replace(".", "").replace("(", "").replace(")", ""))
    if name.endswith(")") and "(" in name:
        speaker, _, remark = name[:-1].rpartition("(")
        name, remark = speaker.strip(), remark.strip()
        if remark.casefold() in _VOICE_REMARKS:
            name = f"{name} ({remark})"
    return name.strip(" ,–—-"), time


def can_be_speaker(name: str) -> bool:
    """Whether a text can name a speaker: short, capitalised, not punctuated, and not another field's label."""
    first_character = next((character for character in name if character.isalnum()), "")
    is_short = 0 < len(name) <= 40 and len(name.split()) <= 5
    is_name = not first_character.islower() and not first_character.isdigit()
    is_unpunctuated = not any(mark in name for mark in '?!…"“”„«»')
    return is_short and is_name and is_unpunctuated and find_field(name) in (None, "words", "speaker", "scene", "size")


def parse_cell_lines(text: str) -> Iterator[Line]:
    """Yield the parsed lines of a table's cell."""
    for piece in split_cell(text):
        yield from parse_document(piece).lines


def find_title_line(document: Document) -> tuple[str, Line | None]:
    """Return the title among the first six lines, and its line; ("", None) without one.

    It is a labelled title, or a heading or bold line with nothing but text and rules before it.
    """
    for line in document.lines[:6]:
        label, rest, _ = split_label(line)
        if find_field(label) == "title" and rest:
            return strip_quotes(rest), line
        if line.text.strip() and not extract_time(line.text)[1].strip(_LABEL_EDGES):  # The heading of a shot.
            return "", None
        if document.is_heading(line) or (line.lead and line.lead == line.text.strip(" :")):
            label, _, rest = line.text.partition(":")
            following = next((later for later in document.lines if later.at > line.at), line)
            if find_field(line.text) == "title" and not document.is_heading(following):
                return strip_quotes(following.text), following
            return strip_quotes(rest if rest.strip() and find_field(label) == "title" else line.text), line
        if line.sort not in ("rule", "text"):
            break
    return "", None

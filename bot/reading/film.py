"""How texts that are drawn, filmed or spoken are parsed: names of fields, durations, speakers. Pure."""

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
# What writers call each field, in English, German, Spanish, French and Portuguese.
_FIELD_NAMES: dict[Field, str] = {
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
_EDGES = " \t*_:：.,;–—-·|•()[]🎬🎥🔊🎙️🎵📷🖼️✏️📝"
_AROUND = _EDGES.replace("(", "").replace(")", "").replace("[", "").replace("]", "")
_BEHIND = re.compile(r"(?<!\s)\s*+(?:\([^()]{0,80}\)|\[[^\[\]]{0,80}\]|#?\d{1,3}|(?<= )[a-h])$")
_BREAK = re.compile(r"<br\s{0,3}/?>|\n", re.IGNORECASE)


@cache
def _load_fields() -> dict[str, Field]:
    return {name.casefold(): field for field, names in _FIELD_NAMES.items() for name in names.split("|")}


def find_field(label: str) -> Field | None:
    """Return the field that a label names, ignoring numbers, brackets and signs around it; None for any other words."""
    known, said = _load_fields(), label.casefold().strip().rstrip(":：").strip()
    for _ in range(4):
        if said in known:
            return known[said]
        said = _BEHIND.sub("", said.strip(_AROUND)).strip(_AROUND)
    return known.get(said.strip(_EDGES))


@dataclass(frozen=True, slots=True)
class TimeSpan:
    """Start and end in seconds, where given, and the duration in seconds."""

    start: float | None = None
    end: float | None = None
    duration: float | None = None

    @property
    def seconds(self) -> float | None:
        """The duration in seconds."""
        if self.duration is not None:
            return self.duration
        spans = self.start is not None and self.end is not None and self.end > self.start
        return self.end - self.start if spans else None  # type: ignore[operator]


_CLOCK = r"(?:(?:(\d{1,2}):)?(\d{1,3}):(\d{2}))(?:[.,]\d{1,3})?"
_TO_WORDS = r"\s{0,3}(?:-{1,2}>?|–|—|→|to|bis|a|à|até|hasta|jusqu'à)\s{0,3}"
_SECONDS = r"(?:s|sec|secs|seconds?|sek|sekunden?|segundos?|segs?|secondes?|″|\")"
_MINUTES = r"(?:m|min|mins|minutes?|minuten?|minutos?|′)"
_NUMBER = r"(\d{1,4}(?:[.,]\d{1,2})?)"
_RANGE = re.compile(rf"(?<![\d:]){_CLOCK}{_TO_WORDS}{_CLOCK}(?![\d:])", re.IGNORECASE)
_SPAN = re.compile(
    rf"(?<![\d:.,]){_NUMBER}\s{{0,2}}{_SECONDS}?\.?{_TO_WORDS}{_NUMBER}\s{{0,2}}{_SECONDS}(?!\w)\.?", re.IGNORECASE
)
_START_TIME = re.compile(rf"(?<![\d:]){_CLOCK}(?![\d:])")
_DURATION = re.compile(
    rf"(?<![\d:.,])(?:{_NUMBER}[ -]{{0,2}}{_MINUTES}(?!\w)\.?(?:\s{{0,2}}(?:and|und|y|et|e)?\s{{0,2}}))?"
    rf"(?:{_NUMBER}[ -]{{0,2}}{_SECONDS}(?!\w)\.?)?",
    re.IGNORECASE,
)
_MAX_TIME_CHARACTERS = 24 * 3600


def extract_time(text: str) -> tuple[TimeSpan, str]:
    """Return the first time in a short text, such as "0:05–0:12", "5–12 s", "7 seconds", "2 min" or "0:05", and the text
    without it.
    """
    text = text[:400]
    if found := _RANGE.search(text):
        start, end = _compute_clock_seconds(*found.groups()[:3]), _compute_clock_seconds(*found.groups()[3:])
        return TimeSpan(start, end), _remove_match(text, found)
    if found := _SPAN.search(text):
        return TimeSpan(_parse_figure(found[1]), _parse_figure(found[2])), _remove_match(text, found)
    for found in _DURATION.finditer(text):
        if found[1] or found[2]:
            lasts = 60 * _parse_figure(found[1] or "0") + _parse_figure(found[2] or "0")
            return TimeSpan(duration=lasts if lasts < _MAX_TIME_CHARACTERS else None), _remove_match(text, found)
    if found := _START_TIME.search(text):
        return TimeSpan(_compute_clock_seconds(*found.groups())), _remove_match(text, found)
    return TimeSpan(), text


def parse_duration(text: str) -> TimeSpan:
    """Return the time that a field gives; a bare number means seconds."""
    time, number = extract_time(text)[0], find_number(text)
    return TimeSpan(duration=float(number)) if time == TimeSpan() and number is not None else time


def _compute_clock_seconds(hours: str | None, minutes: str, seconds: str) -> float:
    return 3600 * int(hours or 0) + 60 * int(minutes) + int(seconds)


def _parse_figure(text: str) -> float:
    return float(text.replace(",", "."))


def _remove_match(text: str, found: re.Match[str]) -> str:
    """Return a text without a match and the brackets around it."""
    before, after = text[: found.start()].rstrip(), text[found.end() :].lstrip()
    if before[-1:] in ("(", "[") and after[:1] in (")", "]"):
        before, after = before[:-1].rstrip(), after[1:].lstrip()
    return f"{before} {after}".strip(" \t·|,;–—-:").removesuffix(" .")


def find_number(text: str) -> int | None:
    """Return the first whole number of a short text."""
    found = re.search(r"\d{1,6}", text[:200])
    return int(found.group()) if found else None


def parse_shape(text: str) -> tuple[int, int] | None:
    """Return the shape that a text gives: "4:5", "1920 x 1080", "square"."""
    if found := _SIDES.search(text[:200]):
        width, height = int(found[1]), int(found[2])
        return (width, height) if width and height and max(width, height) <= 100 * min(width, height) else None
    said = text[:200].casefold()
    return next((shape for names, shape in _SHAPES.items() if any(one in said for one in names.split("|"))), None)


_SIDES = re.compile(r"(?<![\d.])(\d{1,5})\s{0,2}(?:px)?\s{0,2}[:x×*/]\s{0,2}(\d{1,5})(?![\d.]\d)", re.IGNORECASE)
_SHAPES = {
    "square|quadrat|cuadrad|carré|quadrad": (1, 1),
    "vertical|portrait|upright|hochkant|hochformat|vertikal": (9, 16),
    "landscape|widescreen|querformat|horizontal|paysage": (16, 9),
}


def split_cell(cell: str) -> list[str]:
    """Return the lines of a table's cell."""
    return [one.strip() for one in _BREAK.split(cell) if one.strip()]


# A name with brackets that may contain a colon: "JO (0:12): …".
_NAME_WITH_BRACKETS = re.compile(r"([^:：()\n]{1,40}\([^()\n]{1,40}\))\s{0,2}[:：]\s{0,4}(.*)", re.DOTALL)


def split_label(line: Line) -> tuple[str, str, bool]:
    """Return a line's label, the text after it, and whether a colon separates them; a bold start without a colon may be
    anything.
    """
    if line.cells:
        return (line.cells[0], line.cells[1], True) if len(line.cells) == 2 else ("", line.text, False)
    if not line.lead:
        if found := _NAME_WITH_BRACKETS.fullmatch(line.text):
            return found[1], found[2], True
        label, rest = line.label
        return label, rest, bool(label)
    at = line.text.find(line.lead) + len(line.lead)
    after = line.text[at:].lstrip()
    if after[:1] == "(" and ")" in after[:80]:
        inner, _, after = after.partition(")")
        after = after.lstrip()
        return f"{line.lead} {inner})", after.lstrip(":： "), after[:1] in (":", "：")
    return line.lead, line.rest, after[:1] in (":", "：")


_TRANSITION = re.compile(
    r"(?:FADE|CUT|SMASH|DISSOLVE|SCHNITT|ABBLENDE|AUFBLENDE|FONDU|FUNDIDO|CORTE|THE END|ENDE|FIN|FIM)\b[^\n]{0,40}"
)
_SLUG = re.compile(
    r"(?:INT|EXT|INT\.?/EXT|I/E|INNEN|AUSSEN|AUßEN|INTÉRIEUR|EXTÉRIEUR|INTERIOR|EXTERIOR)\b[./ ]", re.IGNORECASE
)
_VOICE_REMARKS = parse_names("v.o.|vo|v.o|o.s.|os|off|voice-over|voiceover|voice over|o.c.|aus dem off|voz en off")


def is_scene_heading(text: str) -> bool:
    """Whether a line is a screenplay's scene heading: "INT. KITCHEN – DAY"."""
    return bool(_SLUG.match(text))


def is_transition(text: str) -> bool:
    """Whether a line is a transition between two pictures: "CUT TO:"."""
    return text.isupper() and bool(_TRANSITION.fullmatch(text.strip(" .:")))


def is_stage_direction(line: Line) -> bool:
    """Whether a line is a stage direction rather than speech: entirely in brackets or italics."""
    text, source = line.text.strip(), line.source.strip()
    if len(text) > 2 and (text[0], text[-1]) in (("(", ")"), ("[", "]")):
        return True
    marked = source[:1] in ("*", "_") and source[:1] == source[-1:] and source[:2] not in ("**", "__")
    return len(text) > 2 and marked and source.count(source[0]) == 2


def strip_brackets(text: str) -> str:
    """Return a stage direction without its brackets."""
    text = text.strip()
    return text[1:-1].strip() if (text[:1], text[-1:]) in (("(", ")"), ("[", "]")) else text


def parse_speaker(label: str) -> tuple[str, TimeSpan]:
    """Return the speaker that a label names, without the manner of speaking, and the time next to the name."""
    time, name = extract_time(label)
    name = name.strip(_EDGES.replace(".", "").replace("(", "").replace(")", ""))
    if name.endswith(")") and "(" in name:
        said, _, inner = name[:-1].rpartition("(")
        name = f"{said.strip()} ({inner.strip()})" if inner.strip().casefold() in _VOICE_REMARKS else said.strip()
    return name.strip(" ,–—-"), time


def can_be_speaker(name: str) -> bool:
    """Whether a few words can name a speaker: short, not a sentence, and not another field."""
    first = next((sign for sign in name if sign.isalnum()), "")
    short = 0 < len(name) <= 40 and len(name.split()) <= 5 and not first.islower() and not first.isdigit()
    plain = not any(sign in name for sign in '?!…"“”„«»')
    return short and plain and find_field(name) in (None, "words", "speaker", "scene", "size")


def parse_cell_lines(text: str) -> Iterator[Line]:
    """Yield the lines of a text taken from a table."""
    for piece in split_cell(text):
        yield from parse_document(piece).lines


def find_title_line(document: Document) -> tuple[str, Line | None]:
    """Return the title of a text and its line: a labelled one, or the first heading or bold line if it comes first."""
    for line in document.lines[:6]:
        label, rest, _ = split_label(line)
        if find_field(label) == "title" and rest:
            return strip_quotes(rest), line
        if document.is_heading(line) or (line.lead and line.lead == line.text.strip(" :")):
            label, _, rest = line.text.partition(":")
            below = next((one for one in document.lines if one.at > line.at), line)
            if find_field(line.text) == "title" and not document.is_heading(below):
                return strip_quotes(below.text), below
            return strip_quotes(rest if rest.strip() and find_field(label) == "title" else line.text), line
        if line.sort not in ("rule", "text"):
            break
    return "", None

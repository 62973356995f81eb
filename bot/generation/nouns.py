"""What briefs in other languages than English call that of which they give a number, as patterns, by the English noun."""

from __future__ import annotations

NOUNS: dict[str, dict[str, str]] = {
    "question": {"de": "fragen?", "fr": "questions?", "es": "preguntas?", "pt": "perguntas?|quest(?:ão|ões)"},
    "task": {"de": "aufgaben?", "fr": "exercices?", "es": "ejercicios?|tareas?", "pt": "exercícios?|tarefas?"},
    "card": {"de": "(?:lern)?karten?|karteikarten?", "fr": "cartes?|fiches?", "es": "tarjetas?|fichas?",
        "pt": "cartões|cartão|fichas?"},
    "slogan": {"de": "slogans?|sprüche", "fr": "slogans?", "es": "esl[oó]gan(?:es)?|lemas?", "pt": "slogans?"},
    "headline": {"de": "überschriften?|schlagzeilen?", "fr": "titres?", "es": "titulares?|títulos?", "pt": "títulos?|manchetes?"},
    "hashtag": {"de": "hashtags?", "fr": "hashtags?|mots-dièse", "es": "hashtags?|etiquetas?", "pt": "hashtags?"},
    "email": {"de": "e-?mails?", "fr": "e-?mails?|courriels?", "es": "correos?|e-?mails?", "pt": "e-?mails?"},
    "post": {"de": "beiträge|posts?", "fr": "publications?|posts?", "es": "publicaci(?:ón|ones)|posts?", "pt": "publicações|posts?"},
    "option": {"de": "optionen|antworten|antwortmöglichkeiten", "fr": "options?|réponses?",
        "es": "opciones|respuestas?", "pt": "opções|respostas?|alternativas?"},
    "section": {"de": "abschnitte?n?", "fr": "sections?", "es": "secci(?:ón|ones)|apartados?", "pt": "seções|seção"},
    "region": {"de": "bereiche?n?", "fr": "zones?", "es": "zonas?", "pt": "áreas?"},
    "row": {
        "de": "zeilen?|datensätzen?", "fr": "lignes?", "es": "filas?|registros?", "pt": "linhas?|registros?", "id": "baris",
        "": "行|件|पंक्तियाँ|صف(?:ًا|ا)?",
    },
    "column": {"de": "spalten?", "fr": "colonnes?", "es": "columnas?", "pt": "colunas?", "id": "kolom", "": "カラム"},
    "point": {"de": "punkten?", "fr": "points?", "es": "puntos?", "pt": "pontos?"},
    "bpm": {"de": "schlägen? pro minute", "fr": "battements par minute", "es": "pulsaciones por minuto", "pt": "batidas por minuto"},
}  # fmt: skip
# What may not stand between a number and its noun, by language, and what stands between two numbers.
BETWEEN = {
    "de": ("und|oder|mit|ohne|zu|zum|zur|über|für|pro|von|in|auf|minuten?|stunden?", "bis|oder|-|–"),
    "fr": ("et|ou|avec|sans|sur|pour|par|dans|minutes?|heures?", "à|ou|-|–"),
    "es": ("y|o|con|sin|sobre|para|por|en|minutos?|horas?", "a|o|hasta|-|–"),
    "pt": ("e|ou|com|sem|sobre|para|por|em|minutos?|horas?", "a|ou|até|-|–"),
    "id": ("dan|atau|dengan|untuk", "sampai|-|–"),
}

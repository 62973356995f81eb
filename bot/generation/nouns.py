"""What briefs in other languages than English call that of which they give a number, by the English noun."""

from __future__ import annotations

NOUNS: dict[str, dict[str, str]] = {
    "question": {
        "de": "frage|fragen", "fr": "question|questions",
        "es": "pregunta|preguntas", "pt": "pergunta|perguntas|questão|questões",
    },
    "task": {
        "de": "aufgabe|aufgaben", "fr": "exercice|exercices",
        "es": "ejercicio|ejercicios|tarea|tareas", "pt": "exercício|exercícios|tarefas",
    },
    "card": {
        "de": "karte|karten|lernkarten|karteikarten", "fr": "carte|cartes|fiche|fiches", "es": "tarjeta|tarjetas|ficha|fichas",
        "pt": "cartão|cartões|ficha|fichas",
    },
    "slogan": {"de": "slogan|slogans|sprüche", "fr": "slogan|slogans", "es": "eslogan|eslóganes|lema|lemas", "pt": "slogan|slogans"},
    "headline": {
        "de": "überschrift|überschriften|schlagzeilen", "fr": "titre|titres",
        "es": "titular|titulares|título|títulos", "pt": "título|títulos|manchetes",
    },
    "hashtag": {"de": "hashtag|hashtags", "fr": "hashtag|hashtags", "es": "hashtag|hashtags|etiquetas", "pt": "hashtag|hashtags"},
    "email": {
        "de": "email|emails|e-mail|e-mails", "fr": "email|emails|e-mail|e-mails|courriel|courriels",
        "es": "correo|correos|email|emails",
        "pt": "email|emails|e-mail|e-mails",
    },
    "post": {
        "de": "beitrag|beiträge|posts", "fr": "publication|publications|posts",
        "es": "publicación|publicaciones|posts", "pt": "publicações|posts",
    },
    "option": {
        "de": "optionen|antworten|antwortmöglichkeiten", "fr": "options|réponses",
        "es": "opciones|respuestas", "pt": "opções|respostas|alternativas",
    },
    "section": {
        "de": "abschnitt|abschnitte|abschnitten", "fr": "section|sections",
        "es": "sección|secciones|apartados", "pt": "seção|seções",
    },
    "region": {"de": "bereich|bereiche|bereichen", "fr": "zone|zones", "es": "zona|zonas", "pt": "área|áreas"},
    "row": {
        "de": "zeile|zeilen|datensätze|datensätzen", "fr": "ligne|lignes", "es": "fila|filas|registros", "pt": "linha|linhas|registros",
        "id": "baris", "": "行|件|पंक्तियाँ|صف",
    },
    "column": {
        "de": "spalte|spalten", "fr": "colonne|colonnes", "es": "columna|columnas", "pt": "coluna|colunas", "id": "kolom", "": "カラム",
    },
    "point": {"de": "punkt|punkte|punkten", "fr": "point|points", "es": "punto|puntos", "pt": "ponto|pontos"},
    "bpm": {"de": "schläge pro minute", "fr": "battements par minute", "es": "pulsaciones por minuto", "pt": "batidas por minuto"},
}  # fmt: skip
# What may not stand between a number and its noun, by language, and what stands between two numbers.
BETWEEN = {
    "de": ("und|oder|mit|ohne|zu|zum|zur|über|für|pro|von|in|auf|minuten?|stunden?", "bis|oder|-|–"),
    "fr": ("et|ou|avec|sans|sur|pour|par|dans|minutes?|heures?", "à|ou|-|–"),
    "es": ("y|o|con|sin|sobre|para|por|en|minutos?|horas?", "a|o|hasta|-|–"),
    "pt": ("e|ou|com|sem|sobre|para|por|em|minutos?|horas?", "a|ou|até|-|–"),
    "id": ("dan|atau|dengan|untuk", "sampai|-|–"),
}

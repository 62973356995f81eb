"""What stands over the parts of a text, in the language of the text. A text in another language than these has English ones."""

from __future__ import annotations

from bot.content import Assignment

# English, then German, Spanish, French, Portuguese.
_LABELS = (
    ("About", "Über", "Acerca de", "À propos de", "Sobre"),
    ("Activities", "Ablauf", "Actividades", "Activités", "Atividades"),
    ("Answer key", "Lösungen", "Soluciones", "Corrigé", "Gabarito"),
    ("Assessment", "Überprüfung", "Evaluación", "Évaluation", "Avaliação"),
    ("Audience", "Zielgruppe", "Público", "Public", "Público"),
    ("Budget", "Budget", "Presupuesto", "Budget", "Orçamento"),
    ("Calendar", "Kalender", "Calendario", "Calendrier", "Calendário"),
    ("Challenge", "Herausforderung", "Ampliación", "Approfondissement", "Desafio"),
    ("Channels", "Kanäle", "Canales", "Canaux", "Canais"),
    ("Chorus", "Refrain", "Estribillo", "Refrain", "Refrão"),
    ("Common mistakes", "Häufige Fehler", "Errores frecuentes", "Erreurs fréquentes", "Erros comuns"),
    ("Debrief", "Auswertung", "Puesta en común", "Débriefing", "Conversa final"),
    ("Description", "Beschreibung", "Descripción", "Description", "Descrição"),
    ("Descriptions", "Beschreibungen", "Descripciones", "Descriptions", "Descrições"),
    ("Differentiation", "Differenzierung", "Atención a la diversidad", "Différenciation", "Diferenciação"),
    ("Display paths", "Angezeigte Pfade", "Rutas visibles", "Chemins affichés", "Caminhos exibidos"),
    ("Email", "E-Mail", "Correo", "E-mail", "E-mail"),
    ("Excellent", "Ausgezeichnet", "Excelente", "Excellent", "Excelente"),
    ("Good", "Gut", "Bien", "Bien", "Bom"),
    ("Basic", "Ausreichend", "Básico", "Basique", "Básico"),
    ("Fair", "Befriedigend", "Suficiente", "Assez bien", "Razoável"),
    ("Outstanding", "Hervorragend", "Sobresaliente", "Remarquable", "Excepcional"),
    ("Met", "Erreicht", "Logrado", "Acquis", "Atingido"),
    ("Strong", "Stark", "Sólido", "Solide", "Sólido"),
    ("On the way", "Auf dem Weg", "En camino", "En bonne voie", "A caminho"),
    ("Not yet", "Noch nicht", "Todavía no", "Pas encore", "Ainda não"),
    ("Embargoed", "Sperrfrist", "Embargo", "Sous embargo", "Embargo"),
    ("Embargoed until", "Sperrfrist bis", "Embargo hasta", "Sous embargo jusqu'au", "Embargo até"),
    ("For immediate release", "Zur sofortigen Veröffentlichung", "Para publicación inmediata", "Pour diffusion immédiate",
     "Para divulgação imediata"),
    ("Glossary", "Glossar", "Glosario", "Glossaire", "Glossário"),
    ("Goal", "Ziel", "Objetivo", "Objectif", "Objetivo"),
    ("Headlines", "Überschriften", "Títulos", "Titres", "Títulos"),
    ("How it works", "So geht es", "Cómo funciona", "Comment ça marche", "Como funciona"),
    ("Key ideas", "Das Wichtigste", "Ideas clave", "Idées clés", "Ideias principais"),
    ("Key terms", "Begriffe", "Términos clave", "Termes clés", "Termos principais"),
    ("Materials", "Material", "Materiales", "Matériel", "Materiais"),
    ("Keywords", "Suchwörter", "Palabras clave", "Mots-clés", "Palavras-chave"),
    ("Message", "Botschaft", "Mensaje", "Message", "Mensagem"),
    ("Objectives", "Lernziele", "Objetivos", "Objectifs", "Objetivos"),
    ("On screen", "Im Bild", "En pantalla", "À l’écran", "Na tela"),
    ("Opening", "Eröffnung", "Inicio", "Ouverture", "Abertura"),
    ("Press contact", "Pressekontakt", "Contacto de prensa", "Contact presse", "Contato para a imprensa"),
    ("Preview", "Vorschau", "Vista previa", "Aperçu", "Prévia"),
    ("Primary text", "Haupttext", "Texto principal", "Texte principal", "Texto principal"),
    ("Promotional text", "Werbetext", "Texto promocional", "Texte promotionnel", "Texto promocional"),
    ("Questions and answers", "Fragen und Antworten", "Preguntas y respuestas", "Questions et réponses",
     "Perguntas e respostas"),
    ("Roles", "Rollen", "Papeles", "Rôles", "Papéis"),
    ("Self check", "Teste dich selbst", "Autoevaluación", "Autoévaluation", "Autoavaliação"),
    ("Situation", "Situation", "Situación", "Situation", "Situação"),
    ("Subject", "Betreff", "Asunto", "Objet", "Assunto"),
    ("Subtitle", "Untertitel", "Subtítulo", "Sous-titre", "Subtítulo"),
    ("Support", "Unterstützung", "Apoyo", "Soutien", "Apoio"),
    ("Title", "Titel", "Título", "Titre", "Título"),
    ("Total", "Gesamt", "Total", "Total", "Total"),
    ("Turns", "Wendungen", "Giros", "Rebondissements", "Reviravoltas"),
    ("Verse", "Strophe", "Estrofa", "Couplet", "Estrofe"),
    ("Week", "Woche", "Semana", "Semaine", "Semana"),
    ("Week by week", "Woche für Woche", "Semana a semana", "Semaine par semaine", "Semana a semana"),
    ("What we measure", "Was wir messen", "Qué medimos", "Ce que nous mesurons", "O que medimos"),
    ("What you get", "Was du davon hast", "Lo que obtienes", "Ce que vous y gagnez", "O que você ganha"),
    ("day", "Tag", "día", "jour", "dia"),
    ("minutes", "Minuten", "minutos", "minutes", "minutos"),
    ("of", "von", "de", "sur", "de"),
    ("points", "Punkte", "puntos", "points", "pontos"),
    ("point", "Punkt", "punto", "point", "ponto"),
)  # fmt: skip
_LANGUAGES = ("en", "de", "es", "fr", "pt")
_BY_ENGLISH = {row[0]: row for row in _LABELS}


def in_every_language(english: str) -> frozenset[str]:
    """A label in all the languages that it may stand in."""
    return frozenset(_BY_ENGLISH.get(english, (english,)))


def label(english: str, assignment: Assignment) -> str:
    """A label in the language of an assignment's text where its draft stands as written, else in English."""
    row = _BY_ENGLISH.get(english)
    if row is None or not assignment.as_written or assignment.language not in _LANGUAGES:
        return english
    return row[_LANGUAGES.index(assignment.language)]

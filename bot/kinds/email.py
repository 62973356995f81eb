"""Emails: subject, preview text and body, one or a sequence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Any

from pydantic import BaseModel

from bot.briefs import Form
from bot.content import Assignment, Count, Kind, Size
from bot.markup import Document
from bot.reading.labels import Labels, find_labelled_cells, get_text_after_label
from bot.reading.lines import strip_decoration, unwrap_text
from bot.reading.texts import get_wanted_count, split_texts


class Email(BaseModel):
    """An email; `send_day` is the day of its sequence it is sent on, as its writer counts."""

    subject: Annotated[str, Size(nouns=("subject", "subject line"))] = ""
    preheader: Annotated[str, Size(nouns=("preheader", "preview", "preview text"))] = ""
    body: Annotated[str, Size(nouns=("body", "email", "mail"))] = ""
    send_day: int | None = None


class Emails(BaseModel):
    """The emails in order."""

    emails: Annotated[
        list[Email],
        Count(nouns=("email", "e-mail", "mail", "message", "part"), before=("sequence of", "series of")),
    ] = []


_LABELS = Labels(
    subject="Subject|subject line|subject lines|subjects|betreffzeile|betreffzeilen|asuntos|objets|assuntos|línea de asunto|líneas de asunto|ligne d'objet|objet du mail|sujet|"
    "linha de assunto|oggetto|onderwerp",
    preheader="Preview text|Preview|preheader|preheader text|pre-header|preview line|texto previo|preencabezado|pré-en-tête|"
    "préheader|pré-header|pré-cabeçalho|anteprima",
    body="body|email body|body text|body copy|mail text|Text|mailtext|inhalt|cuerpo|cuerpo del correo|corps|corps du mail|corpo|"
    "corpo do e-mail|content",
    head="Email|mail|nachricht|correo|message|courriel|send|send on|send day|sent|send time|timing|day|to|from|an|von|cc|bcc|para|de|"
    "à|from name|sender|absender|remitente|expéditeur|remetente|versand|versandtag|envío|envoi|envio|trigger|delay|segment",
)
_MAILS = Labels(text="Email|mail|message|nachricht|correo|courriel|Option|Version|variant|variante")
_DAY = re.compile(
    r"\b(?:day|tag|día|jour|dia)\s{0,2}(\d{1,3})\b|\b(\d{1,3})\s?(?:days?|tagen?|tage|días?|jours?|dias?)\b",
    re.IGNORECASE,
)


def read(whole: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the emails; one without a subject is only its body."""
    known = [_LABELS.match_line(line) for line in whole.lines]
    starts = [at for at, one in enumerate(known) if one and one[0] == "subject"]
    mails, end = list[dict[str, Any]](), 0
    for start, following in pairwise([*starts, None]):
        assert start is not None
        stop = len(whole.lines) if following is None else _find_body_end(whole, known, start + 1, following)
        mail = _read_mail(whole, known, start, stop)
        if found := _DAY.search("\n".join(line.text for line in whole.lines[end:start])):
            mail["send_day"] = int(found[1] or found[2])
        mails.append(mail)
        end = stop
    mails = _merge_subjects(mails) or _read_tables(whole)
    if not mails:
        bodies = split_texts(
            whole, _MAILS, get_wanted_count(assignment.requirements.counts, "email"), allow_rules=False
        )
        mails = [{"body": body} for body in bodies]
    if len(mails) == 1:
        mails[0].pop("send_day", None)
    return {"emails": mails} if mails else {}


def _find_body_end(whole: Document, known: Sequence[tuple[str, str] | None], start: int, following: int) -> int:
    """Return where a body ends before the head of the next email, which may have a heading, a rule and lines of its own."""
    at, ruled = following, False
    while at > start:
        line, label = whole.lines[at - 1], known[at - 1]
        if line.sort == "rule":
            ruled = True
        elif ruled or not (whole.is_heading(line) or (label and label[0] == "head")):
            break
        at -= 1
    return at


def _read_mail(whole: Document, known: Sequence[tuple[str, str] | None], start: int, stop: int) -> dict[str, Any]:
    """Return the email whose subject is at a line."""
    lines, mail = whole.lines, dict[str, Any]()
    at, last, value = start, "", ""
    while at < stop:
        line, label = lines[at], known[at]
        if label and label[0] == "body":
            value, at = get_text_after_label(line) if label[1] else "", at + 1
            break
        if label and label[0] in ("subject", "preheader"):
            last = label[0]
            if label[1]:
                mail.setdefault(last, strip_decoration(label[1]))
        elif (label and label[0] == "head") or line.sort == "rule":
            last = ""
            if found := _DAY.search(line.text):
                mail["send_day"] = int(found[1] or found[2])
        elif last and (last not in mail or line.sort == lines[at - 1].sort == "item"):
            # Labelled text is below its label; the first of several options is used.
            mail.setdefault(last, strip_decoration(line.text))
        else:
            break
        at += 1
    body = [*lines[at:stop]]
    while body and body[-1].sort == "rule":
        body.pop()
    text = "\n\n".join(filter(None, (value, unwrap_text(whole.get_source(body)))))
    return mail | ({"body": text} if text else {})


def _merge_subjects(mails: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the emails with a body: consecutive subjects are alternatives for the same one."""
    found, kept = list[dict[str, Any]](), dict[str, Any]()
    for mail in mails:
        kept = mail | kept
        if "body" in kept:
            found.append(kept)
            kept = {}
    return found or ([kept] if kept else [])


def _read_tables(whole: Document) -> list[dict[str, Any]]:
    mails: list[dict[str, Any]] = []
    for part, cell in find_labelled_cells(whole, _LABELS):
        if part == "subject":
            mails.append({})
        if mails and part != "head":
            mails[-1].setdefault(part, cell)
    return mails


KIND = Kind(
    name="email",
    family="marketing",
    title="Email",
    description="A newsletter, announcement, welcome email or sequence, with subject line and preview text.",
    task="Begin with the subject line.",
    layout="Subject: …\n\nHello …,\n\n…",
    read=read,
    parts=Emails,
    places={"email": ()},
    form=Form("email", ("email", "post")),
    likely_exports=("copy", "docx"),
    pasted_parts=("emails",),
)

"""Emails: subject, preview text and body, one or a sequence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import compress, pairwise
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


def read(document: Document, assignment: Assignment) -> dict[str, Any]:
    """Return the emails; one without a subject is only its body."""
    labels = [_LABELS.match_line(line) for line in document.lines]
    count = get_wanted_count(assignment.requirements.counts, "email")
    starts = list(_find_starts(document, labels, count))
    mails, end = list[dict[str, Any]](), 0
    for start, following in pairwise([*starts, None]):
        assert start is not None
        stop = len(document.lines) if following is None else _find_body_end(document, labels, start + 1, following)
        mail = _read_mail(document, labels, start, stop)
        if found := _DAY.search("\n".join(line.text for line in document.lines[end:start])):
            mail["send_day"] = int(found[1] or found[2])
        mails.append(mail)
        end = stop
    mails = _merge_subjects(mails) or _read_tables(document)
    if not mails:
        mails = [{"body": body} for body in split_texts(document, _MAILS, count, allow_rules=False)]
    if len(mails) == 1 and "body" not in mails[0]:  # The subject stands below it, or in a table.
        is_body = [not label and line.sort != "row" for line, label in zip(document.lines, labels, strict=True)]
        body = unwrap_text(document.get_source(list(compress(document.lines, is_body))))
        mails[0] |= {"body": body} if body else {}
    if len(mails) == 1:
        mails[0].pop("send_day", None)
    return {"emails": mails} if mails else {}


def _find_starts(document: Document, labels: Sequence[tuple[str, str] | None], count: int) -> Iterator[int]:
    """Yield the indexes of the subjects of emails. In a single one, a later subject is an alternative next to the first, or a
    line of the body.
    """
    last = None
    for index, label in enumerate(labels):
        if not label or label[0] != "subject":
            continue
        is_alternative = last is not None and all(labels[last:index])
        if last is None or count > 1 or is_alternative or _find_body_end(document, labels, last + 1, index) < index:
            yield index
            last = index


def _find_body_end(document: Document, labels: Sequence[tuple[str, str] | None], start: int, following: int) -> int:
    """Return where a body ends before the head of the next email, which may have a heading, a rule and lines of its own."""
    index, has_rule = following, False
    while index > start:
        line, label = document.lines[index - 1], labels[index - 1]
        if line.sort == "rule":
            has_rule = True
        elif has_rule or not (document.is_heading(line) or (label and label[0] == "head")):
            break
        index -= 1
    return index


def _read_mail(document: Document, labels: Sequence[tuple[str, str] | None], start: int, stop: int) -> dict[str, Any]:
    """Return the email whose subject is at a line."""
    lines, mail = document.lines, dict[str, Any]()
    index, open_part, value = start, "", ""
    while index < stop:
        line, label = lines[index], labels[index]
        if label and label[0] == "body":
            value, index = get_text_after_label(line) if label[1] else "", index + 1
            break
        if label and label[0] in ("subject", "preheader"):
            open_part = label[0]
            if label[1]:
                mail.setdefault(open_part, strip_decoration(label[1]))
        elif (label and label[0] == "head") or line.sort == "rule":
            open_part = ""
            if found := _DAY.search(line.text):
                mail["send_day"] = int(found[1] or found[2])
        elif open_part and (open_part not in mail or line.sort == lines[index - 1].sort == "item"):
            # Labelled text is below its label; the first of several options is used.
            mail.setdefault(open_part, strip_decoration(line.text))
        else:
            break
        index += 1
    body = [*lines[index:stop]]
    while body and body[-1].sort == "rule":
        body.pop()
    text = "\n\n".join(filter(None, (value, unwrap_text(document.get_source(body)))))
    return mail | ({"body": text} if text else {})


def _merge_subjects(mails: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the emails with a body: consecutive subjects are alternatives for the same one."""
    found, merged = list[dict[str, Any]](), dict[str, Any]()
    for mail in mails:
        merged = mail | merged
        if "body" in merged:
            found.append(merged)
            merged = {}
    return found or ([merged] if merged else [])


def _read_tables(document: Document) -> list[dict[str, Any]]:
    mails: list[dict[str, Any]] = []
    for part, cell in find_labelled_cells(document, _LABELS):
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
    layout="Begin with “Subject:” and the subject line.",
    read=read,
    parts=Emails,
    places={"email": ()},
    form=Form("email", ("email", "post")),
    likely_exports=("copy", "docx"),
    pasted_parts=("emails",),
)

"""A quiz as a QTI 1.2 package, which older learning platforms and Canvas import."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

from bot.content import Content
from bot.kinds._labels import translate_label

from ._parts import Question, all_questions, questions
from ._xml import add, packed, root_of, to_bytes

LABEL = "QTI 1.2"
ENDING = "zip"
_QTI = "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"
_CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
# What Canvas calls the forms of questions; others ignore it.
_CALLED = {
    "true_false": "true_false_question", "short_answer": "short_answer_question", "numeric": "numerical_question",
    "matching": "matching_question",
}  # fmt: skip


def fits(content: Content) -> bool:
    """It is a quiz whose questions can all be asked and marked."""
    return all_questions(content)


def export(title: str, content: Content) -> bytes:
    """A zip file with a manifest and one file that holds the assessment."""
    title = str(content.parts.get("title") or title)
    asked = questions(content)
    quiz = _assessment(title, asked, translate_label("Question", content.language))
    body = packed({"imsmanifest.xml": to_bytes(_manifest()), "quiz.xml": to_bytes(quiz)})
    assert read(body) == [_plain(one) for one in asked]
    return body


def _plain(one: Question) -> Question:
    return replace(one, options=(one.number,)) if one.form == "numeric" else one


def read(body: bytes) -> list[Question]:
    """The questions of a package, found by its manifest."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        manifest = etree.fromstring(archive.read("imsmanifest.xml"))
        [resource] = manifest.findall(f".//{{{_CP}}}resource")
        quiz = etree.fromstring(archive.read(resource.get("href")))
    return [_question(item) for item in quiz.iter(f"{{{_QTI}}}item")]


def _question(item: Any) -> Question:
    fields = {one[0].text: one[1].text for one in item.iter(f"{{{_QTI}}}qtimetadatafield")}
    called = {name: form for form, name in _CALLED.items()}
    form: Any = called.get(fields["question_type"], "choice")
    responses = item.findall(f".//{{{_QTI}}}response_lid") or item.findall(f".//{{{_QTI}}}response_str")
    labels = list(responses[0].iter(f"{{{_QTI}}}response_label"))
    names, options = [one.get("ident") for one in labels], tuple(_said(one) for one in labels)
    right = [one for one in item.findall(f".//{{{_QTI}}}respcondition") if one.find(f"{{{_QTI}}}setvar") is not None]
    values = [
        one.text
        for each in right
        for one in each.iter(f"{{{_QTI}}}varequal")
        if one.getparent().tag != f"{{{_QTI}}}not"
    ]
    told = {one.get("ident"): _said(one) for one in item.findall(f"{{{_QTI}}}itemfeedback")}
    return Question(
        text=_said(item.find(f"{{{_QTI}}}presentation")),
        options=options or tuple(values),
        correct=tuple(map(names.index, values)) if names else tuple(range(len(values))),
        feedback=told.get("general_fb", ""),
        form=form,
        lefts=tuple(_said(one) for one in responses) if form == "matching" else (),
        feedbacks=tuple(told.get(f"{name}_fb", "") for name in names) if told and "general_fb" not in told else (),
    )


def _said(element: Any) -> str:
    return str(next(element.iter(f"{{{_QTI}}}mattext")).text or "")


def _manifest() -> Any:
    root = root_of(_CP, "manifest", identifier="manifest")
    metadata = add(root, "metadata")
    add(metadata, "schema", "IMS Content")
    add(metadata, "schemaversion", "1.1.3")
    add(root, "organizations")
    resource = add(add(root, "resources"), "resource", identifier="quiz", type="imsqti_xmlv1p2", href="quiz.xml")
    add(resource, "file", href="quiz.xml")
    return root


def _assessment(title: str, asked: list[Question], called: str) -> Any:
    root = root_of(_QTI, "questestinterop")
    section = add(add(root, "assessment", ident="quiz", title=title), "section", ident="root_section")
    for number, one in enumerate(asked, 1):
        _item(section, f"{called} {number}", number, one)
    return root


def _item(section: Any, title: str, number: int, one: Question) -> None:
    item = add(section, "item", ident=f"item{number}", title=title)
    several = "multiple_answers_question" if len(one.correct) > 1 else "multiple_choice_question"
    about = add(add(item, "itemmetadata"), "qtimetadata")
    for label, entry in (("question_type", _CALLED.get(one.form, several)), ("points_possible", "1")):
        field = add(about, "qtimetadatafield")
        add(field, "fieldlabel", label)
        add(field, "fieldentry", entry)
    presentation = add(item, "presentation")
    _material(presentation, one.text)
    _responses(presentation, one)
    marked = add(item, "resprocessing")
    add(add(marked, "outcomes"), "decvar", varname="SCORE", vartype="Decimal", minvalue="0", maxvalue="100")
    told = {f"choice{at}": said for at, said in enumerate(one.feedbacks, 1) if said}
    for option in told:  # Before what ends the marking.
        condition = add(marked, "respcondition", {"continue": "Yes"})
        add(add(condition, "conditionvar"), "varequal", option, respident="response1")
        add(condition, "displayfeedback", feedbacktype="Response", linkrefid=f"{option}_fb")
    if one.feedback:
        condition = add(marked, "respcondition", {"continue": "Yes"})
        add(add(condition, "conditionvar"), "other")
        add(condition, "displayfeedback", feedbacktype="Response", linkrefid="general_fb")
    _conditions(marked, one)
    for option, said in (told or ({"general": one.feedback} if one.feedback else {})).items():
        _material(add(add(item, "itemfeedback", ident=f"{option}_fb"), "flow_mat"), said)


def _responses(presentation: Any, one: Question) -> None:
    if one.form in ("short_answer", "numeric"):
        response = add(presentation, "response_str", ident="response1", rcardinality="Single")
        add(response, "render_fib", fibtype="Decimal" if one.form == "numeric" else "String")
        return
    cardinality = "Multiple" if one.form == "choice" and len(one.correct) > 1 else "Single"
    for number, left in enumerate(one.lefts or ("",), 1):
        response = add(presentation, "response_lid", ident=f"response{number}", rcardinality=cardinality)
        if left:
            _material(response, left)
        choices = add(response, "render_choice")
        for at, option in enumerate(one.options, 1):
            _material(add(choices, "response_label", ident=f"choice{at}"), option)


def _conditions(marked: Any, one: Question) -> None:
    """What gives points: all that is right and nothing else; of pairs each, of written answers any."""
    if one.form == "matching":
        share = f"{100 / len(one.correct):.2f}"
        for number, at in enumerate(one.correct, 1):
            condition = add(marked, "respcondition")
            add(add(condition, "conditionvar"), "varequal", f"choice{at + 1}", respident=f"response{number}")
            add(condition, "setvar", share, action="Add", varname="SCORE")
        return
    condition = add(marked, "respcondition", {"continue": "No"})
    holds = add(condition, "conditionvar")
    if one.form in ("short_answer", "numeric"):
        for answer in [one.number] if one.form == "numeric" else one.options:
            add(holds, "varequal", answer, respident="response1")
    elif len(one.correct) == 1:
        add(holds, "varequal", f"choice{one.correct[0] + 1}", respident="response1")
    else:
        every = add(holds, "and")
        for at in range(len(one.options)):
            where = every if at in one.correct else add(every, "not")
            add(where, "varequal", f"choice{at + 1}", respident="response1")
    add(condition, "setvar", "100", action="Set", varname="SCORE")


def _material(parent: Any, text: str) -> None:
    add(add(parent, "material"), "mattext", text, texttype="text/plain")

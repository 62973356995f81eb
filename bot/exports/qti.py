"""A quiz as a QTI 2.1 package, which learning platforms import."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

from bot.content import Content
from bot.reading.surrounding_labels import translate_label

from ._parts import QuizQuestion, collect_questions, has_only_questions
from ._xml import add_element, create_root, pack_zip, serialise

LABEL = "QTI 2.1"
ENDING = "zip"
_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
_MATCH = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"
_MAP = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"


def fits(content: Content) -> bool:
    """Whether it is a quiz whose questions can all be asked and marked."""
    return has_only_questions(content)


def export(title: str, content: Content) -> bytes:
    """Return a zip file with a manifest, a test, and one file per question."""
    title = str(content.parts.get("title") or title)
    asked = collect_questions(content)
    names = [f"item{number}.xml" for number in range(1, len(asked) + 1)]
    called = translate_label("Question", content.language)
    files = {
        "imsmanifest.xml": _build_manifest(names),
        "test.xml": _build_test(title, names),
        **{name: _build_item(name, one, called) for name, one in zip(names, asked, strict=True)},
    }
    body = pack_zip({name: serialise(root) for name, root in files.items()})
    assert read(body) == [_normalise_question(one) for one in asked]
    return body


def _normalise_question(one: QuizQuestion) -> QuizQuestion:
    return replace(one, options=(one.numeric_answer,)) if one.form == "numeric" else one


def read(body: bytes) -> list[QuizQuestion]:
    """Return the questions of a package, found as an importer does: by the manifest, then the test."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    resources = files["imsmanifest.xml"].findall(f".//{{{_CP}}}resource")
    kinds = {one.get("href"): one.get("type") for one in resources}
    assert kinds["test.xml"] == "imsqti_test_xmlv2p1"
    assert set(kinds) == set(files) - {"imsmanifest.xml"}
    references = files["test.xml"].findall(f".//{{{_QTI}}}assessmentItemRef")
    return [_parse_item(files[one.get("href")]) for one in references]


def _parse_item(item: Any) -> QuizQuestion:
    title = item.get("label")
    values = [
        one.text for one in item.findall(f"{{{_QTI}}}responseDeclaration/{{{_QTI}}}correctResponse/{{{_QTI}}}value")
    ]
    told = {one.get("identifier"): one.text for one in item.findall(f"{{{_QTI}}}modalFeedback")}
    if title == "short_answer":
        values = [one.get("mapKey") for one in item.findall(f".//{{{_QTI}}}mapEntry")]
    prompt = item.find(f".//{{{_QTI}}}prompt")
    written = item.find(f"{{{_QTI}}}itemBody/{{{_QTI}}}p")
    lefts, choices = [], item.findall(f".//{{{_QTI}}}simpleChoice")
    if title == "matching":
        first, second = item.findall(f".//{{{_QTI}}}simpleMatchSet")
        lefts, choices = list(first), list(second)
    names = [one.get("identifier") for one in choices]
    options = tuple(one.text for one in choices) or tuple(values)
    correct = tuple(names.index(one.split()[-1]) for one in values) if names else tuple(range(len(values)))
    return QuizQuestion(
        text=(written if prompt is None else prompt).text,
        options=options,
        correct=correct,
        feedback=told.get("shown", ""),
        form=title,
        lefts=tuple(one.text for one in lefts),
        feedbacks=tuple(told.get(name, "") for name in names) if told and "shown" not in told else (),
    )


def _build_manifest(names: list[str]) -> Any:
    root = create_root(_CP, "manifest", identifier="manifest")
    metadata = add_element(root, "metadata")
    add_element(metadata, "schema", "QTIv2.1 Package")
    add_element(metadata, "schemaversion", "1.0.0")
    add_element(root, "organizations")
    resources = add_element(root, "resources")
    test = add_element(resources, "resource", identifier="test", type="imsqti_test_xmlv2p1", href="test.xml")
    add_element(test, "file", href="test.xml")
    for name in names:
        identifier = name.removesuffix(".xml")
        one = add_element(resources, "resource", identifier=identifier, type="imsqti_item_xmlv2p1", href=name)
        add_element(one, "file", href=name)
        add_element(test, "dependency", identifierref=identifier)
    return root


def _build_test(title: str, names: list[str]) -> Any:
    root = create_root(_QTI, "assessmentTest", identifier="test", title=title)
    part = add_element(root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    section = add_element(part, "assessmentSection", identifier="section", title=title, visible="true")
    for name in names:
        add_element(section, "assessmentItemRef", identifier=name.removesuffix(".xml"), href=name)
    return root


def _build_item(name: str, one: QuizQuestion, called: str) -> Any:
    identifier = name.removesuffix(".xml")
    title = identifier.replace("item", f"{called} ")
    root = create_root(
        _QTI,
        "assessmentItem",
        identifier=identifier,
        title=title,
        label=one.form,
        adaptive="false",
        timeDependent="false",
    )
    cardinality, base = _get_response_type(one)
    response = add_element(root, "responseDeclaration", identifier="RESPONSE", cardinality=cardinality, baseType=base)
    right = add_element(response, "correctResponse")
    values = _get_correct_values(one)
    for value in values[:1] if one.form == "short_answer" else values:
        add_element(right, "value", value)
    if one.form == "short_answer":  # Any of the accepted answers counts.
        mapping = add_element(response, "mapping", defaultValue="0")
        for value in values:
            add_element(mapping, "mapEntry", mapKey=value, mappedValue="1", caseSensitive="false")
    for outcome, kind in (("SCORE", "float"), ("FEEDBACK", "identifier")):
        several = "multiple" if outcome == "FEEDBACK" and one.feedbacks and cardinality == "multiple" else "single"
        declared = add_element(root, "outcomeDeclaration", identifier=outcome, cardinality=several, baseType=kind)
        if outcome == "SCORE" or not one.feedbacks:
            add_element(add_element(declared, "defaultValue"), "value", "0" if outcome == "SCORE" else "shown")
    _add_interaction(add_element(root, "itemBody"), one)
    if one.feedbacks:
        _add_option_feedback(root)
    else:
        add_element(root, "responseProcessing", template=_MAP if one.form == "short_answer" else _MATCH)
    shown = {f"choice{at}": said for at, said in enumerate(one.feedbacks, 1) if said}
    for option, said in (shown or ({"shown": one.feedback} if one.feedback else {})).items():
        add_element(root, "modalFeedback", said, outcomeIdentifier="FEEDBACK", identifier=option, showHide="show")
    return root


def _get_response_type(one: QuizQuestion) -> tuple[str, str]:
    """Return cardinality and base type of the response."""
    match one.form:
        case "short_answer":
            return "single", "string"
        case "numeric":
            return "single", "float"
        case "matching":
            return "multiple", "directedPair"
        case _:
            return ("single" if len(one.correct) == 1 else "multiple"), "identifier"


def _get_correct_values(one: QuizQuestion) -> list[str]:
    match one.form:
        case "short_answer":
            return list(one.options)
        case "numeric":
            return [one.numeric_answer]
        case "matching":
            return [f"left{number} choice{at + 1}" for number, at in enumerate(one.correct, 1)]
        case _:
            return [f"choice{at + 1}" for at in one.correct]


def _add_interaction(body: Any, one: QuizQuestion) -> None:
    if one.form in ("short_answer", "numeric"):
        add_element(body, "p", one.text)
        add_element(add_element(body, "p"), "textEntryInteraction", responseIdentifier="RESPONSE")
        return
    if one.form == "matching":
        most = str(len(one.lefts))
        ask = add_element(
            body, "matchInteraction", responseIdentifier="RESPONSE", shuffle="false", maxAssociations=most
        )
        add_element(ask, "prompt", one.text)
        for side, texts, times in (("left", one.lefts, "1"), ("choice", one.options, most)):
            pile = add_element(ask, "simpleMatchSet")
            for at, text in enumerate(texts, 1):
                add_element(pile, "simpleAssociableChoice", text, identifier=f"{side}{at}", matchMax=times)
        return
    most = "1" if len(one.correct) == 1 else str(len(one.options))
    ask = add_element(body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="false", maxChoices=most)
    add_element(ask, "prompt", one.text)
    for at, option in enumerate(one.options, 1):
        add_element(ask, "simpleChoice", option, identifier=f"choice{at}")


def _add_option_feedback(root: Any) -> None:
    """Mark as the template would, and show the feedback on the chosen options."""
    steps = add_element(root, "responseProcessing")
    condition = add_element(steps, "responseCondition")
    holds = add_element(condition, "responseIf")
    match = add_element(holds, "match")
    add_element(match, "variable", identifier="RESPONSE")
    add_element(match, "correct", identifier="RESPONSE")
    add_element(add_element(holds, "setOutcomeValue", identifier="SCORE"), "baseValue", "1", baseType="float")
    add_element(add_element(steps, "setOutcomeValue", identifier="FEEDBACK"), "variable", identifier="RESPONSE")

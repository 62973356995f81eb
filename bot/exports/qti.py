"""A quiz as a QTI 2.1 package, which learning platforms import."""

from __future__ import annotations

import io
import zipfile
from dataclasses import replace
from typing import Any

from bot.content import Content
from bot.kinds._labels import translate_label

from ._parts import Question, all_questions, questions
from ._xml import add, packed, root_of, to_bytes

LABEL = "QTI 2.1"
ENDING = "zip"
_QTI = "http://www.imsglobal.org/xsd/imsqti_v2p1"
_CP = "http://www.imsglobal.org/xsd/imscp_v1p1"
_MATCH = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/match_correct"
_MAP = "http://www.imsglobal.org/question/qti_v2p1/rptemplates/map_response"


def fits(content: Content) -> bool:
    """It is a quiz whose questions can all be asked and marked."""
    return all_questions(content)


def export(title: str, content: Content) -> bytes:
    """A zip file with a manifest, a test, and a file a question."""
    title = str(content.parts.get("title") or title)
    asked = questions(content)
    names = [f"item{number}.xml" for number in range(1, len(asked) + 1)]
    called = translate_label("Question", content.language)
    files = {
        "imsmanifest.xml": _manifest(names),
        "test.xml": _test(title, names),
        **{name: _item(name, one, called) for name, one in zip(names, asked, strict=True)},
    }
    body = packed({name: to_bytes(root) for name, root in files.items()})
    assert read(body) == [_plain(one) for one in asked]
    return body


def _plain(one: Question) -> Question:
    return replace(one, options=(one.number,)) if one.form == "numeric" else one


def read(body: bytes) -> list[Question]:
    """The questions of a package, found the way an importer does: by the manifest, then the test."""
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        files = {name: etree.fromstring(archive.read(name)) for name in archive.namelist()}
    resources = files["imsmanifest.xml"].findall(f".//{{{_CP}}}resource")
    kinds = {one.get("href"): one.get("type") for one in resources}
    assert kinds["test.xml"] == "imsqti_test_xmlv2p1"
    assert set(kinds) == set(files) - {"imsmanifest.xml"}
    references = files["test.xml"].findall(f".//{{{_QTI}}}assessmentItemRef")
    return [_question(files[one.get("href")]) for one in references]


def _question(item: Any) -> Question:
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
    return Question(
        text=(written if prompt is None else prompt).text,
        options=options,
        correct=correct,
        feedback=told.get("shown", ""),
        form=title,
        lefts=tuple(one.text for one in lefts),
        feedbacks=tuple(told.get(name, "") for name in names) if told and "shown" not in told else (),
    )


def _manifest(names: list[str]) -> Any:
    root = root_of(_CP, "manifest", identifier="manifest")
    metadata = add(root, "metadata")
    add(metadata, "schema", "QTIv2.1 Package")
    add(metadata, "schemaversion", "1.0.0")
    add(root, "organizations")
    resources = add(root, "resources")
    test = add(resources, "resource", identifier="test", type="imsqti_test_xmlv2p1", href="test.xml")
    add(test, "file", href="test.xml")
    for name in names:
        identifier = name.removesuffix(".xml")
        one = add(resources, "resource", identifier=identifier, type="imsqti_item_xmlv2p1", href=name)
        add(one, "file", href=name)
        add(test, "dependency", identifierref=identifier)
    return root


def _test(title: str, names: list[str]) -> Any:
    root = root_of(_QTI, "assessmentTest", identifier="test", title=title)
    part = add(root, "testPart", identifier="part", navigationMode="nonlinear", submissionMode="individual")
    section = add(part, "assessmentSection", identifier="section", title=title, visible="true")
    for name in names:
        add(section, "assessmentItemRef", identifier=name.removesuffix(".xml"), href=name)
    return root


def _item(name: str, one: Question, called: str) -> Any:
    identifier = name.removesuffix(".xml")
    title = identifier.replace("item", f"{called} ")
    root = root_of(
        _QTI, "assessmentItem", identifier=identifier, title=title, label=one.form, adaptive="false", timeDependent="false"
    )  # fmt: skip
    cardinality, base = _answered(one)
    response = add(root, "responseDeclaration", identifier="RESPONSE", cardinality=cardinality, baseType=base)
    right = add(response, "correctResponse")
    values = _values(one)
    for value in values[:1] if one.form == "short_answer" else values:
        add(right, "value", value)
    if one.form == "short_answer":  # Whichever of the answers is written counts.
        mapping = add(response, "mapping", defaultValue="0")
        for value in values:
            add(mapping, "mapEntry", mapKey=value, mappedValue="1", caseSensitive="false")
    for outcome, kind in (("SCORE", "float"), ("FEEDBACK", "identifier")):
        several = "multiple" if outcome == "FEEDBACK" and one.feedbacks and cardinality == "multiple" else "single"
        declared = add(root, "outcomeDeclaration", identifier=outcome, cardinality=several, baseType=kind)
        if outcome == "SCORE" or not one.feedbacks:
            add(add(declared, "defaultValue"), "value", "0" if outcome == "SCORE" else "shown")
    _asked(add(root, "itemBody"), one)
    if one.feedbacks:
        _told_by_option(root)
    else:
        add(root, "responseProcessing", template=_MAP if one.form == "short_answer" else _MATCH)
    shown = {f"choice{at}": said for at, said in enumerate(one.feedbacks, 1) if said}
    for option, said in (shown or ({"shown": one.feedback} if one.feedback else {})).items():
        add(root, "modalFeedback", said, outcomeIdentifier="FEEDBACK", identifier=option, showHide="show")
    return root


def _answered(one: Question) -> tuple[str, str]:
    """Cardinality and base type of what is answered."""
    match one.form:
        case "short_answer":
            return "single", "string"
        case "numeric":
            return "single", "float"
        case "matching":
            return "multiple", "directedPair"
        case _:
            return ("single" if len(one.correct) == 1 else "multiple"), "identifier"


def _values(one: Question) -> list[str]:
    match one.form:
        case "short_answer":
            return list(one.options)
        case "numeric":
            return [one.number]
        case "matching":
            return [f"left{number} choice{at + 1}" for number, at in enumerate(one.correct, 1)]
        case _:
            return [f"choice{at + 1}" for at in one.correct]


def _asked(body: Any, one: Question) -> None:
    if one.form in ("short_answer", "numeric"):
        add(body, "p", one.text)
        add(add(body, "p"), "textEntryInteraction", responseIdentifier="RESPONSE")
        return
    if one.form == "matching":
        most = str(len(one.lefts))
        ask = add(body, "matchInteraction", responseIdentifier="RESPONSE", shuffle="false", maxAssociations=most)
        add(ask, "prompt", one.text)
        for side, texts, times in (("left", one.lefts, "1"), ("choice", one.options, most)):
            pile = add(ask, "simpleMatchSet")
            for at, text in enumerate(texts, 1):
                add(pile, "simpleAssociableChoice", text, identifier=f"{side}{at}", matchMax=times)
        return
    most = "1" if len(one.correct) == 1 else str(len(one.options))
    ask = add(body, "choiceInteraction", responseIdentifier="RESPONSE", shuffle="false", maxChoices=most)
    add(ask, "prompt", one.text)
    for at, option in enumerate(one.options, 1):
        add(ask, "simpleChoice", option, identifier=f"choice{at}")


def _told_by_option(root: Any) -> None:
    """Marks as the template would, and shows what is said of the options that were chosen."""
    steps = add(root, "responseProcessing")
    condition = add(steps, "responseCondition")
    holds = add(condition, "responseIf")
    match = add(holds, "match")
    add(match, "variable", identifier="RESPONSE")
    add(match, "correct", identifier="RESPONSE")
    add(add(holds, "setOutcomeValue", identifier="SCORE"), "baseValue", "1", baseType="float")
    add(add(steps, "setOutcomeValue", identifier="FEEDBACK"), "variable", identifier="RESPONSE")

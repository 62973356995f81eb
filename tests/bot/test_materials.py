"""Attachments of every kind, sound, broken and hostile."""

from __future__ import annotations

import io
import zipfile

import pypdf
import pytest
from docx import Document

from bot import materials
from bot.errors import FileError, RefusedError
from bot.materials import MOST_BYTES, MOST_CHARACTERS, check, read


def pdf(*pages: str) -> bytes:
    """A .pdf made by hand, with one line a page."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", ""]
    kids = []
    for text in pages:
        stream = f"BT /F1 12 Tf 72 720 Td ({text}) Tj ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        font = "<</F1<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>>>"
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents {len(objects)} 0 R/Resources<</Font{font}>>>>"
        )
        kids.append(f"{len(objects)} 0 R")
    objects[1] = f"<</Type/Pages/Kids[{' '.join(kids)}]/Count {len(kids)}>>"
    body, places = "%PDF-1.4\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{one}\nendobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    size = len(objects) + 1
    trailer = f"trailer<</Size {size}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF"
    return f"{body}xref\n0 {size}\n0000000000 65535 f \n{table}{trailer}".encode()


def encrypted(user: str, owner: str = "owner") -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf("Secret water")))
    writer.encrypt(user, owner, algorithm="RC4-128")
    file = io.BytesIO()
    writer.write(file)
    return file.getvalue()


def aes_encrypted() -> bytes:
    """A .pdf as today's programs encrypt it (AES-256), with a password that nobody knows."""
    body = pdf("Secret water")
    noise = (b"<" + b"5a" * 48 + b">").decode()
    crypt = (
        f"<</Filter/Standard/V 5/R 6/Length 256/P -4/O {noise}/U {noise}/OE <{'5a' * 32}>/UE <{'5a' * 32}>/Perms <{'5a' * 16}>"
        "/CF<</StdCF<</AuthEvent/DocOpen/CFM/AESV3/Length 32>>>>/StmF/StdCF/StrF/StdCF>>"
    )
    ids = "/ID[<00112233445566778899aabbccddeeff><00112233445566778899aabbccddeeff>]"
    return body.replace(b"/Root 1 0 R>>", f"/Root 1 0 R{ids}/Encrypt {crypt}>>".encode())


def docx(*lines: str, cell: str = "") -> bytes:
    document = Document()
    for line in lines:
        document.add_paragraph(line)
    if cell:
        document.add_table(1, 1).cell(0, 0).text = cell
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def bomb(size: int) -> bytes:
    file = io.BytesIO(docx("x"))
    with zipfile.ZipFile(file, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/zeros.bin", b"\0" * size)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "body", "text"),
    [
        ("a.txt", b"Plain water\n", "Plain water"),
        ("a.md", "# Wässer\n\n☕".encode(), "# Wässer\n\n☕"),
        ("A.TXT", "\ufeffWasser".encode(), "Wasser"),
        ("a.txt", "Wässer".encode("utf-16"), "Wässer"),
        ("a.txt", b"\xfe\xff" + "Wässer".encode("utf-16-be"), "Wässer"),
        ("a.txt", "Wässer “gut”".encode("cp1252"), "Wässer “gut”"),
        ("C:\\docs\\a.txt", b"x", "x"),
        ("a.txt", b"a\x00b", "ab"),
        ("a.txt", b"x" * MOST_CHARACTERS, "x" * MOST_CHARACTERS),
        ("a.docx", docx("One", "Two", cell="Cell"), "One\nTwo\nCell"),
        ("a.pdf", pdf("Fresh water", "More water"), "Fresh water\n\nMore water"),
        ("a.pdf", encrypted(""), "Secret water"),
    ],
    ids=range(12),
)
async def test_sound_files_are_read(name: str, body: bytes, text: str) -> None:
    assert await read(name, body) == text


@pytest.mark.parametrize(
    ("name", "body", "sentence"),
    [
        ("a.exe", b"x", "I cannot read .exe files. I can read .txt, .md, .pdf and .docx files of at most 8 MB."),
        ("a.tar.gz", b"x", "I cannot read .gz files."),
        ("noname", b"x", "I cannot read files of that type."),
        ("a.<script>", b"x", "I cannot read files of that type."),
        ("a.txt", b"", "There is no text in that file."),
        ("a.txt", b" \n\x00", "There is no text in that file."),
        ("a.txt", b"x" * (MOST_BYTES + 1), "That file has 8.0 MB."),
        ("a.txt", b"\x81\x8d" * 9, "That file is not a text in any encoding I know. Save it as UTF-8."),
        ("a.txt", b"x" * (MOST_CHARACTERS + 1), "That file has 60,001 characters; I can use 60,000."),
        ("a.pdf", b"", "That .pdf file is damaged."),
        ("a.pdf", b"not a pdf", "That .pdf file is damaged."),
        ("a.pdf", pdf("Water")[:200], "That .pdf file is damaged."),
        ("a.pdf", pdf(""), "There is no text in that file."),
        ("a.pdf", encrypted("sesame"), "That .pdf is encrypted. Save it without a password"),
        ("a.pdf", aes_encrypted(), "That .pdf is encrypted. Save it without a password"),
        ("a.pdf", pdf(*["x"] * 201), "That .pdf has 201 pages; I read 200."),
        ("a.docx", b"not a docx", "That .docx file is damaged or is not a Word file."),
        ("a.docx", docx("Water")[:900], "That .docx file is damaged or is not a Word file."),
        ("a.docx", docx(), "There is no text in that file."),
        ("a.docx", bomb(20 * 1024 * 1024), "That .docx unpacks to far more than it should hold"),
        ("a.docx", pdf("Water"), "That .docx file is damaged or is not a Word file."),
    ],
    ids=range(21),
)
async def test_other_files_are_refused_in_a_sentence(name: str, body: bytes, sentence: str) -> None:
    with pytest.raises(RefusedError) as told:
        await read(name, body)
    assert str(told.value).startswith(sentence)
    assert "\n" not in str(told.value)


async def test_a_file_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(materials, "_SECONDS", 0.01)
    with pytest.raises(FileError, match="took too long to read"):
        await read("a.pdf", pdf("Water"))


@pytest.mark.parametrize(("name", "ending"), [("a.b.PDF", "pdf"), ("../x.md", "md"), ("日本.docx", "docx")])
def test_endings(name: str, ending: str) -> None:
    assert check(name, 1) == ending
    assert check(name, MOST_BYTES) == ending


def test_a_text_without_an_ending_is_known_by_its_type() -> None:
    assert check("message", 1, "text/plain; charset=utf-8") == "txt"
    with pytest.raises(FileError, match=r"\.exe"):
        check("a.exe", 1, "text/plain")


def test_the_process_that_reads_limits_itself(
    monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    limits: dict[int, tuple[int, int]] = {}
    import resource

    monkeypatch.setattr(resource, "setrlimit", limits.__setitem__)
    for body, code in ((docx("Water"), 0), (b"no", 1)):
        monkeypatch.setattr("sys.argv", ["materials", "docx"])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(body)))
        assert materials._main() == code
    out, err = capfdbinary.readouterr()
    assert out == b"Water"
    assert err.startswith(b'FileError: {"text": "That .docx file is damaged')
    assert set(limits) == {resource.RLIMIT_CPU, resource.RLIMIT_AS}

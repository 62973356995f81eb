"""Tests of personal data: it is detected and replaced by fictional people."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from bot.errors import FileError, RefusedError
from bot.synthesis.columns import detect_columns
from bot.synthesis.engine import LearningOptions, learn
from bot.synthesis.learning import Method
from bot.synthesis.people import build_name_key
from bot.synthesis.personal_data import LANGUAGES, PersonalKind, detect_kind, is_card, is_iban, load_lexicon
from bot.synthesis.pseudonymizer import Pseudonymizer
from bot.synthesis.sampling import sample
from bot.synthesis.table import Table

# Headings of a name, mail, phone, address, number and account in each language.
HEADINGS = {
    "en": ("Patient name", "Email", "Phone", "Home address", "Passport no", "Bank account"),
    "de": ("Patientenname", "E-Mail", "Telefonnr.", "Anschrift", "Versicherten-Nr.", "Kontonummer"),
    "es": ("Paciente", "Correo electrónico", "Teléfono móvil", "Dirección", "DNI", "Cuenta bancaria"),
    "fr": ("Nom du patient", "Courriel", "Téléphone", "Adresse", "Numéro de sécurité sociale", "Compte bancaire"),
    "pt": ("Nome do paciente", "E-mail", "Celular", "Endereço", "CPF", "Conta bancária"),
    "it": ("Paziente", "E-mail", "Cellulare", "Indirizzo", "Codice fiscale", "Conto corrente"),
    "nl": ("Naam patiënt", "E-mailadres", "Telefoonnummer", "Woonadres", "BSN", "Rekeningnummer"),
    "pl": ("Imię i nazwisko", "Adres e-mail", "Numer telefonu", "Adres", "PESEL", "Numer konta"),
    "tr": ("Hasta adı soyadı", "E-posta", "Cep telefonu", "Adres", "TC kimlik no", "Hesap no"),
    "ru": ("ФИО пациента", "Эл. почта", "Телефон", "Адрес", "СНИЛС", "Номер счета"),
    "ja": ("患者氏名", "メールアドレス", "電話番号", "住所", "保険証番号", "口座番号"),
}
KINDS = [
    PersonalKind.PERSON,
    PersonalKind.MAIL,
    PersonalKind.PHONE,
    PersonalKind.ADDRESS,
    PersonalKind.NUMBER,
    PersonalKind.ACCOUNT,
]


def generate_rows(language: str, count: int) -> Iterator[tuple[str, ...]]:
    """Yield people with an e-mail address, a phone number, a postal address and two numbers."""
    rng, words = random.Random(language), load_lexicon(language)
    for number in range(count):
        given, family = rng.choice(words.women + words.men), rng.choice(words.surnames)
        name = f"{family} {given}" if language == "ja" else f"{given} {family}"
        address = words.street.format(street=rng.choice(words.streets), number=rng.randint(200, 900))
        yield (
            name,
            f"p{number}@clinic-real.net",
            f"+{rng.randint(30, 99)} {rng.randint(100, 999)} {rng.randint(10**5, 10**6)}",
            address,
            str(rng.randint(10**8, 10**9)),
            str(rng.randint(10**9, 10**10)),
        )


@pytest.mark.parametrize("language", LANGUAGES)
def test_personal_data_is_detected_and_replaced(language: str) -> None:
    rows = [*generate_rows(language, 50)] * 2
    table = Table({name: [row[at] for row in rows] for at, name in enumerate(HEADINGS[language])})
    generated = Pseudonymizer(b"secret").pseudonymize(table)
    assert [PersonalKind(column.kind) for column in generated.personal_columns.values()] == KINDS
    for name, cells in table.columns.items():
        assert not set(cells) & set(generated.columns[name]), name
        assert generated.columns[name][:50] == generated.columns[name][50:], "the same person throughout"
        assert len(set(generated.columns[name])) == len(set(cells)), "and nobody else"
    # Without any heading: by the cells.
    kinds = [detect_kind("x", table.columns[name]) for name in HEADINGS[language][:4]]
    assert kinds == KINDS[:4]


@pytest.mark.parametrize(
    ("heading", "cells"),
    [
        ("customer segment", ["Small Business", "Corporate Client", "Home Office"]),
        ("city", ["San Francisco", "Los Angeles", "Austin", "Charlotte", "New York", "Santa Maria"]),
        ("diagnosis", ["Type 2 Diabetes", "Hypertension", "Asthma", "Prostate Cancer", "Heart Failure"]),
        ("month", ["April", "August", "June", "May", "March", "January"]),
        ("day", ["2024-01-03", "2024-02-04", "2024-03-05", "2024-03-06", "2024-03-07"]),
        ("product", ["Red Chair", "Blue Table", "Green Lamp", "Oak Shelf", "Big Box"]),
        (
            "name",
            [
                f"{adjective} {noun}"
                for adjective in ("Red", "Oak", "Small", "Garden")
                for noun in ("Chair", "Table", "Bench")
            ],
        ),
        ("patient id", ["P-0001", "P-0002", "P-0003", "P-0004", "P-0005"]),
        ("amount", ["1,062.85", "12.00", "-5.10", "1234567", "0.12"]),
        ("insured", ["yes", "no"]),
        ("called back", ["not yet", "twice", "never"]),
        ("phone calls", ["1", "2", "17", "33", "4"]),
        ("ip address", ["10.0.0.1", "192.168.0.1", "8.8.8.8", "127.0.0.1", "10.0.0.7"]),
    ],
)
def test_other_data_is_unchanged(heading: str, cells: list[str]) -> None:
    assert detect_kind(heading, cells) is None


@pytest.mark.parametrize(
    ("heading", "cells", "kind"),
    [
        ("x", ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"], PersonalKind.ACCOUNT),
        ("x", ["4111 1111 1111 1111", "5500005555555559", "4012888888881881"], PersonalKind.CARD),
        ("x", ["123-45-6789", "223-45-6789", "323-45-6789", "423-45-6789", "523-45-6789"], PersonalKind.NUMBER),
        ("First Name", ["Xaver", "Anna"], PersonalKind.GIVEN),
        ("apellido", ["García", "Zurbano"], PersonalKind.FAMILY),
        (
            "treated by",
            ["Dr. Anna Schmidt", "Prof. Dr. Peter Wolf", "Dr. Nwosu", "Dr. Okafor", "Dr. Ines Ito"],
            PersonalKind.PERSON,
        ),
        ("huisarts", ["J. de Vries", "M. van den Berg"], PersonalKind.PERSON),
        ("employee", ["SCHMIDT, Anna", "MÜLLER, Jörg"], PersonalKind.PERSON),
        (
            "name",
            [
                f"{given_name} {surname}"
                for given_name in ("Priya", "Ravi", "Olena")
                for surname in ("Iyer", "Shevchuk", "Oyelaran", "Oz")
            ],
            PersonalKind.PERSON,
        ),
        ("患者姓名", ["王伟", "李娜", "张敏"], PersonalKind.PERSON),
        ("手机号", ["13812345678", "13987654321"], PersonalKind.PHONE),
        (
            "name",
            [
                f"{given_name} {surname}"
                for given_name in ("प्रिया", "राज", "अमित")
                for surname in ("शर्मा", "वर्मा", "सिंह", "राव")
            ],
            PersonalKind.PERSON,
        ),
        ("contact", ["a@b.de", "0171 2345678", "c@d.org", "+49 30 123456", "e@f.net"], PersonalKind.MAIL),
    ],
)
def test_personal_data_is_detected_by_form(heading: str, cells: list[str], kind: PersonalKind) -> None:
    assert detect_kind(heading, cells) is kind


def test_person_is_the_same_in_two_tables_in_any_notation() -> None:
    first = Table(
        {"patient": ["Anna Schmidt", "Jörg Müller", "Dr. Lena Weiß"], "e-mail": ["anna.schmidt@x.de", "", "lw77@y.de"]}
    )
    second = Table(
        {
            "Mitarbeiter": ["Müller, Jörg", "SCHMIDT, Anna", "Neu, Paula"],
            "Mail": ["joerg.mueller@z.de", "a.s@z.de", "pn@z.de"],
        }
    )
    one, two = (Pseudonymizer(b"our secret").pseudonymize(table).columns for table in (first, second))
    anna, joerg, lena = one["patient"]
    assert [build_name_key(name) for name in two["Mitarbeiter"][:2]] == [build_name_key(joerg), build_name_key(anna)]
    assert lena.startswith("Dr. ")
    assert two["Mitarbeiter"][1].split(",")[0].isupper()
    assert [
        build_name_key(mail.partition("@")[0].replace(".", " ")) for mail in (one["e-mail"][0], two["Mail"][0])
    ] == [
        build_name_key(anna),
        build_name_key(joerg),
    ]
    assert one["e-mail"][1] == ""
    assert all(mail.endswith("@example.org") for mail in (*two["Mail"], one["e-mail"][0]))
    other = Pseudonymizer(b"another secret").pseudonymize(first).columns
    assert other["patient"] != one["patient"], "nobody finds out who it was by trying names"


def test_numbers_keep_format_and_check_digits() -> None:
    table = Table(
        {
            "iban": ["DE89 3704 0044 0532 0130 00", "GB29NWBK60161331926819"],
            "card": ["4111 1111 1111 1111", "5500005555555559"],
            "phone": ["+49 (0)171 2345678", "030/123456"],
            "passport": ["C01X00T47", "C01X00T48"],
        }
    )
    generated = Pseudonymizer(b"s").pseudonymize(table).columns
    assert all(map(is_iban, generated["iban"]))
    assert [cell[:2] for cell in generated["iban"]] == ["DE", "GB"]
    assert all(map(is_card, generated["card"]))
    assert generated["phone"][0].startswith("+49 (")
    assert generated["phone"][1][0] == "0"
    for name, cells in table.columns.items():
        assert [[sign.isdigit() for sign in cell] for cell in generated[name]] == [
            [sign.isdigit() for sign in cell] for cell in cells
        ], name


def test_columns_can_be_declared_personal_or_kept() -> None:
    table = Table({"who": ["abc", "def", "ghi"] * 5, "patient": ["Anna Schmidt", "Jörg Müller", "Lena Weiß"] * 5})
    generated = Pseudonymizer(b"s").pseudonymize(table, {"who": PersonalKind.GIVEN}, ["Patient"])
    assert generated.columns["patient"] == table.columns["patient"]
    assert generated.kept_columns == ("patient",)
    assert not set(generated.columns["who"]) & set(table.columns["who"])
    with pytest.raises(RefusedError, match="cannot be both personal and kept as it is"):
        Pseudonymizer(b"s").pseudonymize(table, {"who": None}, ["who"])
    with pytest.raises(FileError, match='There is no column called "nobody"'):
        Pseudonymizer(b"s").pseudonymize(table, {}, ["nobody"])


@pytest.fixture(scope="module")
def visits() -> Table:
    """Rows of 60 patients, several each, with a doctor for each ward; personal data is constant for a patient."""
    rng, rows = random.Random(1), list[list[str]]()
    born = [f"19{rng.randint(30, 99)}-{rng.randint(1, 12):02}-{rng.randint(1, 28):02}" for _ in range(60)]
    doctors = {"A": "Dr. Petra Vogt", "B": "Dr. Hans Lang", "C": "Dr. Ute Brandt"}
    for _ in range(300):
        at, ward = rng.randrange(60), rng.choice("ABC")
        name, mail, phone, *_ = [*generate_rows("de", 60)][at]
        rows.append([name, mail, phone, born[at], ward, doctors[ward], str(rng.randint(1, 9999))])
    names = ["patient", "e-mail", "phone", "born", "ward", "doctor", "cost"]
    return Table({name: [row[at] for row in rows] for at, name in enumerate(names)})


def test_sampled_people_are_fictional_and_consistent(visits: Table) -> None:
    """Patients have several rows, so their names are no keys: each row had a real one."""
    generated = sample(learn(Pseudonymizer(b"s").pseudonymize(visits), LearningOptions(Method.COPULA)), 300).columns
    for name in ("patient", "e-mail", "phone", "doctor"):
        assert not set(generated[name]) & set(visits.columns[name]), name
    assert 40 <= len(set(generated["patient"])) <= 90, "as many rows each as real ones have"
    for name in ("e-mail", "phone", "born"):
        assert len(set(zip(generated["patient"], generated[name], strict=True))) == len(set(generated["patient"])), name
    for person, mail in zip(generated["patient"], generated["e-mail"], strict=True):
        assert build_name_key(person) == build_name_key(mail.partition("@")[0].replace(".", " "))
    assert len(set(generated["doctor"])) == 3
    assert len(set(zip(generated["ward"], generated["doctor"], strict=True))) == 3, "whose ward it is"


def test_table_model_stores_no_personal_data(visits: Table) -> None:
    table_model = learn(Pseudonymizer(b"s").pseudonymize(visits), LearningOptions(Method.COPULA))
    plain = str(table_model.plan.to_json())
    assert not any(cell in plain for name in ("patient", "e-mail", "phone", "doctor") for cell in visits.columns[name])
    assert [column.kind for column in detect_columns(Pseudonymizer(b"s").pseudonymize(visits)) if column.kind] == [
        "person",
        "e-mail address",
        "phone number",
        "person",
    ]
    assert "Personal data, all of it made up: patient, e-mail, phone, doctor." in [
        str(note) for note in table_model.notes
    ]


def test_first_names_are_replaced_and_keep_their_gender() -> None:
    rng, words = random.Random(7), load_lexicon("it")
    names = dict.fromkeys(words.women[:40], "F") | dict.fromkeys(words.men[:40], "M")
    rows = [(name := rng.choice([*names]), names[name], str(rng.randint(1, 999))) for _ in range(400)]
    table = Table({name: [row[at] for row in rows] for at, name in enumerate(["nome", "sex", "cost"])})
    generated = sample(learn(Pseudonymizer(b"s").pseudonymize(table), LearningOptions(Method.COPULA)), 300).columns
    assert not set(generated["nome"]) & set(names)
    full = Table(
        {
            "patient": [f"{row} Ros{chr(97 + at % 26)}{chr(97 + at // 26)}" for at, (row, _, _) in enumerate(rows)],
            "sex": table.columns["sex"],
            "cost": table.columns["cost"],
        }
    )
    generated = sample(learn(Pseudonymizer(b"s").pseudonymize(full), LearningOptions(Method.COPULA)), 200).columns
    for name, sex in zip(generated["patient"], generated["sex"], strict=True):
        assert name.split()[0] in (words.women if sex == "F" else words.men)


def test_two_name_columns_are_two_people() -> None:
    """The contact is not the patient, although each has one e-mail address."""
    names = [
        f"{given} {family}"
        for given in ("Anna", "Paul", "Lena", "Jonas")
        for family in ("Schmidt", "Weber", "Wolf", "Koch")
    ]
    table = Table(
        {
            "patient": names,
            "contact": names[::-1],
            "contact e-mail": [f"{name.split()[1]}.{at}@real.de" for at, name in enumerate(names[::-1])],
            "cost": [str(13 * at) for at in range(16)],
        }
    )
    generated = Pseudonymizer(b"s").pseudonymize(table).columns
    assert all(patient != contact for patient, contact in zip(generated["patient"], generated["contact"], strict=True))
    for name, mail in zip(generated["contact"], generated["contact e-mail"], strict=True):
        assert build_name_key(mail.partition("@")[0].rstrip("0123456789").replace(".", " ")) == build_name_key(name)

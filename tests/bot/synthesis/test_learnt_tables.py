"""A table is learnt, and rows come of it that keep what holds in it, and copy none of its rows."""

from __future__ import annotations

import datetime
import io
import zipfile

import numpy as np
import pytest
from openpyxl import Workbook

from bot.errors import FileError, RefusedError
from bot.locales import LANGUAGES
from bot.synthesis import page
from bot.synthesis.columns import Sort, columns_of, values_of
from bot.synthesis.conditions import conditions_of
from bot.synthesis.engine import Learnt, Wish, learn, parted, sample, sample_values
from bot.synthesis.learning import Progress, Way
from bot.synthesis.report import report_of
from bot.synthesis.table import Table, read_table, written

EPOCHS = 2


def rows(table: Table) -> list[tuple[str, ...]]:
    return list(zip(*table.columns.values(), strict=True))


@pytest.fixture(scope="module")
def visits(clinic: Table) -> Learnt:
    """The clinic's visits as a copula has learnt them."""
    return learn(clinic, Wish(Way.COPULA))


@pytest.mark.parametrize("way", [Way.COPULA, Way.GAN, Way.VAE])
def test_rows_keep_what_holds_in_the_table_and_copy_none_of_it(clinic: Table, visits: Learnt, way: Way) -> None:
    learnt = visits if way is Way.COPULA else learn(clinic, Wish(way, epochs=EPOCHS))
    made = sample(learnt, 300, seed=3)
    assert list(made.columns) == list(clinic.columns)
    assert made.rows == 300
    assert set(made.columns["sex"]) == {"F", "M"}
    assert all(came <= went for came, went in zip(made.columns["came"], made.columns["went"], strict=True))
    parts = zip(made.columns["drugs"], made.columns["care"], made.columns["cost"], strict=True)
    assert all(int(drugs) + int(care) == int(cost) for drugs, care, cost in parts)
    assert all(20 <= int(age) <= 90 for age in made.columns["age"])
    assert 0.1 < made.columns["HbA1c"].count("") / 300 < 0.32
    keys = made.columns["patient id"]
    assert len(set(keys)) == 300
    assert not set(keys) & set(clinic.columns["patient id"])
    assert not {one[1:] for one in rows(made)} & {one[1:] for one in rows(clinic)}


def test_the_same_seed_gives_the_same_rows(clinic: Table) -> None:
    few = Table({name: clinic.columns[name] for name in ("came", "sex", "age")})
    first, again = (learn(few, Wish(Way.COPULA, seed=4)) for _ in range(2))
    assert sample(first, 60, seed=9) == sample(again, 60, seed=9) == sample(Learnt.unpacked(first.packed()), 60, seed=9)
    assert sample(first, 60, seed=9) != sample(first, 60, seed=8)


@pytest.mark.parametrize("way", [Way.GAN, Way.VAE, Way.RNN])
def test_who_goes_on_from_a_checkpoint_comes_to_the_same_rows_and_so_does_a_model_that_was_kept(
    clinic: Table, courses: Table, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = Table({name: clinic.columns[name] for name in ("sex", "age")})
    table, wish = courses if way is Way.RNN else few, Wish(way, epochs=2)

    class KilledError(Exception):
        """What ends the process here."""

    def die(passed: Progress) -> None:
        if passed.epoch == 2:
            raise KilledError

    checkpoints = list[bytes]()
    monkeypatch.setattr("bot.synthesis.training._BETWEEN", 0.0)
    with pytest.raises(KilledError):
        learn(table, wish, save=checkpoints.append, tell=die)
    assert len(checkpoints) == 1
    seen = list[Progress]()
    went_on = learn(table, wish, last=checkpoints[-1], tell=seen.append)
    assert seen[0].epoch == 2
    straight = learn(table, wish)
    assert sample(went_on, 25) == sample(straight, 25) == sample(Learnt.unpacked(straight.packed()), 25)


def test_sequences_stay_with_whom_they_are_of_and_time_never_runs_backwards(courses: Table) -> None:
    learnt = learn(courses, Wish(epochs=EPOCHS))
    assert learnt.way is Way.RNN
    made = sample(learnt, 200)
    people: dict[str, list[tuple[str, ...]]] = {}
    for one in rows(made):
        people.setdefault(one[0], []).append(one)
    assert len(people) > 20
    assert not set(people) & set(courses.columns["person id"])
    assert max(map(len, people.values())) > 1
    for course in people.values():
        assert len({sex for _, _, sex, _ in course}) == 1
        assert [day for _, day, _, _ in course] == sorted(day for _, day, _, _ in course)


def test_who_weighs_a_hundred_does_not_weigh_sixty_the_next_month() -> None:
    """Weights of 70 people who lose a little each month; some are missing. The report tells whether the steps are the real ones."""
    rng, cells = np.random.default_rng(8), list[list[str]]()
    for number in range(70):
        weight = float(rng.uniform(55, 120))
        for month in range(int(rng.integers(3, 8))):
            cells.append([f"K{number:03d}", f"2024-{month + 1:02}-01", f"{weight:.1f}" if rng.random() > 0.1 else ""])
            weight -= float(rng.uniform(-0.2, 0.8))
    names = ["person", "day", "weight"]
    table = Table({name: [row[at] for row in cells] for at, name in enumerate(names)})
    learnt = learn(table, Wish(Way.RNN, entity="person", epochs=12))
    values = sample_values(learnt, 300)
    real = values_of(table, learnt.plan.columns)
    report = report_of(learnt, real, {name: found[:0] for name, found in real.items()}, values)
    assert report.along["weight"] > 0.8
    assert report.to_json()["row_to_row"]["weight"] > 0.8
    assert report.missing["weight"][1] > 0.02, "what was missing is missing"
    assert f"differ from the real ones; most of all weight, only {report.along['weight']:.0%} alike." in page.text(
        report, "weights.csv"
    )
    shuffled = values | {"weight": rng.permutation(values["weight"])}
    apart = report_of(learnt, real, {name: found[:0] for name, found in real.items()}, shuffled)
    assert apart.along["weight"] < 0.6
    assert "differ from the real ones; most of all weight" in page.text(apart, "weights.csv")
    same = report_of(learnt, real, {name: found[:0] for name, found in real.items()}, real)
    assert "steps from row to row are distributed like the real ones: 100% alike or more." in page.text(
        same, "weights.csv"
    )
    assert (same.new_steps, same.repeated) == (0, 0)
    kept = Learnt.unpacked(learnt.packed())
    assert sample(kept, 40) == sample(learnt, 40)


@pytest.mark.parametrize("condition", ["age > 60 and sex = F", "only women over 60", "women above 60"])
def test_rows_meet_a_condition(visits: Learnt, condition: str) -> None:
    made = sample(visits, 40, condition=condition)
    assert made.rows == 40
    assert set(made.columns["sex"]) == {"F"}
    assert min(map(int, made.columns["age"])) > 60


@pytest.mark.parametrize(
    ("heads", "sexes", "text", "expected"),
    [
        ("Geschlecht,Alter", "wm", "nur Frauen über 60", ["Alter > 60", "Geschlecht = w"]),
        ("Geschlecht,Alter", "wm", "Geschlecht = m und Alter >= 40", ["Geschlecht = m", "Alter >= 40"]),
        ("sexo,edad", "HM", "solo mujeres mayores de 60 años", ["edad > 60", "sexo = M"]),
        ("sexo,edad", "HM", "hombres entre 20 y 30", ["edad >= 20", "edad <= 30", "sexo = H"]),
        ("sexe,âge", "FH", "seulement les femmes de plus de 60 ans", ["âge > 60", "sexe = F"]),
        ("sexo,idade", "FM", "só mulheres acima de 60 anos", ["idade > 60", "sexo = F"]),
        ("sex,age", "FM", "spice = salt and pepper and age > 60", ["spice = salt and pepper", "age > 60"]),
    ],
)
def test_conditions_are_said_in_ones_own_language(heads: str, sexes: str, text: str, expected: list[str]) -> None:
    lines = [f"{sexes[at % 2]},{20 + at * 7 % 61},{('salt and pepper', 'sugar')[at % 3 == 0]}" for at in range(60)]
    table = read_table("x.csv", "\n".join([f"{heads},spice", *lines]).encode())
    assert [str(one) for one in conditions_of(text, columns_of(table))] == expected


def test_a_generator_is_asked_for_the_level_that_is_wanted(clinic: Table) -> None:
    few = Table({name: clinic.columns[name] for name in ("came", "sex", "age")})
    made = sample(learn(few, Wish(Way.GAN, epochs=1)), 40, condition="sex in (M) and came >= 2024-06-01")
    assert set(made.columns["sex"]) == {"M"}
    assert min(made.columns["came"]) >= "2024-06-01"


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("age > 200", 'No row can match age > 200: in your table "age" ranges from 20 to'),
        ("sex = X", '"sex" is never "X"'),
        ("only purple ones", "I do not know what"),
        ("patient id = P-0001", '"patient id" is generated for each row'),
        ("age > 88 and HbA1c < 5.2 and drugs > 890", "Too few rows meet age > 88 and HbA1c < 5.2 and drugs > 890"),
    ],
)
def test_a_condition_that_cannot_be_met_is_answered_in_a_sentence(visits: Learnt, condition: str, said: str) -> None:
    with pytest.raises(RefusedError) as refused:
        sample(visits, 900, condition=condition)
    assert said in str(refused.value)


def test_formulas_that_no_spreadsheet_has_reckoned_are_told() -> None:
    """A workbook that a program wrote holds formulas and none of their values."""
    book, file = Workbook(), io.BytesIO()
    book.active.append(["a", "b", "sum"])
    for at in range(40):
        book.active.append([at * 7 % 31, at % 5, f"=A{at + 2}+B{at + 2}"])
    book.save(file)
    learnt = learn(read_table("x.xlsx", file.getvalue()), Wish(Way.COPULA))
    assert [str(one) for one in learnt.notes] == [
        "These columns are empty and stay empty: sum. "
        "Formulas only have values once a spreadsheet program has saved the file."
    ]
    with pytest.raises(FileError, match="That table has column headings but no rows."):
        read_table("x.csv", b"a,b\n" + b",\n" * 30)


def test_columns_are_left_out(clinic: Table) -> None:
    made = sample(learn(clinic, Wish(Way.COPULA, without=["Cost", "patient id"])), 30)
    assert list(made.columns) == ["came", "went", "sex", "age", "HbA1c", "drugs", "care"]
    with pytest.raises(FileError, match='There is no column called "nothing"'):
        learn(clinic, Wish(without=["nothing"]))


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "That file is empty, so there is no table in it."),
        (b"a,b\n", "That table has column headings but no rows."),
        (b"a,b\n1,2\n", "Rows in that table: 1"),
        (b"a,b\n" + b"NA,NA\n" * 50, "nothing to learn"),
        (b"a,b\n" + b",\n" * 50, "That table has column headings but no rows."),
        (
            ",".join(f"c{n}" for n in range(10_000)).encode() + b"\n" + b"1," * 9_999 + b"1\n",
            "10000 columns; the maximum is 200",
        ),
        (b"x\n" + b"1\n" * 40, "Nearly every possible row is already in your table, because its"),
        (
            b"a,b\n" + b"yes,no\nno,no\nno,yes\nyes,yes\n" * 40,
            "Nearly every possible row is already in your table, because its",
        ),
        (b"a\n" + b"1,2,3\n" * 30, "more cells than there are headings"),
        (b"PK\x03\x04" + bytes(range(256)) * 20, "is"),
    ],
)
def test_hostile_tables_are_answered_in_a_sentence(body: bytes, said: str) -> None:
    with pytest.raises((FileError, RefusedError)) as refused:
        sample(learn(read_table("table.csv", body), Wish(Way.COPULA)), 10)
    assert said in str(refused.value)


def far_below() -> bytes:
    """A workbook whose last row says that it stands a hundred billion rows below."""
    book, body = Workbook(), io.BytesIO()
    for row in [("a", "b"), *(("x", n / 7) for n in range(40))]:
        book.active.append(row)
    book.save(body)
    changed = io.BytesIO()
    with zipfile.ZipFile(body) as before, zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as after:
        for name in before.namelist():
            part = before.read(name)
            after.writestr(
                name, part.replace(b"</sheetData>", b'<row r="99999999999"><c><v>1</v></c></row></sheetData>')
            )
    return changed.getvalue()


def test_headings_and_cells_of_strangers_harm_nothing() -> None:
    assert read_table("far.xlsx", far_below()).rows == 40
    rng = np.random.default_rng(3)
    names = ["=1+1", "\U00013000 \u202eabc\x07", '#import "x" $x$ {rows} **b** | <b>', "", "x" * 5_000]
    cells = [[f"{rng.normal():.3f}", "ab"[at % 2], f"9999-12-{at % 28 + 1:02}", "1e9", "z" * 900] for at in range(80)]
    body = "\n".join([",".join(f'"{one.replace(chr(34), chr(39))}"' for one in names), *map(",".join, cells)])
    table = read_table("odd.csv", body.encode())
    for epsilon in (0.0, 100.0):
        learnt = learn(table, Wish(Way.COPULA, epsilon=epsilon))
        made = sample_values(learnt, 60)
        real = values_of(table, learnt.plan.columns)
        report = report_of(learnt, real, {name: found[:0] for name, found in real.items()}, made)
        assert "<b>" not in page.svg(report, "odd.csv")[0]
        assert b"'=1+1" in written(sample(learnt, 30))
    assert page.pdf(report, "odd.csv").startswith(b"%PDF")
    assert [one.sort for one in learnt.plan.columns if one.name in ("Column 4", "x" * 100)] == [Sort.NUMBER, Sort.TEXT]


def test_a_file_that_is_too_large_is_not_read() -> None:
    with pytest.raises(FileError, match="100 MB; I can learn from at most 50 MB"):
        read_table("table.csv", bytes(100 * 1024 * 1024))


def test_mixed_cells_formulas_and_one_column_are_learnt() -> None:
    rng = np.random.default_rng(1)
    mixed = (
        "n,word\n" + "".join(f"{rng.normal():.4f},{'=1+1' if at % 3 else '@x'}\n" for at in range(97)) + "oops,=1+1\n"
    )
    learnt = learn(read_table("mixed.csv", mixed.encode()), Wish(Way.COPULA))
    assert list(map(str, learnt.notes)) == ["Cells in n that are not numbers and count as missing: 1."]
    assert b",'=1+1" in written(sample(learnt, 50))
    alone = learn(
        read_table("one.csv", ("n\n" + "".join(f"{rng.normal():.3f}\n" for _ in range(60))).encode()),
        Wish(Way.VAE, epochs=1),
    )
    assert sample(alone, 25).rows == 25


def test_epsilon_bounds_a_copula_and_is_refused_of_others(clinic: Table) -> None:
    many = Table({name: cells * 10 for name, cells in clinic.columns.items()})
    learnt = learn(many, Wish(Way.COPULA, epsilon=8.0))
    made = sample_values(learnt, 500)
    assert abs(float((made["sex"] == "F").mean()) - clinic.columns["sex"].count("F") / clinic.rows) < 0.15
    assert 20 < float(np.nanmedian(made["age"])) < 90
    assert not learnt.marks
    with pytest.raises(RefusedError, match="Only the copula"):
        learn(clinic, Wish(Way.GAN, epsilon=1.0))
    with pytest.raises(RefusedError, match='With such a small epsilon, only noise is left of "'):
        learn(clinic, Wish(Way.COPULA, epsilon=0.01))


def test_the_report_tells_good_rows_from_bad_ones_and_copies_from_new_rows(clinic: Table) -> None:
    table, held = parted(clinic, 1)
    assert (table.rows, held.rows) == (216, 24)
    learnt = learn(table, Wish(Way.COPULA), besides=held)
    real, apart = (values_of(one, learnt.plan.columns) for one in (table, held))
    made = sample_values(learnt, 216)
    good = report_of(learnt, real, apart, made)
    figures = good.to_json()
    assert figures["privacy"]["rows_copied"] == 0
    assert figures["constraints_broken"] == 0
    assert figures["quality"]["overall"] > 0.85
    assert figures["missing"].keys() == {"HbA1c"}
    english = set(page.text(good, "clinic.csv").splitlines())
    assert "- Generated again, in their original format: patient id." in english
    for language in LANGUAGES:
        spoken = set(page.text(good, "clinic.csv", language).splitlines())
        assert english & spoken == {"|---|---|"}, "a line is English"
        assert len(english) == len(spoken)
        assert "<text" in page.svg(good, "clinic.csv", language)[0]
    assert "Nutzen für sex" in page.alt(good, "clinic.csv", "de")
    mixed = dict(made)
    mixed["age"] = mixed["age"] * 0 + 20
    mixed["cost"] = np.random.default_rng(1).permutation(mixed["cost"])
    bad = report_of(learnt, real, apart, mixed).to_json()
    assert bad["quality"]["overall"] < figures["quality"]["overall"]
    assert bad["two_sample"]["auc"] > 0.95
    assert bad["constraints_broken"] > 100
    copied = report_of(learnt, real, apart, real).to_json()
    assert copied["privacy"]["rows_copied"] == 216
    assert copied["privacy"]["nearest_learnt_row"]["share_closer_than_held_out"] > 0.95
    assert copied["privacy"]["singling_out"]["risk"] > figures["privacy"]["singling_out"]["risk"]
    assert any("do not publish it" in one for one in copied["good_for"])


def test_what_columns_hold_is_found(visits: Learnt) -> None:
    sorts = {one.name: one.sort for one in visits.plan.columns}
    assert [name for name, sort in sorts.items() if sort is Sort.DATE] == ["came", "went"]
    assert [name for name, sort in sorts.items() if sort is Sort.KEY] == ["patient id"]
    assert [name for name, sort in sorts.items() if sort is Sort.CATEGORY] == ["sex"]
    made = sample(visits, 20)
    assert all(datetime.date.fromisoformat(day) for day in made.columns["came"])

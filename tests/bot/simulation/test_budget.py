"""What may come of a budget: how assumptions are read, what is reckoned from them, and how people see it."""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import numpy as np
import process_fork
import pytest
from discord_texts import get_answer, read_message
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook
from PIL import Image

from bot.errors import QuillmateError, RefusedError
from bot.replies.what_if import build_workbook, format_text
from bot.simulation.assumptions import MAX_CHARACTERS, Assumption, AssumptionSet, parse_assumptions
from bot.simulation.budget import compute_even_edges, simulate

SHOP = "budget 2000 €, cost per click 0.40 to 0.90, conversion 1 to 3 %, order value about 45, margin 60 %"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", SHOP),
        ("de", "Budget 2.000 €; CPC 0,40–0,90; Konversion 1 bis 3 %; Warenkorb etwa 45; Marge 60 %"),
        (
            "es",
            "Presupuesto 2.000 €, coste por clic 0,40 a 0,90, conversión 1 a 3 %, ticket medio aproximadamente 45, margen 60 %",
        ),
        (
            "fr",
            "Budget 2 000 €, coût par clic 0,40 à 0,90, taux de conversion 1 à 3 %, panier moyen environ 45, marge 60 %",
        ),
        (
            "pt",
            "Orçamento 2.000 €, custo por clique 0,40 a 0,90, taxa de conversão 1 a 3 %, ticket médio cerca de 45, margem 60 %",
        ),
    ],
)
def test_assumptions_are_parsed_in_five_languages(language: str, text: str) -> None:
    assumption_set = parse_assumptions(text, language)
    assert assumption_set.currency == "EUR"
    assert {
        name: (round(assumption.low, 4), round(assumption.likely, 4), round(assumption.high, 4))
        for name, assumption in assumption_set.assumptions.items()
    } == {
        "budget": (2000, 2000, 2000),
        "cost_per_click": (0.4, 0.65, 0.9),
        "conversion": (0.01, 0.02, 0.03),
        "order_value": (36, 45, 54),
        "margin": (0.6, 0.6, 0.6),
    }


@pytest.mark.parametrize(
    ("clause", "expected"),
    [
        ("order value 45 ± 10", (35, 45, 55)),
        ("order value 30 to 60, likely 40", (30, 40, 60)),
        ("basket of 1,250.50", (1250.5, 1250.5, 1250.5)),
        ("2k budget", (2000, 2000, 2000)),
        ("cost per click 0 ± 1", (0, 0, 1)),
    ],
)
def test_a_range_has_low_likely_and_high_values(clause: str, expected: tuple[float, ...]) -> None:
    [one] = parse_assumptions(clause.replace(", likely", " likely")).assumptions.values()
    assert (one.low, one.likely, one.high) == pytest.approx(expected)


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "pt"])
@pytest.mark.parametrize("budget", ["3.000 €", "3,000 €", "3 000 €", "3'000 €", "3000 €", "3k €"])
def test_thousands_separators_are_never_read_as_decimals(budget: str, language: str) -> None:
    """The language of Discord may differ from that in which a member writes figures."""
    assumptions = parse_assumptions(
        f"budget {budget}; conversion 1,125 % to 2.250 %; cpc 0,50 to 1.20", language
    ).assumptions
    assert assumptions["budget"].likely == 3000
    assert (assumptions["conversion"].low, assumptions["conversion"].high) == pytest.approx((0.01125, 0.0225))
    assert (assumptions["cost_per_click"].low, assumptions["cost_per_click"].high) == (0.5, 1.2)


@pytest.mark.parametrize(
    "text",
    [
        "budget 2000, cpm 8, 1 to 3 % click, 2 % of clicks buy, 45 order value, margin 40 %",
        "Budget 2000, TKP 8, 1 bis 3 % klicken, 2 % der Klicks kaufen, Bestellwert 45, Marge 40 %",
        "presupuesto 2000, cpm 8, 1 a 3 % clics, 2 % compran, valor del pedido 45, margen 40 %",
        "budget 2000, cpm 8, 1 à 3 % cliquent, 2 % achètent, panier 45, marge 40 %",
        "verba 2000, cpm 8, 1 a 3 % clicam, 2 % compram, ticket médio 45, margem 40 %",
    ],
)
def test_a_share_is_named_by_what_customers_do(text: str) -> None:
    assumptions = parse_assumptions(text).assumptions
    assert (assumptions["click_rate"].low, assumptions["click_rate"].high, assumptions["conversion"].likely) == (
        0.01,
        0.03,
        0.02,
    )
    with pytest.raises(RefusedError, match="I could not read “100 clicks”"):
        parse_assumptions("100 clicks")


def test_a_name_may_follow_its_figure() -> None:
    assumptions = parse_assumptions("2000 budget and 3 % conversion rate, 45 order value, 0.5 cpc").assumptions
    assert [(name, assumption.likely) for name, assumption in assumptions.items()] == [
        ("budget", 2000),
        ("conversion", 0.03),
        ("order_value", 45),
        ("cost_per_click", 0.5),
    ]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("my cat is 4", "I could not read “my cat is 4”"),
        ("budget", "I could not read “budget”"),
        ("budget 5, budget 6", "” repeats a figure that you already gave. Leave one of them out."),
        ("conversion 3", "” is a percentage. Write it as a value from 0 to 100 %."),
        ("conversion 120 %", "from 0 to 100 %"),
        ("budget 1 2 3 4", "more than three figures"),
        ("budget 9" + "9" * 30, "” is too large for me to calculate with. Use a smaller figure."),
        ("budget 2000, conversion 2 %", "I also need: order value, cost per click."),
        ("budget 2000, cpm 5, conversion 2 %, order value 4", "I also need: click rate."),
        ("budget 10, cpc 0, conversion 1 %, order value 3", "With a cost per click of 0"),
    ],
)
def test_unusable_assumptions_are_refused_with_a_reason(text: str, sentence: str) -> None:
    with pytest.raises(RefusedError, match=re.escape(sentence)):
        simulate(parse_assumptions(text), 1)


@given(st.text(max_size=MAX_CHARACTERS + 50) | st.text("budget cpc0123456789.,%±-k €\n", max_size=200))
@settings(max_examples=200, deadline=None)
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        assumptions = parse_assumptions(text).assumptions.values()
    except QuillmateError:
        return
    assert all(0 <= one.low <= one.likely <= one.high for one in assumptions)


def test_fixed_figures_give_exact_results() -> None:
    result = simulate(
        parse_assumptions("budget 2000, cpc 0.5, conversion 3 %, order value 45, margin 50 %, fixed costs 300"), 1
    )
    outcomes = {name: outcome.compute_percentile(50) for name, outcome in result.outcomes.items()}
    assert outcomes == pytest.approx(
        {"clicks": 4000, "orders": 120, "revenue": 5400, "profit": 400, "cost_per_order": 2300 / 120}
    )
    assert (result.profit_share, result.drivers) == (1.0, ())


def test_a_range_is_sampled_from_a_pert_distribution_by_seed() -> None:
    """The mean is (low + 4 likely + high) / 6, and no draw is beyond the ends."""
    assumptions = {
        "budget": Assumption("budget", 100, 100, 100),
        "cost_per_click": Assumption("cost_per_click", 1, 1, 1),
        "conversion": Assumption("conversion", 1, 1, 1),
        "order_value": Assumption("order_value", 10, 20, 90),
    }
    draws = simulate(AssumptionSet(assumptions), 7).inputs["order_value"]
    assert draws.mean() == pytest.approx((10 + 4 * 20 + 90) / 6, rel=0.02)
    assert draws.min() >= 10
    assert draws.max() <= 90
    assert (draws == simulate(AssumptionSet(assumptions), 7).inputs["order_value"]).all()
    assert not (draws == simulate(AssumptionSet(assumptions), 8).inputs["order_value"]).all()


def test_the_strongest_driver_comes_first_with_its_direction() -> None:
    drivers = dict(simulate(parse_assumptions(SHOP), 1).drivers)
    assert list(drivers) == ["conversion", "cost_per_click", "order_value"]
    assert drivers["conversion"] > 0.6 > 0 > drivers["cost_per_click"]


async def test_a_user_simulates_a_budget(world) -> None:
    seen = get_answer(await world.ada.slash(world.channel, "whatif", assumptions=SHOP, seed=1))
    assert seen.ephemeral
    assert "23% of the rounds end with a profit" in read_message(seen)
    assert "cost per click: 0.40\u00a0€ to 0.90\u00a0€ (PERT)" in read_message(seen)
    drawing, sheet = seen.attachments
    assert Image.open(io.BytesIO(await drawing.read())).width == 1200
    assert "What affects the profit most" in drawing.description
    assert "You gave no margin, so" not in read_message(seen)
    bare = get_answer(
        await world.ada.slash(world.channel, "whatif", assumptions=SHOP.removesuffix(", margin 60 %"), seed=1)
    )
    assert "You gave no margin, so all revenue counts as profit. Add one, for example: margin 40 %." in read_message(
        bare
    )
    book = load_workbook(io.BytesIO(await sheet.read()))
    assert book.sheetnames == ["Outcomes", "Assumptions", "Rounds"]
    assert book["Rounds"].max_row == 1001
    refused = get_answer(await world.ada.slash(world.channel, "whatif", assumptions="my cat is 4"))
    assert "I could not read “my cat is 4”" in read_message(refused)


def test_command_line_writes_a_workbook(tmp_path: Path) -> None:
    out = tmp_path / "what-if.xlsx"
    ran = process_fork.run("quillmate.py", "whatif", SHOP, "--out", str(out), environment=os.environ)
    assert "23% of the rounds end with a profit" in ran.stdout
    assert load_workbook(out)["Assumptions"]["B2"].value == 2000
    ran = process_fork.run("quillmate.py", "whatif", SHOP, "--out", "w.doc", environment=os.environ)
    assert (ran.returncode, ran.stderr.strip()) == (
        2,
        "w.doc cannot be written: name a file that ends in .xlsx, .png, .md.",
    )


def test_amounts_and_shares_are_formatted_for_the_language() -> None:
    bare = simulate(parse_assumptions(re.sub(" €", "", SHOP), "en"), 1)
    assert "- cost per click: 0.40 to 0.90 (PERT)\n" in format_text(bare, "en-US")
    german = format_text(simulate(parse_assumptions(SHOP, "en"), 1), "de")
    assert "- Konversion: 1\xa0% bis 3\xa0% (PERT)\n" in german
    assert "- Marge: 60\xa0%\n\n-# " in german, "a list ends before what stands below it"
    assert all(not line.startswith("-") for line in re.findall(r"(.*)\n\*\*", german)), "and before a heading"


def test_a_workbook_is_in_the_readers_language() -> None:
    book = load_workbook(io.BytesIO(build_workbook(simulate(parse_assumptions(SHOP), 1, 1_000), "de")))
    assert book.sheetnames == ["Ergebnisse", "Annahmen", "Durchläufe"]
    assert [cell.value for cell in book["Annahmen"][1]][1:] == [
        "niedrig",
        "am wahrscheinlichsten",
        "hoch",
        "Verteilung",
    ]
    assert book["Annahmen"].cell(book["Annahmen"].max_row, 1).value == "Startwert"


@pytest.mark.parametrize(
    ("draws", "edges"),
    [
        ([-779.0, 3933.0], [500.0 * edge for edge in range(-2, 9)]),
        ([0.0, 9.9], [float(edge) for edge in range(11)]),
        ([-0.03, 0.05], [edge / 100 for edge in range(-3, 7)]),
        ([100.0, 1_100.0], [200.0 * edge for edge in range(7)]),
    ],
)
def test_histogram_edges_are_round_and_separate_losses_from_profits(draws: list[float], edges: list[float]) -> None:
    assert compute_even_edges(np.array(draws), 10) == pytest.approx(edges)


@given(st.lists(st.floats(-1e9, 1e9), min_size=1, max_size=20))
def test_all_draws_fall_into_a_few_bins(draws: list[float]) -> None:
    edges = compute_even_edges(np.array(draws), 10)
    assert 2 <= len(edges) <= 11
    assert np.histogram(draws, edges)[0].sum() == len(draws)
    assert min(draws) >= 0 or max(draws) <= 0 or min(map(abs, edges)) < 1e-9 * max(map(abs, edges))


def test_a_distribution_can_be_named_chosen_and_compared() -> None:
    text = format_text(
        simulate(
            parse_assumptions(f"{SHOP} uniform".replace("conversion 1 to 3 %", "conversion 1 to 3 % triangular")), 1
        ),
        "en",
    )
    assert "conversion: 1% to 3% (triangular)\n" in text
    assert "cost per click: 0.40\xa0€ to 0.90\xa0€ (PERT)\n" in text
    assert re.search(r"PERT \d+%, triangular \d+%, uniform \d+%\.", text)
    flat = simulate(
        parse_assumptions("budget 9, cpc 1, conversion 1 to 3 %, order value 1", distribution="uniform"), 1
    ).inputs["conversion"]
    assert np.quantile(flat, [0.25, 0.75]) == pytest.approx([0.015, 0.025], abs=0.0005)
    peaked = simulate(parse_assumptions("budget 9, cpc 1, conversion 1 to 3 % dreieckig, order value 1"), 1).inputs[
        "conversion"
    ]
    assert peaked.std() == pytest.approx(0.02 / np.sqrt(24), rel=0.03)


def test_a_workbook_computes_with_formulas() -> None:
    """Each formula, evaluated with the cells that it refers to, results in the value in its cell."""
    result = simulate(
        parse_assumptions(
            f"{SHOP}, fixed costs 50 to 90 uniform, order value 40 to 60".replace("order value about 45, ", "")
        ),
        3,
        1_500,
    )
    body = build_workbook(result, "en")
    formula_book, values = (load_workbook(io.BytesIO(body), data_only=only) for only in (False, True))

    def read_value(sheet: str, reference: str) -> float:
        return float(values[sheet][reference.replace("$", "")].value)

    def evaluate(formula: str) -> float:
        python = re.sub(
            r"'(\w+)'!(\$?[A-Z]+\$?\d+)", lambda match: repr(read_value(match[1], match[2])), formula.removeprefix("=")
        )
        python = re.sub(r"\b([A-Z]{1,2}\d+)\b", lambda match: repr(read_value("Rounds", match[1])), python)
        return float(eval(python, {"BETAINV": _invert_beta}))

    heads = [cell.value for cell in formula_book["Rounds"][1]]
    for row in (2, 3, 900):
        formulas = [
            (head, cell.value)
            for head, cell in zip(heads, formula_book["Rounds"][row], strict=True)
            if "below" not in head
        ]
        assert all(str(formula).startswith("=") for _, formula in formulas)
        for (head, formula), cell in zip(formulas, values["Rounds"][row][-len(formulas) :], strict=True):
            assert evaluate(formula) == pytest.approx(cell.value, rel=2e-4), (head, formula)
    assert formula_book["Outcomes"]["B2"].value.startswith("=PERCENTILE('Rounds'!$")
    profits = result.outcomes["profit"].draws[:1000]
    assert values["Outcomes"]["D5"].value == pytest.approx(np.percentile(profits, 50))


def _invert_beta(share: float, first: float, second: float, low: float, high: float) -> float:
    grid = np.linspace(0, 1, 200_001)
    below = np.cumsum(grid ** (first - 1) * (1 - grid) ** (second - 1))
    return float(low + (high - low) * np.interp(share, below / below[-1], grid))


def test_unknown_distribution_is_refused() -> None:
    ran = process_fork.run("quillmate.py", "whatif", SHOP, "--distribution", "normal", environment=os.environ)
    assert (ran.returncode, ran.stderr.strip()) == (
        2,
        "There is no distribution normal: choose one of pert, triangular, uniform.",
    )

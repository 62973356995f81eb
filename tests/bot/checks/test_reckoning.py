"""What is reckoned of texts: wrong statements with what is right, and all that must not be taken for one."""

from __future__ import annotations

from fractions import Fraction

import pytest

from bot.checks.equations import answers, asked_for, wrong_answer
from bot.checks.reckoning import reckoned, wants_mistakes

# language | text | the figure that is wrong | the right one, or - where no single figure is at fault
WRONG = """
en | 7 × 8 = 54. | 54 | 56
en | So 20 % of 45 is 8. | 8 | 9
en | 20 % off 45 is 35. | 35 | 36
en | 12 + 30 = 41 | 41 | 42
en | 144 ÷ 12 = 11 | 11 | 12
en | The bill comes to 3 × €12 = €35. | 35 | 36
en | 5 km = 500 m | 500 | 5000
en | 3 hours are 200 minutes. | 200 | 180
en | 10 miles (20 km) | 20 | 16
en | 3x + 4 = 19, so x = 6. | 6 | 5
en | 2(x + 3) = 16, so x = 4. | 4 | 5
en | 1/2 + 1/4 = 2/4 | 1/2 + 1/4 = 2/4 | -
en | 25% of 80 is 25. | 25 | 20
en | 1,000 + 250 = 1,350 | 1,350 | 1,250
en | 7 times 8 is 54. | 54 | 56
en | 30 °C = 96 °F | 96 | 86
en | 9² = 72 | 72 | 81
en | (3 + 4) × 2 = 15 | 15 | 14
en | 2 h 30 min = 160 min | 160 | 150
en | 3 boxes × 12 eggs = 35 eggs | 35 | 36
en | 45 / 9 = 6 | 6 | 5
en | 100 - 45 = 65 | 65 | 55
en | 20 % of 45 students are 8. | 8 | 9
en | 17 ÷ 5 = 3 remainder 1 | 17 ÷ 5 = 3 | -
en | x/2 + 1 = 4, so x = 5 | 5 | 6
de | 7 mal 8 ist 54. | 54 | 56
de | 20 % von 45 sind 8. | 8 | 9
de | 1.000 + 250 = 1.350 | 1.350 | 1.250
de | 2,5 + 2,5 = 6 | 6 | 5
de | 3 km sind 300 m. | 300 | 3000
de | 19 % von 100 € = 20 € | 20 | 19
de | 3x + 4 = 19, also x = 6 | 6 | 5
de | 144 geteilt durch 12 ist 11. | 11 | 12
de | 1,5 kg = 150 g | 150 | 1500
fr | 7 fois 8 font 54. | 54 | 56
fr | 20 % de 45 font 8. | 8 | 9
fr | 1 000 + 250 = 1 350 | 1 350 | 1 250
fr | 2,5 × 4 = 11 | 11 | 10
fr | 3 km = 300 m | 300 | 3000
fr | 3x + 4 = 19, donc x = 6 | 6 | 5
es | 7 por 8 son 54. | 54 | 56
es | el 20 % de 45 es 8. | 8 | 9
es | 1.000 + 250 = 1.350 | 1.350 | 1.250
es | 2 horas son 100 minutos. | 100 | 120
es | 3x + 4 = 19, entonces x = 6 | 6 | 5
pt | 7 vezes 8 são 54. | 54 | 56
pt | 20 % de 45 é 8. | 8 | 9
pt | 2,5 + 2,5 = 6 | 6 | 5
pt | 3 km são 300 m. | 300 | 3000
it | 20 % di 45 è 8. | 8 | 9
it | 7 per 8 fa 54. | 54 | 56
id | 20 % dari 45 adalah 8. | 8 | 9
id | 7 kali 8 adalah 54. | 54 | 56
hi | 45 का 20% = 8 | 8 | 9
hi | ७ × ८ = ५४ | ५४ | ५६
ar | ٧ × ٨ = ٥٤ | ٥٤ | ٥٦
ar | 20٪ من 45 = 8 | 8 | 9
ja | 45の20%は8です。 | 8 | 9
ja | 45の20%＝8 | 8 | 9
ja | 7×8＝54 | 54 | 56
en | €45 − 20 % = €35 | 35 | 36
en | 12 x 7 = 74 | 74 | 84
en | 3 × 4 = 11, so we need eleven. | 11 | 12
en | If you take 20 % of 45, you get 8: 45 × 0.2 = 8. | 8 | 9
en | The perimeter is 2 × (3 + 4) = 12 cm. | 12 | 14
en | There are 60 minutes in an hour, so 3 hours = 160 minutes. | 160 | 180
en | Six boxes of eggs: 6 × 12 = 62 eggs. | 62 | 72
en | 15% of $80 is $10. | 10 | 12
en | A 25 % discount: 25 % of $60 = $20. | 20 | 15
en | 100 cm = 10 m | 10 | 1
en | First 48 ÷ 6 = 9, then 9 + 2 = 11. | 9 | 8
en | 3/4 of 20 is 12. | 12 | 15
en | 0.5 + 0.25 = 0.85 | 0.85 | 0.75
en | 5 + 3 × 2 = 16 | 16 | 11
en | 12² = 124 | 124 | 144
en | So the total is 12.50 + 7.25 = 18.75 euros. | 18.75 | 19.75
en | 1 mile is 2.6 km. | 2.6 | 1.6
en | 0 °C = 12 °F | 12 | 32
en | 4x − 3 = 13. Add 3: 4x = 16. So x = 5. | 5 | 4
de | Das macht 3 · 12,50 € = 36,50 €. | 36,50 | 37,50
de | 15 % von 80 € sind 10 €. | 10 | 12
de | 1 Stunde und 20 Minuten: 60 + 20 = 90 Minuten | 90 | 80
de | 2 kg = 200 g Mehl | 200 | 2000
de | 48 : 6 = 9 | 9 | 8
de | 2x − 4 = 10, also ist x = 6. | 6 | 7
fr | Le total est de 12,50 € + 7,25 € = 18,75 €. | 18,75 | 19,75
fr | 15 % de 80 € = 10 € | 10 | 12
fr | 48 ÷ 6 = 9 | 9 | 8
fr | 1 km = 100 m | 100 | 1000
es | El total es 12,50 € + 7,25 € = 18,75 €. | 18,75 | 19,75
es | 15 % de 80 € = 10 € | 10 | 12
es | 48 : 6 = 9 | 9 | 8
es | 1 km = 100 m | 100 | 1000
pt | O total é R$ 12,50 + R$ 7,25 = R$ 18,75. | 18,75 | 19,75
pt | 15 % de 80 = 10 | 10 | 12
pt | 48 ÷ 6 = 9 | 9 | 8
pt | 1 km = 100 m | 100 | 1000
"""
# language | text
NOT_WRONG = """
en | 7 × 8 = 56.
en | 20 % of 45 is 9 and 20 % off 45 is 36.
en | We won 3:2 and lost 1-2.
en | On 8/3/2027 we meet. 2027-03-08 = Monday.
en | Grades: 90-100 = 1, 80-89 = 2, 70 – 79 = 3.
en | The scale is 1:50 = 2 cm.
en | Version 3.10.2 = stable. Python 3.11 is 2 times faster.
en | 9:00 + 45 min = 9:45
en | One third is about 33 %. 100 / 3 = 33. 100/3 = 33.3
en | Tom writes 7 × 8 = 54. Find his mistake.
en | Is 2 + 2 = 5?
en | “2 + 2 = 5” is painted on the wall.
en | The 5 km is 2 km longer than planned.
en | 20 % of 45 people are 18 or older.
en | 2x + 3 = 11
en | x + 3 = 8
en | 12 = 3x
en | Let x = 2. Then 3x + 4 = 10. If x = 3, 3x + 4 = 13.
en | A 2-3 person tent weighs 5 kg (11 lb).
en | 1 inch = 2.54 cm; 6 feet is 1.8 m; 1 cup = 250 ml.
en | 33 % + 33 % + 33 % = 100 %
en | 3. 4 + 5 = 9
en | - 4 + 5 = 9
en | a) 4 + 5 = 9
en | 1/2 = 50 %
en | 3 + 4 = 7 - that is all.
en | 17 ÷ 5 = 3 remainder 2
en | 2019–2024 = 5 years
en | The answer is not 7 × 8 = 54.
en | 10 / 3 = 3.33…
en | 2 dozen × 3 = 72
en | 60 km / 2 h = 30 km/h
en | 3 m × 4 m = 12 m²
en | 1920x1080 = 2 megapixels
en | 18/20 = 1
en | E = mc², a² + b² = c²
en | 3x = 15, so x = 5. And 2y = 8, so y = 4.
en | 3 × 4 = 12 + 2 = 14
en | 45 − 20 % = 36
en | €1,250.50 + €49.50 = €1,300
en | 0.1 + 0.2 = 0.3
en | 12 months = 1 year; 7 days are 1 week.
en | 180 cm (5 ft 11 in), 30 °C (86 °F)
en | 2½ + 1½ = 4 and 1 1/2 + 1/2 = 2
en | It takes 5 minutes (1 hour with drying).
de | 20 % von 45 sind 9. 1.000 + 250 = 1.250. 2,5 + 2,5 = 5
de | Das Spiel endete 2:1. Von 14:00 bis 15:30 = 90 min.
de | Schreibe: 3 · 4 = 12. 12 : 4 = 3
de | Note: 15–13 Punkte = 1, 12–10 Punkte = 2
de | Ein Drittel sind etwa 33 %.
de | Am 5.6. sind 3 Gruppen da.
de | Finde den Fehler: 7 · 8 = 54.
fr | 20 % de 45 font 9. 1 000 + 250 = 1 250. 2,5 × 4 = 10
fr | Le match s’est terminé 3-2. De 9 h à 10 h 30 = 1 h 30.
fr | Environ 33 % des élèves.
fr | Vrai ou faux : 7 × 8 = 54.
es | El 20 % de 45 es 9. 1.000 + 250 = 1.250.
es | De 3 a 5 años. El 3 de 5 es 12.
es | 2 horas son 120 minutos.
pt | 20 % de 45 é 9. 7 vezes 8 são 56.
pt | Das 9 às 10 são 2 turmas.
pt | Encontre o erro: 7 × 8 = 54.
ja | 45の20%は9です。7×8＝56
ar | ٧ × ٨ = ٥٦
hi | 45 का 20% = 9
en | The ratio 2:3 = 4:6.
en | In 2024 3 × 4 = 12.
en | Chapter 3 = 20 pages, 4-6 = 30.
en | 10-3 = C
en | CO2 + 6 = ?
en | 3 × __ = 12
en | 1 + 1 = 2, 5 + x = 8
en | 24/7 = always on; 365 days.
en | 1 L = 1000 ml; 1 m³ = 1000 l; 1 ha = 10,000 m²; 36 km/h = 10 m/s
en | x + y = 10, x − y = 2, so x = 6.
en | x² + 3 = 12, so x = 3.
en | Kids under 5 eat free; 2 for 1 on Tuesdays. 3 for 2 is back.
en | Buy 2, get 1 free: 3 for the price of 2.
en | Save 20 % on orders over 45 euros: the code is SAVE20.
en | The final score was 3 - 2 = a win on penalties.
en | Mix 1:3, that is 1 part syrup to 3 parts water (250 ml).
en | Bake at 180 °C (350 °F) for 25 min.
en | Bake at 200 °C / 400 °F / gas mark 6.
en | A 5 km run (3.1 miles) and a 10K (6.2 miles).
en | Preheat to 350 °F (180 °C, fan 160 °C).
en | 500 g (1 lb 2 oz) of flour; 1 cup (240 ml) of milk; 2 tbsp (30 ml) of oil
en | 1 stick of butter is 113 g. 1 kg is 2.2 pounds.
en | 4 + 1 = 5 senses
en | The password has 8-12 characters = strong.
en | 1 in 4 is 25 %. Three out of 4 are 75 %.
en | Half of 50 is 25 and a quarter of 100 is 25.
en | In 2020, 20 % of 45-year-olds are 2 cm taller.
en | 20 % of 45 million are 9 million.
en | Route 66 is 3,940 km long (2,448 miles).
en | Section 3.2 = page 14. Figure 2-1 = chart.
en | 9 + 10 = 21 is a meme.
en | A4 is 210 × 297 mm. A 16 × 9 = wide screen.
en | From 9 to 5 is 8 hours.
en | 5 minutes is 5 minutes too long.
en | Team 4-4-2 = classic formation
en | He ran 100 m in 9.58 s = 37.58 km/h.
en | 2 × 2 = 4 seats left, then 3 × 2 = 6.
en | Press Ctrl + 1 = zoom 100 %.
en | Dial +49 30 123456 = Berlin office
en | 1st + 2nd = finalists
en | 10 % + 5 % = 15 % off
en | The ratio 4:3 = 1.33
en | It grew from 40 to 50, that is 25 %.
en | 40 + 60 = 100 %
en | 3/4 cup = 180 ml
en | 1 hour 30 minutes is 90 minutes.
en | 5' 11" = 180 cm
en | 120 min = 2 h, 90 min = 1.5 h, 1 h = 3600 s
en | 72 °F is about 22 °C
en | -5 + 8 = 3; 5 − 8 = −3; (−2) × (−3) = 6; −2 × 3 = −6
en | 2³ = 8, 10^2 = 100, √9 = 3, 5² + 12² = 169
en | 1,5 + 1,5 = 3
en | Average: (4 + 5 + 6) / 3 = 5
en | Total: 12.50 + 7.25 = 19.75
en | 100 ÷ 7 = 14.29 and 100 ÷ 7 = 14 R 2
en | 12 x 7 = 84, 12x7=84
en | Day 1 = 5 pages, day 2 = 7 pages, 5 + 7 = 12 pages
en | 6 ÷ 2(1 + 2) = 9
en | 20 + 5% = 21
en | VAT 19 %: 100 € + 19 % = 119 €
en | x = 5: 3x + 4 = 3 × 5 + 4 = 19
en | 3x + 4 = 19 → 3x = 15 → x = 5
en | 3x + 4 = 19 | − 4 ⇒ 3x = 15 | : 3 ⇒ x = 5
en | 5x = 2x + 9, 3x = 9, x = 3
en | Solve 2x + 1 = 7. Then x = 3.
en | 1. 2x = 8 → x = 4  2. 3x = 9 → x = 3
en | 1) 2x = 8
en | y = 2x + 1. If x = 2, y = 5.
en | y = 2x + 1, x = 2, y = 5
en | A triangle with a = 3, b = 4 has c = 5 since 3² + 4² = 5².
en | Area = 3 cm × 4 cm = 12 cm²
en | speed = 100 km / 2 h = 50 km/h
en | f(2) = 2 × 2 + 1 = 5
en | P(A) = 3/6 = 1/2 = 50 %
en | 2/3 ≈ 0.67; π ≈ 3.14; 2 × π × 3 = 18.85
en | n = 4: 4 × 180° − 360° = 360°
de | Rabatt: 3 für 2, 20 % auf alles über 50 €.
de | Das sind 5 % mehr als 2023, also 12 von 100.
de | Von 8 bis 12 Uhr sind 4 Stunden.
de | Note 1 = sehr gut, 2 = gut; 10 - 12 Punkte = 2
de | 3,5 kg sind 3500 g. 1.500 m sind 1,5 km.
de | Die Hälfte von 50 ist 25. 1/4 von 20 ist 5.
de | Bei 20 °C sind 3 Grad viel.
de | 12,50 € + 7,50 € = 20 €
de | 3 Hefte à 2 € = 6 €
de | 3 Hefte · 2 € = 6 €
de | 5 Äpfel + 3 Äpfel = 8 Äpfel
de | 6 : 2 = 3; 7 : 2 = 3 Rest 1; 7 : 2 = 3,5
de | 4 mal 30 Minuten sind 2 Stunden.
de | 2 Tage sind 48 Stunden, 1 Jahr sind 12 Monate.
fr | 3 pour 2 : le 3e est offert. De 10 à 15 % de plus.
fr | 20 % de remise sur 45 € = 36 €
fr | 1 h 30 = 90 min, 2 h = 120 min
fr | La moitié de 50 est 25. 3,5 kg font 3 500 g.
fr | Entre 3 et 5 sont venus ; 12 sur 20 est une bonne note.
fr | 5 pommes + 3 pommes = 8 pommes
es | 3 por 2 es una oferta. 2 por 1 son 10 €.
es | Entre 3 y 5 son pocos. 12 de 20 es poco.
es | 20 % de descuento en 45 € = 36 €
es | 3,5 kg son 3500 g; 1 hora son 60 minutos
pt | Leve 3 pague 2. De 3 a 5 são poucos. 12 de 20 é pouco.
pt | 20 % de desconto em R$ 45 = R$ 36
pt | R$ 12,50 + R$ 7,50 = R$ 20,00
pt | 1 hora e 30 minutos são 90 minutos.
it | 3 per 2 è un’offerta. 20 % di 50 è 10.
"""


def rows(table: str, columns: int) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("|", columns - 1)] for line in table.strip().splitlines()]


@pytest.mark.parametrize(("language", "text", "stated", "right"), rows(WRONG, 4))
def test_a_wrong_statement_is_found_with_what_is_right(language: str, text: str, stated: str, right: str) -> None:
    (found,) = reckoned(text, language).wrong
    assert (found.stated, found.right or "-") == (stated, right)
    assert text[found.start : found.end] == stated
    assert stated in found.said


@pytest.mark.parametrize(("language", "text"), rows(NOT_WRONG, 2))
def test_what_is_right_or_no_statement_is_left_alone(language: str, text: str) -> None:
    assert reckoned(text, language).wrong == ()


@pytest.mark.parametrize(("language", "text", "stated", "right"), [row for row in rows(WRONG, 4) if row[3] != "-"])
def test_with_the_right_figure_in_its_place_a_statement_is_right(
    language: str, text: str, stated: str, right: str
) -> None:
    (found,) = reckoned(text, language).wrong
    repaired = reckoned(text[: found.start] + right + text[found.end :], language)
    assert repaired.wrong == ()
    assert repaired.right >= 1


def test_the_tables_are_large_enough_in_five_languages() -> None:
    wrong, sound = rows(WRONG, 4), rows(NOT_WRONG, 2)
    assert len(wrong) >= 60
    assert len(sound) >= 40
    assert {"en", "de", "fr", "es", "pt"} <= {row[0] for row in wrong} & {row[0] for row in sound}


def test_right_statements_are_counted() -> None:
    assert reckoned("20 % of 45 is 9, and 3 × 4 = 12. 2x = 8, so x = 4.", "en").right == 3


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What is 7 × 8?", 56),
        ("12 x 7 =", 84),
        ("Solve 3x + 4 = 19.", 5),
        ("What is 20 % of 45?", 9),
        ("Wie viel ist 7 · 8?", 56),
        ("Combien font 7 × 8 ?", 56),
        ("¿Cuánto es 7 × 8?", 56),
        ("Quanto é 7 × 8?", 56),
        ("Round 12.4 + 7.3 to a whole number.", None),
        ("Estimate 48 × 21.", None),
        ("What comes after 2 + 2?", None),
        ("What is the remainder of 17 ÷ 5?", None),
        ("Which of these is 7 × 8?", None),
        ("How many legs have 3 spiders?", None),
    ],
)
def test_a_question_that_only_asks_to_reckon_is_reckoned(question: str, value: int | None) -> None:
    assert asked_for(question, "en") == value


@pytest.mark.parametrize(
    ("answer", "value", "right"),
    [
        ("56", Fraction(56), True), ("x = 5", Fraction(5), True), ("0.5", Fraction(1, 2), True), ("1/2", Fraction(1, 2), True),
        ("50 %", Fraction(1, 2), True), ("0.33", Fraction(1, 3), True), ("54.", Fraction(56), False), ("five", Fraction(5), None),
        ("8 + 4", Fraction(12), None),
    ],
)  # fmt: skip
def test_an_answer_is_compared_by_its_digits(answer: str, value: Fraction, right: bool | None) -> None:
    assert answers(answer, value, "en") is right


def test_a_wrong_answer_is_told_in_the_answers_own_form() -> None:
    assert wrong_answer("What is 1.000 · 1,5?", "1.400", "de") == "1.500"
    assert wrong_answer("What is 7 × 8?", "56", "en") == ""
    assert wrong_answer("What is 1/3 + 1/3?", "1/2", "en") == "2/3"


@pytest.mark.parametrize(("question", "answer", "right"), [
    ("What is 3/6 in simplest form?", "3/6", "1/2"), ("Simplify 12/8.", "3/2", ""), ("Simplify 12/8.", "1 1/2", ""),
    ("Reduce 10/5 to lowest terms", "2", ""), ("Reduce 10/5 to lowest terms", "10/5", "2"), ("Kürze 6/9 vollständig.", "3/4", "2/3"),
    ("Écris 4/6 sous forme irréductible.", "4/6", "2/3"), ("Escribe 4/6 en su mínima expresión.", "2/3", ""),
    # What is open is left alone.
    ("Simplify 12/8 and name a fraction equal to 3/4.", "6/8", ""), ("Simplify 3/6.", "one half", ""),
    ("Which is larger, 3/6 or 1/3?", "3/6", ""),
])  # fmt: skip
def test_a_fraction_in_its_simplest_form_has_the_smallest_numbers(question: str, answer: str, right: str) -> None:
    assert wrong_answer(question, answer, "en") == right


@pytest.mark.parametrize(
    "brief", ["quiz: find the mistake in each sum", "Arbeitsblatt: finde die Fehler", "encontre os erros"]
)
def test_a_brief_may_want_mistakes(brief: str) -> None:
    assert wants_mistakes(brief)
    assert not wants_mistakes("quiz on sums")

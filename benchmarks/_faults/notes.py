"""What is known of the tables, and why a false alarm that remains on the healthy shelf is raised."""

EXPLAINED: dict[tuple[str, str], str] = {
    ("mammography", "HP506"): "true: with 23 rows of the rare class the whole hessian is 18, and each leaf must hold 5",
    ("oil_spill", "HP506"): "true: with 20 rows of the rare class the whole hessian is 15, and each leaf must hold 5",
    ("oil_spill", "TR203"): "true: once the rare class is learned, no leaf of min_child_weight=5 can be cut off",
    (
        "diabetes",
        "HP507",
    ): "early stopping chose 14 rounds at 0.1: the best of so few rows, but not what the rate allows",
    ("adult", "FT304"): "sex is never split on, for the relationship (husband, wife) tells it: true, and harmless",
    ("uneven", "DA610"): "one of the three splits drew column c7 unevenly, by chance",
}
"""(table, code) -> the reason."""

OWN: dict[tuple[str, str], str] = {
    ("mammography", "DA601"): "2.3 % of the rows are cancer",
    ("mammography", "DA605"): "every fourth row repeats an earlier one",
    ("mammography", "DA606"): "the repeats are split over both sets",
    ("mammography", "DA608"): "some rows are equal but for the label",
    ("oil_spill", "DA601"): "4.4 % of the patches are spills",
    ("oil_spill", "DA619"): "columns that tell each other's values one to one",
    ("oil_spill", "DA624"): "fewer spills than features",
    ("adult", "DA619"): "education, and its number",
    ("adult", "DA623"): "capital gains are cut at 99999",
    ("weak", "DA622"): "made with 20 % of the labels drawn anew: every tenth is wrong",
    ("uneven", "DA622"): "made with 8 % of the labels drawn anew",
}
"""(table, code) -> what is true of the table before anything is planted, as checked on its rows by the benchmark of the
data rules. Such a finding is no false alarm; it finds no fault either, stands before none, and warns of none."""

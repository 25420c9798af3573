import pytest

import treedebug
from tests.rules.data.real import found_in, people
from treedebug.core.data.table_profile import DataProfile
from treedebug.rules.data.repeated_header import RepeatedHeader
from treedebug.testing import data_sets, rule_test, table

test_repeated_header = rule_test(
    RepeatedHeader(),
    fires={"one": (data_sets(table(header_rows=(500,))), {"rows": [500]}), "two": data_sets(table(header_rows=(5, 9)))},
    silent={"none": data_sets(table())},
    skipped={"no rows": data_sets(DataProfile())},
)


@pytest.mark.parametrize("n_files", [1, 3])
def test_a_real_table(tmp_path, n_files):
    text = "".join(people(100, seed=i).to_csv(index=False) for i in range(n_files))
    (tmp_path / "t.csv").write_text(text)
    found = found_in(RepeatedHeader(), tmp_path / "t.csv", target="paid")
    assert [f.evidence["rows"] for f in found] == ([[100, 201]] if n_files == 3 else [])


@pytest.mark.parametrize("engine", ["pandas", "polars"])
def test_a_frame_that_was_read_with_its_headers(tmp_path, engine):
    library = pytest.importorskip(engine)
    text = "".join(people(100, seed=i).to_csv(index=False) for i in range(2))
    (tmp_path / "t.csv").write_text(text)
    reads = {"dtype": str} if engine == "pandas" else {"infer_schema": False}
    report = treedebug.check(library.read_csv(tmp_path / "t.csv", **reads), target="paid")
    assert [f.evidence["rows"] for f in report.findings if f.code == "DA635"] == [[100]]
    assert report.facts["n_rows"] == 200
    assert report.tables.train.column("age").kind == "number"

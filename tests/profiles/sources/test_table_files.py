"""Files as people have them: each is read right, or refused by one clear error."""

import bz2
import gzip
import io
import json
import lzma
import sys
import zipfile

import numpy as np
import pandas as pd
import pytest

import treedebug
from treedebug.core.errors import ConfigError, FormatError, MissingExtraError, RunNotFoundError

N = 300


def people():
    rng = np.random.default_rng(0)
    return pd.DataFrame({
        "age": rng.normal(40, 10, N).round(1), "town": rng.choice(["Köln", "Ulm"], N), "paid": rng.integers(0, 2, N),
    })  # fmt: skip


def profile(path, **options):
    return treedebug.profile(path, target="paid", **options).train


def is_right(found):
    frame = people()
    assert found.n_rows == N
    assert [c.name for c in found.columns] == ["age", "town"]
    assert found.column("age").mean == pytest.approx(frame.age.mean())
    assert {v.value for v in found.column("town").top_values} == {"Köln", "Ulm"}


CSV = people().to_csv(index=False)
PACKERS = {".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.mark.parametrize("name", ["t.csv", "t.txt", "t.dat", "t.data", "t", "t.CSV"])
@pytest.mark.parametrize("sep", [",", ";", "\t", "|", " "])
def test_separators_are_recognised_whatever_the_name(tmp_path, name, sep):
    people().to_csv(tmp_path / name, index=False, sep=sep)
    is_right(profile(tmp_path / name))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32", "cp1252"])
def test_encodings_are_recognised_and_said(tmp_path, encoding):
    (tmp_path / "t.csv").write_bytes(CSV.encode(encoding))
    found = profile(tmp_path / "t.csv")
    is_right(found)
    assert bool(found.reading) is (encoding != "utf-8")


def test_a_byte_far_into_the_file_that_is_no_utf_8_starts_again_in_cp1252(tmp_path):
    lines = ["age,town,paid"] + [f"{i},Ulm,{i % 2}" for i in range(40_000)] + ["1,Köln,0"]
    (tmp_path / "t.csv").write_bytes("\n".join(lines).encode("cp1252"))
    found = profile(tmp_path / "t.csv")
    assert found.n_rows == 40_001
    assert "Köln" in {v.value for v in found.column("town").top_values}
    assert "cp1252" in found.reading[0]


def test_decimal_commas_and_thousands(tmp_path):
    frame = people()
    text = "age;town;paid\n" + "".join(
        f"1.{i:03},5;Ulm;{p}\n" for i, p in enumerate(frame.paid)
    )  # fmt: skip
    (tmp_path / "t.csv").write_text(text)
    found = profile(tmp_path / "t.csv")
    assert found.column("age").minimum == 1000.5
    assert any("decimal" in said for said in found.reading)


def test_a_missing_header_is_recognised_or_said(tmp_path):
    people()[["age", "paid"]].to_csv(tmp_path / "t.csv", index=False, header=False)
    for options in ({}, {"header": False}):
        found = treedebug.profile(tmp_path / "t.csv", target="c1", **options).train
        assert (found.n_rows, [c.name for c in found.columns]) == (N, ["c0"])
    pd.DataFrame(np.ones((9, 3))).to_csv(tmp_path / "numbers.csv", index=False)  # 0, 1, 2 are names
    assert treedebug.profile(tmp_path / "numbers.csv").train.n_rows == 9


@pytest.mark.parametrize("packing", PACKERS)
def test_packed_files(tmp_path, packing):
    path = tmp_path / f"t.csv{packing}"
    path.write_bytes(PACKERS[packing](CSV.encode()))
    is_right(profile(path))


def test_a_zip_holds_one_table(tmp_path):
    with zipfile.ZipFile(tmp_path / "t.csv.zip", "w") as archive:
        archive.writestr("inner.csv", CSV)
        archive.writestr("__MACOSX/._inner.csv", "x")
    is_right(profile(tmp_path / "t.csv.zip"))
    with zipfile.ZipFile(tmp_path / "two.csv.zip", "w") as archive:
        archive.writestr("a.csv", CSV)
        archive.writestr("b.csv", CSV)
    with pytest.raises(FormatError, match="2 files"):
        profile(tmp_path / "two.csv.zip")


def test_zstandard(tmp_path):
    zstandard = pytest.importorskip("zstandard")
    (tmp_path / "t.csv.zst").write_bytes(zstandard.compress(CSV.encode()))
    is_right(profile(tmp_path / "t.csv.zst"))


def test_json_lines(tmp_path):
    people().to_json(tmp_path / "t.jsonl", orient="records", lines=True, force_ascii=False)
    is_right(profile(tmp_path / "t.jsonl"))
    with gzip.open(tmp_path / "t.ndjson.gz", "wb") as stream:
        stream.write((tmp_path / "t.jsonl").read_bytes())
    is_right(profile(tmp_path / "t.ndjson.gz"))
    (tmp_path / "list.jsonl").write_text('{"a": 1}\n[1, 2]\n')
    with pytest.raises(FormatError, match="line 2"):
        treedebug.profile(tmp_path / "list.jsonl")


@pytest.mark.parametrize("suffix", [".orc", ".feather", ".arrow", ".parquet"])
def test_files_of_arrow(tmp_path, suffix):
    pa, path = pytest.importorskip("pyarrow"), tmp_path / f"t{suffix}"
    table = pa.Table.from_pandas(people(), preserve_index=False)
    if suffix == ".orc":
        pytest.importorskip("pyarrow.orc").write_table(table, path)
    elif suffix == ".parquet":
        pytest.importorskip("pyarrow.parquet").write_table(table, path)
    else:
        pytest.importorskip("pyarrow.feather").write_feather(table, path)
    is_right(profile(path))


def test_a_workbook(tmp_path):
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter(tmp_path / "t.xlsx") as book:
        people().to_excel(book, index=False, sheet_name="people")
        people().to_excel(book, index=False, sheet_name="more")
    found = profile(tmp_path / "t.xlsx")
    is_right(found)
    assert "'people'" in found.reading[0]
    (tmp_path / "no.xlsx").write_bytes(b"PK\x03\x04 a workbook")
    with pytest.raises(FormatError, match="workbook"):
        profile(tmp_path / "no.xlsx")


def test_libsvm_with_queries(tmp_path):
    pytest.importorskip("scipy")
    (tmp_path / "t.svm").write_text("1 qid:1 1:0.5 3:2 # a remark\n0 qid:1 2:1\n2 qid:2 3:4\n")
    found = treedebug.profile(tmp_path / "t.svm").train
    assert (found.n_rows, [c.name for c in found.columns], found.label.n_labelled) == (3, ["f1", "f2", "f3"], 3)
    (tmp_path / "bad.svm").write_text("1 1:0.5\n1 a:b\n")
    with pytest.raises(FormatError, match="line 2"):
        treedebug.profile(tmp_path / "bad.svm")


def test_a_delta_table_is_read_by_its_log(tmp_path):
    deltalake = pytest.importorskip("deltalake")
    deltalake.write_deltalake(str(tmp_path / "t"), people().iloc[:100].assign(age=0.0))
    deltalake.write_deltalake(str(tmp_path / "t"), people(), mode="overwrite")
    is_right(profile(tmp_path / "t"))


def test_a_lake_without_its_library_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "deltalake", None)
    (tmp_path / "t" / "_delta_log").mkdir(parents=True)
    with pytest.raises(MissingExtraError, match="lake"):
        treedebug.profile(tmp_path / "t")


def test_a_hudi_table_is_refused(tmp_path):
    (tmp_path / "t" / ".hoodie").mkdir(parents=True)
    people().to_parquet(tmp_path / "t" / "a_1.parquet")
    with pytest.raises(FormatError, match="Hudi"):
        treedebug.profile(tmp_path / "t")


def test_queries(tmp_path):
    pytest.importorskip("duckdb")
    people().to_csv(tmp_path / "t.csv", index=False)
    is_right(profile(f"from '{tmp_path / 't.csv'}'"))
    with pytest.raises(ConfigError, match="cannot be computed"):
        profile("select * from nowhere")


def test_a_data_base(tmp_path):
    sqlalchemy = pytest.importorskip("sqlalchemy")
    url = f"sqlite:///{tmp_path / 'd.db'}"
    engine = sqlalchemy.create_engine(url)
    people().to_sql("people", engine, index=False)
    engine.dispose()
    is_right(profile(url, query="select * from people"))
    with pytest.raises(ConfigError, match="query"):
        profile(url)
    with pytest.raises(ConfigError, match="cannot be computed"):
        profile(url, query="select * from nobody")


def test_standard_input(monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(CSV.encode()), encoding="utf-8"))
    is_right(profile("-"))
    lines = people().to_json(orient="records", lines=True, force_ascii=False)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines.encode()), encoding="utf-8"))
    is_right(profile("-"))


def test_urls_through_fsspec():
    fsspec = pytest.importorskip("fsspec")
    with fsspec.filesystem("memory").open("/house/t.csv", "wb") as file:
        file.write(CSV.encode())
    is_right(profile("memory://house/t.csv"))
    is_right(profile("memory://house"))
    with pytest.raises(RunNotFoundError, match="no table"):
        profile("memory://house/none.csv")


@pytest.mark.parametrize("text", ["", "\n\n", "\x00" * 200, "age,town,paid\n", '{"a": ', "a,b\n1,2,3,4\n1,2\n"])
@pytest.mark.parametrize("name", ["t.csv", "t.jsonl", "t.parquet", "t.xlsx", "t.svm", "t.orc", "t.arrow", "t.csv.gz"])
def test_what_cannot_be_read_is_one_clear_error(tmp_path, name, text):
    (tmp_path / name).write_text(text)
    with pytest.raises(treedebug.TreedebugError) as error:
        treedebug.check(tmp_path / name, target="paid")
    assert "Traceback" not in str(error.value)


@pytest.mark.parametrize("options", [{"sep": "ab"}, {"encoding": "utf-99"}, {"decimal": ";"}, {"query": "select 1"}])
def test_options_that_make_no_sense(tmp_path, options):
    (tmp_path / "t.csv").write_text(CSV)
    with pytest.raises(ConfigError):
        profile(tmp_path / "t.csv", **options)


def test_options_are_taken_at_their_word(tmp_path):
    text = "age#town#paid\n" + "".join(f"{a}#{t}#{p}\n" for a, t, p in people().itertuples(index=False))
    (tmp_path / "t.csv").write_bytes(text.encode("latin-1"))
    is_right(profile(tmp_path / "t.csv", sep="#", encoding="latin-1"))


def test_later_json_keys_are_named(tmp_path):
    rows = [{"a": i} for i in range(1500)] + [{"a": 1, "b": 2}]
    (tmp_path / "t.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with pytest.raises(FormatError, match="'b'"):
        treedebug.profile(tmp_path / "t.jsonl")


KEEL = """@relation people
@attribute age real [10.0, 80.0]
@attribute town {Koeln, Ulm}
@attribute paid {0, 1}
@inputs age, town
@outputs paid
@data
""" + "".join(f"{a}, {t.replace('ö', 'oe')}, {p}\n" for a, t, p in people().itertuples(index=False))


def test_keel_and_arff_files_name_their_columns_and_missing_values(tmp_path):
    (tmp_path / "people.dat").write_text(KEEL.replace("Ulm, 0", "<null>, 0"))
    found = treedebug.profile(tmp_path / "people.dat").train
    assert (found.n_rows, [c.name for c in found.columns], found.label.column.name) == (N, ["age", "town"], "paid")
    assert found.column("town").n_missing > 0
    arff = KEEL.replace("@inputs age, town\n@outputs paid\n", "").replace("@attribute town", "@ATTRIBUTE 'the town'")
    (tmp_path / "people.arff").write_text("% made by hand\n" + arff)
    assert [c.name for c in profile(tmp_path / "people.arff").columns] == ["age", "the town"]
    (tmp_path / "no.dat").write_text("@relation people\n@attribute age real\n")
    with pytest.raises(FormatError, match="@data"):
        profile(tmp_path / "no.dat")


@pytest.mark.parametrize("above", ["# made by a script\n# on Monday\n", "Customers of May,,\n\n", "sep=,\n", "\n\n"])
def test_lines_above_the_header_are_left_out_and_said(tmp_path, above):
    (tmp_path / "t.csv").write_text(above + CSV)
    found = profile(tmp_path / "t.csv")
    is_right(found)
    assert bool(found.reading) is ("made" in above or "Customers" in above)


def test_a_header_behind_a_hash_is_a_header(tmp_path):
    (tmp_path / "t.csv").write_text("#" + CSV)
    assert [c.name for c in profile(tmp_path / "t.csv").columns] == ["#age", "town"]


def test_lines_that_end_in_carriage_returns(tmp_path):
    (tmp_path / "t.csv").write_bytes(CSV.replace("\n", "\r").encode())
    is_right(profile(tmp_path / "t.csv"))


@pytest.mark.parametrize("orient", ["records", "columns", "split", "table", "lines"])
def test_json_as_pandas_writes_it(tmp_path, orient):
    options = {"orient": "records", "lines": True} if orient == "lines" else {"orient": orient}
    people().to_json(tmp_path / "t.json", force_ascii=False, **options)
    is_right(profile(tmp_path / "t.json"))
    assert treedebug.check(tmp_path / "t.json", target="paid").kind == "table"


@pytest.mark.parametrize("text", ['{"a": 1}', "[]", "[1, 2]", "{", '{"a": {}}'])
def test_other_json_is_refused(tmp_path, text):
    (tmp_path / "t.json").write_text(text)
    with pytest.raises(FormatError):
        profile(tmp_path / "t.json")


def test_a_zip_says_by_the_file_in_it_what_it_holds(tmp_path):
    lines = people().to_json(orient="records", lines=True, force_ascii=False)
    for name, text in (("t.jsonl", lines), ("t.tsv", people().to_csv(index=False, sep="\t")), ("t.csv", CSV)):
        with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
            archive.writestr(name, text)
            archive.writestr("README.md", "of the people")
        is_right(profile(tmp_path / "all.zip"))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("t.parquet", b"PAR1")
    with pytest.raises(FormatError, match="unpack it"):
        profile(tmp_path / "all.zip")


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"PAR1abc", ".parquet"), (b"PK\x03\x04abc", ".xlsx"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1abc", "old Excel"),
        (gzip.compress(b"a,b\n1,2\n", mtime=0), ".csv.gz"), (b"SQLite format 3\x00", "sqlite:///"),
        (b"\x89HDF\r\n", "HDF5"), (b"<!DOCTYPE html><table>", "web page"), (b"\x93NUMPY\x01\x00", "numpy"),
    ],
)  # fmt: skip
def test_what_is_no_text_is_named_and_how_to_read_it(tmp_path, raw, said):
    (tmp_path / "t.csv").write_bytes(raw)
    with pytest.raises(FormatError, match=said):
        profile(tmp_path / "t.csv")


def test_libsvm_is_recognised_whatever_its_name(tmp_path):
    (tmp_path / "agaricus.train").write_text("1 1:0.5 3:2\n0 2:1\n" * 60)
    report = treedebug.check(tmp_path / "agaricus.train")
    assert (report.kind, report.facts["n_rows"], report.facts["label"]) == ("table", 120, "label")


def test_a_workbook_with_a_title_above_its_header(tmp_path):
    pytest.importorskip("openpyxl")
    with pd.ExcelWriter(tmp_path / "t.xlsx") as book:
        people().to_excel(book, index=False, startrow=2)
        book.sheets["Sheet1"].cell(1, 1, "Customers of May")
    found = profile(tmp_path / "t.xlsx")
    is_right(found)
    assert "row 3" in found.reading[0]


def test_a_duckdb_data_base(tmp_path):
    duckdb = pytest.importorskip("duckdb")
    place, frame = tmp_path / "t.duckdb", people()
    with duckdb.connect(str(place)) as connection:
        connection.register("people", frame)
        connection.execute("create table t as select * from people")
    is_right(profile(f"duckdb:///{place}", query="select * from t"))
    with pytest.raises(RunNotFoundError):
        profile(f"duckdb:///{tmp_path}/none.duckdb", query="select 1")


def test_a_driver_that_is_missing_is_named():
    pytest.importorskip("sqlalchemy")
    with pytest.raises(MissingExtraError, match="pip install"):
        profile("oracle://me@localhost/x", query="select 1")

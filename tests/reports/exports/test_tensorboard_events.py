"""The event file: checksums as the standard has them, read back by TensorBoard itself."""

import io
import struct

import pytest

from treedebug.reports.exports.tensorboard_events import crc32c, write_events


@pytest.mark.parametrize(
    ("data", "crc"), [(b"", 0), (b"123456789", 0xE3069283), (bytes(32), 0x8A9136AA), (b"\xff" * 32, 0x62A8AB43)]
)
def test_the_checksum_is_that_of_the_standard(data, crc):
    assert crc32c(data) == crc  # RFC 3720, B.4


def test_records_follow_each_other():
    file = io.BytesIO()
    write_events(file, [(1.0, 300, "a", 0.5)], [(1.0, "t", "text")])
    data, n = file.getvalue(), 0
    while data:
        (length,) = struct.unpack("<Q", data[:8])
        data, n = data[8 + 4 + length + 4 :], n + 1
    assert n == 3


def test_tensorboard_reads_it(tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    values = [0.5, float("nan"), float("inf"), 1e300, -2.25]
    with (tmp_path / "events.out.tfevents.1.x").open("wb") as file:
        scalars = [(100.0 + i, 1000 * i, "valid/auc", v) for i, v in enumerate(values)]
        write_events(file, scalars, [(1.0, "findings/CV102", "**warning** \u00e4")])
    read = accumulator.EventAccumulator(str(tmp_path))
    read.Reload()
    found = read.Scalars("valid/auc")
    assert [e.step for e in found] == [0, 1000, 2000, 3000, 4000]
    assert [e.wall_time for e in found] == [100.0, 101.0, 102.0, 103.0, 104.0]
    assert repr([e.value for e in found]) == repr([0.5, float("nan"), float("inf"), float("inf"), -2.25])
    text = read.Tensors("findings/CV102")[0].tensor_proto.string_val[0].decode()
    assert text == "**warning** \u00e4"
    assert read.SummaryMetadata("findings/CV102").plugin_data.plugin_name == "text"

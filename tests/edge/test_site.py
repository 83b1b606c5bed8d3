"""Site and device files: the packaged ones are sound, and each mistake is one sentence in both languages."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest

from edge_collectors.errors import EdgeError
from edge_collectors.model import PACKAGE, load_model
from edge_collectors.plan import plan_device
from edge_collectors.site import load_site, redirect

MODELS = sorted(path.stem for path in (PACKAGE / "devices").glob("*.toml"))

# From the makers' documents: what a wrong digit in a device file would break.
ADDRESSES = [
    ("eastron-sdm630", "voltage.l1", 0x00, "input", "float32", "1"),
    ("eastron-sdm630", "power.active", 0x34, "input", "float32", "1"),
    ("eastron-sdm630", "frequency", 0x46, "input", "float32", "1"),
    ("eastron-sdm630", "energy.active.import", 0x48, "input", "float32", "1"),
    ("eastron-sdm630", "energy.active.total", 0x156, "input", "float32", "1"),
    ("acrel-adw300", "voltage.l3", 22, "holding", "uint16", "0.1"),
    ("acrel-adw300", "current.l1", 26, "holding", "uint16", "0.01"),
    ("acrel-adw300", "power.active", 36, "holding", "int32", "1"),
    ("acrel-adw300", "energy.active.import", 62, "holding", "int32", "0.01"),
    ("schneider-iem3000", "power.active", 0x0BF3, "holding", "float32", "1000"),
    ("schneider-iem3000", "energy.active.import", 0x0C83, "holding", "int64", "0.001"),
    ("chint-dtsu666", "voltage.l1", 0x2006, "holding", "float32", "0.1"),
    ("chint-dtsu666", "energy.active.import", 0x101E, "holding", "float32", "1"),
]


@pytest.mark.parametrize(("model", "metric", "at", "table", "kind", "scale"), ADDRESSES)
def test_addresses_of_real_meters(model: str, metric: str, at: int, table: str, kind: str, scale: str) -> None:
    (point,) = [point for point in load_model(model).points() if point.metric == metric]
    assert (point.at, point.table, point.type, point.scale) == (at, table, kind, Decimal(scale))


def test_a_metric_has_one_unit_in_all_models_and_counters_no_deadband() -> None:
    units: dict[str, str | None] = {}
    for name in MODELS:
        for point in load_model(name).points():
            assert units.setdefault(point.metric, point.unit) == point.unit, (name, point.metric)
            assert point.counter == point.metric.startswith("energy."), (name, point.metric)
            assert not (point.counter and point.deadband)
    assert len(MODELS) >= 5


def test_no_two_points_of_a_packaged_model_overlap() -> None:
    for name in MODELS:
        taken = [address for point in load_model(name).points() for address in range(point.at, point.end)]
        assert len(taken) == len(set(taken)), name


def test_the_demo_site_is_the_three_meters_of_the_hub() -> None:
    site = load_site("demo")
    assert [device.id for device in site.devices()] == ["EM-01", "EM-02", "EM-03"]
    assert all(any(p.metric == "energy.active.import" for p in device.points) for device in site.devices())
    assert sum(len(plan_device(device, site.lines[0])) for device in site.devices()) == 6
    assert (site.edge, str(site.buffer), site.lines[0].port) == ("edge-1", ".hub/edge/buffer.db", 5020)
    moved = redirect(site, "10.0.0.9:1502").lines[0]
    assert (moved.host, moved.port, moved.url) == ("10.0.0.9", 1502, "modbus+tcp://10.0.0.9:1502")


SITE = """
[edge]
id = "edge-1"
hub = "http://127.0.0.1:8000"
buffer = { path = "b.db", max = "10MB" }
[[line]]
url = "modbus+serial:///dev/ttyUSB0?baud=9600&parity=E"
timeout = "500ms"
[[line.device]]
id = "EM-01"
unit = 1
model = "acrel-adw300"
ct = 40
only = ["energy.active.import", "current.l1", "voltage.l1"]
[line.device.points]
"voltage.l1" = { deadband = 1.5, every = "1m" }
[[line.device]]
id = "PLC-1"
unit = 2
model = "plc.toml"
"""
MODEL = """
model = "plc"
kind = "machine"
[defaults]
base = 1
type = "uint16"
[points]
"cycle.count" = { at = 1, type = "uint32", order = "CDAB", counter = true }
"alarm.oil" = { at = 10, bit = 3 }
"door" = { at = 5, table = "coil" }
"""


def write(folder: Path, site: str = SITE, model: str = MODEL) -> str:
    (folder / "plc.toml").write_text(model, encoding="utf-8")
    (folder / "site.toml").write_text(site, encoding="utf-8")
    return str(folder / "site.toml")


def test_overrides_ratios_and_base(tmp_path: Path) -> None:
    site = load_site(write(tmp_path))
    line = site.lines[0]
    assert (line.kind, line.host, line.baud, line.parity, line.timeout) == ("serial", "/dev/ttyUSB0", 9600, "E", 0.5)
    meter = {point.metric: point for point in line.devices[0].points}
    assert meter["energy.active.import"].scale == Decimal("0.40")
    assert meter["current.l1"].scale == Decimal("0.40")
    assert (meter["voltage.l1"].scale, meter["voltage.l1"].deadband) == (Decimal("0.1"), Decimal("1.5"))
    assert meter["voltage.l1"].every == 60
    plc = {point.metric: point for point in line.devices[1].points}
    assert (plc["cycle.count"].at, plc["alarm.oil"].at, plc["alarm.oil"].bit) == (0, 9, 3)
    assert (plc["door"].type, plc["door"].at) == ("bit", 4)


MISTAKES = [
    ('hub = "http://127.0.0.1:8000"', 'hub = "127.0.0.1:8000"', "127.0.0.1:8000"),
    ('hub = "http://127.0.0.1:8000"', 'hub = "http://127.0.0.1:99999"', "99999"),
    ('hub = "http://127.0.0.1:8000"', 'hubb = "http://127.0.0.1:8000"', 'did you mean "hub"'),
    ('id = "edge-1"', "", 'lacks "id"'),
    ('max = "10MB"', 'max = "much"', "size"),
    ('max = "10MB"', "max = 10", "size"),
    ('timeout = "500ms"', "timeout = 0.5", "duration"),
    ('timeout = "500ms"', 'timeout = "0s"', "longer than zero"),
    ("modbus+serial:///dev/ttyUSB0?baud=9600&parity=E", "opc.tcp://x", "address"),
    ("modbus+serial:///dev/ttyUSB0?baud=9600&parity=E", "modbus+tcp://x:99999", "address"),
    ("modbus+serial:///dev/ttyUSB0?baud=9600&parity=E", "modbus+serial:///dev/x?baud=fast", "address"),
    ("modbus+serial:///dev/ttyUSB0?baud=9600&parity=E", "modbus+serial:///dev/x?speed=9600", "address"),
    ("unit = 1", "unit = 300", "0 to 255"),
    ("unit = 1", "unit = true", "whole number"),
    ("unit = 1", "unit = 1\nslave = 1", 'unknown key "slave"'),
    ("acrel-adw300", "acrel-adw9000", "no model"),
    ('"current.l1",', '"current.l9",', "current.l9"),
    ("deadband = 1.5", "deadbnd = 1.5", 'did you mean "deadband"'),
    ("deadband = 1.5", "deadband = -1", "zero or more"),
    ('every = "1m"', 'every = "0s"', "at least 50ms"),
    ('"voltage.l1" = { deadband', '"energy.active.import" = { deadband', "counter takes no deadband"),
    ('id = "PLC-1"', 'id = "EM-01"', "twice"),
    ("[edge]", "[edge", "not valid TOML"),
    ('id = "edge-1"', 'id = "edge-1"\ntime_zone = "Mars"', "time zone"),
    ("[[line]]", "[line]", "[[line]]"),
]


@pytest.mark.parametrize(("old", "new", "said"), MISTAKES)
def test_a_mistake_in_a_site_file_is_one_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in SITE
    check(write(tmp_path, site=SITE.replace(old, new, 1)), said)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("at = 10, bit = 3", "bit = 3", 'lacks "at"'),
        ("at = 10, bit = 3", "at = 0, bit = 3", "from 1 to"),
        ("at = 10, bit = 3", "at = 10, bit = 16", "0 to 15"),
        ("at = 10, bit = 3", "at = 10, scale = 0", "other than zero"),
        ("at = 10, bit = 3", 'at = 10, scale = "x"', "a number"),
        ("at = 10, bit = 3", "at = 10, scale = nan", "a number"),
        ("at = 10, bit = 3", 'at = 65536, type = "uint32"', "65535"),
        ("at = 10, bit = 3", "at = 10, valid = 5", "lowest"),
        ("at = 10, bit = 3", "at = 10, invalid = 5", "whole numbers"),
        ('order = "CDAB"', 'order = "CABD"', "ABCD"),
        ('type = "uint32"', 'type = "uint24"', "uint32"),
        ("base = 1", "base = 2", "0 to 1"),
        ("base = 1", "base = 1\nmax_registers = 126", "4 to 125"),
        ("[points]", "[pointz]", 'did you mean "points"'),
        ('kind = "machine"', 'kind = "magic"', "electricity"),
    ],
)
def test_a_mistake_in_a_device_file_is_one_sentence(tmp_path: Path, old: str, new: str, said: str) -> None:
    assert old in MODEL
    check(write(tmp_path, model=MODEL.replace(old, new, 1)), said)


def check(path: str, said: str) -> None:
    with pytest.raises(EdgeError) as caught:
        load_site(path)
    problem = caught.value
    assert said in problem.english
    assert re.search("[\u4e00-\u9fff]", problem.chinese)
    assert "\n" not in problem.chinese + problem.english or "TOML" in said
    assert not re.search("[\u4e00-\u9fff]", problem.english)

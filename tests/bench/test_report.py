"""What the bench writes: one table for each part, the curve, and all of it once more as JSON."""

import json
import xml.etree.ElementTree as ElementTree
from dataclasses import asdict

import pytest

import bench.__main__ as bench_main
from bench import panels, plot
from bench.__main__ import (
    PARTS,
    Figure,
    airflow_days,
    flat_cost,
    format_figures,
    panel_figures,
    write,
    year_through_airflow,
)
from bench.airflow_day import AirflowDays, AirflowRanges, Cpu
from bench.formats import Speed
from bench.history import Point
from bench.ranges import Range


def points() -> list[Point]:
    return [
        Point(12, {"dbt": 2.0, "load": 1.0}, 80.0, 1_000, []),
        Point(36, {"dbt": 3.0, "load": 1.0}, 100.0, 3_000, []),
        Point(365, {"dbt": 4.0, "load": 1.0}, 110.0, 30_000, []),
    ]


def test_flat_cost_compares_full_windows_only():
    seconds, target, buffers = flat_cost(points())
    assert seconds.ratio == pytest.approx(5 / 4)  # 365 days beside 36: with 12 the windows of 30 days are not full
    assert target.yardstick == "target" and buffers.ratio == pytest.approx(1.1)


def test_each_format_is_held_against_the_events_of_the_apps():
    apps, other = Speed("apps", 1000, 300.0, 0.010, 0.005), Speed("other", 1000, 900.0, 0.025, 0.015)
    (figure,) = format_figures([apps, other])
    assert (figure.ours, figure.unit, figure.ratio) == (pytest.approx(25), "µs", pytest.approx(2.5))
    assert "40,000 a second" in figure.name and "100,000 a second" in figure.yardstick


def test_written(tmp_path):
    figure = Figure("generator", 2000.0, "events/s", "gzip", 1000.0, "lines/s")
    headline = Figure("a year", 100.0, "s", "stock", 400.0, "s", headline=True)
    part = {
        "measured_on": "2026-03-01",
        "machine": "2 cores",
        "full": False,
        "figures": [asdict(figure), asdict(headline)],
    }
    record = {"roads": {**part, "history": []}, "history": {**part, "history": [asdict(point) for point in points()]}}
    write(record, tmp_path)
    page = (tmp_path / "benchmarks.md").read_text()
    assert "| generator | 2,000 events/s | gzip | 1,000 lines/s | 2.00 |" in page
    summary = page[: page.index("\n## ")]
    assert "| a year | 100 s | stock | 400 s | 0.25 |" in summary and "generator" not in summary
    assert "| 365 | 30,000 | 5.00 | 4.00 | 110 |" in page
    assert json.loads((tmp_path / "benchmarks.json").read_text()) == record
    ElementTree.parse(tmp_path / "benchmarks.svg")


def test_the_chart_is_relative_to_the_first_value():
    chart = plot.relative_curves("cost", [1, 10, 100], {"a": [2.0, 2.0, 2.0], "b": [5.0, 5.0, 5.0]})
    polylines = [line for line in chart.splitlines() if line.startswith("<polyline")]
    assert len(polylines) == 2
    assert polylines[0].split('"')[1] == polylines[1].split('"')[1]


def test_a_quick_run_leaves_out_what_takes_long():
    assert [name for name, part in PARTS.items() if part.only_full] == ["airflow-year"]


DAYS = AirflowDays(start=20.0, first=60.0, warm=40.0, tasks=16, cpu=20.0)
STOCK = AirflowDays(start=20.0, first=300.0, warm=200.0, tasks=16, cpu=100.0)


def test_a_day_through_airflow_stands_beside_the_stock_set_up_in_a_full_run(monkeypatch):
    monkeypatch.setattr(bench_main.airflow_day, "measure", lambda say, days=4, *, stock=False: STOCK if stock else DAYS)
    monkeypatch.setattr(bench_main.floor, "day_without_airflow", lambda say: 4.0)
    quick = airflow_days(print, False)
    full = airflow_days(print, True)
    assert full[: len(quick)] == quick
    assert [figure.ratio for figure in full if figure.yardstick == "stock"] == pytest.approx([0.2, 0.2])
    assert not any(figure.yardstick == "stock" for figure in quick)


def test_a_year_stands_beside_its_floor_its_targets_and_the_stock_set_up():
    measured = AirflowRanges(365, range_run=140.0, backfills={10: 800.0, 32: 400.0})
    floor = Range(365, 300_000, {"load": 60.0}, {"\\copy": 40.0, "dbt build --full-refresh": 60.0}, 1, 1)
    figures = year_through_airflow(measured, floor, STOCK)
    beside = {(figure.ours, figure.yardstick): figure.yardstick_value for figure in figures}
    assert beside == {
        (140.0, "target"): 60,
        (140.0, "\\copy + dbt build --full-refresh"): 100.0,
        (140.0, "stock, extrapolated"): 73_000.0,
        (800.0, "target"): 900,
        (800.0, "stock, extrapolated"): 73_000.0,
        (400.0, "target"): 540,
        (400.0, "stock, extrapolated"): 73_000.0,
    }


def test_panels_stand_beside_the_target_and_the_number_of_all():
    slow, quick = panels.Answer("slow", 0.25), panels.Answer("quick", 0.01)
    slowest, above = panel_figures(panels.Answers(320_000, [slow, quick, quick]))
    assert slowest.headline and slowest.name.endswith(": slow") and slowest.ratio == pytest.approx(2.5)
    assert (above.ours, above.yardstick_value) == (1, 3)
    larger = panels.Answers(9_000_000, [panels.Answer("slow", 1.0), panels.Answer("quick", 0.02)])
    assert [figure.ratio for figure in panel_figures(panels.Answers(320_000, [slow, quick]), larger)[2:]] == [4, 2]


def test_cpu_between_two_moments():
    cpu = Cpu([(10.0, 1.0), (11.0, 3.0), (12.0, 7.0)])
    assert cpu.between(10.5, 12.0) == 4.0
    assert cpu.between(9.0, 20.0) == 6.0

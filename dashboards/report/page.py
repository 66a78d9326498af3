"""The report as one HTML file: it carries its charts' library with it and fetches nothing."""

import html
from datetime import date
from decimal import Decimal
from pathlib import Path
from string import Template

import pandas as pd
import plotly.offline
import psycopg2.extensions

from dashboards.definitions import models
from dashboards.report import figures
from dashboards.report.contents import SECTIONS, TILES, Chart, Tile

PLOTLY = {"responsive": True, "displayModeBar": False}
PAGE = Template((Path(__file__).parent / "page.html").read_text())
NOTHING = "There is nothing to show yet. It fills itself when such events are in the marts."
DATE_COLUMNS = (
    "activity_date",
    "period_start",
    "week_start",
    "month_start",
    "range_end",
    "cohort_start",
    "cohort_month",
)


def render(connection: psycopg2.extensions.connection) -> str:
    """The whole file. `connection` reads `reporting`; nothing else is asked of it."""
    meanings = {model.name: model.description for model in models()}
    through = _rows(connection, "select max(activity_date) as last, count(*) as days from reporting.engagement_daily")
    last, days = through.iloc[0]["last"], int(through.iloc[0]["days"])
    sections, links = [], []
    for section in SECTIONS:
        anchor = section.title.lower().replace(" ", "-")
        cards = "\n".join(_card(connection, chart, meanings, last) for chart in section.charts)
        links.append(f'<a href="#{anchor}">{html.escape(section.title)}</a>')
        sections.append(
            f'<section id="{anchor}"><h2>{html.escape(section.title)}</h2><div class="cards">{cards}</div></section>'
        )
    freshness = f"{days:,} days, up to and with {_told(last)}" if days else "No day is in the marts yet"
    return PAGE.substitute(
        freshness=freshness,
        links=" ".join(links),
        tiles="\n".join(_tile(connection, tile) for tile in TILES),
        sections="\n".join(sections),
        library=plotly.offline.get_plotlyjs(),
    )


def _card(connection, chart: Chart, meanings: dict[str, str], last: date | None) -> str:
    rows = _rows(connection, chart.sql)
    numbers = rows.select_dtypes("number")
    if rows.empty or (not numbers.empty and numbers.fillna(0).eq(0).all(axis=None)):
        body = f'<p class="nothing">{NOTHING}</p>'
    else:
        body = chart.draw(rows).to_html(full_html=False, include_plotlyjs=False, config=PLOTLY)
    newest = [rows[column].max() for column in DATE_COLUMNS if column in rows and len(rows)]
    fresh = f"Newest: {_told(newest[0])}." if newest else f"Up to {_told(last)}." if last else "No data."
    meaning = html.escape(meanings[chart.view].split(". ")[0].rstrip(".").replace("`", ""))
    return (
        f'<article class="card{" wide" if chart.wide else ""}"><h3>{html.escape(chart.title)}</h3>{body}'
        f"<footer><b>reporting.{chart.view}</b>: {meaning}. <span>{fresh}</span></footer></article>"
    )


def _tile(connection, tile: Tile) -> str:
    """The newest number, how it compares with the one of 7 days before, and the line of all."""
    rows = _rows(connection, tile.sql)
    if rows.empty:
        return f'<div class="tile"><h3>{html.escape(tile.title)}</h3><b>–</b></div>'
    values = [float(value) for value in rows.iloc[:, 1].fillna(0)]
    newest, before = values[-1], values[-8] if len(values) > 7 else None
    shown = f"{newest:.1%}" if tile.percent else f"{newest:,.0f}"
    change = ""
    if before:
        ratio = newest / before - 1
        change = f'<i class="{"up" if ratio >= 0 else "down"}">{ratio:+.0%} to 7 days before</i>'
    return f'<div class="tile"><h3>{html.escape(tile.title)}</h3><b>{shown}</b>{change}{_spark(values)}</div>'


def _spark(values: list[float]) -> str:
    low, width = min(values), (max(values) - min(values)) or 1
    points = " ".join(
        f"{number * 100 / max(1, len(values) - 1):.1f},{28 - (value - low) / width * 26:.1f}"
        for number, value in enumerate(values)
    )
    return (
        f'<svg viewBox="0 0 100 30" preserveAspectRatio="none" aria-hidden="true">'
        f'<polyline points="{points}" fill="none" stroke="{figures.BLUE}" vector-effect="non-scaling-stroke"/></svg>'
    )


def _rows(connection, sql: str) -> pd.DataFrame:
    with connection, connection.cursor() as cursor:
        cursor.execute(sql)
        names = [column.name for column in cursor.description]
        found = [[float(value) if isinstance(value, Decimal) else value for value in row] for row in cursor]
    return pd.DataFrame(found, columns=names)


def _told(day: date) -> str:
    return f"{day.day} {day:%B %Y}"

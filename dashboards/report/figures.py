"""How the charts look. Each function takes the rows of a query as a data frame and gives a figure of Plotly."""

import pandas as pd
import plotly.graph_objects as go
from plotly.colors import qualitative

INK, QUIET, PAPER = "#1f2937", "#64748b", "#ffffff"
BLUE, TEAL, AMBER, ROSE, VIOLET, GREY = "#2563eb", "#0d9488", "#d97706", "#e11d48", "#7c3aed", "#94a3b8"
COLOURS = [BLUE, AMBER, TEAL, ROSE, VIOLET, GREY, *qualitative.Safe]


def styled(figure: go.Figure, *, height: int = 320, percent: bool = False, legend: bool = True) -> go.Figure:
    """The look that all charts share."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        font={"family": "system-ui, sans-serif", "size": 13, "color": INK},
        paper_bgcolor=PAPER,
        plot_bgcolor=PAPER,
        colorway=COLOURS,
        showlegend=legend,
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
        hovermode="x unified",
        bargap=0.25,
    )
    figure.update_xaxes(showgrid=False, automargin=True, linecolor="#cbd5e1")
    figure.update_yaxes(gridcolor="#e2e8f0", zerolinecolor="#94a3b8", automargin=True)
    if percent:
        figure.update_yaxes(tickformat=".0%")
    return figure


def lines(rows: pd.DataFrame, x: str, columns: dict[str, str], *, percent: bool = False) -> go.Figure:
    """A line for each column; `columns` names it for people."""
    traces = [go.Scatter(x=rows[x], y=rows[column], name=name, mode="lines") for column, name in columns.items()]
    figure = styled(go.Figure(traces), percent=percent, legend=len(columns) > 1)
    return figure.update_yaxes(rangemode="tozero")


def lines_by(rows: pd.DataFrame, x: str, y: str, by: str, *, percent: bool = False, dots: bool = True) -> go.Figure:
    """A line for each value of a column; with `dots` where the numbers are."""
    mode = "lines+markers" if dots else "lines"
    traces = [go.Scatter(x=part[x], y=part[y], name=str(name), mode=mode) for name, part in rows.groupby(by)]
    return styled(go.Figure(traces), percent=percent).update_yaxes(rangemode="tozero")


def bars(
    rows: pd.DataFrame, x: str, columns: dict[str, str], *, stacked: bool = False, percent: bool = False
) -> go.Figure:
    """Bars for each column beside each other, or on top of each other: negative numbers go down."""
    figure = go.Figure([go.Bar(x=rows[x], y=rows[column], name=name) for column, name in columns.items()])
    figure.update_layout(barmode="relative" if stacked else "group")
    return styled(figure, percent=percent, legend=len(columns) > 1)


def stacked_by(rows: pd.DataFrame, x: str, y: str, by: str) -> go.Figure:
    """Stacked bars, one colour for each value of a column; the largest lie at the bottom."""
    order = rows.groupby(by)[y].sum().sort_values(ascending=False).index
    figure = go.Figure(
        [go.Bar(x=part[x], y=part[y], name=str(name)) for name in order for part in [rows[rows[by] == name]]]
    )
    figure.update_layout(barmode="stack")
    return styled(figure, height=360)


def ranking(rows: pd.DataFrame, label: str, value: str, *, percent: bool = False) -> go.Figure:
    """Horizontal bars, the first row on top."""
    shown = rows.iloc[::-1]
    labels = [text if len(text) <= 34 else text[:33] + "…" for text in shown[label].fillna("(unknown)").astype(str)]
    # Two things may have the same name: bars are placed by their number.
    figure = go.Figure(go.Bar(x=shown[value], y=list(range(len(shown))), orientation="h", marker={"color": BLUE}))
    figure.update_yaxes(tickvals=list(range(len(shown))), ticktext=labels)
    figure = styled(figure, height=90 + 26 * len(shown), legend=False).update_layout(hovermode="closest")
    return figure.update_xaxes(tickformat=".0%" if percent else None)


def triangle(rows: pd.DataFrame, row: str, column: str, value: str) -> go.Figure:
    """A heat map of shares: a row for each cohort, the newest at the bottom; cells without a number stay white."""
    table = rows.pivot(index=row, columns=column, values=value).sort_index()
    numbers = table.astype(float)
    figure = go.Figure(
        go.Heatmap(
            z=numbers.values,
            x=[str(number) for number in table.columns],
            y=[str(start) for start in table.index],
            colorscale=[[0, "#eff6ff"], [0.5, "#60a5fa"], [1, "#1e3a8a"]],
            zmin=0,
            zmax=max(0.05, float(numbers.drop(columns=0, errors="ignore").max().max() or 0)),
            texttemplate="%{z:.0%}",
            hovertemplate="%{y}, %{x}: %{z:.1%}<extra></extra>",
            showscale=False,
            xgap=2,
            ygap=2,
        )
    )
    figure = styled(figure, height=110 + 24 * len(table), legend=False).update_layout(hovermode="closest")
    figure.update_xaxes(type="category", side="top")
    return figure.update_yaxes(type="category", autorange="reversed", showgrid=False)


def steps(rows: pd.DataFrame, name: str, people: str, share: str) -> go.Figure:
    """The steps of a funnel from the top, each with its people and its share of the first."""
    text = [f"{count:,.0f} · {rate:.0%}" for count, rate in zip(rows[people], rows[share], strict=True)]
    figure = go.Figure(
        go.Funnel(y=rows[name], x=rows[people], text=text, textinfo="text", marker={"color": COLOURS[: len(rows)]})
    )
    return styled(figure, height=70 + 56 * len(rows), legend=False).update_layout(hovermode="closest")


def flows(rows: pd.DataFrame, source: str, target: str, value: str) -> go.Figure:
    """What leads to what: a Sankey diagram. What comes in and what goes out are different nodes."""
    left, right = list(dict.fromkeys(rows[source])), list(dict.fromkeys(rows[target]))
    figure = go.Figure(
        go.Sankey(
            node={"label": left + right, "color": [BLUE] * len(left) + [TEAL] * len(right), "pad": 14, "thickness": 14},
            link={
                "source": [left.index(one) for one in rows[source]],
                "target": [len(left) + right.index(one) for one in rows[target]],
                "value": rows[value],
                "color": "rgba(148,163,184,0.4)",
            },
        )
    )
    return styled(figure, height=420, legend=False).update_layout(hovermode="closest")


def bridge(names: list[str], values: list[float]) -> go.Figure:
    """A waterfall: the first value is where it begins, the last where it ends, the others move it."""
    figure = go.Figure(
        go.Waterfall(
            x=names,
            y=values,
            measure=["absolute", *["relative"] * (len(values) - 2), "total"],
            text=[f"{value:,.0f}" for value in values],
            increasing={"marker": {"color": TEAL}},
            decreasing={"marker": {"color": ROSE}},
            totals={"marker": {"color": BLUE}},
            connector={"line": {"color": "#cbd5e1"}},
            cliponaxis=False,
        )
    )
    return styled(figure, legend=False).update_layout(margin={"t": 28})


def intervals(rows: pd.DataFrame, label: str, middle: str, bounds: tuple[str, str], wide: tuple[str, str]) -> go.Figure:
    """A dot with its interval for each row, and a paler, wider one; zero is no difference."""
    figure, labels = go.Figure(), list(rows[label])
    for (low, high), colour, width, name in (
        (wide, "#cbd5e1", 8, "may be looked at any time"),
        (bounds, BLUE, 3, "at the end"),
    ):
        for number, (start, end) in enumerate(zip(rows[low], rows[high], strict=True)):
            line = {"color": colour, "width": width}
            figure.add_scatter(
                x=[start, end], y=[labels[number]] * 2, mode="lines", line=line, name=name, showlegend=number == 0
            )
    figure.add_scatter(x=rows[middle], y=labels, mode="markers", marker={"color": INK, "size": 9}, name="estimate")
    figure.add_vline(x=0, line={"color": ROSE, "dash": "dot"})
    figure = styled(figure, height=140 + 44 * len(rows)).update_layout(hovermode="closest")
    # The wide ones may be so wide that nothing else could be seen.
    low, high = min(0, rows[bounds[0]].min()), max(0, rows[bounds[1]].max())
    return figure.update_xaxes(tickformat=".0%", range=[low - (high - low) / 4, high + (high - low) / 4])


def calibration(rows: pd.DataFrame, predicted: str, happened: str) -> go.Figure:
    """What was predicted against what happened; on the dotted line both are the same."""
    top = max(0.1, float(rows[[predicted, happened]].max().max()))
    figure = go.Figure(
        [
            go.Scatter(x=[0, top], y=[0, top], mode="lines", line={"color": GREY, "dash": "dot"}, name="as predicted"),
            go.Scatter(x=rows[predicted], y=rows[happened], mode="lines+markers", name="what happened"),
        ]
    )
    figure = styled(figure, percent=True).update_layout(hovermode="closest")
    return figure.update_xaxes(tickformat=".0%", title="predicted").update_yaxes(title="happened")

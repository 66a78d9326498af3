"""What analysts can read, and what each number means, from the YAML beside dbt's models: the one text of a definition.

`docs/metrics.md` and Looker Studio's field map are made of it: `python -m dashboards`.
"""

import csv
import io
import re
from dataclasses import dataclass
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[1]
MODELS = ROOT / "dbt" / "models"
LAYERS = ("marts", "reporting")
METRICS = ROOT / "docs" / "metrics.md"
FIELDS = ROOT / "dashboards" / "looker_studio" / "fields.csv"
BEGIN, END = "<!-- begin of what `make docs` writes -->\n", "<!-- end of what `make docs` writes -->\n"
SHOWN_AS = ("sum", "percent", "dimension")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
TYPES = {"date": "Date", "text": "Text", "boolean": "Boolean"}


@dataclass(frozen=True)
class Column:
    """`description` and `shown_as` are the column's own, or those of the model that it comes from.

    `shown_as` is `sum` where the values of rows add up, `percent` or `dimension`, from `config.meta.shown_as`; numbers
    without it are neither summed nor grouped by.
    """

    name: str
    data_type: str
    description: str
    shown_as: str | None


@dataclass(frozen=True)
class Model:
    """A mart or a reporting view. `topic` is its folder within the layer.

    `cell_people`: the expression that says of how many people a row tells, or `none`. `reads`: the models that its SQL
    names, as ref('…') or in a list for a loop, in order; and other quoted words.
    """

    name: str
    layer: str
    topic: str
    description: str
    columns: tuple[Column, ...]
    cell_people: str
    reads: tuple[str, ...]


def models() -> list[Model]:
    """All marts and reporting views, in order of topic, layer and name.

    Raises ValueError, with the file, for a column that nobody describes and for an unknown `shown_as`.
    """
    told = {
        node["name"]: node | {"path": path} for path in sorted(MODELS.rglob("_*models.yml")) for node in _nodes(path)
    }
    for path in MODELS.rglob("*.sql"):
        if path.stem in told:
            told[path.stem]["reads"] = tuple(dict.fromkeys(re.findall(r"'(\w+)'", path.read_text())))
    found = []
    for name, node in told.items():
        layer, *topic = node["path"].relative_to(MODELS).parts[:-1]
        if layer in LAYERS:
            columns = tuple(_column(told, name, column) for column in node["columns"])
            description = " ".join(node["description"].split())
            people = node.get("config", {}).get("meta", {}).get("cell_people", "none")
            found.append(Model(name, layer, "/".join(topic), description, columns, people, node["reads"]))
    return sorted(found, key=lambda model: (model.topic, LAYERS.index(model.layer), model.name))


def metrics(document: str) -> str:
    """`docs/metrics.md` with its definitions written anew: each view, the marts that it is made of, and its columns.

    A mart that no view reads stands for itself.
    """
    found = models()
    views = [model for model in found if model.layer == "reporting"]
    read = {name for view in views for name in view.reads}
    parts, topic = [], None
    for model in (model for model in found if model in views or model.name not in read):
        if model.topic != topic:
            topic = model.topic
            parts.append(f"## {topic.replace('_', ' ').capitalize()}\n")
        parts.append(f"### `{model.name}`\n\n{definition(model, found)}")
    head, rest = document.split(BEGIN)
    return head + BEGIN + "\n" + "\n".join(parts) + "\n" + END + rest.split(END)[1]


def definition(model: Model, found: list[Model] | None = None) -> str:
    """What a model says of itself, what the marts say that it reads, and a table of its columns, as Markdown."""
    marts = {mart.name: mart for mart in found or models() if mart.layer == "marts"}
    parts = [f"{model.description}\n"]
    parts += [f"`{name}`: {marts[name].description}\n" for name in model.reads if name in marts]
    if model.cell_people != "none":
        parts.append(f"With `HIDE_CELLS_BELOW`, of how many people a row tells: `{model.cell_people}`.\n")
    rows = [f"| `{column.name}` | {column.description} |" for column in model.columns]
    parts.append("\n".join(["| column | definition |", "|---|---|", *rows]) + "\n")
    return "\n".join(parts)


def fields() -> str:
    """The field map as CSV: each column of each reporting view, its type and aggregation, and what it is."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["view", "field", "type", "aggregation", "meaning"])
    for model in models():
        for column in model.columns if model.layer == "reporting" else ():
            kind = TYPES.get(column.data_type, "Percent" if column.shown_as == "percent" else "Number")
            aggregation = "dimension" if column.data_type in TYPES else column.shown_as
            if aggregation not in ("dimension", "sum"):
                aggregation = "none"
            writer.writerow([model.name, column.name, kind, aggregation, column.description.split(". ")[0].rstrip(".")])
    return text.getvalue()


def _nodes(path: Path) -> list[dict]:
    return yaml.load(path.read_text(), Loader=LOADER).get("models") or []


def _column(told: dict[str, dict], model: str, column: dict) -> Column:
    name = column["name"]
    described = _origin(told, model, name, lambda found: "description" in found)
    if described is None:
        path = told[model]["path"].relative_to(ROOT)
        raise ValueError(
            f"{path}: {model}.{name} has no description, and no model that it reads describes a column of that name.\n"
            f"Remedy: add a description there."
        )
    shown = _origin(told, model, name, lambda found: "shown_as" in found.get("config", {}).get("meta", {}))
    shown_as = shown["config"]["meta"]["shown_as"] if shown else None
    if shown_as not in (None, *SHOWN_AS):
        path = told[model]["path"].relative_to(ROOT)
        raise ValueError(f"{path}: {model}.{name} is shown as {shown_as!r}.\nRemedy: one of {', '.join(SHOWN_AS)}.")
    description = " ".join(str(described["description"]).split())
    return Column(name, column["data_type"], description, shown_as)


def _origin(told: dict[str, dict], model: str, name: str, says) -> dict | None:
    """The nearest column of that name that says it: the model's own, or that of a model which its SQL reads."""
    waiting, seen = [model], set()
    while waiting:
        one = waiting.pop(0)
        if one in seen or one not in told:
            continue
        seen.add(one)
        for column in told[one].get("columns") or []:
            if column["name"] == name and says(column):
                return column
        waiting += told[one]["reads"]
    return None

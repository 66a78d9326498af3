"""The audit trail: when we knew, beside the dimensions' when it was true."""

import csv
import shutil

import pytest
from upath import UPath

from ingestion import service
from ingestion.contract_yaml import SOURCES, load_contract
from ingestion.warehouse import Warehouse
from tests.dbt.helpers import Company, at, day
from tests.dbt.runner import PROJECT, Dbt

MODELS = ("+community_users", "+community_posts")
COLUMNS = {
    "users": ["user_id", "name", "country", "created_at", "updated_at", "deleted_at"],
    "posts": ["post_id", "user_id", "title", "topic", "created_at", "updated_at", "deleted_at"],
}
DIMENSION = """
    select country, valid_from::text, valid_to::text
    from core.dim_user
    where user_id = 'community:u'
    order by valid_from
"""
TRAIL = """
    select country, valid_from::text, valid_to::text, known_to is null
    from trail.community_users
    order by valid_from, known_from
"""
BEGINNING, END = "-infinity", "infinity"


@pytest.fixture(scope="module")
def dbt(warehouse: Warehouse, tmp_path_factory) -> Dbt:
    """dbt on a copy of the project, in which the trail is on: that is read when the project is parsed."""
    project = tmp_path_factory.mktemp("trail") / "dbt"
    shutil.copytree(PROJECT, project, ignore=shutil.ignore_patterns("target", "logs"))
    return Dbt(warehouse, tmp_path_factory.mktemp("dbt"), project=project, settings={"AUDIT_TRAIL": "true"})


@pytest.fixture
def community(company: Company) -> Company:
    company.contracts = [load_contract(SOURCES / "community.yml")]
    company.query("drop schema if exists trail cascade; select 1")
    return company


def user(country: str, updated_at: str) -> dict[str, str]:
    return {"user_id": "u", "name": "Ada", "country": country, "created_at": at(1, "08:00"), "updated_at": updated_at}


def build(company: Company, number: int, **extracts: list[dict[str, str]]) -> None:
    """Land the whole tables of a day, and build it with its snapshots."""
    folder = company.landing / "community" / str(day(number))
    folder.mkdir(parents=True, exist_ok=True)
    for name, columns in COLUMNS.items():
        with (folder / f"{name}.csv").open("w", newline="") as lines:
            writer = csv.DictWriter(lines, columns, restval="")
            writer.writeheader()
            writer.writerows(extracts.get(name, []))
    load = service.load_day(company.connection, UPath(company.landing), day(number), contracts=company.contracts)
    assert load.quarantined == 0
    service.publish_day(company.connection, day(number))
    company.build(tests=True)


def text(moment: str) -> str:
    return moment.replace("T", " ").replace("Z", "+00")


def test_a_late_correction_is_one_version_in_the_dimension_and_two_in_the_trail(community: Company):
    build(community, 1, users=[user("DE", at(1, "08:00"))])
    build(community, 3, users=[user("AT", at(3, "09:00"))])
    moved = text(at(3, "09:00"))
    assert community.query(DIMENSION) == [("DE", BEGINNING, moved), ("AT", moved, END)]
    as_known = [("DE", BEGINNING, END, False), ("DE", BEGINNING, moved, True), ("AT", moved, END, True)]
    assert community.query(TRAIL) == as_known

    # The extract of day 2 lands late, and says that the user had moved already then.
    build(community, 2, users=[user("AT", at(2, "10:00"))])
    earlier = text(at(2, "10:00"))
    assert community.query(DIMENSION) == [("DE", BEGINNING, earlier), ("AT", earlier, END)]
    assert community.query(TRAIL) == [
        ("DE", BEGINNING, END, False),
        ("DE", BEGINNING, moved, False),
        ("DE", BEGINNING, earlier, True),
        ("AT", earlier, END, True),
        ("AT", moved, END, False),
    ]

    # What was said between two builds, and what is said now.
    said = """
        select country, valid_from::text
        from trail.community_users
        where known_from <= {moment} and coalesce(known_to > {moment}, true)
        order by valid_from
    """
    builds = "(select distinct known_from from trail.community_users order by 1 offset {} limit 1)"
    assert community.query(said.format(moment=builds.format(0))) == [("DE", BEGINNING)]
    assert community.query(said.format(moment=builds.format(1))) == [("DE", BEGINNING), ("AT", moved)]
    assert community.query(said.format(moment=builds.format(2))) == [("DE", BEGINNING), ("AT", earlier)]

    # A build without a change, and one that computes everything anew, leave the trail as it is.
    before = community.query("select * from trail.community_users order by known_as")
    community.dbt.build("--full-refresh", *community.selected)
    assert community.query("select * from trail.community_users order by known_as") == before
    assert community.differences() == {}


def test_a_post_that_is_taken_back(community: Company):
    post = {"post_id": "p", "user_id": "u", "title": "Hello", "topic": "music", "created_at": at(1, "09:00")}
    build(community, 1, posts=[post], users=[user("DE", at(1, "08:00"))])
    build(community, 2, posts=[{**post, "title": "Hello!", "updated_at": at(2, "09:00")}])
    build(community, 3)
    trail = "select title, valid_to::text, known_to is null from trail.community_posts order by valid_from, known_from"
    changed, gone = text(at(2, "09:00")), f"{day(3)} 00:00:00+00"
    assert community.query(trail) == [
        ("Hello", END, False),
        ("Hello", changed, True),
        ("Hello!", END, False),
        ("Hello!", gone, True),
    ]
    # Whoever is not of the community is not followed, and no personal data is kept.
    columns = community.query("select column_name from information_schema.columns where table_schema = 'trail'")
    assert not {"email", "full_name", "name"} & {name for (name,) in columns}


def test_the_trail_is_off_unless_it_is_asked_for(community: Company):
    of = Dbt(community.warehouse, community.landing.parent / "dbt")
    assert not [node for node in of.manifest.nodes.values() if node.resource_type == "snapshot"]
    on = {node.name for node in community.dbt.manifest.nodes.values() if node.resource_type == "snapshot"}
    assert on == {"community_users", "community_posts"}

"""Every data test and every condition of a contract fails on bad data. Tests look at what a build may have written."""

import pytest
from psycopg2.errors import CheckViolation, NotNullViolation, UniqueViolation

from ingestion import service
from tests.dbt.conftest import empty
from tests.dbt.helpers import Company, at, day, event, user
from tests.dbt.runner import Dbt, DbtError

# What breaks a table, and the one test of it that must notice. Rows of the load day that is being built.
AGAIN = "insert into {table} select * from {table}"
BAD = [
    ("core.dim_user", "update {table} set valid_to = 'infinity'", "versions_follow_each_other_dim_user"),
    ("core.dim_product", "update {table} set is_current = not is_current", "versions_follow_each_other_dim_product"),
    ("core.dim_content", "update {table} set valid_from = valid_to", "versions_follow_each_other_dim_content"),
    ("core.fact_user_events", AGAIN, "unique_in_build_fact_user_events"),
    ("core.fact_user_events", "delete from {table} where event_id = 'e3'", "events_are_conserved_fact_user_events"),
    ("intake.identity_spans", "update {table} set until_ts = '2026-03-02'", "spans_follow_each_other_identity_spans"),
    ("core.fact_user_events", "update {table} set user_key = 7", "points_to_fact_user_events"),
    ("core.fact_user_events", "update {table} set content_key = 7", "points_to_fact_user_events"),
    ("core.fact_user_events", "update {table} set product_key = 7", "points_to_fact_user_events"),
    ("core.fact_sessions", AGAIN, "unique_in_build_fact_sessions"),
    ("core.fact_sessions", "update {table} set events = events + 1", "sessions_hold_every_event_fact_sessions"),
    (
        "summaries.fact_user_weekly_summary",
        "update {table} set events_by_day = events_by_day[2:7]",
        "weekly_arrays_add_up_fact_user_weekly_summary",
    ),
    (
        "marts.mart_viewers",
        "update {table} set activity_date = activity_date + 1 where activity_date > '2026-03-02'",
        "dates_have_no_gap_mart_viewers",
    ),
    ("marts.mart_engagement", "update {table} set dau = dau - 1", "people_match_counts_mart_engagement"),
    (
        "marts.mart_engagement",
        "update {table} set activity_date = activity_date + 1 where activity_date > '2026-03-02'",
        "dates_have_no_gap_mart_engagement",
    ),
    ("marts.mart_paths", "delete from {table} where to_event = '(exit)'", "every_session_begins_and_ends_mart_paths"),
    ("marts.mart_funnels", "update {table} set people = 0", "funnel_steps_go_down_mart_funnels"),
    (
        "marts.mart_mrr",
        "update {table} set mrr = mrr + 1, new_mrr = new_mrr + 1 where month_start = '2026-02-01'",
        "mrr_follows_mart_mrr",
    ),
]
for each in ("daily", "weekly", "monthly"):
    lifecycle = f"mart_lifecycle_{each}"
    BAD += [
        (f"marts.{lifecycle}", "update {table} set dormant_people = 7", f"lifecycle_adds_up_{lifecycle}"),
        (f"marts.{lifecycle}", "update {table} set new_people = 7", f"lifecycle_adds_up_{lifecycle}"),
    ]

# What breaks the condition that the contract of a table gives its rows.
BREAKS = [
    ("core.fact_user_events", "update {table} set person_id = 'visitor:' || user_id where event_id = 'e3'"),
    ("core.fact_sessions", "update {table} set duration_seconds = 86400"),
    ("summaries.fact_user_daily", "update {table} set is_active = not is_active"),
    ("summaries.fact_active_days", "update {table} set days_to_next[1] = 31"),
    ("summaries.fact_user_daily_dimensions", "update {table} set engaged_seconds = -1"),
    ("summaries.fact_slice_totals", "update {table} set learners = -1"),
    ("summaries.fact_sign_up_days", "update {table} set first_occurrence_ts = null, first_back_ts = null"),
    ("marts.mart_engagement_by_slice", "update {table} set wau = mau + 1"),
    ("summaries.fact_content_daily", "update {table} set measured_completions = completions + 1"),
    ("marts.mart_viewers", "update {table} set heavy_viewers = viewers + 1"),
    ("marts.mart_top_content", "update {table} set completions = 0"),
    ("marts.mart_listen_through", "update {table} set content_seconds = 0"),
    ("marts.mart_engagement", "update {table} set wau = mau + 1"),
    ("summaries.fact_user_active_days", "update {table} set first_active_date = event_date + 1"),
    ("summaries.fact_active_spans", "update {table} set last_active_date = first_active_date - 1"),
    ("marts.mart_segment_moves", "update {table} set segment = 'new'"),
    ("summaries.fact_churn_features", "update {table} set quiet = 2"),
    ("marts.mart_churn", "update {table} set people_returned = people + 1"),
    ("summaries.fact_assignments", "update {table} set variants = 0"),
    ("summaries.fact_experiment_people", "update {table} set variants = 0"),
    ("marts.mart_experiment_statistics", "update {table} set numerator_sum = people + 1"),
    ("summaries.fact_acquisition_steps", "update {table} set channel = 'Direct'"),
    ("summaries.fact_conversions", "update {table} set touched_at = event_ts + interval '1 second'"),
    ("marts.mart_acquisition", "update {table} set people = 99"),
    ("summaries.fact_content_people_daily", "update {table} set heard_seconds = -1"),
    ("summaries.fact_content_progress", "update {table} set is_completed = null"),
    ("marts.mart_content", "update {table} set starters = people + 1"),
    ("marts.mart_content_progress", "update {table} set completers = 9"),
    ("summaries.fact_funnel_runs", "update {table} set furthest_step = 7"),
    ("marts.fact_user_retention_cohorts_daily", "update {table} set people = 0"),
    ("marts.fact_user_retention_cohorts_weekly", "update {table} set people = 0"),
    ("marts.fact_user_retention_cohorts_monthly", "update {table} set people = 0"),
    ("summaries.fact_feature_days", "update {table} set uses = 0"),
    ("marts.mart_engagement_by_segment", "update {table} set wau = mau + 1"),
    ("marts.mart_interests", "update {table} set uses = 0"),
    ("marts.mart_feature_use", "update {table} set uses = people - 1"),
    ("core.currency_rates", "update {table} set rate = 0"),
    ("summaries.fact_sales", "update {table} set reporting_amount = null"),
    ("summaries.fact_orders", "update {table} set order_date = null"),
    ("summaries.fact_subscriber_months", "update {table} set periods_renewed = periods_due + 1"),
    ("marts.mart_mrr", "update {table} set mrr = mrr + 1"),
    ("marts.mart_product_sales", "update {table} set viewers = views + 1"),
    ("marts.mart_product_pairs", "update {table} set orders = 0"),
    ("marts.mart_sales", "update {table} set new_buyers = buyers + 1"),
]


@pytest.fixture(scope="module")
def building(warehouse, postgres_server, dbt: Dbt, tmp_path_factory):
    """A company whose second day is being built: all tables are there, the build has not finished."""
    empty(warehouse, postgres_server)
    company = Company(warehouse, tmp_path_factory.mktemp("company") / "landing", dbt)
    things = {
        "users": [user("u_1", "2026-01-01T00:00:00Z", "DE")],
        "products": [{"product_id": "p_1", "changed_at": "2026-01-01T00:00:00Z", "op": "upsert"}],
        "content": [
            {"content_id": "c_1", "changed_at": "2026-01-01T00:00:00Z", "op": "upsert", "duration_seconds": 60}
        ],
        "creators": [{"creator_id": "k_1", "changed_at": "2026-01-01T00:00:00Z", "op": "upsert"}],
    }
    company.land(1, [event("e1", at(1))], **things)
    company.build(1)
    changed = {name: [{**row, "changed_at": at(2)} for row in rows] for name, rows in things.items()}
    changed["users"] = [user("u_1", at(2), "FR")]
    completed = event("e2", at(2), "u_1", "content_complete", content_id="c_1", product_id="p_1", duration_seconds=30)
    known = event("e3", at(2), anonymous_id="v_1", utm_source="letter")
    bought = event("e4", at(2), "u_1", "purchase", product_id="p_1", amount=5, currency="EUR", order_id="o_1")
    shown = event("e5", at(2), "u_1", "experiment_view", properties={"experiment": "new_player", "variant": "A"})
    started = event("e6", at(2), event="content_start", content_id="c_1")
    seen = event("e7", at(2), "u_1", "product_view", product_id="p_1")
    also = event("e8", at(2), "u_1", "purchase", product_id="p_2", amount=5, currency="EUR", order_id="o_1")
    paid = event("e9", "2026-02-10T12:00:00Z", "u_1", "subscription_start", amount=5, currency="EUR")
    company.land(2, [completed, known, bought, shown, started, seen, also, paid], **changed)
    company.load(2)
    company.claim()
    dbt.run()
    yield company
    company.close()


def test_no_table_takes_a_row_of_its_grain_twice_nor_without_one_of_its_columns(building: Company):
    """The database itself refuses it, so that no data test looks for it."""
    tables = [node for node in building.dbt.manifest.nodes.values() if node.config.materialized == "incremental"]
    assert len(tables) > 60
    empty_ones = set()
    for node in tables:
        table = f"{node.schema}.{node.alias}"
        grain = next(index["columns"] for index in node.config.get("indexes") if index.get("unique"))
        if not building.query(f"select from {table} limit 1"):
            empty_ones.add(table)
            continue
        with pytest.raises(UniqueViolation, match=grain[0]), building.transformer.cursor() as cursor:
            cursor.execute(f"insert into {table} select * from {table}")
        for column in grain if node.config.contract.enforced else ():
            with pytest.raises(NotNullViolation, match=f'"{column}"'), building.transformer.cursor() as cursor:
                cursor.execute(f"update {table} set {column} = null")
    # What this company lands none of; they are a layer without contracts.
    assert empty_ones == {"intake.event_repeats", "intake.extract_changes", "intake.rate_records"}


@pytest.mark.parametrize(("table", "break_it"), BREAKS, ids=lambda value: value if "." not in str(value) else "")
def test_no_table_takes_a_row_that_breaks_its_condition(building: Company, table: str, break_it: str):
    with pytest.raises(CheckViolation) as refused, building.transformer.cursor() as cursor:
        cursor.execute(break_it.format(table=table))
    said = " ".join(conditions(building.dbt)[table].split())
    assert refused.value.diag.constraint_name == said[:63]


def test_every_condition_is_broken_once(dbt: Dbt):
    assert sorted(table for table, _ in BREAKS) == sorted(conditions(dbt))


def conditions(dbt: Dbt) -> dict[str, str]:
    """The condition of each table that has one."""
    found = {}
    for node in dbt.manifest.nodes.values():
        for constraint in getattr(node, "constraints", ()):
            assert (constraint.type, f"{node.schema}.{node.alias}" in found) == ("check", False)
            assert (node.config.materialized, node.config.contract.enforced) == ("incremental", True)
            found[f"{node.schema}.{node.alias}"] = constraint.expression
    return found


def test_a_condition_must_be_known(building: Company):
    """SQL lets a row pass of which it is unknown whether it meets a condition."""
    with pytest.raises(CheckViolation), building.transformer.cursor() as cursor:
        cursor.execute("update core.currency_rates set rate = null")


@pytest.fixture(scope="module")
def checks(building: Company) -> dict[str, str]:
    """The query of each data test, compiled once: how many rows it finds, of which dbt allows none."""
    tests = building.dbt.compiled("resource_type:test")
    assert {(test.config.severity.lower(), test.config.error_if) for test in tests} == {("error", "!= 0")}
    return {test.name: f"select {test.config.fail_calc} from ({test.compiled_code}) as found" for test in tests}


def failing(company: Company, checks: dict[str, str], table: str = "", break_it: str = "") -> list[str]:
    """Those of the checks that find something when a table is broken, which its unique indexes and conditions would not
    let happen: they are dropped, and all is taken back."""
    with company.transformer.cursor() as cursor:
        cursor.execute("begin")
        try:
            if table:
                cursor.execute(
                    f"select 'drop index ' || indexrelid::regclass from pg_index"
                    f" where indrelid = '{table}'::regclass and indisunique union all"
                    f" select format('alter table {table} drop constraint %I', conname) from pg_constraint"
                    f" where conrelid = '{table}'::regclass and contype = 'c'"
                )
                cursor.execute("; ".join([*(drop for (drop,) in cursor.fetchall()), break_it.format(table=table)]))
            found = []
            for name, query in checks.items():
                cursor.execute(query)
                found += [name] if cursor.fetchone()[0] else []
            return found
        finally:
            cursor.execute("rollback")


def test_good_data_pass_every_check(building: Company, checks: dict[str, str]):
    assert failing(building, checks) == []


@pytest.mark.parametrize(("table", "break_it", "check"), BAD, ids=lambda value: value if "." not in str(value) else "")
def test_a_check_fails_on_bad_data(building: Company, checks: dict[str, str], table: str, break_it: str, check: str):
    tried = {name: query for name, query in checks.items() if name.startswith(check)}
    assert failing(building, tried, table, break_it)


def test_every_check_is_here(dbt: Dbt):
    checks = {node.name for node in dbt.manifest.nodes.values() if node.resource_type == "test"}
    known = tuple(check for _, _, check in BAD)
    assert {check for check in checks if not check.startswith(known)} == set()


def test_a_full_build_looks_at_everything(company: Company):
    """Rows of days before, too; any other build looks at what it may have written."""
    company.select("+fact_sessions")
    for number in (1, 2):
        company.land(number, [event(f"e{number}", at(number))])
        company.build(number)
    company.land(2, [event("e3", at(2))])
    company.load(2)
    for rebuild in (False, True):
        holder = f"rebuild={rebuild}"
        build = service.claim(company.connection, holder, [day(2)], rebuild=rebuild)
        company.dbt.run(*company.selected)
        broken = f"update core.fact_sessions set events = events + 1 where session_date = '{day(1)}'"
        company.transformer.cursor().execute(broken)
        try:
            company.dbt.test("--select", "fact_sessions,test_name:sessions_hold_every_event")
            assert not rebuild
        except DbtError as error:
            assert rebuild and "sessions_hold_every_event" in str(error)
        service.release(company.connection, build)

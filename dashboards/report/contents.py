"""What the report shows: sections, and in each the charts with their SQL. Everything is read from `reporting`."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd
import plotly.graph_objects as go

from dashboards.report import figures


@dataclass(frozen=True)
class Chart:
    """One chart. `view` is where its numbers are defined; `draw` gets the rows of `sql`."""

    title: str
    view: str
    sql: str
    draw: Callable[[pd.DataFrame], go.Figure]
    wide: bool = False


@dataclass(frozen=True)
class Section:
    title: str
    charts: tuple[Chart, ...]


@dataclass(frozen=True)
class Tile:
    """A number of the newest date; `sql` gives (date, value) in order of dates, and the line beside it shows them."""

    title: str
    view: str
    sql: str
    percent: bool = False


DAYS = "activity_date > (select max(activity_date) - 90 from reporting.engagement_daily)"


def _daily(column: str) -> str:
    return f"select activity_date, {column} from reporting.engagement_daily where {DAYS} order by activity_date"


TILES = (
    Tile("Active today (DAU)", "engagement_daily", _daily("dau")),
    Tile("Active in 7 days (WAU)", "engagement_daily", _daily("wau")),
    Tile("Active in 30 days (MAU)", "engagement_daily", _daily("mau")),
    Tile("Stickiness (DAU/MAU)", "engagement_daily", _daily("stickiness"), percent=True),
    Tile("Learners today", "engagement_daily", _daily("daily_active_learners")),
    Tile("Sessions today", "engagement_daily", _daily("sessions")),
)


def _lifecycle(rows: pd.DataFrame) -> go.Figure:
    rows = rows.assign(gone=-rows.dormant_people)
    names = {"new_people": "new", "returning_people": "returning", "resurrected_people": "resurrected"}
    return figures.bars(rows, "period_start", {**names, "gone": "dormant"}, stacked=True)


def _funnel(funnel: str) -> str:
    return f"""
        select step, step_name, people, conversion_from_first
        from reporting.funnels
        where funnel = '{funnel}' and period = 'month' and breakdown = 'all'
            and period_start = (
                select max(period_start) from reporting.funnels
                where funnel = '{funnel}' and period = 'month' and is_complete
            )
        order by step
    """


def _steps(rows: pd.DataFrame) -> go.Figure:
    return figures.steps(rows, "step_name", "people", "conversion_from_first")


def _mrr_bridge(rows: pd.DataFrame) -> go.Figure:
    (month,) = rows.itertuples()
    names = ["at the start", "new", "reactivation", "expansion", "contraction", "churn", "at the end"]
    moves = [month.new_mrr, month.reactivation_mrr, month.expansion_mrr]
    return figures.bridge(
        names, [month.mrr_before, *moves, -abs(month.contraction_mrr), -abs(month.churned_mrr), month.mrr]
    )


def _mrr_moves(rows: pd.DataFrame) -> go.Figure:
    rows = rows.assign(contraction=-rows.contraction_mrr.abs(), churn=-rows.churned_mrr.abs())
    names = {"new_mrr": "new", "reactivation_mrr": "reactivation", "expansion_mrr": "expansion"}
    figure = figures.bars(rows, "month_start", {**names, "contraction": "contraction", "churn": "churn"}, stacked=True)
    figure.add_scatter(
        x=rows.month_start, y=rows.mrr, name="MRR", mode="lines+markers", line={"color": figures.INK, "width": 2}
    )
    return figure


SECTIONS = (
    Section(
        "Engagement",
        (
            Chart(
                "How many people are active?",
                "engagement_daily",
                _daily("dau, wau, mau"),
                lambda rows: figures.lines(rows, "activity_date", {"dau": "a day", "wau": "7 days", "mau": "30 days"}),
                wide=True,
            ),
            Chart(
                "On which weekdays?",
                "engagement_daily",
                f"""
                select day_name, avg(dau) as dau, avg(daily_active_learners) as learners
                from reporting.engagement_daily where {DAYS}
                group by day_name, extract(isodow from activity_date)
                order by extract(isodow from activity_date)
                """,
                lambda rows: figures.bars(rows, "day_name", {"dau": "active", "learners": "learners"}),
            ),
            Chart(
                "On how many of the last 28 days was a person active?",
                "active_days",
                """
                select active_days, share from reporting.active_days
                where within = 'trailing_28' and range_end = (
                    select max(range_end) from reporting.active_days where within = 'trailing_28'
                )
                order by active_days
                """,
                lambda rows: figures.bars(rows, "active_days", {"share": "share of people"}, percent=True),
            ),
            Chart(
                "Who are the people of a day: what were they when the week began?",
                "engagement_by_segment",
                f"""
                select activity_date, segment, dau from reporting.engagement_by_segment
                where {DAYS} order by activity_date
                """,
                lambda rows: figures.stacked_by(rows, "activity_date", "dau", "segment"),
                wide=True,
            ),
        ),
    ),
    Section(
        "Lifecycle and retention",
        (
            Chart(
                "Who is new, who stays, who comes back, who leaves?",
                "lifecycle",
                """
                select period_start, new_people, returning_people, resurrected_people, dormant_people
                from reporting.lifecycle where period = 'week' and is_complete
                order by period_start desc limit 26
                """,
                lambda rows: _lifecycle(rows.iloc[::-1]),
                wide=True,
            ),
            Chart(
                "Of those who came first in a week: how many were active so many weeks later?",
                "retention",
                """
                select cohort_start, period_number, retention from reporting.retention
                where period = 'week' and period_number between 0 and 12 and retention is not null
                    and cohort_start > (
                        select max(cohort_start) - 16 * 7 from reporting.retention where period = 'week'
                    )
                """,
                lambda rows: figures.triangle(rows, "cohort_start", "period_number", "retention"),
                wide=True,
            ),
            Chart(
                "How many come back after so many days?",
                "retention",
                """
                select
                    period_number,
                    sum(people) / sum(cohort_people) as on_the_day,
                    sum(people_on_or_after) / sum(cohort_people) as then_or_later
                from reporting.retention
                where period = 'day' and period_number between 1 and 30 and people is not null
                group by period_number order by period_number
                """,
                lambda rows: figures.lines(
                    rows,
                    "period_number",
                    {"on_the_day": "on that day", "then_or_later": "on it or later"},
                    percent=True,
                ),
            ),
            Chart(
                "Through which channels come those who are back after a week?",
                "retention_by_dimension",
                """
                select breakdown as channel, sum(people) / sum(cohort_people) as retention
                from reporting.retention_by_dimension
                where period = 'week' and period_number = 1 and dimension = 'channel' and people is not null
                group by breakdown order by retention desc, breakdown
                """,
                lambda rows: figures.ranking(rows, "channel", "retention", percent=True),
            ),
            Chart(
                "Which segments do people belong to?",
                "segments",
                "select week_start, segment, people from reporting.segments where is_complete order by week_start",
                lambda rows: figures.stacked_by(rows, "week_start", "people", "segment"),
            ),
        ),
    ),
    Section(
        "Funnels",
        (
            Chart("From a look at a product to the purchase, in the last month", "funnels", _funnel("shop"), _steps),
            Chart("From the sign-up to the first finished content", "funnels", _funnel("onboarding"), _steps),
            Chart("From the trial to the subscription", "funnels", _funnel("trial"), _steps),
            Chart(
                "What follows what in a session? The most frequent steps of 30 days",
                "paths",
                """
                select from_event, to_event, sum(transitions) as transitions from reporting.paths
                where session_date > (select max(session_date) - 30 from reporting.paths)
                group by from_event, to_event order by transitions desc, from_event, to_event limit 24
                """,
                lambda rows: figures.flows(rows, "from_event", "to_event", "transitions"),
                wide=True,
            ),
        ),
    ),
    Section(
        "Acquisition",
        (
            Chart(
                "Through which channels do sessions come?",
                "acquisition",
                """
                select period_start, channel, sessions from reporting.acquisition
                where period = 'week' and model = 'session' and slice = 'channel' and is_complete
                order by period_start
                """,
                lambda rows: figures.stacked_by(rows, "period_start", "sessions", "channel"),
            ),
            Chart(
                "Which channels bring sign-ups: the first one, and the last before?",
                "acquisition",
                """
                select
                    channel,
                    sum(sign_ups) filter (where model = 'first_touch') as first_touch,
                    sum(sign_ups) filter (where model = 'last_non_direct') as last_touch
                from reporting.acquisition
                where period = 'month' and slice = 'channel' and model <> 'session'
                group by channel having sum(sign_ups) > 0 order by first_touch desc nulls last, channel
                """,
                lambda rows: figures.bars(
                    rows, "channel", {"first_touch": "first touch", "last_touch": "last one that is not direct"}
                ),
            ),
        ),
    ),
    Section(
        "Sales",
        (
            Chart(
                "What was sold, week by week?",
                "sales",
                """
                select period_start, gross_amount, -refunded_amount as refunded, net_amount from reporting.sales
                where period = 'week' and slice = 'reporting' and is_complete order by period_start desc limit 26
                """,
                lambda rows: figures.bars(
                    rows.iloc[::-1], "period_start", {"gross_amount": "gross", "refunded": "refunds"}, stacked=True
                ),
            ),
            Chart(
                "Who buys?",
                "sales",
                """
                select period_start, new_buyers, repeat_buyers from reporting.sales
                where period = 'week' and slice = 'reporting' and is_complete order by period_start desc limit 26
                """,
                lambda rows: figures.bars(
                    rows.iloc[::-1],
                    "period_start",
                    {"new_buyers": "for the first time", "repeat_buyers": "again"},
                    stacked=True,
                ),
            ),
            Chart(
                "Which products sold best in the last month?",
                "product_popularity",
                """
                select coalesce(item_name, item) as product, units from reporting.product_popularity
                where dimension = 'product' and period = 'month' and units > 0 and period_start = (
                    select max(period_start) from reporting.product_popularity where period = 'month' and is_complete
                )
                order by units_rank, item limit 10
                """,
                lambda rows: figures.ranking(rows, "product", "units"),
                wide=True,
            ),
        ),
    ),
    Section(
        "Subscriptions",
        (
            Chart(
                "How did monthly recurring revenue move?",
                "mrr",
                """
                select * from reporting.mrr where slice = 'reporting' and is_complete order by month_start desc limit 18
                """,
                lambda rows: _mrr_moves(rows.iloc[::-1]),
            ),
            Chart(
                "What moved it in the last month?",
                "mrr",
                """
                select * from reporting.mrr where slice = 'reporting' and is_complete order by month_start desc limit 1
                """,
                _mrr_bridge,
            ),
            Chart(
                "How many are still subscribers so many months later?",
                "subscription_cohorts",
                """
                select cohort_month, months_since, survival from reporting.subscription_cohorts
                where is_complete and months_since <= 12
                """,
                lambda rows: figures.triangle(rows, "cohort_month", "months_since", "survival"),
                wide=True,
            ),
        ),
    ),
    Section(
        "Content",
        (
            Chart(
                "What was completed most in the last 7 days?",
                "top_content",
                """
                select coalesce(title, content_id) as title, completions from reporting.top_content
                where activity_date = (select max(activity_date) from reporting.top_content)
                order by completion_rank, content_id limit 10
                """,
                lambda rows: figures.ranking(rows, "title", "completions"),
            ),
            Chart(
                "How far do people get?",
                "content_drop_off",
                """
                select heard_percent, sum(dropped_off) as people from reporting.content_drop_off
                where kind = 'all' group by heard_percent order by heard_percent
                """,
                lambda rows: figures.bars(rows, "heard_percent", {"people": "people who stopped there"}),
            ),
            Chart(
                "What do the people of the last 28 days care for most?",
                "interests",
                """
                select thing, people_first from reporting.interests
                where kind = 'topic' order by people_first desc, thing limit 10
                """,
                lambda rows: figures.ranking(rows, "thing", "people_first"),
            ),
            Chart(
                "At which time of day do they come?",
                "interests",
                """
                select thing, share_of_uses from reporting.interests where kind = 'time_of_day'
                order by array_position(array['morning', 'afternoon', 'evening', 'night'], thing)
                """,
                lambda rows: figures.bars(rows, "thing", {"share_of_uses": "share of sessions"}, percent=True),
            ),
        ),
    ),
    Section(
        "Features",
        (
            Chart(
                "Which features do active people use, week by week?",
                "features",
                """
                select period_start, feature, share from reporting.features
                where period = 'week' and is_complete order by period_start
                """,
                lambda rows: figures.lines_by(rows, "period_start", "share", "feature", percent=True),
            ),
            Chart(
                "How many of the features did a person use in the last month?",
                "feature_breadth",
                """
                select features_used, share from reporting.feature_breadth
                where period = 'month' and period_start = (
                    select max(period_start) from reporting.feature_breadth where period = 'month' and is_complete
                )
                order by features_used
                """,
                lambda rows: figures.bars(rows, "features_used", {"share": "share of people"}, percent=True),
            ),
            Chart(
                "Which share of all people has ever used a feature?",
                "feature_adoption",
                "select activity_date, feature, adoption from reporting.feature_adoption order by activity_date",
                lambda rows: figures.lines_by(rows, "activity_date", "adoption", "feature", percent=True, dots=False),
            ),
            Chart(
                "How many days does it take until people use it?",
                "feature_adoption_curve",
                """
                select days_since_first_active, feature, adoption from reporting.feature_adoption_curve
                where days_since_first_active <= 60 order by days_since_first_active
                """,
                lambda rows: figures.lines_by(
                    rows, "days_since_first_active", "adoption", "feature", percent=True, dots=False
                ),
            ),
        ),
    ),
    Section(
        "Experiments",
        (
            Chart(
                "What do experiments change? Relative lift with 95 % intervals",
                "experiments",
                """
                select
                    experiment || ', ' || metric || ', ' || treatment as label,
                    estimate, lower_bound, upper_bound, sequential_lower_bound, sequential_upper_bound
                from reporting.experiments
                where difference = 'relative' and exposures = 'window_ended' and not is_adjusted
                    and estimate is not null and upper_bound - lower_bound < 20
                order by experiment, metric
                """,
                lambda rows: figures.intervals(
                    rows,
                    "label",
                    "estimate",
                    ("lower_bound", "upper_bound"),
                    ("sequential_lower_bound", "sequential_upper_bound"),
                ),
                wide=True,
            ),
        ),
    ),
    Section(
        "Churn",
        (
            Chart(
                "Do those leave of whom the score says it?",
                "churn_calibration",
                """
                select
                    sum(mean_score * people_weeks) / sum(people_weeks) as predicted,
                    sum(churned_people_weeks)::numeric / sum(people_weeks) as happened
                from reporting.churn_calibration group by score_from order by score_from
                """,
                lambda rows: figures.calibration(rows, "predicted", "happened"),
            ),
            Chart(
                "How well does the score tell them apart? Area under the curve; 0.5 is chance",
                "churn_auc",
                "select month_start, auc from reporting.churn_auc order by month_start",
                lambda rows: figures.lines(rows, "month_start", {"auc": "AUC"}),
            ),
        ),
    ),
)

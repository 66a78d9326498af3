"""Experiments, from what each person did: variances of what each adds to a value, and SciPy's distributions."""

import datetime
from collections import defaultdict

import numpy as np
from scipy import stats

from tests.marts.landed import Landed
from tests.marts.outside import equals

LEARNED = {"content_progress", "content_complete"}
DAY = datetime.timedelta(days=1)
# experiment: days after, days before, and of each metric the kind, the tested side, and its one or two parts.
SHIPPED = {
    "paywall_copy": (
        28,
        0,
        {
            "trial": ("conversion", "two-sided", [({"trial_start"}, None)]),
            "subscription": ("conversion", "greater", [({"subscription_start"}, None)]),
            "subscriptions_per_trial": (
                "ratio",
                "two-sided",
                [({"subscription_start"}, None), ({"trial_start"}, None)],
            ),
        },
    ),
    "new_player": (
        14,
        14,
        {
            "seconds": ("mean", "two-sided", [(LEARNED, "duration_seconds")]),
            "completions_per_start": ("ratio", "two-sided", [({"content_complete"}, None), ({"content_start"}, None)]),
            "completed": ("conversion", "two-sided", [({"content_complete"}, None)]),
        },
    ),
}


@equals(
    "select experiment, metric, treatment, exposures, difference, is_adjusted, control_people, treatment_people,"
    " people_in_two_arms, round(sample_ratio_p_value, 8), round(control_value, 6), round(treatment_value, 6),"
    " round(estimate, 6), round(standard_error, 6), round(lower_bound, 6), round(upper_bound, 6), round(p_value, 8)"
    " from reporting.experiments"
)
def experiments(landed: Landed) -> list[tuple]:
    events = defaultdict(list)
    for event in landed.people.itertuples():
        events[event.person].append(event)
    rows = []
    for name, (after, before, metrics) in SHIPPED.items():
        people, two_arms = _assigned(events, name)
        for exposures in ("all", "window_ended"):
            within = [each for each in people if exposures == "all" or each[2] + after * DAY <= landed.dates[-1]]
            out = sum(exposures == "all" or date + after * DAY <= landed.dates[-1] for date in two_arms)
            for metric, (kind, side, parts) in metrics.items():
                arms = {
                    variant: np.array(
                        [
                            _measured(events[person], exposed, after, before, kind, parts)
                            for person, seen, _, exposed in within
                            if seen == variant
                        ]
                    ).T
                    for variant in "AB"
                }
                counts = [arms[variant].shape[1] for variant in "AB"]
                mismatch = round(stats.chisquare(counts).pvalue, 8)
                for difference in ("relative", "absolute"):
                    for adjusted in (False, True) if before else (False,):
                        numbers = _compared(arms["A"], arms["B"], kind, side, difference == "relative", adjusted)
                        rows.append(
                            (name, metric, "B", exposures, difference, adjusted, *counts, out, mismatch, *numbers)
                        )
    return rows


def _assigned(events: dict, name: str) -> tuple[list[tuple], list]:
    """Those who saw one variant: (person, variant, date, moment); and the dates of those who saw both."""
    one, both = [], []
    for person, theirs in events.items():
        seen = [
            (event.at, event.properties["variant"], event.date)
            for event in theirs
            if event.event_type == "experiment_view" and event.properties.get("experiment") == name
        ]
        if seen:
            moment, variant, date = min(seen)
            if len({variant for _, variant, _ in seen}) > 1:
                both.append(date)
            else:
                one.append((person, variant, date, moment))
    return one, both


def _measured(theirs, exposed, after, before, kind, parts) -> list[float]:
    """The parts of a metric after exposure, then before."""
    numbers = []
    for since, until in ((exposed, exposed + after * DAY), (exposed - before * DAY, None)):
        for types, field in parts:
            total = sum(
                float(getattr(event, field) or 0) if field else 1
                for event in theirs
                if event.event_type in types
                and since <= event.at
                and (event.at <= until if until else event.at < exposed)
            )
            numbers.append(min(total, 1) if kind == "conversion" else total)
    return numbers


def _compared(control, treatment, kind, side, relative, adjusted) -> tuple:
    """Values, estimate, standard error, interval and p-value, rounded."""
    size = 2 if kind == "ratio" else 1
    free = 0 if kind == "conversion" else 1

    def value(arm, start):
        return arm[start].mean() / (arm[start + 1].mean() if kind == "ratio" else 1)

    def added(arm, start):
        """What each person adds to the value of the arm."""
        if kind != "ratio":
            return arm[start]
        return (arm[start] - value(arm, start) * arm[start + 1]) / arm[start + 1].mean()

    values = [value(arm, 0) for arm in (control, treatment)]
    post = [added(arm, 0) for arm in (control, treatment)]
    theta, shift = 0.0, 0.0
    pre = [np.zeros(len(each)) for each in post]
    if adjusted:
        pre = [added(arm, size) for arm in (control, treatment)]
        if kind == "ratio":
            theta = sum(np.cov(y, x)[0, 1] for y, x in zip(post, pre, strict=True)) / sum(x.var(ddof=1) for x in pre)
        else:
            theta = np.cov(np.concatenate(post), np.concatenate(pre))[0, 1] / np.concatenate(pre).var(ddof=1)
        shift = theta * (value(treatment, size) - value(control, size))
    estimate = values[1] - values[0] - shift
    shares = [(y - theta * x).var(ddof=free) / len(y) for y, x in zip(post, pre, strict=True)]
    degrees = sum(shares) ** 2 / sum(share**2 / (len(y) - 1) for share, y in zip(shares, post, strict=True))
    variance = sum(shares)
    if relative:
        reach = values[0] + estimate if kind == "ratio" else values[1]
        first = (reach / values[0] * post[0] - theta * pre[0]).var(ddof=free) / len(post[0])
        variance, estimate = (first + shares[1]) / values[0] ** 2, estimate / values[0]
    error = variance**0.5
    if side == "greater":
        low, high = estimate - stats.t.ppf(0.95, degrees) * error, None
        chance = stats.t.sf(estimate / error, degrees)
    else:
        low, high = (estimate + sign * stats.t.ppf(0.975, degrees) * error for sign in (-1, 1))
        chance = 2 * stats.t.sf(abs(estimate) / error, degrees)
    rounded = [None if each is None else round(float(each), 6) for each in (*values, estimate, error, low, high)]
    return (*rounded, round(float(chance), 8))

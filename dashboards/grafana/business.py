"""What people of the company look at: one dashboard for each audience. Every number is a column of `reporting`."""

from dashboards.grafana.layout import (
    AMBER,
    BARS,
    GREEN,
    LINES,
    RED,
    Dashboard,
    Row,
    Variable,
    bars,
    curve,
    series,
    stat,
    table,
)

PERIOD = Variable("period", "By", ("week", "day", "month"))
COUNTRY = Variable("country", "Country", all_too=True)
PLATFORM = Variable("platform", "Platform", all_too=True)
PLAN = Variable("plan", "Plan", all_too=True)
CHANNEL = Variable("channel", "Channel", all_too=True, several=True)
SOURCE = Variable("source", "Source", all_too=True, several=True)
CURRENCY = Variable("currency", "Currency", hidden=True)

SO_FAR = "The newest period has the numbers so far."
NEWEST = "The newest period that is over, up to the end of the range."
SHARES = ((RED, None), (AMBER, 0.1), (GREEN, 0.3))
ONE_COLOR = (("blue", None),)

OVERVIEW = Dashboard(
    uid="engagement-overview",
    title="Engagement: overview",
    description="For management: how many people are active, what they do, what they pay.",
    time_from="now-90d",
    variables=(COUNTRY, PLATFORM, PLAN, Variable("dimension", "Compare", ("country", "platform", "plan", "channel",
                                                                          "surface", "region")), CURRENCY),
    rows=(
        Row("People", 9, (
            stat("overview/people", "Newest day", 24, format="time_series", units={"stickiness": "percentunit"},
                 description="Of country, platform and plan, two can be chosen at a time.", see="engagement-lifecycle"),
        )),
        Row("How they develop", 9, (
            series("overview/people", "Active people", 12, LINES, see="engagement-lifecycle",
                   columns=("active on the day", "active in 7 days", "active in 30 days")),
            series("overview/people", "Stickiness", 6, LINES, columns=("stickiness",), unit="percentunit",
                   description="Of those active in 30 days, the share that was active on the day."),
            series("overview/people", "Learners, sessions, completed content", 6, LINES,
                   columns=("learners", "sessions", "completed content"), see="engagement-content"),
        )),
        Row("Compared by $dimension", 10, (
            series("overview/people_by_slice", "Active people on the day, by $dimension", 12, LINES),
            table("overview/newest_by_slice", "Newest day of the range, by $dimension", 12, bars=("30 days",),
                  units={"stickiness": "percentunit", "engaged time per person": "s"},
                  description="Somebody who is in two values counts in both: rows do not add up."),
        )),
        Row("Days", 9, (
            bars("overview/weekdays", "A day of the week, on average", 12, decimals=0),
            series("overview/dach", "Germany, Austria, Switzerland; learners", 12, LINES),
        )),
        Row("Money, and what is liked", 9, (
            series("overview/net_sales", "Net sales by week, $currency", 8, BARS, see="engagement-sales",
                   description=SO_FAR),
            series("overview/recurring_revenue", "Monthly recurring revenue, $currency", 8, BARS,
                   see="engagement-subscriptions", description=SO_FAR),
            table("overview/top_content", "Completed most in the 7 days that end on the newest day", 8,
                  see="engagement-content", bars=("completions",)),
        )),
    ),
)  # fmt: skip

LIFECYCLE = Dashboard(
    uid="engagement-lifecycle",
    title="Engagement: lifecycle and retention",
    description="For product: who comes, who stays, who comes back, who leaves.",
    time_from="now-90d",
    variables=(PERIOD, Variable("breakdown", "People by", ("channel", "country", "plan", "platform", "all"))),
    rows=(
        Row("Lifecycle", 9, (
            series("lifecycle/people", "New, returning, resurrected; dormant below zero", 16, BARS, description=SO_FAR),
            series("lifecycle/balance", "Came for each who left", 8, LINES, decimals=2,
                   description="New and resurrected people over dormant ones: above 1 the company grows."),
        )),
        Row("Retention of those who came first in the range", 9, (
            curve("lifecycle/retention_curve", "Still there after so many periods ($period)", 10, "periods since",
                  unit="percentunit", units={"periods since": "none"},
                  description="All cohorts of the range together, each as far as it is known."),
            table("lifecycle/cohorts", "Cohorts, by the $period of first activity", 14, unit="percentunit",
                  units={"people": "short"}, colored=tuple(str(number) for number in range(1, 13)), steps=SHARES,
                  description="Column n: the share that was active n periods later."),
        )),
        Row("Retention of those who came first in the range, by $breakdown", 9, (
            table("lifecycle/by_dimension", "In the $period after, the one after that, or ever", 12, unit="percentunit",
                  units={"people": "short"}, colored=("the next", "the one after", "ever again"), steps=SHARES),
            table("lifecycle/brackets", "In brackets of days", 12, unit="percentunit", units={"people": "short"},
                  colored=("day 1", "days 2 to 7", "days 8 to 14", "days 15 to 30"), steps=SHARES,
                  description="Somebody counts in each bracket in which the person came back."),
        )),
        Row("After signing up", 9, (
            table("lifecycle/after_sign_up", "Back on day 1, 7 and 30, by $breakdown", 12, unit="percentunit",
                  units={"sign-ups": "short"}, colored=("day 1", "day 7", "day 30"), steps=SHARES),
            bars("lifecycle/active_days", "Active on so many of 28 days", 12, columns=("active days", "share"),
                 unit="percentunit", description="The 28 days that end on the newest day of the range."),
        )),
        Row("Activity by segment", 9, (
            series("lifecycle/active_by_segment", "Active on the day, by segment of the week before", 12, BARS,
                   see="engagement-churn"),
            table("lifecycle/newest_by_segment", "Newest day of the range", 12, bars=("30 days",),
                  units={"stickiness": "percentunit", "share of the day": "percentunit",
                         "share of 30 days": "percentunit"},
                  description="Each person has one segment: rows add up."),
        )),
        Row("Segments", 9, (
            series("lifecycle/segments", "People by segment, by week", 14, BARS, see="engagement-churn",
                   description=SO_FAR),
            table("lifecycle/segment_moves", "Who moved where", 10, bars=("people",),
                  description="The newest week that is over, up to the end of the range."),
        )),
    ),
)  # fmt: skip

FUNNELS = Dashboard(
    uid="engagement-funnels",
    title="Engagement: funnels, paths and features",
    description="For product: how far people get, what they do next, what they use.",
    time_from="now-90d",
    variables=(
        Variable("funnel", "Funnel"),
        PERIOD,
        Variable("breakdown", "Compare", ("country", "platform", "acquisition_channel")),
        Variable("feature", "Feature"),
    ),
    rows=(
        Row("Funnel $funnel", 10, (
            bars("funnels/times", "People who got so far", 8, columns=("step", "people"), description=NEWEST),
            table("funnels/times", "Step by step", 16, bars=("of the first",),
                  units={"of the first": "percentunit", "of the step before": "percentunit", "a quarter within": "s",
                         "half within": "s", "90 % within": "s"}, description=NEWEST),
        )),
        Row("How it develops", 9, (
            series("funnels/conversion", "Share of the first step, by $period", 12, LINES, unit="percentunit",
                   description=SO_FAR),
            table("funnels/by_value", "By $breakdown", 12, bars=("of the first",),
                  units={"of the first": "percentunit", "of the step before": "percentunit"}, description=NEWEST),
        )),
        Row("Paths", 11, (
            table("funnels/paths", "What follows what within a session", 12, bars=("transitions",)),
            bars("funnels/entries", "Sessions begin with", 6, across=True),
            bars("funnels/exits", "Sessions end with", 6, across=True),
        )),
        Row("Features", 9, (
            table("funnels/features", "What people use, by $period", 12, bars=("share",),
                  units={"share": "percentunit"},
                  description=f"People who use several features count in each. {NEWEST}"),
            bars("funnels/breadth", "People by the number of features they use", 12, description=NEWEST),
        )),
        Row("How features spread", 9, (
            series("funnels/adoption", "Share of all people so far who have used it", 8, LINES, unit="percentunit"),
            curve("funnels/adoption_curve", "How long people take until they use $feature", 8, "days since the first",
                  columns=("days since the first", "have used it"), unit="percentunit",
                  units={"days since the first": "none"},
                  description="Of those who came first so many days ago or more, the share that had used it by then."
                  " All dates, whatever the range."),
            series("funnels/use_by_day", "What happens in sessions, times a day", 8, LINES,
                   description="Each step of a session counts; the same event twice in a row is two."),
        )),
    ),
)  # fmt: skip

ACQUISITION = Dashboard(
    uid="engagement-acquisition",
    title="Engagement: acquisition and channels",
    description="For marketing: where sessions, sign-ups, purchases and revenue come from.",
    time_from="now-90d",
    variables=(PERIOD, Variable("model", "Attributed to", ("last_non_direct", "first_touch")), CHANNEL, SOURCE),
    rows=(
        Row("Sessions", 9, (
            series("acquisition/sessions", "Sessions by channel", 12, BARS, description=SO_FAR),
            series("acquisition/people", "People by channel", 12, LINES,
                   description=f"Somebody who came through two channels counts in both. {SO_FAR}"),
        )),
        Row("Conversions", 9, (
            series("acquisition/sign_ups", "Sign-ups by channel, $model", 8, BARS, description=SO_FAR),
            series("acquisition/purchases", "Purchases by channel, $model", 8, BARS, description=SO_FAR),
            series("acquisition/revenue", "Revenue a day, before refunds, $model", 8, BARS, see="engagement-sales"),
        )),
        Row("Models beside each other, and campaigns", 11, (
            table("acquisition/models", "First touch, and the last that is not direct", 10,
                  bars=("sign-ups, first touch",)),
            table("acquisition/campaigns", "Campaigns", 14, bars=("sessions",)),
        )),
    ),
)  # fmt: skip

SALES = Dashboard(
    uid="engagement-sales",
    title="Engagement: sales",
    description="For the shop: what was sold, to whom, and what goes together.",
    time_from="now-90d",
    variables=(PERIOD, CURRENCY),
    rows=(
        Row("Newest $period", 5, (
            stat("sales/sales", "Sales in $currency", 24, format="time_series", description=SO_FAR,
                 units={"orders": "none", "new buyers": "none", "repeat buyers": "none"}),
        )),
        Row("By $period", 9, (
            series("sales/sales", "Gross and refunds, $currency", 8, BARS, columns=("gross", "refunds"),
                   description=f"Refunds count on their own day. {SO_FAR}"),
            series("sales/sales", "Orders, and what one is worth on average", 8, LINES,
                   columns=("orders", "average order"), description=SO_FAR),
            series("sales/sales", "Buyers", 8, BARS, columns=("new buyers", "repeat buyers"), description=SO_FAR),
        )),
        Row("Products", 11, (
            table("sales/products", "Sold best", 14, bars=("units",), description=NEWEST),
            bars("sales/categories", "Units by category, in the range", 10, across=True),
        )),
        Row("Together, and in other currencies", 9, (
            table("sales/bought_together", "Bought together", 14, units={"confidence": "percentunit", "lift": "none"},
                  bars=("confidence",), description="The orders of the newest 90 days, whatever the range."),
            table("sales/by_currency", "As it was paid, in the range", 10, colored=("amounts without a rate",),
                  steps=((GREEN, None), (AMBER, 1)),
                  description="Amounts without a rate are in no sum of the reporting currency."),
        )),
    ),
)  # fmt: skip

SUBSCRIPTIONS = Dashboard(
    uid="engagement-subscriptions",
    title="Engagement: subscriptions",
    description="For finance: recurring revenue, what moves it, and what subscribers are worth.",
    time_from="now-1y",
    variables=(CURRENCY,),
    rows=(
        Row("Newest month", 5, (
            stat("subscriptions/mrr", "Subscriptions, $currency", 24, format="time_series", description=SO_FAR,
                 units=dict.fromkeys(
                     ("churn", "net revenue retention", "gross revenue retention", "renewals"), "percentunit")),
        )),
        Row("By month", 9, (
            series("subscriptions/movements", "What moved monthly recurring revenue, $currency", 10, BARS,
                   description=SO_FAR),
            series("subscriptions/subscribers", "Subscribers who came and left", 7, BARS, description=SO_FAR),
            series("subscriptions/mrr", "Churn and renewals", 7, LINES, unit="percentunit",
                   columns=("churn", "renewals"), see="engagement-churn", description=SO_FAR),
        )),
        Row("Retention", 9, (
            series("subscriptions/mrr", "Revenue retention", 8, LINES, unit="percentunit", description=SO_FAR,
                   columns=("net revenue retention", "gross revenue retention")),
            table("subscriptions/survival", "Still subscribers so many months later", 16, unit="percentunit",
                  units={"subscribers": "short"}, colored=("1", "2", "3", "4", "5", "6", "9", "12"),
                  steps=((RED, None), (AMBER, 0.3), (GREEN, 0.6))),
        )),
        Row("Trials and worth", 9, (
            series("subscriptions/trials", "Trials", 8, LINES, columns=("trials", "converted"), description=SO_FAR,
                   see="engagement-funnels"),
            series("subscriptions/trials", "Trials that became subscriptions", 5, LINES, columns=("conversion",),
                   unit="percentunit", description=SO_FAR),
            table("subscriptions/lifetime_value", "Lifetime value by cohort, $currency", 11,
                  units={"monthly survival": "percentunit"}, bars=("per subscriber",)),
        )),
        Row("In the currencies that are paid", 9, (
            table("subscriptions/by_currency", "By currency", 24, colored=("without an amount",),
                  steps=((GREEN, None), (AMBER, 1))),
        )),
    ),
)  # fmt: skip

CONTENT = Dashboard(
    uid="engagement-content",
    title="Engagement: content and creators",
    description="For editors: what is viewed, finished and liked, and who makes it.",
    time_from="now-90d",
    variables=(
        PERIOD,
        Variable("kind", "By", ("content", "content_type", "format", "topic", "series", "creator")),
        Variable("country", "Country", query="listening_country", all_too=True, several=True),
        Variable("interest", "Interests by", ("topic", "format", "time_of_day")),
    ),
    rows=(
        Row("Viewers", 9, (
            series("content/viewers", "Viewers", 8, LINES, columns=("viewers", "heavy viewers")),
            series("content/viewers", "Views and starts", 8, LINES, columns=("views", "starts")),
            series("content/viewers", "A viewer's day", 8, LINES, decimals=1,
                   columns=("sessions per viewer", "minutes per viewer")),
        )),
        Row("What is liked, by $kind", 11, (
            table("content/ranking", "Top 50 of the newest $period", 14, units={"completed": "percentunit"},
                  bars=("people",), description=NEWEST),
            series("content/by_kind", "People, of the first eight of each $period", 10, LINES, description=SO_FAR),
        )),
        Row("What people care for", 9, (
            table("content/interests", "Interests by $interest", 14, bars=("people",),
                  units={"share of firsts": "percentunit", "share of uses": "percentunit"},
                  description="Of those who were active in the newest 28 days, whatever the range. Who cares for"
                  " several counts in each; who cares for one most counts first there."),
            bars("content/interests", "What people care for most", 10, columns=("interest", "first of all"),
                 across=True),
        )),
        Row("How far people get", 9, (
            table("content/progress", "Of those who started, by month", 10, unit="percentunit",
                  units={"starters": "short"}, colored=("a quarter", "half", "three quarters", "all"), steps=SHARES),
            bars("content/drop_off", "Where people stop", 7),
            series("content/listen_through", "Listened through, by country", 7, LINES, unit="percentunit"),
        )),
        Row("Creators", 11, (
            series("content/creators_active", "Creators with a release", 8, LINES, description=SO_FAR),
            table("content/creators", "Creators, over all dates", 16, units={"likes per view": "percentunit"},
                  bars=("views",), description="All dates, whatever the range."),
        )),
        Row("Content", 11, (
            table("content/pieces", "Pieces, over all dates", 24, units={"likes per view": "percentunit"},
                  bars=("views",), description="All dates, whatever the range."),
        )),
    ),
)  # fmt: skip

LIFTS = dict.fromkeys(("lift", "lift from", "lift to"), "percentunit")
SIGNIFICANT = ((GREEN, None), ("text", 0.05))

EXPERIMENTS = Dashboard(
    uid="engagement-experiments",
    title="Engagement: experiments",
    description="What experiments change, and whether they can be believed. All dates, whatever the range.",
    time_from="now-90d",
    variables=(
        Variable("experiment", "Experiment", all_too=True, several=True),
        Variable("exposures", "People", ("window_ended", "all")),
        Variable("adjusted", "Adjusted by what they did before", ("no", "yes")),
    ),
    rows=(
        Row("Can it be believed?", 8, (
            table("experiments/validity", "People", 24, units={"sample ratio, p": "none"}, colored=("sample ratio, p",),
                  steps=((RED, None), (GREEN, 0.01)),
                  description="Below 0.01 the variants have not the sizes that were planned: find out why before "
                  "anything else is read."),
        )),
        Row("What does it change?", 10, (
            table("experiments/lift", "Relative lift, when the experiment is looked at once", 24, colored=("p",),
                  steps=SIGNIFICANT, units={**LIFTS, "chance to win": "percentunit", "p": "none", "control": "none",
                                             "treated": "none"}),
        )),
        Row("Looked at again and again", 9, (
            table("experiments/any_time", "Relative lift, at any time", 12, colored=("p",), steps=SIGNIFICANT,
                  units={**LIFTS, "p": "none"}, description="These intervals hold however often one looks."),
            table("experiments/risk", "What a decision risks", 12, bars=("chance to win",),
                  units={"chance to win": "percentunit", "risk of keeping control": "percentunit",
                         "risk of the treatment": "percentunit"}),
        )),
    ),
)  # fmt: skip

CHURN = Dashboard(
    uid="engagement-churn",
    title="Engagement: churn",
    description="Who is about to leave, who left, and how well the one tells the other.",
    time_from="now-180d",
    rows=(
        Row("Who may leave", 9, (
            stat("churn/at_risk", "Newest week", 6, format="time_series", steps=ONE_COLOR,
                 units={"share of 0.5 and more": "percentunit", "mean score": "none"}),
            series("churn/bands", "People by churn score, by week", 10, BARS),
            series("churn/reasons", "What the score is made of, on average", 8, LINES, unit="percentunit",
                   description="Each is 0 where nothing speaks for leaving, and 100 % where all of it does."),
        )),
        Row("Who left, and was it known?", 9, (
            series("churn/rate", "Left in the 28 days after, by week", 8, LINES, unit="percentunit",
                   description="Known 28 days later.", see="engagement-lifecycle"),
            curve("churn/calibration", "Share that left, by churn score", 8, "score", unit="percentunit",
                  units={"score": "none"}, description="The score is good where the line rises."),
            series("churn/auc", "How well the score tells them apart, by month", 8, LINES, decimals=2, unit="none",
                   description="The area under the curve: 0.5 is chance, 1 is perfect."),
        )),
    ),
)  # fmt: skip

DASHBOARDS = (
    OVERVIEW, LIFECYCLE, FUNNELS, ACQUISITION, SALES, SUBSCRIPTIONS, CONTENT, EXPERIMENTS, CHURN
)  # fmt: skip

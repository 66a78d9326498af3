"""The functions of the schema `stats`: distributions against SciPy over a grid, and comparisons of two arms."""

import json
import math

import numpy as np
import psycopg2
import pytest
from scipy import stats

DEGREES = [1, 1.5, 2, 3.7, 5, 10, 30, 59, 60, 61, 100, 1234.5, 1e4, 1e5, 1e6, 1e7, 1e9]
TAILS = [*10.0 ** -np.arange(1, 31, 2), *np.linspace(0.01, 0.99, 50), 0.025, 0.975, 0.49999]


def grid(*axes):
    return [axis.ravel() for axis in np.meshgrid(*axes)]


GRIDS = {
    "normal_sf(x)": (stats.norm.sf, grid(np.linspace(-30, 36, 700))),
    "normal_cdf(x)": (stats.norm.cdf, grid(np.linspace(-36, 30, 700))),
    "normal_quantile(x)": (
        stats.norm.ppf,
        grid([*10.0 ** -np.arange(1, 290, 3), *np.linspace(0.001, 0.499, 300), *(1 - 10.0 ** -np.arange(1, 12))]),
    ),
    "student_t_sf(x, y)": (
        stats.t.sf,
        grid([0, 1e-3, *np.linspace(-8, 8, 81), 20, 30, 37], DEGREES),
    ),
    "student_t_cdf(x, y)": (stats.t.cdf, grid(np.linspace(-8, 8, 81), DEGREES)),
    "student_t_quantile(x, y)": (stats.t.ppf, grid(TAILS, DEGREES)),
    "chi_square_sf(x, y)": (
        stats.chi2.sf,
        grid([*10.0 ** np.arange(-8, 4), *np.linspace(0.1, 200, 150)], [1, 2, 3, 5, 10, 50, 99, 300]),
    ),
}


@pytest.fixture(scope="module")
def reader(warehouse):
    """The role that reads views may call what is in them."""
    connection = warehouse.connect("reader")
    connection.autocommit = True
    with connection.cursor() as cursor:
        yield cursor
    connection.close()


@pytest.mark.parametrize("call", GRIDS)
def test_distributions_are_those_of_scipy(reader, call):
    """To 1e-9 of their value, in tails as small as 1e-280, too."""
    expected, axes = GRIDS[call]
    lists = [axis.tolist() for axis in (*axes, axes[0])[:2]]
    reader.execute(f"select stats.{call} from unnest(%s::float8[], %s::float8[]) as grid (x, y)", lists)
    np.testing.assert_allclose([value for (value,) in reader.fetchall()], expected(*axes), rtol=1e-9, atol=0)


def test_the_ends_of_distributions(reader):
    for call, expected in {
        "normal_sf('infinity')": 0,
        "normal_sf('-infinity')": 1,
        "normal_quantile(0)": -math.inf,
        "normal_quantile(1)": math.inf,
        "student_t_quantile(0.5, 7)": 0,
        "student_t_quantile(1, 3)": math.inf,
        "student_t_sf('infinity', 1e8)": 0,
        "chi_square_sf(0, 3)": 1,
        "chi_square_sf('infinity', 3)": 0,
        "sample_ratio_p_value('{0, 0}', '{1, 1}')": 1,
        "sample_ratio_p_value('{10, 10, 7}', '{1, 1, 0}')": 1,
    }.items():
        reader.execute(f"select stats.{call}")
        assert reader.fetchone() == (expected,), call


def compare(cursor, kind, control, treatment, **options):
    chosen = "".join(f", {name} => %({name})s" for name in options)
    cursor.execute(
        f"select * from stats.compare(%(kind)s, %(control)s, %(treatment)s{chosen})",
        {"kind": kind, "control": json.dumps(control), "treatment": json.dumps(treatment), **options},
    )
    return dict(zip([column.name for column in cursor.description], cursor.fetchone(), strict=True))


def sums(numerator, **others):
    """The sums of an arm from what each person did, such as `sums([1, 0, 2], denominator=[1, 1, 4])`."""
    columns = {name: np.array(each, float) for name, each in {"numerator": numerator, **others}.items()}
    order = ["numerator", "denominator", "pre_numerator", "pre_denominator"]
    names = [name for name in order if name in columns]
    found = {"people": len(numerator)}
    for place, name in enumerate(names):
        found[f"{name}_sum"] = columns[name].sum()
        found[f"{name}_squares"] = (columns[name] ** 2).sum()
        for other in names[place + 1 :]:
            found[f"{name}_{other}"] = (columns[name] * columns[other]).sum()
    return found


@pytest.fixture
def people():
    """Two arms of people: what they did before, and after, and how often they could have done it."""
    dice = np.random.default_rng(7)

    def arm(count, lift):
        before = dice.gamma(2, 3, count)
        chances = dice.poisson(4, count) + 1
        return {"numerator": before * 0.8 + dice.normal(5 + lift, 2, count), "denominator": chances,
                "pre_numerator": before, "pre_denominator": dice.poisson(4, count) + 1}  # fmt: skip

    return arm(400, 0), arm(500, 0.5)


@pytest.mark.parametrize("alternative", ["two_sided", "greater", "less"])
def test_a_mean_is_welchs_test(reader, people, alternative):
    control, treatment = (arm["numerator"] for arm in people)
    found = compare(reader, "mean", sums(control), sums(treatment), difference="absolute", alternative=alternative)
    scipys = stats.ttest_ind(treatment, control, equal_var=False, alternative=alternative.replace("_", "-"))
    interval = scipys.confidence_interval(0.95)
    assert found["p_value"] == pytest.approx(scipys.pvalue, rel=1e-9)
    assert found["degrees_of_freedom"] == pytest.approx(scipys.df, rel=1e-9)
    assert (found["lower_bound"], found["upper_bound"]) == pytest.approx((interval.low, interval.high), rel=1e-9)


def test_cuped_takes_off_what_was_so_before(reader, people):
    """The adjusted difference is that of the residuals of one regression upon the time before, and is more certain."""
    control, treatment = people
    before, after = (np.concatenate([arm[name] for arm in people]) for name in ("pre_numerator", "numerator"))
    theta = np.cov(before, after)[0, 1] / np.var(before, ddof=1)
    residuals = [arm["numerator"] - theta * arm["pre_numerator"] for arm in people]
    scipys = stats.ttest_ind(residuals[1], residuals[0], equal_var=False)
    arms = [sums(arm["numerator"], pre_numerator=arm["pre_numerator"]) for arm in people]
    found = compare(reader, "mean", *arms, difference="absolute")
    assert found["theta"] == pytest.approx(theta, rel=1e-9)
    assert found["p_value"] == pytest.approx(scipys.pvalue, rel=1e-7)
    plain = compare(reader, "mean", *[sums(arm["numerator"]) for arm in people], difference="absolute")
    assert found["standard_error"] < 0.6 * plain["standard_error"]


@pytest.mark.parametrize("difference", ["relative", "absolute"])
@pytest.mark.parametrize("names", [["numerator", "denominator"], None], ids=["plain", "cuped"])
def test_a_ratio_by_the_delta_method(reader, people, difference, names):
    """The gradient is taken numerically here."""
    names = names or ["numerator", "denominator", "pre_numerator", "pre_denominator"]
    found = compare(reader, "ratio", *[sums(**{name: arm[name] for name in names}) for arm in people],
                    difference=difference)  # fmt: skip
    middles = [np.array([arm[name].mean() for name in names]) for arm in people]
    spreads = [np.cov([arm[name] for name in names]) / len(arm["numerator"]) for arm in people]

    def value(middle):
        return middle[0] / middle[1] - (found["theta"] * middle[2] / middle[3] if len(names) > 2 else 0)

    def lift(both):
        control, treatment = both[: len(names)], both[len(names) :]
        return (value(treatment) - value(control)) / (control[0] / control[1] if difference == "relative" else 1)

    both, slopes = np.concatenate(middles), []
    for place in range(len(both)):
        step = np.zeros(len(both))
        step[place] = 1e-6 * both[place]
        slopes.append((lift(both + step) - lift(both - step)) / (2 * step[place]))
    variance = sum(part @ spread @ part for part, spread in zip(np.split(np.array(slopes), 2), spreads, strict=True))
    assert found["estimate"] == pytest.approx(lift(both), rel=1e-9)
    assert found["standard_error"] == pytest.approx(math.sqrt(variance), rel=1e-6)
    assert (found["theta"] != 0) == (len(names) > 2)


def test_a_ratio_without_a_denominator_before_exposure_is_not_adjusted(reader, people):
    control, treatment = ({name: list(each) for name, each in arm.items()} for arm in people)
    treatment["pre_denominator"] = [0] * len(treatment["numerator"])
    found = compare(reader, "ratio", sums(**control), sums(**treatment))
    names = ["numerator", "denominator"]
    plain = compare(reader, "ratio", *[sums(**{name: arm[name] for name in names}) for arm in (control, treatment)])
    assert found == plain and found["theta"] == 0


def test_a_mismatch_of_the_sample_ratio(reader):
    reader.execute("select stats.sample_ratio_p_value('{5100, 4900, 0}', '{0.5, 0.5, 0}')")
    assert reader.fetchone()[0] == pytest.approx(stats.chisquare([5100, 4900]).pvalue, rel=1e-9)


ONES = {"people": 10, "numerator_sum": 10, "numerator_squares": 10}
SOME = {"people": 10, "numerator_sum": 5, "numerator_squares": 5}


@pytest.mark.parametrize(
    ("control", "treatment", "problem"),
    [
        ({"people": 1, "numerator_sum": 1, "numerator_squares": 1}, SOME, "fewer than two people in an arm"),
        ({}, SOME, "fewer than two people in an arm"),
        (SOME, ONES, "no variance in an arm"),
        ({**SOME, "denominator_sum": 0}, SOME, "nothing to divide by in an arm"),
        ({"people": 10, "numerator_sum": 0, "numerator_squares": 4}, SOME, "the control is 0"),
    ],
)
def test_what_cannot_be_compared_says_why(reader, control, treatment, problem):
    found = compare(reader, "ratio" if "denominator_sum" in control else "mean", control, treatment)
    assert found["problem"] == problem
    assert {found[name] for name in ("estimate", "standard_error", "p_value", "lower_bound", "chance_to_win")} == {None}


@pytest.mark.parametrize("wrong", [{"difference": "both"}, {"alternative": "two"}, {"alpha": 0.5}])
def test_a_wrong_option_is_named(reader, wrong):
    with pytest.raises(psycopg2.errors.RaiseException, match=f"{next(iter(wrong))} is"):
        compare(reader, "mean", SOME, SOME, **wrong)

"""Segments and churn when days arrive out of order, and when somebody stops coming."""

from tests.dbt.helpers import Company, at, day, event

MODELS = ("+segments", "+segment_moves", "+churn_auc")


def test_who_stops_coming_is_at_risk_then_dormant_and_is_known_to_have_left(company: Company):
    """Weeks begin on day 1, 8, … u_1 comes on 12 days of two weeks, and again on day 50; u_2 comes once a week."""
    visits = {number: ["u_1"] for number in (*range(1, 13), 50)}
    for number in range(1, 78, 7):
        visits[number] = [*visits.get(number, []), "u_2"]
    for number, users in visits.items():
        company.land(number, [event(f"e{number}{user}", at(number), user) for user in users])
    company.build(*[number for number in visits if number % 2])
    company.build(*[number for number in visits if number % 2 == 0])
    moves = {
        ((week - day(1)).days // 7, before, now): people
        for week, before, now, people in company.query(
            "select week_start, segment_before, segment, people from reporting.segment_moves"
        )
    }
    first = {key: people for key, people in moves.items() if key[0] < 9}
    assert first == {
        **{(0, "new", "casual"): 2},
        **{(1, "casual", "highly_engaged"): 1, (1, "casual", "casual"): 1},
        **{(2, "highly_engaged", "highly_engaged"): 1, (2, "casual", "casual"): 1},
        **{(3, "highly_engaged", "at_risk"): 1, (3, "casual", "casual"): 1},
        **{(4, "at_risk", "at_risk"): 1, (4, "casual", "casual"): 1},
        **{(5, "at_risk", "dormant"): 1, (5, "casual", "casual"): 1},
        **{(6, "dormant", "dormant"): 1, (6, "casual", "casual"): 1},
        **{(7, "dormant", "casual"): 1, (7, "casual", "casual"): 1},
        **{(8, "casual", "casual"): 2},
    }
    # At the end of the third week (day 21) u_1 was last seen 9 days before, and comes back on day 50: one day too late.
    assert company.query(
        "select person_id, round(quiet * 27), has_returned from summaries.fact_churn_features"
        " where week_end = '2026-03-22' order by 1"
    ) == [("user:u_1", 9, False), ("user:u_2", 6, True)]
    assert company.differences() == {}

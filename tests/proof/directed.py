"""Scripts that are there for a reason: each breaks the law when what it is named after is not taken care of."""

from tests.proof.company import Change, Company, Day, Event, Member
from tests.proof.world import Build, Land, Load, Script

ONE, TWO, THREE = Event("e1", "u_1", "1 12:00"), Event("e2", "u_1", "1 12:20"), Event("e3", "u_1", "1 12:40")
GONE = Event("gone", "u_2", "1 12:00")  # of a person whom nothing else tells of
SALE = Event("sale", "u_1", "1 12:00", "purchase", content="c_1", product="p_1")
EMPTY = Day()
ANN, BOB, TORN = Member("u_1"), Member("u_2", "-5 12:00", 1), Member("")  # TORN is held back

SCRIPTS = {
    "rows that vanish": Script(
        Company((Day((ONE, TWO)), EMPTY)),
        (Build((1,)), Land(1, Day((ONE,)))),
    ),
    "the only events of a person vanish": Script(
        Company((Day((ONE, GONE, Event("later", "u_2", "9 12:00"))), EMPTY)),
        (Build((1,)), Land(1, Day((ONE, GONE)))),
    ),
    "a person's first day moves back": Script(
        Company(
            (Day((Event("e1", "u_1", "1 12:00"), Event("e2", "u_2", "1 12:00"))), Day((Event("e3", "u_1", "0 12:00"),)))
        ),
        (Build((1,)),),
    ),
    "an earlier login of another user arrives later": Script(
        Company(
            (
                Day((Event("e1", "a_1", "1 12:00"), Event("e2", "u_1+a_1", "1 13:00"))),
                Day((Event("e3", "u_2+a_1", "1 12:20"),)),
            )
        ),
        (Build((1,)),),
    ),
    "a late event within the days before an active day": Script(
        Company((Day((Event("e1", "u_1", "1 12:00"),)), Day((Event("e2", "u_1", "2 12:00"),)))),
        (Build((1,)),),
    ),
    "a late event in the middle of a week and a month": Script(
        Company(
            (Day((Event("e1", "u_1", "1 12:00", content="c_1"),)), Day((Event("e2", "u_1", "3 12:00", content="c_1"),)))
        ),
        (Build((1,)),),
    ),
    "a user change that arrives late": Script(
        Company(
            (
                Day((ONE,), (Change("users", "u_1", "-5 12:00", 0),)),
                Day(changes=(Change("users", "u_1", "1 09:00", 1),)),
            )
        ),
        (Build((1,)),),
    ),
    "products and content that say something else, from the first day on": Script(
        Company(
            (Day((SALE,), (Change("products", "p_1", "-5 12:00", 0), Change("content", "c_1", "-5 12:00", 0))), EMPTY)
        ),
        (
            Build((1,)),
            Land(2, Day(changes=(Change("products", "p_1", "-6 12:00", 2), Change("content", "c_1", "-6 12:00", 2)))),
            Build((2,)),
            Land(1, Day((SALE,))),
        ),
    ),
    "a product's change record is corrected": Script(
        Company((Day((SALE,)), Day(changes=(Change("products", "p_1", "1 09:00", 0),)))),
        (Build((1, 2)), Land(2, Day(changes=(Change("products", "p_1", "1 09:00", 2),)))),
    ),
    "a late event at the end of an island": Script(
        Company((Day((ONE, TWO, THREE)), Day((Event("late", "u_1", "1 13:00"),)))),
        (Build((1,)),),
    ),
    "rows that vanish in a build that fails after the fact": Script(
        Company((Day((ONE, GONE)), EMPTY)),
        (Build((1,)), Land(1, Day((ONE,))), Build((1,), first=("fact_user_events",), is_released=True)),
    ),
    "a new person in a build that fails, and again in the next one": Script(
        Company((Day((ONE,)), Day((Event("e2", "u_2", "2 12:00"),)), Day((Event("e3", "u_2", "3 12:00"),)))),
        (Build((1,)), Build((2,), first=("fact_user_daily",), is_released=True), Build((3,))),
    ),
    "a repeat that comes, goes and comes again in builds that fail before the fact": Script(
        Company((Day((ONE, TWO)), Day((TWO, THREE)))),
        (
            Build((1, 2)),
            Land(1, Day((ONE,))),
            Build((1,), first=("event_repeats",), is_released=True),
            Land(1, Day((ONE, TWO))),
        ),
    ),
    "a day that is published again while its build runs": Script(
        Company((Day((ONE,)), Day((TWO,), (Change("users", "u_1", "1 09:00", 1),)))),
        (
            Build((1,)),
            Build((2,), first=("event_repeats", "dim_user"), meanwhile=(Land(2, Day((ONE,))), Load(2))),
        ),
    ),
    "a late event that joins two islands and moves the cut after 24 hours": Script(
        Company(
            (
                Day((Event("a", "u_1", "-3 12:00", times=30), Event("b", "u_1", "-2 03:30", times=40))),
                Day((Event("late", "u_1", "-2 03:00"),)),
            )
        ),
        (Build((1,)),),
    ),
    "a late event of a producer's session, hours before the others": Script(
        Company(
            (
                # 12:00, 11:00 on the next day, 10:00 on the one after: one island, cut 24 hours after its first event.
                Day(
                    tuple(
                        Event(name, "u_1", at, source="site", session="s_1")
                        for name, at in (("a", "1 12:00"), ("b", "2 11:00"), ("c", "3 10:00"))
                    )
                ),
                Day(),
                Day((Event("late", "u_1", "1 10:00", source="site", session="s_1"),)),
            )
        ),
        (Build((1, 2)),),
    ),
    "late events around midnight in New York, on a Saturday": Script(
        Company(
            (
                # 23:40 on Saturday, 7 March (UTC-5, 4:40 UTC), and 0:30 on Sunday; the next night is an hour ahead.
                Day((Event("a", "u_1", "7 04:40"), Event("b", "u_1", "7 05:30"), Event("c", "u_1", "8 03:50"))),
                Day((Event("late", "u_1", "7 05:05"), Event("later", "u_1", "8 04:10"))),
            )
        ),
        (Build((1,)),),
    ),
    "a full extract between two is loaded later": Script(
        Company((Day((ONE,), members=(ANN, BOB)), Day(members=(ANN,)), Day(members=(ANN, BOB)))),
        (Build((1, 3)),),
    ),
    "a full extract that was there is gone": Script(
        Company((Day(members=(ANN, BOB)), Day(members=(ANN,)), Day(members=(ANN, Member("u_3"))))),
        (Build((1, 2, 3)), Land(2, EMPTY), Build((2,), first=("extract_changes",), is_released=True)),
    ),
    "extracts of which a line is held back, day by day, and the first of them is mended": Script(
        Company(
            (
                Day(members=(ANN, BOB)),
                Day(members=(TORN,)),
                Day(members=(TORN, BOB)),
                Day(members=(BOB,)),
            )
        ),
        (Build((1,)), Build((2,)), Build((3,)), Build((4,)), Land(2, Day(members=(BOB,)))),
    ),
    "extracts of which a line is held back, day by day": Script(
        Company((Day(members=(ANN, BOB)), Day(members=(TORN,)), Day(members=(TORN, ANN)))),
        (Build((1,)), Build((2,)), Build((3,))),
    ),
    "days of the synthetic company, one of which lands again with less": Script(
        Company((Day(synthetic="whole"), Day((SALE,), synthetic="whole"), Day(synthetic="half"))),
        (Build((1, 3)), Land(1, Day(synthetic="half"))),
    ),
}
# Those in which it matters where a day ends.
IN_NEW_YORK = (
    "late events around midnight in New York, on a Saturday",
    "a late event in the middle of a week and a month",
    "a late event that joins two islands and moves the cut after 24 hours",
)

"""Statements that follow from some variables alone are moved out of a generated function."""

from ingestion.moving import made_by, move

BODY = """\
    a, b, = known[v1]
    x = v0 or b
    y = a
    if not y:
        y = b
    else:
        y = y.lower()
    z = y + v0
    if y == 'stop':
        return None
    count(y)
    w = other
    w = y""".splitlines()


def test_what_follows_from_the_inputs_moves_with_all_that_makes_it():
    parts = move(BODY, ["v1"], ["v0", "other"])
    assert parts.moved == BODY[:1] + BODY[2:7]
    assert parts.kept == [BODY[1], *BODY[7:]]
    assert parts.given == {"a", "b", "y"}


def test_nothing_moves_without_an_input():
    parts = move(BODY, [], ["v0", "v1", "other"])
    assert (parts.kept, parts.moved, parts.given) == (BODY, [], set())


def test_the_variables_of_a_text_are_those_before_an_equals_sign():
    assert made_by("    a = b == c\n    if a:\n        d, e = f(g=1)\n    (h,) = i\n    (j, k, ) = l") == set("adehjk")

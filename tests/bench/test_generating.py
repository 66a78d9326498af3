"""The measure of the generator measures what it says."""

from bench.generating import measure


def test_a_small_measure():
    measured = measure(scale=20.0, days=2)
    assert measured.events > 5000
    assert measured.events_per_second == measured.events / measured.seconds > 20_000

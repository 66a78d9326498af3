"""The company speaks as its contract expects: a test holds the words of the generator to the vocabulary."""

from data_generator.vocabulary import ACTIVITY, EVENTS, LEARNING
from ingestion.contract_yaml import load_contracts
from ingestion.mapping import EventNames
from ingestion.vocabulary import EVENT_TYPES

APP = next(contract for contract in load_contracts() if contract.source == "app")
NAMES = EventNames(APP.files[0])


def test_every_name_is_canonical_or_a_custom_event_of_the_contract():
    told = {name: NAMES[name][1] for name in EVENTS}
    assert {name for name, event_type in told.items() if event_type == "custom"} == set(APP.files[0].custom_events)
    assert all(event_type in (name, "custom") for name, event_type in told.items())


def test_every_canonical_type_happens():
    assert EVENT_TYPES.keys() - {"custom"} <= set(EVENTS)


def test_activity_and_learning_are_those_of_the_vocabulary():
    assert [NAMES[name][2] == "t" for name in EVENTS] == ACTIVITY.tolist()
    assert [name for name in EVENTS if name in EVENT_TYPES and EVENT_TYPES[name].learning] == [
        name for name, learns in zip(EVENTS, LEARNING, strict=True) if learns
    ]

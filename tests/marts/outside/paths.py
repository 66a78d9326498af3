"""Which event followed which, session by session."""

import datetime
from collections import defaultdict

from tests.marts.landed import Landed
from tests.marts.outside import equals

IDLE, LONGEST = datetime.timedelta(minutes=30), datetime.timedelta(hours=24)


@equals("select session_date, from_event, to_event, transitions, sessions, people from reporting.paths")
def paths(landed: Landed) -> list[tuple]:
    seen: dict[tuple, list[tuple]] = defaultdict(list)
    for person, sessions in sessions_of(landed).items():
        for session in sessions:
            names = [one.event_name if one.event_type == "custom" else one.event_type for one in session]
            date = landed.date_of(session[0].at)
            for step in zip(["(entry)", *names], [*names, "(exit)"], strict=True):
                seen[date, *step].append((person, session[0].at))
    return [(*step, len(which), len(set(which)), len({person for person, _ in which})) for step, which in seen.items()]


def sessions_of(landed: Landed) -> dict[str, list[list]]:
    """Each person's sessions, as their events: 30 idle minutes end one, and each 24 hours since the last pause.

    The events of bots belong to the sessions of their person, too: such a session counts nowhere.
    """
    did = defaultdict(list)
    for event in landed.events[landed.events.is_activity].itertuples():
        did[event.person].append(event)
    found = {}
    for person, events in did.items():
        events.sort(key=lambda one: (one.at, one.event_id))
        sessions, before, island = [], None, None
        for event in events:
            if before is None or event.at - before > IDLE:
                island, piece = event.at, 0
                sessions.append([event])
            elif (event.at - island) // LONGEST > piece:
                piece = (event.at - island) // LONGEST
                sessions.append([event])
            else:
                sessions[-1].append(event)
            before = event.at
        found[person] = [session for session in sessions if not any(one.is_bot for one in session)]
    return found

-- One row per breakdown, date of first activity and bracket of days since: day 1, days 2 to 7, 8 to 14, 15 to 30.
{{ retention(
    days=days_of_activity(),
    firsts=first_days_of_activity(),
    kind='first_time',
    periods=['day'],
    breakdowns=['channel', 'country', 'plan', 'platform'],
    brackets=[1, 6, 7, 16],
) }}

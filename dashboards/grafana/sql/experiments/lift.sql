select
    experiment,
    metric,
    treatment,
    control_people as "people, control",
    treatment_people as "people, treatment",
    control_value as control,
    treatment_value as treated,
    estimate as lift,
    lower_bound as "lift from",
    upper_bound as "lift to",
    p_value as "p",
    chance_to_win as "chance to win",
    problem
from reporting.experiments
where
    difference = 'relative'
    and exposures = '$exposures'
    and is_adjusted = ('$adjusted' = 'yes')
    and ('(all)' in ($experiment) or experiment in ($experiment))
order by experiment, metric, treatment

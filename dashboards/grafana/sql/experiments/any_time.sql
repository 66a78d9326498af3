select
    experiment,
    metric,
    treatment,
    estimate as lift,
    sequential_lower_bound as "lift from",
    sequential_upper_bound as "lift to",
    sequential_p_value as "p"
from reporting.experiments
where
    difference = 'relative'
    and exposures = '$exposures'
    and is_adjusted = ('$adjusted' = 'yes')
    and ('(all)' in ($experiment) or experiment in ($experiment))
order by experiment, metric, treatment

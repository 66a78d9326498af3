select
    experiment,
    metric,
    treatment,
    chance_to_win as "chance to win",
    risk_of_control as "risk of keeping control",
    risk_of_treatment as "risk of the treatment"
from reporting.experiments
where
    difference = 'relative'
    and exposures = '$exposures'
    and is_adjusted = ('$adjusted' = 'yes')
    and ('(all)' in ($experiment) or experiment in ($experiment))
order by experiment, metric, treatment

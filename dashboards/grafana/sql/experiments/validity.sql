select
    experiment,
    treatment,
    min(first_exposure_date)::text as "first exposure",
    max(last_exposure_date)::text as "last exposure",
    max(control_people) as "people, control",
    max(treatment_people) as "people, treatment",
    max(people_in_two_arms) as "people in two arms",
    min(sample_ratio_p_value) as "sample ratio, p"
from reporting.experiments
where
    exposures = 'all'
    and difference = 'relative'
    and not is_adjusted
    and ('(all)' in ($experiment) or experiment in ($experiment))
group by experiment, treatment
order by experiment, treatment

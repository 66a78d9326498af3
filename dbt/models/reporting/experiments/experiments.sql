-- One row per experiment, metric, treatment, and each way to look at it: `exposures`, `difference`, `is_adjusted`.
{% set sums = experiment_sums().split(',') -%}
with arms as (
    select
        slices.exposures,
        statistics.experiment,
        statistics.metric,
        statistics.variant,
        statistics.kind,
        statistics.is_control,
        statistics.weight,
        statistics.all_weights,
        statistics.alternative,
        statistics.alpha,
        statistics.expected_people,
        min(statistics.exposure_date) as first_exposure_date,
        max(statistics.exposure_date) as last_exposure_date,
        sum(statistics.people) as people,
        sum(statistics.people_in_two_arms) as people_in_two_arms,
        {%- for sum in sums %}
        sum(statistics.{{ sum }}) as {{ sum }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('mart_experiment_statistics') }} as statistics
    cross join (values ('all'), ('window_ended')) as slices (exposures)
    where
        slices.exposures = 'all'
        or statistics.exposure_date + statistics.window_days
        <= (select max(dates.event_date) from {{ ref('active_dates') }} as dates)
    group by
        slices.exposures,
        statistics.experiment,
        statistics.metric,
        statistics.variant,
        statistics.kind,
        statistics.is_control,
        statistics.weight,
        statistics.all_weights,
        statistics.alternative,
        statistics.alpha,
        statistics.expected_people
),

metrics as (
    select
        exposures,
        experiment,
        metric,
        sum(people_in_two_arms) as people_in_two_arms,
        min(first_exposure_date) as first_exposure_date,
        max(last_exposure_date) as last_exposure_date,
        -- An arm in which nobody is has no row: its weight is what is missing in the sum.
        stats.sample_ratio_p_value(
            array_agg(people::float8) || float8 '0',
            array_agg(weight::float8) || greatest(max(all_weights) - sum(weight), 0)::float8
        ) as sample_ratio_p_value
    from arms
    group by exposures, experiment, metric
),

compared as (
    select
        control.exposures,
        control.experiment,
        control.metric,
        control.kind,
        control.variant as control,
        treatment.variant as treatment,
        differences.difference,
        adjustments.is_adjusted,
        control.alternative,
        control.people as control_people,
        treatment.people as treatment_people,
        found.*
    from arms as control
    inner join arms as treatment
        on
            control.exposures = treatment.exposures
            and control.experiment = treatment.experiment
            and control.metric = treatment.metric
    cross join (values ('relative'), ('absolute')) as differences (difference)
    cross join (values (false), (true)) as adjustments (is_adjusted)
    cross join lateral stats.compare(
        control.kind,
        case when adjustments.is_adjusted then to_jsonb(control) else to_jsonb(control) - 'pre_numerator_sum' end,
        case when adjustments.is_adjusted then to_jsonb(treatment) else to_jsonb(treatment) - 'pre_numerator_sum' end,
        differences.difference,
        control.alternative,
        control.alpha::float8,
        control.expected_people::float8
    ) as found
    where
        control.is_control
        and not treatment.is_control
        and (not adjustments.is_adjusted or control.pre_numerator_sum is not null)
)

select
    compared.experiment,
    compared.metric,
    compared.treatment,
    compared.exposures,
    compared.difference,
    compared.is_adjusted,
    compared.kind,
    compared.control,
    compared.alternative,
    metrics.first_exposure_date,
    metrics.last_exposure_date,
    compared.control_people::bigint as control_people,
    compared.treatment_people::bigint as treatment_people,
    metrics.people_in_two_arms::bigint as people_in_two_arms,
    metrics.sample_ratio_p_value::numeric as sample_ratio_p_value,
    compared.control_value::numeric as control_value,
    compared.treatment_value::numeric as treatment_value,
    compared.estimate::numeric as estimate,
    compared.standard_error::numeric as standard_error,
    nullif(compared.lower_bound, '-infinity')::numeric as lower_bound,
    nullif(compared.upper_bound, 'infinity')::numeric as upper_bound,
    compared.p_value::numeric as p_value,
    nullif(compared.sequential_lower_bound, '-infinity')::numeric as sequential_lower_bound,
    nullif(compared.sequential_upper_bound, 'infinity')::numeric as sequential_upper_bound,
    compared.sequential_p_value::numeric as sequential_p_value,
    compared.chance_to_win::numeric as chance_to_win,
    compared.risk_of_control::numeric as risk_of_control,
    compared.risk_of_treatment::numeric as risk_of_treatment,
    compared.problem
from compared
inner join metrics
    on
        compared.exposures = metrics.exposures
        and compared.experiment = metrics.experiment
        and compared.metric = metrics.metric

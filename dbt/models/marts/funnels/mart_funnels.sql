-- One row per funnel, breakdown, its value, period, start of the period and step.
{{ funnel_steps(ref('fact_funnel_runs'), contract=true) }}

-- Two arms of an experiment compared, upon the distributions of 05_stats.sql.
--
-- The sums of an arm are a JSON object, such as a row of `experiment_statistics` (dbt/README.md), by these keys:
--   people, numerator_sum, numerator_squares           of what is measured; a person is a row
--   denominator_sum, denominator_squares, numerator_denominator    of a ratio: sums of squares, and of products
--   pre_numerator_sum, …_squares, numerator_pre_numerator          of the time before exposure, for CUPED; of a ratio,
--   pre_denominator_sum, …_squares, numerator_pre_denominator, denominator_pre_numerator, denominator_pre_denominator
--   and pre_numerator_pre_denominator, too

-- The means of an arm's numerator, denominator, and of both before exposure; 1 for a denominator that is not there.
create or replace function stats.means(arm jsonb) returns float8[]
language sql immutable strict parallel safe
return array[
    (arm ->> 'numerator_sum')::numeric / nullif((arm ->> 'people')::numeric, 0),
    coalesce((arm ->> 'denominator_sum')::numeric / nullif((arm ->> 'people')::numeric, 0), 1),
    coalesce((arm ->> 'pre_numerator_sum')::numeric / nullif((arm ->> 'people')::numeric, 0), 0),
    coalesce((arm ->> 'pre_denominator_sum')::numeric / nullif((arm ->> 'people')::numeric, 0), 1)
]::float8[];

-- How two of these vary together, from their sums and the sum of their products. In exact numbers: the difference
-- of two large sums is small. 0 where one is not there.
create or replace function stats.covariance(
    people numeric, first_sum numeric, second_sum numeric, products numeric, is_conversion boolean
) returns float8
language sql immutable parallel safe
return coalesce(
    ((products - first_sum * second_sum / people) / (people - case when is_conversion then 0 else 1 end))::float8, 0
);

-- The variance of a function of an arm's four means whose gradient is `slopes`, times the people of the arm.
create or replace function stats.variance_along(arm jsonb, slopes float8[], is_conversion boolean) returns float8
language sql immutable strict parallel safe as $$
    select
        sum(
            slopes[one.place] * slopes[other.place] * stats.covariance(
                (arm ->> 'people')::numeric,
                (arm ->> (one.name || '_sum'))::numeric,
                (arm ->> (other.name || '_sum'))::numeric,
                (arm ->> case
                    when one.place = other.place and is_conversion then one.name || '_sum' -- a 1 squared is a 1
                    when one.place = other.place then one.name || '_squares'
                    when one.place < other.place then one.name || '_' || other.name
                    else other.name || '_' || one.name
                end)::numeric,
                is_conversion
            )
        )
    from (
        values ('numerator', 1), ('denominator', 2), ('pre_numerator', 3), ('pre_denominator', 4)
    ) as one (name, place)
    cross join (
        values ('numerator', 1), ('denominator', 2), ('pre_numerator', 3), ('pre_denominator', 4)
    ) as other (name, place)
    where slopes[one.place] <> 0 and slopes[other.place] <> 0;
$$;

-- How much of the time before exposure is taken off (CUPED): the slope of what is measured over that, of both arms
-- together; 0 where nothing was measured before, or all were alike.
create or replace function stats.cuped_theta(kind text, control jsonb, treatment jsonb) returns float8
language plpgsql immutable strict parallel safe as $$
declare
    arm jsonb;
    middle float8[];
    together float8 := 0;
    before float8 := 0;
    people numeric := (control ->> 'people')::numeric + (treatment ->> 'people')::numeric;
    post_sum numeric := (control ->> 'numerator_sum')::numeric + (treatment ->> 'numerator_sum')::numeric;
    pre_sum numeric := (control ->> 'pre_numerator_sum')::numeric + (treatment ->> 'pre_numerator_sum')::numeric;
    pre_squares text := case when kind = 'conversion' then 'pre_numerator_sum' else 'pre_numerator_squares' end;
begin
    if pre_sum is null then
        return 0;
    elsif kind <> 'ratio' then
        together := stats.covariance(
            people, post_sum, pre_sum,
            (control ->> 'numerator_pre_numerator')::numeric + (treatment ->> 'numerator_pre_numerator')::numeric, false
        );
        before := stats.covariance(
            people, pre_sum, pre_sum, (control ->> pre_squares)::numeric + (treatment ->> pre_squares)::numeric, false
        );
    else
        foreach arm in array array[control, treatment] loop
            middle := stats.means(arm);
            if middle[4] = 0 or middle[2] = 0 then
                return 0;
            end if;
            -- The covariance of two ratios, as half of what the variance of their sum is above both variances.
            before := before + stats.variance_along(
                arm, array[0, 0, 1 / middle[4], -middle[3] / middle[4] ^ 2], false
            );
            together := together + stats.variance_along(
                arm, array[1 / middle[2], -middle[1] / middle[2] ^ 2, 1 / middle[4], -middle[3] / middle[4] ^ 2], false
            ) - stats.variance_along(arm, array[1 / middle[2], -middle[1] / middle[2] ^ 2, 0, 0], false);
        end loop;
        together := (together - before) / 2;
    end if;
    return case when before > 0 then together / before else 0 end;
end
$$;

-- Two arms compared, from their sums. docs/metrics.md says what the columns mean and whose definitions they are.
--   kind: 'conversion' (0 or 1 for each person), 'mean' or 'ratio' (of two sums, per person).
--   difference: 'relative' to the control's value, or 'absolute'. alternative: 'two_sided', 'greater' or 'less'.
--   alpha: 1 - alpha is the confidence of the intervals. expected_people: where the sequential interval is narrowest.
--   prior_mean, prior_variance: what was believed of the difference before; without a variance nothing.
-- Where no answer is possible, `problem` says why, and the numbers are null.
create or replace function stats.compare(
    kind text,
    control jsonb,
    treatment jsonb,
    difference text default 'relative',
    alternative text default 'two_sided',
    alpha float8 default 0.05,
    expected_people float8 default 5000,
    prior_mean float8 default 0,
    prior_variance float8 default null,
    out control_value float8,
    out treatment_value float8,
    out estimate float8,
    out standard_error float8,
    out degrees_of_freedom float8,
    out lower_bound float8,
    out upper_bound float8,
    out p_value float8,
    out sequential_lower_bound float8,
    out sequential_upper_bound float8,
    out sequential_p_value float8,
    out posterior_mean float8,
    out posterior_deviation float8,
    out credible_lower_bound float8,
    out credible_upper_bound float8,
    out chance_to_win float8,
    out risk_of_control float8,
    out risk_of_treatment float8,
    out theta float8,
    out problem text
)
language plpgsql immutable parallel safe as $$
declare
    is_conversion constant boolean := kind = 'conversion';
    one_sided constant boolean := alternative <> 'two_sided';
    people float8[] := array[control ->> 'people', treatment ->> 'people'];
    arms constant jsonb[] := array[control, treatment];
    means float8[];
    slopes float8[];
    control_slopes float8[];
    variances float8[] := array[null, null];
    control_part float8;
    taken_off float8;
    reach float8;
    sign float8 := case alternative when 'less' then -1 else 1 end;
    tail float8 := case when alternative = 'two_sided' then alpha / 2 else alpha end;
    width float8;
    total float8;
    rho_squared float8;
    evidence float8;
    precision_of_data float8;
    precision_of_prior float8;
begin
    if kind not in ('conversion', 'mean', 'ratio') then
        raise exception 'kind is ''%''', kind using hint = 'Use conversion, mean or ratio.';
    elsif difference not in ('relative', 'absolute') then
        raise exception 'difference is ''%''', difference using hint = 'Use relative or absolute.';
    elsif alternative not in ('two_sided', 'greater', 'less') then
        raise exception 'alternative is ''%''', alternative using hint = 'Use two_sided, greater or less.';
    elsif not (alpha > 0 and alpha < 0.5) or not expected_people > 0 then
        raise exception 'alpha is % and expected_people %', alpha, expected_people
            using hint = 'alpha lies between 0 and 0.5, expected_people above 0.';
    end if;
    if (people[1] >= 2 and people[2] >= 2) is not true then
        problem := 'fewer than two people in an arm';
        return;
    end if;
    theta := stats.cuped_theta(kind, control, treatment);
    for number in 1..2 loop
        means := stats.means(arms[number]);
        if means[2] = 0 then
            problem := 'nothing to divide by in an arm';
            return;
        end if;
        slopes := array[1 / means[2], -means[1] / means[2] ^ 2, 0, 0];
        if theta <> 0 then
            slopes := slopes[1:2] || array[-theta / means[4], theta * means[3] / means[4] ^ 2];
        end if;
        if kind <> 'ratio' then
            slopes[2] := 0; -- there is no denominator that could vary
            slopes[4] := 0;
        end if;
        -- Without a slope, nothing is taken off; there may have been nothing to divide by before exposure.
        taken_off := case when theta = 0 then 0 else theta * means[3] / means[4] end;
        variances[number] := stats.variance_along(arms[number], slopes, is_conversion);
        if number = 1 then
            control_slopes := slopes;
            control_value := means[1] / means[2];
            estimate := taken_off - control_value;
        else
            treatment_value := means[1] / means[2];
            estimate := estimate + treatment_value - taken_off;
        end if;
    end loop;
    if least(variances[1], variances[2]) <= 0 then
        problem := 'no variance in an arm';
    elsif difference = 'relative' and control_value = 0 then
        problem := 'the control is 0';
    end if;
    if problem is not null then
        estimate := null;
        return;
    end if;

    degrees_of_freedom := (variances[1] / people[1] + variances[2] / people[2]) ^ 2 / (
        (variances[1] / people[1]) ^ 2 / (people[1] - 1) + (variances[2] / people[2]) ^ 2 / (people[2] - 1)
    );
    if difference = 'relative' then
        -- The delta method. Both arms are expected to be alike before exposure: so a mean's adjustment does not move it.
        reach := case when kind = 'ratio' then control_value + estimate else treatment_value end;
        control_slopes[1] := control_slopes[1] * reach / control_value;
        control_slopes[2] := control_slopes[2] * reach / control_value;
        control_part := stats.variance_along(control, control_slopes, is_conversion);
        estimate := estimate / abs(control_value);
        standard_error := sqrt(control_part / people[1] + variances[2] / people[2]) / abs(control_value);
    else
        standard_error := sqrt(variances[1] / people[1] + variances[2] / people[2]);
    end if;

    width := -stats.student_t_quantile(tail, degrees_of_freedom) * standard_error;
    p_value := case
        when one_sided then stats.student_t_sf(sign * estimate / standard_error, degrees_of_freedom)
        else 2 * stats.student_t_sf(abs(estimate) / standard_error, degrees_of_freedom)
    end;
    lower_bound := case when alternative = 'less' then '-infinity' else estimate - width end;
    upper_bound := case when alternative = 'greater' then 'infinity' else estimate + width end;

    total := people[1] + people[2];
    rho_squared := (-2 * ln(2 * tail) + ln(1 - 2 * ln(2 * tail))) / expected_people;
    evidence := (estimate / standard_error) ^ 2 * total * rho_squared / (2 * (total * rho_squared + 1));
    width := standard_error * sqrt(
        2 * (total * rho_squared + 1) / (total * rho_squared) * ln(
            case
                when one_sided then 1 + sqrt(total * rho_squared + 1) / (2 * alpha)
                else sqrt(total * rho_squared + 1) / alpha
            end
        )
    );
    sequential_p_value := case
        when not one_sided then least(sqrt(total * rho_squared + 1) * stats.exp_or_zero(-evidence), 1)
        when sign * estimate <= 0 or evidence < 1e-9 then 0.4999
        when evidence > 700 then 0
        else least(sqrt(total * rho_squared + 1) / (2 * (exp(evidence) - 1)), 0.4999)
    end;
    sequential_lower_bound := case when alternative = 'less' then '-infinity' else estimate - width end;
    sequential_upper_bound := case when alternative = 'greater' then 'infinity' else estimate + width end;

    precision_of_data := 1 / standard_error ^ 2;
    precision_of_prior := coalesce(1 / prior_variance, 0);
    posterior_mean := (estimate * precision_of_data + prior_mean * precision_of_prior)
        / (precision_of_data + precision_of_prior);
    posterior_deviation := 1 / sqrt(precision_of_data + precision_of_prior);
    credible_lower_bound := posterior_mean + stats.normal_quantile(alpha / 2) * posterior_deviation;
    credible_upper_bound := posterior_mean - stats.normal_quantile(alpha / 2) * posterior_deviation;
    chance_to_win := stats.normal_cdf(posterior_mean / posterior_deviation);
    risk_of_control := posterior_mean * chance_to_win
        + posterior_deviation * stats.normal_density(posterior_mean / posterior_deviation);
    risk_of_treatment := risk_of_control - posterior_mean; -- the mean of what is above 0, less that of what is below
end
$$;

-- Whether people were assigned as planned: the p-value of a chi-square test of the arms' people against their weights.
-- Arms of weight 0 do not count; 1 when there is nobody.
create or replace function stats.sample_ratio_p_value(people float8[], weights float8[]) returns float8
language sql immutable strict parallel safe as $$
    select coalesce(stats.chi_square_sf(sum((counted - expected) ^ 2 / expected), count(*) - 1), 1)
    from (
        select
            arms.counted,
            sum(arms.counted) over () * arms.weight / sum(arms.weight) over () as expected
        from unnest(people, weights) as arms (counted, weight)
        where arms.weight > 0
    ) as arms
    where expected > 0;
$$;

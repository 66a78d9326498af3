-- Distributions and tests of experiments, as functions of SQL: they need no extension, and no version later than 15.
--
-- Views call them, and a function in a view runs as the role that reads: `reader` may use the schema. Nothing that is
-- stored depends on them, so that a corrected function holds at once.
-- tests/dbt/test_stats.py compares the distributions with SciPy over a grid.
grant usage on schema stats to loader, transformer, reader;

-- e to the power of x, and 0 where PostgreSQL would raise an underflow.
create or replace function stats.exp_or_zero(x float8) returns float8
language sql immutable parallel safe
return case when x < -700 then 0 else exp(x) end;

-- ln(1 + x) for x >= 0, exact for small x.
create or replace function stats.log_1p(x float8) returns float8
language sql immutable parallel safe
return case
    when x < 1e-3 then x * (1 - x * (1.0 / 2 - x * (1.0 / 3 - x * (1.0 / 4 - x * (1.0 / 5 - x / 6)))))
    else ln(1 + x)
end;

-- The logarithm of the gamma function for x > 0, by Lanczos' approximation (g = 7, nine terms).
create or replace function stats.log_gamma(x float8) returns float8
language plpgsql immutable strict parallel safe as $$
declare
    terms constant float8[] := array[
        676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905,
        -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7
    ];
    total float8 := 0.99999999999980993;
    shifted float8 := x + 6.5;
begin
    for number in 1..8 loop
        total := total + terms[number] / (x - 1 + number);
    end loop;
    return 0.5 * ln(2 * pi()) + (x - 0.5) * ln(shifted) - shifted + ln(total);
end
$$;

-- The upper regularized incomplete gamma function Q(a, x): its series where x is small, else its continued fraction by
-- Lentz' method (DLMF 8.11.4 and 8.9.2).
create or replace function stats.gamma_q(a float8, x float8) returns float8
language plpgsql immutable strict parallel safe as $$
declare
    scale float8;
    term float8;
    total float8;
    bottom float8;
    upper_part float8;
    lower_part float8;
    top float8;
begin
    if x <= 0 or x = 'infinity' then
        return case when x <= 0 then 1 else 0 end;
    end if;
    scale := stats.exp_or_zero(a * ln(x) - x - stats.log_gamma(a));
    if scale = 0 then
        return case when x < a + 1 then 1 else 0 end;
    end if;
    if x < a + 1 then
        term := 1 / a;
        total := term;
        for number in 1..100000 loop
            term := term * (x / (a + number));
            total := total + term;
            exit when term < total * 1e-17;
        end loop;
        return 1 - scale * total;
    end if;
    bottom := x + 1 - a;
    upper_part := 1e100;
    lower_part := 1 / bottom;
    total := lower_part;
    for number in 1..100000 loop
        top := -number * (number - a);
        bottom := bottom + 2;
        lower_part := 1 / (top * lower_part + bottom);
        upper_part := bottom + top / upper_part;
        total := total * (lower_part * upper_part);
        exit when abs(lower_part * upper_part - 1) < 1e-15;
    end loop;
    return scale * total;
end
$$;

-- P(X > x) for chi-square with so many degrees of freedom.
create or replace function stats.chi_square_sf(x float8, degrees float8) returns float8
language sql immutable strict parallel safe
return stats.gamma_q(degrees / 2, x / 2);

-- P(X > x) of the standard normal distribution; the upper tail has the same relative accuracy as the middle.
create or replace function stats.normal_sf(x float8) returns float8
language sql immutable strict parallel safe
return case
    when x < -40 then 1
    when x > 40 then 0
    when x < 0 then 1 - stats.gamma_q(0.5, x * x / 2) / 2
    else stats.gamma_q(0.5, x * x / 2) / 2
end;

create or replace function stats.normal_cdf(x float8) returns float8
language sql immutable strict parallel safe
return stats.normal_sf(-x);

create or replace function stats.normal_density(x float8) returns float8
language sql immutable strict parallel safe
return stats.exp_or_zero(-least(x * x, 2000) / 2) / sqrt(2 * pi());

-- The quantile of the standard normal distribution: a rough start (Abramowitz and Stegun 26.2.23), then Halley's way.
create or replace function stats.normal_quantile(p float8) returns float8
language plpgsql immutable strict parallel safe as $$
declare
    start float8;
    x float8;
    miss float8;
begin
    if p <= 0 or p >= 1 then
        return case when p = 0 then float8 '-infinity' when p = 1 then float8 'infinity' else float8 'nan' end;
    elsif p > 0.5 then
        return -stats.normal_quantile(1 - p);
    end if;
    start := sqrt(-2 * ln(p));
    x := start - (2.515517 + start * (0.802853 + start * 0.010328))
        / (1 + start * (1.432788 + start * (0.189269 + start * 0.001308)));
    for number in 1..3 loop -- x is where the upper tail is p
        miss := (stats.normal_sf(x) - p) / stats.normal_density(x);
        x := x + miss / (1 + x * miss / 2);
    end loop;
    return -x;
end
$$;

-- ln B(a, 1/2). The difference of two large logarithms would lose digits: the ratio has a series of its own.
create or replace function stats.log_beta_half(a float8) returns float8
language sql immutable strict parallel safe
return 0.5 * ln(pi()) - case
    when a < 30 then stats.log_gamma(a + 0.5) - stats.log_gamma(a)
    else 0.5 * ln(a) - (1 - (1 - (0.3 - 51 / (a * a * 224)) / (a * a)) / (24 * a * a)) / (8 * a)
end;

-- The continued fraction of the incomplete beta function, by Lentz' method (DLMF 8.17.22).
create or replace function stats.beta_fraction(a float8, b float8, x float8) returns float8
language plpgsql immutable strict parallel safe as $$
declare
    tiny constant float8 := 1e-100;
    upper_part float8 := 1;
    lower_part float8 := 1 - (a + b) * x / (a + 1);
    total float8;
    top float8;
begin
    lower_part := 1 / case when abs(lower_part) < tiny then tiny else lower_part end;
    total := lower_part;
    for number in 1..100000 loop
        top := number * (b - number) * x / ((a + 2 * number - 1) * (a + 2 * number));
        lower_part := 1 + top * lower_part;
        lower_part := 1 / case when abs(lower_part) < tiny then tiny else lower_part end;
        upper_part := 1 + top / upper_part;
        upper_part := case when abs(upper_part) < tiny then tiny else upper_part end;
        total := total * (lower_part * upper_part);
        top := -(a + number) * (a + b + number) * x / ((a + 2 * number) * (a + 2 * number + 1));
        lower_part := 1 + top * lower_part;
        lower_part := 1 / case when abs(lower_part) < tiny then tiny else lower_part end;
        upper_part := 1 + top / upper_part;
        upper_part := case when abs(upper_part) < tiny then tiny else upper_part end;
        total := total * (lower_part * upper_part);
        exit when abs(lower_part * upper_part - 1) < 1e-15;
    end loop;
    return total;
end
$$;

-- P(T > t) of Student's distribution.
create or replace function stats.student_t_sf(t float8, degrees float8) returns float8
language plpgsql immutable strict parallel safe as $$
declare
    half constant float8 := degrees / 2;
    square float8;
    inside float8;
    outside float8;
    scale float8;
begin
    if t < 0 then
        return 1 - stats.student_t_sf(-t, degrees);
    elsif degrees > 3e6 and t < 10 then -- next to the normal distribution: two terms of Fisher's expansion around it
        return stats.normal_sf(t) + stats.normal_density(t) * t / degrees * (
            (t * t + 1) / 4 + (((3 * t * t - 7) * t * t - 5) * t * t - 3) / (96 * degrees)
        );
    end if;
    square := least(t, 1e100) ^ 2 / degrees;
    inside := square / (1 + square);
    if inside = 0 then
        return 0.5;
    end if;
    outside := 1 / (1 + square);
    scale := stats.exp_or_zero(0.5 * ln(inside) - half * stats.log_1p(square) - stats.log_beta_half(half));
    if scale = 0 then
        return 0;
    elsif outside < (half + 1) / (half + 2.5) then
        return scale * stats.beta_fraction(half, 0.5, outside) / degrees;
    end if;
    return 0.5 - scale * stats.beta_fraction(0.5, half, inside);
end
$$;

create or replace function stats.student_t_cdf(t float8, degrees float8) returns float8
language sql immutable strict parallel safe
return stats.student_t_sf(-t, degrees);

-- The quantile of Student's distribution, by Newton's method for the logarithm of the tail over that of t: in these,
-- both the power law of few degrees and the tail of many are nearly straight.
create or replace function stats.student_t_quantile(p float8, degrees float8) returns float8
language plpgsql immutable strict parallel safe as $$
declare
    t float8;
    tail float8;
    density float8;
    step float8;
begin
    if p <= 0 or p >= 1 then
        return case when p = 0 then float8 '-infinity' when p = 1 then float8 'infinity' else float8 'nan' end;
    elsif p = 0.5 then
        return 0;
    elsif p > 0.5 then
        return -stats.student_t_quantile(1 - p, degrees);
    end if;
    t := -stats.normal_quantile(p);
    for number in 1..100 loop
        tail := stats.student_t_sf(t, degrees);
        density := exp(
            -(degrees + 1) / 2 * stats.log_1p(t * t / degrees) - stats.log_beta_half(degrees / 2) - ln(degrees) / 2
        );
        step := ln(tail / p) * tail / (t * density);
        t := t * exp(step);
        exit when abs(step) < 1e-14;
    end loop;
    return -t;
end
$$;

"""`python -m data_generator`: options, the environment's defaults, errors."""

from datetime import date

import pytest

from data_generator.__main__ import main


def test_lands_a_range(tmp_path, capsys):
    arguments = ["--landing", str(tmp_path), "--start", "2026-03-02", "--to", "2026-03-04", "--scale", "0.1"]
    assert main([*arguments, "--workers", "1"], {}) == 0
    assert "3 of 3 days written" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "app").iterdir()) == ["2026-03-02", "2026-03-03", "2026-03-04"]
    assert main(arguments, {}) == 0
    assert "0 of 3 days written" in capsys.readouterr().out


def test_defaults_come_from_the_environment(tmp_path, monkeypatch):
    environment = {
        "LANDING_URI": str(tmp_path),
        "GENERATOR_START": "2026-03-02",
        "GENERATOR_SEED": "5",
        "GENERATOR_SCALE": "0.25",
    }
    seen = {}
    monkeypatch.setattr(
        "data_generator.__main__.generate", lambda *days, **options: seen.update(options, days=days) or []
    )
    main([], environment)
    assert (seen["seed"], seen["scale"], seen["start"]) == (5, 0.25, date(2026, 3, 2))
    assert (str(seen["days"][0]), *seen["days"][1:]) == (str(tmp_path), date(2026, 3, 2), date(2026, 3, 2))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--start", "2026-03-02"], "set LANDING_URI"),
        (["--landing", "x"], "set GENERATOR_START"),
        (["--landing", "x", "--start", "2026-03-02", "--from", "2026-03-01"], "before 2026-03-02"),
        (["--landing", "x", "--start", "2026-03-02", "--scale", "-1"], "greater than 0"),
        (["--landing", "x", "--start", "yesterday"], "invalid"),
    ],
)
def test_errors_name_the_remedy(tmp_path, monkeypatch, capsys, arguments, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as exit_:
        main(arguments, {})
    assert exit_.value.code == 2
    assert message in capsys.readouterr().err

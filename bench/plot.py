"""A small chart as SVG: what one more day costs over the length of history."""

import math
from collections.abc import Sequence

WIDTH, HEIGHT = 720, 320
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 48, 48
COLOURS = ("#1f6feb", "#d1570b")


def relative_curves(title: str, days: Sequence[int], curves: dict[str, Sequence[float]]) -> str:
    """An SVG of at most two curves, each relative to its first value, over days of history on a logarithmic axis."""
    relative = {name: [value / values[0] for value in values] for name, values in curves.items()}
    top = max(2.0, 1.1 * max(max(values) for values in relative.values()))
    low, high = math.log(days[0]), math.log(max(days[-1], days[0] + 1))

    def x(day: int) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log(day) - low) / (high - low)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"'
        ' font-family="sans-serif" font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
        f'<text x="{LEFT}" y="20" font-size="14" font-weight="bold">{title}</text>',
    ]
    for value in range(math.floor(top) + 1):
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(value):.1f}" y2="{y(value):.1f}" stroke="#ddd"/>'
            f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value}×</text>'
        )
    for day in days:
        parts.append(f'<text x="{x(day):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{day:,}</text>')
    parts.append(f'<text x="{(WIDTH + LEFT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">days of history</text>')
    for number, ((name, values), colour) in enumerate(zip(relative.items(), COLOURS, strict=False)):
        points = " ".join(f"{x(day):.1f},{y(value):.1f}" for day, value in zip(days, values, strict=True))
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{x(day):.1f}" cy="{y(value):.1f}" r="3.5" fill="{colour}"/>'
            for day, value in zip(days, values, strict=True)
        ]
        parts.append(f'<text x="{LEFT + 170 * number}" y="40" fill="{colour}">{name}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"

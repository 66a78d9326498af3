"""The synthetic company: a pure function of (seed, scale, start, day) that writes what its apps would have landed."""

from data_generator.service import generate, generate_day, is_landed

__all__ = ["generate", "generate_day", "is_landed"]

"""Random numbers without a state: each draw is a hash of (seed, purpose, keys).

A draw does not depend on the draws before it, so the fate of any user on any day can be computed directly,
in any order and in any process. The hash is splitmix64's finaliser, applied once per key.
"""

from __future__ import annotations

import hashlib

import numpy as np

_GOLDEN = 0x9E3779B97F4A7C15
_MIX1 = 0xBF58476D1CE4E5B9
_MIX2 = 0x94D049BB133111EB
_MASK = (1 << 64) - 1


def _mix_int(value: int) -> int:
    value = ((value ^ (value >> 30)) * _MIX1) & _MASK
    value = ((value ^ (value >> 27)) * _MIX2) & _MASK
    return value ^ (value >> 31)


def _mix_array(value: np.ndarray) -> np.ndarray:
    value ^= value >> np.uint64(30)
    value *= np.uint64(_MIX1)
    value ^= value >> np.uint64(27)
    value *= np.uint64(_MIX2)
    value ^= value >> np.uint64(31)
    return value


class Streams:
    """All random streams of one company.

    `purpose` names the decision ("churn", "device", …); `keys` are integers or integer arrays of equal shape
    (user number, day, session …) and say for whom it is taken.
    """

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._bases: dict[str, int] = {}

    def bits(self, purpose: str, *keys: int | np.ndarray) -> np.ndarray:
        """uint64 array of the keys' shape (a 0-d array when every key is an int)."""
        state: int | np.ndarray = self._base(purpose)
        for key in keys:
            if isinstance(state, int) and isinstance(key, int | np.integer):
                state = _mix_int((state + int(key) * _GOLDEN) & _MASK)
                continue
            if isinstance(key, int | np.integer):
                hashed: np.ndarray | np.uint64 = np.uint64((int(key) * _GOLDEN) & _MASK)
            else:
                hashed = key.astype(np.uint64) * np.uint64(_GOLDEN)
            state = _mix_array(hashed + (np.uint64(state) if isinstance(state, int) else state))
        return np.asarray(state, dtype=np.uint64)

    def uniform(self, purpose: str, *keys: int | np.ndarray) -> np.ndarray:
        """float64 in [0, 1)."""
        return (self.bits(purpose, *keys) >> np.uint64(11)) * 2.0**-53

    def below(self, bound: int, purpose: str, *keys: int | np.ndarray) -> np.ndarray:
        """int64 in [0, bound); the bias of the modulus is below bound / 2**64."""
        return (self.bits(purpose, *keys) % np.uint64(bound)).astype(np.int64)

    def normal(self, purpose: str, *keys: int | np.ndarray) -> np.ndarray:
        """float64, mean 0, standard deviation 1, within ±3.5: the sum of four 16-bit uniforms."""
        bits = self.bits(purpose, *keys)
        return (lane(bits, 0) + lane(bits, 1) + lane(bits, 2) + lane(bits, 3) - 2.0) * 3**0.5

    def exponential(self, mean: float | np.ndarray, purpose: str, *keys: int | np.ndarray) -> np.ndarray:
        """float64, positive, with the given mean."""
        return -mean * np.log1p(-self.uniform(purpose, *keys))

    def choose(self, weights: list[float], purpose: str, *keys: int | np.ndarray) -> np.ndarray:
        """uint8 index into `weights`, drawn in proportion to them."""
        return pick(weights, self.uniform(purpose, *keys))

    def _base(self, purpose: str) -> int:
        if purpose not in self._bases:
            digest = hashlib.blake2b(f"{self.seed}:{purpose}".encode(), digest_size=8).digest()
            self._bases[purpose] = int.from_bytes(digest, "little")
        return self._bases[purpose]


def lane(bits: np.ndarray, number: int) -> np.ndarray:
    """float64 in [0, 1) from the 16-bit lane `number` (0–3) of a draw: four cheap uniforms out of one hash."""
    return ((bits >> np.uint64(16 * number)) & np.uint64(0xFFFF)) * 2.0**-16


def pick(weights: list[float], uniform: np.ndarray) -> np.ndarray:
    """uint8 index into `weights` for uniforms in [0, 1)."""
    edges = np.cumsum(weights) / np.sum(weights)
    return np.searchsorted(edges[:-1], uniform, side="right").astype(np.uint8)

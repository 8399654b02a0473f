"""How often each key lost its blank: expectation maximisation over the ambiguous places of a document, in arrays.

Lengths: P places, the certain ones first; O options besides the wholes, place by place; W different (key, witness); K keys;
G groups. The rates of options and wholes are asked for together: O + P of them.
"""

from collections.abc import Mapping, Sequence
from itertools import accumulate, pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.repair.spacing.places import Place, is_function, stem

ROUNDS = 3
LEAST = 1e-6
"""The least rate of an option."""
PRIOR = {
    "preposition lower": (0.5, 1.0),
    "preposition lower spared": (0.5, 1.0),
    "preposition Title": (0.3, 3.0),
    "preposition Title spared": (0.3, 3.0),
    "number": (0.2, 2.0),
    "other": (3.0, 1000.0),
}
"""Of each group: blanks lost and blanks seen before the document is looked at."""
RARELY, OFTEN = (0.02, 20.0), (2.0, 3.0)
"""The same for the other groups, where a typographer spares little words, and where he ties them too."""
TYING = "little lower"
"""The group that tells which."""
KEY_PRIOR = 2.0
"""For how many blanks the group's rate stands in the rate of one key."""

Floats = NDArray[np.float64]
Ids = NDArray[np.intp]
Flags = NDArray[np.bool_]


class Estimate:
    """The rates of the keys in `groups` (key: group) from the `free` blanks they kept and from their places, of which the first
    `certain` count as one loss each whatever the rates are."""

    def __init__(
        self, places: Sequence[Place], certain: int, free: Mapping[str, int], groups: Mapping[str, str]
    ) -> None:
        self._places, self._groups, self._certain = places, groups, certain
        self._keys = {key: i for i, key in enumerate(dict.fromkeys((*groups, "#")))}
        self._names = {name: i for i, name in enumerate(dict.fromkeys((*groups.values(), "number")))}
        self._group_of = np.array([self._names[groups.get(key, "number")] for key in self._keys])
        self._before_dash = np.array([may_precede_dash(key, groups.get(key, "")) for key in self._keys])
        self._function = np.array([is_function(name) for name in self._names])
        self._free = np.array([float(free.get(key, 0)) for key in self._keys])
        self._lay_out_options()
        self._lay_out_wholes()
        self._tying: tuple[float, ...] = RARELY
        self._of_group = self._priors()
        self._lost, self._kept = np.zeros(len(self._keys)), np.zeros(len(self._keys))
        self._by_witness = np.zeros(len(self._witnesses) + 1)
        for _ in range(ROUNDS if places else 0):
            self._round()

    def _lay_out_options(self) -> None:
        sizes = [len(place.options) - 1 for place in self._places]
        self._starts = [0, *accumulate(sizes)]
        self._place_of = np.repeat(np.arange(len(sizes)), sizes)
        options = [option for place in self._places for option in place.options[1:]]
        self._score = np.array([option.score for option in options])
        self._number = np.array([option.right == "0" for option in options] + [False] * len(sizes), np.bool_)
        pairs = [(option.key, option.witness) for option in options]
        self._witnesses = {pair: i for i, pair in enumerate(dict.fromkeys(pairs))}
        self._key_of = np.array([self._keys[key] for key, _ in self._witnesses], np.intp)
        self._witness = np.array([self._witnesses[pair] for pair in pairs], np.intp)

    def _lay_out_wholes(self) -> None:
        self._whole = np.array([place.options[0].score for place in self._places])
        keeps = [place.free in self._groups for place in self._places]
        self._keeps = np.array(keeps, np.bool_)
        free = [
            (place.free, stem(place.free, place.run)) if kept else ("#", "")
            for place, kept in zip(self._places, keeps, strict=True)
        ]
        self._free_key, free_own = self._ids(free)
        key, own = self._ids([("#" if key == "#symbol" else key, witness) for key, witness in self._witnesses])
        self._key = np.concatenate((key[self._witness], self._free_key))
        self._own = np.concatenate((own[self._witness], free_own))

    def _ids(self, pairs: Sequence[tuple[str, str]]) -> tuple[Ids, Ids]:
        """The key of each pair, and its place among the witnesses; W where no option has it."""
        keys, witnesses, none = self._keys, self._witnesses, len(self._witnesses)
        return (
            np.array([keys[key] for key, _ in pairs], np.intp),
            np.array([witnesses.get(pair, none) for pair in pairs], np.intp),
        )

    def _priors(self) -> Floats:
        """(G, 2): blanks lost and seen before the document is looked at, but for whether little words are tied too."""
        tied = self._tying[0] / self._tying[1]
        others = mix(tied, RARELY[0], OFTEN[0]), mix(tied, RARELY[1], OFTEN[1])
        return np.array([PRIOR.get(name, others) for name in self._names])

    def _rates(self, key: Ids, own: Floats, number: Flags | np.bool_ = np.False_) -> Floats:
        """How often each key loses its blank, judged without its `own` losses; before a `number`, only some groups do."""
        once, group = np.minimum(own, 1.0), self._group_of[key]
        lost, seen = self._of_group[group].T
        of_group = np.maximum(lost - once, 0.001) / np.maximum(seen - once, 0.01)
        lost = np.maximum(self._lost[key] - own, 0.0)
        rate = np.minimum((lost + KEY_PRIOR * of_group) / (lost + self._kept[key] + KEY_PRIOR), 0.999)
        other = group == self._names.get("other", -1)
        spared = number & (other | ((of_group < 0.3) & ~self._function[group]))
        found: Floats = np.where(spared, 0.0, np.where(other, of_group, rate))
        return found

    def _accidental(self) -> float:
        """How often a blank is lost after any word, above all where a dash stood."""
        lost, seen = self._of_group[self._names["other"]] if "other" in self._names else PRIOR["other"]
        return float(lost / seen)

    def _weigh(self, accidental: float = 0.0) -> tuple[Floats, Floats]:
        """The log likelihood under the present rates of (P,) the wholes and (O,) the other options; a word that is no beginning
        of others loses its blank by accident at least so often."""
        rates, options = self._rates(self._key, self._by_witness[self._own], self._number), len(self._score)
        wholes = self._whole + np.log(1 - self._keeps * rates[options:])
        least = np.where(self._number[:options], 0.0, self._before_dash[self._key[:options]] * accidental)
        return wholes, self._score + np.log(np.maximum(rates[:options], np.maximum(least, LEAST)))

    def _round(self) -> None:
        """Places from rates, rates from places."""
        lost, kept = self._shares()
        lost[: self._starts[self._certain]], kept[: self._certain] = 1.0, 0.0
        keys, groups = len(self._keys), len(self._names)
        self._by_witness = add_up(self._witness, lost, len(self._witnesses) + 1)
        by_witness = self._by_witness[:-1]
        once = np.minimum(by_witness, 1.0) * (self._key_of != self._keys.get("#symbol", -1))
        self._lost = add_up(self._key_of, by_witness, keys)
        self._kept = self._free + add_up(self._free_key, kept * self._keeps, keys)
        lost_of_group = add_up(self._group_of[self._key_of], once, groups)
        kept_of_group = add_up(self._group_of, self._kept, groups)
        self._of_group = self._priors() + np.stack((lost_of_group, lost_of_group + kept_of_group), 1)
        if TYING in self._names:
            self._tying = tuple(self._of_group[self._names[TYING]].tolist())

    def _shares(self) -> tuple[Floats, Floats]:
        """How likely (O,) each option and (P,) each whole is, beside the others of its place."""
        wholes, options = self._weigh()
        top = np.maximum(wholes, np.maximum.reduceat(options, self._starts[:-1]))
        wholes, options = np.exp(wholes - top), np.exp(options - top[self._place_of])
        total = wholes + np.add.reduceat(options, self._starts[:-1])
        return options / total[self._place_of], wholes / total

    def weights(self) -> list[list[float]]:
        """For each place the log likelihood of each of its options."""
        if not self._places:
            return []
        wholes, options = (weights.tolist() for weights in self._weigh(self._accidental()))
        return [[whole, *options[a:b]] for whole, (a, b) in zip(wholes, pairwise(self._starts), strict=True)]

    def lost(self) -> dict[str, float]:
        """How many blanks each key lost, of those that any place asks about."""
        lost = self._lost.tolist()
        return {key: lost[self._keys[key]] for key, _ in self._witnesses}

    def kept(self) -> dict[str, float]:
        """How many blanks each key kept."""
        kept = self._kept.tolist()
        return {key: kept[self._keys[key]] for key in self._groups}

    def function_rates(self) -> dict[str, float]:
        """How often each function word loses its blank."""
        rates = self._rates(np.arange(len(self._keys)), np.zeros(len(self._keys))).tolist()
        return {key: rates[self._keys[key]] for key, group in self._groups.items() if is_function(group)}


def may_precede_dash(key: str, group: str) -> bool:
    """Whether a key is a word or acronym rather than the beginning of a name: of two letters, only where it is a function word."""
    return len(key) > (1 if is_function(group) and key.islower() else 2) and (key.islower() or key.isupper())


def mix(share: float, low: float, high: float) -> float:
    """`low` at a share of 0, `high` at 1."""
    return (1 - share) * low + share * high


def add_up(ids: Ids, amounts: Floats, size: int) -> Floats:
    """(size,) the sum of the amounts of each id."""
    return np.bincount(ids, amounts, size).astype(np.float64, copy=False)

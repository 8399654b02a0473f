"""Words found by their hashes: the same wherever they stand, each its own."""

import numpy as np
import pytest

from pipeline.strip import model
from pipeline.strip.lookup import Lookup, hashes, hashes_of


@pytest.mark.parametrize("before", ["", "the ", "z" * 70_000])
def test_a_word_has_the_same_hash_wherever_it_stands(before: str) -> None:
    codes = np.frombuffer(f"{before}harbour".encode(), dtype=np.uint8)
    start, end = np.array([len(before)]), np.array([len(codes)])
    assert hashes(codes, start, end).tolist() == hashes_of(["harbour"]).tolist()


def test_words_are_numbered_as_listed_and_others_by_the_length_of_the_list() -> None:
    number_of = Lookup(["of", "harbour", "of the"])
    assert number_of(hashes_of(["harbour", "of", "fo", "of the", ""])).tolist() == [1, 0, 3, 2, 3]
    assert Lookup([])(hashes_of(["harbour"])).tolist() == [0]


def test_no_two_words_of_the_tables_share_a_hash() -> None:
    tables = model.load().tables
    for words in (tables.marks, tables.words):
        assert len(np.unique(hashes_of(list(words)))) == len(words)

"""Versions: each has a next one that nobody has, and letters go on like the columns of a sheet."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from hub.rules.versions import next_version

VERSIONS = st.text("ABYZabz0189.V版-", min_size=0, max_size=5)


@given(VERSIONS, st.integers(0, 40))
def test_the_next_version_is_the_first_that_is_free(version: str, count: int) -> None:
    chain = [version]
    for _ in range(count):
        chain.append(next_version(chain[-1]))
    assert len(set(chain)) == len(chain)
    assert next_version(version, set(chain)) == next_version(chain[-1])


def test_letters_and_numbers_go_on() -> None:
    versions, seen = "A", []
    for _ in range(26 * 27 + 1):
        seen.append(versions)
        versions = next_version(versions)
    assert seen[:3] + seen[25:29] + seen[-2:] == ["A", "B", "C", "Z", "AA", "AB", "AC", "ZZ", "AAA"]
    assert sorted(seen, key=lambda one: (len(one), one)) == seen
    assert [next_version(one) for one in ("b", "z", "V09", "2.99", "试制", "A-1")] == [
        *("c", "aa", "V10", "2.100", "试制2", "A-2"),
    ]

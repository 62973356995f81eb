"""Simulated people with hidden tastes vote ten times; texts for other briefs come to meet their tastes."""

from __future__ import annotations

from benchmarks.learning import run


async def test_ten_votes_meet_nearly_all_tastes_and_a_withdrawn_vote_no_change() -> None:
    met = await run(people=3, seed=11)
    before, after, undone = met["nothing"], met["10 votes"], met["a contradicting vote, taken back"]
    assert sum(before) / len(before) < 0.5
    assert sum(after) / len(after) >= 0.9
    assert all(later > earlier for earlier, later in zip(before, after, strict=True))
    assert all(later >= earlier for earlier, later in zip(after, undone, strict=True))
    assert all(met["named words, taken back"]), "the list of words to avoid is as it was"

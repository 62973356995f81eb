"""The review of a text, step by step, by whoever: what it never lets happen, whatever is tried in whatever order."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import settings as given_settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from bot.errors import RefusedError
from bot.team.review.steps import Review, ReviewActor, Step, advance, explain_refusal, has_enough_approvals
from bot.team.workspace.roles import Permission, Role, any_has_permission
from bot.team.workspace.settings import ReviewRules
from storage.assets import APPROVED, ARCHIVED, DRAFT, PUBLISHED, SCHEDULED, STATUSES, SUBMITTED

PEOPLE = [
    ReviewActor("writer", frozenset({Role.EDITOR})),
    ReviewActor("editor", frozenset({Role.EDITOR})),
    ReviewActor("both", frozenset({Role.EDITOR, Role.REVIEWER})),
    ReviewActor("reviewer", frozenset({Role.REVIEWER})),
    ReviewActor("second", frozenset({Role.REVIEWER})),
    ReviewActor("owner", frozenset({Role.OWNER})),
    ReviewActor("viewer", frozenset({Role.VIEWER})),
    ReviewActor("stranger", frozenset()),
]
GIVER = "writer"
FROZEN = (APPROVED, SCHEDULED, PUBLISHED)
rules_of_teams = st.builds(
    ReviewRules, st.integers(1, 4), st.sampled_from([None, Role.OWNER, Role.REVIEWER]), st.booleans()
)


class AnyTeam(RuleBasedStateMachine):
    """A team that tries every step. `given` is kept beside the machine: who has approved which version since it was submitted."""

    @initialize(rules=rules_of_teams)
    def begin(self, rules: ReviewRules) -> None:
        self.rules = rules
        self.review = Review(authors=frozenset({GIVER}))
        self.given: dict[str, tuple[int, frozenset[Role]]] = {}
        self.authors = {1: {GIVER}}
        self.approved: set[int] = set()

    @rule(
        step=st.sampled_from(Step),
        actor=st.sampled_from(PEOPLE),
        to=st.sampled_from(["", "editor", "reviewer"]),
    )
    def attempt(self, step: Step, actor: ReviewActor, to: str) -> None:
        before = self.review
        why = explain_refusal(before, step, actor, self.rules, GIVER)
        if why:
            with pytest.raises(RefusedError):
                advance(before, step, actor, self.rules, contributor_id=GIVER, assignee_id=to)
            return
        now = advance(before, step, actor, self.rules, contributor_id=GIVER, assignee_id=to)
        self.review = now
        if step is Step.APPROVE:
            assert actor.user_id not in self.given, "an approver counts once"
            assert any_has_permission(actor.roles, Permission.REVIEW)
            assert self.rules.allows_own or actor.user_id not in self.authors[now.version], "nobody approves their own"
            self.given[actor.user_id] = (now.version, actor.roles)
        if step is Step.EDIT:
            assert now.version == before.version + 1
            self.authors[now.version] = {GIVER, actor.user_id}
        else:
            assert now.version == before.version, "a text changes by a new version alone"
        if now.status in (DRAFT, ARCHIVED):
            self.given.clear()
        if now.status == APPROVED and step is Step.APPROVE:
            self.approved.add(now.version)
        if before.status in FROZEN and now.status == DRAFT:
            assert step is Step.EDIT, "what is approved is frozen"

    @rule(rules=rules_of_teams)
    def change_rules(self, rules: ReviewRules) -> None:
        """Change the rules as owners may at any time: approved texts stay approved, others go by the new rules."""
        self.rules = rules

    @invariant()
    def check_approvals_meet_the_rules(self) -> None:
        assert self.review.status in STATUSES
        assert set(self.review.approvals) == set(self.given)
        assert all(version == self.review.version for version, _ in self.given.values()), (
            "those of old ones count no more"
        )
        if self.review.status in FROZEN:
            assert self.review.version in self.approved
            assert self.given

    @invariant()
    def check_drafts_have_no_approvals(self) -> None:
        if self.review.status == DRAFT:
            assert not self.review.approvals


AnyTeam.TestCase.settings = given_settings(max_examples=60, stateful_step_count=40, deadline=None)
TestAnyTeam = AnyTeam.TestCase


def build_submitted_review(**values: object) -> Review:
    return replace(Review(SUBMITTED, authors=frozenset({GIVER})), **values)


def find_person(name: str) -> ReviewActor:
    return next(one for one in PEOPLE if one.user_id == name)


def test_enough_members_must_approve_including_the_required_role() -> None:
    rules = ReviewRules(2, Role.OWNER)
    first = advance(build_submitted_review(), Step.APPROVE, find_person("reviewer"), rules, contributor_id=GIVER)
    second = advance(first, Step.APPROVE, find_person("second"), rules, contributor_id=GIVER)
    assert (first.status, second.status) == (SUBMITTED, SUBMITTED), "two have, and no owner"
    assert advance(second, Step.APPROVE, find_person("owner"), rules, contributor_id=GIVER).status == APPROVED
    assert not has_enough_approvals({}, ReviewRules(1))


@pytest.mark.parametrize(
    ("name", "step", "said"),
    [
        ("viewer", Step.APPROVE, "Only reviewers and owners can decide that here."),
        ("editor", Step.REQUEST_CHANGES, "Only reviewers and owners can decide that here."),
        ("stranger", Step.SUBMIT, "Only the person who gave it to"),
        ("editor", Step.EDIT, "Only the person who gave it to"),
        ("reviewer", Step.SCHEDULE, "Only editors and owners can"),
        ("writer", Step.RESTORE, "That is now under review"),
    ],
)
def test_a_refusal_says_who_may_take_the_step(name: str, step: Step, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        advance(build_submitted_review(), step, find_person(name), ReviewRules(), contributor_id=GIVER)


def test_only_assignees_and_editors_can_change_an_assigned_text() -> None:
    draft = advance(
        Review(authors=frozenset({GIVER})),
        Step.ASSIGN,
        find_person("owner"),
        ReviewRules(),
        contributor_id=GIVER,
        assignee_id="editor",
    )
    assert advance(draft, Step.EDIT, find_person("editor"), ReviewRules(), contributor_id=GIVER).version == 2
    with pytest.raises(RefusedError):
        advance(
            replace(draft, assigned="reviewer"), Step.EDIT, find_person("reviewer"), ReviewRules(), contributor_id=GIVER
        )


def test_authors_can_approve_their_own_texts_only_if_allowed() -> None:
    mine = build_submitted_review(authors=frozenset({"both"}))
    with pytest.raises(RefusedError, match="You wrote this"):
        advance(mine, Step.APPROVE, find_person("both"), ReviewRules())
    assert advance(mine, Step.APPROVE, find_person("both"), ReviewRules(allows_own=True)).status == APPROVED

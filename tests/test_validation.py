"""What CloudFormation tells of a refusal, and what it does not; tests/test_deploy.py has one be refused."""

from __future__ import annotations

from lab import validation
from tests.conftest import EmbeddedAws


def test_where_cloudformation_tells_nothing_its_own_summary_stays_the_cause(aws: EmbeddedAws) -> None:
    assert validation.problems("no-such-stack") == []
    validation.check("no-such-stack")

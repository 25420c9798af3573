"""What `make rule` writes: a rule, and its test. Both pass the contract of rules; the test fails until it has cases."""

from __future__ import annotations

RULE = '''\
"""{code} {name}."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from {module} import {stream}
from treedebug.core.findings import Finding
from treedebug.engine.rule import Rule, param


@dataclass(frozen=True, kw_only=True)
class {cls}(Rule):
    """Replace me: say in one sentence what is wrong.

    ## What it does
    Replace me: fires when ..., in terms of the parameters.
    ## Why is this bad
    Replace me: what it costs the user, in a sentence or two.
    ## When to ignore it
    Replace me: the case in which the finding is right and nothing need be done.
    """

    code = "{code}"
    name = "{name}"
    preview = True  # until it is proven on the fault benchmark

    threshold: float = param(0.5, "replace me: what is counted, with its unit", ge=0.0, le=1.0)

    def check(self, {argument}: {stream}) -> Iterator[Finding]:  # noqa: ARG002 - replace me: ask for a signal
        """Compare the signal with the threshold."""
        yield from ()
'''

TEST = '''\
"""{code} {name}: both sides of its threshold."""

from __future__ import annotations

from {rules}.{stem} import {cls}
from treedebug.testing import rule_test

# Fails until each side has a case. Good silent cases are near misses: one round short, the neighbouring disease.
test_{stem} = rule_test(
    {cls}(),
    fires={{}},
    silent={{}},
    skipped={{}},
)
'''

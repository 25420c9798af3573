"""DA620 skewed-token-ratio."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from treedebug.core.findings import Change, Finding, Severity
from treedebug.core.phrases import percent
from treedebug.engine.rule import Rule, param
from treedebug.rules.data._column_words import shown
from treedebug.signals.data.checked_tables import Tokens


@dataclass(frozen=True, kw_only=True)
class SkewedTokenRatio(Rule):
    """One token (padding, unknown) takes most of the sequences.

    ## What it does
    For each token to watch (`tokens=`): fires when it takes a share of `max_share` or more of an average sequence of
    the training data. Info where a net's embedding knows it as padding (`padding_idx`): then it only costs time.
    ## Why is this bad
    Padding is computed and learned like anything else: a net spends its time on nothing. Where most words are unknown,
    the vocabulary does not belong to these texts.
    ## When to ignore it
    The token is masked, or sequences of one length are batched together.
    """

    code = "DA620"
    name = "skewed-token-ratio"

    max_share: float = param(0.4, "share of an average sequence that is the token", ge=0.0, le=1.0)

    def check(self, tokens: Tokens) -> Iterator[Finding]:
        """Compare the share of each watched token."""
        for token in tokens.found:
            if not token.mean_share >= self.max_share:
                continue
            half = token.n_over[4] if len(token.n_over) > 4 else 0  # a share of 0.5
            where = f" of {token.column}" if token.column else ""
            yield self.finding(
                f"token {shown(token.token)} takes {percent(token.mean_share)} of an average sequence{where}, and half "
                f"or more of {half} of the {token.n_sequences}",
                severity=Severity.INFO if token.is_padding else None,
                subject=f"token {shown(token.token)}{where}",
                try_next=(
                    Change(
                        "max_length",
                        _kept(token.n_of_token, token.n_elements, token.n_sequences),
                        "what is not the token, on average",
                    ),
                ),
                columns=[token.column] if token.column else [],
                token=token.token,
                mean_share=token.mean_share,
                n_of_token=token.n_of_token,
                n_elements=token.n_elements,
                n_sequences=token.n_sequences,
            )


def _kept(n_of_token: int, n_elements: int, n_sequences: int) -> int:
    """Elements of an average sequence that are not the token."""
    return max(round((n_elements - n_of_token) / max(n_sequences, 1)), 1)

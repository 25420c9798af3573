"""WithBlock: a recorder that is used in a `with` block, and closes its run when the block ends."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from nn_bridge.record.start_net_run import in_words


class WithBlock:
    """Closes with what interrupted the block, if anything did; an exception is never swallowed."""

    def __enter__(self) -> Self:
        """Return the recorder, which has recorded since it was made."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the run; one that raised, or was interrupted by Ctrl-C, is recorded as interrupted."""
        self._close(in_words(error))

    def close(self) -> None:
        """End the recording and remove all hooks; safe to call twice."""
        self._close("")

    def _close(self, interrupted: str) -> None:
        """End the recording, which was interrupted by an error unless that is empty."""
        raise NotImplementedError

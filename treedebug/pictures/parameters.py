"""Parameters: what each was, and which findings blame it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from treedebug.core.changes import PARAMETER
from treedebug.core.findings import Finding
from treedebug.core.params.user_spelling import plain_name, spelled, value_in_use
from treedebug.core.plain_json import plain
from treedebug.pictures.picture import AnyRun, NoPicture, Picture, data_of

_MOST = 200


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameter:
    """One parameter."""

    parameter: str
    """As the user spells it, or else the library."""
    value: Any
    """In effect; plain data. None where it is not known."""
    is_given: bool
    """The user set it: otherwise it is the library's own."""
    blamed_by: tuple[str, ...]
    """Codes of the findings that would change it."""
    suggested: tuple[Any, ...]
    """The values they would try, in the same order."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Parameters(Picture):
    """All parameters: blamed ones first, then those that were given, then the others."""

    name: ClassVar[str] = "parameters"
    question: ClassVar[str] = "Which parameters would the findings change?"

    parameters: tuple[Parameter, ...]
    n_left_out: int


def parameters(run: AnyRun, findings: Sequence[Finding] | None = None) -> Parameters | NoPicture:
    """Return the parameters with those that `findings` blame: by default the findings that stand in the run."""
    header = data_of(run).header
    blamed: dict[str, list[tuple[str, Any]]] = {}
    for finding in data_of(run).findings if findings is None else findings:
        for change in finding.try_next:
            if change.kind == PARAMETER:
                name = plain_name(change.parameter, header)
                blamed.setdefault(name, []).append((finding.code, plain(change.value)))
    given = {plain_name(name, header) for name in header.params_given}
    names = sorted({*header.params, *given, *blamed}, key=lambda n: (n not in blamed, n not in given, n))
    if not names:
        return NoPicture("no parameters were recorded")
    found = tuple(
        Parameter(
            parameter=spelled(header, n),
            value=plain(value_in_use(header, n)),
            is_given=n in given,
            blamed_by=tuple(code for code, _ in blamed.get(n, ())),
            suggested=tuple(value for _, value in blamed.get(n, ())),
        )
        for n in names[:_MOST]
    )
    return Parameters(parameters=found, n_left_out=len(names) - len(found))

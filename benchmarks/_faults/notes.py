"""Why a false alarm that remains on the healthy shelf is raised: (table, code) -> the reason."""

EXPLAINED: dict[tuple[str, str], str] = {}

"""A hostile file names a module: does anything of it, or of the folder one stands in, get imported or run?

The cases run in a process of their own, whose `sys.path` begins with a folder of poisoned modules and whose audit hook
notes every import of, and every code object from, that folder.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from _hardening.frames import NAME, frame, join, split
from _hardening.mutate import dumped
from _hardening.rows import Arena, Flaw, Row

NAMES = (
    "payload",
    "payload.sub",
    "payload:main",
    "antigravity",
    "xgboost_payload",
    "xgboost.payload",
    "../payload",
    "",
)
"""What a file says its library is."""
_POISON = "import os\nopen(os.environ['POISON_LOG'], 'a').write(__file__ + '\\n')\n"
_SHADOWS = ("payload", "xgboost_payload", "json", "argparse", "numpy", "pandas", "rich")
"""Modules that lie in the folder; the known names only count for `python -m treedebug`, which runs in it."""
_CHILD = """
import json, os, sys
sys.path[:0] = json.loads(os.environ["CHILD_PATHS"])
import treedebug
known = set(sys.modules)
poison, heard = os.environ["POISON"], []

def hook(event, args):
    if event == "import" and str(args[0]).split(".")[0] in ("payload", "xgboost_payload", "antigravity"):
        heard.append(f"import {args[0]}")
    elif event in ("exec", "compile", "open") and poison in str(args[0] if event == "open" else
            getattr(args[0], "co_filename", args[1] if event == "compile" else "")):
        if event != "open" or str(args[0]).endswith((".py", ".pyc", ".so")):
            heard.append(f"{event} {args[0]}")
    elif event in ("os.system", "subprocess.Popen", "os.exec", "pickle.find_class", "marshal.loads.payload"):
        heard.append(f"{event} {args[0]!r}")

sys.path.insert(0, poison)
sys.addaudithook(hook)
plain = treedebug.Config()

def steps(path, kind, sound):
    if kind == "model":
        yield lambda: treedebug.check(path, config=plain)
    elif kind == "config":
        yield lambda: treedebug.check(sound, config=treedebug.load_config(path))
    else:
        yield lambda: treedebug.load(path)
        yield lambda: treedebug.check(path, config=plain)
        yield lambda: treedebug.compare(sound, path, config=plain)
        yield lambda: treedebug.load(path).booster()
        yield lambda: treedebug.load(path).trees
        yield lambda: treedebug.load(path).replay([[0.0, 0.0, 0.0]])

for case in json.loads(sys.stdin.read()):
    heard.clear()
    for name in ("payload", "xgboost_payload", "antigravity"):
        sys.modules.pop(name, None)
    for step in steps(*case):
        try:
            step()
        except Exception:
            pass
    print("heard " + json.dumps(heard), flush=True)
"""


def _renamed(data: bytes, kind: str, name: str) -> bytes:
    """The run with another library in the records of a kind; of "header", with other engine facts as well."""
    frames = split(data)
    for one in frames:
        entry = one.entry
        if entry["kind"] == kind:
            entry["fields"]["library"] = name
            if kind == "header":
                entry["fields"] |= {"booster": name, "objective": name}
            one.text = dumped(entry)
    return join(frames)


def _cases(seeds: Path) -> dict[str, tuple[str, str, bytes]]:
    """Name -> kind, file and bytes."""
    cases: dict[str, tuple[str, str, bytes]] = {}
    sources = {f.parent.name: f.read_bytes() for f in sorted((seeds / "runs").rglob(NAME))}
    for source in ("xgboost-binary", "lightgbm-binary", "lightgbm-dart"):
        for name in NAMES:
            for kind in ("header", "trees", "revision"):
                title = f"{source}: {kind} of library {name!r}"
                cases[title] = "run", f"run/{NAME}", _renamed(sources[source], kind, name)
    for name in ("payload", "payload:main", "nn_bridge.records:apply_facts"):
        data = join([*split(sources["xgboost-binary"]), frame(name, {"library": name}, b"cos\nsystem\n(S'true'\ntR.")])
        cases[f"record of kind {name!r}"] = "run", f"run/{NAME}", data
    model = json.loads((seeds / "models" / "binary.json").read_text(encoding="utf-8"))
    for path in (("gradient_booster", "name"), ("objective", "name")):
        changed = json.loads(json.dumps(model))
        changed["learner"][path[0]][path[1]] = "payload"
        cases[f"model whose {' '.join(path)} is payload"] = "model", "model.json", dumped(changed)
    cases["pickle as a model"] = "model", "model.pkl", b"\x80\x04cpayload\nmain\n."
    for text in ('select = ["payload:main"]', '[tool.treedebug.rules."payload:main"]', 'plugins = ["payload"]'):
        cases[f"configuration {text}"] = "config", "pyproject.toml", f"[tool.treedebug]\n{text}\n".encode()
    return cases


def strangers(arena: Arena) -> Iterator[Row]:
    """Modules that files name, and modules that lie in the current folder."""
    poison = arena.folder / "poison"
    poison.mkdir()
    for name in _SHADOWS:
        (poison / f"{name}.py").write_text(_POISON, encoding="utf-8")
    named = arena.folder / "named"  # on the path of the children: only what no package is called
    named.mkdir()
    for name in ("payload", "xgboost_payload", "antigravity"):
        (named / f"{name}.py").write_text(_POISON, encoding="utf-8")
    yield _files(arena, named)
    yield _current_folder(arena, poison)


def _files(arena: Arena, poison: Path) -> Row:
    row = Row("files that name a module", "1")
    sound = arena.seeds / "runs" / "xgboost-binary"
    cases = dict(list(_cases(arena.seeds).items())[: arena.n("strangers")])
    given = []
    for number, (kind, file, data) in enumerate(cases.values()):
        path = arena.folder / f"stranger-{number}" / file
        path.parent.mkdir(parents=True)
        path.write_bytes(data)
        given.append([str(path.parent if kind == "run" else path), kind, str(sound)])
    log = arena.folder / "executed"
    environment = {**os.environ, "POISON": str(poison), "POISON_LOG": str(log), "CHILD_PATHS": json.dumps(sys.path)}
    done = subprocess.run(
        [sys.executable, "-c", _CHILD], env=environment, input=json.dumps(given), capture_output=True, text=True,
        check=False, cwd=arena.folder,
    )  # fmt: skip
    answers = [json.loads(line[6:]) for line in done.stdout.splitlines() if line.startswith("heard ")]
    dead = [f"the process ended with {done.returncode}: {done.stderr[-200:]}"]
    for number, (title, (_, file, data)) in enumerate(cases.items()):
        heard = answers[number] if number < len(answers) else dead
        flaws = [Flaw("executed", f"{title}: {heard[0]}", _who(title))] if heard else []
        kept = arena.kept("strangers", f"{number:03d}", Path(file).name) if flaws else None
        if kept is not None:
            kept.write_bytes(data)
        row.add(title, flaws, kept=kept)
    return row


def _who(title: str) -> str:
    """Cases of one kind count as one flaw."""
    return title.partition(": ")[2].partition(" ")[0] or title


def _current_folder(arena: Arena, poison: Path) -> Row:
    row = Row("modules in the current folder", "1")
    sound = arena.seeds / "runs" / "xgboost-binary"
    treedebug = Path(sys.executable).with_name("treedebug")
    commands = {
        "python -m treedebug check": [sys.executable, "-m", "treedebug", "check", str(sound)],
        "python -m treedebug rules": [sys.executable, "-m", "treedebug", "rules"],
        "treedebug check": [str(treedebug), "check", str(sound)],
    }
    for title, command in commands.items():
        if not Path(command[0]).exists():
            continue
        log = arena.folder / f"executed-{len(title)}"
        subprocess.run(
            command, cwd=poison, env={**os.environ, "POISON_LOG": str(log)}, capture_output=True, check=False
        )
        ran = log.read_text(encoding="utf-8").splitlines() if log.exists() else []
        names = ", ".join(sorted({Path(line).name for line in ran}))
        flaws = [Flaw("executed", f"{title} ran {names} of the current folder", "treedebug/__main__.py")] if ran else []
        row.add(title, flaws)
    return row

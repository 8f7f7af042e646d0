"""The reviewed lists beside the runner. A line: CASE REASON...; # starts a comment."""
import fnmatch
import os

HERE = os.path.dirname(os.path.abspath(__file__))


def entries(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        for number, line in enumerate(f, 1):
            words = line.split("#")[0].split(maxsplit=1)
            if words:
                yield number, words[0], words[1].strip() if len(words) > 1 else ""


def reasons(name):
    """{case: reason}; a case without a reason, or twice, is an error."""
    out = {}
    for number, case, reason in entries(name):
        if not reason:
            raise SystemExit(f"{name}:{number}: {case} has no reason")
        if case in out:
            raise SystemExit(f"{name}:{number}: {case} stands there twice")
        out[case] = reason
    return out


def floors():
    """{suite: the number of cases that must pass at least}."""
    return {suite: int(count) for _, suite, count in entries("floors.txt")}


def raise_floors(passed):
    path = os.path.join(HERE, "floors.txt")
    with open(path, encoding="utf-8") as f:
        head = [line for line in f if line.startswith("#")]
    merged = floors()
    for suite, count in passed.items():
        merged[suite] = max(count, merged.get(suite, 0))
    with open(path, "w", encoding="utf-8") as f:
        f.writelines(head)
        for suite in sorted(merged):
            f.write(f"{suite} {merged[suite]}\n")


def matches(case, globs):
    """Whether the case's name, with its suite or without, is one of these; no globs: every case."""
    return not globs or any(fnmatch.fnmatch(case.id, g) or fnmatch.fnmatch(case.name, g) for g in globs)

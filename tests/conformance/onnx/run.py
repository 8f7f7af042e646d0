#!/usr/bin/env python3
"""Runs the public ONNX operator and model cases through Halyard and says how many are right.

    run.py --worker BUILD/tests/onnx_worker [--suite S]... [--filter GLOB]... [--provider A[,B...]] [-v]

A case passes, or fails; what is skipped, refused or lacking has failed. A case of random.txt, right in type and
dims, is counted as random: neither. Exit code 1: a case failed that the
lists do not name, one that xfail.txt names passed, a worker crashed or hung, or a suite fell below its floor.
Exit code 77: there are no cases on this machine.
"""
import argparse
import collections
import os
import sys
import time

import cases
import lists
import workers


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = os.path.join(lists.HERE, "..", "..", "..")
    p.add_argument("--worker", default=os.path.join(root, "build", "tests", "onnx_worker"))
    p.add_argument("--shared", default=os.environ.get("HALYARD_SHARED", os.path.join(root, "..", "shared")),
                   help="the folder with the archives; without them Debian's libonnx-testdata is taken")
    p.add_argument("--work", default=os.path.join(root, "build", "conformance"), help="archives are unpacked here")
    p.add_argument("--suite", action="append", default=[], choices=cases.BACKEND + cases.MIGRAPHX,
                   help="these suites alone; may repeat")
    p.add_argument("--filter", action="append", default=[], metavar="GLOB",
                   help="cases whose name, or SUITE/NAME, matches; may repeat")
    p.add_argument("--operator", action="append", default=[], metavar="OP", help="cases whose model holds it")
    p.add_argument("--tenth", action="store_true", help="a fixed tenth of the cases")
    p.add_argument("--provider", metavar="A[,B...]",
                   help="these providers alone; how many cases A takes part in is reported, and the right and wrong "
                        "ones of them; the lists and floors are not looked at")
    p.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="worker processes")
    p.add_argument("--timeout", type=float, default=60, help="seconds that a case may take")
    p.add_argument("--floors-only", action="store_true", help="a failure that no list names is no error")
    p.add_argument("--raise-floors", action="store_true", help="write floors.txt anew where more pass")
    p.add_argument("--operators", action="store_true", help="a line for each operator")
    p.add_argument("-v", "--verbose", action="store_true", help="a line for each case that does not pass")
    return p.parse_args()


def choose(args):
    found = cases.find(args.shared, args.work)
    if not found:
        print(f"skipped: there are no cases in {args.shared}, and {cases.DEBIAN} is not there "
              "(Debian's libonnx-testdata)")
        sys.exit(77)
    wanted = [c for c in found if lists.matches(c, args.filter)
              and (not args.suite or c.suite.removeprefix("debian-") in args.suite)
              and (not args.operator or set(args.operator) & set(c.operators))
              and (not args.tenth or c.in_tenth())]
    if not wanted:
        sys.exit("no case matches")
    # Large models first, so that none is left for the end.
    wanted.sort(key=lambda c: not c.suite.endswith("light"))
    return wanted


def table(rows):
    widths = [max(len(str(r[i])) for r in rows) for i in range(len(rows[0]))]
    for row in rows:
        cells = [str(c).ljust(w) if i == 0 else str(c).rjust(w) for i, (c, w) in enumerate(zip(row, widths))]
        print("  ".join(cells).rstrip())


def summary(results):
    """{suite: Counter of statuses}, printed."""
    suites = collections.defaultdict(collections.Counter)
    for case, answer in results:
        suites[case.suite][answer["status"]] += 1
    columns = ["pass", "random", "wrong", "run", "unplaced", "load", "data", "CRASH", "HANG"]
    rows = [["suite", "cases"] + columns + ["share"]]
    for suite, counts in suites.items():
        total = sum(counts.values())
        rows.append([suite, total] + [counts[c] for c in columns] + [f"{100 * counts['pass'] / total:.1f} %"])
    table(rows)
    return suites


def operator_summary(results):
    counts = collections.defaultdict(lambda: [0, 0])
    for case, answer in results:
        for operator in case.operators:
            counts[operator][0] += answer["status"] == "pass"
            counts[operator][1] += 1
    rows = [["operator", "pass", "cases"]]
    table(rows + [[op, good, total] for op, (good, total) in sorted(counts.items())])


def provider_summary(name, results):
    rows = [["suite", "cases", "claimed", "right", "wrong"]]
    suites = collections.defaultdict(lambda: [0, 0, 0, 0])
    for case, answer in results:
        row = suites[case.suite]
        row[0] += 1
        row[1] += answer["claimed"]
        row[2] += answer["claimed"] and answer["status"] == "pass"
        row[3] += answer["claimed"] and answer["status"] != "pass"
    print(f"provider {name}:")
    table(rows + [[suite] + row for suite, row in suites.items()])
    return sum(row[3] for row in suites.values())


def problems(args, results, suites):
    """What makes the run fail, a line each."""
    unsupported, xfail = lists.reasons("unsupported.txt"), lists.reasons("xfail.txt")
    good = ("pass", "random")
    for case in sorted(set(unsupported) & set(xfail)):
        yield f"{case} is in both lists"
    for case, answer in results:
        status = answer["status"]
        detail = "" if args.verbose else ": " + answer["detail"][:1000]
        if status == "pass" and case.id in xfail:
            yield f"{case.id} passes now: delete it from xfail.txt"
        elif status == "pass" and case.id in unsupported:
            yield f"{case.id} passes: delete it from unsupported.txt"
        elif status in ("CRASH", "HANG"):
            yield f"{case.id}: {status}{detail}"
        elif status not in good and case.id not in xfail and case.id not in unsupported and not args.floors_only:
            yield f"{case.id}: {status}{detail}"
    if args.tenth or args.filter or args.operator:
        return
    for suite, floor in lists.floors().items():
        if suite in suites and suites[suite]["pass"] < floor:
            yield f"{suite}: {suites[suite]['pass']} cases pass, {floor} did (floors.txt)"


def main():
    args = arguments()
    command = [args.worker] + (["--provider", args.provider] if args.provider else [])
    wanted, results, start = choose(args), [], time.monotonic()
    random = lists.reasons("random.txt")
    for case in wanted:
        case.spec["values"] = case.id not in random

    def done(case, answer):
        if answer["status"] == "pass" and case.id in random:
            answer["status"] = "random"
        results.append((case, answer))
        if args.verbose and answer["status"] not in ("pass", "random"):
            detail = " | ".join(line.strip() for line in answer["detail"].splitlines())
            print(f"{answer['status']:9}{case.id}: {detail[:400]}", flush=True)

    workers.run_all(command, wanted, args.jobs, args.timeout, done)
    results.sort(key=lambda r: r[0].id)
    if args.operators:
        operator_summary(results)
    suites = summary(results)
    print(f"{len(results)} cases in {time.monotonic() - start:.1f} s")
    if args.provider:
        return 1 if provider_summary(args.provider.split(",")[0], results) else 0
    found = list(problems(args, results, suites))
    for line in found:
        print(line)
    if args.raise_floors and not (args.tenth or args.filter or args.operator):
        lists.raise_floors({suite: counts["pass"] for suite, counts in suites.items()})
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

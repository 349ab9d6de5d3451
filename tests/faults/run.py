#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Lets system calls of the real program go wrong, one in each run, and checks that the ledger keeps its word.

    tests/faults/run.py DAYBOOK SHIM [--hand HAND] [--sample N [--seed S] | --minutes M] [--only PART,...]
    tests/faults/run.py DAYBOOK SHIM [--hand HAND] --replay CASE

A case is VERB:FAULT@NxPROCESSES, such as lines-sync:short-enospc@12x2: the 12th call that this fault can
hit fails, while one other process appends. Every case is run once, in an order drawn by the seed, which is
printed; the first N of them with --sample, as many as there is time for with --minutes. Parts: calls (those
cases), scenes (processes.py, needs --hand), disk (a disk that is really full, disk.py). A scene's name and
disk:SEED are cases too. README.md describes all of it. Standard library only.
"""

import argparse
import collections
import concurrent.futures
import copy
import os
import pathlib
import random
import re
import sys
import tempfile
import time

import disk
import processes
import verbs
from judge import ended_well, judge_followed, judge_ledger
from program import Box, Fault, Follower, Peer, Tools

CHANGES = "create,pwrite,write,fdatasync,fsync,ftruncate,flock,lock,fchmod,mkdir,rename,link,unlink"
MOVES = "pwrite,write"
# What can go wrong, and with which calls; "" is all of them.
FAULTS = {
    "eio": "",
    "eio-on": "fdatasync,fsync",
    "enospc": "create,pwrite,write,ftruncate,fdatasync,fsync,mkdir,rename,link",
    "enospc-on": "create,pwrite,write,mkdir,rename,link",
    "short": "pwrite,write,pread,read",
    "short-eio": MOVES,
    "short-enospc": MOVES,
    "slow": CHANGES,  # of use only while others write
    "kill-before": CHANGES,
    "kill-half": MOVES,
    "kill-after": CHANGES,
}
FAILURES = {fault for fault in FAULTS if fault.startswith(("eio", "enospc"))}
PROCESSES = (1, 2, 4)
QUICK_CASES = 100
# What the shim has to see of the program, or it proves nothing.
NEEDED_CALLS = {"create", "open", "pwrite", "pread", "fdatasync", "fsync", "flock", "mkdir", "rename",
                "ftruncate", "fchmod", "stat", "unlink", "lock"}

Case = collections.namedtuple("Case", "verb fault nth processes")


def name_of(case):
    return f"{case.verb}:{case.fault}@{case.nth}x{case.processes}"


def parse_case(text):
    match = re.fullmatch(r"([\w-]+):([\w-]+)@(\d+)x(\d+)", text)
    if not match or match[1] not in names() or match[2] not in FAULTS:
        sys.exit(f"{text}: no such case; verbs: {', '.join(names())}; faults: {', '.join(FAULTS)}")
    return Case(match[1], match[2], int(match[3]), int(match[4]))


def names():
    return [verb.name for verb in verbs.VERBS]


def verb_named(name):
    """A copy of its own, as a verb keeps what it was told."""
    return copy.copy(next(verb for verb in verbs.VERBS if verb.name == name))


def run_verb(box, verb, fault):
    verb.prepare(box)
    arguments = verb.arguments(box)
    done = box.run(arguments, verb.stdin(), fault)
    verb.settle(done)
    return done


def census(templates, name):
    """The calls that one verb makes, in order, when all goes well."""
    with Box(templates.box.tools, templates.box.directory.parent) as box:
        verb = verb_named(name)
        templates.copy(verb.template, box)
        done = run_verb(box, verb, Fault(log=box.log))
        if done.code != verb.code:
            sys.exit(f"{name} alone, without a fault: {done.told()}")
        return [call for call, _, _ in box.calls()]


def count_for(calls, fault):
    wanted = FAULTS[fault].split(",") if FAULTS[fault] else None
    return sum(1 for call in calls if wanted is None or call in wanted)


def all_cases(counts):
    """Every n of every fault of every verb. Beside other processes a verb makes a few calls more."""
    cases = []
    for verb, calls in counts.items():
        for fault in FAULTS:
            for processes_ in (1,) if verb_named(verb).alone else PROCESSES:
                if fault == "slow" and processes_ == 1:
                    continue
                reach = count_for(calls, fault)
                cases += [Case(verb, fault, nth, processes_) for nth in range(1, reach + 1)]
    return cases


# ---- One case ----------------------------------------------------------------------------------

def run_case(templates, case, keep=None):
    """(problems, the call that went wrong or None)."""
    with Box(templates.box.tools, templates.box.directory.parent) as box:
        verb = verb_named(case.verb)
        before = templates.copy(verb.template, box)
        peers = [Peer(box, number) for number in range(1, case.processes)]
        follower = Follower(box) if peers else None
        for peer in peers:
            peer.start()
        for peer in peers:
            peer.at_work.wait(30)
        fault = Fault(case.fault, case.nth, FAULTS[case.fault], log=box.log)
        done = run_verb(box, verb, fault)
        fired = next(((name, path) for name, path, hit in box.calls() if hit), None)
        flush_failed = fired and fired[0] in ("fdatasync", "fsync") and case.fault in FAILURES
        problems = [problem for peer in peers for problem in peer.finish(flush_failed)]
        problems += judge_case(box, verb, case, done, fired)
        found, stored = judge_ledger(box, before, verb.callers() + [peer.caller for peer in peers])
        problems += found
        if follower:
            problems += judge_followed(follower.finish(stored.last), stored)
        if keep:
            print(f"{name_of(case)}: {fired or 'no call went wrong'}; {done.told()}")
        return problems, fired


def judge_case(box, verb, case, done, fired):
    """Problems of the command that met the fault."""
    deadly = case.fault.startswith("kill")
    problems = []
    if done.code != verb.code or (deadly and fired):
        problems += ended_well(done, fired, deadly)
        if case.fault in ("short", "slow") and done.code >= 0:
            problems.append(f"nothing failed, and yet {done.told()}")
        if fired and not deadly and not done.hung:
            problems += verb.why(box, done, fired[1])
    truth = fired and not fired[1].startswith("/views")  # what is derived may be lost
    if case.fault == "eio-on" and truth and verb.durable:
        if done.code == verb.code:
            problems.append("it succeeded, although no flush did from some point on")
        if case.nth == 1 and case.processes == 1 and any(caller.acks for caller in verb.callers()):
            problems.append("acknowledged, although no flush went well")
    return problems + verb.owes(box, done, case.fault)


# ---- Many --------------------------------------------------------------------------------------

def draw(cases, amount, seed):
    """So many of them, each verb as often as the others, whatever number of calls it makes."""
    order = random.Random(seed)
    groups = collections.defaultdict(list)
    for case in cases:
        groups[case.verb, case.fault].append(case)
    drawn = []
    while len(drawn) < amount and groups:
        turns = list(groups)
        order.shuffle(turns)
        for turn in turns:
            drawn.append(groups[turn].pop(order.randrange(len(groups[turn]))))
            if not groups[turn]:
                del groups[turn]
    return drawn[:amount]


class Tally:
    """Counts, and tells each cause once in full, with the command that shows it again."""

    def __init__(self, replay):
        self.replay = replay
        self.rows = collections.defaultdict(collections.Counter)
        self.causes = collections.defaultdict(list)

    def add(self, verb, fault, case, problems, reached):
        row = self.rows[verb]
        row["cases"] += 1
        row["reached"] += bool(reached)
        row["failed"] += bool(problems)
        for problem in problems:
            cause = (fault, re.sub(r"\[.*\]|/\S+|\d+", "*", problem))
            if not self.causes[cause]:
                print(f"FAIL {case}: {problem}\n     {self.replay} --replay {case}", flush=True)
            self.causes[cause].append(case)

    def print(self):
        print(f"{'verb':<18}{'cases':>8}{'reached':>9}{'failed':>8}")
        for verb, row in self.rows.items():
            print(f"{verb:<18}{row['cases']:>8}{row['reached']:>9}{row['failed']:>8}")
        for (fault, problem), cases in sorted(self.causes.items(), key=lambda item: -len(item[1])):
            print(f"{len(cases):>5} x {fault}: {problem[:200]}  ({', '.join(cases[:3])})")

    def skip(self, part):
        self.rows[part]["skipped"] += 1

    @property
    def failed(self):
        return sum(row["failed"] for row in self.rows.values())


def run_calls(templates, options, tally, pool):
    wanted = options.verbs.split(",") if options.verbs else names()
    counts = {name: census(templates, name) for name in wanted}
    if not options.verbs:
        if missing := NEEDED_CALLS - {call for calls in counts.values() for call in calls}:
            sys.exit(f"the shim does not see {', '.join(sorted(missing))}: is the C library static?")
        if new := verbs.unclassified(templates.box.tools):
            sys.exit(f"does {', '.join(new)} write? Say so in tests/faults/verbs.py")
    every = all_cases(counts)
    cases = draw(every, options.sample or len(every), options.seed)
    deadline = time.monotonic() + options.minutes * 60 if options.minutes else float("inf")

    def one(case):
        return None if time.monotonic() > deadline else run_case(templates, case)

    for case, result in zip(cases, pool.map(one, cases)):
        if result:
            tally.add(case.verb, case.fault, name_of(case), *result)
    done = sum(row["cases"] for verb, row in tally.rows.items() if verb in counts)
    print(f"{done} of {len(every)} cases")


def options_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("daybook", type=pathlib.Path)
    parser.add_argument("shim", type=pathlib.Path)
    parser.add_argument("--hand", type=pathlib.Path)
    parser.add_argument("--sample", type=int)
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--minutes", type=float)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--disks", type=int, default=10, help="runs on a full disk")
    parser.add_argument("--quick", action="store_true", help="a sample of all, in less than a minute")
    parser.add_argument("--only", default="calls,scenes,disk")
    parser.add_argument("--verbs")
    parser.add_argument("--replay")
    options = parser.parse_args(arguments)
    if options.quick:
        options.sample, options.disks = options.sample or QUICK_CASES, 1
    return options


def replay(tools, directory, text):
    """The problems of one case, scene or disk by its name."""
    if text in processes.SCENES:
        return processes.play(tools, directory, text)
    if text.startswith("disk:"):
        return disk.replay(tools, int(text.removeprefix("disk:")))
    case = parse_case(text)
    return run_case(verbs.Templates(tools, directory), case, keep=True)[0]


def main():
    options = options_of(sys.argv[1:])
    hand = options.hand.resolve() if options.hand else None
    tools = Tools(options.daybook.resolve(), options.shim.resolve(), hand)
    again = f"{sys.argv[0]} {options.daybook} {options.shim}" + (f" --hand {options.hand}" if hand else "")
    parts = options.only.split(",")
    tally = Tally(again)
    print(f"seed {options.seed}", flush=True)
    with tempfile.TemporaryDirectory(prefix="daybook-faults-") as directory:
        if options.replay:
            problems = replay(tools, directory, options.replay)
            print("\n".join(problems) or "as it should be")
            sys.exit(1 if problems else 0)
        with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
            if "scenes" in parts:
                processes.run(options, tools, directory, tally, pool)
            if "disk" in parts:
                disk.run(options, tools, tally)
            if "calls" in parts:
                run_calls(verbs.Templates(tools, directory), options, tally, pool)
    tally.print()
    sys.exit(1 if tally.failed or not tally.rows else 0)


if __name__ == "__main__":
    main()

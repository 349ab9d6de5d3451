#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the command line as a user does, and compares what comes out.

    tests/cli/run.py BINARY [NAME ...]

Three sources of tests, all of them data:

  tests/cli/*.t           commands with their expected output (format: tests/cli/README.md)
  README.md, docs/*.md    every fenced block marked `console`, so that what the pages say is true
  daybook VERB --help     every example of every verb, in a small ledger

Every test has a fresh directory and an environment of its own. NAME picks files whose name contains it
("append"), "docs" or "help". Standard library only.
"""

import difflib
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "support"))
import apart  # noqa: E402 (found only now)

TIMEOUT_SECONDS = 120
NEEDED = ["sh", "jq", "flock", "python3"]  # by the tests themselves

# ---- What differs from run to run --------------------------------------------------------------

VOLATILE = [
    (re.compile(r"\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"), "<time>"),
    (re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\]"), "[<time>]"),
    (re.compile(r"\b[0-9a-f]{64}\b"), "<hash>"),
    (re.compile(r"\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b"), "<id>"),
    (re.compile(r"\b[0-7][0-9a-hjkmnp-tv-z]{25}\b"), "<id>"),
    (re.compile(r"\b\d+ (ms|seconds?|minutes?) ago\b"), "<ago>"),
    (re.compile(re.escape(socket.gethostname()) + "/daybook"), "<host>/daybook"),
]


def steady(text, directory):
    """The text with everything replaced that differs from run to run."""
    text = text.replace(str(directory), "<dir>")
    for pattern, name in VOLATILE:
        text = pattern.sub(name, text)
    return text


def line_matches(expected, actual):
    """`<*>` stands for anything within a line."""
    pattern = ".*".join(re.escape(part) for part in expected.split("<*>"))
    return re.fullmatch(pattern, actual) is not None


def matches(expected, actual):
    """Lines against lines; a line `...` stands for any number of them."""
    if not expected:
        return not actual
    if expected[0] == "...":
        return any(matches(expected[1:], actual[i:]) for i in range(len(actual) + 1))
    return bool(actual) and line_matches(expected[0], actual[0]) and matches(expected[1:], actual[1:])


# ---- One command and what is expected of it ----------------------------------------------------

class Step:
    def __init__(self, place, command):
        self.place = place  # "append.t:12"
        self.command = command
        self.stdin = []
        self.stdout = []
        self.stderr = []
        self.code = 0
        self.check_output = True
        self.merge = False  # standard error belongs to the output, as on a terminal


class Sandbox:
    """A fresh directory, and an environment in which nothing of this machine shows."""

    def __init__(self, binary):
        self.directory = pathlib.Path(tempfile.mkdtemp(prefix="daybook-cli-")).resolve()
        for name in ("bin", "home", "work"):
            (self.directory / name).mkdir()
        (self.directory / "bin" / "daybook").symlink_to(binary)
        self.work = self.directory / "work"
        self.environment = apart.environment(self.directory / "home")
        self.environment.update(PATH=f"{self.directory}/bin:{self.environment['PATH']}", MANPAGER="cat",
                                MANWIDTH="100")

    def run(self, step):
        """(exit code, standard output, standard error)."""
        stdin = "".join(line + "\n" for line in step.stdin).encode()
        process = subprocess.Popen(
            ["sh", "-c", step.command], cwd=self.work, env=self.environment, stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT if step.merge else subprocess.PIPE,
            start_new_session=True, preexec_fn=lambda: signal.signal(signal.SIGPIPE, signal.SIG_DFL))
        try:
            out, err = process.communicate(stdin, timeout=TIMEOUT_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, err = process.communicate()
            return -1, out.decode(errors="replace"), f"still running after {TIMEOUT_SECONDS} s"
        text = [steady((data or b"").decode(errors="replace"), self.directory) for data in (out, err)]
        return process.returncode, text[0], text[1]

    def close(self):
        shutil.rmtree(self.directory, ignore_errors=True)


def lines_of(text):
    lines = text.split("\n")
    while lines and lines[-1] == "":
        lines.pop()
    return lines


def difference(name, expected, actual):
    diff = difflib.unified_diff(expected, actual, f"{name}, expected", f"{name}, actual", lineterm="")
    return "\n".join("      " + line for line in diff)


def check(sandbox, step):
    """Empty when the step does what is expected, else a report."""
    code, out, err = sandbox.run(step)
    problems = []
    if code != step.code:
        problems.append(f"      exit code {code}, expected {step.code}")
    expected = [steady(line, sandbox.directory) for line in step.stdout]
    if step.check_output and not matches(expected, lines_of(out)):
        problems.append(difference("standard output", expected, lines_of(out)))
    expected = [steady(line, sandbox.directory) for line in step.stderr]
    if step.check_output and not step.merge and not matches(expected, lines_of(err)):
        problems.append(difference("standard error", expected, lines_of(err)))
    if not problems:
        return ""
    if not step.check_output:
        problems += ["      " + line for line in lines_of(out) + lines_of(err)]
    return "\n".join([f"    {step.place}: $ {step.command}"] + problems)


# ---- Where tests come from ---------------------------------------------------------------------

def parse_test_file(path):
    """(title, steps) of every section of a .t file."""
    sections = []
    step = None
    for number, line in enumerate(path.read_text().split("\n"), 1):
        mark, _, rest = line.partition(" ")
        if mark == "==":
            sections.append((rest, []))
            step = None
        elif mark == "--":
            continue
        elif mark == "$":
            step = Step(f"{path.name}:{number}", rest)
            sections[-1][1].append(step)
        elif step is None:
            if line:
                sys.exit(f"{path}:{number}: text outside of a command")
        elif mark == ">":
            step.command += "\n" + rest
        elif mark == "<<<":
            step.stdin.append(rest)
        elif mark == "2>":
            step.stderr.append(rest)
        elif mark == "1>":
            step.stdout.append(rest)
        elif mark == "?":
            step.code = int(rest)
        else:
            step.stdout.append(line)
    for _, steps in sections:
        for step in steps:
            while step.stdout and step.stdout[-1] == "":
                step.stdout.pop()
    return sections


def parse_document(path):
    """The commands of a page's console blocks, in order. `[exit N]` may end what a command prints."""
    steps = []
    inside = False
    for number, line in enumerate(path.read_text().split("\n"), 1):
        if line.startswith("```"):
            inside = not inside and line.strip() == "```console"
        elif inside and line.startswith("$ "):
            steps.append(Step(f"{path.name}:{number}", line[2:]))
            steps[-1].merge = True
        elif inside and steps:
            ended = re.fullmatch(r"\[exit (\d+)\]", line)
            if line.startswith("> "):
                steps[-1].command += "\n" + line[2:]
            elif ended:
                steps[-1].code = int(ended.group(1))
            else:
                steps[-1].stdout.append(line)
    for step in steps:
        while step.stdout and not step.stdout[-1]:
            step.stdout.pop()  # blank lines between commands are for the reader
        # A command shown without output says only that it works.
        step.check_output = bool(step.stdout)
    return steps


def parse_examples(help_text):
    """The commands under "examples:"."""
    section = help_text.split("\nexamples:\n", 1)[1].split("\n\n", 1)[0]
    return [line.strip() for line in section.split("\n") if not line.strip().startswith("#")]


# ---- Running them ------------------------------------------------------------------------------

class Tally:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def record(self, name, report):
        if report:
            self.failed += 1
            print(f"FAIL {name}\n{report}", flush=True)
        else:
            self.passed += 1


def run_steps(binary, name, steps, tally):
    sandbox = Sandbox(binary)
    reports = []
    for step in steps:
        reports.append(check(sandbox, step))
    sandbox.close()
    tally.record(name, "\n".join(report for report in reports if report))


def run_test_files(binary, wanted, tally):
    for path in sorted(HERE.glob("*.t")):
        if wanted and not any(word in path.name for word in wanted):
            continue
        for title, steps in parse_test_file(path):
            needs = re.search(r"\(needs (\S+)\)$", title)
            if needs and shutil.which(needs.group(1)) is None:
                print(f"not run, as {needs.group(1)} is not installed: {path.name}: {title}")
                continue
            run_steps(binary, f"{path.name}: {title}", steps, tally)


def run_documents(binary, tally):
    for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        steps = parse_document(path) if path.exists() else []
        if steps:
            run_steps(binary, str(path.relative_to(ROOT)), steps, tally)


# What the examples take for granted: a ledger with a session and a few more events.
FIXTURE_EVENTS = r'''
{"stream":"session/demo","type":"session/started"}
{"stream":"session/demo","type":"turn/started","data":{"turn-id":1},"causes":[1]}
{"stream":"session/demo","type":"call/started","data":{"call-id":1,"call-type":"root"},"causes":[2]}
{"stream":"session/demo","type":"head/created","data":{"head-id":"head-1f0c4b7a"},"causes":[3]}
{"stream":"task/backup","type":"state_change","data":{"summary":"started"},"subject":"subsystem:backup"}
{"stream":"task/backup","type":"state_change","data":{"summary":"disk full","exit_code":1},"causes":[5]}
{"stream":"task/backup","type":"state_change","data":{"summary":"retried","exit_code":0},"causes":[6,4]}
{"stream":"session/demo","type":"session/ref-updated","data":{"head-id":"head-1f0c4b7a"},"causes":[4]}
{"stream":"task/report","type":"sent","data":{"to":"ops"},"causes":[7]}
{"stream":"task/report","type":"read","causes":[9]}
'''.strip()


def prepare_fixture(sandbox):
    (sandbox.work / "events.jsonl").write_text('{"stream":"task/copy","type":"started"}\n')
    for command, text in (("daybook init", ""), ("daybook append", FIXTURE_EVENTS)):
        step = Step("fixture", command)
        step.stdin = text.split("\n") if text else []
        step.check_output = False
        if report := check(sandbox, step):
            sys.exit(f"cannot prepare the ledger for the examples\n{report}")


def run_help_examples(binary, tally):
    sandbox = Sandbox(binary)
    ask = dict(cwd=sandbox.work, env=sandbox.environment, capture_output=True, text=True, check=True)
    listing = subprocess.run([binary, "help"], **ask).stdout
    table = listing.split("\nverbs:\n")[1].split("\n\n")[0]
    verbs = re.findall(r"^  (\S+(?: \S+)?)  ", table, re.MULTILINE)
    for verb in [""] + verbs:
        help_text = subprocess.run([binary, *verb.split(), "--help"], **ask).stdout
        examples = parse_examples(help_text)
        enough = len(examples) >= 2
        tally.record(f"help {verb}: two examples", "" if enough else "    fewer than two examples")
        for command in examples:
            programs = re.findall(r"(?:^|[|] *|&& *)([a-z]+)", command)
            missing = [name for name in programs if name != "daybook" and shutil.which(name) is None]
            if missing:
                print(f"not run, as {missing[0]} is not installed: {command}")
                continue
            run_example(binary, verb, command, tally)
    sandbox.close()


def run_example(binary, verb, command, tally):
    sandbox = Sandbox(binary)
    if verb:
        prepare_fixture(sandbox)
    elif command != "daybook init":
        check(sandbox, Step("fixture", "daybook init"))
    step = Step(f"help {verb}", command)
    step.check_output = False
    tally.record(f"help {verb}: {command}", check(sandbox, step))
    sandbox.close()


def main():
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    if missing := [program for program in NEEDED if shutil.which(program) is None]:
        sys.exit(f"these tests need {', '.join(missing)}: apt install jq util-linux python3")
    if found := apart.ledger_above(pathlib.Path(tempfile.gettempdir()) / "test"):
        sys.exit(f"{found} would be found by tests that expect no ledger: set TMPDIR to a place elsewhere")
    binary = pathlib.Path(sys.argv[1]).resolve()
    wanted = sys.argv[2:]
    tally = Tally()
    run_test_files(binary, wanted, tally)
    if not wanted or "docs" in wanted:
        run_documents(binary, tally)
    if not wanted or "help" in wanted:
        run_help_examples(binary, tally)
    print(f"{tally.passed} passed, {tally.failed} failed")
    sys.exit(1 if tally.failed or not tally.passed else 0)


main()

#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The demo and the tests are closed off from whoever runs them.

    tests/apart_test.py BINARY SCORE ROOM_TEST

They run here as a user for whom every door leads into a trap: configuration in each of its places, a tracker
to file issues in, zones whose ledgers are made when they are written to, sessions to import, programs that
trackers call, variables that name all of these. The trap is a directory, and it has to stay as it was.
Standard library only.
"""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent
BINARY, SCORE, ROOM_TEST = (os.path.abspath(path) for path in sys.argv[1:4])
TIMEOUT_SECONDS = 300

# Whoever reads this files issues in the trap and writes events to the ledger of its zone.
CONFIGURATION = """
[review]
digest_dir = "{trap}/digests"
[tracker]
type = "beads"
path = "{trap}/project"
[[zones]]
id = "trap"
ledger_path = "{trap}/zone"
"""

# A failed command that every set of rules reports.
SESSION = [
    {"type": "user", "uuid": "a1", "parentUuid": None,
     "message": {"role": "user", "content": "Grind the oats"}},
    {"type": "assistant", "uuid": "a2", "parentUuid": "a1",
     "message": {"role": "assistant", "type": "message", "id": "m1", "model": "m", "content": [
         {"type": "tool_use", "id": "t1", "name": "Bash", "input": {"command": "grind oats"}}]}},
    {"type": "user", "uuid": "a3", "parentUuid": "a2",
     "message": {"role": "user", "content": [
         {"type": "tool_result", "tool_use_id": "t1", "is_error": True,
          "content": "Exit code 127\n/bin/bash: line 1: grind: command not found"}]}},
]
SESSION_ID = "aaaa0000-0000-4000-8000-000000000001"


def session_text():
    same = {"isSidechain": False, "cwd": "/srv/mill", "version": "2", "sessionId": SESSION_ID}
    return "".join(json.dumps({**same, **line, "timestamp": f"2026-11-29T01:00:0{n}Z"}) + "\n"
                   for n, line in enumerate(SESSION))


class Trap:
    def __init__(self, directory):
        self.path = pathlib.Path(directory)
        self.programs = self.path / "bin"
        configuration = CONFIGURATION.format(trap=self.path)
        for name in ("home/.config/daybook/config.toml", "config/daybook/config.toml", "jilog.toml",
                     "home/.jilog.toml", "daybook.toml"):
            self.put(name, configuration)
        self.put("project/.beads/issues.jsonl", '{"id":"mill-1","title":"Oil","status":"open"}\n')
        self.put(f"home/.claude/projects/-srv-mill/{SESSION_ID}.jsonl", session_text())
        for program in ("gh", "kata", "bd"):
            self.put(f"bin/{program}", f"#!/bin/sh\necho \"$0 $*\" >> {self.path}/called\n").chmod(0o755)
        # What the demo watches: the build itself is no part of this.
        self.put("bin/cmake", "#!/bin/sh\ncase \"$*\" in *no-such*) exit 1 ;; esac\n").chmod(0o755)
        (self.path / "work").mkdir()
        self.environment = {
            "PATH": f"{self.programs}:{os.environ['PATH']}", "HOME": f"{self.path}/home",
            "XDG_CONFIG_HOME": f"{self.path}/config", "XDG_DATA_HOME": f"{self.path}/data",
            "XDG_STATE_HOME": f"{self.path}/state", "XDG_CACHE_HOME": f"{self.path}/cache",
            "JILOG_CONFIG": f"{self.path}/jilog.toml", "JILOG_TZ": "Asia/Tokyo",
            "DAYBOOK_DIR": f"{self.path}/ledger", "DAYBOOK_SOURCE": "trap/source",
            "GH_TOKEN": "trap", "GH_CONFIG_DIR": f"{self.path}/gh",
            "CLAUDE_CONFIG_DIR": f"{self.path}/claude",
        }
        for name, value in os.environ.items():
            if name.endswith("SAN_OPTIONS") or name in ("TMPDIR", "LLVM_PROFILE_FILE"):
                self.environment[name] = value

    def put(self, name, text):
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def content(self):
        """Every file below the trap with its content, every directory with nothing."""
        return {str(path.relative_to(self.path)): path.read_bytes() if path.is_file() else None
                for path in self.path.rglob("*")}


class ApartTest(unittest.TestCase):
    def setUp(self):
        directory = tempfile.TemporaryDirectory(prefix="daybook-trap-")
        self.addCleanup(directory.cleanup)
        self.trap = Trap(os.path.realpath(directory.name))

    def run_in_trap(self, *command, **variables):
        return subprocess.run(
            [str(part) for part in command], cwd=self.trap.path / "work", text=True, check=False,
            env={**self.trap.environment, **variables}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=TIMEOUT_SECONDS)

    def run_apart(self, *command, **variables):
        before = self.trap.content()
        done = self.run_in_trap(*command, **variables)
        self.assertEqual(done.returncode, 0, done.stdout[-4000:])
        self.assertNotIn(str(self.trap.path), done.stdout.replace(str(self.trap.programs), ""))
        self.assertEqual(self.trap.content(), before)
        return done.stdout

    def test_the_trap_catches_who_is_not_apart(self):
        review = ("review", "nightly", "--since", "2026-11-28")
        done = self.run_in_trap(BINARY, *review, DAYBOOK_DIR="")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertEqual((self.trap.path / "project/.beads/issues.jsonl").read_text().count("\n"), 2)
        self.assertTrue((self.trap.path / "zone/LEDGER").exists())
        self.assertTrue(list((self.trap.path / "digests").iterdir()))

    def test_the_trap_catches_a_tracker_program(self):
        self.trap.put("jilog.toml", '[tracker]\ntype = "github"\nrepo = "o/r"\n')
        for name in ("config/daybook/config.toml", "home/.jilog.toml", "daybook.toml"):
            (self.trap.path / name).unlink()
        self.run_in_trap(BINARY, "init", self.trap.path / "ledger")
        self.run_in_trap(BINARY, "review", "nightly", "--since", "2026-11-28")
        self.assertIn("gh", (self.trap.path / "called").read_text())

    def test_demo(self):
        text = self.run_apart("bash", ROOT / "scripts/demo.sh", DAYBOOK=BINARY)
        self.assertIn("== 8. How the ledger is", text)

    def test_score(self):
        sessions = pathlib.Path(self.trap.path / "work/sessions")
        sessions.mkdir()
        (sessions / f"{SESSION_ID}.jsonl").write_text(session_text())
        self.run_apart("bash", ROOT / "scripts/score.sh", sessions, SCORE=SCORE)

    def test_whatever_the_scripts_run(self):
        script = f'. "{ROOT}/scripts/apart.sh"; apart env; apart sh -c \'ls -A "$HOME"\''
        text = self.run_apart("bash", "-c", script)
        names = set(re.findall(r"^(\w+)=", text, re.MULTILINE))
        self.assertFalse([name for name in names if re.match(r"DAYBOOK|JILOG|GH_|CLAUDE", name)], text)

    def test_command_line(self):
        files = ("discovery", "zones", "review")
        text = self.run_apart(sys.executable, "-B", HERE / "cli/run.py", BINARY, *files)
        self.assertIn(" 0 failed", text)

    def test_command_line_examples(self):
        text = self.run_apart(sys.executable, "-B", HERE / "cli/run.py", BINARY, "help")
        self.assertIn(" 0 failed", text)

    def test_verifier(self):
        self.run_apart(sys.executable, "-B", HERE / "verifier/test_verifier.py", BINARY, "EngineTest")

    def test_programs_of_the_rooms(self):
        text = self.run_apart(ROOM_TEST, "--gtest_filter=Apart.*")
        self.assertIn("[  PASSED  ] 2 tests", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[4:], verbosity=1)

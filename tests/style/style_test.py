#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The rules of the house that a program can check.

Each rule is a function from a path and its text to findings (line number, message). TreeTest runs all of
them over the checkout; RuleTest gives each one a sample it has to object to and one it has to accept, so
that a rule that has stopped seeing anything fails by itself. Standard library only.
"""

import pathlib
import re
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]

MAX_COLUMNS = 100  # C++, as clang-format has it
MAX_SCRIPT_COLUMNS = 110  # everything else
MAX_HEADER_LINES = 400
MAX_SOURCE_LINES = 900
MAX_FUNCTION_LINES = 70

# The rooms from the ground up: an include may only point down this list, or into the room itself.
ROOMS = ["base", "blob", "ledger", "journal", "index", "transcript", "review", "run", "session",
         "state", "trust", "replicate", "serve", "cli"]
# Where the system may be called directly: files and clocks behind the doors of src/base, child
# processes in src/run, the terminal in src/cli.
SYSTEM_ROOMS = {"base", "run", "cli"}
SYSTEM_DOORS = {"src/review/process.cc"}  # a tracker is another program

CPP = {".h", ".cc"}
CODE = CPP | {".py", ".cmake", ".sh"}
CODE_NAMES = {"CMakeLists.txt", "dev", "run"}


# ---- What the rules look at --------------------------------------------------------------------

def is_code(path):
    return path.suffix in CODE or (path.suffix in {"", ".txt"} and path.name in CODE_NAMES)


def room_of(path):
    """The room a file of src/ belongs to, or None."""
    return path.parts[1] if len(path.parts) > 2 and path.parts[0] == "src" else None


TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/'
    r'|R"(?P<mark>[^()\\\s]{0,16})\(.*?\)(?P=mark)"'
    r'|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.DOTALL)


def blank(text, keep_strings=False):
    """C++ without comments and, unless kept, without what stands in quotes; line numbers stay."""
    def replace(match):
        token = match.group()
        if keep_strings and not token.startswith("/"):
            return token
        newlines = "\n" * token.count("\n")
        return newlines if token.startswith("/") else '""' + newlines
    return TOKEN.sub(replace, text)


def find_lines(pattern, text):
    """(line number, match) of every match."""
    for match in re.finditer(pattern, text, re.MULTILINE):
        yield text.count("\n", 0, match.start()) + 1, match


# ---- Rules -------------------------------------------------------------------------------------

def columns(path, text):
    if not is_code(path):
        return
    limit = MAX_COLUMNS if path.suffix in CPP else MAX_SCRIPT_COLUMNS
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > limit and "://" not in line:
            yield number, f"{len(line)} columns, at most {limit}"


def file_size(path, text):
    limit = {".h": MAX_HEADER_LINES, ".cc": MAX_SOURCE_LINES}.get(path.suffix)
    lines = text.count("\n")
    if limit and lines > limit:
        yield lines, f"{lines} lines, at most {limit}: split by concept"


SCOPE = re.compile(r'\b(namespace|class|struct|union|enum)\b|\bextern\s*""')


def function_bodies(text):
    """(first line, lines) of every function defined at namespace or class level."""
    code = re.sub(r"^[ \t]*#(?:[^\n\\]|\\[\s\S])*", lambda m: "\n" * m.group().count("\n"),
                  blank(text), flags=re.MULTILINE)
    stack = []  # per open brace: its kind, where it opened, where its statement started
    start, parentheses = 0, 0
    for match in re.finditer(r"[{}();]", code):
        token, position = match.group(), match.start()
        if token in "()":
            parentheses += 1 if token == "(" else -1
        elif token == "{":
            head = code[start:position]
            kind = "other"
            if parentheses == 0 and all(outer[0] == "scope" for outer in stack):
                if "(" in head and not re.search(r"=\s*$", head):
                    kind = "function"
                elif SCOPE.search(head) and "enum" not in head:
                    kind = "scope"
            stack.append((kind, position, start))
            start = position + 1
        elif token == "}":
            kind, opened, started = stack.pop() if stack else ("other", 0, 0)
            initialiser = re.match(r"\s*[,{]", code[position + 1:position + 200])
            if kind == "function" and not initialiser:
                first = code.count("\n", 0, opened) + 1
                yield first, code.count("\n", opened, position) + 1
            start = started if kind == "function" and initialiser else position + 1
        elif parentheses == 0:
            start = position + 1


def function_size(path, text):
    if path.suffix not in CPP:
        return
    for first, lines in function_bodies(text):
        if lines > MAX_FUNCTION_LINES:
            yield first, f"function of {lines} lines, at most {MAX_FUNCTION_LINES}"


def licence_line(path, text):
    if not is_code(path):
        return
    lines = text.split("\n")
    first = lines[1] if lines[0].startswith("#!") and len(lines) > 1 else lines[0]
    if first not in ("// SPDX-License-Identifier: Apache-2.0",
                     "# SPDX-License-Identifier: Apache-2.0"):
        yield 1, "the first line must be the SPDX licence identifier"


def header_shape(path, text):
    if path.suffix != ".h":
        return
    before, found, _ = text.partition("\n#pragma once\n")
    if not found:
        yield 1, "a header needs #pragma once"
        return
    banner = [line for line in before.split("\n")[1:] if re.match(r"// .{15}", line)]
    if not banner:
        yield 2, "a header opens with a banner: what it is, why, invariants, thread-safety"


def file_name(path, _text):
    if path.suffix in CPP and not re.fullmatch(r"[a-z][a-z0-9_]*", path.stem):
        yield 1, "file names are snake_case"


def banned_words(path, text):
    if not is_code(path) or path == pathlib.PurePath("tests/style/style_test.py"):
        return
    for number, match in find_lines(r"\b(FIXME|XXX|HACK)\b|\bTODO\b(?!\(\d+\))", text):
        yield number, f"{match.group()}: fix it, or open an issue and write " + "TODO(number)"


def using_namespace(path, text):
    if path.suffix not in CPP:
        return
    code = blank(text)
    for number, match in find_lines(r"^[ \t]*using\s+namespace\b", code):
        before = code[:match.start()]
        if path.suffix == ".h" or before.count("{") == before.count("}"):
            yield number, "using namespace at file scope or in a header"


def console(path, text):
    if path.suffix not in CPP or room_of(path) in (None, "cli"):
        return
    last_words = room_of(path) == "base"  # before the process ends itself
    pattern = r"std::(cout|cerr|clog|cin)\b|(?<![\w>.])(printf|fprintf|puts|fputs|putchar)\s*\("
    for number, match in find_lines(pattern, blank(text)):
        if not (last_words and "fputs" in match.group()):
            yield number, f"{match.group()}: only src/cli talks to the terminal"


def includes(path, text):
    if path.suffix not in CPP or path.parts[0] not in ("src", "include"):
        return
    own = ROOMS.index(room_of(path)) if room_of(path) in ROOMS else None
    for number, match in find_lines(r'^#include (?:"([^"]+)"|<([^>]+)>)', blank(text, True)):
        quoted, angled = match.groups()
        room = quoted.split("/")[0] if quoted else None
        if path.parts[0] == "include":
            if (quoted and room != "daybook") or (angled and not re.fullmatch(r"\w+", angled)):
                yield number, f"{quoted or angled}: a public header includes only public headers " \
                              "and the standard library"
        elif quoted and room != "daybook":
            if room not in ROOMS or own is None:
                yield number, f"{quoted}: no such room; a path starts at src/, a library's at <"
            elif ROOMS.index(room) > own:
                yield number, f"{quoted}: {path.parts[1]} may not include the room {room} above it"


SYSTEM_CALLS = (
    r"(?<![\w:>.])::(open|openat|creat|read|write|pread|pwrite|close|lseek|ftruncate|fsync"
    r"|fdatasync|rename|unlink|mkdir|rmdir|stat|fstat|mmap|flock|fcntl)\s*\("
    r"|(?<![\w>.])(fopen|fsync|fdatasync|fwrite|mmap|flock)\s*\("
    r"|\bstd::(rename|getenv|[io]?fstream|filesystem)\b"
    r"|^#include <(fcntl|unistd|fstream|filesystem|sys/\w+)(\.h)?>")
CLOCKS = (r"\b\w+_clock::now\b|\b(clock_gettime|gettimeofday|getrandom)\s*\("
          r"|\bstd::(random_device|time|rand)\b|\bsleep_(for|until)\b|\bnanosleep\s*\(")


def system_calls(path, text):
    room = room_of(path)
    if path.suffix not in CPP or room is None:
        return
    code = blank(text)
    if room not in SYSTEM_ROOMS and path.as_posix() not in SYSTEM_DOORS:
        for number, match in find_lines(SYSTEM_CALLS, code):
            yield number, f"{match.group().strip()}: use the FileSystem of the Environment"
    if room != "base":
        for number, match in find_lines(CLOCKS, code):
            yield number, f"{match.group()}: use the Clock or Entropy of the Environment"


def test_hygiene(path, text):
    if path.suffix not in CPP or path.parts[0] != "tests":
        return
    code = blank(text)
    for number, match in find_lines(r"\bDISABLED_\w*|\bGTEST_SKIP\(\)\s*;", code):
        yield number, f"{match.group()}: a skipped test says why"
    for number, match in find_lines(r"\bsleep_(for|until)\b|\b(usleep|nanosleep)\s*\(", code):
        yield number, f"{match.group()}: a test waits for what it needs, never for time to pass"


def heading_anchor(heading):
    words = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return words.replace(" ", "-")


def links(path, text, root=ROOT):
    if path.suffix != ".md":
        return
    prose = re.sub(r"^```.*?^```", lambda m: "\n" * m.group().count("\n"), text,
                   flags=re.MULTILINE | re.DOTALL)
    for number, match in find_lines(r"\]\(([^)\s]+)\)", prose):
        target, _, anchor = match.group(1).partition("#")
        if re.match(r"[a-z]+:", target):
            continue
        file = root / path.parent / target if target else root / path
        if target and not file.exists():
            yield number, f"{match.group(1)}: no such file"
        elif anchor and file.suffix == ".md":
            content = file.read_text(encoding="utf-8") if target else text
            headings = re.findall(r"^#+ (.*)$", content, re.MULTILINE)
            if anchor not in map(heading_anchor, headings):
                yield number, f"{match.group(1)}: no such heading"


RULES = [columns, file_size, function_size, licence_line, header_shape, file_name, banned_words,
         using_namespace, console, includes, system_calls, test_hygiene, links]


# ---- Tests -------------------------------------------------------------------------------------

def project_files():
    """Every text file the rules are about, by its path from the root."""
    patterns = ["*.md", "dev", "CMakeLists.txt", ".ci/*", "cmake/*.cmake", "docs/**/*.md"]
    for directory in ("include", "src", "tests", "bench", "fuzz", "scripts"):
        patterns += [f"{directory}/**/*{suffix}" for suffix in sorted(CODE | {".md", ".txt"})]
    for pattern in patterns:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file():
                yield path.relative_to(ROOT)


class TreeTest(unittest.TestCase):
    def test_the_tree_keeps_the_rules(self):
        findings, count = [], 0
        for path in project_files():
            text = (ROOT / path).read_text(encoding="utf-8")
            count += 1
            for rule in RULES:
                findings += [f"{path}:{line}: {message} [{rule.__name__}]"
                             for line, message in rule(path, text)]
        print(f"{count} files, {len(RULES)} rules, {len(findings)} findings", file=sys.stderr)
        self.assertGreater(count, 20, "the walk over the tree has lost its files")
        if findings:
            self.fail("\n" + "\n".join(findings))


BANNER = "// SPDX-License-Identifier: Apache-2.0\n//\n// What this header is for.\n#pragma once\n"
LONG_BODY = "  call();\n" * MAX_FUNCTION_LINES

# Rule, path, text it must object to, text it must accept.
SAMPLES = [
    (columns, "src/base/a.cc", "x" * 101, "x" * 100),
    (columns, "cmake/a.cmake", "x" * 111, "# see https://example.org/" + "x" * 100),
    (file_size, "src/base/a.h", "\n" * 401, "\n" * 400),
    (file_size, "src/base/a.cc", "\n" * 901, "\n" * 900),
    (function_size, "src/base/a.cc",
     "namespace a {\nint f(int b) {\n" + LONG_BODY + "}\n}", "int f(int b) {\n" + "}\n" * 1),
    (function_size, "src/base/a.cc",
     "class A {\n  A() : b_{1} {\n" + LONG_BODY + "}\n};",
     "const int kA[] = {\n" + "1,\n" * 80 + "};\nint f() {\n// {\n  g(\"{\");\n}\n"),
    (function_size, "tests/base/a_test.cc",
     "TEST(A, B) {\n  if (c) {\n" + LONG_BODY + "}\n}\n",
     ("TEST(A, B) {\n" + "  call();\n" * 40 + "}\n") * 3),
    (licence_line, "src/base/a.cc", "// a file\n", "// SPDX-License-Identifier: Apache-2.0\n"),
    (licence_line, "dev", "#!/bin/sh\n# a\n",
     "#!/bin/sh\n# SPDX-License-Identifier: Apache-2.0\n"),
    (header_shape, "src/base/a.h", BANNER.replace("#pragma once", ""), BANNER),
    (header_shape, "src/base/a.h", BANNER.replace("// What", "What"), BANNER),
    (file_name, "src/base/MyFile.cc", "", ""),
    (banned_words, "src/base/a.cc", "// FIX" "ME later", "// to do and to fix"),
    (banned_words, "src/base/a.cc", "// TO" "DO later", "// TODO(12): explain"),
    (using_namespace, "src/base/a.cc", "using namespace std;\n",
     "namespace a {\nusing namespace b;\n}\n"),
    (using_namespace, "src/base/a.h", "namespace a {\nusing namespace b;\n}\n", "using a::b;\n"),
    (console, "src/ledger/a.cc", "void f() { std::cout << 1; }",
     "void f() { std::snprintf(b, 1, \"std::cout\"); }  // std::cout"),
    (console, "src/ledger/a.cc", "void f() { printf(\"a\"); }", "void f() { log.printf(1); }"),
    (includes, "src/blob/a.cc", '#include "ledger/frame.h"\n', '#include "base/bytes.h"\n'),
    (includes, "src/base/a.cc", '#include "cli/flags.h"\n', '#include "daybook/error.h"\n'),
    (includes, "src/ledger/a.cc", '#include "frame.h"\n', '#include "blob/store.h"\n'),
    (includes, "include/daybook/a.h", "#include <sqlite3.h>\n", "#include <vector>\n"),
    (includes, "include/daybook/a.h", '#include "base/bytes.h"\n',
     '#include "daybook/types.h"\n// #include "base/bytes.h"\n'),
    (system_calls, "src/ledger/a.cc", "int f() { return ::open(p, 0); }",
     "auto f() { return files.open(p); }"),
    (system_calls, "src/ledger/a.cc", "std::ofstream f(p);", "auto f() { Ledger::open(p); }"),
    (system_calls, "src/index/a.cc", "#include <fcntl.h>\n", "#include <string>\n"),
    (system_calls, "src/run/a.cc", "auto t = std::chrono::steady_clock::now();",
     "auto t = clock.monotonic_micros();"),
    (test_hygiene, "tests/base/a_test.cc", "TEST(A, DISABLED_b) {}", "TEST(A, b) {}"),
    (test_hygiene, "tests/base/a_test.cc", "GTEST_SKIP();", 'GTEST_SKIP() << "runs as root";'),
    (test_hygiene, "tests/base/a_test.cc", "std::this_thread::sleep_for(1ms);", "wait(done);"),
    (links, "docs/a.md", "[a](no_such_file.md)", "[a](https://example.org) [b](#one)\n\n# One\n"),
    (links, "docs/a.md", "[a](#two)\n\n# One\n", "```\n[a](b)\n```\n[c](../tests/style)\n"),
]


class RuleTest(unittest.TestCase):
    def test_each_rule_objects_to_its_wrong_sample_and_only_to_that(self):
        for rule, name, wrong, right in SAMPLES:
            path = pathlib.PurePath(name)
            with self.subTest(rule=rule.__name__, path=name, wrong=wrong[:60]):
                self.assertTrue(list(rule(path, wrong)), "the wrong sample passed")
                if wrong != right:
                    self.assertEqual(list(rule(path, right)), [], "the right sample failed")

    def test_every_rule_has_a_sample(self):
        self.assertEqual({rule for rule, *_ in SAMPLES}, set(RULES))

    def test_a_finding_names_its_line(self):
        text = "int a;\nint b;\n#include \"cli/flags.h\"\n"
        lines = [line for line, _ in includes(pathlib.PurePath("src/base/a.cc"), text)]
        self.assertEqual(lines, [3])

    def test_a_function_is_measured_from_brace_to_brace(self):
        text = "namespace a {\n\nint f(\n    int b) {\n  return b;\n}\n\nA::A() : b_(1) {}\n}\n"
        self.assertEqual(list(function_bodies(text)), [(4, 3), (8, 1)])


if __name__ == "__main__":
    unittest.main()

"""Runs every snippet of a page of Markdown against a fresh server: snippets.py [--accept] BINARY PAGE…

How a page is read:

- A block of `sh`, `python` or `js` is run, in the order of the page, in a folder of the page's own. Python blocks share one
  interpreter, JavaScript blocks one Node. A page that has both is run once for each, with the shell blocks both times.
- A block of `text` or `json` right after it is what it prints. `…` stands for any part of a line, alone in a line for any lines.
  `--accept` writes what was printed into the blocks that differ.
- A block whose first line is a comment that is a file's name (`# shop.yaml`, `// client.mjs`) is written to that file instead.
  YAML of a scenario, or part of one, that no shell block uses must be what `erpsatz scenario check` accepts.
- `examples/` of the repository is there, and the packages for Node that BOOK_NODE_MODULES names.
- `erpsatz serve …` takes the place of the server on the usual ports. A line that ends with `# exit 3` must exit so.
- `<!-- not run: WHY -->` before a block leaves it out, and is printed. `<!-- page not run: WHERE -->` leaves out the page.
"""

import concurrent.futures
import difflib
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import urllib.request

RUN = ("sh", "python", "js")
SHOWN = ("text", "json")
HERE = pathlib.Path(__file__).resolve().parent
FILE = re.compile(r"(?:#|//|--) ([\w./-]+\.\w+)\n")


class Block:
    def __init__(self, kind, text, first, last, why):
        self.kind, self.text, self.first, self.last, self.why = kind, text, first, last, why
        self.shown = None

    @property
    def file(self):
        named = FILE.match(self.text)
        return named and named[1]


def blocks(text):
    """The blocks of a page, those of output hung on the ones that print it."""
    found, before, why, start = [], None, None, None
    for number, line in enumerate(text.splitlines()):
        if start is None and (opened := re.match(r"\s*```(\w*)", line)):
            start, kind, body = number, opened[1], []
        elif start is not None and line.strip() == "```":
            block = Block(kind, "\n".join(body) + "\n", start, number, why)
            is_output = kind in SHOWN and before is not None and before.kind in RUN and why is None
            if is_output:
                # Python and JavaScript that stand one after the other print the same.
                before.shown = block
                twin = found[-2] if len(found) > 1 else None
                if twin and {twin.kind, before.kind} == {"python", "js"} and twin.last + 2 >= before.first and not twin.file:
                    twin.shown = block
                before = None
            else:
                found.append(block)
                before = block
            start, why = None, None
        elif start is not None:
            body.append(line)
        elif said := re.match(r"<!-- not run: (.*) -->", line):
            why, before = said[1], None
        elif line.strip():
            before = None
    return found


def pattern(text):
    """A regular expression for output in which `…` stands for anything."""
    lines = []
    for line in text.splitlines():
        if line.strip() == "…":
            lines.append(r"(?:.*\n)*?")
        else:
            lines.append(".*?".join(re.escape(part) for part in line.split("…")) + r"\n")
    return re.compile("".join(lines))


class Failure(Exception):
    pass


class Session:
    """An interpreter that keeps what blocks before have made: it reads a block as a line of JSON and answers what was printed."""

    def __init__(self, command, folder, environment):
        self.process = subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, code, where):
        self.process.stdin.write(json.dumps({"code": code, "where": where}) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failure("the interpreter ended")
        answer = json.loads(line)
        if answer["error"]:
            raise Failure(answer["printed"] + answer["error"])
        return answer["printed"]

    def close(self):
        self.process.stdin.close()
        self.process.wait(timeout=20)


class Run:
    """A page with the blocks of one language and the shell."""

    def __init__(self, binary, page, language, found):
        self.binary, self.page, self.language, self.blocks = binary, page, language, found
        self.server, self.session = None, None
        self.ran, self.wrong = 0, []

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory()
        self.log = tempfile.TemporaryFile("w+")
        keep = {name: value for name, value in os.environ.items() if not name.startswith("ERPSATZ_")}
        pathlib.Path(self.folder.name, "examples").symlink_to(HERE.parent.parent / "examples")
        if modules := os.environ.get("BOOK_NODE_MODULES"):
            pathlib.Path(self.folder.name, "node_modules").symlink_to(modules)
        self.tools = tempfile.TemporaryDirectory()
        pathlib.Path(self.tools.name, "erpsatz").symlink_to(pathlib.Path(self.binary).resolve())
        path = f"{self.tools.name}:{os.environ['PATH']}"
        self.environment = keep | {"PATH": path, "NO_COLOR": "1", "PYTHONDONTWRITEBYTECODE": "1"}
        self.serve([])
        return self

    def __exit__(self, *_):
        if self.session:
            self.session.close()
        self.stop()
        self.log.close()
        self.tools.cleanup()
        self.folder.cleanup()

    def serve(self, options):
        self.stop()
        self.server = subprocess.Popen(
            [self.binary, "serve", *options],
            cwd=self.folder.name,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=self.log,
            text=True,
        )
        line = self.server.stdout.readline()
        if not line.startswith(("erpsatz ready", "{")):
            self.log.seek(0)
            raise Failure(f"`erpsatz serve {shlex.join(options)}` does not start\n{self.log.read()}")
        return line

    def stop(self):
        if self.server:
            self.server.terminate()
            self.server.wait(timeout=20)
            self.server.stdout.close()
            self.server = None

    def shell(self, block):
        command = block.text.replace("\\\n", " ").strip()
        if re.fullmatch(r"erpsatz serve\b[^|;&\n]*", command):
            words = shlex.split(command, comments=True)[2:]
            if "--help" not in words:
                return self.serve(words)
        lines = []
        for line in block.text.splitlines():
            exits = re.match(r"(.*\S)\s+# exit (\d+)\b", line)
            if exits:
                told = f"echo \"exit $status, not {exits[2]}\" >&2; exit 99"
                line = f"status=0; {exits[1]} || status=$?; [ $status = {exits[2]} ] || {{ {told}; }}"
            lines.append(line)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", "\n".join(lines)],
            cwd=self.folder.name,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
        )
        if done.returncode:
            raise Failure(f"exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def code(self, block):
        if not self.session:
            command = {"python": ["python3", HERE / "session.py"], "js": ["node", HERE / "session.mjs"]}[block.kind]
            self.session = Session(command, self.folder.name, self.environment)
        return self.session.run(block.text, f"{self.page}:{block.first + 1}")

    def write(self, block):
        file = pathlib.Path(self.folder.name, block.file)
        file.parent.mkdir(parents=True, exist_ok=True)
        # JSON has no comments: the line with the name is no part of the file.
        file.write_text(block.text.split("\n", 1)[1] if file.suffix == ".json" else block.text)
        if file.suffix in (".yaml", ".yml") and is_scenario(block.text) and not self.is_used(block):
            self.check(file)
            self.ran += 1

    def is_used(self, block):
        return any(other.kind == "sh" and block.file in other.text for other in self.blocks)

    def check(self, file):
        done = subprocess.run(
            [self.binary, "scenario", "check", file], cwd=self.folder.name, capture_output=True, text=True
        )
        if done.returncode:
            raise Failure(done.stderr)

    def block(self, block):
        if block.why is not None:
            return
        if block.file:
            self.write(block)
        elif block.kind == "yaml" and is_scenario(block.text):
            file = pathlib.Path(self.folder.name, ".block.yaml")
            named = "" if re.search(r"^name:", block.text, re.M) else "name: a-part-of-one\n"
            file.write_text(named + block.text)
            self.check(file)
            self.ran += 1
        elif block.kind == "sh" or block.kind == self.language:
            printed = self.shell(block) if block.kind == "sh" else self.code(block)
            self.ran += 1
            if block.shown and not pattern(block.shown.text).fullmatch(printed if printed.endswith("\n") else printed + "\n"):
                self.wrong.append((block, printed))


def is_scenario(text):
    return bool(re.search(r"^(servers|faults|steps|expect|extends):", text, re.M))


def accept(page, wrong):
    """Writes what was printed into the page, the last block first."""
    lines = page.read_text().splitlines()
    for block, printed in sorted(wrong, key=lambda one: -one[0].first):
        lines[block.shown.first + 1 : block.shown.last] = printed.rstrip("\n").splitlines()
    page.write_text("\n".join(lines) + "\n")


def run_page(binary, page, accepting):
    """Whether all of a page's blocks do what it says; what happened is printed."""
    text = page.read_text()
    left_out = re.search(r"<!-- page not run: (.*) -->", text)
    if left_out:
        print(f"-- {page}: left out: {left_out[1]}")
        return True
    found = blocks(text)
    languages = [kind for kind in ("python", "js") if any(one.kind == kind and one.why is None for one in found)]
    if not any(one.kind in (*RUN, "yaml") for one in found):
        return True
    good, ran, skipped = True, 0, [f"   left out, line {one.first + 1}: {one.why}" for one in found if one.why and one.kind in RUN]
    for language in languages or ["sh"]:
        with Run(binary, page, language, found) as run:
            for block in found:
                try:
                    run.block(block)
                except (Failure, subprocess.SubprocessError) as error:
                    print(f"FAILED {page}:{block.first + 1} ({language})\n{block.text}\n{error}")
                    return False
            ran += run.ran
            for block, printed in run.wrong:
                print(f"DIFFERS {page}:{block.first + 1} ({language})")
                told = difflib.unified_diff(block.shown.text.splitlines(), printed.splitlines(), "page", "printed", lineterm="")
                print("\n".join(told))
            if run.wrong and accepting:
                accept(page, run.wrong)
                print("   accepted; run it again")
                return False
            good = good and not run.wrong
    print("\n".join([f"-- {page}: {ran} snippets run", *skipped]), flush=True)
    return good


def apart(page, arguments):
    """Runs one page in a network of its own, where the usual ports are free; its output comes in one piece."""
    inside = "ip link set lo up; exec \"$@\""
    done = subprocess.run(
        ["unshare", "--net", "bash", "-c", inside, "page", sys.executable, __file__, "--inside", *arguments, page],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    print(done.stdout, end="", flush=True)
    return done.returncode


def main(arguments):
    accepting, inside = "--accept" in arguments, "--inside" in arguments
    options = [word for word in arguments if word.startswith("--")]
    binary, *pages = [word for word in arguments if not word.startswith("--")]
    can_part = not inside and subprocess.run(["unshare", "--net", "true"], stderr=subprocess.DEVNULL).returncode == 0
    if can_part:
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            bad = [code for code in pool.map(lambda page: apart(page, [*options, binary]), pages) if code]
    else:
        bad = [page for page in pages if not run_page(binary, pathlib.Path(page), accepting)]
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

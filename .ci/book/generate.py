"""The parts of docs/ that are made from the binary: generate.py BINARY [--write]

Each stands in its page between `<!-- made by .ci/book.sh: NAME -->` and `<!-- made: end -->`. Without `--write` they are compared, and
what is not up to date is named. A server without a page gets one and a fact sheet to fill, with their lines in the table of contents, and
one without a row in the README.md of the repository gets that.
"""

import difflib
import functools
import http
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

DOCS = pathlib.Path("docs")
MARK = re.compile(r"(<!-- made by \.ci/book\.sh: (.+?) -->\n)(.*?)(<!-- made: end -->)", re.S)


def erpsatz(*words):
    done = subprocess.run([BINARY, *words], capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"erpsatz {' '.join(words)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def table(heads, rows):
    """A table of Markdown; `|` in a cell would end it."""
    cell = lambda text: " ".join(str(text).split()).replace("|", "\\|")
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cell(one) for one in line) + " |" for line in lines) + "\n"


def code(value):
    return f"`{value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}`"


def sentence(text):
    """A description as it can stand in a table; what looks like a tag is no tag."""
    return re.sub(r"<(?=[\w/])", "&lt;", text or "")


# The command line


def commands():
    """`--help` of every command, those under a command after it."""
    parts = []

    def told(words):
        text = erpsatz(*words, "--help")
        text = re.sub(r"\[env: (\w+)=[^\]]*\]", r"[env: \1]", text)
        parts.append(f"## {' '.join(['erpsatz', *words])}\n\n```text\n{text.rstrip()}\n```\n")
        listed = re.search(r"^Commands:\n(.*?)(?:\n\n|\Z)", text, re.M | re.S)
        for name in re.findall(r"^  (\w[\w-]*)  ", listed[1] if listed else "", re.M):
            if name != "help":
                told([*words, name])

    told([])
    return "\n".join(parts)


# Settings, scenario files

# Objects of the schema that have a page; the others are on scenario-keys.md.
PAGES = dict.fromkeys(["Rule", "When", "Between", "Then", "Drip", "RateLimit"], "faults.md") | dict.fromkeys(
    ["Expectation", "Request", "Times", "RecordExpectation", "FailOn"], "expectations.md"
)


@functools.cache
def schema():
    return json.loads(erpsatz("scenario", "schema"))


def linked(name):
    """A link to the object of that name: of a scenario file, or of the control API alone."""
    page = PAGES.get(name) or ("scenario-keys.md" if name in schema()["$defs"] else "control-calls.md")
    return f"[{name}]({page}#{name.lower()})"


@functools.cache
def servers():
    return json.loads(erpsatz("servers", "--json"))


def bounds(one, link=linked):
    """What a value may be, in a few words."""
    if "enum" in one:
        return " ".join(code(value) for value in one["enum"])
    if "const" in one:
        return code(one["const"])
    if "$ref" in one:
        return link(one["$ref"].rsplit("/", 1)[1])
    kinds = [one] if "type" in one else one.get("anyOf", []) or one.get("oneOf", [])
    found = []
    for kind in kinds:
        if "type" not in kind:
            found.append(bounds(kind, link))
            continue
        names = [kind["type"]] if isinstance(kind["type"], str) else kind["type"]
        for name in names:
            if name == "null":
                continue
            text = name
            if name == "array" and kind.get("items"):
                text = "list of " + (bounds(kind["items"], link) or "values")
            elif name == "object" and isinstance(kind.get("additionalProperties"), dict):
                text = "map of " + (bounds(kind["additionalProperties"], link) or "values")
            elif name == "object" and kind.get("properties"):
                text = "`{ " + ", ".join(kind["properties"]) + " }`"
            elif name in ("integer", "number") and ("minimum" in kind or "maximum" in kind):
                least, most = kind.get("minimum"), kind.get("maximum")
                text = f"{name}, {least if least is not None else '…'} to {most:,}" if most is not None else f"{name} from {least}"
            found.append(text)
    return " or ".join(dict.fromkeys(found))


def settings_of(slug):
    known = schema()["properties"]["servers"]["properties"][slug]["properties"]["settings"]["properties"]
    rows = []
    for name, one in known.items():
        default = one.get("default")
        shown = json.dumps(default, ensure_ascii=False)
        shown = code(shown if len(shown) <= 60 else shown[:57] + "…") if default not in ("", None) else "empty"
        rows.append([code(name), bounds(one), shown, one.get("x-evidence", ""), sentence(one.get("description"))])
    return table(["setting", "is", "default", "evidence", "changes"], rows)


def settings():
    return "\n".join(f"## {one['slug']}\n\n{settings_of(one['slug'])}" for one in servers())


def keys(one, link=linked):
    """The keys of an object of the schema."""
    needed = one.get("required", [])
    rows = [
        [code(name), bounds(value, link) + (" (needed)" if name in needed else ""), sentence(value.get("description"))]
        for name, value in one.get("properties", {}).items()
        if name != "servers"
    ]
    return table(["key", "is", "says"], rows)


def definition(name, one, link=linked):
    told = keys(one, link) if one.get("properties") else f"{bounds(one, link)}\n" if bounds(one, link) else ""
    return f"### {name}\n\n{sentence(one.get('description'))}\n\n{told}"


def keys_of(*names):
    """The objects of the schema that a page is about."""
    known = schema()["$defs"]
    return "\n".join(definition(name, known[name]) for name in names)


def scenario_keys():
    whole = schema()
    rest = [name for name in whole["$defs"] if name not in PAGES]
    return "\n".join([f"## The file\n\n{keys(whole)}", "## Objects\n", keys_of(*rest)])


def profile_keys():
    whole = json.loads(erpsatz("profile", "schema"))
    link = lambda name: f"[{name}](#{name.lower()})"
    parts = [f"## The file\n\n{keys(whole, link)}", "## Objects\n"]
    return "\n".join([*parts, *(definition(name, one, link) for name, one in whole["$defs"].items())])


def scenarios():
    parts, rows = [], []
    for line in erpsatz("scenario", "list").splitlines():
        name = line.split()[0]
        rows.append([f"[`{name}`](#{name})", sentence(line[len(name) :].strip())])
        parts.append(f"## {name}\n\n```yaml\n{erpsatz('scenario', 'show', name).rstrip()}\n```\n")
    return table(["scenario", "lesson"], rows) + "\n" + "\n".join(parts)


# The control API


def shape(one, depth=0):
    """A schema of the control API in a few words."""
    if "$ref" in one:
        return linked(one["$ref"].rsplit("/", 1)[1])
    if one.get("type") == "array" and one.get("items"):
        return f"list of {shape(one['items'], depth)}"
    if one.get("type") == "object" and one.get("properties") and depth == 0:
        parts = [f"{name}{'' if name in one.get('required', []) else '?'}" for name in one["properties"]]
        return code("{ " + ", ".join(parts) + " }")
    return bounds(one) or "anything"


def content(one):
    found = [shape(value.get("schema", {})) for value in one.get("content", {}).values()]
    return " or ".join(dict.fromkeys(found))


def named(document, kind, one):
    """A part of the document, looked up where it is named alone."""
    return document["components"][kind][one["$ref"].rsplit("/", 1)[1]] if "$ref" in one else one


def control_calls():
    document = json.loads(erpsatz("contract", "control"))
    known = document["components"]["schemas"]
    rows = []
    for path, verbs in document["paths"].items():
        for verb, one in verbs.items():
            if verb not in ("get", "put", "post", "delete", "patch"):
                continue
            given = [named(document, "parameters", one) for one in [*verbs.get("parameters", []), *one.get("parameters", [])]]
            query = " ".join(code(parameter["name"]) for parameter in given if parameter["in"] == "query")
            body = content(one.get("requestBody", {}))
            answers = []
            for status, answer in one["responses"].items():
                answer = named(document, "responses", answer)
                if status.startswith("2"):
                    answers.append(f"{status} {content(answer)}".strip())
            rows.append([code(f"{verb.upper()} {path}"), sentence(one.get("summary")), query, body, "; ".join(answers)])
    parts = [table(["call", "does", "query", "body", "answers"], rows), "## Objects\n"]
    for name, one in known.items():
        if name in schema()["$defs"]:
            continue
        parts.append(f"### {name}\n\n{sentence(one.get('description'))}\n")
        needed = one.get("required", [])
        if one.get("properties"):
            given = [
                [code(key), shape(value, 1), "" if key in needed else "may be absent", sentence(value.get("description"))]
                for key, value in one["properties"].items()
            ]
            parts.append(table(["key", "is", "", "says"], given))
    return "\n".join(parts)


# Vendors


class Running:
    """A server on free ports, for answers that only a running one gives."""

    def __enter__(self):
        command = [BINARY, "serve", "--random-ports", "--json", "--log-level", "error"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        ready = json.loads(self.process.stdout.readline())
        self.control = ready["control"]
        self.urls = {slug: one["url"] for slug, one in ready["servers"].items()}
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=20)
        self.process.stdout.close()

    def ask(self, url, body=None):
        request = urllib.request.Request(url, json.dumps(body).encode() if body is not None else None)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.read().decode()

    def envelope(self, slug, status):
        """The body that a server gives with a status: a rule that answers with it says so."""
        sandbox = f"{self.control}/sandboxes/default"
        rule = {"server": slug, "when": {"path": "*"}, "then": {"status": status}}
        made = json.loads(self.ask(f"{sandbox}/faults", rule))
        body = self.ask(f"{self.urls[slug]}/")
        done = urllib.request.Request(f"{sandbox}/faults/{made['id']}", method="DELETE")
        urllib.request.urlopen(done, timeout=20).close()
        return body


def all_servers():
    """A row a server, with what a client of the default data signs in with."""
    rows = []
    for one in servers():
        credentials = "; ".join(f"{name} `{value}`" for name, value in one["credentials"].items())
        rows.append([code(one["slug"]), one["title"], one["port"], code(one["base_path"]), credentials])
    return table(["slug", "simulates", "port", "base path", "signs in with"], rows)


def signs_in(slug):
    one = next(one for one in servers() if one["slug"] == slug)
    credentials = "; ".join(f"{name} `{value}`" for name, value in one["credentials"].items())
    rows = [
        ["simulates", one["title"]],
        ["usual port", f"{one['port']}"],
        ["base path", code(one["base_path"])],
        ["contract", f"`erpsatz contract {slug}`: {'SDL' if one['contract'] == 'graphql' else 'OpenAPI 3.1'}"],
        ["signs in with", credentials],
    ]
    call = "\n".join(line for line in one["first_call"].replace("{url}", f"http://127.0.0.1:{one['port']}").splitlines())
    return f"{table(['', ''], rows)}\nThe first call:\n\n```sh\n{call}\n```\n"


def operations(slug):
    lines = erpsatz("coverage", slug, "--facts").splitlines()
    rows = [line.split("\t") for line in lines]
    evidence = {name: level for _, kind, name, level in (row[:4] for row in rows) if kind == "operation"}
    contract = erpsatz("contract", slug)
    summaries = {}
    if contract.lstrip().startswith("{"):
        for path, verbs in json.loads(contract)["paths"].items():
            for verb, one in verbs.items():
                if verb in ("get", "put", "post", "delete", "patch"):
                    summaries[f"{verb.upper()} {path}"] = one.get("summary", "")
    # A call on any entity is in the contract once for each: what the first says holds for all.
    any_entity = lambda name: re.compile(re.escape(name).replace(r"\{entity\}", r"\w+"))
    first = lambda name: next((said for call, said in summaries.items() if any_entity(name).fullmatch(call)), "")
    shown = [[code(name), sentence(summaries.get(name) or first(name)), level] for name, level in evidence.items()]
    return table(["call", "does", "evidence"], shown)


def back_office(slug):
    with Running() as running:
        items = json.loads(running.ask(f"{running.control}/sandboxes/default/actions"))["items"]
    rows = []
    for one in (one for one in items if one["server"] == slug):
        given = one["parameters"].get("properties", {})
        told = "; ".join(f"`{name}`: {sentence(value.get('description'))}" for name, value in given.items())
        rows.append([code(one["action"]), sentence(one["description"]), told or "none"])
    return table(["action", "does", "takes"], rows)


def refusals(slug):
    """Every refusal by name, as the profile has it; then the form of each status."""
    contract = erpsatz("contract", slug)
    said = {}
    if contract.lstrip().startswith("{"):
        document = json.loads(contract)
        operations = (one for verbs in document["paths"].values() for one in verbs.values() if isinstance(one, dict))
        for status, answer in (found for one in operations for found in one.get("responses", {}).items()):
            if int(status) >= 400:
                said.setdefault(int(status), []).append(named(document, "responses", answer)["description"])
    facts = [line.split("\t") for line in erpsatz("coverage", slug, "--facts").splitlines()]
    for name in (row[2] for row in facts if row[1] == "status"):
        if (status := int(name.split()[-1])) >= 400:
            said.setdefault(status, [])
    rows = []
    with Running() as running:
        for status in sorted(said):
            meant = " ".join(dict.fromkeys(said[status])) or http.HTTPStatus(status).phrase
            rows.append([status, sentence(meant), code(running.envelope(slug, status))])
    return f"{named_refusals(slug)}{table(['status', 'when', 'body'], rows)}"


def named_refusals(slug):
    """The refusals of the profile, one a line of `profile show`: `NAME: STATUS CODE "sentence" [evidence]`."""
    shown = subprocess.run([BINARY, "profile", "show", slug], capture_output=True, text=True).stdout
    listed = re.search(r"^refusals:\n((?:  .*\n)+)", shown, re.M)
    rows = []
    for line in listed[1].splitlines() if listed else []:
        name, status, rest, evidence = re.fullmatch(r"  (\w+): (\d{3}|\(setting \w+\))? ?(.*?) ?\[(\w+)\]", line).groups()
        named = re.match(r'((?:(?!\w\w: ")[^"])*)', rest)[1].strip()
        said = re.findall(r'(?:(\w\w): )?"((?:[^"\\]|\\.)*)"', rest)
        sentences = " / ".join(f"{language}: {text}" if language else text for language, text in said)
        rows.append([code(name), status or "", code(named) if named else "", sentence(sentences.replace('\\"', '"')), evidence])
    return table(["name", "status", "code", "sentence", "evidence"], rows) + "\n" if rows else ""


# What is known


def coverage():
    parts = []
    for one in servers():
        text = erpsatz("coverage", one["slug"])
        counted = text.split("\n\n| operation |")[0]
        parts.append(re.sub(r"^## .*", f"## {one['title']}", counted, count=1, flags=re.M).strip() + "\n")
    return "\n".join(parts)


MADE = {
    "commands": commands,
    "settings": settings,
    "keys-of": keys_of,
    "scenario-keys": scenario_keys,
    "profile-keys": profile_keys,
    "scenarios": scenarios,
    "control-calls": control_calls,
    "coverage": coverage,
    "servers": all_servers,
    "signs-in": signs_in,
    "operations": operations,
    "back-office": back_office,
    "refusals": refusals,
    "settings-of": settings_of,
}


def made(text):
    """A page with its parts as they are now."""

    def part(found):
        name, *words = found[2].split()
        return f"{found[1]}\n{MADE[name](*words).strip()}\n\n{found[4]}"

    return MARK.sub(part, text)


PAGE = """# {title}: what it answers

[What is known of it](../facts/{slug}.md) · [its settings](../reference/settings.md#{slug})

<!-- made by .ci/book.sh: signs-in {slug} -->
<!-- made: end -->

## Calls

`erpsatz contract {slug}` has parameters, bodies and types of each. *Evidence* says where a fact comes from
([levels](../known.md#where-a-fact-comes-from)).

<!-- made by .ci/book.sh: operations {slug} -->
<!-- made: end -->

## Refusals

What the server says where it refuses, and the body of each status. Another status, code or sentence for yours:
[your tenant's names](../recipes/tenant-names.md).

<!-- made by .ci/book.sh: refusals {slug} -->
<!-- made: end -->

## Back office

What a person does inside, and no call of its API can. `POST /sandboxes/{{s}}/actions/{slug}/{{action}}` of the control API takes the
parameters as a JSON object; so does a scenario's step, `do: [ {{ action: {{ server: {slug}, name: …, with: {{…}} }} }} ]`.

<!-- made by .ci/book.sh: back-office {slug} -->
<!-- made: end -->
"""


# What the pages of a vendor stand before, in the table of contents.
AFTER = "- [The fact sheets]"
SHEET = """# {title}: the facts

What is known of {title}, and from whom ([how to read it](README.md)). Nothing is yet: whatever its profile and its rows say is assumed.
"""


def pages(write):
    """How many pages of servers there are not: what each answers, and what is known of it; `write` makes them."""
    absent = 0
    for one in servers():
        slug, title = one["slug"], one["title"]
        sheet = f"  - [{title}: the facts](facts/{slug}.md)\n"
        for folder, text, line in ("vendors", PAGE, f"- [{title}: what it answers](vendors/{slug}.md)\n"), ("facts", SHEET, sheet):
            page, contents = DOCS / folder / f"{slug}.md", DOCS / "SUMMARY.md"
            if page.exists() and f"({folder}/{slug}.md)" in contents.read_text():
                continue
            if not write:
                print(f"{page} is missing, or its line in {contents}")
                absent += 1
                continue
            if not page.exists():
                page.write_text(text.format(**one))
            contents.write_text(contents.read_text().replace(AFTER, line + AFTER, 1))
    return absent


def signs_with(one):
    """What a client sends: the headers, where they are all; anything else by what it is called."""
    if one.get("headers"):
        return [f"header {code(f'{name}: {value}')}" for name, value in one["headers"].items()]
    return [f"{name} {code(value)}" for name, value in one["credentials"].items()]


def rows(write):
    """How many servers have no row in the table of README.md; `write` gives them one."""
    readme = pathlib.Path("README.md")
    text = readme.read_text()
    missing = [one for one in servers() if f"| `{one['slug']}` |" not in text]
    for one in missing:
        ways = "; ".join(signs_with(one))
        row = f"| `{one['slug']}` | {one['title']} | {one['port']} | {ways} |\n"
        text = text.replace("| control | ", row + "| control | ", 1)
    if write:
        readme.write_text(text)
    elif missing:
        print(f"README.md has no row for {', '.join(one['slug'] for one in missing)}")
    return 0 if write else len(missing)


def main(write):
    stale = pages(write) + rows(write)
    for page in sorted(DOCS.rglob("*.md")):
        before = page.read_text()
        after = made(before)
        if before == after:
            continue
        if write:
            page.write_text(after)
            print(f"{page}: written")
        else:
            stale += 1
            told = difflib.unified_diff(before.splitlines(), after.splitlines(), "page", "binary", lineterm="", n=1)
            print(f"{page} is not what the binary says:")
            print("\n".join(list(told)[:20]))
    return 1 if stale else 0


BINARY = str(pathlib.Path(sys.argv[1]).resolve())
sys.exit(main("--write" in sys.argv))

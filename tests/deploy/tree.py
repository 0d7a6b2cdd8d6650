"""What the tests of deploy/ share: where things are, the metric catalogue, and skipping with a reason."""
import pathlib
import re
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
SKIP = 77


def skip(reason):
    print(f"skipped: {reason}")
    sys.exit(SKIP)


def need(program, package):
    path = shutil.which(program)
    return path or skip(f"{program} is not installed (Debian package {package})")


def yaml():
    try:
        import yaml as module
    except ImportError:
        skip("python3 has no yaml (Debian package python3-yaml)")
    return module


def catalogue():
    """Metric -> type, from the table in metrics/README.md; another test holds that against the code."""
    rows = re.findall(r"(?m)^\| `(vpnverdict_\w+)` \| (\w+)", (ROOT / "metrics/README.md").read_text())
    return dict(rows)


def recorded(rule_files):
    return {rule["record"] for rule in rules(rule_files) if "record" in rule}


def rules(rule_files):
    for path in rule_files:
        for group in yaml().safe_load(path.read_text())["groups"]:
            yield from group["rules"]


def rule_files():
    return sorted((DEPLOY / "prometheus").glob("*.rules.yaml"))


def names_in(expr):
    """Metric and recorded names of an expression, without what a histogram adds."""
    bare = re.sub(r'"(\\.|[^"])*"', '""', expr)
    plain = {re.sub(r"_(bucket|count|sum)$", "", n) if "seconds_" in n else n
             for n in re.findall(r"(?<![\w:])vpnverdict_\w+", bare)}
    return plain | set(re.findall(r"(?<![\w:])\w+:vpnverdict_\w+:\w+", bare))


def selectors_in(expr):
    """Each metric with its matchers, as written, without ranges."""
    return set(re.findall(r'(?<![\w:])(?:\w+:)?vpnverdict_\w+(?::\w+)?(?:\{(?:[^"}]|"(?:\\.|[^"\\])*")*\})?', expr))

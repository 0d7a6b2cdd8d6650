#!/usr/bin/env python3
"""panels_test.py VPNVERDICT: a real run is scraped by a real Prometheus with our rules, then every query of every dashboard and runbook and
every selector of the rules must find something. All on loopback, in a temporary folder."""
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import tree

PROMETHEUS = tree.need("prometheus", "prometheus")
PROGRAM = sys.argv.pop(1) if sys.argv[1:] else ""
DEADLINE = 120  # seconds in which everything must have appeared; all is there after thirty on an idle machine

# Metrics that a healthy run of half a minute need not have, with the reason. Short, and best kept so.
MAY_BE_EMPTY = {
    "vpnverdict_pool_exhaustion_seconds": "a trend takes two hours of a pool's use",
    "pool:vpnverdict_pool_in_use:ahead4h": "it takes last week",
    "vpnverdict_http_certificate_expiry_timestamp_seconds": "demo speaks plain HTTP",
}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Running:
    """demo and Prometheus, both ended at exit whatever happens."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.metrics, self.web = free_port(), free_port()
        self.started = []

    def __enter__(self):
        self.start([PROGRAM, "demo", "--for", f"{DEADLINE + 60}s", "--metrics-port", str(self.metrics)], "demo.log")
        self.scrape([str(path) for path in tree.rule_files()])
        return self

    def scrape(self, rules, every="2s"):
        config = {"global": {"scrape_interval": every, "scrape_timeout": every, "evaluation_interval": every}, "rule_files": rules,
                  "scrape_configs": [{"job_name": "vpnverdict", "static_configs": [{"targets": [f"127.0.0.1:{self.metrics}"]}]}]}
        (self.folder / "prometheus.yml").write_text(json.dumps(config))  # JSON is YAML
        self.start([PROMETHEUS, f"--config.file={self.folder}/prometheus.yml", f"--storage.tsdb.path={self.folder}/data",
                    f"--web.listen-address=127.0.0.1:{self.web}", "--enable-feature=exemplar-storage", "--log.level=warn"], "prometheus.log")

    def start(self, command, log):
        with open(self.folder / log, "w") as out:
            self.started.append(subprocess.Popen(command, stdout=out, stderr=out, cwd=self.folder))

    def __exit__(self, *_):
        for process in self.started:
            process.send_signal(signal.SIGTERM)
        for process in self.started:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def ask(self, path, **parameters):
        url = f"http://127.0.0.1:{self.web}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            return {"status": "error", "error": error.read().decode(errors="replace")}
        except OSError as error:
            return {"status": "error", "error": str(error)}

    def value(self, expr):
        """(series, error)"""
        answer = self.ask("query", query=expr)
        if answer["status"] != "success":
            return [], answer["error"]
        return [one for one in answer["data"]["result"] if one["value"][1] != "NaN"], ""


def filled(expr):
    """Grafana's variables as Grafana fills them in with "All" chosen."""
    expr = expr.replace("$__rate_interval", "12s").replace("$__range", "1h")
    return re.sub(r"\$\w+", ".*", expr)


def queries():
    for path in sorted((tree.DEPLOY / "grafana").glob("*.json")):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel.get("targets", []):
                yield f"{path.stem}: {panel['title']}", filled(target["expr"])
    for rule in tree.rules(tree.rule_files()):
        for selector in tree.selectors_in(rule["expr"]):
            yield f"rule {rule.get('alert') or rule['record']}", selector
    for path in sorted((tree.DEPLOY / "runbooks").glob("*.md")):
        for code in re.findall(r"`([^`]*)`", path.read_text()):
            if re.match(r"(\w+|sum by \([^)]*\) )\(|vpnverdict_|\w+:vpnverdict_", code) and tree.names_in(code):
                yield f"runbook {path.stem}", code.replace('group="GROUP"', 'group=~".+"')


def missing(running, asked):
    found = {}
    for where, expr in asked:
        series, error = running.value(expr)
        if error or not series:
            found[(where, expr)] = error or "finds nothing"
    return found


class Panels(unittest.TestCase):
    maxDiff = None

    def test_every_query_finds_something_in_a_real_run(self):
        gone = {(where, expr): "" for where, expr in queries() if not tree.names_in(expr) <= set(MAY_BE_EMPTY)}
        self.assertGreater(len(gone), 100)
        with tempfile.TemporaryDirectory() as folder, Running(folder) as running:
            end = time.monotonic() + DEADLINE
            while (gone := missing(running, gone)) and time.monotonic() < end:
                for process in running.started:
                    self.assertIsNone(process.poll(), "ended early: " + "".join(p.read_text()[-2000:] for p in pathlib.Path(folder).glob("*.log")))
                time.sleep(1)
            self.assertEqual({f"{where}: {expr}": why for (where, expr), why in gone.items()}, {})

            # The test itself can fail: a name that does not exist finds nothing.
            self.assertEqual(running.value("vpnverdict_no_such_metric"), ([], ""))
            # Prometheus asks for OpenMetrics: failures lead to their attempts, as the API knows them.
            exemplars = running.ask("query_exemplars", query='vpnverdict_verdicts_total{outcome="failed"}', start=time.time() - 600, end=time.time())["data"]
            attempts = [one["labels"]["attempt"] for series in exemplars for one in series["exemplars"]]
            self.assertGreater(len(attempts), 0)
            with urllib.request.urlopen(f"http://127.0.0.1:{running.metrics}/api/attempts/{attempts[-1]}", timeout=10) as answer:
                self.assertEqual(json.load(answer)["attempt"]["outcome"], "failed")
            # The scrape and every rule went well.
            targets = running.ask("targets")["data"]["activeTargets"]
            self.assertEqual([(t["health"], t["lastError"]) for t in targets], [("up", "")])
            groups = running.ask("rules")["data"]["groups"]
            unwell = [(r["name"], r.get("lastError")) for g in groups for r in g["rules"] if r["health"] != "ok"]
            self.assertEqual(unwell, [])


if __name__ == "__main__":
    unittest.main(verbosity=0)

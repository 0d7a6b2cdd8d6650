#!/usr/bin/env python3
"""The dashboards as files: fresh, and by the rules that make them portable between Grafanas and readable at a glance."""
import json
import re
import subprocess
import sys
import unittest

import tree

GRAFANA = tree.DEPLOY / "grafana"
UNITS = {"short", "percentunit", "s", "Bps"}
DASHBOARDS = {path.name: json.loads(path.read_text()) for path in sorted(GRAFANA.glob("*.json"))}


def panels(dashboard):
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def findings(dashboard, types):
    """What is wrong with a dashboard, one sentence each. `types`: metric -> counter, gauge or histogram."""
    def say(panel, what):
        return f"{dashboard['title']} / {panel['title']}: {what}"

    if dashboard["editable"] or "id" in dashboard or not dashboard["uid"]:
        yield f"{dashboard['title']}: must have a uid, no id, and not be editable"
    variables = {v["name"]: v for v in dashboard["templating"]["list"]}
    if variables.get("datasource", {}).get("type") != "datasource" or "job" not in variables:
        yield f"{dashboard['title']}: needs the variables datasource and job"
    titles = [panel["title"] for panel in panels(dashboard)]
    for title in {t for t in titles if titles.count(t) > 1}:
        yield f"{dashboard['title']}: two panels are called {title}"
    ids = [panel["id"] for panel in dashboard["panels"]]
    if len(set(ids)) != len(ids):
        yield f"{dashboard['title']}: ids repeat"
    taken = set()
    for panel in dashboard["panels"]:
        place = panel["gridPos"]
        cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
        if cells & taken or place["x"] + place["w"] > 24:
            yield say(panel, "lies on another panel or beyond the edge")
        taken |= cells
    for panel in panels(dashboard):
        if not panel["description"].strip() or not panel["description"].rstrip().endswith("."):
            yield say(panel, "has no description")
        if panel["fieldConfig"]["defaults"].get("unit") not in UNITS:
            yield say(panel, "has no unit of the list")
        if not panel["targets"]:
            yield say(panel, "asks nothing")
        for target in panel["targets"]:
            expr = target["expr"]
            if target["datasource"]["uid"] != "${datasource}":
                yield say(panel, "names a data source of its own")
            if panel["type"] == "timeseries" and not target["legendFormat"]:
                yield say(panel, "has a series without a name")
            for selector in tree.selectors_in(expr):
                if 'job=~"$job"' not in selector:
                    yield say(panel, f"{selector} is not narrowed to the job")
            for metric, kind in types.items():
                bare = re.findall(rf"(\w+)\({metric}\b", expr)
                if kind == "counter" and metric in expr and set(bare) - {"rate", "increase"} and "rebalances" not in metric:
                    yield say(panel, f"shows the counter {metric} without rate()")
            for used in re.findall(r"\$(?!__)(\w+)", expr):
                if used not in variables:
                    yield say(panel, f"${used} is no variable")
            if panel["type"] == "timeseries" and re.search(r"rate\(\w+\{[^}]*\}\[(?!\$__rate_interval)", expr):
                yield say(panel, "a rate over a fixed window hides spikes or shows gaps")


class Dashboards(unittest.TestCase):
    def test_there_are_three(self):
        self.assertEqual(set(DASHBOARDS), {"fleet.json", "concentrators.json", "pipeline.json"})

    def test_they_are_fresh(self):
        done = subprocess.run([sys.executable, "-B", GRAFANA / "make_dashboards", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_nothing_is_found(self):
        types = tree.catalogue()
        self.assertEqual([f for d in DASHBOARDS.values() for f in findings(d, types)], [])

    def test_the_findings_can_be_found(self):
        types = tree.catalogue()
        def spoilt(change):
            dashboard = json.loads(json.dumps(DASHBOARDS["pipeline.json"]))
            change(dashboard, panels(dashboard)[6])
            return " ".join(findings(dashboard, types))
        self.assertIn("no description", spoilt(lambda d, p: p.update(description=" ")))
        self.assertIn("lies on another", spoilt(lambda d, p: p["gridPos"].update(x=6)))
        self.assertIn("without rate()", spoilt(lambda d, p: p["targets"][0].update(expr='sum(vpnverdict_records_total{job=~"$job"})')))
        self.assertIn("not narrowed", spoilt(lambda d, p: p["targets"][0].update(expr="vpnverdict_attempts_open")))
        self.assertIn("no variable", spoilt(lambda d, p: p["targets"][0].update(expr='vpnverdict_sources{job=~"$job",x="$x"}')))
        self.assertIn("fixed window", spoilt(lambda d, p: p["targets"][0].update(expr='rate(vpnverdict_events_total{job=~"$job"}[5m])')))

    def test_every_cause_has_its_remedy_in_the_table(self):
        header = (tree.ROOT / "correlator/cause.h").read_text()
        names = set(re.findall(r"X\((\w+), (?:outcome|set_up|after_connect),", header))
        table = next(p for p in panels(DASHBOARDS["fleet.json"]) if p["title"] == "Causes with remedies")
        remedies = table["fieldConfig"]["overrides"][0]["properties"][0]["value"][0]["options"]
        self.assertEqual(set(remedies), names)
        for name, remedy in remedies.items():
            self.assertIn(remedy["text"][:30], header, name)

    def test_every_metric_of_the_catalogue_is_shown_somewhere(self):
        everything = " ".join(t["expr"] for d in DASHBOARDS.values() for p in panels(d) for t in p["targets"])
        seen = tree.names_in(everything)
        for rule in tree.rules(tree.rule_files()):  # what is shown through a recorded series is shown
            if rule.get("record") in seen:
                seen |= tree.names_in(rule["expr"])
        self.assertEqual(set(tree.catalogue()) - seen, set())


if __name__ == "__main__":
    unittest.main(verbosity=0)

#!/usr/bin/env python3
"""Recording rules, alerts and runbooks: they hold together, and promtool's cases can fail."""
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import tree

yaml = tree.yaml()
PROMTOOL = tree.need("promtool", "prometheus")
PROMETHEUS = tree.DEPLOY / "prometheus"
TESTS = sorted(PROMETHEUS.glob("*.test.yaml"))
RUNBOOKS = tree.DEPLOY / "runbooks"


def alerts():
    return [rule for rule in tree.rules(tree.rule_files()) if "alert" in rule]


def promtool(*arguments, cwd=PROMETHEUS):
    done = subprocess.run([PROMTOOL, *map(str, arguments)], cwd=cwd, capture_output=True, text=True, timeout=500)
    return done.returncode, done.stdout + done.stderr


class Rules(unittest.TestCase):
    def test_promtool_accepts_every_rule(self):
        code, said = promtool("check", "rules", "--lint=all", "--lint-fatal", *tree.rule_files())
        self.assertEqual(code, 0, said)

    def test_every_metric_exists_and_every_recorded_series_is_recorded(self):
        known = set(tree.catalogue()) | tree.recorded(tree.rule_files())
        self.assertGreater(len(known), 50)
        for rule in tree.rules(tree.rule_files()):
            self.assertEqual(tree.names_in(rule["expr"]) - known, set(), rule["expr"])

    def test_recording_rules_are_fresh(self):
        done = subprocess.run([sys.executable, "-B", PROMETHEUS / "make_recording_rules", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_alert_says_how_bad_it_is_and_who_acts(self):
        for alert in alerts():
            self.assertIn(alert["labels"].get("severity"), ("critical", "warning", "info"), alert["alert"])
            self.assertTrue(alert["labels"].get("team"), alert["alert"])
            self.assertRegex(alert["annotations"]["summary"], r"\b(acts?|looks|gives|lists|reads|plans|checks|calls)\b", alert["alert"])

    def test_a_summary_names_only_labels_that_the_expression_keeps(self):
        for alert in alerts():
            kept = set(re.findall(r"\w+", " ".join(re.findall(r"by \(([^)]*)\)", alert["expr"]))))
            if "group:" in alert["expr"]:
                kept.add("group")
            if "pool:" in alert["expr"]:
                kept |= {"concentrator", "pool"}
            for label in re.findall(r"\$labels\.(\w+)", alert["annotations"]["summary"]):
                self.assertIn(label, kept, alert["alert"])

    def test_each_surge_lists_the_causes_of_its_side(self):
        header = (tree.ROOT / "correlator/cause.h").read_text()
        rows = re.findall(r"X\((\w+), (\w+), \d+, (\w+),", header)
        self.assertGreater(len(rows), 50)
        for alert in (a for a in alerts() if a["alert"] == "VpnverdictCauseSurge"):
            listed = set(re.search(r'cause=~"([^"]*)"', alert["expr"]).group(1).split("|"))
            wanted = {cause for cause, kind, actor in rows if actor == alert["labels"]["team"] and kind != "outcome"}
            self.assertEqual(listed, wanted, alert["labels"]["team"])


class Runbooks(unittest.TestCase):
    def test_each_alert_has_its_page_and_each_page_its_alert(self):
        pages = {path.stem for path in RUNBOOKS.glob("*.md")} - {"README"}
        self.assertEqual(pages, {alert["alert"] for alert in alerts()})

    def test_each_alert_links_its_page(self):
        for alert in alerts():
            self.assertEqual(alert["annotations"].get("runbook_url"), f"deploy/runbooks/{alert['alert']}.md")

    def test_a_page_says_where_to_look_what_to_do_and_when_it_ends_in_short(self):
        for path in RUNBOOKS.glob("Vpn*.md"):
            text = path.read_text()
            for heading in (f"# {path.stem}\n", "**Who acts:**", "\n## Look\n", "\n## Do\n", "\n## It ends\n"):
                self.assertIn(heading, text, path.name)
            self.assertLess(len(text.split()), 400, f"{path.name}: too long for three in the morning")

    def test_a_page_asks_only_for_metrics_that_exist(self):
        known = set(tree.catalogue()) | tree.recorded(tree.rule_files())
        for path in RUNBOOKS.glob("*.md"):
            for code in re.findall(r"`([^`]*)`", path.read_text()):
                self.assertEqual(tree.names_in(code) - known, set(), path.name)

    def test_its_links_lead_somewhere(self):
        for path in RUNBOOKS.glob("*.md"):
            for target in re.findall(r"\]\(([^)#]+)\)", path.read_text()):
                self.assertTrue((RUNBOOKS / target).exists(), f"{path.name}: {target}")


class Cases(unittest.TestCase):
    def test_every_case_holds(self):
        for path in TESTS:
            code, said = promtool("test", "rules", path.name)
            self.assertEqual(code, 0, said)

    def test_without_its_expression_no_alert_passes(self):
        """All alerts silenced: each must be missed by some case, or nothing shows that it can fire."""
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            for path in [*tree.rule_files(), *TESTS]:
                content = yaml.safe_load(path.read_text())
                for group in content.get("groups", []):
                    for rule in group["rules"]:
                        if "alert" in rule:
                            rule["expr"] = "vector(0) > 1"
                (folder / path.name).write_text(yaml.safe_dump(content))
            said = ""
            for path in TESTS:
                code, output = promtool("test", "rules", path.name, cwd=folder)
                self.assertNotEqual(code, 0, f"{path.name} passes without any alert")
                said += output
        for name in {alert["alert"] for alert in alerts()}:
            self.assertIn(name, said, "has no case in which it fires")

    def test_every_alert_has_a_case_in_which_it_must_stay_silent(self):
        silent = set()
        for path in TESTS:
            for case in yaml.safe_load(path.read_text())["tests"]:
                for check in case.get("promql_expr_test", []):
                    if check["exp_samples"] == []:
                        named = re.search(r'alertname=~?"([^"]*)"', check["expr"])
                        pattern = named.group(1) if named else ".*"
                        silent |= {a["alert"] for a in alerts() if re.fullmatch(pattern, a["alert"])
                                   and path.name.split(".")[0] in ("alerts", "pools")}
                for check in case.get("alert_rule_test", []):
                    if not check.get("exp_alerts"):
                        silent.add(check["alertname"])
        self.assertEqual({alert["alert"] for alert in alerts()} - silent, set())


if __name__ == "__main__":
    unittest.main(verbosity=0)

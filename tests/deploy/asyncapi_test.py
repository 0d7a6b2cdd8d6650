#!/usr/bin/env python3
"""asyncapi_test.py TOOLS VPNVERDICT: deploy/asyncapi.yaml against its specification, the configuration's defaults and the code; and
the verdict's schema against what the program really prints."""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import tree

yaml = tree.yaml()
try:
    import jsonschema
except ImportError:
    tree.skip("python3 has no jsonschema (Debian package python3-jsonschema)")
PROGRAM, TOOLS = sys.argv.pop(), pathlib.Path(sys.argv.pop()).resolve()
DOCUMENT = tree.DEPLOY / "asyncapi.yaml"
API = yaml.safe_load(DOCUMENT.read_text())
SCHEMA = json.loads((tree.DEPLOY / "verdict.schema.json").read_text())
INCIDENT = json.loads((tree.DEPLOY / "incident.schema.json").read_text())

PARSE = """
const {Parser, fromFile} = require('@asyncapi/parser');
fromFile(new Parser(), process.argv[1]).parse().then(({document, diagnostics}) => {
  const bad = diagnostics.filter(d => d.severity < 2).map(d => `${d.path.join('.')}: ${d.message}`);
  const verdict = document && document.channels().get('verdicts').messages().all()[0];
  const incident = document && document.channels().get('incidents').messages().all()[0];
  const keys = message => message ? Object.keys(message.payload().properties()) : [];
  console.log(JSON.stringify({bad, properties: keys(verdict), incident: keys(incident)}));
});
"""


def references(node):
    if isinstance(node, dict):
        if "$ref" in node:
            yield node["$ref"]
        for value in node.values():
            yield from references(value)
    elif isinstance(node, list):
        for value in node:
            yield from references(value)


def resolves(reference):
    file, _, pointer = reference.partition("#")
    if file:
        return (tree.DEPLOY / file).exists() and not pointer
    node = API
    for part in pointer.strip("/").split("/"):
        node = node.get(part)
        if node is None:
            return False
    return True


class Asyncapi(unittest.TestCase):
    def test_the_specification_s_own_parser_takes_it(self):
        if not shutil.which("node") or not shutil.which("npm"):
            self.skipTest("no node and npm")
        subprocess.run([pathlib.Path(__file__).with_name("fetch_tools"), TOOLS, "asyncapi"], check=True, timeout=300)
        if not (TOOLS / "asyncapi/node_modules/@asyncapi/parser").exists():
            self.skipTest("the parser cannot be had")
        def parsed(path):
            done = subprocess.run(["node", "-e", PARSE, str(path)], cwd=TOOLS / "asyncapi", capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            return json.loads(done.stdout)
        found = parsed(DOCUMENT)
        self.assertEqual(found["bad"], [])
        self.assertEqual(set(found["properties"]), set(SCHEMA["properties"]))
        self.assertEqual(set(found["incident"]), set(INCIDENT["properties"]))
        spoilt = TOOLS / "asyncapi/spoilt.yaml"
        spoilt.write_text(DOCUMENT.read_text().replace("action: receive", "action: swallow").replace("./verdict", f"{tree.DEPLOY}/verdict").replace("./incident", f"{tree.DEPLOY}/incident"))
        self.assertNotEqual(parsed(spoilt)["bad"], [])

    def test_every_reference_leads_somewhere(self):
        found = list(references(API))
        self.assertGreater(len(found), 6)
        self.assertEqual([r for r in found if not resolves(r)], [])
        self.assertFalse(resolves("#/components/messages/nosuch"))

    def test_the_topics_are_the_configuration_s_defaults(self):
        kafka = yaml.safe_load((tree.DEPLOY / "vpnverdict.yaml").read_text())["kafka"]
        self.assertEqual([API["channels"]["logs"]["address"]], kafka["topics"])
        self.assertEqual(API["channels"]["verdicts"]["address"], kafka["verdict_topic"])
        self.assertEqual(API["channels"]["incidents"]["address"], kafka["incident_topic"])
        self.assertEqual(API["operations"]["read_logs"]["bindings"]["kafka"]["groupId"]["const"], kafka["group"])

    def test_the_headers_are_those_that_the_code_writes(self):
        headers = API["components"]["messages"]["dead_letter"]["headers"]
        names = re.search(r"kRejectNames\[\] = \{([^}]*)\}", (tree.ROOT / "correlator/event.h").read_text()).group(1)
        self.assertEqual(headers["properties"]["reason"]["enum"], re.findall(r'"(\w+)"', names) + ["poison"])
        self.assertIn('{"reason", "poison"}', (tree.ROOT / "pipeline/partition_owner.cpp").read_text())
        body = re.search(r"bool Ingest::send_dead_letter.*?\n\}\n", (tree.ROOT / "pipeline/ingest.cpp").read_text(), re.S).group()
        self.assertEqual(set(headers["properties"]), set(re.findall(r'"(\w+)",', body)) - {""})

    def test_real_verdicts_keep_the_contract(self):
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        validator = jsonschema.Draft202012Validator(SCHEMA)
        logs = sorted(str(p) for kind in ("seed", "lab") for p in (tree.ROOT / "tests/replay" / kind).glob("*/c*.log"))[:120]
        done = subprocess.run([PROGRAM, "replay", *logs, "--format", "jsonl"], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        records = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertGreater(len(records), 30)
        for record in records:
            self.assertEqual([e.message for e in validator.iter_errors(record)], [], record["id"])
        spoilt = {**records[0], "grade": "sure"}
        self.assertEqual(len(list(validator.iter_errors(spoilt))), 1)

    def test_real_incidents_keep_the_contract(self):
        jsonschema.Draft202012Validator.check_schema(INCIDENT)
        validator = jsonschema.Draft202012Validator(INCIDENT)
        header = (tree.ROOT / "correlator/incident.h").read_text()
        for key, table in (("kind", "kIncidentKindNames"), ("dimension", "kDimensionNames")):
            names = re.findall(r'"(\w+)"', re.search(table + r"\[\] = \{([^}]*)\}", header).group(1))
            self.assertEqual(INCIDENT["properties"][key]["enum"], names)
        with tempfile.TemporaryDirectory() as folder:
            fleet, cards, inventory = (f"{folder}/{name}" for name in ("fleet", "cards", "inventory.yaml"))
            subprocess.run([PROGRAM, "generate", "--attempts", "9000", "--seed", "7", "--to", fleet, "--incidents", f"{folder}/truth", "--inventory", inventory],
                           check=True, timeout=300)
            subprocess.run([PROGRAM, "replay", fleet, "--inventory", inventory, "--to", f"{folder}/verdicts", "--incidents", cards], check=True, timeout=300)
            records = [json.loads(line) for line in pathlib.Path(cards).read_text().splitlines()]
        self.assertGreater(len(records), 2)
        self.assertEqual({r["state"] for r in records}, {"open", "closed"})
        for record in records:
            self.assertEqual([e.message for e in validator.iter_errors(record)], [], record["id"])
        self.assertEqual(len(list(validator.iter_errors({**records[0], "kind": "trouble"}))), 1)


if __name__ == "__main__":
    unittest.main(verbosity=0)

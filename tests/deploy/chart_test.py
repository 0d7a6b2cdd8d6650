#!/usr/bin/env python3
"""chart_test.py TOOLS VPNVERDICT: the chart rendered by the real helm for every file in ci/, checked against Kubernetes' own schemas,
the restricted pod security profile, promtool, and the program itself, which must take the configuration that it would get."""
import copy
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import tree

yaml = tree.yaml()
PROGRAM, TOOLS = sys.argv.pop(), pathlib.Path(sys.argv.pop()).resolve()
CHART = tree.DEPLOY / "helm/vpnverdict"
HELM = TOOLS / "helm"
subprocess.run([pathlib.Path(__file__).with_name("fetch_tools"), TOOLS, "helm", "schemas", "crds"], check=True, timeout=300)
if not HELM.exists():
    tree.skip("no helm in the PATH, and npm cannot fetch one")
sys.path.insert(0, str(TOOLS / "python"))  # before Debian's jsonschema, which is too old for it
try:
    import kubernetes_validate
except ImportError:
    kubernetes_validate = None
    print("without kubernetes-validate: manifests are not checked against Kubernetes' schemas")

# An old and a new release, both within the chart's kubeVersion.
KUBERNETES = ("1.29", "1.35")
CASES = sorted((CHART / "ci").glob("*-values.yaml"))
POD_OWNERS = ("Deployment", "Pod")


# Other people's types, by the schemas that their projects publish. Those let unknown fields pass; the declarations tell them.
CRD_CHECK = """
import * as v1 from '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1';
import * as keda from '@kubernetes-models/keda/keda.sh/v1alpha1';
import {readFileSync} from 'fs';
const found = [];
for (const doc of JSON.parse(readFileSync(0))) {
  try { new ({...v1, ...keda})[doc.kind](doc).validate(); } catch (e) { found.push(`${doc.kind}: ${e.message ?? e}`); }
}
console.log(JSON.stringify(found));
"""


def crd_findings(docs):
    done = subprocess.run(["node", "--input-type=module", "-e", CRD_CHECK], input=json.dumps(docs), cwd=TOOLS / "crds",
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    yield from json.loads(done.stdout)
    declared = "".join(p.read_text() for p in (TOOLS / "crds/node_modules/@kubernetes-models").glob("*/*/v1*/*.d.ts"))
    known = set(re.findall(r'(?m)^\s*"(\w+)"\??:', declared))

    def keys(node, free=False):
        if isinstance(node, dict):
            for key, value in node.items():
                if not free:
                    yield key
                yield from keys(value, key in ("labels", "annotations", "matchLabels", "metadata"))
        elif isinstance(node, list):
            for value in node:
                yield from keys(value)
    for doc in docs:
        yield from (f"{doc['kind']}: unknown field {key}" for key in keys(doc["spec"]) if key not in known)


def helm(*arguments):
    done = subprocess.run([HELM, *map(str, arguments)], capture_output=True, text=True, timeout=120)
    return done.returncode, done.stdout, done.stderr


def rendered(values, *more):
    code, out, err = helm("template", "v", CHART, "-f", values, "--namespace", "noc", *more)
    assert code == 0, err
    return [doc for doc in yaml.safe_load_all(out) if doc]


def of_kind(docs, kind):
    return [doc for doc in docs if doc["kind"] == kind]


def pod_of(doc):
    return doc["spec"] if doc["kind"] == "Pod" else doc["spec"]["template"]["spec"]


def restricted(doc):
    """What the restricted pod security profile would refuse, and what we ask beyond it."""
    pod = pod_of(doc)
    security = pod.get("securityContext", {})
    if not security.get("runAsNonRoot") or security.get("runAsUser", 0) == 0:
        yield "may run as root"
    if security.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield "no seccomp profile"
    if pod.get("automountServiceAccountToken") is not False:
        yield "gets a token"
    if pod.get("enableServiceLinks") is not False:
        yield "gets variables of Services"
    if any(k in pod for k in ("hostNetwork", "hostPID", "hostIPC")) or any("hostPath" in v for v in pod.get("volumes", [])):
        yield "touches the host"
    for container in pod["containers"]:
        own = container.get("securityContext", {})
        if own.get("allowPrivilegeEscalation") is not False or own.get("capabilities") != {"drop": ["ALL"]}:
            yield "keeps privileges"
        if own.get("readOnlyRootFilesystem") is not True:
            yield "writes to its root"
        if "memory" not in container.get("resources", {}).get("limits", {}):
            yield "has no bound on memory"


TOKEN = "a-token-of-the-status-page"


def make_port_secrets(folder):
    """What the secrets of the port and the page would hold, by the names that the chart gives them."""
    openssl = tree.need("openssl", "openssl")
    for name in ("port", "page"):
        pathlib.Path(folder, f"vpnverdict-{name}").mkdir()
    subprocess.run([openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj", "/CN=vpn",
                    "-keyout", f"{folder}/vpnverdict-port/tls.key", "-out", f"{folder}/vpnverdict-port/tls.crt"],
                   check=True, capture_output=True, timeout=60)
    pathlib.Path(folder, "vpnverdict-page/token").write_text(TOKEN)


def matches(selector, labels):
    return selector.items() <= labels.items()


class Chart(unittest.TestCase):
    maxDiff = None

    def test_there_are_at_least_five_value_sets_and_lint_is_content_with_each(self):
        self.assertGreaterEqual(len(CASES), 5)
        for values in CASES:
            code, out, err = helm("lint", "--strict", CHART, "-f", values)
            self.assertEqual(code, 0, f"{values.name}: {out}{err}")

    def test_kubernetes_schemas_know_every_field(self):
        if kubernetes_validate is None:
            self.skipTest("no kubernetes-validate")
        for values in CASES:
            for doc in rendered(values):
                if ".coreos.com/" in doc["apiVersion"] or doc["apiVersion"].startswith("keda.sh/"):
                    continue  # other people's types: see the tests below
                for version in KUBERNETES:
                    try:
                        kubernetes_validate.validate(doc, version, strict=True)
                    except kubernetes_validate.ValidationError as error:
                        self.fail(f"{values.name} {doc['kind']} {version}: {error.message} at {list(error.path)}")
        broken = of_kind(rendered(CASES[0]), "Deployment")[0]
        broken["spec"]["template"]["spec"]["containers"][0]["livenesProbe"] = {}
        with self.assertRaises(kubernetes_validate.ValidationError):
            kubernetes_validate.validate(broken, KUBERNETES[0], strict=True)

    def test_the_operators_know_their_types(self):
        if not (TOOLS / "crds/node_modules/@kubernetes-models/keda").exists():
            self.skipTest("the operators' types cannot be had")
        docs = [doc for values in CASES for doc in rendered(values) if doc["apiVersion"].split("/")[0] in ("monitoring.coreos.com", "keda.sh")]
        self.assertEqual({doc["kind"] for doc in docs}, {"PodMonitor", "ServiceMonitor", "PrometheusRule", "ScaledObject"})
        self.assertEqual(list(crd_findings(docs)), [])
        monitor = copy.deepcopy(of_kind(docs, "PodMonitor")[0])
        monitor["spec"]["sampleLimit"] = "many"
        monitor["spec"]["sampelLimit"] = 1
        self.assertEqual(len(list(crd_findings([monitor]))), 2)

    def test_pods_keep_to_the_restricted_profile(self):
        for values in CASES:
            pods = [doc for doc in rendered(values) if doc["kind"] in POD_OWNERS]
            self.assertTrue(pods)
            for doc in pods:
                self.assertEqual(list(restricted(doc)), [], f"{values.name} {doc['metadata']['name']}")
        loose = copy.deepcopy(pods[0])
        pod_of(loose)["containers"][0]["securityContext"]["readOnlyRootFilesystem"] = False
        pod_of(loose)["volumes"].append({"name": "x", "hostPath": {"path": "/"}})
        self.assertEqual(list(restricted(loose)), ["touches the host", "writes to its root"])

    def test_the_program_takes_the_configuration(self):
        for values in CASES:
            docs = rendered(values)
            config = of_kind(docs, "ConfigMap")[0]
            container = pod_of(of_kind(docs, "Deployment")[0])["containers"][0]
            environment = {e["name"]: e.get("value", "S3cr3t" if "PASSWORD" in e["name"] else "noc") for e in container.get("env", [])}
            with tempfile.TemporaryDirectory() as folder:
                for name, text in config["data"].items():
                    pathlib.Path(folder, name).write_text(text.replace("/etc/vpnverdict-", f"{folder}/vpnverdict-"))
                make_port_secrets(folder)
                done = subprocess.run([PROGRAM, "check-config", f"{folder}/vpnverdict.yaml"], capture_output=True, text=True,
                                      env={"PATH": os.environ["PATH"], **environment}, timeout=300)
            self.assertEqual(done.returncode, 0, f"{values.name}: {done.stderr}")
            for secret in ("S3cr3t", TOKEN):
                self.assertNotIn(secret, done.stdout + done.stderr, values.name)
            port = next(p["containerPort"] for p in container["ports"] if p["name"] == "metrics")
            self.assertIn(f"listen_port: {port}\n", done.stdout)
            self.assertIn('listen_address: "0.0.0.0"', done.stdout)

    def test_the_program_knows_every_argument(self):
        for values in CASES:
            for doc in rendered(values):
                if doc["kind"] in POD_OWNERS:
                    arguments = pod_of(doc)["containers"][0]["args"]
                    told = subprocess.run([PROGRAM, arguments[0], "--help"], capture_output=True, text=True, timeout=300)
                    self.assertEqual(told.returncode, 0)
                    for argument in arguments[1:]:
                        if argument.startswith("--"):
                            self.assertIn(argument, told.stdout)

    def test_it_is_given_longer_to_end_than_it_may_take(self):
        for values, seconds in (("defaults-values.yaml", 25), ("secured-values.yaml", 40.5)):
            for doc in of_kind(rendered(CHART / "ci" / values), "Deployment"):
                self.assertGreaterEqual(pod_of(doc)["terminationGracePeriodSeconds"], seconds + 5)

    def test_probes_ask_what_they_mean(self):
        for values in CASES:
            for doc in of_kind(rendered(values), "Deployment"):
                container = pod_of(doc)["containers"][0]
                asked = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
                self.assertEqual({probe: get["path"] for probe, get in asked.items()},
                                 {"startupProbe": "/healthz", "livenessProbe": "/healthz", "readinessProbe": "/readyz"})
                self.assertEqual({get["port"] for get in asked.values()}, {"metrics"})
                secured = "tls_key_file" in of_kind(rendered(values), "ConfigMap")[0]["data"]["vpnverdict.yaml"]
                self.assertEqual({get["scheme"] for get in asked.values()}, {"HTTPS" if secured else "HTTP"})

    def test_a_secret_of_the_port_is_mounted_where_it_is_looked_for_and_the_scrape_asks_by_tls(self):
        docs = rendered(CHART / "ci/secured-values.yaml")
        config = yaml.safe_load(of_kind(docs, "ConfigMap")[0]["data"]["vpnverdict.yaml"])
        for doc in docs:
            if doc["kind"] not in POD_OWNERS:
                continue
            mounts = {m["mountPath"]: m["name"] for m in pod_of(doc)["containers"][0]["volumeMounts"]}
            secrets = {v["name"]: v["secret"]["secretName"] for v in pod_of(doc)["volumes"] if "secret" in v}
            for named, secret in ((config["metrics"]["tls_certificate_file"], "vpn-port-tls"), (config["metrics"]["tls_key_file"], "vpn-port-tls"),
                                  (config["page"]["token_file"], "vpn-page")):
                self.assertEqual(secrets[mounts[os.path.dirname(named)]], secret, doc["metadata"]["name"])
        endpoint = of_kind(docs, "PodMonitor")[0]["spec"]["podMetricsEndpoints"][0]
        self.assertEqual((endpoint["scheme"], endpoint["tlsConfig"]),
                         ("https", {"serverName": "vpnverdict.example.org", "ca": {"secret": {"name": "vpn-port-tls", "key": "ca.crt"}}}))
        plain = of_kind(rendered(CHART / "ci/defaults-values.yaml", "--set", "podMonitor.enabled=true"), "PodMonitor")[0]
        self.assertNotIn("scheme", plain["spec"]["podMetricsEndpoints"][0])

    def test_everything_selects_the_pods_it_is_for(self):
        for values in CASES:
            docs = rendered(values)
            pods = {doc["metadata"]["name"]: doc["spec"]["template"]["metadata"]["labels"] for doc in of_kind(docs, "Deployment")}
            for name, labels in pods.items():
                own = next(d for d in of_kind(docs, "Deployment") if d["metadata"]["name"] == name)
                chosen = [n for n, other in pods.items() if matches(own["spec"]["selector"]["matchLabels"], other)]
                self.assertEqual(chosen, [name], values.name)
            for doc in of_kind(docs, "PodDisruptionBudget"):
                self.assertEqual([n for n, labels in pods.items() if matches(doc["spec"]["selector"]["matchLabels"], labels)],
                                 [doc["metadata"]["name"]])
            for doc in of_kind(docs, "Service"):
                self.assertTrue(all(matches(doc["spec"]["selector"], labels) for labels in pods.values()))
            for kind, key in (("NetworkPolicy", "podSelector"), ("PodMonitor", "selector")):
                for doc in of_kind(docs, kind):
                    self.assertTrue(all(matches(doc["spec"][key]["matchLabels"], labels) for labels in pods.values()), kind)
            for doc in of_kind(docs, "ServiceMonitor"):
                service = of_kind(docs, "Service")[0]
                self.assertTrue(matches(doc["spec"]["selector"]["matchLabels"], service["metadata"]["labels"]))
            for doc in of_kind(docs, "ScaledObject") + of_kind(docs, "HorizontalPodAutoscaler"):
                self.assertIn(doc["spec"]["scaleTargetRef"]["name"], pods)
            accounts = {doc["metadata"]["name"] for doc in of_kind(docs, "ServiceAccount")} | {"existing"}
            for doc in of_kind(docs, "Deployment"):
                self.assertIn(pod_of(doc)["serviceAccountName"], accounts)
                named = {v["configMap"]["name"] for v in pod_of(doc)["volumes"] if "configMap" in v}
                self.assertLessEqual(named, {d["metadata"]["name"] for d in of_kind(docs, "ConfigMap")})

    def test_a_changed_configuration_restarts_the_pods(self):
        def checksum(*more):
            deployment = of_kind(rendered(CASES[0], *more), "Deployment")[0]
            return deployment["spec"]["template"]["metadata"]["annotations"]["checksum/config"]
        self.assertEqual(checksum(), checksum("--set", "minReadySeconds=3"))
        self.assertNotEqual(checksum(), checksum("--set", "config.correlator.shards=2"))
        self.assertNotEqual(checksum(), checksum("--set", "inventory.groups={sales}"))

    def test_promtool_takes_the_rules_and_the_runbooks_are_where_they_are_said_to_be(self):
        promtool = tree.need("promtool", "prometheus")
        values = CHART / "ci/secured-values.yaml"
        rules = of_kind(rendered(values), "PrometheusRule")
        pages = yaml.safe_load(values.read_text())["prometheusRule"]["runbookBaseUrl"]
        self.assertEqual(len(rules), len(tree.rule_files()))
        for doc in rules:
            self.assertEqual(set(doc["spec"]), {"groups"})
            with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
                yaml.safe_dump(doc["spec"], file)
                file.flush()
                done = subprocess.run([promtool, "check", "rules", file.name], capture_output=True, text=True, timeout=300)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            for group in doc["spec"]["groups"]:
                for rule in group["rules"]:
                    if "alert" in rule:
                        self.assertEqual(rule["annotations"]["runbook_url"], f"{pages}/{rule['alert']}.md")

    def test_dashboards_arrive_as_they_are(self):
        docs = rendered(CHART / "ci/secured-values.yaml")
        carried = {name.removeprefix("vpnverdict-"): text for doc in of_kind(docs, "ConfigMap")
                   for name, text in doc["data"].items() if name.endswith(".json")}
        self.assertEqual(carried, {p.name: p.read_text() for p in (tree.DEPLOY / "grafana").glob("*.json")})

    def test_lag_scaling_asks_for_each_topic(self):
        scaled = of_kind(rendered(CHART / "ci/keda-values.yaml"), "ScaledObject")[0]
        asked = [t["metadata"] for t in scaled["spec"]["triggers"]]
        self.assertEqual([a["topic"] for a in asked], ["clients", "devices"])
        self.assertEqual({(a["consumerGroup"], a["lagThreshold"]) for a in asked}, {("noc-verdicts", "1000000")})
        by_role = {doc["metadata"]["name"].rsplit("-", 1)[1]: doc["spec"]["triggers"][0]["metadata"]
                   for doc in of_kind(rendered(CHART / "ci/roles-values.yaml"), "ScaledObject")}
        self.assertEqual({role: (a["consumerGroup"], a["topic"]) for role, a in by_role.items()},
                         {"ingest": ("vpnverdict", "vpn-logs"), "correlate": ("vpnverdict.correlate", "vpn-events")})
        deployment = of_kind(rendered(CHART / "ci/keda-values.yaml"), "Deployment")[0]
        self.assertNotIn("replicas", deployment["spec"], "an upgrade would undo the scaling")

    def test_what_must_not_be_installed_is_refused_with_a_sentence(self):
        for settings, sentence in (
                ("nosuch=1", "additional properties 'nosuch' not allowed"),
                ("roles.all.replicas=two", "got string, want integer"),
                ("metrics.port=80", "minimum"),
                ("page.token=a-token-in-plain-text", "object"),
                ("config.metrics.listen_port=1", "not"),
                ("hpa.enabled=true,keda.enabled=true", "enable one"),
                ("podMonitor.enabled=true,serviceMonitor.enabled=true", "enable one"),
                ("roles.ingest.enabled=true", "roles.all does the work of the other"),
                ("roles.all.enabled=false", "no role is enabled")):
            code, _, err = helm("template", "v", CHART, "--set", settings)
            self.assertNotEqual(code, 0, settings)
            self.assertIn(sentence, err, settings)

    def test_every_value_is_documented_or_speaks_for_itself_and_is_in_the_schema(self):
        schema = json.loads((CHART / "values.schema.json").read_text())
        values = yaml.safe_load((CHART / "values.yaml").read_text())
        self.assertEqual(set(values), set(schema["properties"]) - {"global"})

    def test_the_plain_manifests_are_fresh(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([tree.DEPLOY / "kubernetes/render", folder], check=True, env={**os.environ, "HELM": str(HELM)}, timeout=120)
            for name in ("base/vpnverdict.yaml", "monitoring/monitoring.yaml"):
                self.assertEqual(pathlib.Path(folder, name).read_text(), (tree.DEPLOY / "kubernetes" / name).read_text(),
                                 f"{name} is stale; run deploy/kubernetes/render")

    def test_the_plain_manifests_need_no_helm(self):
        text = "".join(p.read_text() for p in (tree.DEPLOY / "kubernetes").rglob("*.yaml"))
        self.assertIsNone(re.search(r"helm\.sh/|managed-by: Helm|checksum/", text))
        kubectl = TOOLS / "kubectl"
        if not kubectl.exists():
            self.skipTest("no kubectl")
        done = subprocess.run([kubectl, "kustomize", tree.DEPLOY / "kubernetes/monitoring"], capture_output=True, text=True, timeout=300)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(of_kind(list(yaml.safe_load_all(done.stdout)), "Deployment")), 1)


if __name__ == "__main__":
    unittest.main(verbosity=0)

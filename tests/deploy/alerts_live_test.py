#!/usr/bin/env python3
"""Two faults in a fleet's logs, told by the alerts that they should raise and by no others, which end when the faults do.

A made-up fleet's logs are played into a real Kafka (VPNVERDICT_TEST_BROKER) at 60 times their pace, vpnverdict reads them, a real
Prometheus scrapes it and evaluates our rules with all their durations divided by 60. Some time is quiet; then one group's password
is changed; all is well again; then a pool runs out of addresses, lease by lease; then all is well again.
"""
import calendar
import collections
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import unittest
import urllib.request

import tree
from panels_test import Running

yaml = tree.yaml()
try:
    from confluent_kafka import Producer
    from confluent_kafka.admin import AdminClient, NewTopic
except ImportError:
    tree.skip("python3 has no confluent_kafka (Debian package python3-confluent-kafka)")
PROGRAM = os.environ["VPNVERDICT_TEST_BINARY"]
BROKER = os.environ.get("VPNVERDICT_TEST_BROKER") or tree.skip("no VPNVERDICT_TEST_BROKER")
FASTER = 60
RATE = 30  # attempts a minute of the fleet's time; four times that on a Monday morning

BEHIND_MAX = 8000  # records fed and not yet seen as read, some four seconds

# Everybody's own failures, as many as usual. What the realistic mix has beside them and a quiet fleet must not: boxes that go down,
# servers that do not answer.
USUAL = """connected: 79000
connected_after_typo: 3000
connected_after_retry: 1200
connected_on_backup: 500
user_password_wrong: 2200
user_cancelled: 1200
user_rejected_unspecified: 1200
natt_udp4500_blocked: 900
udp500_blocked: 700
group_password_mismatch: 600
group_name_unknown: 500
gateway_name_not_resolved: 350
xauth_timeout: 300
client_adapter_failed: 250
lan_to_lan: 250
scan: 150
"""
# What every made-up fleet has by itself, and this one must not: small pools, groups without one, a box set up badly, one whose
# log has gaps.
POOL_GROUPS = ("fieldlab", "trainees", "surveyors")
OWN_TROUBLES = (*POOL_GROUPS, "newbranch", "interns26")
TROUBLED_BOXES = ("vpn-cork-2", "vpn-lyon-2")
GROUP, POOL = "sales", "fieldlab"  # what is hit
PASSWORD = "group_password_mismatch: 100\n"
ADDRESSES = "connected: 50\naddress_pool_exhausted: 50\n"  # of a fleet that begins with the phase: its pools are empty then

# (name, minutes, what happens instead of the usual: (group, mix))
PHASES = [("quiet", 25, None), ("the group's password changed", 25, (GROUP, PASSWORD)), ("the password is right again", 40, None),
          ("the pool runs out", 25, (POOL, ADDRESSES)), ("the pool is large enough", 45, None)]
# So that somebody gets an address again: people of another group, who are of this one in the last phase.
POOL_BOX, RELIEF = "vpn-berlin-1", "engineering"

# The logs are of a day long past, so this one is right to fire all the time.
ALWAYS = {("VpnverdictVerdictsLate", "platform", "")}


def failing(group, team, more):
    return {("VpnverdictGroupFailing", "noc", group), ("VpnverdictGroupBudgetBurn", "noc", group), ("VpnverdictCauseSurge", team, group),
            ("VpnverdictIncidentOpen", "noc", ""), *more}


EXPECTED = {"the group's password changed": failing(GROUP, "client", []),
            "the pool runs out": failing(POOL, "concentrator", [("VpnverdictPoolExhausted", "concentrator", POOL)])}


def faster(duration):
    amount, unit = re.fullmatch(r"(\d+)([smhd])", duration).groups()
    seconds = int(amount) * {"s": 1, "m": 60, "h": 3600, "d": 86400}[unit]
    return f"{seconds * 1000 // FASTER}ms"


def faster_rules(path):
    content = yaml.safe_load(path.read_text())
    for group in content["groups"]:
        for rule in group["rules"]:
            rule["expr"] = re.sub(r"\[(\d+[smhd])\]", lambda m: f"[{faster(m[1])}]", rule["expr"])
            rule["expr"] = re.sub(r"offset (\d+[smhd])", lambda m: f"offset {faster(m[1])}", rule["expr"])
            if "for" in rule:
                rule["for"] = faster(rule["for"])
    return yaml.safe_dump(content)


def milliseconds(text):
    whole, fraction = text.rstrip("Z").split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 1000 + int(fraction)


def fleet(folder, minutes, mix, start=None):
    """(time of the line, its attempt's truth or None, line) of a fleet of the same seed, hence the same boxes, groups and people."""
    command = [PROGRAM, "generate", "--attempts", str(4 * RATE * minutes), "--rate", str(RATE), "--to", f"{folder}/fleet.ndjson",
               "--inventory", f"{folder}/inventory.yaml", "--mix", f"{folder}/mix"]
    pathlib.Path(folder, "mix").write_text(mix)
    if start:
        command += ["--start", str(start)]
    subprocess.run(command, check=True, timeout=240, stdout=subprocess.DEVNULL)
    rows = [json.loads(row) for row in pathlib.Path(folder, "fleet.ndjson.truth.jsonl").read_text().splitlines()]
    attempts = {row["id"][1:]: row for row in rows if row["about"] == "attempt"}
    belongs = {line: attempts[row["id"][1:]] for row in rows if row["id"][1:] in attempts
               for line in row["client_lines"] + row["concentrator_lines"]}
    with open(f"{folder}/fleet.ndjson", "rb") as lines:
        first = None
        for number, line in enumerate(lines, 1):
            when = milliseconds(line[:44].split(b'"')[3].decode())  # {"@timestamp":"2026-03-02T07:00:00.567Z",…
            first = first or when
            if when > first + minutes * 60000:
                return
            yield when, belongs.get(number), line.rstrip(b"\n")


def recounted(lines):
    """The lines of several fleets as those of one: a box numbers its lines, and counts the messages of each kind since it booted. Numbers that
    went back and forth would say that it boots all the time."""
    line_number, counts = collections.Counter(), collections.Counter()
    for line in lines:
        found = re.search(rb'"(\d+)( \d\d/\d\d/\d{4} \S+ SEV=\d (\S+) RPT=)(\d+)', line)
        if not found:
            yield line
            continue
        host = re.search(rb'"host":\{?(?:"name":)?"([^"]*)"', line)[1]
        line_number[host] += 1
        counts[host, found[3]] += 1
        yield b'%s"%d%s%d%s' % (line[:found.start()], line_number[host], found[2], counts[host, found[3]], line[found.end():])


def play(folder):
    """(minute, time, line) of all phases in order. An attempt is whole, and so is its session, in whatever phase that ends."""
    whole = sum(minutes for _, minutes, _ in PHASES)
    usual = [line for line in fleet(folder, whole, USUAL) if line[1] is None or
             (line[1]["group"] not in OWN_TROUBLES and line[1]["concentrator"] not in TROUBLED_BOXES)]
    zero = usual[0][0]
    since, hit, chosen = zero, [], []
    for _, minutes, fault in PHASES:
        until = since + minutes * 60000
        if fault:
            group, mix = fault
            hit.append((group, since, until))
            start = since if group in POOL_GROUPS else zero
            chosen += [(when, line) for when, truth, line in fleet(folder, (until - start) // 60000 + 10, mix, start)
                       if truth and truth["group"] == group and since <= milliseconds(truth["started_at"]) < until]
        since = until
    for when, truth, line in usual:
        relieved = truth and truth["group"] == RELIEF and truth["concentrator"] == POOL_BOX and milliseconds(truth["started_at"]) >= hit[-1][2]
        if relieved:
            chosen.append((when, line.replace(RELIEF.encode(), POOL.encode())))
        elif not truth or not any(truth["group"] == group and a <= milliseconds(truth["started_at"]) < b for group, a, b in hit):
            chosen.append((when, line))
    chosen.sort()
    return [((when - zero) / 60000, when, line) for when, line in zip([when for when, _ in chosen], recounted(line for _, line in chosen))]


def wait_for(running, records):
    """Until so many have been read: on a busy machine the fleet's clock stands still meanwhile. Returns for how long."""
    began = time.monotonic()
    while records > 0 and not running.value(f"vpnverdict_records_total >= {records}")[0]:
        assert time.monotonic() < began + 120, "vpnverdict does not read"
        time.sleep(0.2)
    return time.monotonic() - began


def fired(running, minutes):
    """Alerts that fire now, or fired at any time in the last so many minutes of the fleet's time. Those of severity info look at two hours and
    a day, and outlast all this; they have cases of their own."""
    alerts = 'ALERTS{alertstate="firing",severity!="info"}'
    if minutes:
        alerts = f"max_over_time({alerts}[{minutes * 60 // FASTER}s])"
    series, error = running.value(f"count by (alertname, team, group, pool) ({alerts})")
    assert not error, error
    labels = [one["metric"] for one in series]
    return {(one["alertname"], one["team"], one.get("group") or one.get("pool", "")) for one in labels} - ALWAYS


def cards(running):
    """What the incidents say, for whoever reads a failure."""
    with urllib.request.urlopen(f"http://127.0.0.1:{running.metrics}/api/incidents", timeout=10) as answer:
        return [f"{card['state']} {card['kind']} since {card['onset']}: {card['sentence']}" for card in json.load(answer)["incidents"]]


class Live(unittest.TestCase):
    maxDiff = None

    def test_each_fault_raises_its_alerts_and_no_others(self):
        with tempfile.TemporaryDirectory() as folder:
            lines = play(folder)
            admin = AdminClient({"bootstrap.servers": BROKER})
            for made in admin.create_topics([NewTopic(f"live-{kind}", 1, 1) for kind in ("logs", "verdicts")]).values():
                made.result(30)
            (pathlib.Path(folder) / "rules").mkdir()
            for path in tree.rule_files():
                (pathlib.Path(folder) / "rules" / path.name).write_text(faster_rules(path))
            with LiveRun(folder) as running:
                producer = Producer({"bootstrap.servers": BROKER, "linger.ms": 20})
                start = time.monotonic()
                during, at_end, until, next_line = {}, {}, 0, 0
                for name, minutes, _ in PHASES:
                    until += minutes
                    while next_line < len(lines) and lines[next_line][0] < until:
                        minute, when, line = lines[next_line]
                        next_line += 1
                        if (wait := start + minute * 60 / FASTER - time.monotonic()) > 0:
                            producer.poll(0)
                            time.sleep(wait)
                        producer.produce("live-logs", line, timestamp=when)
                        if next_line % 1000 == 0:
                            start += wait_for(running, next_line - BEHIND_MAX)
                    producer.flush(10)
                    during[name] = fired(running, minutes)
                    at_end[name] = fired(running, None)
                    print(name, "fired", sorted(during[name]), "at end", sorted(at_end[name]), *cards(running), sep="\n  ")
                # Silence at the end means health, not that nothing came any more.
                connected = running.value('sum(increase(vpnverdict_verdicts_total{outcome="connected"}[20s])) > 50')[0]
            self.assertTrue(connected, "nobody connects at the end")
            self.assertEqual(during["quiet"], set())
            for name, alerts in EXPECTED.items():
                self.assertEqual(during[name], alerts, name)
            # Nothing begins anew where all is well, and what was begun has ended.
            for name, before in (("the password is right again", "the group's password changed"), ("the pool is large enough", "the pool runs out")):
                self.assertLessEqual(during[name], EXPECTED[before], name)
                self.assertEqual(at_end[name], set(), name)


class LiveRun(Running):
    def __enter__(self):
        environment = {"VPNVERDICT_KAFKA_BROKERS": BROKER, "VPNVERDICT_KAFKA_TOPICS": "live-logs", "VPNVERDICT_KAFKA_VERDICT_TOPIC": "live-verdicts",
                       "VPNVERDICT_INVENTORY_FILE": f"{self.folder}/inventory.yaml", "VPNVERDICT_METRICS_LISTEN_PORT": str(self.metrics)}
        os.environ.update(environment)
        self.start([PROGRAM, "run", "--config", str(tree.DEPLOY / "vpnverdict.yaml")], "run.log")
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:  # a Prometheus that comes up first would rightly say that there is none
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{self.metrics}/healthz", timeout=5).close()
                break
            except OSError:
                time.sleep(0.1)
        self.scrape([f"{self.folder}/rules/*.yaml"], "1s")
        while not self.value("vpnverdict_build_info")[0] and time.monotonic() < deadline:
            time.sleep(0.1)
        return self


if __name__ == "__main__":
    unittest.main(verbosity=0)

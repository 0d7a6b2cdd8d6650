#!/usr/bin/python3
"""What can be said about the shipped configurations without their programs: they parse, they say the same, and records of the
shape that each of them makes are recognised without configuration.

usage: configs_test.py PROGRAM
"""
import json
import pathlib
import re
import subprocess
import sys
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "deploy/shippers"
FILES = ("rsyslog-kafka.conf", "vector.yaml", "filebeat.yml", "fluent-bit.yaml")
PROGRAM = sys.argv.pop() if len(sys.argv) > 1 else None

SENDER, LAPTOP = "198.51.100.250", "laptop7"
CONCENTRATOR = ("<189>39 06/21/2005 20:10:00.210 SEV=7 IKEDBG/0 RPT=2984 192.168.1.100 Group [mygroup] Found Phase 1 Group (mygroup)",
                "<189>40 06/21/2005 20:10:00.500 SEV=5 IKE/68 RPT=3 192.168.1.100 Group [mygroup] Received non-routine Notify message: "
                "Invalid hash info (23)")
CLIENT = ("12 20:10:00.300 06/21/05 Sev=Info/4\tIKE/0x63000014\nRECEIVING <<< ISAKMP OAK AG (SA, KE, NON, ID, HASH, VID(Xauth)) from "
          "172.16.172.119",
          "13 20:10:00.400 06/21/05 Sev=Warning/2\tIKE/0xE3000099\nHash verification failed... may be configured with invalid group "
          "password.")


def vector(text, client):
    record = {"message": text, "timestamp": "2025-11-25T12:00:00.123456789Z"}
    if client:
        return {**record, "source_type": "file", "file": f"/var/log/vpn-clients/{LAPTOP}/ciscovpn.log", "host": LAPTOP, "appname": "vpnclient"}
    return {**record, "source_type": "socket", "host": SENDER, "port": 514, "source_ip": SENDER}


def filebeat(text, client):
    record = {"@timestamp": "2025-11-25T12:00:00.123Z", "@metadata": {"beat": "filebeat", "type": "_doc", "version": "8.14.0"},
              "message": text, "ecs": {"version": "8.0.0"}, "agent": {"type": "filebeat", "name": "collector", "version": "8.14.0"}}
    if client:
        return {**record, "log": {"offset": 1, "file": {"path": f"/var/log/vpn-clients/{LAPTOP}/ciscovpn.log"}, "flags": ["multiline"]},
                "host": {"name": LAPTOP, "file": "ciscovpn.log"}, "fields": {"topic": "vpn-client", "key": LAPTOP}}
    return {**record, "log": {"source": {"address": SENDER + ":514"}}, "host": {"name": "collector"},
            "fields": {"topic": "vpn-concentrator", "ip": SENDER, "port": "514", "key": SENDER}}


def fluent_bit(text, client):
    record = {"@timestamp": 1764072000.250000, "log": text}
    if client:
        return {**record, "file": f"/var/log/vpn-clients/{LAPTOP}/ciscovpn.log", "host": LAPTOP, "ident": "vpnclient"}
    return {**record, "host": SENDER, "source_ip": SENDER}


def headers_in(text):
    """The regular expressions for the first line of the Cisco client's records; POSIX classes in Python's words."""
    return {found.replace("[[:blank:]]", "[ \\t]") for found in re.findall(r"\^\[0-9\]\+\S+(?: \\t\]\S+)*?\[\.\]\[0-9\]\{3\}\[(?: \\t|\[:blank:\])\]", text)}


class Configurations(unittest.TestCase):
    def test_yaml_is_yaml(self):
        for name in FILES[1:]:
            self.assertIsInstance(yaml.safe_load((SHIPPED / name).read_text()), dict, name)

    def test_all_take_the_same_logs_to_the_same_topics(self):
        for name in FILES:
            text = (SHIPPED / name).read_text()
            for word in ("127.0.0.1:9092", "vpn-concentrator", "vpn-client", "LogAppendTime", "514",
                         *(f"/var/log/vpn-clients/*/{program}*.log" for program in ("ciscovpn", "anyconnect", "charon", "vpnc", "openconnect"))):
                self.assertIn(word, text, name)

    def test_no_file_is_read_twice(self):
        names = ("ciscovpn", "anyconnect", "charon", "vpnc", "openconnect")
        for one in names:
            self.assertEqual([one], [name for name in names if one.startswith(name)])

    def test_a_record_of_the_cisco_client_begins_at_its_header(self):
        lines = (ROOT / "tests/replay/seed/ex8-08-and-09-one-attempt/client.log").read_text().splitlines()
        headers = [line for line in lines if " Sev=" in line]
        self.assertGreater(len(headers), 5)
        for name in FILES:
            found = headers_in((SHIPPED / name).read_text())
            self.assertEqual(1, len(found), f"{name}: {found}")
            pattern = re.compile(found.pop())
            self.assertEqual(headers, [line for line in lines if pattern.match(line)], name)

    def test_what_each_makes_of_a_line_is_recognised(self):
        for shape in (vector, filebeat, fluent_bit):
            records = [shape(text, False) for text in CONCENTRATOR] + [shape(text, True) for text in CLIENT]
            done = subprocess.run([PROGRAM, "replay", "-", "--format", "jsonl", "--rejects", "/dev/stderr"], text=True, check=True,
                                  capture_output=True, input="".join(json.dumps(record) + "\n" for record in records))
            self.assertEqual("", done.stderr, f"{shape.__name__}: nothing is rejected")
            verdicts = [json.loads(line) for line in done.stdout.splitlines()]
            self.assertEqual({"group_password_mismatch"}, {verdict["cause"] for verdict in verdicts}, shape.__name__)
            self.assertIn(LAPTOP, {verdict["client"] for verdict in verdicts}, shape.__name__)
            self.assertIn(SENDER, {verdict["concentrator"] for verdict in verdicts}, shape.__name__)


if __name__ == "__main__":
    unittest.main()

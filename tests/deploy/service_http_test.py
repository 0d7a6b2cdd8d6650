#!/usr/bin/env python3
"""service_http_test.py VPNVERDICT: the HTTP port of a real `run` with TLS and a token, as a client sees it, and a configuration that
changes under it. It needs no broker: the port answers before there is one."""
import base64
import json
import os
import pathlib
import re
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request
import warnings

import tree

OPENSSL = tree.need("openssl", "openssl")
PROGRAM = sys.argv.pop(1) if sys.argv[1:] else ""
DEADLINE = 60
TOKENS = ("the-first-token-of-two", "the-second-token-of-two")


def make_certificate(folder, name):
    """Both files are put in place whole, the key first: a pair that does not fit is refused, and looked at again."""
    subprocess.run([OPENSSL, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30", "-subj", f"/CN={name}",
                    "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", f"{folder}/new.key", "-out", f"{folder}/new.crt"],
                   check=True, capture_output=True, timeout=60)
    os.replace(f"{folder}/new.key", f"{folder}/port.key")
    os.replace(f"{folder}/new.crt", f"{folder}/port.crt")


class Service:
    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        make_certificate(folder, "first")
        self.write_token(TOKENS[0])
        self.write()

    def write_token(self, token):
        (self.folder / "token").write_text(token + "\n")

    def write(self, **changes):
        """The configuration with these values by room_key; put in place whole."""
        values = {"kafka": {"brokers": "127.0.0.1:1"}, "page": {"token_file": "token"}, "service": {"log_level": "info", "log_format": "logfmt"},
                  "metrics": {"listen_port": 0, "tls_certificate_file": "port.crt", "tls_key_file": "port.key"}}
        for key, value in changes.items():
            room, option = key.split("_", 1)
            values.setdefault(room, {})[option] = value
        (self.folder / "new.yaml").write_text(json.dumps(values))
        os.replace(self.folder / "new.yaml", self.folder / "my.yaml")

    def __enter__(self):
        self.log = open(self.folder / "log", "w")
        self.process = subprocess.Popen([PROGRAM, "run", "--config", str(self.folder / "my.yaml")], stderr=self.log, stdout=self.log)
        started = self.until(lambda: re.search(r"what=started http=https://\S+:(\d+)/", self.told()))
        self.port = int(started[1])
        return self

    def __exit__(self, *_):
        self.process.kill()  # an orderly end waits for Kafka's answer, and there is none
        self.process.wait()
        self.log.close()

    def told(self):
        return (self.folder / "log").read_text()

    def until(self, asked):
        end = time.monotonic() + DEADLINE
        while time.monotonic() < end and self.process.poll() is None:
            if found := asked():
                return found
            time.sleep(0.05)
        raise AssertionError(f"not within {DEADLINE} s; the log: {self.told()[-3000:]}")

    def get(self, path, authorization=None):
        """(status, body); the certificate must be the one that lies in the folder."""
        context = ssl.create_default_context(cafile=str(self.folder / "port.crt"))
        request = urllib.request.Request(f"https://127.0.0.1:{self.port}{path}", headers={"Authorization": authorization} if authorization else {})
        try:
            with urllib.request.urlopen(request, timeout=20, context=context) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def metric(self, name):
        found = re.search(rf"(?m)^{name} (\S+)$", self.get("/metrics")[1])
        return float(found[1]) if found else None

    def subject(self):
        """Who the port says it is, believed or not."""
        context = ssl._create_unverified_context()
        with socket.create_connection(("127.0.0.1", self.port), 20) as plain, context.wrap_socket(plain) as secured:
            der = secured.getpeercert(binary_form=True)
        return subprocess.run([OPENSSL, "x509", "-inform", "der", "-noout", "-subject"], input=der, check=True, capture_output=True, timeout=20).stdout.decode()

    def version_offered(self, newest):
        context = ssl._create_unverified_context()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # that is the point
            context.minimum_version = ssl.TLSVersion.TLSv1
            context.maximum_version = newest
        context.set_ciphers("ALL:@SECLEVEL=0")  # this client itself would take anything
        with socket.create_connection(("127.0.0.1", self.port), 20) as plain:
            try:
                with context.wrap_socket(plain) as secured:
                    return secured.version()
            except (ssl.SSLError, OSError):
                return None


class ServiceHttp(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.service = Service(folder.name)

    def test_tls_and_a_token(self):
        with self.service as service:
            self.assertEqual(service.get("/healthz")[0], 200)
            self.assertEqual(service.get("/readyz")[0], 503)  # there is no broker
            self.assertIn("vpnverdict_build_info", service.get("/metrics")[1])
            self.assertGreater(service.metric("vpnverdict_http_certificate_expiry_timestamp_seconds"), time.time())
            self.assertEqual(service.get("/")[0], 401)
            self.assertEqual(service.get("/api/status", "Bearer " + TOKENS[1])[0], 401)
            self.assertEqual(service.get("/api/status", "Bearer " + TOKENS[0])[0], 200)
            basic = base64.b64encode(("vpnverdict:" + TOKENS[0]).encode()).decode()
            self.assertEqual(service.get("/", "Basic " + basic)[0], 200)
            self.assertEqual(service.version_offered(ssl.TLSVersion.TLSv1_1), None)
            self.assertEqual(service.version_offered(ssl.TLSVersion.TLSv1_2), "TLSv1.2")
            self.assertEqual(service.version_offered(ssl.TLSVersion.TLSv1_3), "TLSv1.3")
        shown = subprocess.run([PROGRAM, "check-config", str(service.folder / "my.yaml")], check=True, capture_output=True, timeout=60).stdout.decode()
        key = (service.folder / "port.key").read_text().splitlines()[1]
        for secret in (TOKENS[0], basic, key):
            self.assertNotIn(secret, service.told())
            self.assertNotIn(secret, shown)

    def test_what_is_safe_is_taken_over_and_the_rest_refused_by_name(self):
        with self.service as service:
            began = service.metric("vpnverdict_config_last_reload_success_timestamp_seconds")
            self.assertEqual(service.metric("vpnverdict_config_last_reload_successful"), 1)

            # By itself: another token in the same file, another form of the log.
            service.write_token(TOKENS[1])
            service.until(lambda: service.get("/api/status", "Bearer " + TOKENS[1])[0] == 200)
            self.assertEqual(service.get("/api/status", "Bearer " + TOKENS[0])[0], 401)
            service.write(service_log_format="json", page_names="no")
            line = service.until(lambda: re.search(r'(?m)^\{.*"what":"configuration taken over".*$', service.told()))[0]
            self.assertEqual(json.loads(line)["changed"], "page.names, service.log_format")
            self.assertIs(json.loads(service.get("/api/status", "Bearer " + TOKENS[1])[1])["names"], False)
            service.until(lambda: service.metric("vpnverdict_config_last_reload_success_timestamp_seconds") > began)

            # What cannot be: told by name, nothing of the rest is taken over, and it goes on with what it had.
            service.write(service_log_format="json", page_names="yes", kafka_brokers="127.0.0.1:2", correlator_grace_ms=1)
            service.until(lambda: service.metric("vpnverdict_config_last_reload_successful") == 0)
            refused = [json.loads(row)["why"] for row in service.told().splitlines() if '"what":"configuration not taken over"' in row]
            self.assertEqual(sorted({why.split(" cannot ")[0] for why in refused}), ["correlator.grace_ms", "kafka.brokers"])
            self.assertIs(json.loads(service.get("/api/status", "Bearer " + TOKENS[1])[1])["names"], False)
            service.write(nonsense_key=1)
            service.until(lambda: "unknown key" in service.told())

            # SIGHUP, and all is well again.
            service.write(service_log_format="json", page_names="no")
            service.process.send_signal(signal.SIGHUP)
            service.until(lambda: service.metric("vpnverdict_config_last_reload_successful") == 1)
            service.until(lambda: '"because":"SIGHUP"' in service.told())
            self.assertNotIn(TOKENS[0], service.told())
            self.assertNotIn(TOKENS[1], service.told())

    def test_a_renewed_certificate_is_used_for_the_next_connections(self):
        with self.service as service:
            self.assertIn("first", service.subject())
            make_certificate(service.folder, "second")
            service.until(lambda: "second" in service.subject())
            service.until(lambda: service.metric("vpnverdict_config_last_reload_successful") == 1)

    def test_a_wrong_certificate_is_told_before_the_start(self):
        (self.service.folder / "port.key").write_text("nonsense\n")
        for command in (["check-config"], ["run", "--config"]):
            done = subprocess.run([PROGRAM, *command, str(self.service.folder / "my.yaml")], capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 78)
            self.assertIn(f'the key "{self.service.folder}/port.key" cannot be used', done.stderr.decode())


if __name__ == "__main__":
    unittest.main(verbosity=0)

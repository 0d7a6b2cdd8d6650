"""The product as an operator would run it: Apache Kafka, one collector with the rsyslog configuration that is shipped, and
`vpnverdict run`. All of it in the lab's own network, so ports are the usual ones."""

import json
import pathlib
import subprocess
import urllib.request

import confluent_kafka as kafka
from confluent_kafka.admin import AdminClient, NewTopic

from .cast import GROUPS, LOCAL_NETWORKS
from .daemons import make_certificates
from .node import wait_until

SHIPPED = pathlib.Path(__file__).parents[3] / "deploy/shippers/rsyslog-kafka.conf"
LOGS, VERDICTS = ("vpn-concentrator", "vpn-client"), "vpn-verdicts"
PATIENCE = 420  # s: a user at a prompt may take 300


class Service:
    def __init__(self, program, broker, out):
        self.program, self.broker, self.out = program, broker, pathlib.Path(out)
        self.scratch = self.out / "work"  # gone when the lab ends; an interrupted one leaves it to the next
        self.scratch.mkdir()
        self.client_logs = self.scratch / "client-logs"
        self.client_logs.mkdir()
        self.certificates = make_certificates(self.scratch / "certificates", GROUPS)

    def start(self):
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for network in LOCAL_NETWORKS:  # so that a machine's syslog can come from its public address
            subprocess.run(["ip", "route", "add", "local", network, "dev", "lo"], check=True)
        by_the_broker = {"message.timestamp.type": "LogAppendTime"}  # as the shipped file asks for
        topics = [NewTopic(name, 3, 1, config=by_the_broker) for name in LOGS] + [NewTopic(VERDICTS, 3, 1)]
        admin = AdminClient({"bootstrap.servers": self.broker})
        for made in admin.create_topics(topics).values():
            made.result(60)
        self.start_collector()
        self.start_product()

    def start_collector(self):
        text = SHIPPED.read_text()
        for shipped, ours in (("127.0.0.1:9092", self.broker), ("/var/log/vpn-clients", str(self.client_logs)),
                              ("/var/spool/rsyslog", str(self.scratch))):
            if shipped not in text:
                raise RuntimeError(f"{SHIPPED.name} no longer says {shipped}")
            text = text.replace(shipped, ours)
        conf = self.scratch / "collector.conf"
        conf.write_text(f'global(workDirectory="{self.scratch}")\n' + text)
        with open(self.out / "collector.out", "wb") as log:
            self.collector = subprocess.Popen(["rsyslogd", "-n", "-f", conf, "-i", self.scratch / "collector.pid"],
                                              stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        # Port 514 is 0202 in the kernel's table.
        if not wait_until(lambda: ":0202 " in pathlib.Path("/proc/net/udp").read_text(), 30):
            raise RuntimeError("the collector did not start")

    def start_product(self):
        config = self.scratch / "vpnverdict.yaml"
        config.write_text(f"""kafka:
  brokers: "{self.broker}"
  topics: {json.dumps(LOGS)}
  verdict_topic: "{VERDICTS}"
""")
        with open(self.out / "vpnverdict.log", "wb") as log:
            self.product = subprocess.Popen([self.program, "run", "--config", config], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        if not wait_until(self.ready, 60):
            raise RuntimeError("vpnverdict did not get its partitions")

    def ask(self, path):
        try:
            with urllib.request.urlopen("http://127.0.0.1:9808" + path, timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            return ""

    def ready(self):
        return "assigned" in self.ask("/readyz")

    def metric(self, name):
        """Sum over its labels."""
        rows = [line for line in self.ask("/metrics").splitlines() if line.partition("{")[0].split(" ")[0] == name]
        return sum(float(row.rsplit(" ", 1)[1]) for row in rows)

    def records(self, *topics):
        """(topic, partition, offset, value) of all there is."""
        reader = kafka.Consumer({"bootstrap.servers": self.broker, "group.id": "lab", "enable.auto.commit": False,
                                 "enable.partition.eof": True})
        for topic in topics:
            for partition in reader.list_topics(topic, 30).topics[topic].partitions:
                low, high = reader.get_watermark_offsets(kafka.TopicPartition(topic, partition), 30)
                if low < high:
                    reader.assign([kafka.TopicPartition(topic, partition, low)])
                    # Not until an offset: the last ones of a transactional topic are markers that no reader ever gets.
                    while (message := reader.poll(30)) is not None and not message.error():
                        yield topic, partition, message.offset(), message.value()
                    if message is None or message.error().code() != kafka.KafkaError._PARTITION_EOF:
                        raise RuntimeError(message.error() if message else f"{topic}/{partition} cannot be read to its end")
        reader.close()

    def wait_for_verdicts(self):
        """Until all that was logged has been read and every attempt has had its last verdict: silence takes minutes to judge."""
        total = sum(1 for _ in self.records(*LOGS))
        if not wait_until(lambda: self.metric("vpnverdict_records_total") >= total, 60, 0.5):
            raise RuntimeError(f"of {total} records only {self.metric('vpnverdict_records_total'):.0f} were read")
        if not wait_until(lambda: self.metric("vpnverdict_attempts_open") == 0, PATIENCE, 0.5):
            raise RuntimeError(f"{self.metric('vpnverdict_attempts_open'):.0f} attempts are open after {PATIENCE} s without a line")

    def stop(self):
        """Exit code of the product; the collector first, so that the last lines are out."""
        (self.out / "metrics.txt").write_text(self.ask("/metrics"))
        self.product.terminate()
        self.collector.terminate()
        self.collector.wait(30)
        return self.product.wait(60)

    def verdicts(self):
        """Of each id the highest revision, those that became another's left out; evidence gets the name of the host that wrote it."""
        hosts = {(f"{topic}/{partition}", offset): host_of(json.loads(value)) for topic, partition, offset, value in self.records(*LOGS)}
        latest = {}
        with open(self.out / "verdicts.jsonl", "wb") as file:
            for _, _, _, value in self.records(VERDICTS):
                file.write(value + b"\n")
                verdict = json.loads(value)
                known = latest.get(verdict["id"])
                if not known or known["revision"] <= verdict["revision"]:
                    latest[verdict["id"]] = verdict
        for verdict in latest.values():
            for evidence in verdict["evidence"]:
                evidence["host"] = hosts.get((evidence["source"], evidence["line"]), "?")
        return [verdict for verdict in latest.values() if not verdict.get("same_as")]


def host_of(envelope):
    """The machine, by the line itself or by the folder of its file."""
    if "hostname" in envelope:
        return envelope["hostname"]
    words = envelope["rawmsg"].partition(">")[2].split()
    return words[1] if words[0][0].isdigit() else words[3]

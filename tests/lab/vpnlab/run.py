"""One run: a concentrator, one or more attempts, and a folder for each of these with the logs and the truth."""

import datetime
import json
import pathlib
import re
import shutil
import threading
import time

from . import daemons
from .cast import Cast
from .scenarios import MIXES, SCENARIOS
from .world import World, own_firewall


def utc():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Attempt:
    def __init__(self, name, kind, who):
        self.name, self.kind, self.who = name, kind, who
        self.spec = spec = SCENARIOS[name]
        who.group = spec.group or who.group
        who.user = f"{spec.user}{who.user[len(who.user.rstrip('0123456789')):]}" if spec.user else who.user
        who.password = spec.password or who.password
        self.seen, self.started, self.ended = {}, None, None

    def verified(self):
        """Whether the lab itself saw what the scenario says."""
        up, data = self.seen.get("up"), self.seen.get("data")
        if "trouble" in self.seen:
            return False
        return {"down": up is False, "data": bool(up and data), "nodata": bool(up) and data is False,
                "lost": bool(up and self.seen.get("lost")), "any": up is not None}[self.spec.expect]


class Run:
    def __init__(self, name, kind, options, number, seed):
        self.name, self.number = name, number
        mix = MIXES.get(name)
        entries = list(mix or [(name, kind, 0)])
        self.spec = SCENARIOS[name] if not mix else SCENARIOS["healthy"]
        if self.spec.full:
            entries.insert(0, ("healthy", kind, 0))
        self.cast = Cast(seed, number, [site for _, _, site in entries], options.get("nat", True), one_group=not mix,
                         one_user=name == "mix-same-group-user")
        self.attempts = [Attempt(scenario, kind, who) for (scenario, kind, _), who in zip(entries, self.cast.people)]
        rng = self.cast.rng
        self.style = rng.choice(list(daemons.LOG_STYLES))
        self.traditional = rng.random() < 0.5
        # How the clients' logs reach the collector: files that it reads, or their own syslog over the network.
        self.feed = rng.choice(("files", "network"))
        self.levels = daemons.VERBOSE if options.get("verbose") else {}
        self.debug = options.get("debug", 2 if self.levels else 1)

    def execute(self, service):
        spec = self.spec
        self.folder = service.scratch / f"run{self.number}"
        self.world = world = World(self.folder, self.cast, [attempt.spec.clock for attempt in self.attempts], self.number)
        try:
            for attempt, node in zip(self.attempts, world.clients):
                attempt.node, attempt.site = node, world.sites[attempt.who.site]
            world.connect({} if spec.full else spec.wire)
            daemons.start_syslog(world.gateway, self.cast.gateway, self.traditional)
            self.start_radius(spec.radius)
            self.charon = daemons.concentrator(world, self.style, service.certificates, levels=self.levels,
                                               backend="radius" if spec.radius else "local", **spec.gateway)
            self.charon.start()
            for attempt in self.attempts:
                attempt.client = self.client(attempt, service)
            if spec.full:
                first, second = self.attempts
                self.follow(first, then=lambda: self.follow(second))
            else:
                threads = [threading.Thread(target=self.follow, args=(attempt, 0.7 * i)) for i, attempt in enumerate(self.attempts)]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            self.charon.stop()
            time.sleep(0.5)  # its last words are on their way
        finally:
            world.close()

    def start_radius(self, state):
        if state in (None, "down"):
            return
        daemons.start_radius(self.world.inside, self.cast.users, "another" if state == "wrong-secret" else daemons.RADIUS_SECRET)
        if state == "blocked":
            own_firewall(self.world.inside, "input", "udp dport 1812 drop")

    def client(self, attempt, service):
        who, network = attempt.who, self.feed == "network"
        folder = attempt.node.dir if network else service.client_logs / who.host
        folder.mkdir(parents=True, exist_ok=True)
        if network:
            daemons.start_syslog(attempt.node, who.public, self.traditional)
        make = daemons.CLIENTS[attempt.kind]
        attempt.log = folder / ("vpnc.log" if attempt.kind == "vpnc" else "charon.log")
        return make(attempt.node, self.cast.gateway, who, attempt.spec.group_password or self.cast.groups.get(who.group, "none"),
                    log=attempt.log, syslog=network, style=self.style, certificates=service.certificates, levels=self.levels,
                    debug=self.debug, **attempt.spec.client)

    def follow(self, attempt, delay=0.0, then=None):
        """From the client's start until the concentrator has had its last word. A run that goes wrong is kept, unverified."""
        time.sleep(delay)
        try:
            if attempt.spec.before:
                attempt.spec.before(self, attempt)
            attempt.seen["ping"] = attempt.client.ping(self.cast.gateway)
            attempt.started = utc()
            attempt.client.start()
            if attempt.spec.during:
                attempt.spec.during(self, attempt)
            self.finish(attempt, then)
        except Exception as trouble:
            attempt.seen["trouble"] = repr(trouble)
        finally:
            attempt.ended = attempt.ended or utc()

    def finish(self, attempt, then):
        spec, client, seen = attempt.spec, attempt.client, attempt.seen
        up = client.wait(25 if spec.during else 200)
        seen["up"] = bool(up)
        if up is None:
            seen["still_trying"] = True
        if up:
            seen["address"], seen["data"] = client.address, client.data_flows()
            if spec.after_up:
                spec.after_up(self, attempt)
                seen["lost"] = spec.after_up.__name__ == "client_died" or client.wait_end(150)
            elif len(self.attempts) > 1 and not then:
                time.sleep(5)  # together with the others
        if then:
            then()
        if up and not spec.after_up:
            client.disconnect()
            time.sleep(1)
        client.stop()
        attempt.ended = utc()
        time.sleep(2 if up else spec.linger)

    def turned_away(self, attempt):
        """Whether the concentrator's flood protection, not the fault, is what this client met: it never had an answer."""
        answered = re.search(r"IKE SA selected|received packet", attempt.log.read_text(errors="replace"))
        return not answered and "half-open IKE_SA limit" in self.charon.log.read_text(errors="replace")

    def truth(self, attempt):
        spec, who = attempt.spec, attempt.who
        cause, accept, true_too = spec.cause, list(spec.accept), list(spec.true_too)
        up = attempt.seen.get("up")
        if attempt.kind == "ikev2":
            accept += spec.accept_v2
        if self.turned_away(attempt):
            accept.append("session_limit_reached")
        if spec.expect == "any" and not up:
            cause, accept = "undetermined", []  # the impairment won; nobody can say what the one cause is
        if up and not spec.after_up:
            true_too.append("ended_by_user")
        if up and (spec.after_up or spec.expect == "down"):
            true_too.append("connected")  # also where the fault came too late
        return {"scenario": attempt.name, "run": self.name, "number": self.number, "fault_injected": spec.fault, "cause": cause,
                "accept": [cause] + accept, "true_too": true_too, "client_kind": attempt.kind, "client_host": who.host,
                "client_ip": who.address, "nat_ip": who.public if self.cast.nat else None, "public_ip": who.public,
                "concentrator_host": self.cast.gateway_host, "concentrator_ip": self.cast.gateway, "group": who.group,
                "user": who.user, "started_at": attempt.started, "ended_at": attempt.ended, "client_clock_offset_s": spec.clock,
                "feed": self.feed, "style": self.style, "traditional_syslog": self.traditional, "observed": attempt.seen,
                "verified_by_lab": attempt.verified(), "daemon_versions": daemons.versions()}

    def save(self, out):
        """One folder per attempt; the list of (truth, folder)."""
        saved = []
        for i, attempt in enumerate(self.attempts):
            folder = pathlib.Path(out) / f"{self.number:03d}{chr(ord('a') + i) if len(self.attempts) > 1 else ''}-{attempt.name}"
            folder.mkdir(parents=True)
            own = self.folder / attempt.who.host
            gateway = self.folder / self.cast.gateway_host
            for source, name in ((attempt.log, "client.log"), (own / "syslog", "client.syslog.log"), (own / "probe.log", "probe.log"),
                                 (own / "swanctl.out", "swanctl.log"), (gateway / "charon.log", "concentrator.log"),
                                 (gateway / "syslog", "concentrator.syslog.log"), (self.folder / "wire.tsv", "wire.tsv"),
                                 (self.folder / f"{self.cast.gateway_host}-inside/radius.log", "aaa.log")):
                if source.exists() and source.stat().st_size:
                    shutil.copyfile(source, folder / name)
            truth = self.truth(attempt)
            (folder / "case.json").write_text(json.dumps(truth, indent=1) + "\n")
            saved.append((truth, folder))
        return saved

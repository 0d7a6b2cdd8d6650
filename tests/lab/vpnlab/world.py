"""The network of one run:

    client --veth-- site (router, NAT, firewall) ==wire== gateway --veth-- inside

`gateway` is the concentrator; `inside` answers pings and runs the RADIUS server. Nothing leads anywhere else."""

import json
import pathlib
import subprocess
import sys

from .node import Node, cable, wait_until

INSIDE_HOST, INSIDE_NET, GATEWAY_INSIDE = "10.20.0.10", "10.20.0.0/24", "10.20.0.1"

# In a site's forward chain. On UDP 4500 the first four bytes are zero for IKE and the SPI for ESP.
RULES = {
    "udp500_out": "iifname lan* udp dport 500 drop",
    "udp500_in": "iifname wan0 udp sport 500 drop",
    "udp500_rejected": "iifname lan* udp dport 500 reject with icmp type admin-prohibited",
    "udp4500_out": "iifname lan* udp dport 4500 drop",
    "udp4500_in": "iifname wan0 udp sport 4500 drop",
    "esp_out": "iifname lan* udp dport 4500 udp length > 12 @th,64,32 != 0 drop",
    "esp_in": "iifname wan0 udp sport 4500 udp length > 12 @th,64,32 != 0 drop",
}


def block(site, rule):
    site.run(["nft", "add rule ip lab fault " + RULES[rule]])


def own_firewall(node, hook, rule):
    """A packet filter on a machine's own traffic."""
    node.run(["nft", "-f", "-"], input=f"add table ip own\nadd chain ip own c {{ type filter hook {hook} priority 0; }}\n"
                                       f"add rule ip own c {rule}\n")


class World:
    def __init__(self, folder, cast, clocks, seed):
        """`clocks`: seconds by which each client's wall clock is off."""
        self.dir, self.cast, self.seed = pathlib.Path(folder), cast, seed
        self.wire, self.nodes = None, []
        self.gateway = self.node(cast.gateway_host)
        self.inside = self.node(f"{cast.gateway_host}-inside")
        cable(self.gateway, "in0", self.inside, "eth0")
        self.gateway.run(f"ip addr add {GATEWAY_INSIDE}/24 dev in0; sysctl -qw net.ipv4.ip_forward=1")
        self.inside.run(f"ip addr add {INSIDE_HOST}/24 dev eth0; ip route add default via {GATEWAY_INSIDE}")
        self.sites = [self.site(i) for i in range(len(cast.sites))]
        self.clients = [self.client(i, who, clock) for i, (who, clock) in enumerate(zip(cast.people, clocks))]

    def node(self, name, clock=0):
        self.nodes.append(Node(name, self.dir, clock))
        return self.nodes[-1]

    def site(self, number):
        node = self.node(f"{self.cast.gateway_host}-site{number}")
        node.run("sysctl -qw net.ipv4.ip_forward=1")
        return node

    def client(self, number, who, clock):
        node, site, lan = self.node(who.host, clock), self.sites[who.site], f"lan{number}"
        cable(site, lan, node, "eth0")
        router = who.address.rpartition(".")[0] + ".254"
        site.run(f"ip addr add {router}/32 dev {lan}; ip route add {who.address} dev {lan}")
        node.run(f"ip addr add {who.address}/24 dev eth0; ip route add default via {router}")
        return node

    def connect(self, impairment):
        ports = [[self.gateway.pid, "out0"]] + [[site.pid, "wan0"] for site in self.sites]
        config = self.dir / "wire.json"
        config.write_text(json.dumps({"ports": ports, "seed": self.seed, "trace": str(self.dir / "wire.tsv"),
                                      "control": str(self.dir / "wire.control"), **impairment}))
        self.wire = subprocess.Popen([sys.executable, pathlib.Path(__file__).with_name("wire.py"), config],
                                     stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        if self.wire.stdout.readline().strip() != b"ready":
            raise RuntimeError("the wire did not start")
        gateway = self.cast.gateway
        self.gateway.run(f"ip addr add {gateway}/32 dev out0; ip link set out0 up; ip route add default dev out0")
        for site, address in zip(self.sites, self.cast.sites):
            site.run(f"ip addr add {address}/32 dev wan0; ip link set wan0 up; ip route add {gateway} dev wan0")
            rules = "add table ip lab\nadd chain ip lab fault { type filter hook forward priority 0; }\n"
            if self.cast.nat:
                rules += ("add chain ip lab nat { type nat hook postrouting priority 100; }\n"
                          "add rule ip lab nat oifname wan0 masquerade\n")
            site.run(["nft", "-f", "-"], input=rules)
            if not self.cast.nat:
                site.run("sysctl -qw net.ipv4.conf.wan0.proxy_arp=1")

    def impair(self, **change):
        control = self.dir / "wire.control"
        control.with_suffix(".new").write_text(json.dumps(change))
        control.with_suffix(".new").rename(control)
        wait_until(lambda: not control.exists(), 5)

    def ike_packets(self):
        """How many have entered the wire so far."""
        return (self.dir / "wire.tsv").read_text().count("\tike v")

    def close(self):
        for node in self.nodes:
            node.close()
        if self.wire:
            self.wire.terminate()
            self.wire.wait(10)

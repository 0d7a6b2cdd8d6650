"""What can go wrong. `cause` is what is injected, in the product's words; `accept` is what else counts as right, because no
log that exists can tell it apart; `true_too` is true of the run without being the fault, and never counts as wrong."""

import time
from dataclasses import dataclass, field
from typing import Callable, Optional

from .node import wait_until
from .world import block, own_firewall

EVERY = ("vpnc", "ikev1", "ikev2")
V1 = ("vpnc", "ikev1")


@dataclass
class Scenario:
    cause: str
    fault: str
    accept: tuple = ()
    true_too: tuple = ()
    accept_v2: tuple = ()                         # as accept, for IKEv2 alone
    # What the lab itself must see: down (never up), data (up, pings pass), nodata (up, none pass), lost (was up), any.
    expect: str = "down"
    kinds: tuple = EVERY
    gateway: dict = field(default_factory=dict)   # arguments of daemons.concentrator
    client: dict = field(default_factory=dict)    # arguments of the client
    group: Optional[str] = None
    user: Optional[str] = None
    password: Optional[str] = None
    group_password: Optional[str] = None
    radius: Optional[str] = None                  # up, down, blocked, wrong-secret; None: the concentrator knows the users
    wire: dict = field(default_factory=dict)
    clock: int = 0                                # seconds by which the client's is off
    full: bool = False                            # another client takes the only address first
    before: Optional[Callable] = None             # (run, attempt): before the client starts
    during: Optional[Callable] = None             # while it negotiates
    after_up: Optional[Callable] = None           # when it is connected
    linger: int = 34                              # s after a failure: the concentrator drops a half-open session after 30


def blocked(*rules):
    def hook(run, attempt):
        for rule in rules:
            block(attempt.site, rule)
    return hook


def cancel_after(seconds, signal):
    def hook(run, attempt):
        time.sleep(seconds)
        attempt.client.cancel(signal)
    return hook


def cancel_in_the_middle(signal):
    """After the fifth IKE packet, whatever the clock says: first answers are there, nothing is up yet."""
    def hook(run, attempt):
        wait_until(lambda: run.world.ike_packets() >= 5, 20, 0.02)
        attempt.client.cancel(signal)
    return hook


def gateway_link_down(run, attempt):
    run.world.gateway.run("ip link set out0 down")


def gateway_daemon_stopped(run, attempt):
    run.charon.stop()


def no_route(run, attempt):
    attempt.node.run("ip route del default")


def client_firewall(run, attempt):
    own_firewall(attempt.node, "output", "udp dport { 500, 4500 } drop")


def ports_taken(run, attempt):
    attempt.node.start("holder", ["/usr/bin/python3", "-c", "import signal, socket\nheld = [socket.socket(2, 2) for _ in range(2)]\n"
                                  "for one, port in zip(held, (500, 4500)): one.bind(('0.0.0.0', port))\nsignal.pause()"])
    time.sleep(1)


def restart_gateway(run, attempt):
    run.charon.stop("KILL")
    time.sleep(2)
    run.charon.start()


def path_lost(run, attempt):
    run.world.impair(blackhole=True)


def client_died(run, attempt):
    attempt.client.cancel("KILL")
    time.sleep(60)  # the concentrator's dead peer detection takes about 30


def ended_by_admin(run, attempt):
    time.sleep(1)
    name = attempt.who.group + ("-v2" if attempt.kind == "ikev2" else "")
    run.charon.ctl("--terminate", "--ike", name, "--timeout", "5")


UNREACHABLE = ("udp500_blocked", "concentrator_unreachable")
REFUSED = ("user_rejected_unspecified",)  # a client is only told "no"; so is a concentrator by RADIUS
SLOW = {"delay_ms": 400}
DPD = {"dpd": 10, "options": {"retransmit_tries": 2}}
LOST = {"expect": "lost", "accept": ("connected",)}

SCENARIOS = {
    "healthy": Scenario("connected", "none", expect="data"),
    "healthy-main-mode": Scenario("connected", "none", expect="data", kinds=("ikev1-main",), gateway={"main_mode": True}),
    "healthy-radius": Scenario("connected", "none", expect="data", radius="up"),
    "unreachable-silent": Scenario("concentrator_unreachable", "the path drops everything", UNREACHABLE, wire={"blackhole": True}),
    "unreachable-icmp": Scenario("concentrator_unreachable", "the concentrator's interface is down", UNREACHABLE,
                                 before=gateway_link_down),
    "no-default-route": Scenario("client_no_network", "the client has no default route", ("concentrator_unreachable",),
                                 before=no_route),
    "gateway-name-unknown": Scenario("gateway_name_not_resolved", "the concentrator's name does not resolve",
                                     client={"target": "vpn.lab.test"}, linger=2),
    "gateway-daemon-down": Scenario("ike_not_enabled", "the concentrator's host is up, its IKE daemon is not",
                                    UNREACHABLE + ("gateway_address_wrong",), before=gateway_daemon_stopped),
    "client-firewall": Scenario("client_not_sending", "a filter on the client drops its own UDP 500 and 4500",
                                before=client_firewall),
    "client-ports-taken": Scenario("client_port_in_use", "another program on the client holds UDP 500 and 4500",
                                   ("client_not_sending",),
                                   before=ports_taken),
    "udp500-out-dropped": Scenario("udp500_blocked", "a firewall drops UDP 500 toward the concentrator", UNREACHABLE,
                                   before=blocked("udp500_out")),
    "udp500-in-dropped": Scenario("udp500_blocked", "a firewall drops the concentrator's UDP 500",
                                  UNREACHABLE + ("concentrator_no_route_back",),
                                  before=blocked("udp500_in")),
    "udp500-rejected": Scenario("udp500_blocked", "a firewall answers UDP 500 with ICMP prohibited", UNREACHABLE,
                                before=blocked("udp500_rejected")),
    "udp4500-out-dropped": Scenario("natt_udp4500_blocked", "a firewall drops UDP 4500 toward the concentrator",
                                    before=blocked("udp4500_out")),
    "udp4500-in-dropped": Scenario("natt_udp4500_blocked", "a firewall drops the concentrator's UDP 4500",
                                   before=blocked("udp4500_in")),
    # Only byte counts tell it, and charon writes them only at the end of an IKEv1 session.
    "esp-out-dropped": Scenario("ipsec_data_blocked",
                                "a firewall drops ESP in UDP toward the concentrator, IKE on the same port passes",
                                ("no_traffic_returning",), ("connected", "ended_by_user"), ("connected",), "nodata",
                                before=blocked("esp_out")),
    "esp-in-dropped": Scenario("ipsec_data_blocked", "a firewall drops the concentrator's ESP in UDP, IKE on the same port passes",
                               ("no_traffic_returning",), ("connected", "ended_by_user"), ("connected",), "nodata",
                               before=blocked("esp_in")),
    "ike-proposal-mismatch": Scenario("ike_proposal_mismatch", "no IKE proposal in common", linger=3,
                                      gateway={"ike1": "aes256-sha256-modp2048", "ike2": "aes256gcm16-prfsha384-ecp384"}),
    "phase2-mismatch": Scenario("phase2_proposal_mismatch", "no ESP proposal in common", gateway={"esp": "aes256gcm16"}, linger=3),
    "phase2-network-mismatch": Scenario("phase2_network_mismatch", "the client asks for a network that is not offered",
                                        kinds=("ikev1", "ikev2"), client={"remote_ts": "172.31.77.0/24"}, linger=3),
    "unknown-group": Scenario("group_name_unknown", "the concentrator has no such group", group="marketing", linger=3),
    "wrong-group-password": Scenario("group_password_mismatch", "the client has another group password", kinds=V1,
                                     group_password="not-it"),
    "wrong-group-password-main": Scenario("group_password_mismatch", "the same in main mode", kinds=("ikev1-main",),
                                          gateway={"main_mode": True}, group_password="not-it"),
    "wrong-password": Scenario("user_password_wrong", "wrong user password", REFUSED, password="wrong-pass", linger=3),
    "unknown-user": Scenario("user_unknown", "no such user", REFUSED, user="mallory", password="guess", linger=3),
    "wrong-password-radius": Scenario("user_password_wrong", "wrong user password, RADIUS decides", REFUSED + ("user_unknown",),
                                      password="wrong-pass", radius="up", linger=3),
    "unknown-user-radius": Scenario("user_unknown", "no such user in RADIUS", REFUSED + ("user_password_wrong",), user="mallory",
                                    password="guess", radius="up", linger=3),
    "group-lock": Scenario("group_lock_violation", "the user is right but of another group (RADIUS class)", radius="up",
                           gateway={"group_lock": True}, linger=3),
    "aaa-down": Scenario("aaa_server_unreachable", "no RADIUS server runs", radius="down", linger=3),
    "aaa-blocked": Scenario("aaa_server_unreachable", "packets to the RADIUS server are lost", radius="blocked", linger=3),
    "aaa-wrong-secret": Scenario("aaa_server_misconfigured", "the RADIUS server has another secret and gives no usable answer",
                                 ("aaa_server_unreachable",), radius="wrong-secret", linger=3),
    "pool-exhausted": Scenario("address_pool_exhausted", "one address, and it is taken", gateway={"pool_size": 1}, full=True,
                               linger=3),
    "pool-absent": Scenario("address_pool_not_defined", "the group has no pool", ("address_unavailable",
                            "address_method_not_selected"),
                            gateway={"pools": False}, linger=3),
    "client-cancelled": Scenario("user_cancelled", "the user stops the client while it negotiates", ("xauth_timeout",), wire=SLOW,
                                 during=cancel_in_the_middle("INT")),
    "client-cancelled-unanswered": Scenario("user_cancelled", "the user gives up after 6 s; the concentrator's UDP 500 is dropped",
                                            UNREACHABLE, before=blocked("udp500_in"), during=cancel_after(6, "INT")),
    "client-killed": Scenario("user_cancelled", "the client is killed while it negotiates", ("xauth_timeout", "peer_lost"),
                              wire=SLOW,
                              during=cancel_in_the_middle("KILL")),
    "gateway-restarted": Scenario("peer_lost", "the concentrator's daemon is killed and started again",
                                  **LOST | {"accept": ("connected", "ended_by_shutdown")},
                                  client=DPD, gateway={"dpd": "10s"}, after_up=restart_gateway),
    "path-lost": Scenario("peer_lost", "the path goes silent in the session", **LOST, client=DPD,
                          gateway={"dpd": "10s", "options": {"retransmit_tries": 2}}, after_up=path_lost),
    "client-died": Scenario("peer_lost", "the client is killed in the session", **LOST,
                            gateway={"dpd": "10s", "options": {"retransmit_tries": 2}}, after_up=client_died),
    "ended-by-admin": Scenario("ended_by_admin", "the administrator ends the session", **LOST, after_up=ended_by_admin),
    "loss20": Scenario("connected", "20 % of packets are lost", expect="any", wire={"loss": 0.2}),
    "delay300": Scenario("connected", "300 ms each way", expect="data", wire={"delay_ms": 300}),
    "reorder": Scenario("connected", "a quarter of packets is held back up to 1.2 s", expect="any", wire={"reorder": 0.25,
                        "delay_ms": 20}),
    "duplicates": Scenario("connected", "40 % of packets come twice", expect="data", wire={"dup": 0.4}),
    "skew-healthy": Scenario("connected", "the client's clock is 90 s fast", expect="data", clock=90),
    "skew-wrong-password": Scenario("user_password_wrong", "the client's clock is 90 s slow; wrong user password", REFUSED,
                                    clock=-90,
                                    password="wrong-pass", linger=3),
    "skew-unknown-group": Scenario("group_name_unknown", "the client's clock is 90 s fast; unknown group", clock=90,
                                   group="marketing", linger=3),
}

# Several clients of one concentrator at the same time: (scenario, kind, site). A site is one NAT address.
MIXES = {
    "mix-one-nat-healthy": [("healthy", "vpnc", 0), ("healthy", "ikev1", 0), ("healthy", "ikev2", 0)],
    "mix-one-nat-faults": [("healthy", "vpnc", 0), ("wrong-password", "vpnc", 0), ("unknown-group", "ikev1", 0),
                           ("wrong-group-password", "vpnc", 0), ("unknown-user", "ikev2", 0), ("healthy", "ikev1", 0)],
    "mix-two-sites": [("udp4500-out-dropped", "vpnc", 0), ("udp4500-out-dropped", "ikev2", 0), ("healthy", "vpnc", 1),
                      ("wrong-group-password", "ikev1", 1), ("unknown-group", "vpnc", 1), ("skew-wrong-password", "ikev1", 1)],
    # The concentrator lets one address have five half-open sessions; later clients get no answer.
    "mix-one-nat-flood": [("udp4500-in-dropped", "vpnc", 0)] * 8,
    "mix-three-sites": [("healthy", "ikev2", 0), ("wrong-password", "vpnc", 0), ("unknown-user", "ikev1", 0), ("healthy", "vpnc", 0),
                        ("healthy", "ikev1", 1), ("unknown-group", "ikev2", 1), ("wrong-password", "ikev2", 1),
                        ("skew-unknown-group", "vpnc", 1),
                        ("esp-in-dropped", "vpnc", 2), ("esp-in-dropped", "ikev2", 2), ("wrong-group-password", "vpnc", 2),
                        ("wrong-group-password", "ikev1", 2)],
    "mix-same-group-user": [("healthy", "vpnc", 0), ("wrong-password", "vpnc", 0), ("wrong-password", "ikev1", 0), ("skew-healthy", "ikev1", 1)],
}

SHORT = ("healthy:vpnc", "healthy:ikev1", "healthy:ikev2", "unknown-group:vpnc", "unknown-group:ikev1", "unknown-group:ikev2",
         "wrong-password:vpnc", "wrong-password:ikev1", "wrong-group-password:ikev1", "ike-proposal-mismatch:ikev2",
         "pool-exhausted:ikev1", "pool-absent:vpnc", "aaa-down:ikev1", "phase2-mismatch:ikev2", "udp500-out-dropped:vpnc",
         "udp4500-out-dropped:vpnc", "skew-unknown-group:ikev1", "mix-one-nat-healthy")


def named(names):
    """(scenario or mix, kind, options) of NAME or NAME:KIND."""
    for word in names:
        name, _, kind = word.partition(":")
        if name in MIXES:
            yield name, None, {}
        else:
            yield from ((name, one, {}) for one in ([kind] if kind else SCENARIOS[name].kinds))


def everything():
    yield from named(SCENARIOS)
    # Once more without NAT and with chattier logs.
    for name in ("healthy", "udp500-in-dropped", "udp4500-out-dropped", "ike-proposal-mismatch", "unknown-group", "wrong-password",
                 "pool-absent", "phase2-mismatch"):
        yield from ((name, kind, {"nat": False, "verbose": True}) for kind in SCENARIOS[name].kinds)
    for name in ("healthy", "wrong-group-password", "unknown-group", "wrong-password", "udp4500-in-dropped", "loss20"):
        yield name, "vpnc", {"debug": 3}
    yield from named(MIXES)

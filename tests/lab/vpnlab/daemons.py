"""Configuration and control of what runs on the machines: rsyslog, FreeRADIUS, strongSwan (concentrator and client), vpnc."""

import functools
import re
import shutil
import subprocess

from .node import wait_until
from .world import GATEWAY_INSIDE, INSIDE_HOST, INSIDE_NET

RADIUS_SECRET = "radius-secret"
IKE1 = "aes256-sha1-modp1024,aes128-sha1-modp1024,aes256-sha256-modp2048"
IKE2 = "aes256-sha256-modp2048,aes128-sha256-ecp256"
ESP = "aes256-sha1,aes128-sha1,aes256-sha256"

# Four ways in which charon's file log is met.
LOG_STYLES = {
    "quickstart": {"time_format": "%b %e %T", "ike_name": "yes"},
    "millis": {"time_format": "%Y-%m-%d %H:%M:%S", "ike_name": "yes", "time_add_ms": "yes"},
    "levels": {"time_format": "%Y-%m-%dT%H:%M:%S%z", "ike_name": "yes", "log_level": "yes"},
    "noname": {"time_format": "%b %d %H:%M:%S"},
}
VERBOSE = {"ike": 2, "cfg": 2, "mgr": 2}  # mgr 2 writes the SPIs
PLUGINS = ("random nonce aes sha1 sha2 md5 mgf1 hmac kdf gmp openssl gcm pem pkcs1 pkcs8 pubkey x509 constraints curve25519 xcbc "
           "cmac ctr %s kernel-netlink socket-default vici updown eap-identity eap-mschapv2 eap-md5 fips-prf attr unity "
           "xauth-generic xauth-eap")


@functools.cache
def kernel_has_esp():
    """Where the kernel has none, charon's own carries it, always inside UDP 4500."""
    keys = ["enc", "cbc(aes)", "0x" + "11" * 16, "auth-trunc", "hmac(sha1)", "0x" + "22" * 20, "96"]
    return subprocess.run(["unshare", "--net", "ip", "xfrm", "state", "add", "src", "10.0.0.1", "dst", "10.0.0.2", "proto", "esp",
                           "spi", "0x100", "mode", "tunnel", *keys], capture_output=True).returncode == 0


def start_syslog(node, address, traditional):
    """The machine's rsyslog: keeps a file and sends all to the collector, under the machine's public address. It runs beside
    the machine's network, so that no fault on the way takes the logs with it."""
    # A wrong clock is wrong in what the programs wrote; the kernel's stamp would know better.
    stamps = "off" if node.clock else "on"
    file, wire = (("TraditionalFileFormat", "TraditionalForwardFormat") if traditional else ("FileFormat", "ForwardFormat"))
    conf = node.write("rsyslog.conf", f"""
module(load="imuxsock" SysSock.UseSysTimeStamp="{stamps}")
global(workDirectory="/run")
action(type="omfile" file="{node.dir}/syslog" template="RSYSLOG_{file}")
action(type="omfwd" target="127.0.0.1" port="514" protocol="udp" address="{address}" template="RSYSLOG_{wire}")
""")
    node.start("rsyslogd", ["rsyslogd", "-n", "-f", conf, "-i", "/run/rsyslogd.own.pid"], own_network=False,
               output=node.dir / "rsyslogd.out")
    node.wait_for_socket("/dev/log")


def start_radius(node, users, secret=RADIUS_SECRET):
    """FreeRADIUS for PAP, MS-CHAP and EAP without TLS; users from a flat file, all of one class."""
    tree, log = node.dir / "raddb", node.dir / "radius.log"
    shutil.copytree("/etc/freeradius/3.0", tree, symlinks=True,
                    ignore=lambda folder, names: {"eap", "status", "default", "inner-tunnel"} & set(names))
    (node.dir / "radlog").mkdir()
    conf = (tree / "radiusd.conf").read_text()
    for key, value in {"raddbdir": tree, "logdir": node.dir / "radlog", "run_dir": "/run"}.items():
        conf = re.sub(rf"(?m)^{key} = .*$", f"{key} = {value}", conf)
    (tree / "radiusd.conf").write_text(re.sub(r"(?m)^\s*(user|group) = .*$", "", conf))
    (tree / "mods-enabled/eap").write_text(
        "eap {\n default_eap_type = mschapv2\n ignore_unknown_eap_types = no\n md5 {\n }\n mschapv2 {\n }\n}\n")
    (tree / "sites-enabled/lab").write_text("""server lab {
 listen {
  type = auth
  ipaddr = *
  port = 1812
 }
 authorize {
  files
  eap {
   ok = return
  }
  mschap
  pap
 }
 authenticate {
  Auth-Type PAP {
   pap
  }
  Auth-Type MS-CHAP {
   mschap
  }
  eap
 }
 post-auth {
  Post-Auth-Type REJECT {
   eap
  }
 }
}
""")
    (tree / "clients.conf").write_text(f"client gateway {{\n ipaddr = {GATEWAY_INSIDE}\n secret = {secret}\n}}\n")
    (tree / "mods-config/files/authorize").write_text("".join(
        f'{user} Cleartext-Password := "{password}"\n\tClass := "staff"\n' for user, password in users.items()))
    node.start("radius", ["freeradius", "-f", "-d", tree, "-l", log, "-x"], output=node.dir / "radius.out")
    if not wait_until(lambda: log.exists() and "Ready to process requests" in log.read_text(), 30):
        raise RuntimeError("FreeRADIUS did not start")


def make_certificates(folder, groups):
    """A throw-away authority and the concentrators' certificate, for IKEv2."""
    folder.mkdir()
    names = " ".join(f"--san {group.lower()}.lab.test" for group in groups)
    subprocess.run(["sh", "-ec", f"""
pki --gen --type ecdsa --size 256 --outform pem > ca.key
pki --self --ca --in ca.key --type ecdsa --dn "O=VPN Lab, CN=Lab CA" --lifetime 3650 --outform pem > ca.crt
pki --gen --type rsa --size 2048 --outform pem > gateway.key
pki --pub --in gateway.key --type rsa | pki --issue --cacert ca.crt --cakey ca.key --lifetime 3650 \\
  --dn "O=VPN Lab, CN=vpn.lab.test" {names} --flag serverAuth --outform pem > gateway.crt"""],
                   cwd=folder, check=True, timeout=120, stderr=subprocess.DEVNULL)
    return folder


def render(tree, indent=""):
    """A dict as the text of strongswan.conf or swanctl.conf."""
    out = ""
    for key, value in tree.items():
        if isinstance(value, dict):
            out += f"{indent}{key} {{\n{render(value, indent + ' ')}{indent}}}\n"
        else:
            quote = '"' if re.search(r"[ #{}]", str(value)) and key != "load" else ""
            out += f"{indent}{key} = {quote}{value}{quote}\n"
    return out


class Charon:
    """strongSwan's daemon on a machine, as concentrator or as client."""

    def __init__(self, node, style, certificates, connections, secrets, *, pools=None, log=None, syslog=True, levels=None,
                 options=None, radius=None):
        self.node = node
        for kind in ("x509", "x509ca", "private"):
            (node.dir / "swanctl" / kind).mkdir(parents=True)
        shutil.copy(certificates / "ca.crt", node.dir / "swanctl/x509ca")
        if pools is not None:
            shutil.copy(certificates / "gateway.crt", node.dir / "swanctl/x509")
            shutil.copy(certificates / "gateway.key", node.dir / "swanctl/private")
        style = LOG_STYLES[style]
        self.log = log or node.dir / "charon.log"
        plugins = {"xauth-eap": {"backend": "radius"}, "eap-radius": radius} if radius else {}
        load = PLUGINS % ("" if kernel_has_esp() else "kernel-libipsec") + (" eap-radius" if radius else "")
        charon = {"load_modular": "no", "load": load, "plugins": plugins, **(options or {}),
                  "filelog": {"main": {**style, "path": self.log, "flush_line": "yes", "default": 1, **(levels or {})}}}
        if syslog:
            charon["syslog"] = {"daemon": {"ike_name": style.get("ike_name", "no"), "default": 1, **(levels or {})}}
        node.write("swanctl/swanctl.conf", render({"connections": connections, "secrets": secrets, "pools": pools or {}}))
        self.env = {"STRONGSWAN_CONF": str(node.write("strongswan.conf", render({"charon": charon}))),
                    "SWANCTL_DIR": str(node.dir / "swanctl")}

    def start(self):
        self.node.start("charon", ["/usr/lib/ipsec/charon"], env=self.env, output=self.node.dir / "charon.out")
        self.node.wait_for_socket("/run/charon.vici")
        self.ctl("--load-all", "--noprompt", check=True)

    def ctl(self, *words, check=False):
        return self.node.run(["env", *(f"{k}={v}" for k, v in self.env.items()), "swanctl", *words], check).stdout

    def stop(self, signal="TERM"):
        self.node.signal("charon", signal)
        self.node.run("p=$(cat /run/charon.pid) && for i in $(seq 60); do kill -0 $p 2>/dev/null || break; sleep 0.05; done;"
                      "rm -f /run/charon.pid /run/charon.vici", check=False)


def concentrator(world, style, certificates, *, levels=None, backend="local", group_lock=False, pool_size=50, pools=True,
                 ike1=IKE1, ike2=IKE2, esp=ESP, main_mode=False, dpd=None, options=None):
    """Every group twice: for IKEv1 (aggressive or main mode with the group's password, then XAuth) and for IKEv2 (certificate
    and EAP; there the group is the name that the client asks for)."""
    cast, radius = world.cast, backend == "radius"
    connections, secrets, ranges = {}, {}, {}
    for number, (group, password) in enumerate(cast.groups.items()):
        first = 1 + 60 * number
        ranges["pool-" + group] = {"addrs": f"{cast.pools}.{first}-{cast.pools}.{first + pool_size - 1}", "dns": INSIDE_HOST}
        child = {"local_ts": INSIDE_NET, "esp_proposals": esp} | ({"dpd_action": "clear"} if dpd else {})
        common = {"local_addrs": cast.gateway, "children": {"net": child}} | ({"dpd_delay": dpd} if dpd else {})
        if pools:
            common["pools"] = "pool-" + group
        lock = {"groups": "managers"} if group_lock else {}
        connections[group] = common | {
            "version": 1, "aggressive": "no" if main_mode else "yes", "proposals": ike1,
            "local-1": {"auth": "psk", "id": cast.gateway},
            "remote-1": {"auth": "psk"} | ({} if main_mode else {"id": "keyid:" + group}),
            "remote-2": {"auth": "xauth-eap" if radius else "xauth-generic"} | lock}
        connections[group + "-v2"] = common | {
            "version": 2, "proposals": ike2, "send_cert": "always",
            "local-1": {"auth": "pubkey", "id": f"{group.lower()}.lab.test", "certs": "gateway.crt"},
            "remote-1": {"auth": "eap-radius" if radius else "eap-mschapv2", "eap_id": "%any"} | lock}
        secrets["ike-" + group] = {"secret": password} | ({} if main_mode else {"id-1": "keyid:" + group})
        if main_mode:
            break  # its password is known by address only, so there can be one group
    for user, password in cast.users.items():
        secrets["eap-" + user] = secrets["xauth-" + user] = {"id": user, "secret": password}
    server = {"class_group": "yes" if group_lock else "no",
              "servers": {"primary": {"address": INSIDE_HOST, "secret": RADIUS_SECRET}}}
    options = {"i_dont_care_about_security_and_use_aggressive_mode_psk": "yes", "cisco_unity": "yes", **(options or {})}
    return Charon(world.gateway, style, certificates, connections, secrets, pools=ranges, levels=levels, options=options,
                  radius=server if radius else None)


class Client:
    """What both kinds of client share; each makes one attempt. `log` is its file, `syslog` says whether it goes there too."""

    def __init__(self, node, gateway, who, group_password, *, log, syslog, style, certificates, levels=None, debug=1,
                 target=None, dpd=None, options=None, remote_ts=INSIDE_NET):
        self.node, self.gateway, self.who, self.group_password = node, gateway, who, group_password
        self.log, self.syslog, self.style, self.certificates, self.levels, self.debug = log, syslog, style, certificates, levels, debug
        self.target, self.dpd, self.options, self.remote_ts = target or gateway, dpd, options, remote_ts
        self.address = None  # inside the tunnel

    def ping(self, address, count=3):
        """Every answer counts: the path may lose some."""
        source = ["-I", self.address] if self.address else []
        done = self.node.run(["ping", "-n", "-c", str(count), "-W", "3", "-i", "0.4", *source, address], check=False)
        with open(self.node.dir / "probe.log", "a") as file:
            file.write(done.stdout)
        return done.returncode == 0

    def data_flows(self):
        return self.ping(INSIDE_HOST, 5)

    def wait_end(self, seconds):
        return wait_until(lambda: not self.alive(), seconds, 0.5)


class Vpnc(Client):
    def start(self):
        node = self.node
        self.events = node.dir / "events"
        script = node.write("vpnc-script", f"""#!/bin/sh
echo "$reason $INTERNAL_IP4_ADDRESS" >> {self.events}
[ "$reason" != connect ] || {{ ip link set "$TUNDEV" up mtu 1300; ip addr add "$INTERNAL_IP4_ADDRESS/32" dev "$TUNDEV"
  ip route add {INSIDE_NET} dev "$TUNDEV"; }}
""", 0o700)
        conf = node.write("vpnc.conf", f"""IPSec gateway {self.target}
IPSec ID {self.who.group}
IPSec secret {self.group_password}
Xauth username {self.who.user}
Xauth password {self.who.password}
IKE DH Group dh2
NAT Traversal Mode natt
Local Port 500
DPD idle timeout (our side) {self.dpd or 10}
Noninteractive
No Detach
Script {script}
Pidfile /run/vpnc.own.pid
Interface name tun0
Debug {self.debug}
""")
        self.process = node.start("vpnc", ["stdbuf", "-oL", "-eL", "vpnc", conf], output=self.log)
        if self.syslog:  # as a service manager would; vpnc itself writes to its terminal
            node.start("logger", ["sh", "-c", f"tail -n +1 -s 0.1 -F {self.log} 2>/dev/null |"
                                              " logger -t vpnc[$(cat /run/vpnc.pid)] -p daemon.info"])

    def wait(self, seconds):
        """True when connected, False when it gave up, None when neither came in time."""
        def settled():
            return self.up() or not self.alive()
        return self.up() if wait_until(settled, seconds) else None

    def up(self):
        found = self.events.exists() and re.search(r"^connect (\S+)", self.events.read_text(), re.M)
        # The script runs before phase 2; this line is written after it.
        if not found or b"VPNC started" not in self.log.read_bytes():
            return False
        self.address = found[1]
        return True

    def alive(self):
        return self.process.poll() is None

    def cancel(self, signal="INT"):
        self.node.signal("vpnc", signal)

    disconnect = cancel

    def stop(self):
        if self.alive():
            self.cancel("TERM")
            self.wait_end(5)


class CharonClient(Client):
    main_mode, version = False, 1

    def start(self):
        who = self.who
        connection = {"remote_addrs": self.target, "vips": "0.0.0.0", "keyingtries": 1, "version": self.version,
                      "children": {"net": {"remote_ts": self.remote_ts, "esp_proposals": "aes256-sha1"}}, **self.authentication()}
        if self.dpd:
            connection["dpd_delay"] = self.dpd
        secrets = {"eap-me": {"id": who.user, "secret": who.password}, "xauth-me": {"id": who.user, "secret": who.password},
                   "ike-1": {"secret": self.group_password}}
        self.charon = Charon(self.node, self.style, self.certificates, {"home": connection}, secrets, log=self.log,
                             syslog=self.syslog, levels=self.levels, options=self.options)
        self.charon.start()
        self.process = self.node.start("swanctl", ["swanctl", "--initiate", "--child", "net", "--timeout", "200"],
                                       env=self.charon.env, output=self.node.dir / "swanctl.out")

    def authentication(self):
        return {"aggressive": "no" if self.main_mode else "yes", "proposals": "aes256-sha1-modp1024", "dpd_timeout": "30s",
                "local-1": {"auth": "psk"} | ({} if self.main_mode else {"id": "keyid:" + self.who.group}),
                "local-2": {"auth": "xauth-generic", "xauth_id": self.who.user},
                "remote-1": {"auth": "psk", "id": self.gateway}}

    def wait(self, seconds):
        if wait_until(lambda: self.process.poll() is not None, seconds) is False:
            return self.up() or None
        # swanctl may say so a moment before the list does.
        return wait_until(self.up, 0 if self.process.returncode else 3, 0.3)

    def up(self):
        said = self.charon.ctl("--list-sas")
        found = re.search(r"local\s+'.*@ [^\n]*?\[(\d+\.\d+\.\d+\.\d+)\]", said)
        if "INSTALLED" in said and found:
            self.address = found[1]
            return True
        return False

    def alive(self):
        return "net:" in self.charon.ctl("--list-sas")

    def cancel(self, signal="INT"):
        if signal == "KILL":
            self.node.signal("charon", "KILL")
        else:
            self.charon.ctl("--terminate", "--ike", "home", "--timeout", "5", "--force")

    def disconnect(self):
        self.charon.ctl("--terminate", "--ike", "home", "--timeout", "5")

    def stop(self):
        self.charon.stop()


class MainModeClient(CharonClient):
    main_mode = True


class Ikev2Client(CharonClient):
    version = 2

    def authentication(self):
        return {"proposals": "aes256-sha256-modp2048",
                "local-1": {"auth": "eap", "id": self.who.user, "eap_id": self.who.user},
                "remote-1": {"auth": "pubkey", "id": f"{self.who.group.lower()}.lab.test"}}


CLIENTS = {"vpnc": Vpnc, "ikev1": CharonClient, "ikev1-main": MainModeClient, "ikev2": Ikev2Client}


def versions():
    names = ("strongswan-charon", "vpnc", "freeradius", "rsyslog", "rsyslog-kafka", "faketime")
    listed = subprocess.run(["dpkg-query", "-W", "-f", "${Package} ${Version}\n", *names], capture_output=True, text=True).stdout
    return dict(line.split() for line in listed.splitlines()) | {"esp": "kernel" if kernel_has_esp() else "charon, in UDP 4500"}

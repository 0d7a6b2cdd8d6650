"""Who takes part in a run: addresses, groups, people. All of it follows from the seed and the number of the run, and no two
runs of one lab share a public address or a user; groups, private addresses and some of the leased ones they do share, as
customers of one provider would. Addresses are of RFC 1918, RFC 2544 and RFC 5737."""

import random
from dataclasses import dataclass

GROUPS = ("sales", "engineering", "contractors", "field-ops", "Accounting", "hr", "vpn-users", "support", "board", "it-admins")
USERS = ("alice", "bob", "carol", "dave", "erin", "frank", "grace", "heidi", "ivan", "judy", "niaj", "olivia", "peggy", "rupert")
LOCAL_NETWORKS = ("198.18.0.0/15", "198.51.100.0/24")  # all public addresses of a lab


@dataclass
class Person:
    host: str
    address: str       # the machine's own
    public: str        # as the concentrator sees it
    site: int
    group: str
    user: str
    password: str


class Cast:
    def __init__(self, seed, number, sites, nat, one_group=True, one_user=False):
        """`sites`: the site of each person."""
        self.rng = rng = random.Random(f"{seed}/{number}")
        self.nat, self.number = nat, number
        self.gateway_host = f"gw{number}"
        plan = random.Random(seed).sample(range(60_000), 4_000)
        self.gateway = f"198.18.{plan[number] // 240}.{1 + plan[number] % 240}"
        wan = [plan[-1 - number * 4 - i] for i in range(1 + max(sites))]
        self.sites = [f"198.19.{a // 240}.{1 + a % 240}" for a in wan]
        lans = [rng.choice([f"192.168.{rng.randint(0, 250)}", f"10.{rng.randint(30, 90)}.{rng.randint(0, 250)}"]) for _ in wan]
        # Most have a network of their own; the others lease the same addresses at the same time, as customers of one provider.
        self.pools = "10.99.0" if random.Random(f"pools {seed}/{number}").random() < 0.3 else f"10.{160 + number // 200}.{number % 200}"
        groups = rng.sample(GROUPS, 4)
        self.groups = {group: f"psk-{group}-{rng.randint(100, 999)}" for group in groups}
        names = rng.sample(USERS, len(USERS))
        self.users = {f"{name}{number}": f"{name.capitalize()}-{rng.randint(1000, 9999)}" for name in names}
        self.people = []
        for i, site in enumerate(sites):
            user = list(self.users)[0 if one_user else i]
            address = f"{lans[site]}.{10 + i * 3 + rng.randint(0, 2)}" if nat else f"198.51.100.{1 + number % 240}"
            self.people.append(Person(f"pc{number}-{i}", address, self.sites[site] if nat else address, site,
                                      groups[0] if one_group else rng.choice(groups), user, self.users[user]))

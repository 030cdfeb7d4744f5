"""Lists of rules as ``iptables -S`` writes them, and what is made of them."""

import ipaddress

import pytest

from engine.net import iptables
from engine.net.ruleset import Outcome, Packet, fate

HERE = ipaddress.ip_network("192.168.1.0/24")
CALL = Packet("tcp", 6000, HERE, ipaddress.ip_address("192.168.1.7"), "wlan0")
ANNOUNCEMENT = Packet("udp", 5353, HERE, ipaddress.ip_address("224.0.0.251"), "wlan0")

OPEN = "-P INPUT ACCEPT\n-P FORWARD DROP\n-P OUTPUT ACCEPT\n"
SHUT = OPEN.replace("INPUT ACCEPT", "INPUT DROP")
# As ufw writes it, when nothing was allowed, shortened.
UFW = (
    SHUT
    + """-N ufw-before-input
-N ufw-user-input
-N ufw-logging-deny
-A INPUT -j ufw-before-input
-A INPUT -j ufw-user-input
-A ufw-before-input -i lo -j ACCEPT
-A ufw-before-input -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A ufw-before-input -m conntrack --ctstate INVALID -j ufw-logging-deny
-A ufw-before-input -p icmp -m icmp --icmp-type 8 -j ACCEPT
-A ufw-before-input -p udp -m udp --sport 67 --dport 68 -j ACCEPT
-A ufw-before-input -d 224.0.0.251/32 -p udp -m udp --dport 5353 -j ACCEPT
-A ufw-before-input -m addrtype --dst-type LOCAL -j RETURN
-A ufw-logging-deny -m limit --limit 3/min --limit-burst 10 -j LOG --log-prefix "[UFW BLOCK] "
"""
)


def outcome(text, packet=CALL):
    return fate([iptables.read(text, "ip")], packet)[0]


def test_the_usual_rules_of_ufw_let_announcements_in_and_calls_not():
    assert outcome(UFW, ANNOUNCEMENT) is Outcome.PASSES
    assert outcome(UFW) is Outcome.DROPPED
    allowed = UFW + "-A ufw-user-input -p tcp -m tcp --dport 6000 -j ACCEPT\n"
    assert outcome(allowed) is Outcome.PASSES


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("-p tcp -m tcp --dport 6000 -j DROP", Outcome.DROPPED),
        ("-p tcp -m tcp --dport 6000 -j REJECT --reject-with tcp-reset", Outcome.DROPPED),
        ("-p tcp -m tcp --dport 5999:6001 -j DROP", Outcome.DROPPED),
        ("-p tcp -m tcp --dport 1024: -j DROP", Outcome.DROPPED),
        ("-p tcp -m multiport --dports 22,5000:7000 -j DROP", Outcome.DROPPED),
        ("-p tcp -m tcp ! --dport 22 -j DROP", Outcome.DROPPED),
        ("! -i lo -j DROP", Outcome.DROPPED),
        ("-i wl+ -j DROP", Outcome.DROPPED),
        ("-s 192.168.0.0/16 -j DROP", Outcome.DROPPED),
        ("-m state --state NEW -j DROP", Outcome.DROPPED),
        ("-m pkttype --pkt-type multicast -j DROP", Outcome.PASSES),
        ('-m comment --comment "no calls" -p tcp -j DROP', Outcome.DROPPED),
        ("-p udp -m udp --dport 6000 -j DROP", Outcome.PASSES),
        ("-i eth0 -j DROP", Outcome.PASSES),
        ("-p tcp -m tcp --dport 6000 -j LOG --log-prefix x", Outcome.PASSES),
        ("-s 192.168.1.9/32 -j DROP", Outcome.UNSURE),
        ("-m owner --uid-owner 7 -j DROP", Outcome.UNSURE),
        ("-j NFQUEUE --queue-num 1", Outcome.UNSURE),
    ],
)
def test_every_rule_is_read_rightly(rule, expected):
    assert outcome(f"{OPEN}-A INPUT {rule}\n") is expected


def test_only_the_table_of_its_family_counts():
    table = iptables.read(SHUT, "ip6")
    assert fate([table], CALL)[0] is Outcome.PASSES


@pytest.mark.parametrize(
    "text", ["iptables: Permission denied", "-P", '-A INPUT -j "', "-A INPUT -s x"]
)
def test_what_is_no_list_of_rules_is_a_value_error(text):
    with pytest.raises(ValueError):
        iptables.read(text, "ip")

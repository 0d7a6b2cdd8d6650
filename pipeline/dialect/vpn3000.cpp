// Cisco VPN 3000 concentrator. Three layouts of one event (console and file, syslog "original", syslog "IOS
// compatible"); the text is the key, class and number are a hint, severity differs between releases and is
// none.
#include <algorithm>

#include "correlator/limits.h"
#include "pipeline/dialect/dialect.h"
#include "pipeline/dialect/pattern.h"
#include "pipeline/dialect/relay_header.h"
#include "pipeline/dialect/tables.h"
#include "pipeline/dialect/time.h"

namespace vpnverdict::dialect {
namespace {

using enum Fact;

// clang-format off
constexpr MessageRow kRows[] = {
    // ---- Phase 1: packets
    {"IKEDBG/0", FactMask{concentrator_saw_am1, concentrator_ikev1},
     "RECEIVED Message (msgid=0) with payloads{_}:{_}HDR{_}+ SA (1) + KE (4) {rest}",
     "1 04/07/2005 20:04:16.640 SEV=8 IKEDBG/0 RPT=2955 192.168.1.100\n"
     "RECEIVED Message (msgid=0) with payloads : HDR + SA (1) + KE (4) + NONCE (10) + ID (5) +\n"
     "VENDOR (13) + VENDOR (13) + VENDOR (13) + NONE (0) ... total length : 561",
     "peer=192.168.1.100 message=IKEDBG/0 detail=8 repeats=2955 sequence=1",
     "seed Ex 8-7"},
    {"IKEDBG/0", FactMask{concentrator_saw_am1, concentrator_ikev1},
     "RECEIVED Message (msgid=0) with payloads{_}:{_}HDR{_}+ SA (1) {rest}",
     "103 04/11/2005 00:29:42.500 SEV=8 IKEDBG/0 RPT=2 192.0.2.100\n"
     "RECEIVED Message (msgid=0) with payloads :HDR + SA (1) + VENDOR (13) + NONE (0) ... total length : "
     "112",
     "peer=192.0.2.100 message=IKEDBG/0 detail=8 repeats=2 sequence=103",
     "synthetic: main mode message 1 in the same words"},
    {"IKEDBG/0", {},
     "RECEIVED Message (msgid=0) with payloads{_}:{_}HDR{_}{rest}",
     "106 04/11/2005 00:29:42.500 SEV=8 IKEDBG/0 RPT=2 192.0.2.100\n"
     "RECEIVED Message (msgid=0) with payloads : HDR + HASH (8) + NOTIFY (11) + NAT-D (130) + NONE (0) "
     "... total length : 124",
     "peer=192.0.2.100 message=IKEDBG/0 detail=8 repeats=2 sequence=106",
     "synthetic: a later phase 1 message in the same words"},
    {"IKEDBG/0", concentrator_got_delete,
     "RECEIVED Message (msgid={message_id:hex}) with payloads{_}:{_}HDR{_}+ HASH (8) + DELETE (12) {rest}",
     "109 04/11/2005 00:29:42.500 SEV=8 IKEDBG/0 RPT=2 192.0.2.100\n"
     "RECEIVED Message (msgid=b7381790) with payloads : HDR + HASH (8) + DELETE (12) + NONE (0) ... "
     "total length : 76",
     "peer=192.0.2.100 message_id=b7381790 message=IKEDBG/0 detail=8 repeats=2 sequence=109",
     "synthetic: the received form of seed Ex 8-9"},
    {"IKEDBG/0", concentrator_phase1_done,
     "RECEIVED Message (msgid={message_id:hex}) with payloads{_}:{_}HDR{_}+ HASH (8) + ATTR (14) {rest}",
     "112 04/11/2005 00:29:42.500 SEV=8 IKEDBG/0 RPT=2 192.0.2.100\n"
     "RECEIVED Message (msgid=3f2b41ac) with payloads : HDR + HASH (8) + ATTR (14) + NONE (0) ... total "
     "length : 92",
     "peer=192.0.2.100 message_id=3f2b41ac message=IKEDBG/0 detail=8 repeats=2 sequence=112",
     "synthetic: an encrypted XAuth or mode config message"},
    {"IKEDBG/0", concentrator_phase1_done,
     "RECEIVED Message (msgid={message_id:hex}) with payloads{_}:{_}HDR{_}+ HASH (8) + SA (1) {rest}",
     "115 04/11/2005 00:29:42.500 SEV=8 IKEDBG/0 RPT=2 192.0.2.100\n"
     "RECEIVED Message (msgid=99e1c4d2) with payloads : HDR + HASH (8) + SA (1) + NONCE (10) + ID (5) + "
     "ID (5) + NONE (0) ... total length : 1028",
     "peer=192.0.2.100 message_id=99e1c4d2 message=IKEDBG/0 detail=8 repeats=2 sequence=115",
     "synthetic: an encrypted phase 2 request"},
    {"IKEDBG/0", {},
     "RECEIVED Message (msgid={message_id:hex}) with payloads{_}:{_}HDR {rest}",
     "118 04/11/2005 00:29:42.500 SEV=8 IKEDBG/0 RPT=2 192.0.2.100\n"
     "RECEIVED Message (msgid=5d6ec0a1) with payloads : HDR + HASH (8) + NOTIFY (11) + NONE (0) ... "
     "total length : 80",
     "peer=192.0.2.100 message_id=5d6ec0a1 message=IKEDBG/0 detail=8 repeats=2 sequence=118",
     "synthetic: dead peer detection"},
    {"IKEDBG/81", concentrator_proposal_accepted,
     "SENDING Message (msgid=0) with payloads{_}:{_}HDR + SA (1) + KE (4) {rest}",
     "121 04/11/2005 00:29:42.500 SEV=8 IKEDBG/81 RPT=2 192.0.2.100\n"
     "SENDING Message (msgid=0) with payloads :\n"
     "HDR + SA (1) + KE (4) + NONCE (10) + ID (5) + HASH (8) + VENDOR (13)\n"
     "total length : 396",
     "peer=192.0.2.100 message=IKEDBG/81 detail=8 repeats=2 sequence=121",
     "synthetic: aggressive mode message 2 in the words of seed Ex 8-9"},
    {"IKEDBG/81", concentrator_deleted,
     "SENDING Message (msgid={message_id:hex}) with payloads{_}:{_}HDR + HASH (8) + DELETE (12) {rest}",
     "338 05/06/2005 09:55:03.860 SEV=8 IKEDBG/81 RPT=7 172.16.172.1190\n"
     "SENDING Message (msgid=d0257b9c) with payloads :\n"
     "HDR + HASH (8) + DELETE (12)\n"
     "total length : 76",
     "peer=172.16.172.1190 message_id=d0257b9c message=IKEDBG/81 detail=8 repeats=7 sequence=338",
     "seed Ex 8-9 [sic]"},
    {"IKEDBG/81", concentrator_phase1_done,
     "SENDING Message (msgid={message_id:hex}) with payloads{_}:{_}HDR + HASH (8) + ATTR (14) {rest}",
     "124 04/11/2005 00:29:42.500 SEV=8 IKEDBG/81 RPT=2 192.0.2.100\n"
     "SENDING Message (msgid=7ea8590c) with payloads :\n"
     "HDR + HASH (8) + ATTR (14)\n"
     "total length : 72",
     "peer=192.0.2.100 message_id=7ea8590c message=IKEDBG/81 detail=8 repeats=2 sequence=124",
     "synthetic: the XAuth request in the words of seed Ex 8-9"},
    {"IKEDBG/81", {},
     "SENDING Message (msgid={message_id:hex}) with payloads{_}:{_}HDR {rest}",
     "127 04/11/2005 00:29:42.500 SEV=8 IKEDBG/81 RPT=2 192.0.2.100\n"
     "SENDING Message (msgid=7ea8590d) with payloads :\n"
     "HDR + HASH (8) + NOTIFY (11)\n"
     "total length : 80",
     "peer=192.0.2.100 message_id=7ea8590d message=IKEDBG/81 detail=8 repeats=2 sequence=127",
     "synthetic: dead peer detection"},

    // ---- Phase 1: proposal
    {"IKEDBG/0", concentrator_proposal_accepted,
     "Oakley proposal is acceptable",
     "130 04/11/2005 00:29:42.500 SEV=7 IKEDBG/0 RPT=2 192.0.2.100\n"
     "Oakley proposal is acceptable",
     "peer=192.0.2.100 message=IKEDBG/0 detail=7 repeats=2 sequence=130",
     "public log of 2004"},
    {"IKEDBG/28", concentrator_proposal_accepted,
     "IKE SA Proposal # {int}, Transform # {int} acceptable Matches global IKE entry # {int}",
     "133 04/11/2005 00:29:42.500 SEV=7 IKEDBG/28 RPT=2 192.0.2.100\n"
     "Group [sales] IKE SA Proposal # 1, Transform # 9 acceptable Matches global IKE entry # 2",
     "peer=192.0.2.100 group=sales message=IKEDBG/28 detail=7 repeats=2 sequence=133",
     "recalled, unverified"},
    {"IKEDBG/0", concentrator_proposal_rejected,
     "All SA proposals found unacceptable",
     "136 04/11/2005 00:29:42.500 SEV=4 IKEDBG/0 RPT=2 192.0.2.100\n"
     "All SA proposals found unacceptable",
     "peer=192.0.2.100 message=IKEDBG/0 detail=4 repeats=2 sequence=136",
     "ASA twin of the message"},
    {"IKEDBG/0", concentrator_proposal_rejected,
     "All SA proposals found unacceptable!",
     "139 04/11/2005 00:29:42.500 SEV=4 IKEDBG/0 RPT=2 192.0.2.100\n"
     "All SA proposals found unacceptable!",
     "peer=192.0.2.100 message=IKEDBG/0 detail=4 repeats=2 sequence=139",
     "recalled, unverified"},
    {"IKEDBG/0", {},
     "Phase 1 failure against global IKE proposal # {int}: {rest}",
     "142 04/11/2005 00:29:42.500 SEV=7 IKEDBG/0 RPT=2 192.0.2.100\n"
     "Phase 1 failure against global IKE proposal # 3:\n"
     "Mismatched attr types for class Auth Method:\n"
     "Rcv'd: XAUTH with Preshared Key (Initiator authenticated)\n"
     "Cfg'd: RSA signature with Certificates",
     "peer=192.0.2.100 message=IKEDBG/0 detail=7 repeats=2 sequence=142",
     "recalled, unverified: noise while the list is walked"},
    {"IKE/127", concentrator_auth_method_rejected,
     "Xauth required but selected Proposal does not support xauth, Check priorities of ike xauth "
     "proposals in ike proposal list",
     "145 04/11/2005 00:29:42.500 SEV=4 IKE/127 RPT=2 192.0.2.100\n"
     "Group [sales] Xauth required but selected Proposal does not support xauth, Check priorities of ike "
     "xauth proposals in ike proposal list",
     "peer=192.0.2.100 group=sales message=IKE/127 detail=4 repeats=2 sequence=145",
     "ASA 713127"},
    {"IKE/165", concentrator_auth_method_rejected,
     "Client IKE Auth mode differs from the group's configured Auth mode",
     "148 04/11/2005 00:29:42.500 SEV=4 IKE/165 RPT=2 192.0.2.100\n"
     "Group [sales] Client IKE Auth mode differs from the group's configured Auth mode",
     "peer=192.0.2.100 group=sales message=IKE/165 detail=4 repeats=2 sequence=148",
     "ASA 713165"},
    {"IKE/191", concentrator_negotiation_limit,
     "Maximum concurrent IKE negotiations exceeded!",
     "151 04/11/2005 00:29:42.500 SEV=4 IKE/191 RPT=2 192.0.2.100\n"
     "Maximum concurrent IKE negotiations exceeded!",
     "peer=192.0.2.100 message=IKE/191 detail=4 repeats=2 sequence=151",
     "ASA 713191"},
    {"IKE/48", {},
     "Error processing payload: Payload ID: {int}",
     "154 04/11/2005 00:29:42.500 SEV=4 IKE/48 RPT=2 192.0.2.100\n"
     "Error processing payload: Payload ID: 1",
     "peer=192.0.2.100 message=IKE/48 detail=4 repeats=2 sequence=154",
     "ASA 713048: says no cause by itself"},

    // ---- Phase 1: group
    {"IKEDBG/23", {},
     "Starting group lookup for peer {peer}",
     "15 04/07/2005 20:04:16.640 SEV=9 IKEDBG/23 RPT=42 192.168.1.100\n"
     "Starting group lookup for peer 192.168.1.100",
     "peer=192.168.1.100 message=IKEDBG/23 detail=9 repeats=42 sequence=15",
     "seed Ex 8-10: begun, no result yet"},
    {"AUTH/41", concentrator_group_found,
     "Authentication successful: handle = {int}, server = {server}, group = {group}",
     "39 04/12/2005 01:54:03.230 SEV=6 AUTH/41 RPT=26 192.168.1.100\n"
     "Authentication successful: handle = 17, server = Internal, group = mygroup",
     "peer=192.168.1.100 group=mygroup server=Internal message=AUTH/41 detail=6 repeats=26 sequence=39",
     "seed Ex 8-10"},
    {"IKEDBG/0", concentrator_group_found,
     "Found Phase 1 Group ({group})",
     "40 04/07/2005 20:12:14.500 SEV=7 IKEDBG/0 RPT=2984 192.168.1.100\n"
     "Group [mygroup]\n"
     "Found Phase 1 Group (mygroup)",
     "peer=192.168.1.100 group=mygroup message=IKEDBG/0 detail=7 repeats=2984 sequence=40",
     "seed Ex 8-10"},
    {"IKE/22", concentrator_group_unknown,
     "No Group found matching {group} for Pre-shared key peer {peer}",
     "No Group found\n"
     "Matching mygroupo\n"
     "for Pre-shared key\n"
     "peer 192.168.1.100",
     "peer=192.168.1.100 group=mygroupo",
     "seed Table 8-6, no header"},
    {"IKE/22", concentrator_group_unknown,
     "No Group found matching {group} for Pre-shared key peer {peer}.",
     "No Group found matching mygroupo for Pre-shared key peer 192.168.1.100.",
     "peer=192.168.1.100 group=mygroupo",
     "seed Table 8-6 as the book prints it"},
    {"IKE/138", concentrator_group_unknown,
     "Group {group} not found and BASE GROUP default preshared key not configured",
     "157 04/11/2005 00:29:42.500 SEV=4 IKE/138 RPT=2 192.0.2.100\n"
     "Group slaes not found and BASE GROUP default preshared key not configured",
     "peer=192.0.2.100 group=slaes message=IKE/138 detail=4 repeats=2 sequence=157",
     "ASA 713138"},
    {"IKE/68", concentrator_notify_invalid_hash,
     "Received non-routine Notify message: Invalid hash info (23)",
     "Group [mygroup]\n"
     "Received non-routine\n"
     "Notify message:\n"
     "Invalid hash info (23)",
     "group=mygroup",
     "seed Table 8-6, no header"},
    {"IKE/68", concentrator_phase2_proposal_rejected,
     "Received non-routine Notify message: No proposal chosen (14)",
     "160 04/11/2005 00:29:42.500 SEV=5 IKE/68 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Received non-routine Notify message: No proposal chosen (14)",
     "peer=192.0.2.100 group=sales user=alice message=IKE/68 detail=5 repeats=2 sequence=160",
     "ASA 713068"},
    {"IKE/68", {},
     "Received non-routine Notify message: {rest}",
     "163 04/11/2005 00:29:42.500 SEV=5 IKE/68 RPT=2 192.0.2.100\n"
     "Group [sales] Received non-routine Notify message: Invalid cookie (4)",
     "peer=192.0.2.100 group=sales message=IKE/68 detail=5 repeats=2 sequence=163",
     "ASA 713068"},
    {"IKE/60", concentrator_group_lock,
     "User ({user}) not member of group ({group}), authentication failed.",
     "User (U1) not member\n"
     "of group (test_grp),\n"
     "authentication\n"
     "failed.",
     "group=test_grp user=U1",
     "seed Table 8-6, no header"},
    {"IKE/60", concentrator_group_lock,
     "Tunnel Rejected: User ({user}) not member of group ({group}), authentication failed.",
     "166 04/11/2005 00:29:42.500 SEV=4 IKE/60 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Tunnel Rejected: User (alice) not member of group (sales), "
     "authentication failed.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/60 detail=4 repeats=2 sequence=166",
     "synthetic: IKE/60 with the words of its ASA twin"},
    {"IKE/60", concentrator_group_lock,
     "Tunnel Rejected: User ({user}) not member of group ({group}), group-lock check failed.",
     "169 04/11/2005 00:29:42.500 SEV=4 IKE/60 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Tunnel Rejected: User (alice) not member of group (sales), group-lock "
     "check failed.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/60 detail=4 repeats=2 sequence=169",
     "ASA 713060"},
    {"IKE/206", concentrator_tunnel_type_refused,
     "Tunnel Rejected: Conflicting protocols specified by tunnel-group and group-policy",
     "172 04/11/2005 00:29:42.500 SEV=4 IKE/206 RPT=2 192.0.2.100\n"
     "Group [sales] Tunnel Rejected: Conflicting protocols specified by tunnel-group and group-policy",
     "peer=192.0.2.100 group=sales message=IKE/206 detail=4 repeats=2 sequence=172",
     "ASA 713206"},

    // ---- Phase 1: its end, well or badly
    {"IKE/119", concentrator_phase1_done,
     "PHASE 1 COMPLETED",
     "175 04/11/2005 00:29:42.500 SEV=5 IKE/119 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] PHASE 1 COMPLETED",
     "peer=192.0.2.100 group=sales user=alice message=IKE/119 detail=5 repeats=2 sequence=175",
     "ASA 713119"},
    {"IKEDBG/65", concentrator_am3_timeout,
     "IKE AM Responder FSM error history (struct &{hex}) {more}AM_WAIT_MSG3, EV_TIMEOUT{rest}",
     "333 05/06/2005 09:55:03.860 SEV=7 IKEDBG/65 RPT=1 172.16.172.1190\n"
     "Group [mygrou]\n"
     "IKE AM Responder FSM error history (struct &0x7ea8590)\n"
     "AM_DONE, EV_ERROR_CONT\n"
     "AM_DONE, EV_ERROR\n"
     "AM_WAIT_MSG3, EV_TIMEOUT\n"
     "AM_WAIT_MSG3, NullEvent",
     "peer=172.16.172.1190 group=mygrou message=IKEDBG/65 detail=7 repeats=1 sequence=333",
     "seed Ex 8-9 [sic]"},
    {"IKEDBG/65", concentrator_am3_timeout,
     "IKE MM Responder FSM error history (struct &{hex}) {more}MM_WAIT_MSG5, EV_TIMEOUT{rest}",
     "178 04/11/2005 00:29:42.500 SEV=7 IKEDBG/65 RPT=2 192.0.2.100\n"
     "IKE MM Responder FSM error history (struct &0x7ea8590)\n"
     "MM_DONE, EV_ERROR\n"
     "MM_WAIT_MSG5, EV_TIMEOUT\n"
     "MM_WAIT_MSG5, NullEvent",
     "peer=192.0.2.100 message=IKEDBG/65 detail=7 repeats=2 sequence=178",
     "synthetic: the main mode twin of seed Ex 8-9"},
    {"IKEDBG/65", concentrator_timed_out,
     "IKE MM Responder FSM error history (struct &{hex}) {more}EV_TIMEOUT{rest}",
     "181 04/11/2005 00:29:42.500 SEV=7 IKEDBG/65 RPT=2 192.0.2.100\n"
     "IKE MM Responder FSM error history (struct &0x7ea8590)\n"
     "MM_DONE, EV_ERROR\n"
     "MM_WAIT_MSG3, EV_TIMEOUT\n"
     "MM_WAIT_MSG3, NullEvent",
     "peer=192.0.2.100 message=IKEDBG/65 detail=7 repeats=2 sequence=181",
     "synthetic: the main mode twin of seed Ex 8-9"},
    {"IKEDBG/65", {concentrator_xauth_started, concentrator_xauth_unanswered},
     "IKE TM V6 FSM error history (struct &{hex}) {more}EV_TIMEOUT{rest}",
     "184 04/11/2005 00:29:42.500 SEV=7 IKEDBG/65 RPT=2 192.0.2.100\n"
     "Group [sales] IKE TM V6 FSM error history (struct &0x7ea8590)\n"
     "TM_DONE, EV_ERROR\n"
     "TM_WAIT_REPLY, EV_TIMEOUT\n"
     "TM_WAIT_REPLY, NullEvent",
     "peer=192.0.2.100 group=sales message=IKEDBG/65 detail=7 repeats=2 sequence=184",
     "recalled, unverified"},
    {"IKEDBG/65", {},
     "IKE {word} {word} FSM error history (struct &{hex}) {rest}",
     "187 04/11/2005 00:29:42.500 SEV=7 IKEDBG/65 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] IKE QM Responder FSM error history (struct &0x7ea8590)\n"
     "QM_DONE, EV_ERROR\n"
     "QM_WAIT_MSG3, NullEvent",
     "peer=192.0.2.100 group=sales user=alice message=IKEDBG/65 detail=7 repeats=2 sequence=187",
     "synthetic: a history without a time-out"},
    {"IKE/136", concentrator_am3_timeout,
     "IKE session establishment timed out [AM_WAIT_MSG3], aborting!",
     "190 04/11/2005 00:29:42.500 SEV=4 IKE/136 RPT=2 192.0.2.100\n"
     "IKE session establishment timed out [AM_WAIT_MSG3], aborting!",
     "peer=192.0.2.100 message=IKE/136 detail=4 repeats=2 sequence=190",
     "ASA 713136"},
    {"IKE/136", concentrator_timed_out,
     "IKE session establishment timed out [{word}], aborting!",
     "193 04/11/2005 00:29:42.500 SEV=4 IKE/136 RPT=2 192.0.2.100\n"
     "IKE session establishment timed out [MM_WAIT_MSG3], aborting!",
     "peer=192.0.2.100 message=IKE/136 detail=4 repeats=2 sequence=193",
     "ASA 713136"},
    {"IKE/172", {},
     "Automatic NAT Detection Status: Remote end is NOT behind a NAT device This end is NOT behind a NAT "
     "device",
     "196 04/11/2005 00:29:42.500 SEV=6 IKE/172 RPT=2 192.0.2.100\n"
     "Group [sales] Automatic NAT Detection Status:\n"
     "     Remote end is NOT behind a NAT device\n"
     "     This   end is NOT behind a NAT device",
     "peer=192.0.2.100 group=sales message=IKE/172 detail=6 repeats=2 sequence=196",
     "ASA 713172"},
    {"IKE/172", concentrator_nat_detected,
     "Automatic NAT Detection Status: Remote end IS behind a NAT device This end is {rest}",
     "199 04/11/2005 00:29:42.500 SEV=6 IKE/172 RPT=2 192.0.2.100\n"
     "Group [sales] Automatic NAT Detection Status:\n"
     "     Remote end IS behind a NAT device\n"
     "     This   end is NOT behind a NAT device",
     "peer=192.0.2.100 group=sales message=IKE/172 detail=6 repeats=2 sequence=199",
     "ASA 713172"},
    {"IKE/172", concentrator_nat_detected,
     "Automatic NAT Detection Status: Remote end is NOT behind a NAT device This end IS behind a NAT "
     "device",
     "202 04/11/2005 00:29:42.500 SEV=6 IKE/172 RPT=2 192.0.2.100\n"
     "Group [sales] Automatic NAT Detection Status:\n"
     "     Remote end is NOT behind a NAT device\n"
     "     This   end IS behind a NAT device",
     "peer=192.0.2.100 group=sales message=IKE/172 detail=6 repeats=2 sequence=202",
     "ASA 713172"},
    {"IKE/128", concentrator_redirected,
     "Connection attempt to VCPIP redirected to VCA peer {ip} via load balancing",
     "205 04/11/2005 00:29:42.500 SEV=6 IKE/128 RPT=2 192.0.2.100\n"
     "Connection attempt to VCPIP redirected to VCA peer 203.0.113.8 via load balancing",
     "peer=192.0.2.100 message=IKE/128 detail=6 repeats=2 sequence=205",
     "ASA 713128"},
    {"IKE/135", concentrator_redirected,
     "Message received, redirecting tunnel to {ip}.",
     "409 04/11/2005 00:29:42.500 SEV=5 IKE/135 RPT=2 192.0.2.100\n"
     "Message received, redirecting tunnel to 203.0.113.8.",
     "peer=192.0.2.100 message=IKE/135 detail=5 repeats=2 sequence=409",
     "ASA 713135"},

    // ---- Certificates
    {"IKE/81", concentrator_certificate_rejected,
     "Unsupported certificate encoding type {int}",
     "208 04/11/2005 00:29:42.500 SEV=4 IKE/81 RPT=2 192.0.2.100\n"
     "Group [sales] Unsupported certificate encoding type 7",
     "peer=192.0.2.100 group=sales message=IKE/81 detail=4 repeats=2 sequence=208",
     "ASA 713081"},
    {"IKE/82", concentrator_certificate_rejected,
     "Failed to retrieve identity certificate",
     "211 04/11/2005 00:29:42.500 SEV=4 IKE/82 RPT=2 192.0.2.100\n"
     "Group [sales] Failed to retrieve identity certificate",
     "peer=192.0.2.100 group=sales message=IKE/82 detail=4 repeats=2 sequence=211",
     "ASA 713082"},
    {"IKE/83", concentrator_certificate_rejected,
     "Invalid certificate handle",
     "214 04/11/2005 00:29:42.500 SEV=4 IKE/83 RPT=2 192.0.2.100\n"
     "Group [sales] Invalid certificate handle",
     "peer=192.0.2.100 group=sales message=IKE/83 detail=4 repeats=2 sequence=214",
     "ASA 713083"},
    {"IKE/109", concentrator_certificate_rejected,
     "Unable to process the received peer certificate",
     "217 04/11/2005 00:29:42.500 SEV=4 IKE/109 RPT=2 192.0.2.100\n"
     "Group [sales] Unable to process the received peer certificate",
     "peer=192.0.2.100 group=sales message=IKE/109 detail=4 repeats=2 sequence=217",
     "ASA 713109"},
    {"IKE/94", concentrator_certificate_rejected,
     "Cert validation failure: handle invalid for {rest}",
     "220 04/11/2005 00:29:42.500 SEV=4 IKE/94 RPT=2 192.0.2.100\n"
     "Cert validation failure: handle invalid for Main Mode Responder!",
     "peer=192.0.2.100 message=IKE/94 detail=4 repeats=2 sequence=220",
     "ASA 713094"},
    {"IKE/98", concentrator_certificate_rejected,
     "Aborting: No identity cert specified in IPSec SA ({name})!",
     "223 04/11/2005 00:29:42.500 SEV=4 IKE/98 RPT=2 192.0.2.100\n"
     "Aborting: No identity cert specified in IPSec SA (ESP-3DES-MD5)!",
     "peer=192.0.2.100 message=IKE/98 detail=4 repeats=2 sequence=223",
     "ASA 713098"},
    {"IKE/226", concentrator_certificate_rejected,
     "Connection failed with peer {peer}, no trust-point defined in tunnel-group {group}",
     "412 04/11/2005 00:29:42.500 SEV=4 IKE/226 RPT=2 192.0.2.100\n"
     "Connection failed with peer 192.0.2.100, no trust-point defined in tunnel-group sales",
     "peer=192.0.2.100 group=sales message=IKE/226 detail=4 repeats=2 sequence=412",
     "ASA 713226"},
    {"IKE/88", concentrator_certificate_group_unknown,
     "Set Cert filehandle failure: no IPSec SA in group {group}",
     "226 04/11/2005 00:29:42.500 SEV=4 IKE/88 RPT=2 192.0.2.100\n"
     "Set Cert filehandle failure: no IPSec SA in group sales",
     "peer=192.0.2.100 group=sales message=IKE/88 detail=4 repeats=2 sequence=226",
     "ASA 713088"},
    {"IKE/20", concentrator_certificate_group_unknown,
     "No Group found by matching OU(s) from ID payload: {group}",
     "229 04/11/2005 00:29:42.500 SEV=4 IKE/20 RPT=2 192.0.2.100\n"
     "No Group found by matching OU(s) from ID payload: Sales West",
     "peer=192.0.2.100 group=\"Sales West\" message=IKE/20 detail=4 repeats=2 sequence=229",
     "ASA 713020"},

    // ---- The interface filter
    {"FILTERDBG/1", concentrator_filter_dropped_ike,
     "Deny In: intf {int}, UDP, Src {peer}, Dest {gateway}, SPort {int}, DPort 500",
     "232 04/11/2005 00:29:42.500 SEV=5 FILTERDBG/1 RPT=2\n"
     "Deny In: intf 2, UDP, Src 192.0.2.100, Dest 203.0.113.8, SPort 500, DPort 500",
     "peer=192.0.2.100 gateway=203.0.113.8 message=FILTERDBG/1 detail=5 repeats=2 sequence=232",
     "recalled, unverified"},
    {"FILTERDBG/1", concentrator_filter_dropped_natt,
     "Deny In: intf {int}, UDP, Src {peer}, Dest {gateway}, SPort {int}, DPort 4500",
     "235 04/11/2005 00:29:42.500 SEV=5 FILTERDBG/1 RPT=2\n"
     "Deny In: intf 2, UDP, Src 192.0.2.100, Dest 203.0.113.8, SPort 4500, DPort 4500",
     "peer=192.0.2.100 gateway=203.0.113.8 message=FILTERDBG/1 detail=5 repeats=2 sequence=235",
     "recalled, unverified"},
    {"IKE/0", concentrator_ike_not_enabled,
     "No crypto map bound to interface... dropping pkt",
     "415 04/11/2005 00:29:42.500 SEV=4 IKE/0 RPT=2 192.0.2.100\n"
     "No crypto map bound to interface... dropping pkt",
     "peer=192.0.2.100 message=IKE/0 detail=4 repeats=2 sequence=415",
     "ASA twin of the message"},

    // ---- The user
    {"AUTH/4", concentrator_user_ok,
     "Authentication successful: handle = {int}, server = {server}, user = {user}",
     "116 04/12/2005 02:08:52.970 SEV=6 AUTH/4 RPT=9 192.168.1.100\n"
     "Authentication successful: handle = 19, server = Internal, user = vpn3k",
     "peer=192.168.1.100 user=vpn3k server=Internal message=AUTH/4 detail=6 repeats=9 sequence=116",
     "seed Ex 8-11"},
    {"IKE/52", concentrator_user_ok,
     "User ({user}) authenticated.",
     "171 04/12/2005 02:08:53.170 SEV=4 IKE/52 RPT=9 192.168.1.100\n"
     "Group [mygroup] User [vpn3k] User (vpn3k) authenticated.",
     "peer=192.168.1.100 group=mygroup user=vpn3k message=IKE/52 detail=4 repeats=9 sequence=171",
     "seed Ex 8-11"},
    {"IKEDBG/14", {},
     "Authentication configured for {rest}",
     "165 04/12/2005 02:08:53.170 SEV=7 IKEDBG/14 RPT=20 192.168.1.100\n"
     "Group [mygroup] User [vpn3k] Authentication configured for Internal",
     "peer=192.168.1.100 group=mygroup user=vpn3k message=IKEDBG/14 detail=7 repeats=20 sequence=165",
     "seed Ex 8-11: which kind of server, no result"},
    {"AUTH/5", concentrator_user_bad_password,
     "Authentication rejected: Reason = Invalid password handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "Oct 29 19:18:20 vpn 1793 10/29/2003 19:18:20.190 SEV=3 AUTH/5 RPT=6 198.51.100.78  Authentication "
     "rejected: Reason = Invalid password handle = 66, server = Internal, user = user1, domain = <not "
     "specified>",
     "peer=198.51.100.78 user=user1 server=Internal device=vpn message=AUTH/5 detail=3 repeats=6 "
     "sequence=1793",
     "prelude VPN 3000"},
    {"AUTH/5", concentrator_user_rejected,
     "Authentication rejected: Reason = Unspecified handle = {int}, server = {server}, user = {user}, "
     "domain ={_}{rest}",
     "Jan  8 09:10:37 vpn.example.com 11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124 192.168.0.1  "
     "Authentication rejected: Reason = Unspecified handle = 805, server = auth.example.com, user = "
     "testuser, domain = <not specified>",
     "peer=192.168.0.1 user=testuser server=auth.example.com device=vpn.example.com message=AUTH/5 "
     "detail=3 repeats=124 sequence=11504",
     "ossec VPN 3000"},
    {"AUTH/5", concentrator_user_login_limit,
     "Authentication rejected: Reason = Simultaneous logins exceeded for user handle = {int}, server = "
     "{server}, user = {user}, domain ={_}{rest}",
     "111502127: 2014 Mar 22 04:07:25.120 +0100 +1:00 %AUTH-4-5: RPT=333150: 192.0.2.29: Authentication "
     "rejected: Reason = Simultaneous logins exceeded for user handle = 86, server = (none), user = "
     "monkey, domain = <not specified>",
     "peer=192.0.2.29 user=monkey server=(none) message=AUTH-4-5 detail=4 repeats=333150 "
     "sequence=111502127",
     "public parser test, IOS compatible form"},
    {"AUTH/5", concentrator_user_unknown,
     "Authentication rejected: Reason = User was not found handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "238 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = User was not found handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=238",
     "recalled, unverified"},
    {"AUTH/5", concentrator_aaa_down,
     "Authentication rejected: Reason = No active server found handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "241 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = No active server found handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=241",
     "recalled, unverified"},
    {"AUTH/5", concentrator_aaa_down,
     "Authentication rejected: Reason = No response from server handle = {int}, server = {server}, user "
     "= {user}, domain ={_}{rest}",
     "244 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = No response from server handle = 66, server = 203.0.113.5, user "
     "= alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=244",
     "recalled, unverified"},
    {"AUTH/5", concentrator_session_limit,
     "Authentication rejected: Reason = Session limit exceeded handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "247 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Session limit exceeded handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=247",
     "recalled, unverified"},
    {"AUTH/5", concentrator_user_expired,
     "Authentication rejected: Reason = Account expired handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "250 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Account expired handle = 66, server = 203.0.113.5, user = alice, "
     "domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=250",
     "recalled, unverified"},
    {"AUTH/5", concentrator_user_expired,
     "Authentication rejected: Reason = Password expired handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "253 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Password expired handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=253",
     "recalled, unverified"},
    {"AUTH/5", concentrator_user_locked,
     "Authentication rejected: Reason = Account disabled handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "256 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Account disabled handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=256",
     "recalled, unverified"},
    {"AUTH/5", concentrator_user_access_hours,
     "Authentication rejected: Reason = Access hours restriction handle = {int}, server = {server}, user "
     "= {user}, domain ={_}{rest}",
     "259 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Access hours restriction handle = 66, server = 203.0.113.5, user "
     "= alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=259",
     "recalled, unverified"},
    {"AUTH/5", concentrator_tunnel_type_refused,
     "Authentication rejected: Reason = Tunneling protocol not allowed handle = {int}, server = "
     "{server}, user = {user}, domain ={_}{rest}",
     "262 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Tunneling protocol not allowed handle = 66, server = "
     "203.0.113.5, user = alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=262",
     "recalled, unverified"},
    {"AUTH/5", concentrator_user_rejected,
     "Authentication rejected: Reason = AAA failure handle = {int}, server = {server}, user = {user}, "
     "domain ={_}{rest}",
     "382 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = AAA failure handle = 66, server = 203.0.113.5, user = alice, "
     "domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=382",
     "ASA 113005: the server answered no"},
    {"AUTH/5", concentrator_user_locked,
     "Authentication rejected: Reason = Account has been locked out handle = {int}, server = "
     "{server}, user = {user}, domain ={_}{rest}",
     "385 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Account has been locked out handle = 66, server = "
     "203.0.113.5, user = alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=385",
     "ASA 113005"},
    {"AUTH/5", concentrator_user_locked,
     "Authentication rejected: Reason = Account locked out handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "388 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Account locked out handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=388",
     "recalled, unverified"},
    {"AUTH/5", concentrator_user_locked,
     "Authentication rejected: Reason = Account is disabled handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "391 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Account is disabled handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=391",
     "recalled, unverified"},
    {"AUTH/5", concentrator_user_expired,
     "Authentication rejected: Reason = Account has expired handle = {int}, server = {server}, user = "
     "{user}, domain ={_}{rest}",
     "394 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Account has expired handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=394",
     "recalled, unverified"},
    {"AUTH/5", concentrator_user_expired,
     "Authentication rejected: Reason = Password has expired handle = {int}, server = {server}, user "
     "= {user}, domain ={_}{rest}",
     "397 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Password has expired handle = 66, server = 203.0.113.5, user "
     "= alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=397",
     "recalled, unverified"},
    {"AUTH/5", concentrator_aaa_down,
     "Authentication rejected: Reason = No active server found handle = {int}, server = {server}, "
     "group = {group}",
     "400 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = No active server found handle = 67, server = 203.0.113.5, "
     "group = sales",
     "peer=192.0.2.100 group=sales server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=400",
     "synthetic: groups at an external server fail before any prompt"},
    {"AUTH/5", concentrator_aaa_down,
     "Authentication rejected: Reason = No response from server handle = {int}, server = {server}, "
     "group = {group}",
     "403 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = No response from server handle = 67, server = 203.0.113.5, "
     "group = sales",
     "peer=192.0.2.100 group=sales server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=403",
     "synthetic: groups at an external server fail before any prompt"},
    {"AUTH/5", concentrator_aaa_misconfigured,
     "Authentication rejected: Reason = Invalid password handle = {int}, server = {server}, group = {group}",
     "406 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Invalid password handle = 67, server = 203.0.113.5, group = sales",
     "peer=192.0.2.100 group=sales server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=406",
     "synthetic: the concentrator asks for a group with the password of its own configuration"},
    {"AUTH/5", concentrator_group_refused,
     "Authentication rejected: Reason = {more} handle = {int}, server = {server}, group = {group}",
     "265 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Unspecified handle = 67, server = 203.0.113.5, group = sales",
     "peer=192.0.2.100 group=sales server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=265",
     "synthetic: a group at an external server is no user"},
    {"AUTH/5", concentrator_xauth_started,
     "Authentication rejected: Reason = {more} handle = {int}, server = {server}, user = {user}, domain "
     "={_}{rest}",
     "268 04/11/2005 00:29:42.500 SEV=3 AUTH/5 RPT=2 192.0.2.100\n"
     "Authentication rejected: Reason = Unable to obtain group handle = 66, server = 203.0.113.5, user = "
     "alice, domain = <not specified>",
     "peer=192.0.2.100 user=alice server=203.0.113.5 message=AUTH/5 detail=3 repeats=2 sequence=268",
     "recalled, unverified: a reason we do not know is no refusal without a reason"},
    {"IKE/167", concentrator_user_failed,
     "Remote peer has failed user authentication - check configured username and password",
     "Jan  8 07:43:31 vpn.example.com 562402 01/19/2007 07:43:28.500 SEV=4 IKE/167 RPT=240 192.168.0.1  "
     "Group [VPNFull] User [testuser] Remote peer has failed user authentication - check configured "
     "username and password",
     "peer=192.168.0.1 group=VPNFull user=testuser device=vpn.example.com message=IKE/167 detail=4 "
     "repeats=240 sequence=562402",
     "ossec VPN 3000"},
    {"IKE/185", concentrator_user_failed,
     "Error: Username too long - connection aborted",
     "271 04/11/2005 00:29:42.500 SEV=4 IKE/185 RPT=2 192.0.2.100\n"
     "Error: Username too long - connection aborted",
     "peer=192.0.2.100 message=IKE/185 detail=4 repeats=2 sequence=271",
     "ASA 713185"},
    {"IKE/198", concentrator_user_rejected,
     "User Authorization failed: {rest}",
     "274 04/11/2005 00:29:42.500 SEV=4 IKE/198 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] User Authorization failed: alice",
     "peer=192.0.2.100 group=sales user=alice message=IKE/198 detail=4 repeats=2 sequence=274",
     "ASA 713198"},
    {"AUTH/6", concentrator_user_locked,
     "User {user} locked out on exceeding {int} successive failed authentication attempts",
     "406 04/11/2005 00:29:42.500 SEV=4 AUTH/6 RPT=2 192.0.2.100\n"
     "User alice locked out on exceeding 3 successive failed authentication attempts",
     "peer=192.0.2.100 user=alice message=AUTH/6 detail=4 repeats=2 sequence=406",
     "ASA 113006"},
    {"IKE/239", concentrator_session_limit,
     "maximum tunnel count allowed has been reached",
     "277 04/11/2005 00:29:42.500 SEV=4 IKE/239 RPT=2 192.0.2.100\n"
     "maximum tunnel count allowed has been reached",
     "peer=192.0.2.100 message=IKE/239 detail=4 repeats=2 sequence=277",
     "ASA 713239"},

    // ---- The address
    {"IKEDBG/42", concentrator_address_failed,
     "IKE received response of type [FAILED] to a request from the IP address utility",
     "Group [mygroup] User [U1] IKE received response of type [FAILED] to a request from\n"
     "the IP address utility",
     "group=mygroup user=U1",
     "seed Ex 8-12, no header"},
    {"IKEDBG/42", {},
     "IKE received response of type [{name}] to a request from the IP address utility",
     "280 04/11/2005 00:29:42.500 SEV=7 IKEDBG/42 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] IKE received response of type [] to a request from the IP address "
     "utility",
     "peer=192.0.2.100 group=sales user=alice message=IKEDBG/42 detail=7 repeats=2 sequence=280",
     "ASA 713131: an answer without an error"},
    {"IKE/132", concentrator_address_failed,
     "Cannot obtain an IP address for remote peer",
     "204 04/11/2005 00:29:42.500 SEV=5 IKE/132 RPT=2 192.168.1.100\n"
     "Group [mygroup] User [U1] Cannot obtain an IP address for remote peer",
     "peer=192.168.1.100 group=mygroup user=U1 message=IKE/132 detail=5 repeats=2 sequence=204",
     "seed Ex 8-12"},
    {"IKE/107", concentrator_address_failed,
     "IP_Address request attempt failed!",
     "283 04/11/2005 00:29:42.500 SEV=4 IKE/107 RPT=2 192.0.2.100\n"
     "IP_Address request attempt failed!",
     "peer=192.0.2.100 message=IKE/107 detail=4 repeats=2 sequence=283",
     "ASA 713107"},
    {"", concentrator_address_assigned,
     "Assigned private IP address {address} to remote user",
     "286 04/11/2005 00:29:42.500 SEV=5 IKEDBG/0 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Assigned private IP address 10.40.1.33 to remote user",
     "peer=192.0.2.100 group=sales user=alice address=10.40.1.33 message=IKEDBG/0 detail=5 repeats=2 "
     "sequence=286",
     "recalled, unverified"},
    {"AUTH/92", concentrator_address_assigned,
     "Sending ACCT-START for assigned IP {address} (Session ID={hex})",
     "111350320: 2014 Mar 21 23:03:49.730 +0100 +1:00 %AUTH-6-92: RPT=22376: 192.0.2.29: User [mduran] "
     "Sending ACCT-START for assigned IP 172.16.25.22 (Session ID=9305F724)",
     "peer=192.0.2.29 user=mduran address=172.16.25.22 message=AUTH-6-92 detail=6 repeats=22376 "
     "sequence=111350320",
     "public parser test, IOS compatible form"},
    {"IKE/205", concentrator_address_in_use,
     "Could not add static route for client address: {address}",
     "418 04/11/2005 00:29:42.500 SEV=4 IKE/205 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Could not add static route for client address: 10.40.1.33",
     "peer=192.0.2.100 group=sales user=alice address=10.40.1.33 message=IKE/205 detail=4 repeats=2 "
     "sequence=418",
     "ASA 713205"},
    {"IKE/189", {},
     "Attempted to assign network or broadcast IP address, removing ({ip}) from pool.",
     "421 04/11/2005 00:29:42.500 SEV=4 IKE/189 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Attempted to assign network or broadcast IP address, removing "
     "(10.40.1.0) from pool.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/189 detail=4 repeats=2 sequence=421",
     "ASA 713189: the next address is tried"},
    {"IKE/184", {},
     "Client Type: {more}Client Application Version: {rest}",
     "289 04/11/2005 00:29:42.500 SEV=5 IKE/184 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Client Type: WinNT  Client Application Version: 4.8.00.0440",
     "peer=192.0.2.100 group=sales user=alice message=IKE/184 detail=5 repeats=2 sequence=289",
     "ASA 713184"},

    // ---- Policy
    {"IKE/140", concentrator_split_list_missing,
     "Split Tunneling Policy requires network list but none configured",
     "292 04/11/2005 00:29:42.500 SEV=4 IKE/140 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Split Tunneling Policy requires network list but none configured",
     "peer=192.0.2.100 group=sales user=alice message=IKE/140 detail=4 repeats=2 sequence=292",
     "ASA 713140"},
    {"IKE/152", concentrator_split_list_missing,
     "Unable to obtain any rules from filter {name} to send to client for CPP, terminating connection.",
     "424 04/11/2005 00:29:42.500 SEV=4 IKE/152 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Unable to obtain any rules from filter 5 to send to client for CPP, "
     "terminating connection.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/152 detail=4 repeats=2 sequence=424",
     "ASA 713152"},
    {"IKE/141", concentrator_firewall_refused,
     "Client-reported firewall does not match configured firewall: terminat{word} tunnel.{rest}",
     "295 04/11/2005 00:29:42.500 SEV=4 IKE/141 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Client-reported firewall does not match configured firewall: terminate "
     "tunnel. Configured -- Vendor: Zone Labs(2), Product 1, Caps: 8",
     "peer=192.0.2.100 group=sales user=alice message=IKE/141 detail=4 repeats=2 sequence=295",
     "ASA 713141"},
    {"IKE/141", {},
     "Client-reported firewall does not match configured firewall: {word} tunnel.{rest}",
     "298 04/11/2005 00:29:42.500 SEV=4 IKE/141 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Client-reported firewall does not match configured firewall: allow "
     "tunnel. Configured -- Vendor: Zone Labs(2), Product 1, Caps: 8",
     "peer=192.0.2.100 group=sales user=alice message=IKE/141 detail=4 repeats=2 sequence=298",
     "ASA 713141: only a note when the tunnel is allowed"},
    {"IKE/142", concentrator_firewall_refused,
     "Client did not report firewall in use, but there is a configured firewall: terminat{word} tunnel.{rest}",
     "301 04/11/2005 00:29:42.500 SEV=4 IKE/142 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Client did not report firewall in use, but there is a configured "
     "firewall: terminate tunnel. Configured -- Vendor: Zone Labs(2), Product 1, Caps: 8",
     "peer=192.0.2.100 group=sales user=alice message=IKE/142 detail=4 repeats=2 sequence=301",
     "ASA 713142"},
    {"IKE/142", {},
     "Client did not report firewall in use, but there is a configured firewall: {word} tunnel.{rest}",
     "304 04/11/2005 00:29:42.500 SEV=4 IKE/142 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Client did not report firewall in use, but there is a configured "
     "firewall: allow tunnel. Configured -- Vendor: Zone Labs(2), Product 1, Caps: 8",
     "peer=192.0.2.100 group=sales user=alice message=IKE/142 detail=4 repeats=2 sequence=304",
     "ASA 713142: only a note when the tunnel is allowed"},
    {"IKE/252", concentrator_firewall_server_down,
     "Integrity Firewall Server is not available. VPN Tunnel creation rejected for client.",
     "307 04/11/2005 00:29:42.500 SEV=4 IKE/252 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Integrity Firewall Server is not available. VPN Tunnel creation "
     "rejected for client.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/252 detail=4 repeats=2 sequence=307",
     "ASA 713252"},
    {"IKE/218", concentrator_version_refused,
     "Tunnel Rejected: Client Type or Version not allowed.",
     "310 04/11/2005 00:29:42.500 SEV=4 IKE/218 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Tunnel Rejected: Client Type or Version not allowed.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/218 detail=4 repeats=2 sequence=310",
     "ASA 713218"},
    {"IKE/115", concentrator_session_esp,
     "Client rejected NAT enabled IPSec request, falling back to standard IPSec",
     "313 04/11/2005 00:29:42.500 SEV=5 IKE/115 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Client rejected NAT enabled IPSec request, falling back to standard "
     "IPSec",
     "peer=192.0.2.100 group=sales user=alice message=IKE/115 detail=5 repeats=2 sequence=313",
     "ASA 713115"},
    {"IKE/158", {},
     "Client rejected NAT enabled IPSec Over UDP request, falling back to IPSec Over TCP",
     "427 04/11/2005 00:29:42.500 SEV=5 IKE/158 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Client rejected NAT enabled IPSec Over UDP request, falling back to "
     "IPSec Over TCP",
     "peer=192.0.2.100 group=sales user=alice message=IKE/158 detail=5 repeats=2 sequence=427",
     "ASA 713158: which way the data will go, no failure"},

    // ---- Phase 2
    {"", concentrator_phase2_proposal_rejected,
     "All IPSec SA proposals found unacceptable!",
     "316 04/11/2005 00:29:42.500 SEV=4 IKEDBG/0 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] All IPSec SA proposals found unacceptable!",
     "peer=192.0.2.100 group=sales user=alice message=IKEDBG/0 detail=4 repeats=2 sequence=316",
     "recalled, unverified"},
    {"", concentrator_phase2_proposal_rejected,
     "All IPSec SA proposals found unacceptable",
     "319 04/11/2005 00:29:42.500 SEV=4 IKEDBG/0 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] All IPSec SA proposals found unacceptable",
     "peer=192.0.2.100 group=sales user=alice message=IKEDBG/0 detail=4 repeats=2 sequence=319",
     "synthetic: without the exclamation mark"},
    {"IKE/56", concentrator_phase2_proposal_rejected,
     "Tunnel rejected: SA ({name}) not found for group ({group})!",
     "322 04/11/2005 00:29:42.500 SEV=4 IKE/56 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Tunnel rejected: SA (ESP-3DES-MD5) not found for group (sales)!",
     "peer=192.0.2.100 group=sales user=alice message=IKE/56 detail=4 repeats=2 sequence=322",
     "ASA 713056"},
    {"IKE/61", concentrator_phase2_network_rejected,
     "Tunnel rejected: {name}Policy not found for Src:{_}{ip}, Dst:{_}{ip}!",
     "325 04/11/2005 00:29:42.500 SEV=4 IKE/61 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Tunnel rejected: Policy not found for Src:10.40.1.33, Dst: 10.0.0.0!",
     "peer=192.0.2.100 group=sales user=alice message=IKE/61 detail=4 repeats=2 sequence=325",
     "ASA 713061"},
    {"IKE/49", concentrator_phase2_done,
     "Security negotiation complete for User ({user}) Responder, Inbound SPI = {spi_in:hex}, Outbound "
     "SPI = {spi_out:hex}",
     "328 04/11/2005 00:29:42.500 SEV=4 IKE/49 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Security negotiation complete for User (alice)  Responder, Inbound SPI "
     "= 0x6d1f3b2a, Outbound SPI = 0xc40f8e11",
     "peer=192.0.2.100 group=sales user=alice spi_in=6d1f3b2a spi_out=c40f8e11 message=IKE/49 detail=4 "
     "repeats=2 sequence=328",
     "ASA 713049"},
    {"IKE/49", {},
     "Security negotiation complete for LAN-to-LAN Group {rest}",
     "331 04/11/2005 00:29:42.500 SEV=4 IKE/49 RPT=2 192.0.2.100\n"
     "Security negotiation complete for LAN-to-LAN Group (192.0.2.100)  Responder, Inbound SPI = "
     "0x6d1f3b2a, Outbound SPI = 0xc40f8e11",
     "peer=192.0.2.100 message=IKE/49 detail=4 repeats=2 sequence=331",
     "ASA 713049: no user"},
    {"IKE/120", concentrator_phase2_done,
     "PHASE 2 COMPLETED (msgid={message_id:hex})",
     "334 04/11/2005 00:29:42.500 SEV=5 IKE/120 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] PHASE 2 COMPLETED (msgid=99e1c4d2)",
     "peer=192.0.2.100 group=sales user=alice message_id=99e1c4d2 message=IKE/120 detail=5 repeats=2 "
     "sequence=334",
     "ASA 713120"},

    // ---- The session; sessions that are none of remote IPsec users are taken back by complete_session()
    {"AUTH/22", concentrator_connected,
     "User [{user}] Group [{group}] connected, Session Type: {rest}",
     "337 04/11/2005 00:29:42.500 SEV=4 AUTH/22 RPT=2\n"
     "User [alice] Group [sales] connected, Session Type: IPSec/NAT-T",
     "group=sales user=alice message=AUTH/22 detail=4 repeats=2 sequence=337 "
     "also=concentrator_session_natt,concentrator_session_ipsec",
     "synthetic: the public LAN-to-LAN line with a user"},
    {"AUTH/28", concentrator_disconnected,
     "User [{user}] Group [{group}] disconnected: {rest}",
     "111412517: 2014 Mar 22 04:07:25.120 +0100 +1:00 %AUTH-5-28: RPT=187418: 192.0.2.29: User [pmoreno] "
     "Group [sales] disconnected:  Session Type: IPSec/UDP  Duration: 16:30:23  Bytes xmt: 632880  Bytes "
     "rcv: 2649665  Reason: User Requested",
     "peer=192.0.2.29 group=sales user=pmoreno message=AUTH-5-28 detail=5 repeats=187418 "
     "sequence=111412517 "
     "also=concentrator_session_esp,concentrator_session_ipsec,concentrator_received_data,"
     "concentrator_sent_data,concentrator_ended_by_user",
     "public parser test, IOS compatible form"},
    {"AUTH/28", concentrator_disconnected,
     "User [{user}], Group [{group}] disconnected: {rest}",
     "Jun  1 14:36:44 vpn 4711 06/01/2004 14:36:44.790 SEV=4 AUTH/28 RPT=37 192.0.2.7  User [user1], "
     "Group [group1] disconnected:  Duration: 0:00:38  Bytes xmt: 16200  Bytes rcv: 0  Reason: User "
     "Requested",
     "peer=192.0.2.7 group=group1 user=user1 device=vpn message=AUTH/28 detail=4 repeats=37 "
     "sequence=4711 "
     "also=concentrator_session_short,concentrator_received_no_data,"
     "concentrator_sent_data,concentrator_ended_by_user",
     "public log, older form"},
    {"IKE/123", concentrator_lost_peer,
     "IKE lost contact with remote peer, deleting connection (keepalive type: {rest}",
     "340 04/11/2005 00:29:42.500 SEV=4 IKE/123 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] IKE lost contact with remote peer, deleting connection (keepalive type: "
     "DPD)",
     "peer=192.0.2.100 group=sales user=alice message=IKE/123 detail=4 repeats=2 sequence=340",
     "ASA 713123"},

    // ---- Delete with reason, as the client will show it
    {"IKE/194", concentrator_lost_peer,
     "Sending {word} Delete With Reason message: Connectivity to Client Lost{rest}",
     "343 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Connectivity to Client Lost.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=343",
     "recalled, unverified"},
    {"IKE/194", concentrator_ended_by_admin,
     "Sending {word} Delete With Reason message: Manually Disconnected by Administrator{rest}",
     "346 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Manually Disconnected by "
     "Administrator.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=346",
     "recalled, unverified"},
    {"IKE/194", concentrator_ended_by_policy,
     "Sending {word} Delete With Reason message: Maximum Configured Lifetime Exceeded{rest}",
     "349 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Maximum Configured Lifetime "
     "Exceeded.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=349",
     "recalled, unverified"},
    {"IKE/194", concentrator_ended_by_policy,
     "Sending {word} Delete With Reason message: Maximum Connect Time Exceeded{rest}",
     "352 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Maximum Connect Time Exceeded.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=352",
     "recalled, unverified"},
    {"IKE/194", concentrator_ended_by_policy,
     "Sending {word} Delete With Reason message: Maximum Idle Time for Session Exceeded{rest}",
     "355 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Maximum Idle Time for Session "
     "Exceeded.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=355",
     "recalled, unverified"},
    {"IKE/194", concentrator_ended_by_shutdown,
     "Sending {word} Delete With Reason message: Peer has been Shut Down{rest}",
     "358 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Peer has been Shut Down.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=358",
     "recalled, unverified"},
    {"IKE/194", concentrator_ended_by_shutdown,
     "Sending {word} Delete With Reason message: Peer Rebooted{rest}",
     "361 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Peer Rebooted.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=361",
     "recalled, unverified"},
    {"IKE/194", concentrator_phase2_proposal_rejected,
     "Sending {word} Delete With Reason message: Policy Negotiation Failed{rest}",
     "364 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Policy Negotiation Failed.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=364",
     "recalled, unverified"},
    {"IKE/194", concentrator_firewall_refused,
     "Sending {word} Delete With Reason message: Firewall Policy Mismatch{rest}",
     "367 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Firewall Policy Mismatch.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=367",
     "recalled, unverified"},
    {"IKE/194", concentrator_certificate_expired,
     "Sending {word} Delete With Reason message: Certificates used have expired{rest}",
     "370 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Certificates used have expired.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=370",
     "recalled, unverified"},
    {"IKE/194", concentrator_version_refused,
     "Sending {word} Delete With Reason message: Client Type or Version not allowed{rest}",
     "373 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Client Type or Version not "
     "allowed.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=373",
     "recalled, unverified"},
    {"IKE/194", concentrator_ended_by_policy,
     "Sending {word} Delete With Reason message: Maximum Configured Connection Time Exceeded{rest}",
     "430 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IPSec Delete With Reason message: Maximum Configured "
     "Connection Time Exceeded.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=430",
     "ASA command reference"},
    {"IKE/194", concentrator_ended_by_admin,
     "Sending {word} Delete With Reason message: Disconnected by Administrator{rest}",
     "433 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IPSec Delete With Reason message: Disconnected by "
     "Administrator.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=433",
     "ASA 713194"},
    {"IKE/194", concentrator_ended_by_shutdown,
     "Sending {word} Delete With Reason message: Peer is having heat problems{rest}",
     "436 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IPSec Delete With Reason message: Peer is having heat "
     "problems.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=436",
     "ASA command reference"},
    {"IKE/194", concentrator_ended_by_shutdown,
     "Sending {word} Delete With Reason message: Peer has been Rebooted{rest}",
     "439 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IPSec Delete With Reason message: Peer has been Rebooted.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=439",
     "synthetic: as the client shows it"},
    {"IKE/194", concentrator_phase2_proposal_rejected,
     "Sending {word} Delete With Reason message: Phase 2 proposal mismatch{rest}",
     "442 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IPSec Delete With Reason message: Phase 2 proposal mismatch.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=442",
     "synthetic: the name of the reason"},
    {"IKE/194", concentrator_certificate_expired,
     "Sending {word} Delete With Reason message: User or Root Certificate has Expired{rest}",
     "445 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IPSec Delete With Reason message: User or Root Certificate "
     "has Expired.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=445",
     "ASA command reference"},
    {"IKE/194", concentrator_firewall_server_down,
     "Sending {word} Delete With Reason message: Failed to contact Zone Integrity Server{rest}",
     "448 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IPSec Delete With Reason message: Failed to contact Zone "
     "Integrity Server.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=448",
     "synthetic: the name of the reason"},
    {"IKE/194", concentrator_aaa_attribute_invalid,
     "Sending {word} Delete With Reason message: ACL parsing error{rest}",
     "451 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IPSec Delete With Reason message: ACL parsing error.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=451",
     "ASA command reference"},
    {"IKE/194", concentrator_deleted,
     "Sending {word} Delete With Reason message: No Reason Provided.",
     "376 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: No Reason Provided.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=376",
     "ASA 713194"},
    {"IKE/194", {},
     "Sending {word} Delete With Reason message: {rest}",
     "379 04/11/2005 00:29:42.500 SEV=4 IKE/194 RPT=2 192.0.2.100\n"
     "Group [sales] User [alice] Sending IKE Delete With Reason message: Unknown Error.",
     "peer=192.0.2.100 group=sales user=alice message=IKE/194 detail=4 repeats=2 sequence=379",
     "ASA 713194"},
};
// clang-format on

constexpr NotOurs kNotOurs[] = {
    {"22 04/06/2005 10:07:08.170 SEV=4 AUTH/22 RPT=9  User [L2L: Site1] Group [L2L: Site1] connected, "
     "Session Type: IPSec/LAN-to-LAN",
     "a LAN-to-LAN peer is no remote user"},
    {"23 04/06/2005 10:07:09.170 SEV=4 AUTH/84 RPT=9  LAN-to-LAN tunnel to headend device 203.0.113.9 "
     "connected",
     "a LAN-to-LAN peer is no remote user"},
    {"31 04/06/2005 10:07:09.170 SEV=5 IKE/120 RPT=9 203.0.113.9\nGroup [L2L: Site1] PHASE 2 COMPLETED "
     "(msgid=99e1c4d2)",
     "phase 2 of a LAN-to-LAN peer is no user's"},
    {"32 04/06/2005 10:07:09.170 SEV=4 IKE/49 RPT=9 203.0.113.9\nGroup [L2L: Site1] User [L2L: Site1] "
     "Security negotiation complete for LAN-to-LAN Group (L2L: Site1)  Responder, Inbound SPI = 0x6d1f3b2a, Outbound "
     "SPI = 0xc40f8e11",
     "a LAN-to-LAN peer is no remote user"},
    {"33 04/06/2005 10:07:09.170 SEV=4 AUTH/28 RPT=9 203.0.113.9  User [L2L: Site1], Group [L2L: Site1] "
     "disconnected:  Duration: 0:10:00  Bytes xmt: 0  Bytes rcv: 0  Reason: User Requested",
     "the end of a LAN-to-LAN tunnel"},
    {"24 04/06/2005 10:07:09.170 SEV=4 AUTH/28 RPT=9 192.0.2.9  User [bob] Group [sales] disconnected:  "
     "Session Type: "
     "PPTP  Duration: 0:10:00  Bytes xmt: 0  Bytes rcv: 0  Reason: User Requested",
     "PPTP is no IPsec session: its zero bytes say nothing about ESP"},
    {"25 04/06/2005 10:07:09.170 SEV=5 AUTH/31 RPT=3  User [ admin ] Protocol [ HTTP ] attempted ADMIN "
     "logon.. FAILED..!",
     "an administrator's logon is no client's"},
    {"26 04/06/2005 10:07:09.170 SEV=5 PPP/9 RPT=3 192.0.2.9  User [bob] disconnected.. failed "
     "authentication "
     "( MSCHAP-V1 )",
     "a PPTP logon is no IPsec client's"},
    {"27 04/06/2005 10:07:09.170 SEV=9 IKEDBG/23 RPT=43 192.168.1.100\nStarting group lookup for peer "
     "192.168.1.100",
     "the lookup has begun, nothing is found yet"},
    {"28 04/06/2005 10:07:09.170 SEV=7 IKEDBG/0 RPT=43 192.168.1.100\nPhase 1 failure against global IKE "
     "proposal # 1:\n"
     "Mismatched attr types for class Hash Alg:\nRcv'd: SHA\nCfg'd: MD5",
     "one candidate of the list did not fit; the next one may"},
    {"29 04/06/2005 10:07:09.170 SEV=4 IKE/142 RPT=3 192.0.2.9\nGroup [sales] User [bob]\nClient did not "
     "report firewall "
     "in use, but there is a configured firewall: allow tunnel. Configured -- Vendor: Zone Labs(2)",
     "the tunnel is allowed, the line is a note"},
};

// ---- headers
// --------------------------------------------------------------------------------------------------

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The peer, as damaged as it may be ("172.16.172.1190", "xxx.xxx.xxx.xxx"): a word of digits, x and * with
// three dots.
bool is_peer(std::string_view word) {
  int dots = 0;
  for (char c : word) {
    if (c == '.') {
      ++dots;
    } else if (!is_digit(c) && fold(c) != 'x' && c != '*') {
      return false;
    }
  }
  return dots == 3;
}

// "IKE/132", "AUTH/5"
bool is_message(std::string_view word) {
  const std::size_t slash = word.find('/');
  if (slash == 0 || slash == std::string_view::npos || slash + 1 == word.size() || !is_digit(word[slash + 1]))
    return false;
  for (std::size_t i = 0; i < slash; ++i)
    if ((fold(word[i]) < 'a' || fold(word[i]) > 'z') && !is_digit(word[i]) && word[i] != '_') return false;
  return fold(word[0]) >= 'a' && fold(word[0]) <= 'z';
}

struct Header {
  Timestamp time = kUntimed;
  std::uint32_t severity = 0, repeats = 0, sequence = 0;
  std::string_view message, peer, host, text;
};

// "11504 01/08/2007 09:10:37.780 SEV=3 AUTH/5 RPT=124 192.168.0.1  text", `mark` = place of "SEV=".
HeaderResult read_original(std::string_view line, std::size_t mark, Header* out) {
  std::string_view before = line.substr(0, mark);
  std::string_view rest = line.substr(mark + 4);
  const std::string_view severity = take_word(rest);
  if (severity.size() > 2 || !to_number(severity, &out->severity))
    return HeaderResult::not_mine;  // a client's "Sev=Info/4"
  out->message = take_word(rest);
  const std::string_view repeats = take_word(rest);
  if (!is_message(out->message) || !begins_with(repeats, "rpt=") ||
      !to_number(repeats.substr(4), &out->repeats))
    return HeaderResult::bad;
  constexpr std::size_t kStampSize = 23;  // "04/07/2005 20:04:16.640"
  before = trimmed(before);
  const std::size_t stamp_at = before.size() - std::min(before.size(), kStampSize);
  std::string_view stamp = before.substr(stamp_at);
  if (take_us_stamp(stamp, &out->time) && stamp.empty()) {
    before = before.substr(0, stamp_at);  // a line that begins within its stamp has less than a whole one
  } else {
    const std::string_view clock = take_last_word(before);
    const std::string_view date = take_last_word(before);
    if (date.empty()) return HeaderResult::bad;
    stamp = {date.data(), static_cast<std::size_t>(clock.data() + clock.size() - date.data())};
    if (!take_us_stamp(stamp, &out->time) || !stamp.empty()) return HeaderResult::bad;
  }
  std::string_view relay = before;
  if (!to_number(take_last_word(before), &out->sequence)) {  // some receivers took the number for the host
    out->sequence = 0;
    before = relay;
  }
  if (!read_relay_header(before, &out->host)) return HeaderResult::not_mine;
  std::string_view behind_peer = rest;
  const std::string_view peer = take_word(behind_peer);
  if (is_peer(peer)) {
    out->peer = peer;
    rest = behind_peer;
  }
  out->text = trimmed(rest);
  return HeaderResult::cut;
}

// "3 1999 Dec 06 14:37:06.680 EDT -4:00" with all of it but the number optional in copies.
void read_ios_stamp(std::string_view in, Header* out) {
  std::string_view number = take_word(in);
  while (!number.empty() && number.back() == ':') number.remove_suffix(1);
  if (!to_number(number, &out->sequence)) return;
  in = trimmed(in);
  int year = 0;
  std::string_view rest = in;
  if (!take_digits(rest, 4, &year) || year < 1990) return;
  rest = trimmed(rest);
  Timestamp time = kUntimed;
  if (!take_month_stamp(rest, year, &time)) return;
  take_word(rest);  // the zone's name
  std::string_view offset = take_word(rest);
  const bool west = !offset.empty() && offset.front() == '-';
  if (!offset.empty() && (offset.front() == '-' || offset.front() == '+')) offset.remove_prefix(1);
  int hours = 0;
  int minutes = 0;
  if (take_digits(offset, 2, &hours) && !offset.empty() && offset.front() == ':') {
    offset.remove_prefix(1);
    take_digits(offset, 2, &minutes);
  }
  const Timestamp shift = (static_cast<Timestamp>(hours) * 60 + minutes) * 60'000;
  out->time = west ? time + shift : time - shift;
}

// "111502127: 2014 Mar 22 04:07:25.120 +0100 +1:00 %AUTH-4-5: RPT=333150: 192.0.2.29: text", `mark` = place
// of "RPT=".
HeaderResult read_ios(std::string_view line, std::size_t mark, Header* out) {
  std::string_view before = trimmed(line.substr(0, mark));
  if (!before.empty() && before.back() == ':') before.remove_suffix(1);
  const std::size_t percent = before.rfind('%');
  if (percent == std::string_view::npos) return HeaderResult::not_mine;
  const std::string_view tag = before.substr(percent + 1);
  const std::size_t first = tag.find('-');
  if (first == std::string_view::npos || first + 3 >= tag.size() || tag[first + 2] != '-' ||
      !is_digit(tag[first + 1]))
    return HeaderResult::not_mine;
  std::uint32_t number = 0;
  if (!to_number(tag.substr(first + 3), &number)) return HeaderResult::not_mine;
  out->severity = static_cast<std::uint32_t>(tag[first + 1] - '0');
  out->message = tag;
  std::string_view rest = line.substr(mark + 4);
  std::size_t digits = 0;
  while (digits < rest.size() && is_digit(rest[digits])) ++digits;
  if (!to_number(rest.substr(0, digits), &out->repeats)) return HeaderResult::bad;
  rest = trimmed(rest.substr(digits));
  if (!rest.empty() && rest.front() == ':') rest = trimmed(rest.substr(1));
  std::string_view behind = rest;
  std::string_view peer = take_word(behind);
  if (!peer.empty() && peer.back() == ':') peer.remove_suffix(1);
  if (peer.empty() || is_peer(peer)) {
    out->peer = peer;
    rest = behind;
  }
  out->text = trimmed(rest);
  // The number is the first word that ends in a colon or is followed by a year; a relay header may stand
  // before it.
  std::string_view head = line.substr(0, percent);
  for (std::string_view in = head; !in.empty();) {
    const std::string_view here = trimmed(in);
    const std::string_view word = take_word(in);
    if (word.empty()) break;
    std::uint32_t sequence = 0;
    std::string_view bare = word;
    if (bare.back() == ':') bare.remove_suffix(1);
    int own_year = 0;
    std::string_view next = trimmed(in);
    if (to_number(bare, &sequence) &&
        (word.back() == ':' || (take_digits(next, 4, &own_year) && own_year > 1989))) {
      read_ios_stamp(here, out);
      head = head.substr(0, static_cast<std::size_t>(here.data() - head.data()));
      break;
    }
  }
  return read_relay_header(head, &out->host) ? HeaderResult::cut : HeaderResult::not_mine;
}

// ---- the prefix of names
// --------------------------------------------------------------------------------------

// A name in brackets at the front: up to the first bracket that a blank or the end follows.
bool take_bracketed(std::string_view& text, std::string_view start, std::string_view* name) {
  if (!begins_with(text, start)) return false;
  for (std::size_t end = text.find(']', start.size()); end != std::string_view::npos;
       end = text.find(']', end + 1)) {
    if (end + 1 < text.size() && !is_blank(text[end + 1])) {
      if (text[end + 1] == ',') return false;  // "User [u], Group [g] disconnected": part of the message
      continue;
    }
    *name = text.substr(start.size(), end - start.size());
    text = trimmed(text.substr(end + 1));
    return true;
  }
  return false;
}

bool closes_more_than_it_opens(std::string_view text) {
  if (text.find(']') == std::string_view::npos) return false;
  int depth = 0;
  for (char c : text) {
    if (c == '[') ++depth;
    if (c == ']' && --depth < 0) return true;
  }
  return false;
}

HeaderResult check_name(std::string_view name) {
  if (name.size() > kNameBytesMax) return HeaderResult::bad_field;
  for (char c : name)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) return HeaderResult::bad_field;
  int depth = 0;
  for (char c : name) depth += c == '[' ? 1 : c == ']' ? -1 : 0;
  return depth == 0 && !closes_more_than_it_opens(name) ? HeaderResult::cut : HeaderResult::ambiguous;
}

// "Group [g]", "User [u]" or both in front of the message, on its line or on one of their own.
HeaderResult cut_names(std::string_view& text, Event& event) {
  std::string_view rest = trimmed(text);
  std::string_view group;
  std::string_view user;
  const bool has_group = take_bracketed(rest, "group [", &group);
  std::string_view behind_user = rest;
  bool has_user = take_bracketed(behind_user, "user [", &user);
  if (has_user && !has_group && begins_with(behind_user, "group ["))
    has_user = false;  // "User [u] Group [g] connected"
  if (has_user) rest = behind_user;
  if (!has_group && !has_user) return HeaderResult::cut;
  for (std::string_view name : {group, user})
    if (const HeaderResult result = check_name(name); result != HeaderResult::cut) return result;
  if (begins_with(rest, "group [") || begins_with(rest, "user [") || closes_more_than_it_opens(rest))
    return HeaderResult::ambiguous;
  if (has_group && group != "NONE") event.group = group;
  if (has_user) event.user = trimmed(user);
  text = rest;
  return HeaderResult::cut;
}

HeaderResult cut_header(std::string_view line, SourceState&, Event& event, std::string_view& text) {
  Header header;
  HeaderResult result = HeaderResult::not_mine;
  if (const std::size_t sev = find_mark(line, "sev"); sev != std::string_view::npos) {
    result = read_original(line, sev, &header);
  } else if (const std::size_t rpt = find_mark(line, "rpt"); rpt != std::string_view::npos) {
    result = read_ios(line, rpt, &header);
  }
  if (result != HeaderResult::cut) return result;
  event.time = header.time;
  event.detail = static_cast<std::uint8_t>(header.severity);
  event.repeats = header.repeats;
  event.sequence = header.sequence;
  event.message = header.message;
  if (!header.host.empty()) event.device = header.host;
  if (!header.peer.empty()) event.peer = header.peer;
  text = header.text;
  return HeaderResult::cut;
}

// ---- sessions
// -------------------------------------------------------------------------------------------------

// The value behind `label`, up to the label that follows or the end.
std::string_view value_of(std::string_view text, std::string_view label, std::string_view next_label) {
  const std::size_t at = text.find(label);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = text.substr(at + label.size());
  return trimmed(rest.substr(0, std::min(rest.find(next_label), rest.size())));
}

bool same_word(std::string_view a, std::string_view lower_case) {
  return a.size() == lower_case.size() && begins_with(a, lower_case);
}

// Which port or protocol carries the session's data; false when it is no remote access session of IPsec.
bool add_session_type(std::string_view type, FactMask& says) {
  if (same_word(type, "ipsec/nat-t") || same_word(type, "ipsecovernatt") || same_word(type, "ipsec/tcp") ||
      same_word(type, "ipsecovertcp")) {
    says |= {concentrator_session_natt, concentrator_session_ipsec};
    return true;
  }
  if (same_word(type, "ipsec") || same_word(type, "ipsec/udp") || same_word(type, "ipsecoverudp")) {
    says |= {concentrator_session_esp, concentrator_session_ipsec};
    return true;
  }
  return false;
}

void add_bytes(std::string_view count, Fact some, Fact none, FactMask& says) {
  std::size_t digits = 0;
  bool zero = true;
  for (; digits < count.size() && is_digit(count[digits]); ++digits) zero = zero && count[digits] == '0';
  if (digits > 0) says.insert(zero ? none : some);
}

// "0:01:38"; days and hours only make it longer.
void add_duration(std::string_view duration, Event& event) {
  std::uint32_t parts[3] = {};
  for (std::uint32_t& part : parts) {
    const std::string_view digits = duration.substr(0, std::min(duration.find(':'), duration.size()));
    if (!to_number(trimmed(digits), &part)) return;
    duration.remove_prefix(std::min(duration.size(), digits.size() + 1));
  }
  constexpr std::uint32_t kShortMinutes = 2;
  if (parts[0] == 0 && parts[1] < kShortMinutes) event.says.insert(concentrator_session_short);
  event.lasted = ((Timestamp{parts[0]} * 60 + parts[1]) * 60 + parts[2]) * 1000;
}

void add_reason(std::string_view reason, FactMask& says) {
  constexpr struct {
    std::string_view start;  // lower case
    Fact fact;
  } kReasons[] = {
      {"user requested", concentrator_ended_by_user},
      {"idle timeout", concentrator_ended_by_policy},
      {"ipsec sa idle timeout", concentrator_ended_by_policy},
      {"max time exceeded", concentrator_ended_by_policy},
      {"ipsec sa max time exceeded", concentrator_ended_by_policy},
      {"administrator reset", concentrator_ended_by_admin},
      {"administrator reboot", concentrator_ended_by_shutdown},
      {"administrator shutdown", concentrator_ended_by_shutdown},
      {"lost service", concentrator_lost_peer},
      {"lost carrier", concentrator_lost_peer},
      {"port preempted", concentrator_session_preempted},
  };
  for (const auto& row : kReasons)
    if (begins_with(reason, row.start)) says.insert(row.fact);
}

// Adds what the end of a session line says. Only what stands behind the last "(dis)connected" is the device's
// own text: names may hold anything. Sessions that are not of remote IPsec users say nothing, and neither does
// any other line about a LAN-to-LAN peer, whose group and user are both "L2L: its name".
void complete_session(SourceState&, Event& event) {
  if (begins_with(event.group, "l2l:") || begins_with(event.user, "l2l:")) {
    event.says = {};
    return;
  }
  if (!event.says.empty() && group_is_its_address(event)) event.says.insert(concentrator_peer_is_site);
  const bool closes = event.says.has(concentrator_disconnected);
  if (!closes && !event.says.has(concentrator_connected)) return;
  const std::size_t at = event.text.rfind(closes ? "disconnected:" : "connected, Session Type:");
  if (at == std::string_view::npos) return;
  const std::string_view tail = event.text.substr(at);
  const std::string_view type = value_of(tail, "Session Type:", "Duration:");
  const bool has_type = tail.find("Session Type:") != std::string_view::npos;
  if (has_type && !add_session_type(type, event.says)) {
    event.says = {};
    return;
  }
  if (!closes) return;
  add_duration(value_of(tail, "Duration:", "Bytes xmt:"), event);
  add_bytes(value_of(tail, "Bytes xmt:", "Bytes rcv:"), concentrator_sent_data, concentrator_sent_no_data,
            event.says);
  add_bytes(value_of(tail, "Bytes rcv:", "Reason:"), concentrator_received_data,
            concentrator_received_no_data, event.says);
  add_reason(value_of(tail, "Reason:", "\n"), event.says);
}

HeaderResult cut_prefix(std::string_view message, SourceState&, Event& event, std::string_view& text) {
  text = message;
  return cut_names(text, event);
}

constexpr std::string_view kPrefixStarts[] = {"group [", "user ["};

}  // namespace

constinit const DialectTable kVpn3000 = {
    .id = Dialect::vpn3000,
    .vantage = Vantage::concentrator,
    .continues = true,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = kNotOurs,
    .complete = complete_session,
    .cut_prefix = cut_prefix,
    .prefix_starts = kPrefixStarts,
    .headerless = true,
};

}  // namespace vpnverdict::dialect

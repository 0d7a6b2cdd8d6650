// Cisco VPN Client (Windows, Linux, Mac): its event log, and the transcript of the command line program,
// whose lines have no header. Times are the PC's; the id is a Windows message id whose low 28 bits say which
// event it is.
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
    // ---- Packets sent: AG aggressive, MM main, QM quick, TRANS XAuth and mode config; * is encrypted
    {"IKE/0x63000013", client_hash_failed,
     "SENDING >>> ISAKMP OAK INFO (NOTIFY:INVALID_HASH_INFO) to {gateway}",
     "121 20:04:56.778 06/20/05 Sev=Info/4IKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK INFO (NOTIFY:INVALID_HASH_INFO) to 172.16.172.119",
     "gateway=172.16.172.119 message=IKE/0x63000013 detail=4 sequence=121",
     "seed Ex 8-6"},
    {"IKE/0x63000013", client_hash_failed,
     "SENDING >>> ISAKMP OAK INFO *(HASH, NOTIFY:INVALID_HASH_INFO) to {gateway}",
     "595 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK INFO *(HASH, NOTIFY:INVALID_HASH_INFO) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=595",
     "synthetic: the encrypted form"},
    {"IKE/0x63000013", FactMask{client_sent_am1, client_ikev1},
     "SENDING >>> ISAKMP OAK AG (SA, {more}) to {gateway}",
     "596 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK AG (SA, KE, NON, ID, VID(Xauth), VID(dpd), VID(Nat-T), VID(Frag), "
     "VID(Unity)) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=596",
     "synthetic: message 1 of seed Ex 8-8"},
    {"IKE/0x63000013", client_repeated_am1,
     "SENDING >>> ISAKMP OAK AG (Retransmission) to {gateway}",
     "597 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK AG (Retransmission) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=597",
     "synthetic: the unencrypted form of seed Ex 8-8"},
    {"IKE/0x63000013", client_sent_am3,
     "SENDING >>> ISAKMP OAK AG *(HASH{more}) to {gateway}",
     "603 20:47:46.355 06/21/05 Sev=Info/4IKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK AG *(HASH, NOTIFY:STATUS_INITIAL_CONTACT, NAT-D, NAT-D,\n"
     "VID(?), VID(Unity)) to 172.16.172.119",
     "gateway=172.16.172.119 message=IKE/0x63000013 detail=4 sequence=603",
     "seed Ex 8-8"},
    {"IKE/0x63000013", client_repeated_am3,
     "SENDING >>> ISAKMP OAK AG *(Retransmission) to {gateway}",
     "611 20:47:54.327 06/21/05 Sev=Info/4IKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK AG *(Retransmission) to 172.16.172.119",
     "gateway=172.16.172.119 message=IKE/0x63000013 detail=4 sequence=611",
     "seed Ex 8-8"},
    {"IKE/0x63000013", FactMask{client_sent_am1, client_ikev1},
     "SENDING >>> ISAKMP OAK MM (SA, {more}) to {gateway}",
     "598 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK MM (SA, VID(Xauth), VID(dpd), VID(Nat-T), VID(Frag), VID(Unity)) to "
     "203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=598",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000013", client_repeated_am1,
     "SENDING >>> ISAKMP OAK MM (Retransmission) to {gateway}",
     "599 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK MM (Retransmission) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=599",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000013", FactMask{client_sent_am3, client_uses_certificate},
     "SENDING >>> ISAKMP OAK MM *(ID, CERT{more}) to {gateway}",
     "600 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK MM *(ID, CERT, CERT_REQ, SIG, NOTIFY:STATUS_INITIAL_CONTACT) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=600",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000013", client_sent_am3,
     "SENDING >>> ISAKMP OAK MM *(ID{more}) to {gateway}",
     "600 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK MM *(ID, HASH, NOTIFY:STATUS_INITIAL_CONTACT) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=600",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000013", client_repeated_am3,
     "SENDING >>> ISAKMP OAK MM *(Retransmission) to {gateway}",
     "601 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK MM *(Retransmission) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=601",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000013", client_phase1_done,
     "SENDING >>> ISAKMP OAK TRANS *(HASH{more}) to {gateway}",
     "602 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK TRANS *(HASH, ATTR) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=602",
     "synthetic: XAuth and mode config in the same words"},
    {"IKE/0x63000013", client_phase2_started,
     "SENDING >>> ISAKMP OAK QM *(HASH, SA{more}) to {gateway}",
     "603 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK QM *(HASH, SA, NON, ID, ID) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=603",
     "synthetic: phase 2 in the same words"},
    {"IKE/0x63000013", client_deleted,
     "SENDING >>> ISAKMP OAK INFO *(HASH, DWR) to {gateway}",
     "636 20:49:18.007 06/21/05 Sev=Info/4IKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK INFO *(HASH, DWR) to 199.246.40.12",
     "gateway=199.246.40.12 message=IKE/0x63000013 detail=4 sequence=636",
     "seed Ex 8-8: to another address than the peer [sic]"},
    {"IKE/0x63000013", client_deleted,
     "SENDING >>> ISAKMP OAK INFO *(HASH, DEL) to {gateway}",
     "604 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK INFO *(HASH, DEL) to 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000013 detail=4 sequence=604",
     "synthetic: a delete without a reason"},

    // ---- Packets received
    {"IKE/0x63000014", FactMask{client_received_any, client_received_am2, client_natt_offered},
     "RECEIVING <<< ISAKMP OAK AG (SA, KE, NON, ID, HASH{more}VID(Nat-T){more}NAT-D{more}) from {gateway}",
     "595 20:47:46.335 06/21/05 Sev=Info/4IKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK AG (SA, KE, NON, ID, HASH, VID(Unity), VID(Xauth), VID(dpd),\n"
     "VID(Nat-T), NAT-D, NAT-D, VID(Frag), VID(?), VID(?)) from 172.16.172.119",
     "gateway=172.16.172.119 message=IKE/0x63000014 detail=4 sequence=595",
     "seed Ex 8-8"},
    {"IKE/0x63000014", FactMask{client_received_any, client_received_am2},
     "RECEIVING <<< ISAKMP OAK AG (SA, {more}) from {gateway}",
     "135 20:12:54.580 06/20/05 Sev=Info/4IKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK AG (SA, KE, NON, ID, HASH, VID, VID, VID, VID) from\n"
     "172.16.172.119",
     "gateway=172.16.172.119 message=IKE/0x63000014 detail=4 sequence=135",
     "seed Ex 8-6"},
    {"IKE/0x63000014", client_peer_repeats_am2,
     "RECEIVING <<< ISAKMP OAK AG (Retransmission) from {gateway}",
     "609 20:47:54.327 06/21/05 Sev=Info/4IKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK AG (Retransmission) from 172.16.172.119",
     "gateway=172.16.172.119 message=IKE/0x63000014 detail=4 sequence=609",
     "seed Ex 8-8"},
    {"IKE/0x63000014", FactMask{client_received_any, client_received_am2},
     "RECEIVING <<< ISAKMP OAK MM (SA{more}) from {gateway}",
     "605 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK MM (SA, VID(Nat-T), VID(Frag)) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=605",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000014", client_peer_repeats_am2,
     "RECEIVING <<< ISAKMP OAK MM (Retransmission) from {gateway}",
     "606 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK MM (Retransmission) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=606",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000014", FactMask{client_received_any, client_natt_offered},
     "RECEIVING <<< ISAKMP OAK MM (KE, NON{more}NAT-D{more}) from {gateway}",
     "607 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK MM (KE, NON, CERT_REQ, VID(Unity), NAT-D, NAT-D) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=607",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000014", client_received_any,
     "RECEIVING <<< ISAKMP OAK MM (KE, NON{more}) from {gateway}",
     "608 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK MM (KE, NON, CERT_REQ, VID(Unity)) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=608",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000014", client_phase1_done,
     "RECEIVING <<< ISAKMP OAK MM *(ID{more}) from {gateway}",
     "609 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK MM *(ID, CERT, SIG) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=609",
     "synthetic: main mode in the same words"},
    {"IKE/0x63000014", client_phase1_done,
     "RECEIVING <<< ISAKMP OAK TRANS *(HASH{more}) from {gateway}",
     "610 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK TRANS *(HASH, ATTR) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=610",
     "synthetic: XAuth and mode config in the same words"},
    {"IKE/0x63000014", client_phase2_started,
     "RECEIVING <<< ISAKMP OAK QM *(HASH, SA{more}) from {gateway}",
     "611 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK QM *(HASH, SA, NON, ID, ID, NOTIFY:STATUS_RESP_LIFETIME) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=611",
     "synthetic: phase 2 in the same words"},
    {"IKE/0x63000014", FactMask{client_received_any, client_no_proposal_notify},
     "RECEIVING <<< ISAKMP OAK INFO (NOTIFY:NO_PROPOSAL_CHOSEN) from {gateway}",
     "612 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK INFO (NOTIFY:NO_PROPOSAL_CHOSEN) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=612",
     "synthetic: notifies and deletes in the same words"},
    {"IKE/0x63000014", FactMask{client_received_any, client_auth_refused_notify},
     "RECEIVING <<< ISAKMP OAK INFO (NOTIFY:AUTHENTICATION_FAILED) from {gateway}",
     "613 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK INFO (NOTIFY:AUTHENTICATION_FAILED) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=613",
     "synthetic: notifies and deletes in the same words"},
    {"IKE/0x63000014", client_phase2_refused,
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, NOTIFY:NO_PROPOSAL_CHOSEN) from {gateway}",
     "614 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, NOTIFY:NO_PROPOSAL_CHOSEN) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=614",
     "synthetic: notifies and deletes in the same words"},
    {"IKE/0x63000014", client_phase2_network_refused,
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, NOTIFY:INVALID_ID_INFO) from {gateway}",
     "615 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, NOTIFY:INVALID_ID_INFO) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=615",
     "synthetic: notifies and deletes in the same words"},
    {"IKE/0x63000014", client_got_delete,
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, DWR) from {gateway}",
     "616 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, DWR) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=616",
     "synthetic: notifies and deletes in the same words"},
    {"IKE/0x63000014", client_got_delete,
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, DEL) from {gateway}",
     "617 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, DEL) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=617",
     "synthetic: notifies and deletes in the same words"},
    {"IKE/0x63000014", client_got_delete,
     "RECEIVING <<< ISAKMP OAK INFO (DEL) from {gateway}",
     "618 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK INFO (DEL) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=618",
     "synthetic: notifies and deletes in the same words"},
    {"IKE/0x63000014", client_received_any,
     "RECEIVING <<< ISAKMP OAK INFO {more}) from {gateway}",
     "619 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000014\n"
     "RECEIVING <<< ISAKMP OAK INFO *(HASH, NOTIFY:STATUS_DPD_ACK) from 203.0.113.8",
     "gateway=203.0.113.8 message=IKE/0x63000014 detail=4 sequence=619",
     "synthetic: other notifies"},

    // ---- The IKE event log
    {"IKE/0x6300002F", client_received_any,
     "Received ISAKMP packet: peer = {gateway}",
     "608 20:47:54.327 06/21/05 Sev=Info/5IKE/0x6300002F\n"
     "Received ISAKMP packet: peer = 172.16.172.119",
     "gateway=172.16.172.119 message=IKE/0x6300002F detail=5 sequence=608",
     "seed Ex 8-8"},
    {"IKE/0x63000021", {},
     "Retransmitting last packet",
     "610 20:47:54.327 06/21/05 Sev=Info/4IKE/0x63000021\n"
     "Retransmitting last packet",
     "message=IKE/0x63000021 detail=4 sequence=610",
     "seed Ex 8-8: the next line says which"},
    {"IKE/0xA3000058", client_got_delete,
     "Received {word}alformed message or negotiation no longer active (message id: {message_id:hex})",
     "625 20:48:18.321 06/21/05 Sev=Warning/3IKE/0xA3000058\n"
     "Received CAlformed message or negotiation no longer active (message id: 0xB7381790)",
     "message_id=b7381790 message=IKE/0xA3000058 detail=3 sequence=625",
     "seed Ex 8-8 [sic]"},
    {"IKE/0x43000055", client_keepalive,
     "Sent a keepalive on the IPSec SA",
     "24     14:54:48.002  09/10/2006  Sev=Info/6     IKE/0x43000055\n"
     "Sent a keepalive on the IPSec SA",
     "message=IKE/0x43000055 detail=6 sequence=24",
     "public log, Linux client"},
    {"", client_hash_failed,
     "Hash verification failed...{_}may be configured with invalid group password.",
     "Hash verification failed...\n"
     "May be configured with\n"
     "invalid group password.",
     "",
     "seed Table 8-6, no header"},
    {"", client_not_responding,
     "GI VPN start callback failed \"CM_PEER_NOT_RESPONDING\" ({word}){rest}",
     "GI VPN start callback failed\n"
     "\"CM_PEER_NOT_RESPONDING\"\n"
     "(16h).",
     "",
     "seed Table 8-6, no header"},
    {"", client_hash_failed,
     "The received HASH payload cannot be verified",
     "620 20:47:46.335 06/21/05 Sev=Warning/2\tIKE/0x63000000\n"
     "The received HASH payload cannot be verified",
     "message=IKE/0x63000000 detail=2 sequence=620",
     "recalled, unverified"},
    {"GUI/0xE3B0000C", client_xauth_failed,
     "GI VPN start callback failed \"CM_USER_NOT_AUTHENTICATED\" ({word}){rest}",
     "621 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0xE3B0000C\n"
     "GI VPN start callback failed \"CM_USER_NOT_AUTHENTICATED\" (16h).",
     "message=GUI/0xE3B0000C detail=2 sequence=621",
     "recalled, unverified"},
    {"GUI/0xE3B0000C", client_dns_failed,
     "GI VPN start callback failed \"CM_FAILED_TO_RESOLVE_SERVER\" ({word}){rest}",
     "622 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0xE3B0000C\n"
     "GI VPN start callback failed \"CM_FAILED_TO_RESOLVE_SERVER\" (16h).",
     "message=GUI/0xE3B0000C detail=2 sequence=622",
     "recalled, unverified"},
    {"GUI/0xE3B0000C", client_failed,
     "GI VPN start callback failed \"{word}\" ({word}){rest}",
     "623 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0xE3B0000C\n"
     "GI VPN start callback failed \"CM_IKE_ESTABLISH_FAIL\" (1Ch).",
     "message=GUI/0xE3B0000C detail=2 sequence=623",
     "recalled, unverified"},
    {"CVPND/0x83400011", client_send_failed,
     "Error {word} sending packet. {rest}",
     "305 10:28:16.787 05/22/2008 Sev=Warning/2 CVPND/0x83400011\n"
     "Error -28 sending packet.\n"
     "Output size mismatch. Actual: 0, Expected: 237. (DRVIFACE:1319)",
     "message=CVPND/0x83400011 detail=2 sequence=305",
     "public log, Mac client"},
    {"CM/0x63100002", client_started,
     "Begin connection process",
     "624 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100002\n"
     "Begin connection process",
     "message=CM/0x63100002 detail=4 sequence=624",
     "recalled, unverified"},
    {"CM/0x63100024", {},
     "Attempt connection with server \"{name}\"",
     "625 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100024\n"
     "Attempt connection with server \"203.0.113.8\"",
     "message=CM/0x63100024 detail=4 sequence=625",
     "recalled, unverified"},
    {"IKE/0x6300003B", client_started,
     "Attempting to establish a connection with {gateway}.",
     "626 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x6300003B\n"
     "Attempting to establish a connection with 203.0.113.8.",
     "gateway=203.0.113.8 message=IKE/0x6300003B detail=4 sequence=626",
     "recalled, unverified"},
    {"IKE/0x63000001", {},
     "Starting IKE Phase 1 Negotiation",
     "627 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000001\n"
     "Starting IKE Phase 1 Negotiation",
     "message=IKE/0x63000001 detail=4 sequence=627",
     "recalled, unverified"},
    {"IKE/0x63000083", client_used_udp4500,
     "IKE Port in use - Local Port = 0x1194, Remote Port = 0x1194",
     "628 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000083\n"
     "IKE Port in use - Local Port = 0x1194, Remote Port = 0x1194",
     "message=IKE/0x63000083 detail=4 sequence=628",
     "recalled, unverified"},
    {"IKE/0x63000083", client_used_udp4500,
     "IKE Port in use - Local Port = {hex}, Remote Port = 0x1194",
     "688 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000083\n"
     "IKE Port in use - Local Port =  0xC3A1, Remote Port = 0x1194",
     "message=IKE/0x63000083 detail=4 sequence=688",
     "synthetic: the client's own port is any, 0x1194 = 4500 is the gateway's"},
    {"IKE/0x63000083", {},
     "IKE Port in use - Local Port = {hex}, Remote Port = {hex}",
     "629 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000083\n"
     "IKE Port in use - Local Port =  0x01F4, Remote Port = 0x01F4",
     "message=IKE/0x63000083 detail=4 sequence=629",
     "recalled, unverified"},
    {"CM/0x6310000E", client_phase1_done,
     "Established Phase 1 SA. {int} Crypto Active IKE SA, 0 User Authenticated IKE SA in the system",
     "630 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x6310000E\n"
     "Established Phase 1 SA.  1 Crypto Active IKE SA, 0 User Authenticated IKE SA in the system",
     "message=CM/0x6310000E detail=4 sequence=630",
     "recalled, unverified"},
    {"CM/0x6310000E", FactMask{client_phase1_done, client_user_accepted},
     "Established Phase 1 SA. {int} Crypto Active IKE SA, {int} User Authenticated IKE SA in the system",
     "631 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x6310000E\n"
     "Established Phase 1 SA.  1 Crypto Active IKE SA, 1 User Authenticated IKE SA in the system",
     "message=CM/0x6310000E detail=4 sequence=631",
     "recalled, unverified"},
    {"CM/0x63100015", client_xauth_prompted,
     "Launch xAuth application",
     "632 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100015\n"
     "Launch xAuth application",
     "message=CM/0x63100015 detail=4 sequence=632",
     "recalled, unverified"},
    {"CM/0x63100017", client_xauth_answered,
     "xAuth application returned",
     "633 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100017\n"
     "xAuth application returned",
     "message=CM/0x63100017 detail=4 sequence=633",
     "recalled, unverified"},
    {"CM/0x63100018", client_user_cancelled,
     "User does not provide any authentication data",
     "660 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100018\n"
     "User does not provide any authentication data",
     "message=CM/0x63100018 detail=4 sequence=660",
     "recalled, unverified"},
    {"CM/0x63100019", client_mode_config_started,
     "Mode Config data received",
     "661 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100019\n"
     "Mode Config data received",
     "message=CM/0x63100019 detail=4 sequence=661",
     "recalled, unverified"},
    {"IKE/0x6300005E", client_mode_config_started,
     "Client sending a firewall request to concentrator",
     "634 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x6300005E\n"
     "Client sending a firewall request to concentrator",
     "message=IKE/0x6300005E detail=4 sequence=634",
     "recalled, unverified"},
    {"IKE/0x63000010", client_address_received,
     "MODE_CFG_REPLY: Attribute = INTERNAL_IPV4_ADDRESS: , value = {address}",
     "635 20:47:46.335 06/21/05 Sev=Info/5\tIKE/0x63000010\n"
     "MODE_CFG_REPLY: Attribute = INTERNAL_IPV4_ADDRESS: , value = 10.40.1.33",
     "address=10.40.1.33 message=IKE/0x63000010 detail=5 sequence=635",
     "recalled, unverified"},
    {"IKE/0x6300000E", {},
     "MODE_CFG_REPLY: Attribute = {rest}",
     "636 20:47:46.335 06/21/05 Sev=Info/5\tIKE/0x6300000E\n"
     "MODE_CFG_REPLY: Attribute = APPLICATION_VERSION, value = Cisco Systems, Inc./VPN 3000 Concentrator "
     "Version 4.7.2.F",
     "message=IKE/0x6300000E detail=5 sequence=636",
     "recalled, unverified"},
    {"IKE/0x63000059", client_phase2_started,
     "Loading IPsec SA (MsgID={message_id:hex} OUTBOUND SPI = {spi_out:hex} INBOUND SPI = {spi_in:hex})",
     "637 20:47:46.335 06/21/05 Sev=Info/5\tIKE/0x63000059\n"
     "Loading IPsec SA (MsgID=99E1C4D2 OUTBOUND SPI = 0x6D1F3B2A INBOUND SPI = 0xC40F8E11)",
     "message_id=99e1c4d2 spi_out=6d1f3b2a spi_in=c40f8e11 message=IKE/0x63000059 detail=5 sequence=637",
     "recalled, unverified"},
    {"CM/0x6310001A", client_connected,
     "One secure connection established",
     "638 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x6310001A\n"
     "One secure connection established",
     "message=CM/0x6310001A detail=4 sequence=638",
     "recalled, unverified"},
    {"IKE/0x63000017", client_not_responding,
     "Marking IKE SA for deletion (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_PEER_NOT_RESPONDING",
     "639 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Marking IKE SA for deletion (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=0000000000000000) reason = "
     "DEL_REASON_PEER_NOT_RESPONDING",
     "cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=639",
     "recalled, unverified"},
    {"IKE/0x63000017", client_got_delete,
     "Marking IKE SA for deletion (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_PEER_DELETION",
     "640 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Marking IKE SA for deletion (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=0000000000000000) reason = "
     "DEL_REASON_PEER_DELETION",
     "cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=640",
     "recalled, unverified"},
    {"IKE/0x63000017", client_deleted,
     "Marking IKE SA for deletion (I_Cookie={cookie:hex} R_Cookie={hex}) reason = DEL_REASON_RESET_SADB",
     "641 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Marking IKE SA for deletion (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=0000000000000000) reason = "
     "DEL_REASON_RESET_SADB",
     "cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=641",
     "recalled, unverified"},
    {"IKE/0x63000017", client_failed,
     "Marking IKE SA for deletion (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_IKE_NEG_FAILED",
     "642 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Marking IKE SA for deletion  (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=0000000000000000) reason = "
     "DEL_REASON_IKE_NEG_FAILED",
     "cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=642",
     "recalled, unverified"},
    {"IKE/0x63000017", client_not_responding,
     "Discarding IKE SA negotiation (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_PEER_NOT_RESPONDING",
     "643 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Discarding IKE SA negotiation (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=0000000000000000) reason = "
     "DEL_REASON_PEER_NOT_RESPONDING",
     "cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=643",
     "recalled, unverified"},
    {"IKE/0x63000017", client_got_delete,
     "Discarding IKE SA negotiation (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_PEER_DELETION",
     "644 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Discarding IKE SA negotiation (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=0000000000000000) reason = "
     "DEL_REASON_PEER_DELETION",
     "cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=644",
     "recalled, unverified"},
    {"IKE/0x63000017", client_deleted,
     "Discarding IKE SA negotiation (I_Cookie={cookie:hex} R_Cookie={hex}) reason = DEL_REASON_RESET_SADB",
     "645 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Discarding IKE SA negotiation (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=0000000000000000) reason = "
     "DEL_REASON_RESET_SADB",
     "cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=645",
     "recalled, unverified"},
    {"IKE/0x63000017", client_failed,
     "Discarding IKE SA negotiation (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_IKE_NEG_FAILED",
     "646 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Discarding IKE SA negotiation  (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=0000000000000000) reason = "
     "DEL_REASON_IKE_NEG_FAILED",
     "cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=646",
     "recalled, unverified"},
    {"IKE/0x63000017", client_failed,
     "Discarding IKE SA negotiation (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_WE_FAILED_AUTH",
     "654 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Discarding IKE SA negotiation (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=C4D5E6F708192A3B) reason = "
     "DEL_REASON_WE_FAILED_AUTH",
     "also=client_received_any cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=654",
     "recalled, unverified"},
    {"IKE/0x63000017", client_failed,
     "Discarding IKE SA negotiation (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_PEER_FAILED_AUTH",
     "655 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Discarding IKE SA negotiation (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=C4D5E6F708192A3B) reason = "
     "DEL_REASON_PEER_FAILED_AUTH",
     "also=client_received_any cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=655",
     "recalled, unverified"},
    {"IKE/0x63000017", client_failed,
     "Discarding IKE SA negotiation (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_CANNOT_AUTH",
     "656 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Discarding IKE SA negotiation (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=C4D5E6F708192A3B) reason = "
     "DEL_REASON_CANNOT_AUTH",
     "also=client_received_any cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=656",
     "recalled, unverified"},
    {"IKE/0x63000017", client_failed,
     "Marking IKE SA for deletion (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_WE_FAILED_AUTH",
     "657 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Marking IKE SA for deletion (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=C4D5E6F708192A3B) reason = "
     "DEL_REASON_WE_FAILED_AUTH",
     "also=client_received_any cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=657",
     "recalled, unverified"},
    {"IKE/0x63000017", client_failed,
     "Marking IKE SA for deletion (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_PEER_FAILED_AUTH",
     "658 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Marking IKE SA for deletion (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=C4D5E6F708192A3B) reason = "
     "DEL_REASON_PEER_FAILED_AUTH",
     "also=client_received_any cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=658",
     "recalled, unverified"},
    {"IKE/0x63000017", client_failed,
     "Marking IKE SA for deletion (I_Cookie={cookie:hex} R_Cookie={hex}) reason = "
     "DEL_REASON_CANNOT_AUTH",
     "659 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Marking IKE SA for deletion (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=C4D5E6F708192A3B) reason = "
     "DEL_REASON_CANNOT_AUTH",
     "also=client_received_any cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=659",
     "recalled, unverified"},
    {"IKE/0x63000017", client_terminated_by_peer,
     "Marking IKE SA for deletion (I_Cookie={cookie:hex} R_Cookie={hex}) reason = PEER_DELETE-{word}",
     "664 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Marking IKE SA for deletion  (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=C4D5E6F708192A3B) reason = "
     "PEER_DELETE-IKE_DELETE_UNSPECIFIED",
     "also=client_received_any cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=664",
     "recalled, unverified"},
    {"IKE/0x63000017", client_terminated_by_peer,
     "Discarding IKE SA negotiation (I_Cookie={cookie:hex} R_Cookie={hex}) reason = PEER_DELETE-{word}",
     "665 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x63000017\n"
     "Discarding IKE SA negotiation  (I_Cookie=8B5F1A09C2D3E4F7 R_Cookie=C4D5E6F708192A3B) reason = "
     "PEER_DELETE-IKE_DELETE_UNSPECIFIED",
     "also=client_received_any cookie=8b5f1a09c2d3e4f7 message=IKE/0x63000017 detail=4 sequence=665",
     "recalled, unverified"},
    {"CM/0x63100014", client_terminated_by_peer,
     "Phase 1 SA deleted before first Phase 2 SA is up cause by \"PEER_DELETE-{word}\".{rest}",
     "666 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100014\n"
     "Phase 1 SA deleted before first Phase 2 SA is up cause by \"PEER_DELETE-IKE_DELETE_UNSPECIFIED\".",
     "message=CM/0x63100014 detail=4 sequence=666",
     "recalled, unverified"},
    {"CM/0x63100014", client_terminated_by_peer,
     "Phase 1 SA deleted before Mode Config is completed cause by \"PEER_DELETE-{word}\".{rest}",
     "667 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100014\n"
     "Phase 1 SA deleted before Mode Config is completed cause by \"PEER_DELETE-IKE_DELETE_UNSPECIFIED\".",
     "message=CM/0x63100014 detail=4 sequence=667",
     "recalled, unverified"},
    {"CM/0x63100012", client_lost_peer,
     "Phase 1 SA deleted cause by DEL_REASON_PEER_NOT_RESPONDING.{rest}",
     "668 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100012\n"
     "Phase 1 SA deleted cause by DEL_REASON_PEER_NOT_RESPONDING.  0 Crypto Active IKE SA, 0 User Authenticated "
     "IKE SA in the system",
     "message=CM/0x63100012 detail=4 sequence=668",
     "recalled, unverified"},
    {"CM/0x63100014", client_not_responding,
     "Unable to establish Phase 1 SA with server \"{name}\" because of "
     "\"DEL_REASON_PEER_NOT_RESPONDING\"{rest}",
     "647 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100014\n"
     "Unable to establish Phase 1 SA with server \"203.0.113.8\" because of "
     "\"DEL_REASON_PEER_NOT_RESPONDING\".",
     "message=CM/0x63100014 detail=4 sequence=647",
     "recalled, unverified"},
    {"CM/0x63100014", client_failed,
     "Unable to establish Phase 1 SA with server \"{name}\" because of \"{word}\"{rest}",
     "648 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100014\n"
     "Unable to establish Phase 1 SA with server \"203.0.113.8\" because of "
     "\"DEL_REASON_IKE_NEG_FAILED\"",
     "message=CM/0x63100014 detail=4 sequence=648",
     "recalled, unverified"},
    {"CM/0x63100014", client_not_responding,
     "Phase 1 SA deleted before first Phase 2 SA is up cause by \"DEL_REASON_PEER_NOT_RESPONDING\".{rest}",
     "649 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100014\n"
     "Phase 1 SA deleted before first Phase 2 SA is up cause by \"DEL_REASON_PEER_NOT_RESPONDING\".",
     "message=CM/0x63100014 detail=4 sequence=649",
     "recalled, unverified"},
    {"CM/0x63100014", client_failed,
     "Phase 1 SA deleted before first Phase 2 SA is up cause by \"{word}\".{rest}",
     "650 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100014\n"
     "Phase 1 SA deleted before first Phase 2 SA is up cause by \"DEL_REASON_IKE_NEG_FAILED\".",
     "message=CM/0x63100014 detail=4 sequence=650",
     "recalled, unverified"},
    {"CM/0x63100014", client_not_responding,
     "Phase 1 SA deleted before Mode Config is completed cause by "
     "\"DEL_REASON_PEER_NOT_RESPONDING\".{rest}",
     "651 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100014\n"
     "Phase 1 SA deleted before Mode Config is completed cause by \"DEL_REASON_PEER_NOT_RESPONDING\".",
     "message=CM/0x63100014 detail=4 sequence=651",
     "recalled, unverified"},
    {"CM/0x63100014", client_failed,
     "Phase 1 SA deleted before Mode Config is completed cause by \"{word}\".{rest}",
     "652 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100014\n"
     "Phase 1 SA deleted before Mode Config is completed cause by \"DEL_REASON_IKE_NEG_FAILED\".",
     "message=CM/0x63100014 detail=4 sequence=652",
     "recalled, unverified"},
    {"IKE/0x6300002D", client_not_responding,
     "Phase-2 retransmission count exceeded: MsgID = {message_id:hex}",
     "662 20:47:46.335 06/21/05 Sev=Info/4\tIKE/0x6300002D\n"
     "Phase-2 retransmission count exceeded: MsgID = 99E1C4D2",
     "message_id=99e1c4d2 message=IKE/0x6300002D detail=4 sequence=662",
     "recalled, unverified"},
    {"GUI/0xE3B00008", client_failed,
     "Unable to negotiate IPSec{rest}",
     "663 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0xE3B00008\n"
     "Unable to negotiate IPSec or host did not respond.",
     "message=GUI/0xE3B00008 detail=2 sequence=663",
     "recalled, unverified"},
    {"CM/0x63100011", client_tcp_failed,
     "Exceeded number of TCP SYN retries{rest}",
     "653 20:47:46.335 06/21/05 Sev=Info/4\tCM/0x63100011\n"
     "Exceeded number of TCP SYN retries",
     "message=CM/0x63100011 detail=4 sequence=653",
     "recalled, unverified"},
    {"CM/0xA310002C", client_dns_failed,
     "Unable to resolve server address{rest}",
     "664 20:47:46.335 06/21/05 Sev=Warning/2\tCM/0xA310002C\n"
     "Unable to resolve server address.",
     "message=CM/0xA310002C detail=2 sequence=664",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_failed,
     "Failed to establish a VPN connection{rest}",
     "665 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "Failed to establish a VPN connection.",
     "message=GUI/0x63B0000D detail=2 sequence=665",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_failed,
     "Unable to contact the security gateway{rest}",
     "666 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "Unable to contact the security gateway.",
     "message=GUI/0x63B0000D detail=2 sequence=666",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_not_responding,
     "The remote peer is no longer responding{rest}",
     "667 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "The remote peer is no longer responding.",
     "message=GUI/0x63B0000D detail=2 sequence=667",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_not_responding,
     "Remote peer is no longer responding{rest}",
     "668 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "Remote peer is no longer responding.",
     "message=GUI/0x63B0000D detail=2 sequence=668",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_terminated_by_peer,
     "The remote peer terminated the connection during negotiation of security policies{rest}",
     "669 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "The remote peer terminated the connection during negotiation of security policies.",
     "message=GUI/0x63B0000D detail=2 sequence=669",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_tcp_failed,
     "Failed to establish a TCP connection.",
     "670 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "Failed to establish a TCP connection.",
     "message=GUI/0x63B0000D detail=2 sequence=670",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_lost_peer,
     "Lost contact with the security gateway{rest}",
     "671 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "Lost contact with the security gateway.",
     "message=GUI/0x63B0000D detail=2 sequence=671",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_firewall_refused,
     "Firewall Policy Mismatch.",
     "672 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "Firewall Policy Mismatch.",
     "message=GUI/0x63B0000D detail=2 sequence=672",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_certificate_expired,
     "Certificates used have expired{rest}",
     "673 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "Certificates used have expired.",
     "message=GUI/0x63B0000D detail=2 sequence=673",
     "recalled, unverified: a reason without the word"},
    {"GUI/0x63B0000D", client_adapter_failed,
     "Failed to enable Virtual Adapter{rest}",
     "674 20:47:46.335 06/21/05 Sev=Warning/2\tGUI/0x63B0000D\n"
     "Failed to enable Virtual Adapter.",
     "message=GUI/0x63B0000D detail=2 sequence=674",
     "recalled, unverified: a reason without the word"},

    // ---- The transcript of the command line program; it has no headers
    {"", {},
     "Cisco Systems VPN Client Version {rest}",
     "Cisco Systems VPN Client Version 4.8.00 (0490)",
     "",
     "public transcript, Linux client"},
    {"", {},
     "Copyright (C) {word} Cisco Systems, Inc. All Rights Reserved.",
     "Copyright (C) 1998-2005 Cisco Systems, Inc. All Rights Reserved.",
     "",
     "public transcript, Linux client"},
    {"", {},
     "Client Type(s): {rest}",
     "Client Type(s): Linux",
     "",
     "public transcript, Linux client"},
    {"", {},
     "Config file directory: {rest}",
     "Config file directory: /etc/opt/cisco-vpnclient",
     "",
     "public transcript, Linux client"},
    {"", client_started,
     "Initializing the VPN connection.",
     "Initializing the VPN connection.",
     "",
     "public transcript, Linux client"},
    {"", client_port_in_use,
     "bind: Address already in use",
     "bind: Address already in use",
     "",
     "public transcript, Linux client"},
    {"", {},
     "bind: dst addr {ip} port {int}",
     "bind: dst addr 0.0.0.0 port 500",
     "",
     "public transcript, Linux client"},
    {"", client_tcp_started,
     "Initiating TCP to {gateway}, port {int}",
     "Initiating TCP to 66.77.xxx.xxx, port 10000",
     "gateway=66.77.xxx.xxx",
     "public transcript, Linux client"},
    {"", client_sent_am1,
     "Contacting the gateway at {gateway}",
     "Contacting the gateway at 198.51.100.1",
     "gateway=198.51.100.1",
     "public transcript, Linux client"},
    {"", FactMask{client_sent_am1, client_redirected},
     "Contacting the gateway at {gateway} (balancing)",
     "Contacting the gateway at 198.51.100.13 (balancing)",
     "gateway=198.51.100.13",
     "public transcript, Linux client"},
    {"", client_sent_am1,
     "Contacting the gateway ...",
     "Contacting the gateway ...",
     "",
     "public transcript, Linux client"},
    {"", client_sent_am1,
     "Contacting the gateway at {word}",
     "Contacting the gateway at secondary_IP_here",
     "",
     "public transcript, Linux client"},
    {"", client_xauth_prompted,
     "User Authentication for {name}...",
     "User Authentication for corp-group...",
     "",
     "public transcript, Linux client"},
    {"", client_xauth_prompted,
     "User Authentication for {name}",
     "User Authentication for xxx",
     "",
     "public transcript, Linux client"},
    {"", {},
     "Enter Username and Password.",
     "Enter Username and Password.",
     "",
     "public transcript, Linux client"},
    {"", {},
     "The server has requested the following information to complete the user authentication:",
     "The server has requested the following information to complete the user authentication:",
     "",
     "public transcript, Linux client"},
    {"", {},
     "Username [{name}]:{_}{rest}",
     "Username [user1]: ",
     "",
     "public transcript, Linux client: a default, or what was typed"},
    {"", {},
     "Password []:{_}{rest}",
     "Password []: ",
     "",
     "public transcript, Linux client"},
    {"", client_xauth_answered,
     "Authenticating user.",
     "Authenticating user.",
     "",
     "public transcript, Linux client"},
    {"", client_mode_config_started,
     "Negotiating security policies.",
     "Negotiating security policies.",
     "",
     "public transcript, Linux client"},
    {"", client_phase2_started,
     "Securing communication channel.",
     "Securing communication channel.",
     "",
     "public transcript, Linux client"},
    {"", client_user_cancelled,
     "Do you wish to continue? (y/n): n",
     "Do you wish to continue? (y/n): n",
     "",
     "synthetic: the banner refused"},
    {"", {},
     "Do you wish to continue? (y/n):{_}{rest}",
     "Do you wish to continue? (y/n): y",
     "",
     "public transcript, Linux client"},
    {"", client_connected,
     "Your VPN connection is secure.",
     "Your VPN connection is secure.",
     "",
     "public transcript, Linux client"},
    {"", client_connected,
     "You are connected.",
     "You are connected.",
     "",
     "seed introduction"},
    {"", client_address_received,
     "Client address: {address}",
     "Client address: 10.40.1.33",
     "address=10.40.1.33",
     "public transcript, Linux client"},
    {"", {},
     "Server address: {gateway}",
     "Server address: 198.51.100.13",
     "gateway=198.51.100.13",
     "public transcript, Linux client"},
    {"", client_used_udp4500,
     "NAT passthrough is active on port UDP 4500",
     "NAT passthrough is active on port UDP 4500",
     "",
     "public transcript, Linux client"},
    {"", {},
     "NAT passthrough is {rest}",
     "NAT passthrough is active on port UDP 10991",
     "",
     "public transcript, Linux client"},
    {"", client_terminated_by_peer,
     "Secure VPN Connection terminated by Peer{rest}",
     "Secure VPN Connection terminated by Peer.",
     "",
     "public transcript, Linux client"},
    {"", {},
     "Secure VPN Connection terminated locally by the Client{rest}",
     "Secure VPN Connection terminated locally by the Client",
     "",
     "public transcript, Linux client: the reason follows"},
    {"", {},
     "There are no new notification messages at this time.",
     "There are no new notification messages at this time.",
     "",
     "public transcript, Linux client"},
    {"", {},
     "Disconnecting the VPN connection.",
     "Disconnecting the VPN connection.",
     "",
     "public transcript, Linux client"},

    // ---- Why it ended: Windows prints a number, Linux does not; the text decides. Who ended it stands in
    // front, on a line of its own or on the same, see cut_who().
    {"", client_failed,
     "Reason: Failed to establish a VPN connection{rest}",
     "Reason: Failed to establish a VPN connection.",
     "",
     "public transcript, Linux client"},
    {"GUI/0x63B0000D", client_failed,
     "Reason {int}: Failed to establish a VPN connection{rest}",
     "675 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated locally by the Client.\n"
     "Reason 400: Failed to establish a VPN connection.",
     "message=GUI/0x63B0000D detail=4 sequence=675",
     "recalled, unverified"},
    {"", client_dns_failed,
     "Reason: Unable to resolve server address{rest}",
     "Reason: Unable to resolve server address.",
     "",
     "public transcript, Linux client"},
    {"", client_dns_failed,
     "Reason {int}: Unable to resolve server address{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 400: Unable to resolve server "
     "address.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason: An unrecognized error occurred while establishing the VPN connection{rest}",
     "Reason: An unrecognized error occurred while establishing the VPN connection.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason {int}: An unrecognized error occurred while establishing the VPN connection{rest}",
     "Reason 401: An unrecognized error occurred while establishing the VPN connection.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason: The Connection Manager was unable to read the connection entry{rest}",
     "Reason: The Connection Manager was unable to read the connection entry.",
     "",
     "recalled, unverified"},
    {"GUI/0x63B0000D", client_failed,
     "Reason {int}: The Connection Manager was unable to read the connection entry{rest}",
     "676 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated locally by the Client.\n"
     "Reason 402: The Connection Manager was unable to read the connection entry.",
     "message=GUI/0x63B0000D detail=4 sequence=676",
     "recalled, unverified"},
    {"", client_failed,
     "Reason: Unable to contact the security gateway{rest}",
     "Reason: Unable to contact the security gateway.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason {int}: Unable to contact the security gateway{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 403: Unable to contact the "
     "security gateway.",
     "",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason: The remote peer terminated the connection during negotiation of security policies{rest}",
     "Reason: The remote peer terminated the connection during negotiation of security policies.",
     "",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason {int}: The remote peer terminated the connection during negotiation of security "
     "policies{rest}",
     "Reason 404: The remote peer terminated the connection during negotiation of security policies.",
     "",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason: The remote peer terminated connection during user authentication{rest}",
     "Reason: The remote peer terminated connection during user authentication.",
     "",
     "recalled, unverified"},
    {"GUI/0x63B0000D", client_terminated_by_peer,
     "Reason {int}: The remote peer terminated connection during user authentication{rest}",
     "677 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated by Peer.\n"
     "Reason 405: The remote peer terminated connection during user authentication.",
     "message=GUI/0x63B0000D detail=4 sequence=677",
     "recalled, unverified"},
    {"", client_failed,
     "Reason: Unable to establish a secure communication channel{rest}",
     "Reason: Unable to establish a secure communication channel.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason {int}: Unable to establish a secure communication channel{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 406: Unable to establish a "
     "secure communication channel.",
     "",
     "recalled, unverified"},
    {"", client_user_cancelled,
     "Reason: User authentication was cancelled by the user{rest}",
     "Reason: User authentication was cancelled by the user.",
     "",
     "recalled, unverified"},
    {"", client_user_cancelled,
     "Reason {int}: User authentication was cancelled by the user{rest}",
     "Reason 407: User authentication was cancelled by the user.",
     "",
     "recalled, unverified"},
    {"", {},
     "Reason: A VPN connection is already in the process of being established{rest}",
     "Reason: A VPN connection is already in the process of being established.",
     "",
     "recalled, unverified: the other attempt goes on"},
    {"", {},
     "Reason {int}: A VPN connection is already in the process of being established{rest}",
     "Reason 408: A VPN connection is already in the process of being established.",
     "",
     "recalled, unverified: the other attempt goes on"},
    {"", {},
     "Reason: A VPN connection already exists{rest}",
     "Reason: A VPN connection already exists.",
     "",
     "recalled, unverified: the other connection goes on"},
    {"", {},
     "Reason {int}: A VPN connection already exists{rest}",
     "Reason 409: A VPN connection already exists.",
     "",
     "recalled, unverified: the other connection goes on"},
    {"", client_failed,
     "Reason: The Connection Manager was unable to forward the user authentication request{rest}",
     "Reason: The Connection Manager was unable to forward the user authentication request.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason {int}: The Connection Manager was unable to forward the user authentication request{rest}",
     "Reason 410: The Connection Manager was unable to forward the user authentication request.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason: The remote peer does not support the required VPN Client protocol{rest}",
     "Reason: The remote peer does not support the required VPN Client protocol.",
     "",
     "recalled, unverified"},
    {"GUI/0x63B0000D", client_failed,
     "Reason {int}: The remote peer does not support the required VPN Client protocol{rest}",
     "678 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated locally by the Client.\n"
     "Reason 411: The remote peer does not support the required VPN Client protocol.",
     "message=GUI/0x63B0000D detail=4 sequence=678",
     "recalled, unverified"},
    {"", client_not_responding,
     "Reason: The remote peer is no longer responding{rest}",
     "Reason: The remote peer is no longer responding.",
     "",
     "recalled, unverified"},
    {"", client_not_responding,
     "Reason {int}: The remote peer is no longer responding{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 412: The remote peer is no "
     "longer responding.",
     "",
     "public report, Windows client"},
    {"", client_not_responding,
     "Reason: Remote peer is no longer responding{rest}",
     "Reason: Remote peer is no longer responding.",
     "",
     "public transcript, Linux client"},
    {"", client_not_responding,
     "Reason {int}: Remote peer is no longer responding{rest}",
     "Reason 412: Remote peer is no longer responding.",
     "",
     "recalled, unverified"},
    {"", client_xauth_failed,
     "Reason: User authentication failed{rest}",
     "Reason: User authentication failed.",
     "",
     "recalled, unverified"},
    {"GUI/0x63B0000D", client_xauth_failed,
     "Reason {int}: User authentication failed{rest}",
     "679 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated locally by the Client.\n"
     "Reason 413: User authentication failed.",
     "message=GUI/0x63B0000D detail=4 sequence=679",
     "recalled, unverified"},
    {"", client_tcp_failed,
     "Reason: Failed to establish a TCP connection{rest}",
     "Reason: Failed to establish a TCP connection.",
     "",
     "recalled, unverified"},
    {"", client_tcp_failed,
     "Reason {int}: Failed to establish a TCP connection{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 414: Failed to establish a TCP "
     "connection.",
     "",
     "recalled, unverified"},
    {"", client_redirected,
     "Reason: Remote peer is load balancing{rest}",
     "Reason: Remote peer is load balancing.",
     "",
     "recalled, unverified"},
    {"", client_redirected,
     "Reason {int}: Remote peer is load balancing{rest}",
     "Reason 416: Remote peer is load balancing.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason: The required firewall software is no longer running{rest}",
     "Reason: The required firewall software is no longer running.",
     "",
     "recalled, unverified"},
    {"GUI/0x63B0000D", client_failed,
     "Reason {int}: The required firewall software is no longer running{rest}",
     "680 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated locally by the Client.\n"
     "Reason 417: The required firewall software is no longer running.",
     "message=GUI/0x63B0000D detail=4 sequence=680",
     "recalled, unverified"},
    {"", client_failed,
     "Reason: Unable to configure the firewall software{rest}",
     "Reason: Unable to configure the firewall software.",
     "",
     "recalled, unverified"},
    {"", client_failed,
     "Reason {int}: Unable to configure the firewall software{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 418: Unable to configure the "
     "firewall software.",
     "",
     "recalled, unverified"},
    {"", {},
     "Reason: No connection exists{rest}",
     "Reason: No connection exists.",
     "",
     "recalled, unverified: nothing was tried"},
    {"", {},
     "Reason {int}: No connection exists{rest}",
     "Reason 419: No connection exists.",
     "",
     "recalled, unverified: nothing was tried"},
    {"", client_no_network,
     "Reason: Failed to establish a connection to your ISP{rest}",
     "Reason: Failed to establish a connection to your ISP.",
     "",
     "recalled, unverified"},
    {"GUI/0x63B0000D", client_no_network,
     "Reason {int}: Failed to establish a connection to your ISP{rest}",
     "681 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated locally by the Client.\n"
     "Reason 421: Failed to establish a connection to your ISP.",
     "message=GUI/0x63B0000D detail=4 sequence=681",
     "recalled, unverified"},
    {"", client_lost_peer,
     "Reason: Lost contact with the security gateway{rest}",
     "Reason: Lost contact with the security gateway.",
     "",
     "public transcript, Linux client"},
    {"", client_lost_peer,
     "Reason {int}: Lost contact with the security gateway{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 422: Lost contact with the "
     "security gateway.",
     "",
     "recalled, unverified"},
    {"", {},
     "Reason: Your VPN connection has been terminated{rest}",
     "Reason: Your VPN connection has been terminated.",
     "",
     "recalled, unverified: says nothing that was not known"},
    {"", {},
     "Reason {int}: Your VPN connection has been terminated{rest}",
     "Reason 423: Your VPN connection has been terminated.",
     "",
     "recalled, unverified: says nothing that was not known"},
    {"", client_lost_peer,
     "Reason: Connectivity to Client Lost{rest}",
     "Reason: Connectivity to Client Lost.",
     "",
     "recalled, unverified"},
    {"", client_ended_by_admin,
     "Reason: Manually Disconnected by Administrator{rest}",
     "Reason: Manually Disconnected by Administrator.",
     "",
     "recalled, unverified"},
    {"", client_ended_by_policy,
     "Reason: Maximum Configured Lifetime Exceeded{rest}",
     "Reason: Maximum Configured Lifetime Exceeded.",
     "",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason: Unknown Error Occurred at Peer{rest}",
     "Reason: Unknown Error Occurred at Peer.",
     "",
     "recalled, unverified"},
    {"GUI/0x63B0000D", client_terminated_by_peer,
     "Reason {int}: Unknown Error Occurred at Peer{rest}",
     "682 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated by Peer.\n"
     "Reason 427: Unknown Error Occurred at Peer.",
     "message=GUI/0x63B0000D detail=4 sequence=682",
     "recalled, unverified"},
    {"", client_ended_by_shutdown,
     "Reason: Peer has been Shut Down{rest}",
     "Reason: Peer has been Shut Down.",
     "",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason: Unknown Severe Error Occurred at Peer{rest}",
     "Reason: Unknown Severe Error Occurred at Peer.",
     "",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason {int}: Unknown Severe Error Occurred at Peer{rest}",
     "Reason 429: Unknown Severe Error Occurred at Peer.",
     "",
     "recalled, unverified"},
    {"", client_ended_by_shutdown,
     "Reason: Peer is having heat problems{rest}",
     "Reason: Peer is having heat problems.",
     "",
     "ASA command reference: the text of the delete"},
    {"GUI/0x63B0000D", client_ended_by_shutdown,
     "Reason {int}: Peer is having heat problems{rest}",
     "683 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated by Peer.\n"
     "Reason 429: Peer is having heat problems.",
     "message=GUI/0x63B0000D detail=4 sequence=683 also=client_terminated_by_peer",
     "ASA command reference: the text of the delete"},
    {"", client_ended_by_policy,
     "Reason: Maximum Configured Connection Time Exceeded{rest}",
     "Reason: Maximum Configured Connection Time Exceeded.",
     "",
     "recalled, unverified"},
    {"", client_ended_by_policy,
     "Reason: Maximum Connection Time Exceeded{rest}",
     "Reason: Maximum Connection Time Exceeded.",
     "",
     "recalled, unverified"},
    {"", client_ended_by_policy,
     "Reason: Maximum Configured Idle Time for Session Exceeded{rest}",
     "Reason: Maximum Configured Idle Time for Session Exceeded.",
     "",
     "recalled, unverified"},
    {"", client_ended_by_policy,
     "Reason: Maximum Idle Time for Session Exceeded{rest}",
     "Reason: Maximum Idle Time for Session Exceeded.",
     "",
     "recalled, unverified"},
    {"", client_ended_by_shutdown,
     "Reason: Peer has been Rebooted{rest}",
     "Reason: Peer has been Rebooted.",
     "",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason: (Reason Not Specified by Peer){rest}",
     "Reason: (Reason Not Specified by Peer).",
     "",
     "public transcript, Linux client"},
    {"GUI/0x63B0000D", client_terminated_by_peer,
     "Reason {int}: (Reason Not Specified by Peer){rest}",
     "684 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated by Peer.\n"
     "Reason 433: (Reason Not Specified by Peer).",
     "message=GUI/0x63B0000D detail=4 sequence=684",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason: Reason not specified by peer{rest}",
     "Reason: Reason not specified by peer.",
     "",
     "recalled, unverified"},
    {"", client_terminated_by_peer,
     "Reason {int}: Reason not specified by peer{rest}",
     "Secure VPN Connection terminated by Peer. Reason 433: Reason not specified by peer.",
     "",
     "public report, Windows client"},
    {"", client_phase2_refused,
     "Reason: Policy Negotiation Failed{rest}",
     "Reason: Policy Negotiation Failed.",
     "",
     "recalled, unverified"},
    {"", client_phase2_refused,
     "Reason {int}: Policy Negotiation Failed{rest}",
     "Reason 434: Policy Negotiation Failed.",
     "",
     "recalled, unverified"},
    {"", client_firewall_refused,
     "Reason: Firewall Policy Mismatch{rest}",
     "Reason: Firewall Policy Mismatch.",
     "",
     "public transcript, Linux client"},
    {"GUI/0x63B0000D", client_firewall_refused,
     "Reason {int}: Firewall Policy Mismatch{rest}",
     "685 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated locally by the Client.\n"
     "Reason 435: Firewall Policy Mismatch.",
     "message=GUI/0x63B0000D detail=4 sequence=685",
     "recalled, unverified"},
    {"", client_certificate_expired,
     "Reason: Certificates used have expired{rest}",
     "Reason: Certificates used have expired.",
     "",
     "recalled, unverified"},
    {"", client_certificate_expired,
     "Reason {int}: Certificates used have expired{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 436: Certificates used have "
     "expired.",
     "",
     "recalled, unverified"},
    {"", client_certificate_expired,
     "Reason: User or Root Certificate has Expired{rest}",
     "Reason: User or Root Certificate has Expired.",
     "",
     "ASA command reference: the text of the delete"},
    {"", client_certificate_expired,
     "Reason {int}: User or Root Certificate has Expired{rest}",
     "Reason 436: User or Root Certificate has Expired.",
     "",
     "ASA command reference: the text of the delete"},
    {"", client_version_refused,
     "Reason: Client Type or Version not allowed{rest}",
     "Reason: Client Type or Version not allowed.",
     "",
     "synthetic: the text of the delete"},
    {"GUI/0x63B0000D", client_version_refused,
     "Reason {int}: Client Type or Version not allowed{rest}",
     "686 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated by Peer.\n"
     "Reason 437: Client Type or Version not allowed.",
     "message=GUI/0x63B0000D detail=4 sequence=686 also=client_terminated_by_peer",
     "synthetic: the text of the delete"},
    {"", client_firewall_server_down,
     "Reason: Failed to contact Zone Integrity Server{rest}",
     "Reason: Failed to contact Zone Integrity Server.",
     "",
     "synthetic: the text of the delete"},
    {"", client_firewall_server_down,
     "Reason {int}: Failed to contact Zone Integrity Server{rest}",
     "Secure VPN Connection terminated by Peer. Reason 438: Failed to contact Zone Integrity Server.",
     "also=client_terminated_by_peer",
     "synthetic: the text of the delete"},
    {"", client_acl_invalid,
     "Reason: ACL parsing error{rest}",
     "Reason: ACL parsing error.",
     "",
     "ASA command reference: the text of the delete"},
    {"", client_acl_invalid,
     "Reason {int}: ACL parsing error{rest}",
     "Reason 439: ACL parsing error.",
     "",
     "ASA command reference: the text of the delete"},
    {"", client_adapter_failed,
     "Reason: Driver Failure{rest}",
     "Reason: Driver Failure.",
     "",
     "recalled, unverified"},
    {"GUI/0x63B0000D", client_adapter_failed,
     "Reason {int}: Driver Failure{rest}",
     "687 20:47:46.335 06/21/05 Sev=Info/4\tGUI/0x63B0000D\n"
     "Secure VPN Connection terminated locally by the Client.\n"
     "Reason 440: Driver Failure.",
     "message=GUI/0x63B0000D detail=4 sequence=687",
     "public report, Windows client"},
    {"", client_adapter_failed,
     "Reason: Failed to enable Virtual Adapter{rest}",
     "Reason: Failed to enable Virtual Adapter.",
     "",
     "public transcript, Linux client"},
    {"", client_adapter_failed,
     "Reason {int}: Failed to enable Virtual Adapter{rest}",
     "Secure VPN Connection terminated locally by the Client. Reason 442: Failed to enable Virtual "
     "Adapter.",
     "",
     "public report, Windows client"},
    {"", client_lost_peer,
     "Reason 424: {rest}",
     "Reason 424: Connectivity to Client Lost by Peer.",
     "",
     "recalled, unverified: the number decides, the text is not certain"},
    {"", client_ended_by_admin,
     "Reason 425: {rest}",
     "Reason 425: Manually Disconnected by Administrator.",
     "",
     "recalled, unverified: the number decides, the text is not certain"},
    {"", client_ended_by_policy,
     "Reason 426: {rest}",
     "Reason 426: Maximum Configured Lifetime Exceeded.",
     "",
     "recalled, unverified: the number decides, the text is not certain"},
    {"", client_ended_by_shutdown,
     "Reason 428: {rest}",
     "Reason 428: Peer has been Shut Down.",
     "",
     "recalled, unverified: the number decides, the text is not certain"},
    {"", client_ended_by_policy,
     "Reason 430: {rest}",
     "Reason 430: Maximum Configured Connection Time Exceeded.",
     "",
     "recalled, unverified: the number decides, the text is not certain"},
    {"", client_ended_by_policy,
     "Reason 431: {rest}",
     "Reason 431: Maximum Configured Idle Time for Session Exceeded.",
     "",
     "recalled, unverified: the number decides, the text is not certain"},
    {"", client_ended_by_shutdown,
     "Reason 432: {rest}",
     "Reason 432: Peer has been Rebooted.",
     "",
     "recalled, unverified: the number decides, the text is not certain"},
    {"", {},
     "Reason {int}: {rest}",
     "Reason 415: A required component PPPTool.exe is not present among the installed client software.",
     "",
     "recalled, unverified: a reason that we do not know decides nothing"},
    {"", {},
     "Reason: {rest}",
     "Reason: Configuration changed.",
     "",
     "synthetic: a reason that we do not know decides nothing"},
    {"", client_service_down,
     "Unable to communicate with the VPN subsystem{rest}",
     "Unable to communicate with the VPN subsystem.",
     "",
     "recalled, unverified"},
    {"", client_service_down,
     "The application was unable to communicate with the VPN sub-system{rest}",
     "The application was unable to communicate with the VPN sub-system.",
     "",
     "public forum, nine posts of the Linux client"},
    {"", client_service_down,
     "Could not attach to driver. Is kernel module loaded?",
     "Could not attach to driver. Is kernel module loaded?",
     "",
     "public forum, the line before it"},
    {"", client_service_down,
     "The VPN sub-system is busy or has failed{rest}",
     "The VPN sub-system is busy or has failed.",
     "",
     "public forum, the Linux client"},
    {"", client_service_down,
     "Error 51: Unable to communicate with the VPN subsystem{rest}",
     "Error 51: Unable to communicate with the VPN subsystem.",
     "",
     "public report, Mac client"},
};
// clang-format on

constexpr NotOurs kNotOurs[] = {
    {"You are connected to ABC VPN access.", "a banner: the administrator's text, not the client's word"},
    {"            VPN tunnel to CORP established", "a banner"},
    {"Your VPN connection has been terminated", "the words are near those of success"},
    {"1 17:38:30.410 12/06/2011 Sev=Info/4 CVPND/0x4340000F\nStarted cvpnd:\n"
     "Cisco Systems VPN Client Version 4.8.01 (0640)",
     "the service starts, no user asked for a connection"},
    {"2 17:38:30.410 12/06/2011 Sev=Info/4 GUI/0x63B00010\nSkipping expired certificate cn=Bob (Serial "
     "Number: 1F).",
     "one of several certificates; it was not used"},
    {"3 17:38:30.410 12/06/2011 Sev=Info/4 IKE/0x63000013\n"
     "SENDING >>> ISAKMP OAK INFO (NOTIFY:STATUS_INITIAL_CONTACT) to 203.0.113.8",
     "a notify that refuses nothing"},
};

// "Info/4", "Warning/3IKE/0xA3000058": the tab between level and class may be lost.
bool read_level(std::string_view& rest, std::uint32_t* level) {
  std::size_t i = 0;
  while (i < rest.size() && fold(rest[i]) >= 'a' && fold(rest[i]) <= 'z') ++i;
  if (i == 0 || i + 1 >= rest.size() || rest[i] != '/' || rest[i + 1] < '0' || rest[i + 1] > '9')
    return false;
  *level = static_cast<std::uint32_t>(rest[i + 1] - '0');
  rest = trimmed(rest.substr(i + 2));
  return true;
}

// "IKE/0x63000014"
bool is_message(std::string_view word) {
  const std::size_t slash = word.find('/');
  if (slash == 0 || slash == std::string_view::npos || !begins_with(word.substr(slash), "/0x")) return false;
  if (word.size() < slash + 4 || word.size() > slash + 11) return false;
  for (char c : word.substr(slash + 3))
    if (!((c >= '0' && c <= '9') || (fold(c) >= 'a' && fold(c) <= 'f'))) return false;
  return true;
}

// "595 20:47:46.335  06/21/05  Sev=Info/4  IKE/0x63000014", a relay header may stand in front.
HeaderResult cut_header(std::string_view line, SourceState&, Event& event, std::string_view& text) {
  const std::size_t mark = find_mark(line, "sev");
  if (mark == std::string_view::npos) return HeaderResult::not_mine;
  std::string_view rest = line.substr(mark + 4);
  std::uint32_t level = 0;
  if (!read_level(rest, &level)) return HeaderResult::not_mine;
  const std::string_view message = take_word(rest);
  if (!is_message(message)) return HeaderResult::bad;
  std::string_view before = line.substr(0, mark);
  const std::string_view date = take_last_word(before);
  const std::string_view clock = take_last_word(before);
  if (clock.empty()) return HeaderResult::bad;
  std::string_view stamp(clock.data(), static_cast<std::size_t>(date.data() + date.size() - clock.data()));
  Timestamp time = kUntimed;
  if (!take_clock_first_stamp(stamp, &time) || !stamp.empty()) return HeaderResult::bad;
  std::uint32_t sequence = 0;
  const std::string_view relay = before;
  if (!to_number(take_last_word(before), &sequence)) before = relay;
  std::string_view host;
  if (!read_relay_header(before, &host)) return HeaderResult::not_mine;
  event.time = time;
  event.detail = static_cast<std::uint8_t>(level);
  event.sequence = sequence;
  event.message = message;
  if (!host.empty()) event.device = host;
  text = trimmed(rest);
  return HeaderResult::cut;
}

// The sentence that says who ended the connection. "Reason 442: ..." follows it, behind a line break or, where
// a shipper joins lines, a blank.
enum class Who { unsaid, client, peer };
Who cut_who(std::string_view& message) {
  constexpr std::string_view kWords[] = {"secure", "vpn", "connection", "terminated"};
  std::string_view rest = message;
  const auto next_is = [&rest](std::string_view word) {
    std::string_view behind = rest;
    std::string_view found = take_word(behind);
    if (!found.empty() && found.back() == '.') found.remove_suffix(1);
    if (found.size() != word.size() || !begins_with(found, word)) return false;
    rest = behind;
    return true;
  };
  for (std::string_view word : kWords)
    if (!next_is(word)) return Who::unsaid;
  Who who = Who::unsaid;
  if (next_is("by")) {
    if (next_is("peer")) who = Who::peer;
  } else if (next_is("locally") && next_is("by") && next_is("the") && next_is("client")) {
    who = Who::client;
  }
  if (who != Who::unsaid) message = trimmed(rest);
  return who;
}

// Who and why in one message: the rows read the reason.
HeaderResult cut_prefix(std::string_view message, SourceState&, Event&, std::string_view& text) {
  text = message;
  std::string_view reason = message;
  if (cut_who(reason) != Who::unsaid && begins_with(reason, "reason")) text = reason;
  return HeaderResult::cut;
}

// Adds what the sentence in front of the reason says.
void complete_reason(SourceState&, Event& event) {
  std::string_view message = event.text;
  if (!event.message.empty())
    message = {event.message.data() + event.message.size(),
               static_cast<std::size_t>(message.data() + message.size() - event.message.data()) -
                   event.message.size()};
  message = trimmed(message);
  if (cut_who(message) == Who::peer) event.says.insert(client_terminated_by_peer);
  // The gateway's cookie comes with its first answer.
  constexpr std::string_view kGatewaysCookie = "R_Cookie=";
  if (event.cookie == 0) return;
  const std::size_t at = message.find(kGatewaysCookie);
  if (at == std::string_view::npos) return;
  const std::string_view cookie = message.substr(at + kGatewaysCookie.size(), 16);
  const std::size_t digit = cookie.find_first_not_of('0');
  if (digit != std::string_view::npos && cookie[digit] != ')') event.says.insert(client_received_any);
}

constexpr std::string_view kPrefixStarts[] = {"secure"};

}  // namespace

constinit const DialectTable kCiscoVpnClient = {
    .id = Dialect::cisco_vpn_client,
    .vantage = Vantage::client,
    .continues = true,
    .cut_header = cut_header,
    .rows = kRows,
    .not_ours = kNotOurs,
    .complete = complete_reason,
    .cut_prefix = cut_prefix,
    .prefix_starts = kPrefixStarts,
    .headerless = true,
};

}  // namespace vpnverdict::dialect

// The built-in dialect tables, one file each.
#pragma once

#include "pipeline/dialect/dialect.h"

namespace vpnverdict::dialect {

extern const DialectTable kAsa;                                 // asa.cpp
extern const DialectTable kVpn3000;                             // vpn3000.cpp
extern const DialectTable kCiscoVpnClient;                      // cisco_vpn_client.cpp
extern const DialectTable kVpnc;                                // vpnc.cpp
extern const DialectTable kCharonConcentrator, kCharonClient;   // charon.cpp
extern const DialectTable kPlutoConcentrator, kPlutoClient;     // pluto.cpp
extern const DialectTable kAnyconnect;                          // anyconnect.cpp
extern const DialectTable kOpenconnect;                         // openconnect.cpp

}  // namespace vpnverdict::dialect

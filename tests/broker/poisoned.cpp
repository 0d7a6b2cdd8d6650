// Linked in front of the program's own (ld --wrap): a packet of the internal topic that holds VPNVERDICT_TEST_POISON ends the
// process that takes it in, as a bug would. The product has no such place.
#include <cstdlib>
#include <string_view>

#include "pipeline/event_codec.h"

#define DECODE_PACKET "_ZN10vpnverdict13decode_packetESt17basic_string_viewIcSt11char_traitsIcEERNS_6PacketE"

namespace vpnverdict {

std::string_view real_decode_packet(std::string_view bytes, Packet& out) asm("__real_" DECODE_PACKET);
std::string_view deadly_decode_packet(std::string_view bytes, Packet& out) asm("__wrap_" DECODE_PACKET);

std::string_view deadly_decode_packet(std::string_view bytes, Packet& out) {
  const char* poison = std::getenv("VPNVERDICT_TEST_POISON");
  if (poison != nullptr && bytes.find(poison) != std::string_view::npos) std::abort();
  return real_decode_packet(bytes, out);
}

}  // namespace vpnverdict

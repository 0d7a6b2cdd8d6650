// Makes readable what simdjson refuses as a whole for the sake of one byte. Pure functions, any thread.
#pragma once

#include <string>
#include <string_view>

namespace vpnverdict::dialect {

// Copies `text`; every byte that is not part of a valid UTF-8 sequence becomes U+FFFD.
void repair_utf8(std::string_view text, std::string& out);

// The same for JSON, and inside strings also: raw line breaks and tabs are escaped, other control characters become
// blanks, an escape JSON does not know ("\xe9") becomes literal text, half a surrogate pair becomes U+FFFD.
void repair_json(std::string_view json, std::string& out);

// The first JSON document of `in` by its brackets, quotes respected; the rest stays in `in`. Empty when `in` does not
// begin with a bracket or the brackets never close. Linear.
std::string_view cut_document(std::string_view& in);

}  // namespace vpnverdict::dialect

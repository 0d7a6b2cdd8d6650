import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/** Reads one record: whose attempt it is about, and what it says. One object for each thread; no garbage but the strings. */
final class Lines {
  private static final JsonFactory JSON = new JsonFactory();

  String peer;
  int fact;

  /** False when the line says nothing that matters. */
  boolean read(byte[] record) {
    peer = null;
    fact = 0;
    String message = null;
    String source = null;
    try (JsonParser in = JSON.createParser(record)) {
      if (in.nextToken() != JsonToken.START_OBJECT) return false;
      while (in.nextToken() == JsonToken.FIELD_NAME) {
        String name = in.currentName();
        JsonToken value = in.nextToken();
        if (name.equals("message")) {
          message = in.getText();
        } else if (name.equals("source") && value == JsonToken.START_OBJECT) {
          while (in.nextToken() == JsonToken.FIELD_NAME) {
            boolean ip = in.currentName().equals("ip");
            in.nextToken();
            if (ip) source = in.getText();
            else in.skipChildren();
          }
        } else {
          in.skipChildren();
        }
      }
    } catch (IOException damaged) {
      return false;
    }
    if (message == null) return false;
    if (source != null) {
      fact = ofClient(message);
      peer = source;
    } else {
      fact = ofConcentrator(message);
    }
    return fact != 0 && peer != null;
  }

  /** `N TIME DATE Sev=LEVEL BLANKS CLASS/0xNUMBER NEWLINE TEXT`. */
  private static int ofClient(String line) {
    int end = line.indexOf('\n');
    int number = end < 0 ? -1 : line.lastIndexOf("/0x", end) + 3;
    if (number < 3 || end < number + 8) return 0;
    int begin = number - 3;
    while (begin > 0 && line.charAt(begin - 1) > ' ') --begin;
    switch (line.substring(begin, number - 2) + line.substring(number + 2, end)) {  // the first two digits tell severity and platform
      case "IKE/000014":
        return line.startsWith("RECEIVING <<< ISAKMP OAK AG (SA", end + 1) ? Attempt.AM2_REACHED_CLIENT : 0;
      case "IKE/000013":
        return line.startsWith("SENDING >>> ISAKMP OAK AG *(HASH", end + 1) ? Attempt.AM3_SENT : 0;
      case "CM/10001A":
        return Attempt.CLIENT_CONNECTED;
      case "GUI/B0000D":
        return line.startsWith("Secure VPN Connection terminated by Peer", end + 1) ? Attempt.CLIENT_REFUSED : Attempt.CLIENT_GAVE_UP;
      default:
        return line.startsWith("Hash verification failed", end + 1) ? Attempt.HASH_FAILED : 0;
    }
  }

  /** `N DATE TIME SEV=N CLASS/NUMBER RPT=N [PEER]  TEXT`. */
  private int ofConcentrator(String line) {
    int severity = line.indexOf(" SEV=");
    int begin = severity < 0 ? -1 : line.indexOf(' ', severity + 5) + 1;
    int end = begin <= 0 ? -1 : line.indexOf(' ', begin);
    if (end < 0) return 0;
    int said = 0;
    switch (line.substring(begin, end)) {
      case "IKEDBG/65":
        said = line.indexOf("AM_WAIT_MSG3, EV_TIMEOUT", end) > 0 ? Attempt.AM3_MISSED : 0;
        break;
      case "IKE/68":
        said = line.indexOf("Invalid hash info (23)", end) > 0 ? Attempt.HASH_REFUSED : 0;
        break;
      case "IKE/22":
        said = Attempt.GROUP_UNKNOWN;
        break;
      case "IKE/120":
        said = Attempt.BOX_CONNECTED;
        break;
      case "AUTH/5":
        if (line.indexOf("Reason = Invalid password", end) > 0) said = Attempt.PASSWORD_WRONG;
        else if (line.indexOf("Reason = Account has been locked out", end) > 0) said = Attempt.ACCOUNT_LOCKED;
        else if (line.indexOf("Reason = User was not found", end) > 0) said = Attempt.USER_UNKNOWN;
        break;
      default:
    }
    if (said == 0) return 0;
    int address = line.indexOf(' ', end + 1) + 1;
    int after = line.indexOf("  ", address);
    if (address <= 0 || after < 0) return 0;
    peer = line.substring(address, after);
    return said;
  }
}

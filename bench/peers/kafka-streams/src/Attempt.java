/** What is known of one client's attempt: a set of facts, when it was last heard of, whether it was told. 17 bytes in the store. */
final class Attempt {
  static final int AM2_REACHED_CLIENT = 1, AM3_SENT = 2, HASH_FAILED = 4, CLIENT_CONNECTED = 8, CLIENT_REFUSED = 16, CLIENT_GAVE_UP = 32;
  static final int AM3_MISSED = 1 << 8, HASH_REFUSED = 1 << 9, GROUP_UNKNOWN = 1 << 10, PASSWORD_WRONG = 1 << 11, ACCOUNT_LOCKED = 1 << 12,
      USER_UNKNOWN = 1 << 13, BOX_CONNECTED = 1 << 14;

  final int facts;
  final long heard;
  final boolean told;

  Attempt(int facts, long heard, boolean told) {
    this.facts = facts;
    this.heard = heard;
    this.told = told;
  }

  private boolean has(int wanted) {
    return (facts & wanted) == wanted;
  }

  /** The cause, when both logs together decide it; else null. In the order of the search. */
  String cause() {
    if (has(HASH_FAILED | HASH_REFUSED)) return "group_password_mismatch";
    if (has(GROUP_UNKNOWN | CLIENT_GAVE_UP)) return "group_name_unknown";
    if (has(PASSWORD_WRONG | CLIENT_REFUSED)) return "user_password_wrong";
    if (has(ACCOUNT_LOCKED | CLIENT_REFUSED)) return "user_account_locked";
    if (has(USER_UNKNOWN | CLIENT_REFUSED)) return "user_unknown";
    if (has(CLIENT_CONNECTED | BOX_CONNECTED)) return "connected";
    if (has(AM2_REACHED_CLIENT | AM3_SENT | AM3_MISSED)) return "natt_udp4500_blocked";
    return null;
  }
}

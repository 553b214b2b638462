#include "service/api/shapes.h"

namespace portalkey::shapes {
namespace {

using Kind = Field::Kind;

Field text(std::string_view name, std::string_view what, std::int64_t least, std::int64_t most, bool required = false) {
  return {Kind::text, name, what, required, false, false, {}, {}, least, most};
}
Field secret(std::string_view name, std::string_view what, std::int64_t most, bool required = false) {
  return {Kind::text, name, what, required, true, false, {}, {}, 1, most};
}
Field or_null(Kind kind, std::string_view name, std::string_view what, const Shape* of = nullptr) {
  return {kind, name, what, true, false, true, {}, {}, 0, 0, of};
}
Field flag(std::string_view name, std::string_view what) { return {Kind::flag, name, what}; }
Field given(Kind kind, std::string_view name, std::string_view what, const Shape* of = nullptr) {
  return {kind, name, what, true, false, false, {}, {}, 0, 0, of};
}
Field preview() { return flag("preview", "Tell what would be done, and change nothing"); }

std::vector<Field> seed_fields(bool serial, bool user) {
  std::vector<Field> fields{
      secret("secretKey", "The seed, in base32", 256, true),
      {Kind::number, "timeInterval", "Seconds: 30 or 60; 30 unless given", false, false, false, {}, {}, 30, 60},
      text("manufacturer", "The device's manufacturer", 0, 128),
      text("model", "The device's model", 0, 128),
      {Kind::text, "hashFunction", "Of the codes; SHA1 unless given", false, false, false, {"SHA1", "SHA256"}}};
  if (serial) fields.push_back(text("serialNumber", "The token's serial number", 1, 128, true));
  if (user) fields.push_back(text("upn", "Who gets it", 1, 256));
  return fields;
}

const Shape& row() {
  static const Shape shape{"ImportRow", seed_fields(true, true)};
  return shape;
}
const Shape& seed() {
  static const Shape shape{"Seed", seed_fields(true, false)};
  return shape;
}
const Shape& limits() {
  static const Shape shape{"CallerLimits",
                           {given(Kind::texts, "domains", "Of the users it may act on; none: all"),
                            given(Kind::texts, "groups", "Whose members it may act on; none: everybody"),
                            or_null(Kind::number, "tokensADay", "It may change at most so many tokens in a day"),
                            given(Kind::flag, "mayExport", "Whether it may take whole lists")}};
  return shape;
}
const Shape& tenant() {
  static const Shape shape{
      "Tenant",
      {given(Kind::text, "name", "By which it stands in addresses"), given(Kind::text, "tenantId", "Its id or domain"),
       given(Kind::text, "cloud", "Of Microsoft's"), given(Kind::text, "backend", "`portal` or `graph`")}};
  return shape;
}
const Shape& token() {
  static const Shape shape{"Token",
                           {given(Kind::text, "serialNumber", "Its serial number"),
                            given(Kind::text, "upn", "Whose it is; empty: nobody's"),
                            {Kind::text, "state", "How it is", true, false, false, {"active", "not activated", "unassigned"}},
                            or_null(Kind::number, "timeInterval", "Seconds"),
                            given(Kind::text, "manufacturer", "Its manufacturer"),
                            given(Kind::text, "model", "Its model"),
                            given(Kind::text, "displayName", "The user's name"),
                            given(Kind::text, "userId", "The user's object id"),
                            given(Kind::text, "id", "Its id in the tenant")}};
  return shape;
}
const Shape& audit_entry() {
  std::vector<Field> fields{given(Kind::number, "number", "Counted without a gap"),
                            {Kind::text, "time", "When", true, false, false, {}, "date-time"}};
  for (const auto name : {"action", "outcome", "callerKind", "callerId", "callerName", "peer", "tenant", "serialNumber", "upn",
                          "job", "correlationId", "detail", "hash"})
    fields.push_back(given(Kind::text, name, "See the documentation of the audit trail"));
  static const Shape shape{"AuditEntry", std::move(fields)};
  return shape;
}
const Shape& outcome() {
  static const Shape shape{"TokenOutcome",
                           {given(Kind::text, "serialNumber", "Its serial number"),
                            given(Kind::text, "upn", "Its user"),
                            given(Kind::text, "state", "What became of it"),
                            {Kind::number, "line", "Of the file"},
                            {Kind::text, "code", "Why, for programs"},
                            {Kind::text, "reason", "Why"},
                            {Kind::text, "remedy", "What to do"},
                            {Kind::text, "settled", "When it was known", false, false, false, {}, "date-time"}}};
  return shape;
}
std::vector<Field> job_fields(bool required) {
  std::vector<Field> fields;
  for (const auto& [name, what] :
       {std::pair{"id", "Its id"},
        {"tenant", "Its tenant"},
        {"kind", "What it does"},
        {"state", "`queued`, `running`, `done`, `interrupted`, `finished with failures`, `cancelled`, `planned`"},
        {"backend", "Through which"},
        {"file", "The file's name; empty: none"},
        {"until", "How far tokens go"},
        {"begunBy", "Who asked for it; empty: somebody at a command line"}})
    fields.push_back(given(Kind::text, name, what));
  fields.push_back(given(Kind::flag, "ended", "It is at its end for good"));
  for (const auto& [name, what] : {std::pair{"tokens", "How many it is about"},
                                   {"good", "Where they were to be"},
                                   {"failed", "That failed"},
                                   {"notCome", "That no run came to"}})
    fields.push_back(given(Kind::number, name, what));
  for (const auto* name : {"created", "updated"})
    fields.push_back({Kind::text, name, "When", true, false, false, {}, "date-time"});
  for (auto& field : fields) field.required = required;
  return fields;
}
Shape page(std::string_view name, const Shape& of) {
  return {name,
          {given(Kind::objects, "value", "The page", &of),
           or_null(Kind::text, "next", "Where the next page begins; null: this is the last")}};
}
const Shape& filter() {
  static const Shape shape{
      "TokenFilter",
      {text("search", "Begins a serial number or a UPN", 1, 256),
       text("upn", "Of this user; `none`: of nobody", 1, 256),
       {Kind::text, "state", "In this state", false, false, false, {"active", "not activated", "unassigned"}},
       text("serialNumber", "Is contained in the serial number", 1, 128),
       text("manufacturer", "Is contained in the manufacturer's name", 1, 128),
       text("model", "Is contained in the model", 1, 128)}};
  return shape;
}
const Shape& listed() {
  static const Shape shape{"ListedToken", {text("serialNumber", "The token", 1, 128), text("upn", "The user", 1, 256)}};
  return shape;
}

}  // namespace

const Shape& status() {
  static const Shape shape{"Status", {given(Kind::text, "status", "How it is"), {Kind::texts, "missing", "What is missing"}}};
  return shape;
}
const Shape& me() {
  static const Shape shape{"Me",
                           {{Kind::text, "kind", "What calls", true, false, false, {"user", "app", "key"}},
                            given(Kind::text, "id", "Object id, application id, or id of the key"),
                            given(Kind::text, "name", "UPN, or name of the key"),
                            given(Kind::texts, "rights", "What it may do"),
                            given(Kind::texts, "tenants", "Where"),
                            given(Kind::object, "limits", "What of that only in part", &limits())}};
  return shape;
}
const Shape& tenants() {
  static const Shape shape{"Tenants", {given(Kind::objects, "value", "The tenants", &tenant())}};
  return shape;
}
const Shape& audit_page() {
  static const Shape shape = page("AuditPage", audit_entry());
  return shape;
}
const Shape& token_page() {
  static const Shape shape = [] {
    Shape out = page("TokenPage", token());
    out.fields.push_back({Kind::text, "asOf", "When the tenant was last read whole", true, false, false, {}, "date-time"});
    return out;
  }();
  return shape;
}
const Shape& token_counts() {
  static const Shape shape{"TokenCounts",
                           {given(Kind::number, "tokens", "All that fit"),
                            given(Kind::number, "active", "Active"),
                            given(Kind::number, "notActivated", "Somebody's, and not active"),
                            given(Kind::number, "unassigned", "Nobody's"),
                            {Kind::text, "asOf", "When the tenant was last read whole", true, false, false, {}, "date-time"}}};
  return shape;
}
const Shape& known_token() {
  static const Shape shape{"KnownToken",
                           {given(Kind::text, "serial", "Its serial number"),
                            given(Kind::text, "tenant", "The tenant"),
                            given(Kind::text, "backend", "Through which"),
                            given(Kind::text, "state", "How it is"),
                            or_null(Kind::text, "knownSince", "The first job that knew it"),
                            {Kind::anything, "jobs", "What jobs did to it", true}},
                           true};
  return shape;
}
const Shape& checked_code() {
  static const Shape shape{"CheckedCode", {{Kind::text, "serial", "The token"}}, true};
  return shape;
}
const Shape& user() {
  static const Shape shape{"User",
                           {given(Kind::text, "upn", "The user"),
                            or_null(Kind::flag, "exists", "Whether there is such a user; null: nobody could be asked"),
                            {Kind::anything, "tokens", "Their hardware tokens", true},
                            given(Kind::number, "free", "Places left for tokens and authenticator apps"),
                            given(Kind::flag, "freeIsAtMost", "There may be fewer")},
                           true};
  return shape;
}
const Shape& users() {
  static const Shape one{"UserTokens",
                         {given(Kind::text, "upn", "The user"), given(Kind::number, "tokens", "How many they have"),
                          given(Kind::number, "active", "How many are active")},
                         true};
  static const Shape shape{"Users", {given(Kind::objects, "value", "The users", &one)}};
  return shape;
}
const Shape& job() {
  static const Shape shape = [] {
    Shape out{"Job", job_fields(true)};
    out.fields.push_back({Kind::anything, "heldUpBy", "Why its last run ended early, and what to do: code, detail, remedy"});
    return out;
  }();
  return shape;
}
const Shape& job_page() {
  static const Shape shape = page("JobPage", job());
  return shape;
}
const Shape& job_or_outcomes() {
  static const Shape shape = [] {
    Shape out{"JobResult", job_fields(false), true};
    out.fields.erase(std::find_if(out.fields.begin(), out.fields.end(), [](const Field& f) { return f.name == "tokens"; }));
    out.fields.push_back({Kind::objects,
                          "results",
                          "What became of each token; of many the first hundred",
                          false,
                          false,
                          false,
                          {},
                          {},
                          0,
                          0,
                          &outcome()});
    return out;
  }();
  return shape;
}
const Shape& outcome_page() {
  static const Shape shape = page("OutcomePage", outcome());
  return shape;
}
const Shape& session() {
  static const Shape shape{
      "Session", {given(Kind::text, "account", "The service account"), {Kind::anything, "warnings", "What will end it"}}, true};
  return shape;
}
const Shape& rotated() {
  static const Shape shape{
      "RotatedSession",
      {given(Kind::text, "account", "The service account"), given(Kind::text, "version", "Of the secret, as stored")},
      true};
  return shape;
}
const Shape& portal_operations() {
  static const Shape one{
      "PortalOperation", {given(Kind::text, "name", "Its name"), given(Kind::text, "path", "Its path")}, true};
  static const Shape shape{"PortalOperations", {given(Kind::objects, "value", "Reads", &one)}};
  return shape;
}

const Shape& new_token() {
  static const Shape shape = [] {
    Shape out{"NewToken", seed_fields(true, true)};
    out.fields.push_back(flag("activate", "Also activate it; true unless given"));
    out.fields.push_back(flag("again", "It may come back after it was taken away"));
    out.fields.push_back(preview());
    return out;
  }();
  return shape;
}
const Shape& assignment() {
  static const Shape shape{"Assignment", {text("upn", "Who gets it", 1, 256, true), preview()}};
  return shape;
}
const Shape& activation() {
  static const Shape shape = [] {
    Shape out{"Activation", seed_fields(false, false)};
    out.fields.front().required = false;
    out.fields.push_back(secret("code", "What the device shows now", 10));
    out.fields.push_back(secret("nextCode", "What it shows next, which tells its clock", 10));
    out.fields.push_back(preview());
    return out;
  }();
  return shape;
}
const Shape& replacement() {
  static const Shape shape{
      "Replacement",
      {text("upn", "Whose token it is", 1, 256, true), given(Kind::object, "by", "The new token", &seed()), preview()}};
  return shape;
}
const Shape& code_check() {
  static const Shape shape = [] {
    Shape out{"CodeCheck", seed_fields(false, false)};
    out.fields.push_back(secret("code", "What the device shows", 10, true));
    out.fields.push_back(secret("nextCode", "What it shows next", 10));
    return out;
  }();
  return shape;
}
const Shape& leaving() {
  static const Shape shape{"Leaving",
                           {flag("remove", "Take the tokens out of the tenant, also where it could keep them"), preview()}};
  return shape;
}
const Shape& user_list() {
  static const Shape shape{"UserList", {{Kind::texts, "users", "UPNs", true, false, false, {}, {}, 1, 10'000}}};
  return shape;
}
const Shape& import() {
  static const Shape shape{
      "Import",
      {{Kind::objects, "tokens", "Rows", false, true, false, {}, {}, 1, 100'000, &row()},
       {Kind::anything, "file", "A seed file in base64, or as Power Automate has files", false, true},
       {Kind::anything, "people", "A list of who gets which token, likewise"},
       text("fileName", "What the file is called", 0, 255),
       {Kind::number, "timeInterval", "Of tokens whose file does not say it: 30 or 60", false, false, false, {}, {}, 30, 60},
       {Kind::text, "until", "Stop when tokens are uploaded", false, false, false, {"active", "uploaded"}},
       flag("again", "Tokens that were taken away may come back"),
       preview()}};
  return shape;
}
const Shape& job_of_tokens() {
  static const Shape shape{
      "JobOfTokens",
      {{Kind::text, "kind", "What is to be done", true, false, false, {"assign", "unassign", "remove", "leave"}},
       {Kind::objects,
        "tokens",
        "The tokens, with users where they get them; of leavers the users",
        false,
        false,
        false,
        {},
        {},
        1,
        100'000,
        &listed()},
       {Kind::object, "filter", "All tokens that fit, as the mirror has them", false, false, false, {}, {}, 0, 0, &filter()},
       flag("remove", "Of leavers: take the tokens out of the tenant"),
       preview()}};
  return shape;
}
const Shape& portal_call() {
  static const Shape shape{
      "PortalCall",
      {text("path", "Path and query, from the host's root", 1, 4096, true),
       {Kind::text, "method", "GET unless given", false, false, false, {"GET", "POST", "PUT", "PATCH", "DELETE"}},
       {Kind::anything, "body", "JSON", false, true}}};
  return shape;
}

}  // namespace portalkey::shapes

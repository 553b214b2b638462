#include "service/audit/checkpoint.h"

#include <boost/json.hpp>

#include "service/audit/canonical_object.h"
#include "service/audit/entry_form.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::size_t kHash = 64;

std::string form_of(const Checkpoint& checkpoint, std::string_view signature) {
  std::string out;
  CanonicalObject object(out);
  object.text("head", checkpoint.head);
  object.text("key", checkpoint.key);
  object.number("seq", checkpoint.seq);
  object.text("signature", signature);
  object.text("time", audit_time(checkpoint.time));
  object.text("trail", checkpoint.trail);
  object.end();
  return out;
}

std::string form_of(const PruningStub& stub, std::string_view signature) {
  std::string out;
  CanonicalObject object(out);
  object.text("head", stub.head);
  object.text("key", stub.key);
  object.text("older_than", audit_time(stub.older_than));
  object.number("pruned_through", stub.through);
  object.text("signature", signature);
  object.text("time", audit_time(stub.time));
  object.text("trail", stub.trail);
  object.end();
  return out;
}

/// Members of an object that somebody gave us; `all` stays true while each is there.
class Members {
 public:
  explicit Members(std::string_view text) {
    boost::system::error_code failed;
    auto value = json::parse(text, failed);
    if (!failed && value.is_object()) object_ = std::move(value.as_object());
  }
  std::string text(std::string_view name) {
    const auto* value = object_.if_contains(name);
    all = all && value != nullptr && value->is_string();
    return all ? std::string(value->as_string()) : std::string();
  }
  std::int64_t number(std::string_view name) {
    const auto* value = object_.if_contains(name);
    all = all && value != nullptr && value->is_int64() && value->as_int64() > 0;
    return all ? value->as_int64() : 0;
  }
  WallTime time(std::string_view name) {
    const auto time = parse_audit_time(text(name));
    all = all && time.has_value();
    return time.value_or(WallTime{});
  }
  bool all = true;

 private:
  json::object object_;
};

}  // namespace

Checkpoint signed_checkpoint(std::string trail, std::int64_t seq, std::string head, WallTime time, const SigningKey& key) {
  Checkpoint out{std::move(trail), seq, std::move(head), from_unix_milliseconds(unix_milliseconds(time)), key.public_key(), {}};
  out.signature = key.sign(form_of(out, {}));
  return out;
}

std::string checkpoint_line(const Checkpoint& checkpoint) { return form_of(checkpoint, checkpoint.signature); }

std::optional<Checkpoint> checkpoint_of(std::string_view line) {
  Members members(line);
  Checkpoint out;
  out.trail = members.text("trail");
  out.seq = members.number("seq");
  out.head = members.text("head");
  out.time = members.time("time");
  out.key = members.text("key");
  out.signature = members.text("signature");
  return members.all && out.head.size() == kHash ? std::optional(std::move(out)) : std::nullopt;
}

bool signature_fits(const Checkpoint& checkpoint) {
  return signature_fits(checkpoint.key, form_of(checkpoint, {}), checkpoint.signature);
}

void sign(PruningStub& stub, const SigningKey& key) {
  stub.key = key.public_key();
  stub.signature = key.sign(form_of(stub, {}));
}

std::string stub_line(const PruningStub& stub) { return form_of(stub, stub.signature); }

std::optional<PruningStub> stub_of(std::string_view line) {
  Members members(line);
  PruningStub out;
  out.trail = members.text("trail");
  out.through = members.number("pruned_through");
  out.head = members.text("head");
  out.older_than = members.time("older_than");
  out.time = members.time("time");
  out.key = members.text("key");
  out.signature = members.text("signature");
  return members.all && out.head.size() == kHash ? std::optional(std::move(out)) : std::nullopt;
}

bool signature_fits(const PruningStub& stub) { return signature_fits(stub.key, form_of(stub, {}), stub.signature); }

}  // namespace portalkey

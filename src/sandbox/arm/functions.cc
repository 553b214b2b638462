// The functions of template expressions.

#include <algorithm>
#include <charconv>
#include <span>

#include "base/base64.h"
#include "base/percent_encoding.h"
#include "sandbox/arm/expression.h"
#include "sandbox/world/rbac.h"
#include "sandbox/world/signing_key.h"

namespace portalkey::sandbox {
namespace {

using Arguments = const json::array&;

struct Call {
  TemplateScope& scope;
  std::string_view name;
  Arguments in;

  std::unexpected<std::string> problem(std::string_view what) const {
    return std::unexpected("The template language function '" + std::string(name) + "' " + std::string(what) + '.');
  }
  bool is_text(std::size_t i) const { return i < in.size() && in[i].is_string(); }
  std::string text(std::size_t i) const { return std::string(view(in[i].get_string())); }
};

/// A value as `concat` and `string` show it.
std::string shown(const json::value& value) {
  if (value.is_string()) return std::string(view(value.get_string()));
  if (value.is_bool()) return value.get_bool() ? "True" : "False";
  return json::serialize(value);
}

Evaluated texts_of(const Call& call, std::size_t from, std::vector<std::string>& out) {
  for (std::size_t i = from; i < call.in.size(); ++i) {
    if (!call.in[i].is_string()) return call.problem("expects its arguments to be strings");
    out.push_back(call.text(i));
  }
  return json::value(nullptr);
}

Evaluated parameters(const Call& call) {
  if (call.in.size() != 1 || !call.is_text(0)) return call.problem("expects the name of a parameter");
  const auto* found = member(call.scope.parameters, call.text(0));
  if (found == nullptr)
    return std::unexpected("The template parameter '" + call.text(0) +
                           "' is not found. Please see https://aka.ms/arm-syntax-parameters for usage details.");
  return *found;
}

Evaluated variables(const Call& call) {
  if (call.in.size() != 1 || !call.is_text(0)) return call.problem("expects the name of a variable");
  const auto* found = member(call.scope.variables, call.text(0));
  if (found == nullptr)
    return std::unexpected("The template variable '" + call.text(0) +
                           "' is not found. Please see https://aka.ms/arm-syntax-variables for usage details.");
  if (++call.scope.depth > 20) return std::unexpected("The template variable '" + call.text(0) + "' refers to itself.");
  const json::value written = *found;
  auto value = evaluate_all(call.scope, written);
  --call.scope.depth;
  return value;
}

Evaluated concat(const Call& call) {
  if (!call.in.empty() && call.in[0].is_array()) {
    json::array out;
    for (const auto& one : call.in) {
      if (!one.is_array()) return call.problem("expects all arguments to be arrays if the first is one");
      out.insert(out.end(), one.get_array().begin(), one.get_array().end());
    }
    return out;
  }
  std::string out;
  for (const auto& one : call.in) out += shown(one);
  return json::value(out);
}

Evaluated format(const Call& call) {
  if (!call.is_text(0)) return call.problem("expects a format string");
  const std::string pattern = call.text(0);
  std::string out;
  for (std::size_t i = 0; i < pattern.size(); ++i) {
    const char c = pattern[i];
    if ((c == '{' || c == '}') && i + 1 < pattern.size() && pattern[i + 1] == c) {
      out += c;
      ++i;
    } else if (c == '{') {
      const auto end = pattern.find('}', i);
      std::size_t index = 0;
      if (end == std::string::npos) return call.problem("has a format string with an open brace");
      std::from_chars(pattern.data() + i + 1, pattern.data() + end, index);
      if (index + 1 >= call.in.size()) return call.problem("has too few arguments for its format string");
      out += shown(call.in[index + 1]);
      i = end;
    } else {
      out += c;
    }
  }
  return json::value(out);
}

/// Splits the arguments of the resourceId family: what stands before the type, the type, the names.
struct IdParts {
  std::vector<std::string> before, names;
  std::string type;
};
Evaluated id_parts(const Call& call, std::size_t from, IdParts& parts) {
  std::vector<std::string> all;
  if (auto read = texts_of(call, from, all); !read) return read;
  std::size_t i = 0;
  for (; i < all.size() && (all[i].find('/') == std::string::npos || all[i].find('.') == std::string::npos); ++i) {
    parts.before.push_back(all[i]);
  }
  if (i == all.size()) return call.problem("expects a fully qualified resource type");
  parts.type = all[i];
  parts.names.assign(all.begin() + static_cast<std::ptrdiff_t>(i) + 1, all.end());
  const auto levels = static_cast<std::size_t>(std::ranges::count(parts.type, '/'));
  if (parts.names.size() != levels) {
    return call.problem("expects " + std::to_string(levels) + " names for the resource type '" + parts.type + "' and has " +
                        std::to_string(parts.names.size()));
  }
  return json::value(nullptr);
}

std::string subscription_id(const Call& call) { return string_member(call.scope.subscription, "subscriptionId").value_or(""); }

Evaluated resource_id(const Call& call) {
  IdParts parts;
  if (auto read = id_parts(call, 0, parts); !read) return read;
  std::string subscription = subscription_id(call);
  std::string group = string_member(call.scope.resource_group, "name").value_or("");
  if (parts.before.size() == 2) {
    subscription = parts.before[0];
    group = parts.before[1];
  } else if (parts.before.size() == 1) {
    (is_guid(parts.before[0]) && group.empty() ? subscription : group) = parts.before[0];
  } else if (parts.before.size() > 2) {
    return call.problem("has too many arguments before the resource type");
  }
  std::string scope = "/subscriptions/" + subscription;
  if (!group.empty()) scope += "/resourceGroups/" + group;
  return json::value(resource_id_of(scope, parts.type, parts.names));
}

Evaluated subscription_resource_id(const Call& call) {
  IdParts parts;
  if (auto read = id_parts(call, 0, parts); !read) return read;
  return json::value(resource_id_of("/subscriptions/" + (parts.before.empty() ? subscription_id(call) : parts.before[0]),
                                    parts.type, parts.names));
}

Evaluated tenant_resource_id(const Call& call) {
  IdParts parts;
  if (auto read = id_parts(call, 0, parts); !read) return read;
  return json::value(resource_id_of("", parts.type, parts.names));
}

Evaluated extension_resource_id(const Call& call) {
  if (!call.is_text(0)) return call.problem("expects a resource id first");
  IdParts parts;
  if (auto read = id_parts(call, 1, parts); !read) return read;
  return json::value(resource_id_of(call.text(0), parts.type, parts.names));
}

std::string joined(const Call& call) {
  std::string all;
  for (const auto& one : call.in) all += shown(one) + '-';
  return all;
}

Evaluated guid(const Call& call) {
  if (call.in.empty()) return call.problem("expects at least one argument");
  return json::value(guid_of(joined(call)));
}

Evaluated unique_string(const Call& call) {
  if (call.in.empty()) return call.problem("expects at least one argument");
  constexpr std::string_view kLetters = "abcdefghijklmnopqrstuvwxyz234567";
  const std::string digest = sha256_hex(joined(call));
  std::string out;
  for (std::size_t i = 0; i < 13; ++i) {
    unsigned value = 0;
    std::from_chars(digest.data() + 2 * i, digest.data() + 2 * i + 2, value, 16);
    out += kLetters[value % 32];
  }
  return json::value(out);
}

Evaluated subscription(const Call& call) { return call.scope.subscription; }
Evaluated tenant(const Call& call) { return call.scope.tenant; }
Evaluated deployment(const Call& call) { return call.scope.deployment; }
Evaluated environment(const Call& call) { return call.scope.environment; }
Evaluated resource_group(const Call& call) {
  if (call.scope.resource_group.empty())
    return call.problem("is not expected at this location: the deployment has no resource group");
  return call.scope.resource_group;
}

Evaluated reference(const Call& call) {
  if (!call.is_text(0)) return call.problem("expects a resource id or a symbolic name");
  if (!call.scope.reference) return call.problem("is not expected at this location");
  const bool full = call.in.size() == 3 && call.is_text(2) && same_ignoring_case(call.text(2), "full");
  return call.scope.reference(call.text(0), full);
}

Evaluated resource_info(const Call& call) {
  if (!call.is_text(0) || !call.scope.symbol) return call.problem("expects a symbolic name");
  const std::string id = call.scope.symbol(call.text(0));
  if (id.empty()) return call.problem("names a resource that the template does not have: '" + call.text(0) + "'");
  return json::object{{"id", id}, {"name", id.substr(id.rfind('/') + 1)}};
}

template <char (*Change)(char)>
Evaluated changed(const Call& call) {
  if (!call.is_text(0)) return call.problem("expects a string");
  std::string out = call.text(0);
  std::ranges::transform(out, out.begin(), Change);
  return json::value(out);
}

Evaluated trim(const Call& call) {
  if (!call.is_text(0)) return call.problem("expects a string");
  return json::value(trimmed(call.text(0)));
}

bool loosely_equal(const json::value& a, const json::value& b) {
  if (a.is_string() && b.is_string()) return view(a.get_string()) == view(b.get_string());
  return a == b;
}

Evaluated equals(const Call& call) {
  if (call.in.size() != 2) return call.problem("expects two arguments");
  return json::value(loosely_equal(call.in[0], call.in[1]));
}

Evaluated negated(const Call& call) {
  if (call.in.size() != 1 || !call.in[0].is_bool()) return call.problem("expects a boolean");
  return json::value(!call.in[0].get_bool());
}

Evaluated empty(const Call& call) {
  if (call.in.size() != 1) return call.problem("expects one argument");
  const auto& value = call.in[0];
  return json::value(value.is_null() || (value.is_string() && value.get_string().empty()) ||
                     (value.is_array() && value.get_array().empty()) || (value.is_object() && value.get_object().empty()));
}

void merge(json::object& into, const json::object& from) {
  for (const auto& item : from) {
    auto& slot = into[item.key()];
    if (slot.is_object() && item.value().is_object()) {
      merge(slot.get_object(), item.value().get_object());
    } else {
      slot = item.value();
    }
  }
}

Evaluated union_of(const Call& call) {
  if (call.in.empty()) return call.problem("expects at least one argument");
  if (call.in[0].is_object()) {
    json::object out;
    for (const auto& one : call.in) {
      if (!one.is_object()) return call.problem("expects arguments of one kind");
      merge(out, one.get_object());
    }
    return out;
  }
  json::array out;
  for (const auto& one : call.in) {
    if (!one.is_array()) return call.problem("expects arrays or objects");
    for (const auto& item : one.get_array()) {
      if (std::ranges::find(out, item) == out.end()) out.push_back(item);
    }
  }
  return out;
}

Evaluated create_array(const Call& call) { return call.in; }

Evaluated create_object(const Call& call) {
  if (call.in.size() % 2 != 0) return call.problem("expects pairs of name and value");
  json::object out;
  for (std::size_t i = 0; i < call.in.size(); i += 2) {
    if (!call.is_text(i)) return call.problem("expects names to be strings");
    out[call.text(i)] = call.in[i + 1];
  }
  return out;
}

Evaluated to_text(const Call& call) {
  if (call.in.size() != 1) return call.problem("expects one argument");
  return json::value(shown(call.in[0]));
}

Evaluated to_int(const Call& call) {
  if (call.in.size() == 1 && call.in[0].is_int64()) return call.in[0];
  if (!call.is_text(0)) return call.problem("expects a string or a number");
  const std::string text = call.text(0);
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size())
    return call.problem("cannot convert '" + text + "' to a number");
  return json::value(value);
}

Evaluated to_bool(const Call& call) {
  if (call.in.size() == 1 && call.in[0].is_bool()) return call.in[0];
  if (call.in.size() == 1 && call.in[0].is_int64()) return json::value(call.in[0].get_int64() != 0);
  if (!call.is_text(0)) return call.problem("expects a string or a number");
  const std::string text = lower(call.text(0));
  if (text == "true" || text == "1") return json::value(true);
  if (text == "false" || text == "0") return json::value(false);
  return call.problem("cannot convert '" + text + "' to a boolean");
}

Evaluated length(const Call& call) {
  if (call.in.size() != 1) return call.problem("expects one argument");
  const auto& value = call.in[0];
  if (value.is_string()) return json::value(static_cast<std::int64_t>(value.get_string().size()));
  if (value.is_array()) return json::value(static_cast<std::int64_t>(value.get_array().size()));
  if (value.is_object()) return json::value(static_cast<std::int64_t>(value.get_object().size()));
  return call.problem("expects a string, an array or an object");
}

Evaluated contains(const Call& call) {
  if (call.in.size() != 2) return call.problem("expects two arguments");
  const auto& in = call.in[0];
  if (in.is_string()) return json::value(call.text(0).find(shown(call.in[1])) != std::string::npos);
  if (in.is_object()) return json::value(call.is_text(1) && member(in.get_object(), call.text(1)) != nullptr);
  if (in.is_array()) {
    return json::value(std::ranges::any_of(in.get_array(), [&](const auto& one) { return loosely_equal(one, call.in[1]); }));
  }
  return call.problem("expects a string, an array or an object first");
}

Evaluated split(const Call& call) {
  if (call.in.size() != 2 || !call.is_text(0) || !call.is_text(1) || call.text(1).empty()) {
    return call.problem("expects a string and a delimiter");
  }
  const std::string text = call.text(0), by = call.text(1);
  json::array out;
  for (std::size_t from = 0;;) {
    const auto end = text.find(by, from);
    out.emplace_back(text.substr(from, end == std::string::npos ? end : end - from));
    if (end == std::string::npos) return out;
    from = end + by.size();
  }
}

Evaluated join(const Call& call) {
  if (call.in.size() != 2 || !call.in[0].is_array() || !call.is_text(1))
    return call.problem("expects an array and a delimiter");
  std::string out;
  for (const auto& one : call.in[0].get_array()) out += (out.empty() ? "" : call.text(1)) + shown(one);
  return json::value(out);
}

Evaluated substring(const Call& call) {
  if (call.in.size() < 2 || !call.is_text(0) || !call.in[1].is_int64()) return call.problem("expects a string and a start");
  const std::string text = call.text(0);
  const auto from = call.in[1].get_int64();
  const auto count =
      call.in.size() > 2 && call.in[2].is_int64() ? call.in[2].get_int64() : static_cast<std::int64_t>(text.size()) - from;
  if (from < 0 || count < 0 || static_cast<std::size_t>(from + count) > text.size()) {
    return call.problem("is asked for a part that lies outside of the string");
  }
  return json::value(text.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(count)));
}

Evaluated take(const Call& call) {
  if (call.in.size() != 2 || !call.in[1].is_int64()) return call.problem("expects a string or an array, and a number");
  const auto count = static_cast<std::size_t>(std::max<std::int64_t>(0, call.in[1].get_int64()));
  if (call.is_text(0)) return json::value(call.text(0).substr(0, count));
  if (!call.in[0].is_array()) return call.problem("expects a string or an array");
  const auto& list = call.in[0].get_array();
  return json::array(list.begin(), list.begin() + static_cast<std::ptrdiff_t>(std::min(count, list.size())));
}

Evaluated replace(const Call& call) {
  if (call.in.size() != 3 || !call.is_text(0) || !call.is_text(1) || !call.is_text(2))
    return call.problem("expects three strings");
  std::string text = call.text(0);
  const std::string from = call.text(1), to = call.text(2);
  for (std::size_t at = 0; !from.empty() && (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
  return json::value(text);
}

template <bool AtEnd>
Evaluated affix(const Call& call) {
  if (call.in.size() != 2 || !call.is_text(0) || !call.is_text(1)) return call.problem("expects two strings");
  const std::string text = lower(call.text(0)), part = lower(call.text(1));
  return json::value(AtEnd ? text.ends_with(part) : text.starts_with(part));
}

template <bool Last>
Evaluated end_of(const Call& call) {
  if (call.in.size() != 1 || !(call.in[0].is_array() || call.in[0].is_string()))
    return call.problem("expects an array or a string");
  if (call.in[0].is_array()) {
    const auto& list = call.in[0].get_array();
    if (list.empty()) return json::value(nullptr);
    return Last ? list.back() : list.front();
  }
  const std::string text = call.text(0);
  if (text.empty()) return json::value("");
  return json::value(std::string(1, Last ? text.back() : text.front()));
}

Evaluated coalesce(const Call& call) {
  for (const auto& one : call.in) {
    if (!one.is_null()) return one;
  }
  return json::value(nullptr);
}

/// `tryGet(value, name…)`: null where a step is missing.
Evaluated try_get(const Call& call) {
  if (call.in.empty()) return call.problem("expects a value first");
  json::value value = call.in[0];
  for (std::size_t i = 1; i < call.in.size(); ++i) {
    const json::value* next = nullptr;
    if (value.is_object() && call.is_text(i)) next = member(value.get_object(), call.text(i));
    if (value.is_array() && call.in[i].is_int64()) {
      const auto at = static_cast<std::size_t>(call.in[i].get_int64());
      if (at < value.get_array().size()) next = &value.get_array()[at];
    }
    if (next == nullptr) return json::value(nullptr);
    json::value copy = *next;
    value = std::move(copy);
  }
  return value;
}

Evaluated to_json(const Call& call) {
  if (!call.is_text(0)) return call.problem("expects a string");
  auto value = parse_json(call.text(0));
  if (!value) return call.problem("has an argument that is not JSON");
  return *value;
}

Evaluated to_base64(const Call& call) {
  if (!call.is_text(0)) return call.problem("expects a string");
  return json::value(base64(call.text(0)));
}

Evaluated uri_component(const Call& call) {
  if (!call.is_text(0)) return call.problem("expects a string");
  return json::value(percent_encode(call.text(0)));
}

Evaluated now(const Call& call) {
  const std::string pattern = call.is_text(0) ? call.text(0) : "";
  if (pattern.empty()) {
    std::string compact = call.scope.now;
    std::erase_if(compact, [](char c) { return c == '-' || c == ':'; });
    return json::value(compact);
  }
  const std::string& at = call.scope.now;  // 2026-01-01T00:00:00Z
  std::string out = pattern == "u" ? at.substr(0, 10) + ' ' + at.substr(11) : pattern;
  const std::pair<std::string_view, std::string> fields[] = {{"yyyy", at.substr(0, 4)}, {"MM", at.substr(5, 2)},
                                                             {"dd", at.substr(8, 2)},   {"HH", at.substr(11, 2)},
                                                             {"mm", at.substr(14, 2)},  {"ss", at.substr(17, 2)}};
  for (const auto& [name, value] : fields) {
    if (const auto found = out.find(name); found != std::string::npos) out.replace(found, name.size(), value);
  }
  return json::value(out);
}

Evaluated constant_true(const Call&) { return json::value(true); }
Evaluated constant_false(const Call&) { return json::value(false); }
Evaluated constant_null(const Call&) { return json::value(nullptr); }

struct Function {
  std::string_view name;
  Evaluated (*run)(const Call&);
};
constexpr Function kFunctions[] = {
    {"parameters", parameters},
    {"variables", variables},
    {"concat", concat},
    {"format", format},
    {"resourceId", resource_id},
    {"subscriptionResourceId", subscription_resource_id},
    {"tenantResourceId", tenant_resource_id},
    {"extensionResourceId", extension_resource_id},
    {"guid", guid},
    {"uniqueString", unique_string},
    {"subscription", subscription},
    {"tenant", tenant},
    {"resourceGroup", resource_group},
    {"deployment", deployment},
    {"environment", environment},
    {"reference", reference},
    {"resourceInfo", resource_info},
    {"toLower", changed<to_lower>},
    {"toUpper", changed<to_upper>},
    {"trim", trim},
    {"equals", equals},
    {"not", negated},
    {"empty", empty},
    {"union", union_of},
    {"createArray", create_array},
    {"createObject", create_object},
    {"string", to_text},
    {"int", to_int},
    {"bool", to_bool},
    {"length", length},
    {"contains", contains},
    {"split", split},
    {"join", join},
    {"substring", substring},
    {"take", take},
    {"replace", replace},
    {"startsWith", affix<false>},
    {"endsWith", affix<true>},
    {"first", end_of<false>},
    {"last", end_of<true>},
    {"coalesce", coalesce},
    {"tryGet", try_get},
    {"json", to_json},
    {"base64", to_base64},
    {"uriComponent", uri_component},
    {"utcNow", now},
    {"true", constant_true},
    {"false", constant_false},
    {"null", constant_null},
};

const Function* find_function(std::string_view name) {
  const auto* found = std::ranges::find_if(kFunctions, [&](const Function& one) { return same_ignoring_case(one.name, name); });
  return found == std::end(kFunctions) ? nullptr : found;
}

}  // namespace

bool is_template_function(std::string_view name) { return find_function(name) != nullptr; }

Evaluated call_template_function(TemplateScope& scope, std::string_view name, const json::array& arguments) {
  const auto* function = find_function(name);
  if (function == nullptr) return std::unexpected("The template function '" + std::string(name) + "' is not valid.");
  return function->run(Call{scope, function->name, arguments});
}

std::string resource_id_of(std::string_view scope, std::string_view type, std::span<const std::string> names) {
  // A resource group is no resource of a provider: its id has its own shape.
  if (same_ignoring_case(type, "Microsoft.Resources/resourceGroups") && names.size() == 1) {
    return std::string(scope) + "/resourceGroups/" + names[0];
  }
  std::string out(scope);
  const auto slash = type.find('/');
  out += "/providers/" + std::string(type.substr(0, slash));
  std::string_view rest = slash == std::string_view::npos ? std::string_view() : type.substr(slash + 1);
  for (const auto& name : names) {
    const auto end = rest.find('/');
    out += '/' + std::string(rest.substr(0, end)) + '/' + name;
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
  }
  return out;
}

}  // namespace portalkey::sandbox

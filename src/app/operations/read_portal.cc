#include "app/operations/read_portal.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/json.hpp>

#include "app/operations/call_portal.h"
#include "base/ascii.h"
#include "base/percent_encoding.h"
#include "base/secret_json.h"
#include "http/pages.h"

namespace portalkey {
namespace {

namespace json = boost::json;

constexpr std::string_view kRecordsAPage = "100";  // the service takes up to 999

const std::string* given(const PortalRead& read, std::string_view name) {
  const auto found =
      std::ranges::find_if(read.parameters, [&](const auto& one) { return same_ignoring_case(one.first, name); });
  return found == read.parameters.end() ? nullptr : &found->second;
}

std::string parameter_names(const ReadOperation& operation) {
  std::string names;
  for (const auto& one : parameters_of(operation)) {
    if (!one.paging) names += (names.empty() ? "" : ", ") + std::string(one.name);
  }
  return names.empty() ? fmt::format("{} takes no parameters.", operation.name)
                       : fmt::format("{} takes: {}.", operation.name, names);
}

Result<void> check_parameters(const PortalRead& read) {
  const auto known = parameters_of(*read.operation);
  for (const auto& [name, value] : read.parameters) {
    const auto found = std::ranges::find_if(known, [&](const auto& one) { return same_ignoring_case(one.name, name); });
    if (found == known.end())
      return fail(Errc::invalid_input, fmt::format("{} has no parameter {}", read.operation->name, name),
                  parameter_names(*read.operation));
    if (found->paging)
      return fail(Errc::invalid_input, fmt::format("{} is what the service names the next page with", found->name),
                  "Leave it out: all pages are read.");
    if (std::ranges::count_if(read.parameters, [&](const auto& one) { return same_ignoring_case(one.first, name); }) > 1)
      return fail(Errc::invalid_input, fmt::format("{} is given twice", found->name), "Give it once.");
    if (found->in_path && value.empty())
      return fail(Errc::invalid_input, fmt::format("{} is empty, and it is part of the path", found->name), "Give its value.");
    if (found->in_path && (value == "." || value == ".."))
      return fail(Errc::invalid_input, fmt::format("{} cannot be {}: it would be another path", found->name, value),
                  "Give its value.");
  }
  return {};
}

/// How a query begins each page, as public scripts do: `nextLink=null`, and the tokens' three parameters always.
std::string first_page(std::string_view name) { return name == "nextLink" ? "null" : ""; }

/// What names the next page; empty: this was the last.
std::string next_of(const json::object& page) {
  for (const char* name : {"nextLink", "skipToken"}) {
    const auto* next = page.if_contains(name);
    if (next != nullptr && next->is_string()) return std::string(next->get_string());
  }
  return {};
}

json::array* items_of(json::value& page) {
  auto* object = page.if_object();
  auto* items = object == nullptr ? nullptr : object->if_contains("items");
  return items == nullptr ? nullptr : items->if_array();
}

Result<Secret> page_of(Tenant& tenant, const PortalRead& read, std::string_view next) {
  auto path = path_of(read, next);
  if (!path) return pass(path);
  PortalCall call;
  call.path = std::move(*path);
  return call_portal(tenant, std::move(call));
}

}  // namespace

std::vector<const ReadOperation*> find_read_operations(std::string_view word) {
  const std::string wanted = lower(word);
  std::vector<const ReadOperation*> found;
  for (const auto& one : read_operations()) {
    const auto has = [&](std::string_view text) { return lower(text).contains(wanted); };
    if (has(one.name) || has(one.path) || has(one.what)) found.push_back(&one);
  }
  return found;
}

Result<const ReadOperation*> read_operation_named(std::string_view name) {
  const auto all = read_operations();
  const auto exact = std::ranges::find_if(all, [&](const auto& one) { return same_ignoring_case(one.name, name); });
  if (exact != all.end()) return &*exact;
  std::vector<std::string_view> similar;
  for (const auto* one : find_read_operations(name)) {
    if (similar.size() < 5) similar.push_back(one->name);
  }
  return fail(Errc::not_found, fmt::format("no read of the portal's API is known as {}", name),
              similar.empty()
                  ? "See [[portal-operations]]; what is not listed can still be called by its path: [[call-portal]]."
                  : fmt::format("Similar: {}. See [[portal-operations]].", fmt::join(similar, ", ")));
}

Result<std::string> path_of(const PortalRead& read, std::string_view next) {
  if (auto fine = check_parameters(read); !fine) return pass(fine);
  std::string path = "/api" + std::string(read.operation->path);
  std::string query;
  for (const auto& one : parameters_of(*read.operation)) {
    const auto* value = given(read, one.name);
    if (one.in_path) {
      if (value == nullptr)
        return fail(Errc::invalid_input, fmt::format("{} needs {}", read.operation->name, one.name),
                    fmt::format("Give {}=VALUE. {}", one.name, parameter_names(*read.operation)));
      const auto at = path.find(fmt::format("{{{}}}", one.name));
      path.replace(at, one.name.size() + 2, percent_encode(*value));
      continue;
    }
    std::string sent;
    if (value != nullptr) {
      sent = *value;
    } else if (one.paging) {
      sent = next.empty() ? first_page(one.name) : std::string(next);
    } else if (one.name == "top") {
      sent = kRecordsAPage;
    } else if (one.required) {
      return fail(Errc::invalid_input, fmt::format("{} needs {}", read.operation->name, one.name),
                  fmt::format("Give {}=VALUE. {}", one.name, parameter_names(*read.operation)));
    } else if (!read.operation->query.starts_with("skipToken")) {
      continue;
    }
    query += fmt::format("{}{}={}", query.empty() ? "?" : "&", one.name, percent_encode(sent));
  }
  return path + query;
}

Result<Secret> read_portal(Tenant& tenant, const PortalRead& read) {
  auto body = page_of(tenant, read, {});
  const auto parameters = parameters_of(*read.operation);
  if (!body || read.first_page_only || std::ranges::none_of(parameters, &OperationParameter::paging)) return body;

  boost::system::error_code problem;
  json::value first = body->reveal([&](std::string_view text) { return parse_secret_json(text, problem); });
  json::array* items = problem ? nullptr : items_of(first);
  if (items == nullptr) return body;  // of another form than recorded: as it is
  std::string next = next_of(first.get_object());
  if (next.empty()) return body;
  PageCount count("the portal API", kSetupPages, {});
  if (auto taken = count.take(items->size(), body->size(), next); !taken) return pass(taken);
  while (!next.empty()) {
    auto more = page_of(tenant, read, next);
    if (!more) return more;
    json::value page = more->reveal([&](std::string_view text) { return parse_secret_json(text, problem); });
    json::array* added = problem ? nullptr : items_of(page);
    if (added == nullptr)
      return fail(Errc::unavailable, "the portal API gave a page without items in the middle of a list",
                  "Try again; nothing was changed.");
    next = next_of(page.get_object());
    if (auto taken = count.take(added->size(), more->size(), next); !taken) return pass(taken);
    for (auto& item : *added) items->push_back(std::move(item));
  }
  for (const char* name : {"nextLink", "skipToken"}) {
    if (auto* left = first.get_object().if_contains(name)) *left = nullptr;
  }
  return serialize_secret_json(first);
}

}  // namespace portalkey

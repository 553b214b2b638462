#include "service/resources/imports.h"

#include <fmt/format.h>

#include "app/operations/import_seeds.h"
#include "base/ascii.h"
#include "base/base64.h"
#include "base/foreign_text.h"
#include "service/resources/answers.h"
#include "service/resources/multipart.h"
#include "service/resources/seed_body.h"

namespace portalkey {
namespace {

namespace json = boost::json;

struct Sent {
  std::optional<SeedBody> seeds, people;
  std::string name;  ///< of the file
};

/// Power Automate's own form of a file, `{"$content-type":…,"$content":"<base64>"}`, is what makers map by mistake most often.
Result<std::string> bytes_of(const json::value& value, const char* field) {
  std::string_view text;
  if (const auto* object = value.if_object()) {
    const auto* content = object->if_contains("$content");
    if (content == nullptr || !content->is_string())
      return std::unexpected(Error{
          Errc::invalid_input, "the object is no file's: it has no $content", "Give the file in base64.", {{"field", field}}});
    text = content->get_string();
  } else if (const auto* plain = value.if_string()) {
    text = *plain;
  } else {
    return std::unexpected(
        Error{Errc::invalid_input, "a file is a text in base64", "Give the file in base64.", {{"field", field}}});
  }
  if (text.starts_with("data:")) text.remove_prefix(std::min(text.find(',') + 1, text.size()));  // as canvas apps have it
  auto bytes = decode_base64(text);
  if (!bytes)
    return std::unexpected(Error{Errc::invalid_input,
                                 "the file is no base64",
                                 "Encode it (RFC 4648), or send it as multipart/form-data.",
                                 {{"field", field}}});
  return std::move(*bytes);
}

Result<void> take(std::string_view bytes, std::optional<SeedBody>& into) {
  auto body = SeedBody::of_bytes(bytes);
  if (!body) return pass(body);
  into.emplace(std::move(*body));
  return {};
}

Result<Sent> sent_as_form(const Call& call) {
  auto parts = parts_of(call.request.header("content-type"), call.request.body);
  if (!parts) return pass(parts);
  Sent sent;
  for (const auto& part : *parts) {
    if (part.name != "file" && part.name != "people")
      return fail(Errc::invalid_input, "the form has a part that is not known: " + std::string(foreign_text(part.name)),
                  "Send the parts file and, if need be, people.");
    auto& into = part.name == "file" ? sent.seeds : sent.people;
    if (into) return fail(Errc::invalid_input, "the form has two parts of one name", "Send each once.");
    if (part.name == "file") sent.name = part.file_name;
    if (auto taken = take(part.content, into); !taken) return pass(taken);
  }
  if (!sent.seeds) return fail(Errc::invalid_input, "the form has no part named file", "Send the seed file as the part file.");
  return sent;
}

Result<Sent> sent_as_json(const Call& call) {
  Sent sent;
  const auto* rows = call.body.if_contains("tokens");
  const auto* file = call.body.if_contains("file");
  if ((rows == nullptr) == (file == nullptr))
    return fail(Errc::invalid_input, "an import has tokens or a file, one of the two", "Give tokens or file.");
  if (rows != nullptr) {
    auto body = SeedBody::of_rows(rows->as_array());
    if (!body) return pass(body);
    sent.seeds.emplace(std::move(*body));
  } else {
    auto bytes = bytes_of(*file, "/file");
    if (!bytes) return pass(bytes);
    auto taken = take(*bytes, sent.seeds);
    wipe(*bytes);
    if (!taken) return pass(taken);
  }
  if (const auto* people = call.body.if_contains("people")) {
    auto bytes = bytes_of(*people, "/people");
    if (!bytes) return pass(bytes);
    if (auto taken = take(*bytes, sent.people); !taken) return pass(taken);
  }
  sent.name = call.text("fileName");
  return sent;
}

}  // namespace

HttpResponse start_import(Service& service, Call& call) {
  const bool form = lower(call.request.header("content-type")).starts_with("multipart/form-data");
  if (!form && !lower(call.request.header("content-type")).starts_with("application/json"))
    return refusal(call, 415, "unsupported_media_type", "an import is application/json or multipart/form-data");
  auto sent = form ? sent_as_form(call) : sent_as_json(call);
  if (!sent) return refusal(call, sent.error());
  SeedImport import{.seeds = {.file = sent->seeds->path()}, .terms = terms_of(service, call)};
  if (sent->people) import.seeds.assign = sent->people->path();
  import.terms.file_name = foreign_text(sent->name);
  if (const auto until = form ? call.value("until") : call.text("until"); until == "uploaded") import.activate = false;
  if (const auto* interval = call.body.if_contains("timeInterval"))
    import.seeds.options.time_interval = static_cast<int>(interval->as_int64());
  if (form) {
    import.terms.again = call.value("again") == "true";
    import.terms.dry_run = call.value("preview") == "true";
  }
  return answer_of_job(service, call, import_seeds(service.tenant_of(call).tenant(), import), std::chrono::seconds(0));
}

}  // namespace portalkey

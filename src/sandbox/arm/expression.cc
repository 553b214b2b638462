#include "sandbox/arm/expression.h"

#include <charconv>
#include <utility>

namespace portalkey::sandbox {
namespace {

constexpr int kDeepest = 32;

/// Reads and evaluates in one pass; `skipping` reads without evaluating, for the branch of an `if` not taken.
class Reader {
 public:
  Reader(TemplateScope& scope, std::string_view text) : scope_(scope), text_(text) {}

  Evaluated whole() {
    auto value = expression(false);
    if (!value) return value;
    blanks();
    if (at_ != text_.size()) return problem("unexpected '" + std::string(text_.substr(at_)) + "'");
    return value;
  }

 private:
  std::unexpected<std::string> problem(const std::string& what) const {
    return std::unexpected("Unable to process template language expression '[" + std::string(text_) + "]' at position " +
                           std::to_string(at_ + 1) + ": " + what + ".");
  }
  void blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }
  bool take(char c) {
    blanks();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }

  Evaluated expression(bool skipping) {
    if (++depth_ > kDeepest) return problem("the expression is nested too deeply");
    auto value = primary(skipping);
    while (value) {
      if (take('.')) {
        const std::string name = word();
        if (name.empty()) return problem("a property name is missing after '.'");
        if (!skipping) value = property(*value, name);
      } else if (take('[')) {
        auto index = expression(skipping);
        if (!index) return index;
        if (!take(']')) return problem("']' is missing");
        if (!skipping) value = element(*value, *index);
      } else {
        break;
      }
    }
    --depth_;
    return value;
  }

  Evaluated primary(bool skipping) {
    blanks();
    if (at_ >= text_.size()) return problem("the expression ends too early");
    if (text_[at_] == '\'') return literal();
    if (text_[at_] == '-' || (text_[at_] >= '0' && text_[at_] <= '9')) return number();
    const std::string name = word();
    if (name.empty()) return problem("unexpected '" + std::string(1, text_[at_]) + "'");
    if (!take('(')) return problem("'" + name + "' is neither a function call nor a text in quotes");
    if (!is_template_function(name) && name != "if" && name != "and" && name != "or") {
      return std::unexpected("The template function '" + name +
                             "' is not valid, or is not one that the sandbox knows. Please see "
                             "https://aka.ms/arm-functions for usage details.");
    }
    return call(name, skipping);
  }

  /// `if` evaluates one branch only, `and` and `or` stop early: the other side may refer to what does not exist.
  Evaluated call(const std::string& name, bool skipping) {
    json::array arguments;
    bool decided = false;
    for (bool first = true; !take(')'); first = false) {
      if (!first && !take(',')) return problem("',' or ')' is missing");
      const bool is_if = name == "if" && !arguments.empty() && arguments[0].is_bool();
      const bool skip =
          skipping || decided || (is_if && arguments.size() == (arguments[0].get_bool() ? std::size_t{2} : std::size_t{1}));
      auto value = expression(skip);
      if (!value) return value;
      decided = decided ||
                (!skip && value->is_bool() && ((name == "and" && !value->get_bool()) || (name == "or" && value->get_bool())));
      arguments.push_back(std::move(*value));
    }
    if (skipping) return json::value(nullptr);
    if (name == "if") {
      if (arguments.size() != 3 || !arguments[0].is_bool()) return problem("'if' takes a boolean and two values");
      return arguments[arguments[0].get_bool() ? 1 : 2];
    }
    if (name == "and" || name == "or") return json::value(logical(name == "and", arguments));
    return call_template_function(scope_, name, arguments);
  }

  static bool logical(bool all, const json::array& arguments) {
    for (const auto& one : arguments) {
      if (one.is_bool() && one.get_bool() != all) return !all;
    }
    return all;
  }

  Evaluated literal() {
    std::string out;
    for (++at_; at_ < text_.size(); ++at_) {
      if (text_[at_] != '\'') {
        out += text_[at_];
      } else if (at_ + 1 < text_.size() && text_[at_ + 1] == '\'') {
        out += '\'';
        ++at_;
      } else {
        ++at_;
        return json::value(out);
      }
    }
    return problem("the closing quote is missing");
  }

  Evaluated number() {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text_.data() + at_, text_.data() + text_.size(), value);
    if (error != std::errc{}) return problem("a number was expected");
    at_ = static_cast<std::size_t>(end - text_.data());
    return json::value(value);
  }

  std::string word() {
    blanks();
    const std::size_t begin = at_;
    while (at_ < text_.size() && ((to_lower(text_[at_]) >= 'a' && to_lower(text_[at_]) <= 'z') ||
                                  (text_[at_] >= '0' && text_[at_] <= '9') || text_[at_] == '_' || text_[at_] == '$')) {
      ++at_;
    }
    return std::string(text_.substr(begin, at_ - begin));
  }

  Evaluated property(const json::value& of, std::string_view name) const {
    if (!of.is_object()) return problem("'" + std::string(name) + "' is asked of something that is not an object");
    const auto* found = member(of.get_object(), name);
    if (found == nullptr) return problem("the language expression property '" + std::string(name) + "' doesn't exist");
    return *found;
  }

  Evaluated element(const json::value& of, const json::value& index) const {
    if (index.is_string()) return property(of, view(index.get_string()));
    if (!of.is_array() || !index.is_int64()) return problem("an index is asked of something that is not an array");
    const auto at = index.get_int64();
    if (at < 0 || static_cast<std::size_t>(at) >= of.get_array().size()) {
      return problem("the array index '" + std::to_string(at) + "' is out of bounds");
    }
    return of.get_array()[static_cast<std::size_t>(at)];
  }

  TemplateScope& scope_;
  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

bool is_expression(std::string_view text) {
  return text.size() >= 2 && text.front() == '[' && text.back() == ']' && text[1] != '[';
}

Evaluated evaluate_text(TemplateScope& scope, std::string_view text) {
  if (!is_expression(text)) return json::value(text.starts_with("[[") ? text.substr(1) : text);
  return Reader(scope, text.substr(1, text.size() - 2)).whole();
}

Evaluated evaluate_all(TemplateScope& scope, const json::value& value) {
  if (value.is_string()) {
    auto evaluated = evaluate_text(scope, view(value.get_string()));
    if (!evaluated && scope.keep_unresolved && evaluated.error() == kUnresolved) return value;
    return evaluated;
  }
  if (value.is_array()) {
    json::array out;
    for (const auto& item : value.get_array()) {
      auto one = evaluate_all(scope, item);
      if (!one) return one;
      out.push_back(std::move(*one));
    }
    return out;
  }
  if (value.is_object()) {
    json::object out;
    for (const auto& item : value.get_object()) {
      auto name = evaluate_text(scope, item.key());
      if (!name) return name;
      auto one = evaluate_all(scope, item.value());
      if (!one) return one;
      out[name->is_string() ? std::string_view(view(name->get_string())) : std::string_view(item.key())] = std::move(*one);
    }
    return out;
  }
  return value;
}

}  // namespace portalkey::sandbox

#pragma once
// What to do next, said so that every face can say it: a terminal has commands and options for what a service has calls and a
// page has buttons. So a text that tells what to do (a remedy, sometimes a reason) names neither, but holds references, a code
// with parameters in double brackets: `Start over: [[sign-in]]`, `Say which one: [[map|upn|COLUMN]].` The face puts them into
// words when it shows the text (cli/terminal/references.h has the terminal's).

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace portalkey {

/// `text` as a parameter of a reference, whatever is in it.
std::string as_parameter(std::string_view text);

struct Reference {
  std::string code;  ///< words joined by dashes: `sign-in`
  std::vector<std::string> parameters;
};

/// How a face puts the references of a text into words.
using Words = std::function<std::string(std::string_view)>;

/// The text with each reference replaced by what `words` makes of it. What is no reference stays as it is, and so does one for
/// which there are no words: file names and fields may have brackets.
std::string with_words(std::string_view text, const std::function<std::optional<std::string>(const Reference&)>& words);

}  // namespace portalkey

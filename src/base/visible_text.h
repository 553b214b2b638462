#pragma once
// Text in which everything can be seen: what a terminal obeys, what forges a line of a log, and what turns or hides the letters
// around it (Unicode TR36 §3.7) does nothing any more.

#include <string>
#include <string_view>

namespace portalkey {

/// Whether the character cannot be seen and is no control character: zero-width, turning the direction of writing, a filler.
bool is_unseen(char32_t code);
/// C0, DEL, C1, and the line and paragraph separators.
bool is_control(char32_t code);

enum class LineEnds { replaced, kept };

/// Valid UTF-8: a control character or line end becomes `control`, an unseen character goes, and a byte that is not UTF-8
/// becomes U+FFFD. With `LineEnds::kept` a line feed stays.
std::string visible_text(std::string_view text, char control = ' ', LineEnds line_ends = LineEnds::replaced);

/// Without the sequences with which a terminal is driven (ECMA-48: CSI, OSC and their kind), as far as they are complete.
std::string without_escape_sequences(std::string_view text);

/// JSON text (which is ASCII but within its strings) as any parser and terminal takes it: bytes that are not UTF-8 become
/// U+FFFD, control and unseen characters \uXXXX.
std::string escaped_json(std::string_view json);

/// At most `bytes`, cut at a character; `...` says that something is missing. `text` is UTF-8.
std::string bounded_text(std::string text, std::size_t bytes);

}  // namespace portalkey

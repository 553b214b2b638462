#include "web/request_reader.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "web/plain_answer.h"

namespace portalkey {
namespace {

constexpr std::size_t kLongestChunkLine = 1024;
/// Extensions of chunks and trailers mean nothing here; who sends many means no good.
constexpr std::size_t kMostFraming = std::size_t{16} * 1024;

bool is_control(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f; }

}  // namespace

void RequestReader::refuse(HttpResponse answer) {
  state_ = State::refused;
  refusal_ = std::make_unique<HttpResponse>(std::move(answer));
  text_ = {};
  head_ = nullptr;
  rest_ = {};
}

void RequestReader::take(std::string_view bytes) {
  while (!bytes.empty() && (state_ == State::before || state_ == State::head)) take_head(bytes);
  while (!bytes.empty() && state_ == State::body) {
    if (head_->chunked) {
      take_chunked(bytes);
    } else {
      take_counted(bytes);
    }
  }
  if (state_ == State::whole) rest_ += bytes;
}

void RequestReader::take_head(std::string_view& bytes) {
  state_ = State::head;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    if ((previous_ == '\r') != (c == '\n') || (is_control(c) && c != '\r' && c != '\n'))
      return refuse(plain_answer(400, "The request head has characters that it cannot have.\n"));
    previous_ = c;
    if (text_.size() + i >= limits_.header_bytes) return refuse(plain_answer(431, "The request head is too large.\n"));
    if (c != '\n') {
      line_empty_ = line_empty_ && c == '\r';
      continue;
    }
    if (!std::exchange(line_empty_, true)) continue;
    const bool nothing = text_.size() + i == 1;
    if (!nothing) text_ += bytes.substr(0, i + 1);
    bytes.remove_prefix(i + 1);
    if (!nothing) return head_is_whole();
    // One empty line before a request is borne: RFC 9112 §2.2.
    if (std::exchange(skipped_, true)) return refuse(plain_answer(400, "This is not an HTTP request.\n"));
    text_.clear();
    state_ = State::before;
    return;
  }
  text_ += bytes;
  bytes = {};
}

void RequestReader::head_is_whole() {
  auto head = read_request_head(text_, limits_);
  text_ = {};
  if (!head) return refuse(std::move(head.error()));
  head_ = std::make_unique<RequestHead>(std::move(*head));
  left_ = head_->length;
  state_ = head_->chunked || left_ > 0 ? State::body : State::whole;
  if (state_ == State::whole) head_->expects_continue = false;
}

void RequestReader::take_counted(std::string_view& bytes) {
  take_data(bytes);
  if (left_ == 0) state_ = State::whole;
}

void RequestReader::take_data(std::string_view& bytes) {
  const auto size = std::min<std::uint64_t>(left_, bytes.size());
  head_->request.body += bytes.substr(0, size);
  bytes.remove_prefix(size);
  left_ -= size;
}

void RequestReader::take_chunked(std::string_view& bytes) {
  if (chunk_ == Chunk::data) {
    take_data(bytes);
    if (left_ == 0) chunk_ = Chunk::end;
    return;
  }
  if (!take_line(bytes)) return;
  switch (chunk_) {
    case Chunk::size: chunk_begins(); break;
    case Chunk::end:
      if (!line_.empty()) return refuse(plain_answer(400, "A chunk is longer than it says.\n"));
      chunk_ = Chunk::size;
      break;
    case Chunk::trailer: trailer_line(); break;
    case Chunk::data: break;
  }
  line_.clear();
}

bool RequestReader::take_line(std::string_view& bytes) {
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const char c = bytes[i];
    const bool after_cr = line_.ends_with('\r');
    if (after_cr != (c == '\n') || (is_control(c) && c != '\r' && c != '\n') || line_.size() >= kLongestChunkLine) {
      refuse(plain_answer(400, "The chunks of the body are none.\n"));
      return false;
    }
    if (c == '\n') {
      line_.pop_back();
      bytes.remove_prefix(i + 1);
      return true;
    }
    line_ += c;
  }
  bytes = {};
  return false;
}

void RequestReader::chunk_begins() {
  std::uint64_t size = 0;
  const char* const end = line_.data() + line_.size();
  const auto read = std::from_chars(line_.data(), end, size, 16);
  const auto digits = static_cast<std::size_t>(read.ptr - line_.data());
  framing_ += line_.size() - digits;
  if (read.ec == std::errc::invalid_argument || digits > 16 || (read.ptr != end && *read.ptr != ';') || framing_ > kMostFraming)
    return refuse(plain_answer(400, "The chunks of the body are none.\n"));
  if (read.ec != std::errc() || size > limits_.body_bytes - head_->request.body.size())
    return refuse(plain_answer(413, "The request body is too large.\n"));
  left_ = size;
  chunk_ = size == 0 ? Chunk::trailer : Chunk::data;
}

/// Trailers are read and dropped: none of them may become a header.
void RequestReader::trailer_line() {
  framing_ += line_.size();
  if (line_.empty()) {
    state_ = State::whole;
  } else if (!is_field_line(line_) || framing_ > kMostFraming) {
    refuse(plain_answer(400, "The trailers of the body are none.\n"));
  }
}

bool RequestReader::take_expectation() { return state_ == State::body && std::exchange(head_->expects_continue, false); }

RequestHead RequestReader::release() {
  const auto out = std::exchange(head_, nullptr);
  const auto rest = std::exchange(rest_, {});
  state_ = State::before;
  previous_ = 0;
  skipped_ = false;
  chunk_ = Chunk::size;
  framing_ = 0;
  take(rest);
  return std::move(*out);
}

}  // namespace portalkey

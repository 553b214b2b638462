#pragma once
// What the servers of this part answer of themselves.

#include <string>

#include "web/http_message.h"

namespace portalkey {

inline HttpResponse plain_answer(int status, std::string text) {
  HttpResponse answer;
  answer.status = status;
  answer.headers.emplace_back("Content-Type", "text/plain; charset=utf-8");
  answer.body = std::move(text);
  return answer;
}

}  // namespace portalkey

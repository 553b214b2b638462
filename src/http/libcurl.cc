#include "http/libcurl.h"

// The functions of libcurl that portalkey calls. Each goes on to the one in the shared library, which is loaded when the first
// HTTP client is made: it brings thirty other libraries, and a command that makes none starts in half the time without them.

#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>

#include <cstdarg>
#include <cstdint>

namespace {

void* library() {
  static void* const handle = [] {
    void* const loaded = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (loaded == nullptr) throw portalkey::NoLibcurl(fmt::format("libcurl cannot be loaded: {}", dlerror()));
    return loaded;
  }();
  return handle;
}

/// The library's own; `ours` is the function of the same name in this program and tells the type.
template <class Function>
Function* in_library(Function* /*ours*/, const char* name) {
  constexpr const char* kVersion = "CURL_OPENSSL_4";  // of a libcurl that uses the OpenSSL that this program does
  void* const found = dlvsym(library(), name, kVersion);
  if (found == nullptr)
    throw portalkey::NoLibcurl(fmt::format("this libcurl.so.4 is another one: it has no {}@{}", name, kVersion));
  return reinterpret_cast<Function*>(found);
}

}  // namespace

#define CALL(function, ...)                                                 \
  static auto* const function##_there = in_library(&(function), #function); \
  return function##_there(__VA_ARGS__)

extern "C" {

CURLcode curl_global_init(long flags) { CALL(curl_global_init, flags); }
CURL* curl_easy_init() { CALL(curl_easy_init); }
void curl_easy_cleanup(CURL* easy) { CALL(curl_easy_cleanup, easy); }
CURLcode curl_easy_perform(CURL* easy) { CALL(curl_easy_perform, easy); }
const char* curl_easy_strerror(CURLcode code) { CALL(curl_easy_strerror, code); }
curl_slist* curl_slist_append(curl_slist* list, const char* line) { CALL(curl_slist_append, list, line); }
void curl_slist_free_all(curl_slist* list) { CALL(curl_slist_free_all, list); }
CURLM* curl_multi_init() { CALL(curl_multi_init); }
CURLMcode curl_multi_cleanup(CURLM* multi) { CALL(curl_multi_cleanup, multi); }
CURLMcode curl_multi_add_handle(CURLM* multi, CURL* easy) { CALL(curl_multi_add_handle, multi, easy); }
CURLMcode curl_multi_remove_handle(CURLM* multi, CURL* easy) { CALL(curl_multi_remove_handle, multi, easy); }
CURLMcode curl_multi_perform(CURLM* multi, int* running) { CALL(curl_multi_perform, multi, running); }
CURLMcode curl_multi_wakeup(CURLM* multi) { CALL(curl_multi_wakeup, multi); }
CURLMsg* curl_multi_info_read(CURLM* multi, int* queued) { CALL(curl_multi_info_read, multi, queued); }
CURLMcode curl_multi_poll(CURLM* multi, curl_waitfd* also, unsigned count, int milliseconds, int* ready) {
  CALL(curl_multi_poll, multi, also, count, milliseconds, ready);
}

CURLU* curl_url() { CALL(curl_url); }
void curl_url_cleanup(CURLU* url) { CALL(curl_url_cleanup, url); }
CURLUcode curl_url_set(CURLU* url, CURLUPart part, const char* text, unsigned flags) {
  CALL(curl_url_set, url, part, text, flags);
}
CURLUcode curl_url_get(CURLU* url, CURLUPart part, char** text, unsigned flags) { CALL(curl_url_get, url, part, text, flags); }
void curl_free(void* memory) { CALL(curl_free, memory); }

// The third argument is a long, a curl_off_t or a pointer: one word each. In parentheses the names are not curl.h's macros.
static_assert(sizeof(long) == sizeof(void*) && sizeof(curl_off_t) == sizeof(void*));
#define CALL_WITH_WORD(function, handle, option) \
  std::va_list arguments;                        \
  va_start(arguments, option);                   \
  void* const word = va_arg(arguments, void*);   \
  va_end(arguments);                             \
  CALL(function, handle, option, word)

CURLcode(curl_easy_setopt)(CURL* easy, CURLoption option, ...) { CALL_WITH_WORD(curl_easy_setopt, easy, option); }
CURLcode(curl_easy_getinfo)(CURL* easy, CURLINFO info, ...) { CALL_WITH_WORD(curl_easy_getinfo, easy, info); }
CURLMcode(curl_multi_setopt)(CURLM* multi, CURLMoption option, ...) { CALL_WITH_WORD(curl_multi_setopt, multi, option); }

}  // extern "C"

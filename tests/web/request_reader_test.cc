// What a request is, and what is refused: each case is fed at once and byte by byte, and must be read alike.
#include "web/request_reader.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace portalkey::request_reader_test {
namespace {

using State = RequestReader::State;

ServerLimits limits() {
  ServerLimits out;
  out.body_bytes = 1000;
  out.header_bytes = 4000;
  return out;
}

RequestReader fed(std::string_view bytes, std::size_t at_a_time) {
  RequestReader reader(limits());
  for (; !bytes.empty(); bytes.remove_prefix(std::min(at_a_time, bytes.size()))) reader.take(bytes.substr(0, at_a_time));
  return reader;
}

/// 0: a whole request; -1: not all of it; else the status of the refusal.
int outcome(std::string_view bytes) {
  const auto of = [&](std::size_t at_a_time) {
    const auto reader = fed(bytes, at_a_time);
    if (reader.state() == State::refused) return reader.refusal().status;
    return reader.state() == State::whole ? 0 : -1;
  };
  const int at_once = of(bytes.size());
  for (const std::size_t at_a_time : {1, 2, 7}) EXPECT_EQ(of(at_a_time), at_once) << bytes << "\nby " << at_a_time;
  return at_once;
}

RequestHead read(std::string_view bytes) {
  auto reader = fed(bytes, bytes.size());
  EXPECT_EQ(reader.state(), State::whole) << bytes;
  return reader.release();
}

std::string get(std::string_view target) { return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n\r\n"; }
std::string with(std::string_view fields) { return "POST / HTTP/1.1\r\nHost: a\r\n" + std::string(fields) + "\r\n"; }
std::string chunked(std::string_view body) { return with("Transfer-Encoding: chunked\r\n") + std::string(body); }

TEST(RequestReader, ReadsARequest) {
  const auto head =
      read("POST /a%20b?q=1+2 HTTP/1.1\r\nHost: Login.Example:443\r\nX-Test: \t yes \r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(head.request.method, "POST");
  EXPECT_EQ(head.request.target, "/a%20b?q=1+2");
  EXPECT_EQ(head.request.path, "/a b");
  EXPECT_EQ(head.request.parameter("q"), "1 2");
  EXPECT_EQ(head.request.host, "login.example");
  EXPECT_EQ(head.request.header("x-test"), "yes");
  EXPECT_EQ(head.request.body, "hello");
  EXPECT_TRUE(head.keep_alive);
  EXPECT_TRUE(head.http11);
}

TEST(RequestReader, TheRequestLineIsThreeWords) {
  EXPECT_EQ(outcome("\r\n" + get("/")), 0) << "one empty line before it is borne";
  EXPECT_EQ(outcome("\r\n\r\n" + get("/")), 400);
  for (const std::string_view line : {"GET /", "GET  / HTTP/1.1", "GET / HTTP/1.1 ", " GET / HTTP/1.1", "GET\t/ HTTP/1.1",
                                      "GET / HTTP/1.1 x", "G(T / HTTP/1.1", "GET / http/1.1", "GET / HTTP/1.10",
                                      "GET / HTTP/11", "GET / HTTP", "/", "this is not HTTP", "GET /a b HTTP/1.1"})
    EXPECT_EQ(outcome(std::string(line) + "\r\nHost: a\r\n\r\n"), 400) << line;
  for (const std::string_view version : {"HTTP/2.0", "HTTP/1.2", "HTTP/0.9", "HTTP/3.0"})
    EXPECT_EQ(outcome("GET / " + std::string(version) + "\r\nHost: a\r\n\r\n"), 505) << version;
  EXPECT_EQ(outcome("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), 505);
  EXPECT_EQ(outcome(std::string(40, 'A') + " / HTTP/1.1\r\nHost: a\r\n\r\n"), 400);
}

TEST(RequestReader, LinesEndInOneWay) {
  EXPECT_EQ(outcome("GET / HTTP/1.1\nHost: a\n\n"), 400);
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: a\n\r\n"), 400);
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: a\r\n\n"), 400);
  EXPECT_EQ(outcome(with("X: a\rb\r\n")), 400);
  EXPECT_EQ(outcome(with("X: a\r\r\n")), 400);
  EXPECT_EQ(outcome(with("X: a\nY: b\r\n")), 400);
}

TEST(RequestReader, HeadsHaveNoControlCharacters) {
  for (int c = 0; c < 0x20; ++c) {
    const std::string one(1, static_cast<char>(c));
    EXPECT_EQ(outcome(with("X: a" + one + "b\r\n")), c == '\t' ? 0 : 400) << c;
    EXPECT_EQ(outcome(get("/a" + one + "b")), 400) << c;
  }
  EXPECT_EQ(outcome(get("/a\x7f")), 400);
  EXPECT_EQ(outcome(get("/\xc3\xa4")), 400);
  EXPECT_EQ(outcome(with("X: \xc3\xa4\r\n")), 0);
  EXPECT_EQ(outcome("\x16\x03\x01\x02"), 400) << "TLS to a plain port is told at once";
}

TEST(RequestReader, FieldsAreNamesAndValues) {
  EXPECT_EQ(outcome(with("X : a\r\n")), 400);
  EXPECT_EQ(outcome(with("X\t: a\r\n")), 400);
  EXPECT_EQ(outcome(with("X: a\r\n b\r\n")), 400) << "a folded line";
  EXPECT_EQ(outcome(with("X: a\r\n\tb\r\n")), 400);
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\n Host: a\r\n\r\n"), 400);
  EXPECT_EQ(outcome(with("X\r\n")), 400);
  EXPECT_EQ(outcome(with(": a\r\n")), 400);
  EXPECT_EQ(outcome(with("X(: a\r\n")), 400);
  EXPECT_EQ(outcome(with("X:\r\n")), 0);
  EXPECT_EQ(read(with("X-Y: \r\n")).request.has_header("x-y"), true);
}

TEST(RequestReader, HeadsAreBounded) {
  EXPECT_EQ(outcome(with("X: " + std::string(5000, 'x') + "\r\n")), 431);
  EXPECT_EQ(outcome("GET /" + std::string(5000, 'x')), 431) << "before its end has come";
  std::string many;
  for (int i = 0; i < 99; ++i) many += "X: a\r\n";
  EXPECT_EQ(outcome(with(many)), 0);
  EXPECT_EQ(outcome(with(many + "X: a\r\n")), 431);
}

TEST(RequestReader, TheHostIsOne) {
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\n\r\n"), 400);
  EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n"), 400);
  EXPECT_EQ(outcome("GET / HTTP/1.0\r\n\r\n"), 0);
  EXPECT_EQ(outcome("GET / HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n"), 400);
  for (const std::string_view host : {"", "a, b", "a b", "a/b", "a@b", "a:b", "a:80:80", "[::1", "[]", "[::1]a", "a\\b", ":80"})
    EXPECT_EQ(outcome("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), 400) << host;
  for (const auto& [sent, told] :
       {std::pair("A.Example:8443", "a.example"), {"[::1]:80", "[::1]"}, {"[::1]", "[::1]"}, {"127.0.0.1", "127.0.0.1"}})
    EXPECT_EQ(read("GET / HTTP/1.1\r\nHost: " + std::string(sent) + "\r\n\r\n").request.host, told);
}

TEST(RequestReader, TargetsInAbsoluteFormNameTheSameHost) {
  EXPECT_EQ(read(get("http://a/b?c")).request.target, "/b?c");
  EXPECT_EQ(read(get("HTTPS://A?c=1")).request.target, "/?c=1");
  EXPECT_EQ(read(get("http://a")).request.target, "/");
  for (const std::string_view target :
       {"http://b/", "http://a:80/", "http://u@a/", "http:///", "ftp://a/", "a", "a:80", "?a", "*", "http://a/../b"})
    EXPECT_EQ(outcome(get(target)), 400) << target;
  EXPECT_EQ(read("OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n").request.path, "*");
  EXPECT_EQ(outcome("CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n"), 400);
}

TEST(RequestReader, PathsAreReadOneWay) {
  for (const std::string_view path : {"/..",  "/.",    "/a/../b", "/a/./b", "/a/..", "/%2e%2e/a", "/a/%2E", "/a/.%2e/b",
                                      "//",   "//a",   "/a//b",   "/a//",   "/a%00", "/a%0d%0a",  "/a%7f",  "/a%",
                                      "/a%4", "/a%zz", "/a%+1",   "/a\\b",  "/a#b",  "/?a#b",     "/?a=%00"})
    EXPECT_EQ(outcome(get(path)), 400) << path;
  for (const std::string_view path :
       {"/", "/a/", "/...", "/a..b", "/.a", "/a%2fb", "/a%2Eb", "/a?b=../..", "/a?b=//", "/a?b=%", "/a?b=?&c=/"})
    EXPECT_EQ(read(get(path)).request.target, path);
}

TEST(RequestReader, TheLengthOfABodyIsSaidOnce) {
  for (const std::string_view fields : {"Content-Length: 3\r\nContent-Length: 3\r\n",
                                        "Content-Length: 3\r\nContent-Length: 4\r\n",
                                        "Content-Length: 3, 3\r\n",
                                        "Content-Length: +3\r\n",
                                        "Content-Length: -3\r\n",
                                        "Content-Length: 0x3\r\n",
                                        "Content-Length: 3 3\r\n",
                                        "Content-Length:\r\n",
                                        "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n",
                                        "Transfer-Encoding: chunked\r\nContent-Length: 3\r\n",
                                        "Transfer-Encoding: identity, chunked\r\n",
                                        "Transfer-Encoding: chunked, chunked\r\n",
                                        "Transfer-Encoding: gzip, chunked\r\n",
                                        "Transfer-Encoding: identity\r\n",
                                        "Transfer-Encoding:\r\n",
                                        "Transfer-Encoding: xchunked\r\n",
                                        "Transfer-Encoding: chunked;a=b\r\n",
                                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
                                        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n",
                                        "Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n",
                                        "Transfer-Encoding: \x0b"
                                        "chunked\r\n"})
    EXPECT_EQ(outcome(with(fields) + "abc"), 400) << fields;
  EXPECT_EQ(outcome("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400);
  EXPECT_EQ(outcome(with("Content-Length: 1001\r\n")), 413) << "before any of it has come";
  EXPECT_EQ(outcome(with("Content-Length: 99999999999999999999999999\r\n")), 413);
  EXPECT_EQ(outcome(with("Content-Length: 3\r\n") + "ab"), -1);
  EXPECT_EQ(read(with("Content-Length: 003\r\n") + "abc").request.body, "abc");
  EXPECT_EQ(read(with("transfer-encoding: Chunked\r\n") + "1\r\na\r\n0\r\n\r\n").request.body, "a");
}

TEST(RequestReader, ChunksAreJoined) {
  EXPECT_EQ(read(chunked("3\r\nabc\r\n00A\r\n0123456789\r\n0\r\n\r\n")).request.body, "abc0123456789");
  EXPECT_EQ(read(chunked("3;a=b;c=\"d\"\r\nabc\r\n0;e\r\n\r\n")).request.body, "abc");
  const auto trailed = read(chunked("0\r\nAuthorization: Bearer x\r\nHost: b\r\n\r\n"));
  EXPECT_FALSE(trailed.request.has_header("authorization")) << "a trailer is no header";
  EXPECT_EQ(trailed.request.host, "a");
  for (const std::string_view body : {"3\nabc\r\n0\r\n\r\n",
                                      "3\r\nabcd\r\n0\r\n\r\n",
                                      "3\r\nab\r\n0\r\n\r\n",
                                      "3\r\nabc0\r\n\r\n",
                                      "-3\r\nabc\r\n",
                                      "+3\r\nabc\r\n",
                                      "0x3\r\nabc\r\n",
                                      " 3\r\nabc\r\n",
                                      "3 \r\nabc\r\n",
                                      "\r\n",
                                      ";a\r\n",
                                      "3\r\r\nabc",
                                      "3;a\nb\r\nabc",
                                      "3\r\nabc\n0\r\n\r\n",
                                      "g\r\n",
                                      "3,\r\nabc\r\n",
                                      "00000000000000003\r\nabc\r\n0\r\n\r\n",
                                      "0\r\nX : a\r\n\r\n",
                                      "0\r\n a\r\n\r\n",
                                      "0\r\nX: a\n\r\n"})
    EXPECT_EQ(outcome(chunked(body)), 400) << body;
  EXPECT_EQ(outcome(chunked("3e9\r\n")), 413);
  EXPECT_EQ(outcome(chunked("3e8\r\n" + std::string(1000, 'a') + "\r\n1\r\n")), 413);
  EXPECT_EQ(outcome(chunked("ffffffffffffffff\r\n")), 413);
  EXPECT_EQ(outcome(chunked("3\r\nabc\r\n0\r\n")), -1);
}

TEST(RequestReader, WhatFramesChunksIsBounded) {
  EXPECT_EQ(outcome(chunked("1;" + std::string(2000, 'a'))), 400);
  std::string many;
  for (int i = 0; i < 900; ++i) many += "1;aaaaaaaaaaaaaaaaaaaaaaaaa\r\nb\r\n";
  EXPECT_EQ(outcome(chunked(many)), 400);
  std::string trailers = "0\r\n";
  for (int i = 0; i < 900; ++i) trailers += "X: aaaaaaaaaaaaaaaaaaaaaaaaa\r\n";
  EXPECT_EQ(outcome(chunked(trailers)), 400);
}

TEST(RequestReader, KeepsTheConnectionAsAsked) {
  EXPECT_TRUE(read(with("")).keep_alive);
  EXPECT_FALSE(read(with("Connection: close\r\n")).keep_alive);
  EXPECT_FALSE(read(with("Connection: keep-alive, Close\r\n")).keep_alive);
  EXPECT_FALSE(read(with("Connection: keep-alive\r\nConnection: x ,close\r\n")).keep_alive);
  EXPECT_FALSE(read("GET / HTTP/1.0\r\n\r\n").keep_alive);
  EXPECT_TRUE(read("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n").keep_alive);
}

TEST(RequestReader, TellsThatTheClientWaits) {
  const std::string head = with("Expect: 100-Continue\r\nContent-Length: 3\r\n");
  auto reader = fed(head, head.size());
  EXPECT_TRUE(reader.take_expectation());
  EXPECT_FALSE(reader.take_expectation());
  reader.take("abc");
  EXPECT_EQ(reader.release().request.body, "abc");
  EXPECT_FALSE(fed(head + "abc", 1000).take_expectation()) << "it has not waited";
  EXPECT_FALSE(fed(with("Expect: 100-continue\r\n"), 1000).take_expectation()) << "there is no body";
  EXPECT_EQ(outcome(with("Expect: wonders\r\n")), 417);
}

TEST(RequestReader, RequestsInARowAreReadInOrder) {
  std::string all;
  for (int i = 0; i < 20; ++i) {
    all += get("/" + std::to_string(i)) + chunked("2\r\nab\r\n0\r\n\r\n") + with("Content-Length: 2\r\n") + "GE";
  }
  for (const std::size_t at_a_time : {std::size_t{1}, std::size_t{100}, all.size()}) {
    RequestReader reader(limits());
    std::vector<std::string> seen;
    for (std::string_view rest = all; !rest.empty(); rest.remove_prefix(std::min(at_a_time, rest.size()))) {
      reader.take(rest.substr(0, at_a_time));
      while (reader.state() == State::whole) {
        const auto one = reader.release();
        seen.push_back(one.request.path + one.request.body);
      }
    }
    ASSERT_EQ(seen.size(), 60U);
    for (std::size_t i = 0; i < 20; ++i) {
      EXPECT_EQ(seen[3 * i], "/" + std::to_string(i));
      EXPECT_EQ(seen[3 * i + 1], "/ab");
      EXPECT_EQ(seen[3 * i + 2], "/GE");
    }
    EXPECT_EQ(reader.state(), State::before);
  }
}

TEST(RequestReader, NothingIsReadAfterARefusal) {
  auto reader = fed("nonsense\r\n\r\n" + get("/"), 1000);
  EXPECT_EQ(reader.state(), State::refused);
  reader.take(get("/"));
  EXPECT_EQ(reader.state(), State::refused);
}

}  // namespace
}  // namespace portalkey::request_reader_test

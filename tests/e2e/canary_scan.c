/* LD_PRELOADed into the program: when it ends, looks for canaries in everything it can still write to.
 *
 * CANARY_FILE: one canary a line, in hex, every byte XORed with 0x5a, so that neither that file's buffer nor this library ever
 * holds one in the clear. CANARY_REPORT: gets a line `INDEX MAPPING OFFSET NOTE` for each find. The library is written in C and
 * uses neither malloc nor stdio, so as not to disturb what it looks at; its destructor runs after main has returned, after the
 * handlers of atexit and after the program's static destructors. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { kMask = 0x5a, kMostCanaries = 256, kMostBytes = 1 << 18 };

static unsigned char masked[kMostBytes];
static size_t begins[kMostCanaries + 1];
static size_t count;
static int report = -1;
static char maps[1 << 20];

static int digit(char c) { return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1; }

static void put_text(const char* text) {
  if (write(report, text, strlen(text)) < 0) _exit(99);
}

static void put_number(uintmax_t value, unsigned base) {
  char text[32];
  char* at = text + sizeof text;
  *--at = 0;
  do *--at = "0123456789abcdef"[value % base];
  while ((value /= base) != 0);
  put_text(at);
}

static size_t read_all(const char* path, char* to, size_t room) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  size_t size = 0;
  for (ssize_t n; size < room && (n = read(fd, to + size, room - size)) > 0;) size += (size_t)n;
  close(fd);
  return size;
}

static void load(const char* path) {
  const int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  size_t size = 0;
  int high = -1;
  char chunk[4096];
  for (ssize_t n; (n = read(fd, chunk, sizeof chunk)) > 0;) {
    for (ssize_t i = 0; i < n; ++i) {
      if (chunk[i] == '\n') {
        if (size > begins[count] && count + 1 < kMostCanaries) begins[++count] = size;
      } else if (high < 0) {
        high = digit(chunk[i]);
      } else if (size < kMostBytes) {
        masked[size++] = (unsigned char)(high << 4 | digit(chunk[i]));
        high = -1;
      }
    }
  }
  close(fd);
}

static int is_canary(const unsigned char* memory, size_t which) {
  for (size_t i = begins[which]; i < begins[which + 1]; ++i) {
    if ((memory[i - begins[which]] ^ kMask) != masked[i]) return 0;
  }
  return 1;
}

/* What surrounds a find, without the find: helps to tell who left it there. */
static void put_surroundings(const unsigned char* begin, const unsigned char* at) {
  const size_t before = (size_t)(at - begin) < 48 ? (size_t)(at - begin) : 48;
  put_text(" after:");
  for (size_t i = 0; i < before; ++i) {
    const unsigned char c = at[i - before];
    char text[2] = {c > 0x20 && c < 0x7f ? (char)c : '.', 0};
    put_text(text);
  }
}

static void scan(const unsigned char* begin, const unsigned char* end, const char* name) {
  static unsigned char first[256][kMostCanaries / 8 + 1];
  static int made;
  if (!made) {
    for (size_t c = 0; c < count; ++c) first[masked[begins[c]] ^ kMask][c / 8] |= (unsigned char)(1 << c % 8);
    made = 1;
  }
  static unsigned char any[256];
  for (int b = 0; b < 256; ++b) {
    any[b] = 0;
    for (size_t c = 0; c < count; ++c) any[b] |= first[b][c / 8] >> c % 8 & 1;
  }
  for (const unsigned char* at = begin; at < end; ++at) {
    if (!any[*at]) continue;
    for (size_t c = 0; c < count; ++c) {
      if (!(first[*at][c / 8] >> c % 8 & 1)) continue;
      if (begins[c + 1] - begins[c] > (size_t)(end - at) || !is_canary(at, c)) continue;
      put_number(c, 10);
      put_text(" ");
      put_text(name);
      put_text(" +");
      put_number((uintmax_t)(at - begin), 10);
      put_surroundings(begin, at);
      put_text("\n");
    }
  }
}

__attribute__((destructor)) static void look(void) {
  const char *file = getenv("CANARY_FILE"), *to = getenv("CANARY_REPORT");
  if (file == NULL || to == NULL) return;
  load(file);
  report = open(to, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (report < 0) _exit(98);
  const size_t size = read_all("/proc/self/maps", maps, sizeof maps - 1);
  uintmax_t scanned = 0;
  for (char* line = maps; line < maps + size;) {
    char* next = memchr(line, '\n', (size_t)(maps + size - line));
    if (next == NULL) break;
    *next = 0;
    char* rest = NULL;
    const uintptr_t begin = strtoull(line, &rest, 16);
    const uintptr_t end = strtoull(rest + 1, &rest, 16);
    const char* rights = rest + 1;
    const char* name = strrchr(line, ' ');
    if (rights[0] == 'r' && rights[1] == 'w') {
      scan((const unsigned char*)begin, (const unsigned char*)end, name != NULL && name[1] != 0 ? name + 1 : "anonymous");
      scanned += end - begin;
    }
    line = next + 1;
  }
  put_text("scanned ");
  put_number(scanned, 10);
  put_text(" bytes for ");
  put_number(count, 10);
  put_text(" canaries\n");
  close(report);
}

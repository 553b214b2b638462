#!/usr/bin/env node
// validate_csv_lean.py's work with the package csv-parse: split, decode base32, keep a set of serial numbers.
// validate_csv.mjs FILE
import { createReadStream } from "node:fs";
import { parse } from "csv-parse";

const valueOf = new Int8Array(128).fill(-1);
[..."ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"].forEach((letter, value) => { valueOf[letter.charCodeAt(0)] = value; });

/** The bytes of upper-case base32, padded or not; null if it is none. Node has no decoder of its own. */
function decodeBase32(text) {
  let end = text.length;
  while (end > 0 && text[end - 1] === "=") --end;
  const bytes = Buffer.allocUnsafe((end * 5) >> 3);
  let bits = 0, held = 0, at = 0;
  for (let i = 0; i < end; ++i) {
    const value = valueOf[text.charCodeAt(i)] ?? -1;
    if (value < 0) return null;
    held = ((held << 5) | value) & 0xfff;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = held >> bits;
    }
  }
  return bytes;
}

let good = 0, bad = 0;
const seen = new Set();
const rows = parse({ bom: true, from_line: 2 });
rows.on("readable", () => {
  for (let row; (row = rows.read()) !== null;) {
    const [, serial, secret, interval] = row;
    if (decodeBase32(secret) === null || (interval !== "30" && interval !== "60") || seen.has(serial)) {
      ++bad;
      continue;
    }
    seen.add(serial);
    ++good;
  }
});
rows.on("error", (error) => { throw error; });
rows.on("end", () => console.log(`${good} good, ${bad} refused`));
createReadStream(process.argv[2]).pipe(rows);

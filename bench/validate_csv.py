#!/usr/bin/env python3
"""The yardstick for `portalkey validate`: the same checks as a straightforward script with csv and base64. validate_csv.py FILE"""
import base64
import binascii
import collections
import csv
import re
import sys

UPN = re.compile(r"[A-Za-z0-9'.\-_!#^~]+@[A-Za-z0-9'\-_!#^~]+(\.[A-Za-z0-9'\-_!#^~]+)+")


def problem(row, seen):
    if not UPN.fullmatch(row["upn"]):
        return "not a UPN"
    if not row["serial number"]:
        return "no serial number"
    key = row["secret key"].strip().upper()
    try:
        base64.b32decode(key + "=" * (-len(key) % 8))
    except binascii.Error:
        return "not base32"
    if row["time interval"] not in ("30", "60"):
        return "interval is not 30 or 60"
    if row["serial number"] in seen:
        return "duplicate"
    return None


def main():
    good, bad, seen, users = 0, 0, {}, collections.Counter()
    with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        for row in reader:
            why = problem(row, seen)
            if why:
                bad += 1
                print(f"line {reader.line_num}: {why}", file=sys.stderr)
                continue
            good += 1
            seen[row["serial number"]] = reader.line_num
            users[row["upn"].lower()] += 1
    for user, tokens in users.items():
        if tokens > 5:
            print(f"{user} has {tokens} tokens", file=sys.stderr)
    print(f"{good} good, {bad} refused")


main()

#!/usr/bin/env python3
"""The hard yardstick: the least that can be called checking such a file. It would miss most of what goes wrong in real ones;
validate_csv.py beside it checks what `portalkey tokens validate` does. validate_csv_lean.py FILE"""
import base64
import csv
import sys


def main():
    good, bad, seen = 0, 0, set()
    with open(sys.argv[1], newline="", encoding="utf-8-sig") as file:
        rows = csv.reader(file)
        next(rows)
        for upn, serial, secret, interval, manufacturer, model in rows:
            try:
                base64.b32decode(secret)
            except ValueError:
                bad += 1
                continue
            if int(interval) not in (30, 60) or serial in seen:
                bad += 1
                continue
            seen.add(serial)
            good += 1
    print(f"{good} good, {bad} refused")


main()

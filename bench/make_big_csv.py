#!/usr/bin/env python3
"""Writes an Entra CSV, always the same (99 MB for a million rows). The serial numbers ascend as in a vendor's file, or come in
random order: make_big_csv.py [--shuffled] FILE [ROWS]"""
import base64
import hashlib
import random
import sys

MAKERS = ["60,Feitian,OTP c200", "30,Token2,C203", "60,Deepnet Security,SafeID", "30,Contoso,HardwareKey"]


def main():
    arguments = [a for a in sys.argv[1:] if a != "--shuffled"]
    path, rows = arguments[0], int(arguments[1]) if len(arguments) > 1 else 1_000_000
    serials = range(2600215000000, 2600215000000 + rows)
    if "--shuffled" in sys.argv:
        serials = random.Random(1).sample(serials, rows)
    with open(path, "w", newline="") as out:
        out.write("upn,serial number,secret key,time interval,manufacturer,model\r\n")
        for start in range(0, rows, 10_000):
            count = min(10_000, rows - start)
            stream = hashlib.shake_128(start.to_bytes(8, "big")).digest(20 * count)
            keys = base64.b32encode(stream).decode()  # 20 bytes are exactly 32 characters
            out.write("".join(
                f"first.last{n:07d}@contoso.com,{serials[n]},{keys[32 * i:32 * i + 32]},{MAKERS[n % 4]}\r\n"
                for i, n in enumerate(range(start, start + count))))


main()

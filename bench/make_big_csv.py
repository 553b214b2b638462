#!/usr/bin/env python3
"""Writes an Entra CSV of N rows (default 1,000,000: 94 MB), always the same: make_big_csv.py FILE [N]"""
import base64
import hashlib
import sys

MAKERS = ["60,Feitian,OTP c200", "30,Token2,C203", "60,Deepnet Security,SafeID", "30,Contoso,HardwareKey"]


def main():
    path, rows = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000
    with open(path, "w", newline="") as out:
        out.write("upn,serial number,secret key,time interval,manufacturer,model\r\n")
        for start in range(0, rows, 10_000):
            count = min(10_000, rows - start)
            stream = hashlib.shake_128(start.to_bytes(8, "big")).digest(20 * count)
            keys = base64.b32encode(stream).decode()  # 20 bytes are exactly 32 characters
            out.write("".join(
                f"first.last{n:07d}@contoso.com,{2600215000000 + n},{keys[32 * i:32 * i + 32]},{MAKERS[n % 4]}\r\n"
                for i, n in enumerate(range(start, start + count))))


main()

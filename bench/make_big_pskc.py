#!/usr/bin/env python3
"""Writes a PSKC file of plain TOTP keys as a vendor delivers them, always the same: make_big_pskc.py FILE [KEYS]"""
import base64
import hashlib
import sys

PACKAGE = """  <KeyPackage>
    <DeviceInfo>
      <Manufacturer>Contoso Tokens Co.,Ltd</Manufacturer>
      <SerialNo>{serial}</SerialNo>
    </DeviceInfo>
    <Key Id="{serial}" Algorithm="urn:ietf:params:xml:ns:keyprov:pskc:totp">
      <AlgorithmParameters>
        <ResponseFormat Length="6" Encoding="DECIMAL"/>
      </AlgorithmParameters>
      <Data>
        <Secret>
          <PlainValue>{secret}</PlainValue>
        </Secret>
        <Time>
          <PlainValue>0</PlainValue>
        </Time>
        <TimeInterval>
          <PlainValue>60</PlainValue>
        </TimeInterval>
      </Data>
      <Policy>
        <StartDate>2024-08-01T00:00:00Z</StartDate>
        <ExpiryDate>2037-12-31T00:00:00Z</ExpiryDate>
      </Policy>
    </Key>
  </KeyPackage>
"""


def main():
    path, keys = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100_000
    with open(path, "w", encoding="ascii") as out:
        out.write('<?xml version="1.0" encoding="UTF-8"?>\n'
                  '<KeyContainer Version="1.0" xmlns="urn:ietf:params:xml:ns:keyprov:pskc">\n')
        for n in range(keys):
            secret = base64.b64encode(hashlib.sha1(n.to_bytes(8, "big")).digest()).decode()
            out.write(PACKAGE.format(serial=2600215000000 + n, secret=secret))
        out.write("</KeyContainer>\n")


main()

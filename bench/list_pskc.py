#!/usr/bin/env python3
"""The yardstick for PSKC: xml.etree; each key's serial number, secret, algorithm, digits and time interval in one line, no key
kept once it is printed. list_pskc.py FILE"""
import base64
import sys
import xml.etree.ElementTree as ElementTree

NS = "{urn:ietf:params:xml:ns:keyprov:pskc}"


def main():
    events = ElementTree.iterparse(sys.argv[1], events=("start", "end"))
    _, root = next(events)
    for event, element in events:
        if event != "end" or element.tag != NS + "KeyPackage":
            continue
        key = element.find(NS + "Key")
        data = key.find(NS + "Data")
        secret = base64.b64decode(data.findtext(f"{NS}Secret/{NS}PlainValue"), validate=True)
        digits = int(key.find(f"{NS}AlgorithmParameters/{NS}ResponseFormat").get("Length"))
        interval = int(data.findtext(f"{NS}TimeInterval/{NS}PlainValue"))
        print(element.findtext(f"{NS}DeviceInfo/{NS}SerialNo"), secret.hex(), key.get("Algorithm"), digits, interval)
        root.clear()


main()

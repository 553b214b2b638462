#!/usr/bin/env python3
"""Draws the heart of a demonstration as SVG: docs/demo/run.sh | docs/demo/make_picture.py >docs/demo/run.svg"""
import html
import sys

LEFT_OUT = ("== A sandbox", "== A vendor", "== Any call", "== What happened")
WIDTH_CHARS, LINE_HEIGHT, CHAR_WIDTH, PAD = 118, 17, 7.83, 14


def line_svg(number: int, text: str) -> str:
    colour = "#c9d1d9"
    if text.startswith("== "):
        colour = "#79c0ff"
    elif text.startswith("$ "):
        colour = "#7ee787"
    elif " rejected " in text or " failed " in text:
        colour = "#ffa657"
    y = PAD + 24 + (number + 1) * LINE_HEIGHT
    return f'<text x="{PAD}" y="{y}" fill="{colour}" xml:space="preserve">{html.escape(text)}</text>'


def main() -> None:
    lines = []
    shown = False
    for line in sys.stdin:
        if line.startswith("== "):
            shown = not line.startswith(LEFT_OUT)
        if shown:
            lines.append(line.rstrip("\n"))
    while lines and not lines[-1]:
        lines.pop()
    lines = [line if len(line) <= WIDTH_CHARS else line[: WIDTH_CHARS - 1] + "…" for line in lines]
    width = round(WIDTH_CHARS * CHAR_WIDTH + 2 * PAD)
    height = len(lines) * LINE_HEIGHT + 2 * PAD + 28
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
          f'font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="13">')
    print(f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>')
    for i, colour in enumerate(("#ff5f57", "#febc2e", "#28c840")):
        print(f'<circle cx="{PAD + 6 + 18 * i}" cy="18" r="5.5" fill="{colour}"/>')
    for number, text in enumerate(lines):
        print(line_svg(number, text))
    print("</svg>")


main()

#!/usr/bin/env python3
"""Draws NAME.svg from each NAME.json of bench/run.sh: a bar for each contender's median, a line from its minimum to its maximum.

plot.py RESULTS_FOLDER PLOTS_FOLDER
"""
import html
import json
import pathlib
import sys

WIDTH, LABEL, VALUE, ROW, HEAD, GAP = 760, 170, 190, 24, 30, 18
COLOURS = {"tidemark": "#1f6f8b", "other": "#b8c4cc"}


def text(x, y, words, size=13, anchor="start", weight="normal"):
    return (f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}">'
            f"{html.escape(words)}</text>")


def bar(entry, y, scale, digits):
    left = LABEL
    ours = not entry["name"].startswith(("raw", "java", "franz", "parallel-consumer"))
    middle = y + ROW / 2
    value = f'{entry["median"]:.{digits}f}  [{entry["min"]:.{digits}f} – {entry["max"]:.{digits}f}]'
    return [
        text(left - 8, middle + 4, entry["name"], anchor="end"),
        f'<rect x="{left}" y="{y + 3:.1f}" width="{entry["median"] * scale:.1f}" height="{ROW - 6}" '
        f'fill="{COLOURS["tidemark" if ours else "other"]}"/>',
        f'<line x1="{left + entry["min"] * scale:.1f}" x2="{left + entry["max"] * scale:.1f}" y1="{middle:.1f}" '
        f'y2="{middle:.1f}" stroke="#333" stroke-width="2"/>',
        text(WIDTH - 8, middle + 4, value, size=12, anchor="end"),
    ]


def chart(data, y):
    highest = max(max(entry["max"] for entry in data["bars"]), 1e-9)
    scale = (WIDTH - LABEL - VALUE) / highest
    shapes = [text(8, y + 18, f'{data["title"]}: {data["unit"]}', weight="bold")]
    y += HEAD
    for entry in data["bars"]:
        shapes += bar(entry, y, scale, data["digits"])
        y += ROW
    return shapes, y + GAP


def svg(results):
    shapes, y = [], 8
    for data in results["charts"]:
        more, y = chart(data, y)
        shapes += more
    shapes.append(text(8, y, f'{results["date"]}, commit {results["commit"]}', size=11))
    shapes.append(text(8, y + 16, results["machine"], size=11))
    height = y + 28
    body = "\n".join(shapes)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" viewBox="0 0 {WIDTH} {height}" '
            f'font-family="sans-serif">\n<rect width="100%" height="100%" fill="white"/>\n{body}\n</svg>\n')


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    source, target = map(pathlib.Path, sys.argv[1:])
    files = sorted(source.glob("*.json"))
    if not files:
        sys.exit(f"no figures in {source}: run bench/run.sh NAME first")
    target.mkdir(parents=True, exist_ok=True)
    for file in files:
        results = json.loads(file.read_text(encoding="utf-8"))
        if not results["charts"]:
            continue
        path = target / f'{results["name"]}.svg'
        path.write_text(svg(results), encoding="utf-8")
        print(path)


if __name__ == "__main__":
    main()

"""Bars and lines as SVG, readable on light and dark ground, without a library. Used by bench/run."""
import math
from html import escape

WIDTH, HEIGHT = 760, 360
LEFT, RIGHT, TOP, BOTTOM = 74, 16, 52, 46
BAR, GAP, LABELS = 18, 10, 250  # of horizontal bars: thickness, space between groups, room for the names
COLOURS = ["#3b7dd8", "#d9822b", "#3a9b5c", "#b0529c", "#8a8a8a", "#c23b3b"]
STYLE = ("<style>text{font:12px sans-serif;fill:#444}.title{font-size:14px;font-weight:bold}.grid{stroke:#8885}"
         "@media(prefers-color-scheme:dark){text{fill:#ccc}}</style>")


def short(value):
    for size, unit in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g}{unit}"
    return f"{value:.3g}"


def ticks(low, high, log):
    if log:
        return [10.0 ** e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    step = 10.0 ** math.floor(math.log10(high / 4 or 1))
    step *= next(f for f in (1, 2, 5, 10) if high / (step * f) <= 5)
    return [step * i for i in range(math.ceil(high / step) + 1)]


def axis(values, log, begin, end):
    """Ticks, and a function from value to place."""
    positive = [v for v in values if v > 0] or [1]
    marks = ticks(min(positive), max(positive), log)
    if len(marks) == 1:
        marks.append(marks[0] * 10)
    if log:
        low, high = math.log10(marks[0]), math.log10(marks[-1])
        return marks, lambda v: begin + (end - begin) * (math.log10(max(v, marks[0])) - low) / (high - low)
    return marks, lambda v: begin + (end - begin) * v / marks[-1]


def column(part, name):
    at = part["columns"].index(name)
    return [row[at] for row in part["rows"]]


def text(x, y, what, anchor="middle", kind=""):
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{kind}>{escape(str(what))}</text>'


def legend(names):
    if len(names) < 2:
        return []
    out, x = [], LEFT
    for i, name in enumerate(names):
        out.append(f'<rect x="{x}" y="30" width="10" height="10" fill="{COLOURS[i % len(COLOURS)]}"/>')
        out.append(text(x + 14, 39, name, "start"))
        x += 30 + 7 * len(name)
    return out


def bars(part, plot):
    names, series = column(part, plot["x"]), plot["series"]
    values = [column(part, s) for s in series]
    group = BAR * len(series) + GAP
    height = TOP + group * len(names) + BOTTOM
    marks, place = axis([v for vs in values for v in vs if isinstance(v, (int, float))], plot.get("log"), LABELS, WIDTH - 60)
    out = []
    for mark in marks:
        out.append(f'<line class="grid" x1="{place(mark):.1f}" x2="{place(mark):.1f}" y1="{TOP}" y2="{height - BOTTOM + 4}"/>')
        out.append(text(place(mark), height - BOTTOM + 20, short(mark)))
    for row, name in enumerate(names):
        top = TOP + row * group
        out.append(text(LABELS - 8, top + BAR * len(series) / 2 + 4, name, "end"))
        for i, vs in enumerate(values):
            if not isinstance(vs[row], (int, float)):
                continue
            end, y = place(vs[row]), top + i * BAR
            out.append(f'<rect x="{LABELS}" y="{y:.1f}" width="{max(end - LABELS, 1):.1f}" height="{BAR - 2}" fill="{COLOURS[i % len(COLOURS)]}"/>')
            out.append(text(end + 4, y + 13, short(vs[row]), "start"))
    return height, out


def lines(part, plot):
    xs, series = column(part, plot["x"]), plot["series"]
    values = [column(part, s) for s in series]
    bottom = HEIGHT - BOTTOM
    x_marks, x_place = axis(xs, plot.get("x_log", True), LEFT, WIDTH - RIGHT - 20)
    y_marks, y_place = axis([v for vs in values for v in vs if isinstance(v, (int, float))], plot.get("log"), bottom, TOP)
    out = []
    for mark in y_marks:
        out.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y_place(mark):.1f}" y2="{y_place(mark):.1f}"/>')
        out.append(text(LEFT - 6, y_place(mark) + 4, short(mark), "end"))
    for mark in x_marks:
        out.append(text(x_place(mark), bottom + 18, short(mark)))
    out.append(text((LEFT + WIDTH) / 2, HEIGHT - 8, plot["x"]))
    for i, vs in enumerate(values):
        points = [(x_place(x), y_place(v)) for x, v in zip(xs, vs) if isinstance(v, (int, float))]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        colour = COLOURS[i % len(COLOURS)]
        out.append(f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>' for x, y in points]
    return HEIGHT, out


def draw(part, plot):
    if "where" in plot:  # the rows that have this value in this column
        name, value = plot["where"]
        part = dict(part, rows=[row for row, at in zip(part["rows"], column(part, name)) if at == value])
    height, body = (bars if plot["kind"] == "bar" else lines)(part, plot)
    title = text(WIDTH / 2, 20, plot.get("title", part["title"]), kind=' class="title"')
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}">', STYLE,
                      title, *legend(plot["series"]), *body, "</svg>"]) + "\n"

"""The frame of every report page: one self-contained HTML file for screen, phone and paper, light and dark."""

from __future__ import annotations

import json
from html import escape
from typing import Final

LIGHT: Final = """--ink: #1d2530; --soft: #5a6675; --line: #d7dde4; --page: #ffffff; --card: #f6f8fa;
  --accent: #b3384a; --good: #1f7a4a; --bad: #b3261e; --picture: none; --blend: normal;"""
DARK: Final = """--ink: #e6eaef; --soft: #a3aebb; --line: #39424e; --page: #14181d; --card: #1d232b;
  --accent: #ff8a98; --good: #6fd39b; --bad: #ff9a92; --picture: invert(1) hue-rotate(180deg); --blend: screen;"""
#: Paper is light, whatever the screen is.
THEMES: Final = f"""
:root {{ color-scheme: light dark; {LIGHT} }}
:root[data-theme="dark"] {{ {DARK} }}
@media (prefers-color-scheme: dark) {{ :root:not([data-theme="light"]) {{ {DARK} }} }}
@media print {{ :root:is([data-theme], :not([data-theme])) {{ color-scheme: light; {LIGHT} }} }}
"""
STYLE: Final = """
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.2rem; max-width: 60rem; color: var(--ink); background: var(--page);
  font: 16px/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--accent); } h1 { line-height: 1.2; } .anchor-link { display: none; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
img { max-width: 100%; height: auto; background: #fff; border-radius: 6px; }
@media screen and (max-width: 600px) { .output_png { overflow-x: auto; }
  .output_png img { max-width: none; width: 40rem; } }
img:not(.own) { filter: var(--picture); mix-blend-mode: var(--blend); }
table { border-collapse: collapse; display: block; overflow-x: auto; overflow-wrap: normal; font-size: .92em; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; vertical-align: top; }
pre { white-space: pre-wrap; background: var(--card); padding: .7rem; border-radius: 6px; font-size: .88em; }
.bar { display: flex; gap: .6rem; justify-content: space-between; align-items: center; flex-wrap: wrap; }
header.bar { margin-bottom: .8rem; }
button, input { font: inherit; color: inherit; background: var(--card); border: 1px solid var(--line);
  border-radius: 6px; padding: .35rem .7rem; }
.provenance { border-top: 2px solid var(--line); margin-top: 2rem; color: var(--soft); }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: 1rem;
  padding: 0; list-style: none; }
.cards li { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .8rem; }
.cards img { width: 100%; aspect-ratio: 8 / 4; object-fit: contain; }
.cards h2 { font-size: 1.05rem; margin: .4rem 0 .2rem; }
.cards p { margin: .2rem 0; color: var(--soft); font-size: .92rem; }
.completed { color: var(--good); } .failed { color: var(--bad); }
@page { size: A4; margin: 16mm 15mm 20mm; @bottom-left { content: var(--title); }
  @bottom-right { content: counter(page) " / " counter(pages); } }
@media print { button, input, nav.bar, .bar label, details:not([open]) { display: none; }
  body { max-width: none; padding: 0; font-size: 10.5pt; } a { color: inherit; }
  h1, h2, h3 { break-after: avoid; } img, table, li, pre, .output_area { break-inside: avoid; } }
"""

THEME: Final = """
const root = document.documentElement, button = document.getElementById("theme");
// Some browsers keep nothing for files.
const kept = use => { try { return use(localStorage); } catch { return null; } };
root.dataset.theme = kept(store => store.getItem("lab-theme")) ?? "";
button.addEventListener("click", () => {
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  kept(store => store.setItem("lab-theme", root.dataset.theme));
});
"""


def html(title: str, content: str, script: str = "", language: str = "en") -> str:
    """Return a whole page.

    Parameters: title, as text; content, HTML of the page's middle; script, further JavaScript of the page.
    """
    footer = escape(json.dumps(title, ensure_ascii=False))  # a text in quotes is written in CSS as in JSON
    return (
        f'<!doctype html>\n<html lang="{language}" style="--title: {footer}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="icon" href="data:,"><title>{escape(title)}</title><style>{THEMES}{STYLE}</style></head>\n'
        f"<body>{content}<script>{THEME}{script}</script></body></html>\n"
    )


def theme_button() -> str:
    """Return the button that changes between light and dark."""
    return '<button id="theme" type="button">light / dark</button>'

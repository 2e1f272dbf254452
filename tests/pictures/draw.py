"""Draw cards as people see them: the component JSON that the bot sends becomes a page, and Chromium a PNG.

.venv/bin/python tests/pictures/draw.py CARD.json PICTURE.png
"""

from __future__ import annotations

import html
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

# Discord's component types.
CONTAINER = 17
LINK_STYLE = 5
#: As wide as Discord on a desk, and on a phone.
WIDTH_PX, PHONE_PX = 560, 390

# Debian's Chromium comes without a font for these.
_SIGNS = {
    "👍": "M2 10h4v12H2zM8 22h10l4-9v-3h-8l1-7-2-1-5 8z",
    "👎": "M2 2h4v12H2zM8 2h10l4 9v3h-8l1 7-2 1-5-8z",
    "⚠️": "M12 2 1 22h22zM11 9h2v6h-2zM11 17h2v2h-2z",
}

_PAGE = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: #313338; color: #dbdee1; font: 16px/1.375 "DejaVu Sans", sans-serif; padding: 16px;
  width: {width_px}px; box-sizing: border-box; }}
.author {{ font-weight: 600; color: #f2f3f5; margin-bottom: 4px; }}
.author span {{ background: #5865f2; color: #fff; font-size: 10px; padding: 1px 5px; border-radius: 4px; }}
.container {{ background: #2b2d31; border: 1px solid #3f4147; border-left: 4px solid {colour}; border-radius: 8px;
  padding: 14px 16px; max-width: 520px; font-size: 14px; }}
.text + .text {{ margin-top: 10px; }} p {{ margin: 0; }} a {{ color: #00a8fc; text-decoration: none; }}
ul {{ margin: 2px 0; padding-left: 20px; }} svg {{ height: 1em; width: 1em; vertical-align: -2px; fill: currentColor; }}
hr {{ border: 0; border-top: 1px solid #3f4147; margin: 12px 0; }}
blockquote {{ margin: 4px 0 0; padding-left: 10px; border-left: 4px solid #4e5058; }}
small {{ color: #949ba4; font-size: 12px; }}
.row {{ display: flex; flex-wrap: wrap; gap: 8px; margin-top: 10px; }}
.button {{ background: #4e5058; color: #fff; border-radius: 8px; padding: 7px 14px; min-width: 32px; font-size: 14px;
  font-weight: 500; text-align: center; box-sizing: border-box; }} .primary {{ background: #5865f2; }}
.danger {{ background: #da373c; }} .off {{ opacity: .5; }}
</style><div class="author">Dateline <span>APP</span></div>{body}"""


def draw(components: Iterable[Mapping[str, Any]], picture: Path, *, width_px: int = WIDTH_PX) -> None:
    """Draw one message's components into a PNG; its height follows the content.

    Raises:
        SystemExit: there is no Chromium on this machine.
    """
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        raise SystemExit("Pictures need Chromium (on Debian: apt-get install chromium); none were drawn.")
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "card.html"
        page.write_text(to_page(list(components), width_px), "utf-8")
        command = [
            chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
            "--disable-background-networking", "--disable-component-update", "--disable-sync",
            f"--user-data-dir={folder}/profile", "--hide-scrollbars", "--virtual-time-budget=1000",
        ]  # fmt: skip
        measured = subprocess.run(
            [*command, f"--window-size={width_px},100", "--dump-dom", page.as_uri()],
            check=True,
            capture_output=True,
            text=True,
        )
        height = int(measured.stdout.rsplit('data-height="', 1)[1].split('"', 1)[0])
        subprocess.run(
            [*command, f"--window-size={width_px},{height}", f"--screenshot={picture.absolute()}", page.as_uri()],
            check=True,
            capture_output=True,
        )


def to_page(components: list[Mapping[str, Any]], width_px: int) -> str:
    """Write components as a page so wide that notes its own height in `data-height`."""
    colour = next((f"#{one.get('accent_color') or 0x4E5058:06x}" for one in components if one["type"] == CONTAINER), "")
    script = "<script>document.body.dataset.height = Math.ceil(document.documentElement.scrollHeight)</script>"
    page = _PAGE.format(colour=colour, width_px=width_px, body="".join(map(_component, components))) + script
    for sign, path in _SIGNS.items():
        page = page.replace(sign, f'<svg viewBox="0 0 24 24"><path d="{path}"/></svg>')
    return page


def _component(component: Mapping[str, Any]) -> str:
    match component["type"]:
        case 17:
            return f'<div class="container">{"".join(map(_component, component["components"]))}</div>'
        case 10:
            return f'<div class="text">{_markdown(component["content"])}</div>'
        case 14:
            return "<hr>"
        case 1:
            return f'<div class="row">{"".join(map(_component, component["components"]))}</div>'
        case 2:
            return _button(component)
    return f"<p>[component {html.escape(str(component['type']))}]</p>"


def _button(button: Mapping[str, Any]) -> str:
    kind = {1: "primary", 4: "danger"}.get(button["style"], "")
    shown = f"button {kind} {'off' if button.get('disabled') else ''}"
    label = html.escape(button.get("label") or "") + (" ↗" if button["style"] == LINK_STYLE else "")
    return f'<div class="{shown}">{label}</div>'


def _markdown(text: str) -> str:
    """Render what the cards use of Discord's Markdown; "-# " begins a line of small print."""
    renderer = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("strikethrough")
    lines = []
    for line in text.split("\n"):
        small = line.startswith("-# ")
        lines.append(f"@small@{line[3:]}@/small@" if small else line)
    rendered = renderer.render("\n".join(lines))
    return rendered.replace("@small@", "<small>").replace("@/small@", "</small>")


if __name__ == "__main__":
    draw(json.loads(Path(sys.argv[1]).read_text("utf-8")), Path(sys.argv[2]))

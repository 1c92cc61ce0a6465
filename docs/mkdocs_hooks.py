"""Hooks for MkDocs: pages elsewhere in the repository, and links that work like on a code host."""

import posixpath
import re
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files
from pymdownx.slugs import slugify

ROOT = Path(__file__).parents[1]
ELSEWHERE = {
    **{path.name: path.name.lower() for path in ROOT.glob("*.md")},
    "README.md": "index.md",
    **{
        f"exporter/runbooks/{path.name}": f"runbooks/{path.name}"
        for path in (ROOT / "exporter" / "runbooks").glob("*.md")
    },
}
LINK = re.compile(r"(\]\()([^)#\s]+)((?:#[^)\s]*)?\))")
NESTED = re.compile(r"^   ```.*?^   ```$", re.MULTILINE | re.DOTALL)


def on_config(config: Any) -> Any:
    """Give headings the anchors of a code host."""
    config.mdx_configs.setdefault("toc", {})["slugify"] = slugify(case="lower")
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages elsewhere in the repository, and every file that a page links to."""
    for source, place in ELSEWHERE.items():
        files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    for page in [*ELSEWHERE, *(f"docs/{file.src_uri}" for file in files.documentation_pages())]:
        if not (ROOT / page).is_file():
            continue
        for _, target, _ in LINK.findall((ROOT / page).read_text(encoding="utf-8")):
            source = _source(page, target)
            place = _place(source)
            if (ROOT / source).is_file() and files.get_file_from_path(place) is None:
                files.append(File.generated(config, place, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Adjust links to the site; of links to folders only the text is kept."""
    here = page.file.src_uri
    page_source = next((source for source, place in ELSEWHERE.items() if place == here), f"docs/{here}")

    def lead(found: re.Match[str]) -> str:
        opening, target, rest = found.groups()
        if re.match(r"[a-z]+:", target):
            return found[0]
        place = _place(_source(page_source, target))
        return f"{opening}{posixpath.relpath(place, posixpath.dirname(here) or '.')}{rest}"

    # A code host accepts three spaces for content of a numbered item, Python's Markdown needs four.
    markdown = NESTED.sub(lambda found: re.sub(r"^", " ", found[0], flags=re.MULTILINE), markdown)
    markdown = re.sub(r"\[([^]]*)\]\((\S+)\)", lambda found: _words(found, page_source), markdown)
    return LINK.sub(lead, markdown)


def _words(found: re.Match[str], page: str) -> str:
    return found[1] if (ROOT / _source(page, found[2])).is_dir() else found[0]


def _source(page: str, target: str) -> str:
    """Return the path in the repository of a page's link target."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(page), target))


def _place(source: str) -> str:
    """Return where a file of the repository is on the site."""
    if source.startswith("docs/"):
        return source.removeprefix("docs/")
    return ELSEWHERE.get(source, f"source/{source.lstrip('.')}")  # MkDocs omits hidden files

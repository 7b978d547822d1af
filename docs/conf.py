"""Sphinx configuration of the site; ``python -m docs.site`` builds it."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from docs.site import make_pages
from docs.site.links import mend_links, name_empty_headings

import gluteal

project = "gluteal"
author = "The gluteal developers"
project_copyright = "the gluteal developers, Apache-2.0"
version = release = gluteal.__version__

extensions = [
    "myst_nb",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "numpydoc",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
]
exclude_patterns = [
    "schemas/**",
    "site/**",
    "made/gallery/*.ipynb",
    "made/gallery/*.py*",
    "made/extra/**",
    "gallery/**",
]
suppress_warnings = [
    # The gallery's examples are named in one process and read in another.
    "config.cache",
]
nitpicky = True
# An option is --out, not –out.
smartquotes = False

# --- pages ---------------------------------------------------------------------------------------------
myst_enable_extensions = ["colon_fence", "deflist", "dollarmath"]
myst_dmath_double_inline = True
# One $ is a price or a shell's; formulas stand between two.
myst_heading_anchors = 4
# What a page calls by its name in the repository.
highlight_language = "text"
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_merge_streams = True

# --- reference -----------------------------------------------------------------------------------------
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = False
# Single back-quotes in docstrings are code, and many name what has no page of its own.
default_role = "code"

# --- gallery -------------------------------------------------------------------------------------------
sphinx_gallery_conf = {
    "examples_dirs": ["gallery"],
    "gallery_dirs": ["made/gallery"],
    "filename_pattern": r"\.py$",
    "abort_on_example_error": True,
    "download_all_examples": False,
    "show_memory": False,
    "write_computation_times": False,
    "plot_gallery": "True",
    "remove_config_comments": True,
    # Tables are shown; what an axis calls itself is for nobody, and how long it took changes with every build.
    "capture_repr": ("_repr_html_",),
    "min_reported_time": 600,
}

# --- looks ---------------------------------------------------------------------------------------------
html_theme = "pydata_sphinx_theme"
html_title = "gluteal"
templates_path = ["site/templates"]
html_context = {"default_mode": "auto"}
html_favicon = "site/static/icon.svg"
html_static_path = ["site/static"]
html_css_files = ["site.css"]
html_extra_path = ["made/extra"]
html_show_sourcelink = False
html_sidebars = {"index": [], "try": [], "claims/*": []}
html_theme_options = {
    "logo": {"text": "gluteal"},
    "header_links_before_dropdown": 6,
    "navbar_align": "left",
    "navbar_persistent": ["search-button"],
    "show_toc_level": 2,
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}


def setup(app: object) -> None:
    """Make the generated pages before Sphinx looks for them, and lead links out of this folder to their pages."""
    make_pages()
    app.connect("source-read", mend_links)  # type: ignore[attr-defined]
    app.connect("doctree-read", name_empty_headings)  # type: ignore[attr-defined]

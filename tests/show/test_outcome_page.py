"""Reports and figures: self-contained, complete, and drawn where things are."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest
from tests.helpers.synthetic import draw_no_live_page, make_outcome, make_picture

from gluteal.errors import InputError, UnknownName
from gluteal.kernels.raster import rasterise, tube, vertex_normals
from gluteal.mechanics.picture import Picture
from gluteal.nerves.condition import Condition
from gluteal.outcome.verdict import MOVEMENT_RULE
from gluteal.show.figures import outcome as plot
from gluteal.show.pages import outcome as report
from gluteal.words import FIXED

pytestmark = pytest.mark.slow

mpl.use("agg")

HALF = Condition.weaken("glmed1_r", loss=0.5)
WITHOUT = Condition.weaken("glmed", loss=1.0, side="r")


@pytest.fixture(scope="module")
def page() -> str:
    outcome = make_outcome(WITHOUT, demand=60.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(report, "compute_picture", make_picture)
        patch.setattr(report, "live_block", draw_no_live_page)
        return report.render_outcome(outcome, command="gluteal simulate <here> & there")


class Addresses(HTMLParser):
    """Collect what a page would load, and whether its tags close in order."""

    EMPTY = frozenset({"meta", "br", "img", "link", "path", "use", "rect"})

    def __init__(self) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.loaded += [v or "" for k, v in attrs if k in ("src", "href", "xlink:href", "srcset", "data")]
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.EMPTY:
            assert self.open.pop() == tag


def test_page_asks_for_nothing(page: str) -> None:
    """No address outside the file is loaded, by tag or by style; the tags are balanced; it stays small."""
    parser = Addresses()
    parser.feed(page)
    assert parser.open == []
    assert parser.loaded and all(a.startswith(("data:image/png;base64,", "#")) for a in parser.loaded)
    assert all(u.startswith("#") for u in re.findall(r"url\(([^)]*)\)", page))
    assert "@import" not in page
    assert len(page) < 3_000_000


def test_page_says_what_matters(page: str) -> None:
    """Verdict, rule, limits, warnings, body notes, checks and the command are all there, escaped."""
    for text in (
        "is not possible exactly as it is: 20 N·m are missing",
        FIXED,
        MOVEMENT_RULE,
        "The demand is made up.",
        "This body exists in tests only.",
        "condition reserves",
        "gluteal simulate &lt;here&gt; &amp; there",
        "the engine knows no lines of action of muscles across a joint of this body",
        "made up",
    ):
        assert text in page, text
    assert 'class="t fail"' in page  # the reserve check of an impossible movement is shown as failed


def test_page_has_every_muscle_and_figure(page: str) -> None:
    """All muscles are in the table, and each figure is inline in the text's own colour."""
    for muscle in (
        "right gluteus medius, anterior",
        "right tensor fasciae latae",
        "right gluteus maximus, superior",
        "left gluteus medius, anterior",
        "left tensor fasciae latae",
        "right soleus",
    ):
        assert f'<td class="t">{muscle}</td>' in page
    assert page.count("<svg ") == 6
    assert "currentColor" in page
    assert page.count("data:image/png") == 3


def test_pages_are_reproducible(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same outcome gives the same bytes."""
    monkeypatch.setattr(report, "compute_picture", make_picture)
    monkeypatch.setattr(report, "live_block", draw_no_live_page)
    outcome = make_outcome(HALF, frames=1)
    assert report.render_outcome(outcome) == report.render_outcome(outcome)


def test_unchanged_movement_has_a_report(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Nothing to show is no reason to stumble."""
    monkeypatch.setattr(report, "compute_picture", make_picture)
    monkeypatch.setattr(report, "live_block", draw_no_live_page)
    make_outcome(frames=1).to_html(tmp_path / "r.html")
    assert "no muscle changes its mean force by 1 N" in (tmp_path / "r.html").read_text()


def test_picture_shows_the_frame_that_matters() -> None:
    """The frame of the deficit if impossible (the middle one), else that of the largest change."""
    assert report.choose_frame(make_outcome(WITHOUT, demand=60.0)) == 1
    assert report.choose_frame(make_outcome(HALF)) == 1


def test_second_view_shows_what_the_first_hides() -> None:
    """Upright bodies are seen from the side and the back, lying ones from the side and above."""
    upright = np.array([[[0.0, 0.0, 0.0], [0.0, 1.7, 0.1]]])
    assert report.second_view(Picture((), upright, {}), "side") == "back"
    assert report.second_view(Picture((), upright, {}), "front") == "side"
    lying = Picture((), upright[..., [1, 0, 2]], {})
    assert report.second_view(lying, "side") == "top"
    assert report.second_view(lying, "top") == "side"


# --- figures -------------------------------------------------------------------------------------------


def test_axes_are_given_back_and_labelled() -> None:
    """Every plot draws into the axes it is given, returns them, and names its unit."""
    outcome = make_outcome(HALF)
    for draw, label in (
        (plot.plot_compensation, "change of mean force (N)"),
        (plot.plot_levels, "peak activation of the group (1)"),
        (plot.plot_deficit, "time (s)"),
        (plot.plot_supports, "time (s)"),
    ):
        ax = mpl.figure.Figure().subplots()
        assert draw(outcome, ax=ax) is ax  # type: ignore[operator]
        assert ax.get_xlabel() == label


def test_lines_are_the_activations() -> None:
    """The plotted course is the group's activation, undisturbed grey-blue and condition orange-red."""
    outcome = make_outcome(HALF)
    ax = plot.plot_activation(outcome, "glmed", side="r", ax=mpl.figure.Figure().subplots())
    before, after = ax.get_lines()
    assert (before.get_color(), after.get_color()) == (plot.BASELINE, plot.CONDITION)
    np.testing.assert_allclose(after.get_ydata(), outcome.changed.dataset["activation"].sel(muscle="glmed1_r").values)


def test_unknown_group_is_named() -> None:
    """A group the body lacks on that side gets the close ones."""
    with pytest.raises(UnknownName, match=r"no group on that side 'glmedd'\. Close names: glmed"):
        plot.plot_activation(make_outcome(HALF), "glmedd")


def test_groups_acted_on_come_first() -> None:
    """The condition's own groups lead, then those that answer most."""
    first, *others = plot.rank_groups(make_outcome(HALF), most=3)
    # The two others change equally: 20 N m each.
    assert first == ("glmed", "r") and set(others) == {("tfl", "r"), ("glmax", "r")}


def test_nearer_triangle_hides_the_farther() -> None:
    """Two overlapping triangles: every pixel of the overlap shows the nearer, drawn first or last."""
    corners = np.array([[1.0, 1.0], [8.0, 1.0], [1.0, 8.0]])
    faces = np.array([[0, 1, 2]])
    normal = np.tile([0.0, 0.0, 1.0], (3, 1))
    for order in ((0.0, 1.0), (1.0, 0.0)):
        depth, shade, labels = np.full((10, 10), -np.inf), np.zeros((10, 10, 3)), np.zeros((10, 10), np.int64)
        for label, z in enumerate(order):
            point = np.column_stack([corners, np.full(3, z)])
            rasterise(point, normal, faces, label, depth, shade, labels)
        assert depth[2, 2] == 1.0 and labels[2, 2] == order.index(1.0)
        assert depth[9, 9] == -np.inf


def test_tube_is_round() -> None:
    """Every vertex of a tube lies its radius away from the axis, and normals point away from or to it."""
    path = np.column_stack([np.zeros(5), np.linspace(0, 1, 5), np.zeros(5)])
    vertices, faces = tube(path, np.full(5, 0.1))
    np.testing.assert_allclose(np.hypot(vertices[:, 0], vertices[:, 2]), 0.1, atol=1e-12)
    radial = vertices[:, [0, 2]] / 0.1
    outward = np.einsum("ni,ni->n", vertex_normals(vertices, faces)[:, [0, 2]], radial)
    # A ring of twelve corners turns 30 degrees at each, so normals at the open ends tilt a little.
    assert np.abs(outward).min() > np.cos(np.radians(15.0))


@pytest.mark.parametrize(("view", "left_is"), [("front", "right"), ("back", "left")])
def test_sides_are_where_the_viewer_sees_them(view: str, left_is: str) -> None:
    """Seen from the front, the body's right is on the page's left; from the back it is the other way."""
    offset = 0.2 if left_is == "right" else -0.2
    sticks = np.array([[[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]]])
    support = {"foot": np.array([0.0, 0.0, offset])}
    ax = plot.plot_body(Picture((), sticks, {}, support), view=view, ax=mpl.figure.Figure().subplots())  # type: ignore[arg-type]
    (x, _), *_ = ax.collections[-1].get_offsets()
    assert x < 0.0


def test_active_muscle_is_seen() -> None:
    """An active muscle adds its colour to the picture; a silent one does not."""
    images = []
    for value in (0.0, 0.5):
        ax = mpl.figure.Figure().subplots()
        plot.plot_body(make_picture(), view="front", muscle_values={"tfl_r": value}, ax=ax)
        images.append(np.asarray(ax.images[0].get_array()))
    red = [np.sum((i[..., 0] - i[..., 2] > 0.3) & (i[..., 3] > 0.5)) for i in images]
    assert red[0] == 0 and red[1] > 200


def test_bad_pictures_are_refused() -> None:
    """An unknown view or an empty picture is one clear sentence."""
    with pytest.raises(InputError, match="There is no view 'below'; choose side, front, back or top"):
        plot.plot_body(make_picture(), view="below")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="neither bones nor sticks"):
        plot.plot_body(Picture((), np.zeros((0, 2, 3)), {}))


def test_tables_become_files(tmp_path: Path) -> None:
    """A table is written as text and as netCDF; lists are joined."""
    rows = [{"name": "a<b", "muscles": ["x", "y"], "value": 1.5}, {"name": "c", "muscles": [], "value": 2.0}]
    for ending in ("csv", "nc"):
        report.write_table(tmp_path / f"t.{ending}", rows, title="Names")
    assert (tmp_path / "t.csv").read_text().splitlines()[1] == "a<b,x; y,1.5"
    import xarray as xr

    with xr.open_dataset(tmp_path / "t.nc", engine="h5netcdf") as read:
        assert list(read["value"].values) == [1.5, 2.0]

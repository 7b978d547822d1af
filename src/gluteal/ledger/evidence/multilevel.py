"""Random effects with several effects of one study: three levels, and an error that trusts no working model.

Model: effect = mean + study + effect within study + error, both variances by restricted maximum likelihood
(Konstantopoulos 2011, Res Synth Methods 2:61-76, as metafor's rma.mv fits it), errors of the same people correlated by
a stated amount (Pustejovsky and Tipton 2022, doi 10.1007/s11121-021-01246-3, "correlated and hierarchical effects").
The error of the mean is cluster-robust with the bias-reduced linearisation CR2 and Satterthwaite's degrees of freedom
(Pustejovsky and Tipton 2018, doi 10.1080/07350015.2016.1247004). Papers from memory, not read at source; the numbers
are held against those printed in the documentation of metafor.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

#: Largest variance component that is searched, in mean sampling variances plus the variance of the effects.
_REACH = 10.0


@dataclass(frozen=True)
class LevelsFit:
    """Variances and mean of the model, on the scale of the effects.

    Attributes
    ----------
    mean, se : float
        Mean effect, and its error where the variances are taken as known.
    between, within : float
        Variance between studies and between effects of one study.
    robust_se, robust_df : float
        CR2 error of the mean and Satterthwaite's degrees of freedom; nan with fewer than two studies.
    log_likelihood : float
        Restricted log likelihood without its constant.
    """

    mean: float
    se: float
    between: float
    within: float
    robust_se: float
    robust_df: float
    log_likelihood: float


def fit_levels(
    values: Sequence[float],
    variances: Sequence[float],
    studies: Sequence[Hashable],
    *,
    correlation: float = 0.0,
) -> LevelsFit:
    """Fit the three levels; with one effect a study there are two, and `within` is 0.

    Parameters
    ----------
    values, variances : sequence of float
        Effects and their sampling variances.
    studies : sequence
        What each effect's study is, one entry an effect.
    correlation : float
        Of the sampling errors of one study's effects.

    Examples
    --------
    >>> fit = fit_levels([0.1, 0.3, 0.8, 0.9], [0.01, 0.01, 0.02, 0.02], ["a", "a", "b", "b"])
    >>> round(fit.mean, 2), fit.between > fit.within
    (0.52, True)
    """
    y, v = np.asarray(values, dtype=float), np.asarray(variances, dtype=float)
    members = [np.flatnonzero([s == study for s in studies]) for study in dict.fromkeys(studies)]
    errors = [_errors(v[m], correlation) for m in members]
    unit = float(v.mean() + np.var(y)) or 1.0
    nested = any(len(m) > 1 for m in members)

    def loss(between: float, within: float) -> float:
        return _loss(y, members, errors, between * unit, within * unit)

    between, within = _search(loss, nested)
    between, within = between * unit, within * unit
    blocks = [_block(e, between, within) for e in errors]
    weights = [np.linalg.inv(b) for b in blocks]
    information = sum(float(w.sum()) for w in weights)
    mean = sum(float(w.sum(axis=0) @ y[m]) for w, m in zip(weights, members, strict=True)) / information
    robust_se, df = _robust(y - mean, members, blocks, weights, information)
    return LevelsFit(
        mean, information**-0.5, between, within, robust_se, df, -0.5 * _loss(y, members, errors, between, within)
    )


def _errors(variances: np.ndarray, correlation: float) -> np.ndarray:
    sd = np.sqrt(variances)
    together = np.full((len(sd), len(sd)), correlation)
    np.fill_diagonal(together, 1.0)
    return together * np.outer(sd, sd)


def _block(errors: np.ndarray, between: float, within: float) -> np.ndarray:
    return errors + within * np.eye(len(errors)) + between


def _loss(y: np.ndarray, members: list[np.ndarray], errors: list[np.ndarray], between: float, within: float) -> float:
    """Return minus twice the restricted log likelihood without its constant."""
    information = weighted = squares = log_volume = 0.0
    for m, error in zip(members, errors, strict=True):
        block = _block(error, between, within)
        both = np.linalg.solve(block, np.column_stack([np.ones(len(m)), y[m]]))
        information += both[:, 0].sum()
        weighted += both[:, 1].sum()
        squares += float(y[m] @ both[:, 1])
        log_volume += float(np.linalg.slogdet(block)[1])
    return log_volume + float(np.log(information)) + squares - weighted**2 / information


def _search(loss, nested: bool) -> tuple[float, float]:  # type: ignore[no-untyped-def]
    """Return the variances, in units of `unit`, at the least loss: inside, or on either edge where one is 0."""

    def edge(along) -> tuple[float, float]:  # type: ignore[no-untyped-def]
        found = scipy.optimize.minimize_scalar(along, bounds=(0.0, _REACH), method="bounded", options={"xatol": 1e-12})
        return (0.0, along(0.0)) if along(0.0) <= found.fun else (float(found.x), float(found.fun))

    between, least = edge(lambda b: loss(b, 0.0))
    best = (between, 0.0, least)
    if nested:
        within, least = edge(lambda w: loss(0.0, w))
        if least < best[2]:
            best = (0.0, within, least)
        inside = scipy.optimize.minimize(
            lambda x: loss(float(x[0]) ** 2, float(x[1]) ** 2),
            np.sqrt([max(between, 1e-3), max(within, 1e-3)]) / 1.4,
            method="Nelder-Mead",
            options={"xatol": 1e-9, "fatol": 1e-12, "maxiter": 2000},
        )
        if inside.fun < best[2] - 1e-10:
            best = (float(inside.x[0]) ** 2, float(inside.x[1]) ** 2, float(inside.fun))
    return best[0], best[1]


def _robust(
    residual: np.ndarray,
    members: list[np.ndarray],
    blocks: list[np.ndarray],
    weights: list[np.ndarray],
    information: float,
) -> tuple[float, float]:
    """Return the CR2 error of the mean and Satterthwaite's degrees of freedom; nan with fewer than two studies."""
    if len(members) < 2:
        return float("nan"), float("nan")
    shared = 1.0 / information
    meat, rows = 0.0, []
    for m, block, weight in zip(members, blocks, weights, strict=True):
        # A = D' (D (block - 1 shared 1') D')^(-1/2) D with D'D = block: the residuals then vary as the errors do.
        upper = np.linalg.cholesky(block).T
        value, vector = np.linalg.eigh(upper @ (block - shared) @ upper.T)
        kept = value > 1e-12 * value.max()
        root = (vector[:, kept] / np.sqrt(value[kept])) @ vector[:, kept].T
        adjusted = weight.sum(axis=0) @ (upper.T @ root @ upper)
        meat += float(adjusted @ residual[m]) ** 2
        rows.append(adjusted * shared)
    # p_i' block p_j of p_i = (I - H)' a_i, with H = 1 shared 1' W.
    quadratic = np.array([float(a @ b @ a) for a, b in zip(rows, blocks, strict=True)])
    sums = np.array([a.sum() for a in rows])
    cross = np.diag(quadratic) - np.outer(sums, sums) * shared
    return shared * meat**0.5, float(np.trace(cross) ** 2 / (cross**2).sum())

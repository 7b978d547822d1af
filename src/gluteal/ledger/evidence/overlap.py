"""What must not be pooled together: effects of the same people, and a review beside studies it may contain."""

from __future__ import annotations

from collections.abc import Sequence

from gluteal.ledger.evidence.points import ClaimPoint
from gluteal.ledger.evidence.records import Study

#: Studies taken to be behind a review's pooled effect where their number was not read: the least there can be.
_LEAST_IN_A_REVIEW = 2


def is_review(study: Study) -> bool:
    """Whether a study's results are those of other studies."""
    return study.timing == "review" or bool(study.contains)


def leave_out_overlap(points: Sequence[ClaimPoint], measure: str) -> tuple[tuple[ClaimPoint, ...], dict[str, str]]:
    """Return the points that may be pooled together, and why each of the others is left out (effect's id -> a clause).

    Of effects with the same mark those of one study and one measure stay: `measure` where there are any, then the study
    with most people. Of several reviews the one with most studies stays.
    A review and primary studies that it may contain (known to, or not known not to and not later than it) are never
    both there: the side with more studies stays.
    """
    usable = [p for p in points if p.towards is not None]
    left_out: dict[str, str] = {}
    for mark in dict.fromkeys(p.effect.overlap for p in usable if p.effect.overlap):
        same = [p for p in usable if p.effect.overlap == mark]
        stays = max(same, key=lambda p: (p.effect.measure == measure, p.effect.n_total or 0, -same.index(p)))
        for p in same:
            # Other effects of the study that stays, in the same measure, are of the same people at another place: the
            # pooling knows that they go together. In another measure they are the same result again.
            if p.study.key != stays.study.key or p.effect.measure != stays.effect.measure:
                left_out[p.effect.id] = f"the same people as {stays.study.name}"
    kept = [p for p in usable if p.effect.id not in left_out]
    reviews = sorted({p.study.key: p.study for p in kept if is_review(p.study)}.values(), key=_studies_in, reverse=True)
    if reviews:
        first = reviews[0]
        for other in reviews[1:]:
            for p in kept:
                if p.study.key == other.key:
                    left_out[p.effect.id] = f"a review that may hold the same studies as {first.name}"
        held = {p.study.key: p.study for p in kept if not is_review(p.study) and _may_contain(first, p.study)}
        if held:
            review_stays = _studies_in(first) >= len(held)
            for p in kept:
                if review_stays and p.study.key in held:
                    left_out[p.effect.id] = f"{first.name} contains it, or may"
                elif not review_stays and p.study.key == first.key:
                    left_out[p.effect.id] = f"a review that may contain {len(held)} of the studies beside it"
    return tuple(p for p in kept if p.effect.id not in left_out), left_out


def _studies_in(review: Study) -> int:
    read = [v for k, v in review.n.items() if v is not None and k in ("studies", "cohorts", "trials")]
    return max([*read, len(review.contains), _LEAST_IN_A_REVIEW])


def _may_contain(review: Study, study: Study) -> bool:
    if study.key in review.contains:
        return True
    if review.contains_all:
        return False
    return study.year is None or review.year is None or study.year <= review.year

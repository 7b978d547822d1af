"""Walking when one need not walk as before: does another way over the same footsteps stand in for what is lost?"""

from __future__ import annotations

from gluteal.engines.cache import computed_afresh
from gluteal.ledger.bench import Bench, need_ground
from gluteal.ledger.experiments.walking.nerve_block import BLOCKED, NERVE
from gluteal.ledger.measures import missing_of_limit
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, Threshold, value_words
from gluteal.nerves.condition import Condition
from gluteal.simulate.adapt.cycle import adapt_walk
from gluteal.simulate.adapt.record import Adaptation
from gluteal.words import coordinate_words

#: Depth of a block that the walk does not bear as it is, however strong the hip.
DEEP = 0.9
#: A change that a gait laboratory cannot tell from one session to the next, deg; one that it can.
UNSEEN, SEEN = 4.0, 8.0
_STANCE = "largest in right stance"


def _largest(adaptation: Adaptation, quantity: str) -> float:
    """Return the largest change of a quantity while the right foot stands, deg."""
    return next(c.value for c in adaptation.changes if c.quantity == quantity and c.phase == _STANCE)


def _walk_adapts(bench: Bench) -> list[Reading]:
    need_ground(bench.recruitment("walk"))
    walk = bench.movement("walk")
    lost = (
        Condition.strength_loss("hip abduction", loss=BLOCKED, side="r"),
        Condition.block(NERVE, loss=DEEP, side="r"),
    )
    with computed_afresh():  # the readings are kept, so that the walks need not be
        weak, deep = (adapt_walk(bench.body, walk, condition=condition, band=False) for condition in lost)
    changes = {name: _largest(weak, name) for name in ("trunk_lean", "pelvic_list", "hip_adduction", "pelvic_rotation")}
    before, held, now = weak.bought.effort
    where = coordinate_words(weak.fixed.deficit.coordinate)
    return [
        Reading(
            "missing-held",
            f"moment missing with {BLOCKED:.0%} less abduction strength and the walk held, share of its limit",
            missing_of_limit(weak.fixed.deficits),
            "1",
            note=f"{value_words(weak.fixed.deficit.peak, 'N m')}, {where}",
        ),
        Reading(
            "missing-adapted",
            "the same, when pelvis and trunk may go another way",
            missing_of_limit(weak.adapted.deficits),
            "1",
        ),
        Reading(
            "largest-change",
            "largest change of lean, list, rotation of the pelvis or hip adduction then",
            max(abs(change) for change in changes.values()),
            "deg",
            Published("pohl2015", words="no change of lean (p 0.78), drop (p 0.53), adduction (p 0.48); 8 men"),
            note="; ".join(f"{name.replace('_', ' ')} {change:+.1f}" for name, change in changes.items()),
        ),
        Reading("effort", "effort then / undisturbed", now / before, "1", note=f"held: {held / before:.3g}"),
        Reading(
            "missing-held-deep",
            f"moment missing with {DEEP:.0%} of the nerve gone and the walk held, share of its limit",
            missing_of_limit(deep.fixed.deficits),
            "1",
        ),
        Reading(
            "missing-deep",
            "the same, when pelvis and trunk may go another way",
            missing_of_limit(deep.adapted.deficits),
            "1",
            note="" if deep.certificate.converged else "the search did not stand still",
        ),
        Reading("lean-deep", "lean over the right leg then", _largest(deep, "trunk_lean"), "deg"),
        Reading("list-deep", "left side of the pelvis up then", _largest(deep, "pelvic_list"), "deg"),
    ]


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        "walk-adapts",
        "Walking without the gluteal nerve, pelvis and trunk free",
        f"Hip abduction loses {BLOCKED:.0%} of its strength, as quoted for the study; then {DEEP:.0%} of the superior "
        "gluteal nerve are gone. Held exactly as it was, the walk lacks something; then pelvis, trunk and step width "
        "may go over the same footsteps as costs least, effort and habit together. Is anything still missing, and how "
        "far has what moved?",
        "simulation",
        ("pohl2015",),
        "The least costly walk is not the one a person takes. How strongly habit counts was fitted to nine men who "
        "stood on one leg as before with half of their strength, and is applied to walking as it is. Footsteps, pace "
        "and timing stay. The model is two to three times as strong in hip abduction as people are on a dynamometer.",
        _walk_adapts,
    ),
)

_LIMIT_WHY = "above its limit (1 N m and 5 % of the peak moment) the walk is impossible, by the verdict's rule"

PREDICTIONS: tuple[Prediction, ...] = (
    Prediction(
        "abductor-block-leaves-gait-unchanged",
        "walk-adapts",
        (
            Threshold("missing-adapted", Bound(high=1.0), Bound(low=1.0), _LIMIT_WHY),
            Threshold(
                "largest-change",
                Bound(high=UNSEEN),
                Bound(low=SEEN),
                "most errors of repeated gait analysis are below five degrees: four would hide among them, eight not",
            ),
        ),
        "Whether a walk that looks the same could go on, were pelvis and trunk free to find it.",
    ),
    Prediction(
        "body-substitutes-for-weak-glutes",
        "walk-adapts",
        (Threshold("missing-deep", Bound(high=1.0), Bound(low=1.0), _LIMIT_WHY),),
        "Walking, with a change that is told in degrees; whether it is small is not judged.",
    ),
)

MISSING: dict[str, str] = {}

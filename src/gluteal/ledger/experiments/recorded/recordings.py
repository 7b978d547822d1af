"""What EMG can say: of an order, an instruction, one person, a reflex, the level in walking and running.

Synthetic recordings and published numbers; nobody's recording is part of the package. `RECORDINGS_NEEDED` says, claim
by claim, which recording would settle what these cannot.
"""

from __future__ import annotations

import numpy as np

from gluteal.emg.measure.healthy_onsets import CORRELATIONS
from gluteal.emg.onset import detect_bursts
from gluteal.ledger.bench import Bench
from gluteal.ledger.experiments.recorded import published_groups
from gluteal.ledger.experiments.recorded.drawn_people import (
    GLUTE,
    MEN,
    TEXTBOOK,
    WOMEN,
    WOMEN_CUED,
    draw_onsets,
    glute_lag,
    in_textbook_order,
    published_rows,
)
from gluteal.ledger.prediction import Bound, Experiment, Prediction, Published, Reading, Threshold

PEOPLE = 4000
RATE = 1000.0
#: Ratio of burst to rest of the synthetic EMG, dB, and time over which a burst rises, s; ordinary surface EMG.
LEVEL_DB, RISE = 15.0, 0.05

#: Studies whose experiment needs recordings that are not at hand.
MISSING: dict[str, str] = {
    "bruno2007": "Only the direction of the delay was in the text read; file prone hip extensions of people with and "
    "without back pain with `gluteal emg`.",
    "hungerford2003": "Onset times were not in the text read; needed are recordings of gluteus maximus, multifidus and "
    "biceps femoris while stepping onto one leg.",
    "sakamoto2009": "The order is printed, onset times are not; needed are onsets person by person.",
    "freeman2013": "The size of the EMG fall was not in the text read; needed are bridges and prone extensions before "
    "and after fluid is put into the hip.",
}

#: What would settle the claims that neither a published number nor a synthetic recording can.
RECORDINGS_NEEDED: dict[str, str] = {
    "sitting-switches-glutes-off": "Gluteus maximus and medius in the same movement before and after hours of sitting, "
    "with a maximal contraction at both times",
    "injury-makes-glutes-forget": "Gluteus maximus of both sides in prone hip extension and walking, from before an "
    "ankle sprain until months after it",
    "hip-pain-lowers-gmax-output": "Gluteus maximus in a bridge before, during and after a hip joint is filled with "
    "fluid or made to hurt, each apart",
    "back-pain-inhibits-glutes": "Gluteal EMG of healthy people before, during and after pain is induced in the back",
    "painful-glutes-overactive": "Gluteal EMG in one task, normalised to the same maximal contraction, in the same "
    "people with and without their pain",
    "lbp-gmax-delayed": "Gluteus maximus, hamstrings and the start of the movement in prone hip extension, ten "
    "repetitions a person or more, of people with and without back pain",
    "lbp-glutes-quieter-in-bending": "Gluteus maximus, hamstrings and back muscles in bending and return, with a "
    "maximal contraction of each, of people with and without back pain",
    "glutes-mostly-inhibited-not-weak": "A maximal contraction of gluteus maximus with a twitch put on top of it, in "
    "people who are called weak there",
    "cues-change-glute-use": "Gluteal EMG of one exercise in several forms and with several cues, in random order, "
    "normalised to the same maximal contraction",
    "late-glutes-also-in-pain-free": "Gluteus maximus, hamstrings and the start of the movement in prone hip "
    "extension, ten repetitions a person or more, of people without pain",
    "lbp-glutes-tire-sooner": "Gluteal EMG in a hold until it can be held no longer, of people with and without back "
    "pain, whose median frequency falls",
    "coactivation-precedes-standing-pain": "Both gluteus medius muscles in two hours of standing, of people who hurt "
    "by its end and who do not",
    "gmed-minor-in-daily-life": "Walking, stairs and standing up before and after a block of the superior gluteal "
    "nerve, with a maximal contraction at both times",
    "gmax-minor-in-daily-life": "Walking, stairs and standing up before and after a block of the inferior gluteal "
    "nerve, with a maximal contraction at both times",
    "gmed-quiet-in-walking": "Gluteus medius in level walking without a load, normalised to a maximal contraction",
    "knee-hip-pain-glutes-overactive": "Gluteal EMG in one task, normalised to the same maximal contraction, in the "
    "same people with and without the pain of their knee or hip",
    "knee-pain-delays-gmed": "Gluteus medius and the foot's first contact in running and stairs, of people with and "
    "without knee pain",
    "distal-to-proximal-control": "Calf, thigh, gluteal and back muscles at once in standing up, stepping and bending, "
    "of people with and without trouble",
    "prone-test-says-nothing-about-gait": "Prone hip extension and walking of the same people on one day",
    "inhibition-outlasts-pain": "Gluteal EMG and strength of the same people while they hurt and weeks afterwards",
}


def measure_detection(bench: Bench) -> list[Reading]:
    """Record synthetic people by EMG and see whether the order that is there is found."""
    rng = bench.rng("order-by-emg")
    drawn = {m: v[:, 0] for m, v in draw_onsets(published_rows(MEN), rng, people=60).items()}
    true = {m: drawn[m] for m in TEXTBOOK}
    found = {m: _recorded(t, rng) for m, t in true.items()}
    error = 1000.0 * np.concatenate([found[m] - true[m] for m in TEXTBOOK])
    known = np.all([np.isfinite(found[m]) for m in TEXTBOOK], axis=0)
    wrong = ((glute_lag(found) > 0.0) != (glute_lag(true) > 0.0))[known]
    # If everybody had the textbook order, 50 ms apart, would EMG show it?
    step = {m: np.full(40, 0.05 * i) for i, m in enumerate(TEXTBOOK)}
    shown = in_textbook_order({m: _recorded(t, rng) for m, t in step.items()})
    return [
        Reading("emg-error", "Median error of an onset found by EMG", float(np.nanmedian(np.abs(error))), "ms"),
        Reading("emg-missed", "Onsets that EMG does not find", float(np.isnan(error).mean()), "1"),
        Reading(
            "emg-wrong",
            "Healthy people on whom EMG errs on whether gluteus maximus starts last",
            float(wrong.mean()),
            "1",
            note=f"of {int(known.sum())} people",
        ),
        Reading(
            "emg-set-order",
            "People in whom EMG shows the textbook order if all had it, 50 ms from muscle to muscle",
            float(shown.mean()),
            "1",
            note="beside it: the share of drawn healthy people who have this order (textbook-order)",
        ),
    ]


def _recorded(onsets: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Onsets, s, that the package's detector finds in synthetic EMG of bursts with these onsets, s; nan where none."""
    duration, start = 2.5, 1.2
    t = np.arange(round(duration * RATE)) / RATE
    gain = 10.0 ** (LEVEL_DB / 20.0) - 1.0
    out = np.full(onsets.size, np.nan)
    for i, onset in enumerate(onsets):
        rise = np.clip((t - start - onset) / RISE, 0.0, 1.0)
        emg = rng.standard_normal(t.size) * (1.0 + gain * rise)
        bursts = detect_bursts(emg, RATE, max_bursts=1, zero_lag=None)
        if len(bursts):
            out[i] = bursts[0].onset_s - start
    return out


def measure_cue(bench: Bench) -> list[Reading]:
    """What one sentence of instruction does to the onset of gluteus maximus."""
    rng = bench.rng("one-sentence")
    before, after = ({r.muscle: r for r in published_rows(c)}[GLUTE] for c in (WOMEN, WOMEN_CUED))
    shift = 1000.0 * (after.mean_s - before.mean_s)
    cued: list[float] = []
    again: list[float] = []
    for correlation in CORRELATIONS:
        z = rng.standard_normal((2, 10 * PEOPLE))
        second = correlation * z[0] + np.sqrt(1.0 - correlation**2) * z[1]
        late = before.mean_s + (before.sd_s or 0.0) * z[0] > 0.0
        for row, gone in ((after, cued), (before, again)):
            gone.append(float((row.mean_s + (row.sd_s or 0.0) * second[late] <= 0.0).mean()))
    by_cue = [a - b for a, b in zip(cued, again, strict=True)]
    varied = "over assumed correlations 0 to 0.8 between the two trials"
    return [
        Reading(
            "cue-shift",
            "Onset of gluteus maximus with the cue, minus without",
            shift,
            "ms",
            Published("lewis2009", value=shift, words="-11.5 (SD 81.9) to -45.1 (93.4) ms from the start of movement"),
            "negative: earlier",
        ),
        Reading(
            "cue-standardised",
            "The same in healthy standard deviations",
            shift / (1000.0 * (before.sd_s or np.nan)),
            "1",
        ),
        Reading(
            "late-then-not",
            "Healthy women late without the cue (after the movement starts) who are not late with it",
            cued[1],
            "1",
            note=f"{min(cued):.2f} to {max(cued):.2f} {varied}",
        ),
        Reading(
            "late-then-not-uncued",
            "The same on a second trial without any cue: nobody is late every time",
            again[1],
            "1",
            note=f"{min(again):.2f} to {max(again):.2f} {varied}",
        ),
        Reading(
            "by-cue",
            "Share of late healthy women who are not late because of the cue (difference of the two)",
            by_cue[1],
            "1",
            note=f"{min(by_cue):.2f} to {max(by_cue):.2f} {varied}",
        ),
    ]


EXPERIMENTS = (
    Experiment(
        key="order-by-emg",
        title="Would EMG find an order that is there?",
        method="Synthetic EMG is made of 60 people drawn from published onsets, and of 40 who all have the textbook "
        "order; the package's detector finds the onsets again.",
        kind="emg",
        replays=("suehiro2015",),
        limits=f"Clean synthetic EMG, {LEVEL_DB:g} dB above rest, rising over {1000 * RISE:g} ms; real recordings have "
        "crosstalk and artefacts. It tests the measuring, not a claim.",
        measure=measure_detection,
    ),
    Experiment(
        key="one-sentence",
        title="What does one sentence of instruction do to the onset of gluteus maximus?",
        method="Healthy women are drawn with their published onsets without and with the cue to use the glutes. We "
        "count who is late without it and not late with it, beyond those who would not be late a second time anyway.",
        kind="emg",
        replays=("lewis2009",),
        limits="Healthy women, not people in whom inhibition is claimed. EMG shows that the muscle switches on earlier "
        "when asked to, not why it did not before, and nothing about weeks of drills.",
        measure=measure_cue,
    ),
    *published_groups.EXPERIMENTS,
)

PREDICTIONS = (
    Prediction(
        "activation-drills-wake-glutes",
        "one-sentence",
        (
            Threshold(
                "by-cue",
                Bound(high=0.05),
                Bound(low=0.5),
                "If lateness is inhibition that must be undone by drills, an instruction changes it in no more people "
                "than chance (5 %); if it goes in most of them at once, the test shows what they were asked to do.",
            ),
        ),
    ),
    *published_groups.PREDICTIONS,
)

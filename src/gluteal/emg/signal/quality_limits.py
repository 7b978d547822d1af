"""Where a fault of an EMG channel begins, each limit with its source or reason."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    """Where a fault begins. "Ours" means: chosen here, for the reason given, and checked on recordings.

    Attributes
    ----------
    straight_s : float
        A run of samples on one straight line at least this long is a dropout. Ours: clean 12-bit
        recordings hold a value for 6 ms at most.
    dropout_share : float
        Share of the recording in dropouts from which it fails. Ours: a tenth missing can hide an onset.
    flat_share : float
        Share from which the channel counts as flat. Ours.
    saturated_share : float
        Share of samples at a rail from which the channel gives no amplitude. Ours: Gaussian EMG clipped for 1 % of
        the time has lost what lies beyond 2.6 SD, its peak with it. When a burst starts it tells as before.
    saturated_timing_share : float
        Share of samples at a rail from which it is not timed either. Ours: a tenth at a rail is no longer crests.
    rail_excess : float
        How many times more samples must sit at the extreme than at the levels just inside it to call it
        a rail. Ours: amplitude distributions of EMG fall off outwards; the crests of a slow wave reach 4.
    dead_white : float
        A dead channel's spectrum is as flat as amplifier noise: power density in the middle of the band over
        that at its end below this. Ours: clean surface EMG of the test
        recordings has 2.6 (calf, sprint) to 74, their dead channels 0.9-1.5, white noise 0.7-1.2.
    dead_burst_ratio : float
        ... and its strongest moments over its quiet ones below this. Ours: the dead channels have 2-3.
    dead_burst_db : float
        ... and the strongest 150 ms over the quiet fifth below this. Ours: dead channels reach 6.3, noise alone 3.5; a
        burst of 6 dB in as much noise has 7.6 and more: what stands out like this was connected.
    snr_fail_db, snr_caution_db : float
        Burst over baseline. 8 dB: below it the double-threshold detector exceeds 10 ms of bias and 5 % of
        wrong patterns (Bonato et al. 1998, IEEE Trans Biomed Eng 45:287). 3 dB: ours, noise alone reaches 2.
    hum_caution_db : float
        Rest of the signal over mains hum. 9 dB: below it taking the hum out gains more than it costs (Abser
        et al. 2011, CMBES Proc 34).
    hum_left_share : float
        Share of the time in which hum could not be followed from which it hides the muscle. Ours.
    artefact_caution, artefact_fail : float
        Share of the power from 2 Hz up that lies below 20 Hz, where movement artefact lives (De Luca et al.
        2010, J Biomech 43:1573). Shares ours: more than half; so much that what is left above 20 Hz may be
        its tail.
    spike_ratio : float
        A spike is shorter than 5 ms and this many times the level around it and beyond all the rest. Ours.
    ecg_correlation : float
        Median correlation of single heart beats with the average of the others. Ours: noise aligned on its
        own peaks reaches 0.84, beats a fifth as high as the muscle's standard deviation 0.91.
    ecg_share : float
        Share of power in heart beats from which timing fails. Ours: the beat is the largest thing in the
        channel.
    coarse_levels : int
        Fewer distinct values than this are too coarse to tell noise from steps. Ours: 5 bit.
    envelope_share : float
        Share of power from 2 Hz up that lies below 20 Hz from which a signal on one side of zero (or any at a
        rate below `low_rate_hz`) counts as an envelope. Ours.
    low_rate_hz : float
        Least rate for raw surface EMG: Merletti 1999 (ISEK) and SENIAM ask for twice the highest
        frequency, that is 800-1000 Hz; below 500 Hz half the band is lost (ours).
    shortest_s : float
        Least length. Ours: ten windows of the 50 ms from which burst and baseline are told apart.
    """

    straight_s: float = 0.02
    dropout_share: float = 0.10
    flat_share: float = 0.50
    saturated_share: float = 0.01
    saturated_timing_share: float = 0.10
    rail_excess: float = 8.0
    dead_white: float = 1.7
    dead_burst_ratio: float = 4.0
    dead_burst_db: float = 7.0
    snr_fail_db: float = 3.0
    snr_caution_db: float = 8.0
    hum_caution_db: float = 9.0
    hum_left_share: float = 0.10
    artefact_caution: float = 0.5
    artefact_fail: float = 0.95
    spike_ratio: float = 10.0
    ecg_correlation: float = 0.85
    ecg_share: float = 0.5
    coarse_levels: int = 32
    envelope_share: float = 0.99
    low_rate_hz: float = 500.0
    shortest_s: float = 0.5

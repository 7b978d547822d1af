"""Where the knee of the embedded body turns, as published."""

from __future__ import annotations

#: Knee of RajagopalLaiUhlrich2023 ("walker_knee"): where the tibia's origin lies in the femur's frame at
#: full extension, and the axis of flexion in the tibia's frame, m. The embedded model let the tibia turn
#: about its own origin, 9 mm away from the axis.
TIBIA_ORIGIN = (0.00359, -0.406065, -0.000265)
KNEE_AXIS = (-0.00809, -0.003535, -0.0014848)
#: Translation of the tibia along the second and third axis of the knee, m, as polynomials of the knee
#: angle in rad, lowest order first (same source). The first, along the flexion axis, is below 2 mm and
#: has no joint in the embedded model.
KNEE_TRANSLATION = {
    "knee_angle_translation1": (0.0, 0.0039369087, -0.0114423757, 0.0050797657, -0.0005796878),
    "knee_angle_translation2": (0.0, 0.0062654296, 0.0006116494, -0.0044536112, 0.0012080869),
}

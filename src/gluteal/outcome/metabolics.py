"""Metabolic power of muscles: heat and work by the model of Bhargava, Pandy and Anderson (2004).

J Biomech 37:81-88, doi 10.1016/S0021-9290(03)00239-2. The paper itself was not read: form and constants are those of
OpenSim's implementations of it (Bhargava2004MuscleMetabolicsProbe and Bhargava2004SmoothedMuscleMetabolics, whose
source names the paper for the constants); ours equals the probe of OpenSim 4.6 to rounding, see the tests. For a
muscle of mass m, slow-twitch share f, excitation u, fibre velocity v (lengthening positive), active force F and
isometric force F_iso at the same activation and length:

(1) activation heat   A = phi m (40 f sin(pi u / 2) + 133 (1 - f) (1 - cos(pi u / 2)))
(2) maintenance heat  M = L(l) m (74 f sin(pi u / 2) + 111 (1 - f) (1 - cos(pi u / 2)))
(3) shortening heat   S = -(0.16 F_iso + 0.18 F) v if v <= 0, else -0.157 F v
(4) work              W = -F v
(5) total             E = A + M + S + W, not below 0, and heat A + M + S not below 1 W/kg.

The numbers (1) to (5) are those of ``docs/joint-loads.md``. L(l) is 0.5 up to half the optimal length,
rises straight to 1 at the optimal length, and falls straight to 0 at 1.5 of it. The floors of (5) are OpenSim's;
the 1 W/kg is Umberger et al.'s (2003, doi 10.1080/1025584031000091678). Two choices differ from OpenSim's defaults:
(3) is its option of a force-dependent constant (the default is 0.25 F, from Anderson's dissertation), and F in (3) is
the active force alone where OpenSim adds the passive one: a passive fibre that is drawn in makes no heat here.

phi decays in the paper with the time of stimulation; OpenSim leaves it at 1, and says so. Here a movement has 1 and a
held posture 0.06, the end of 0.06 + exp(-t u / 45 ms) (that formula from memory, not read at source).

Excitation is taken to be the activation: load sharing knows no activation dynamics. Muscles that the body
lacks (most of arms and neck) consume nothing.
"""

from __future__ import annotations

import numpy as np
import xarray as xr

from gluteal.errors import InputError
from gluteal.kernels.muscle import active_force_length, force_velocity
from gluteal.mechanics.body import Body
from gluteal.sharing.solution import Solution
from gluteal.vocabulary import describe

#: Density of muscle, kg/m^3 (Mendez and Keys 1960; OpenSim's probes).
DENSITY = 1059.7
#: Specific tension by which Rajagopal et al. (2016, doi 10.1109/TBME.2016.2586891) made forces of measured
#: muscle volumes, N/m^2; going back by it gives the volumes. OpenSim's probes assume
#: 0.25e6: 2.4 times the mass.
SPECIFIC_TENSION = 0.6e6
#: Share of slow-twitch fibres of every muscle, the default of OpenSim's probes; Johnson et al. (1973, doi
#: 10.1016/0022-510X(73)90023-3) found 40 to 60 % in most of 36 human muscles, 87 % in soleus.
SLOW_SHARE = 0.5
#: Heat rates of slow and fast fibres, W/kg (1) and (2).
ACTIVATION_HEAT, MAINTENANCE_HEAT = (40.0, 133.0), (74.0, 111.0)
#: Heat of shortening per isometric and active force, and of lengthening per active force, 1 (3).
SHORTENING_HEAT, LENGTHENING_HEAT = (0.16, 0.18), 0.157
#: phi of a muscle long stimulated (from memory), and of one just switched on (OpenSim), 1.
HELD_DECAY, MOVING_DECAY = 0.06, 1.0
#: Heat of a muscle at rest, W/kg.
RESTING_HEAT = 1.0
_MAINTENANCE_LENGTH = ((0.5, 1.0, 1.5), (0.5, 1.0, 0.0))


def compute_muscle_mass(body: Body, *, specific_tension: float = SPECIFIC_TENSION) -> xr.DataArray:
    """Return the mass of each muscle, (muscle,) kg: density * force / specific_tension * fibre length.

    `specific_tension` in N/m^2. Raises InputError where it is not positive.
    """
    if not specific_tension > 0.0:
        raise InputError(f"The specific tension is {specific_tension:g}; it must be above 0 (600 000 N/m^2).")
    table = body.muscles
    volume = table["max_isometric_force"] / specific_tension * table["optimal_fiber_length"]
    return (DENSITY * volume).rename("muscle_mass").assign_attrs(units="kg", long_name="mass of the muscle")


def compute_metabolic_power(
    solution: Solution,
    *,
    specific_tension: float = SPECIFIC_TENSION,
    slow_share: float | np.ndarray = SLOW_SHARE,
    decay: float | None = None,
) -> xr.DataArray:
    """Compute the metabolic power of each muscle, (time, muscle) W; sum over ``muscle`` for the total.

    What a condition took away of a muscle consumes nothing. The body's resting power outside its muscles is
    not included: this is close to what experiments call net power.

    Parameters
    ----------
    specific_tension : float
        N/m^2, sets the muscles' masses.
    slow_share : float or (M,) array
        Share of slow-twitch fibres, 0 to 1.
    decay : float or None
        phi of equation (1); None is 0.06 for a held posture and 1 for a movement.

    Raises
    ------
    InputError
        A share outside 0 to 1, a negative decay or a specific tension that is not positive.
    """
    share = np.asarray(slow_share, float)
    if not np.all((share >= 0.0) & (share <= 1.0)):
        raise InputError("slow_share must be within 0 and 1: the part of the fibres that twitch slowly.")
    mechanics = solution.mechanics
    if decay is None:
        decay = HELD_DECAY if len(mechanics.time) == 1 else MOVING_DECAY
    if not decay >= 0.0:
        raise InputError(f"decay is {decay:g}; it must be 0 or more (1 just after switching on, 0.06 later).")
    data, table = mechanics.dataset, mechanics.body.muscles
    activation = solution.dataset["activation"].to_numpy()
    left = solution.problem.share.capacity
    optimal = table["optimal_fiber_length"].to_numpy()
    velocity = data["fiber_velocity"].to_numpy() * optimal * table["max_contraction_velocity"].to_numpy()
    power = muscle_power(
        activation,
        data["fiber_length"].to_numpy(),
        velocity,
        left * table["max_isometric_force"].to_numpy(),
        data["fiber_velocity"].to_numpy(),
        left * compute_muscle_mass(mechanics.body, specific_tension=specific_tension).to_numpy(),
        share,
        decay,
    )
    coords = {"time": data["time"], "muscle": data["muscle"]}
    return describe(xr.DataArray(power, dims=("time", "muscle"), coords=coords), "metabolic_power")


def muscle_power(
    activation: np.ndarray,
    length: np.ndarray,
    velocity: np.ndarray,
    max_force: np.ndarray,
    relative_velocity: np.ndarray,
    mass: np.ndarray,
    slow_share: np.ndarray,
    decay: float,
) -> np.ndarray:
    """Return the metabolic power (T, M) W by equations (1) to (5).

    Parameters
    ----------
    activation : (T, M) 1; length : (T, M) optimal fibre lengths
    velocity : (T, M) m/s along the fibre, lengthening positive
    relative_velocity : (T, M) the same per maximal velocity
    max_force : (T, M) or (M,) N; mass : likewise kg; slow_share : (M,) or scalar, 1
    decay : phi, 1
    """
    slow = slow_share * np.sin(np.pi / 2 * activation)
    fast = (1.0 - slow_share) * (1.0 - np.cos(np.pi / 2 * activation))
    isometric = activation * active_force_length(length) * max_force
    force = isometric * force_velocity(relative_velocity)
    activating = decay * mass * (ACTIVATION_HEAT[0] * slow + ACTIVATION_HEAT[1] * fast)
    maintaining = mass * np.interp(length, *_MAINTENANCE_LENGTH)
    maintaining = maintaining * (MAINTENANCE_HEAT[0] * slow + MAINTENANCE_HEAT[1] * fast)
    shortening = SHORTENING_HEAT[0] * isometric + SHORTENING_HEAT[1] * force
    heat_force = np.where(velocity <= 0.0, shortening, LENGTHENING_HEAT * force)
    work = -force * velocity
    heat = np.maximum(activating + maintaining - heat_force * velocity, -work)
    return np.maximum(heat, RESTING_HEAT * mass) + work

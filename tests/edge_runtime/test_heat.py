import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.heat import HYSTERESIS_C, LONGEST_PAUSE_S, STEPS, HeatPlan


def names(plan, temperatures):
    return [plan.follow(c).name for c in temperatures]


def test_the_plan_begins_below_the_temperature_at_which_a_pi_throttles_itself():
    assert STEPS[1].from_c < 80 and names(HeatPlan(), [79.9]) == ["hot"]


def test_it_goes_up_at_once_and_down_only_below_the_hysteresis():
    found = names(HeatPlan(), [60, 75, 74, 72.1, 71.9, 83, 79.5, 78.9, 40])
    assert found == ["normal", "warm", "warm", "warm", "normal", "too_hot", "too_hot", "hot", "normal"]


def test_a_board_that_tells_no_temperature_stays_where_it_is():
    plan = HeatPlan()
    assert names(plan, [None, 76, None]) == ["normal", "warm", "warm"]


@given(st.lists(st.floats(-20, 120), max_size=60))
def test_a_step_always_suits_the_temperature_but_for_the_hysteresis(temperatures):
    plan = HeatPlan()
    for c in temperatures:
        step = plan.follow(c)
        hotter = [other.from_c for other in STEPS if other.from_c > step.from_c]
        assert step.from_c - HYSTERESIS_C <= c and (not hotter or c < hotter[0])


@pytest.mark.parametrize(("cpu_c", "share"), [(50, 1), (75, 0.5), (80, 0.25), (90, 0.05)])
def test_the_share_of_time_that_is_work_is_the_steps(cpu_c, share):
    plan = HeatPlan()
    plan.follow(cpu_c)
    worked = 0.4
    pause = plan.pause_s(worked, 0.0)
    assert worked / (worked + pause) == pytest.approx(share)


def test_waiting_for_the_camera_is_rest_too():
    plan = HeatPlan()
    plan.follow(76)
    assert plan.pause_s(0.4, 0.3) == pytest.approx(0.1) and plan.pause_s(0.4, 5.0) == 0


def test_no_pause_is_longer_than_somebody_waits():
    plan = HeatPlan()
    plan.follow(95)
    assert plan.pause_s(60.0, 0.0) == LONGEST_PAUSE_S

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from edge_runtime.records import Frame, LostFrame
from edge_runtime.waiting import OLD_BUFFERS, Dropped, Taken, Waiting

PIXELS = np.zeros((2, 2, 3), np.uint8)
events = st.lists(st.sampled_from(["frame", "report", "take", "forget"]), max_size=60)


def taken(index, kind="frame", by_camera=0):
    what = Frame(PIXELS, 1.0, index, "") if kind == "frame" else LostFrame(index, "", "camera_lost", "unplugged")
    return Taken(what, 0.0, 0.0, Dropped(by_camera))


@given(events, st.integers(1, 4))
def test_of_a_live_camera_each_frame_is_taken_or_counted_once_and_each_report_is_taken(happening, ahead):
    waiting, put, out = Waiting(is_live=True, ahead=ahead), {"frame": 0, "report": 0}, []
    for event in [*happening, "report", *["take"] * 70]:
        if event in put:
            waiting.put(taken(sum(put.values()), event, by_camera=1))
            put[event] += 1
        elif event == "forget":
            waiting.forget()
        elif waiting:
            out.append(waiting.oldest())
    frames = [one for one in out if isinstance(one.frame, Frame)]
    assert len(out) - len(frames) == put["report"]
    assert len(frames) + sum(one.dropped.by_queue for one in out) == put["frame"]
    assert sum(one.dropped.by_camera for one in out) == sum(put.values())
    assert [one.frame.index for one in out] == sorted(one.frame.index for one in out)


@given(st.integers(1, 5), st.integers(1, 20))
def test_no_more_frames_of_a_live_camera_wait_than_may(ahead, number):
    waiting = Waiting(is_live=True, ahead=ahead)
    for index in range(number):
        assert waiting.has_room and waiting.put(taken(index))
    assert len(waiting) == min(ahead, number)
    assert waiting.oldest().frame.index == max(0, number - ahead)


def test_a_file_has_room_for_as_many_as_may_wait():
    waiting = Waiting(is_live=False, ahead=2)
    waiting.put(taken(0))
    assert waiting.has_room
    waiting.put(taken(1))
    assert not waiting.has_room
    assert [waiting.oldest().frame.index for _ in range(2)] == [0, 1]


def test_what_the_driver_kept_during_a_rest_is_too_old_to_wait():
    waiting = Waiting(is_live=True, ahead=1)
    waiting.put(taken(0))
    waiting.forget()
    assert not any(waiting.put(taken(n)) for n in range(OLD_BUFFERS))
    assert waiting.put(taken(9, "report"))
    assert waiting.oldest().dropped.by_queue == OLD_BUFFERS + 1

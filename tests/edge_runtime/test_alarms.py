"""Alarms are news when they begin and when they end, and each says what to do."""

from edge_runtime.alarms import ALARMS, Alarm, Standing

DIM, SOFT = Alarm("lamp_dim", 0.8, 0.9), Alarm("soft_focus", 0.5, 0.57)


def test_an_alarm_is_news_once_when_it_begins_and_once_when_it_ends():
    standing = Standing()
    told = [standing.update(now) for now in ((), (DIM,), (DIM, SOFT), (SOFT,), (SOFT,), (), (DIM,))]
    assert told == [
        ([], []),
        ([DIM], []),
        ([SOFT], []),
        ([], ["lamp_dim"]),
        ([], []),
        ([], ["soft_focus"]),
        ([DIM], []),
    ]


def test_every_alarm_says_what_to_do():
    for reason in ALARMS:
        assert "; " in Alarm(reason, 0.5, 0.9).message


def test_an_alarm_says_on_which_side_of_its_limit_the_value_should_be():
    assert "at least 0.90, found 0.80" in DIM.message
    assert "at most 0.04, found 0.07" in Alarm("colour_drift", 0.07, 0.04).message

import pytest

from edge_runtime.board import READ_EVERY_S, Board, BoardState

FIRMWARE = "sys/devices/platform/soc/soc:firmware/get_throttled"
PI_5_FIRMWARE = "sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled"


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.fixture
def pi(tmp_path):
    """A Raspberry Pi 4's files."""
    write(
        tmp_path,
        {
            "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0",
            "sys/class/thermal/thermal_zone0/type": "cpu-thermal\n",
            "sys/class/thermal/thermal_zone0/temp": "61835\n",
            "sys/class/thermal/thermal_zone1/type": "iwlwifi\n",
            "sys/class/thermal/thermal_zone1/temp": "90000\n",
            "sys/class/hwmon/hwmon1/name": "rpi_volt\n",
            "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "0\n",
            "sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq": "1500000\n",
            FIRMWARE: "0\n",
        },
    )
    return tmp_path


def test_a_pi_tells_temperature_throttling_supply_and_clock(pi):
    assert Board(pi, lambda: 0.0).state() == BoardState(61.8, False, False, 1500.0)


@pytest.mark.parametrize(
    ("bits", "throttled", "under_voltage"),
    [("1", False, True), ("2", True, False), ("4", True, False), ("8", True, False), ("50000", False, False)],
)
def test_the_firmwares_bits_of_now_are_read_and_those_of_the_past_are_not(pi, bits, throttled, under_voltage):
    write(pi, {FIRMWARE: bits + "\n"})
    (pi / "sys/class/hwmon/hwmon1/in0_lcrit_alarm").unlink()
    state = Board(pi, lambda: 0.0).state()
    assert (state.throttled, state.under_voltage) == (throttled, under_voltage)


def test_a_pi_5_keeps_the_firmwares_word_elsewhere(pi):
    (pi / FIRMWARE).unlink()
    write(pi, {PI_5_FIRMWARE: "4\n"})
    assert Board(pi, lambda: 0.0).state().throttled is True


def test_the_voltage_monitor_is_believed_first(pi):
    write(pi, {"sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n"})
    assert Board(pi, lambda: 0.0).state().under_voltage is True


def test_without_a_pis_firmware_a_cooling_device_tells_throttling(pi):
    (pi / FIRMWARE).unlink()
    cooling = "sys/class/thermal/cooling_device0"
    write(pi, {f"{cooling}/type": "cpufreq-cpu0\n", f"{cooling}/cur_state": "2\n"})
    assert Board(pi, lambda: 0.0).state().throttled is True


def test_a_computer_that_tells_nothing_is_not_guessed_at(tmp_path):
    board = Board(tmp_path, lambda: 0.0)
    assert board.state() == BoardState(None, None, None, None) and board.cools_by_itself


def test_a_board_with_a_device_tree_does_not_cool_itself(pi):
    assert not Board(pi).cools_by_itself


@pytest.mark.parametrize("text", ["", "hot\n", "\0", "²"])
def test_what_is_no_number_is_not_told(pi, text):
    write(pi, {"sys/class/thermal/thermal_zone0/temp": text, FIRMWARE: text})
    state = Board(pi, lambda: 0.0).state()
    assert state.cpu_c is None and state.throttled is None


def test_without_a_zone_of_the_processor_the_hottest_counts(pi):
    write(pi, {"sys/class/thermal/thermal_zone0/type": "other\n"})
    assert Board(pi, lambda: 0.0).state().cpu_c == 90.0


def test_the_files_are_read_once_a_second_at_most(pi):
    now = [0.0]
    board = Board(pi, lambda: now[0])
    board.state()
    write(pi, {"sys/class/thermal/thermal_zone0/temp": "70000\n"})
    now[0] = READ_EVERY_S / 2
    assert board.state().cpu_c == 61.8
    now[0] = READ_EVERY_S
    assert board.state().cpu_c == 70.0

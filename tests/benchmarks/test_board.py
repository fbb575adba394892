from benchmarks.board import describe_board, describe_state


def write(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_raspberry_pi_tells_its_board_clock_and_temperature(tmp_path):
    write(tmp_path, **{"proc__device-tree__model": "Raspberry Pi 5 Model B Rev 1.0\0"})
    write(tmp_path, proc__cpuinfo="processor : 0\nFeatures : fp asimd asimddp\n", proc__meminfo="MemTotal: 1000 kB\n")
    cpu = tmp_path / "sys/devices/system/cpu/cpu0/cpufreq"
    write(cpu, scaling_governor="ondemand\n", scaling_cur_freq="1500000\n", scaling_max_freq="2400000\n")
    write(tmp_path / "sys/class/thermal", thermal_zone0__temp="51234\n", thermal_zone1__temp="48000\n")
    write(tmp_path / "sys/devices/platform/soc/soc:firmware", get_throttled="0\n")
    board, state = describe_board(tmp_path), describe_state(tmp_path)
    assert board["board"] == "Raspberry Pi 5 Model B Rev 1.0"
    assert board["int8_instructions"] == ["asimddp"]
    assert board["memory_mb"] == 1
    assert (state["governor"], state["clock_mhz"], state["max_clock_mhz"]) == ("ondemand", 1500.0, 2400.0)
    assert (state["temperature_c"], state["throttled"]) == (51.2, "0")


def test_what_a_system_does_not_tell_is_none(tmp_path):
    board, state = describe_board(tmp_path, checkout=tmp_path), describe_state(tmp_path)
    assert board["board"] is None and board["memory_mb"] is None and board["git_commit"] is None
    assert state["clock_mhz"] is None and state["temperature_c"] is None


def test_the_record_names_the_packages_that_make_the_number():
    assert "numpy" in describe_board()["packages"]

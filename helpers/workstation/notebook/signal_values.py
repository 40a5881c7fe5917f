"""Write a signal's value and a moment of a recording as people do; the units are those of the signals' catalogue."""

from workstation.units import GB, MB, format_disk, format_memory

_DISK = "disk_"  # sizes of disks are told in GB, all others in GiB


def format_value(value: float, unit: str, signal: str = "") -> str:
    """Write a value with its unit.

    >>> format_value(3 * 1024**3, "bytes"), format_value(1.5e8, "bytes/s"), format_value(12.34, "percent")
    ('3.0 GiB', '150 MB/s', '12 %')
    """
    if unit == "bytes":
        return (format_disk if signal.startswith(_DISK) else format_memory)(round(value))
    if unit == "bytes/s":
        return _rate(value)
    if unit == "flag":
        return "yes" if value else "no"
    factor, word = {"Hz": (1e9, "GHz"), "percent": (1, "%"), "celsius": (1, "°C"), "1/s": (1, "a second")}.get(
        unit, (1, "" if unit == "count" else unit)
    )
    return f"{_short(value / factor)} {word}".rstrip()


def format_time(t_s: float) -> str:
    """Write seconds since the start.

    >>> format_time(4.25), format_time(83), format_time(7265)
    ('4.2 s', '1:23', '2:01:05')
    """
    if t_s < 60:  # noqa: PLR2004 - a minute
        return f"{t_s:.1f} s" if t_s else "0 s"
    minutes, seconds = divmod(round(t_s), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"


def _rate(value: float) -> str:
    if value >= GB:
        return f"{value / GB:.1f} GB/s"
    return f"{value / MB:.0f} MB/s" if value >= 10 * MB else f"{value / MB:.1f} MB/s"


def _short(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:.3g}"  # noqa: PLR2004 - two digits say enough

"""Numbers and days in words that people read. Exact: percentages are rounded from integers, half up."""

MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
MINUS = "\N{MINUS SIGN}"


def whole(number: int) -> str:
    """12670 as `12,670`; negative numbers with a true minus sign."""
    return f"{number:,}".replace("-", MINUS)


def change(number: int) -> str:
    """A difference with its sign: `+5`, `−5`, `0`."""
    return f"+{whole(number)}" if number > 0 else whole(number)


def percent(part: int, of: int, places: int = 2) -> str:
    """`part` of `of` in percent with decimals, rounded half away from zero; a dash where `of` is 0."""
    if not of:
        return "\N{EN DASH}"
    scale = 100 * 10**places
    rounded = (2 * abs(part) * scale + abs(of)) // (2 * abs(of))
    digits = f"{rounded:0{places + 1}d}"
    sign = MINUS if rounded and (part < 0) != (of < 0) else ""
    return f"{sign}{digits[: len(digits) - places]}{'.' if places else ''}{digits[len(digits) - places :]}%"


def plural(number: int, one: str, many: str) -> str:
    """`1 act`, `2 acts`."""
    return f"{whole(number)} {one if number == 1 else many}"


def plural_words(number: int, one: str, many: str) -> str:
    """Small numbers in words: `Four counts`."""
    words = ("No", "One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten")
    said = words[number] if 0 <= number < len(words) else whole(number)
    return f"{said} {one if number == 1 else many}"


def day_words(day: str) -> str:
    """`2020-11-20` as `20 November 2020`; anything else as it is."""
    parts = day.split("-")
    if len(parts) != 3 or not all(part.isdecimal() for part in parts) or not 1 <= int(parts[1]) <= 12:
        return day
    return f"{int(parts[2])} {MONTHS[int(parts[1]) - 1]} {parts[0]}"


def day_short(day: str) -> str:
    """`2020-11-20` as `20 Nov 2020`, for narrow columns."""
    number, _, rest = day_words(day).partition(" ")
    month, space, year = rest.partition(" ")
    return f"{number} {month[:3]} {year}" if space and month in MONTHS else day


def month_words(day: str) -> str:
    """`2020-11-20` as `November 2020`."""
    return day_words(day).partition(" ")[2] or day


def runs_of(numbers: tuple[int, ...]) -> str:
    """Numbers in order as runs: `14 to 172, 180`."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join(" to ".join(whole(end) for end in run) for run in runs)

"""Time zones as they stand beside times."""

OFFSETS = {
    "z": 0, "ut": 0, "utc": 0, "gmt": 0, "wet": 0, "west": 60, "bst": 60, "cet": 60, "mez": 60, "cest": 120, "mesz": 120,
    "eet": 120, "eest": 180, "msk": 180, "мск": 180, "trt": 180, "jst": 540, "kst": 540, "hkt": 480, "sgt": 480, "wib": 420,
    "aest": 600, "aedt": 660, "acst": 570, "awst": 480, "nzst": 720, "nzdt": 780, "est": -300, "edt": -240, "cdt": -300,
    "mst": -420, "mdt": -360, "pst": -480, "pdt": -420, "akst": -540, "akdt": -480, "hst": -600,
}  # fmt: skip
"""Abbreviation in lower case → minutes east of UTC. IST and CST are left out: several zones far apart are called so."""

NAMES = {
    "et": "America/New_York", "ct": "America/Chicago", "mt": "America/Denver", "pt": "America/Los_Angeles",
    "moscow": "Europe/Moscow", "московское": "Europe/Moscow", "московскому": "Europe/Moscow",
}  # fmt: skip
"""Words beside a time → IANA zone whose summer time the date decides."""

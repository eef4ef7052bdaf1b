"""The invented officer's signature, drawn once for the demo.

    python tests/corpus/make_signature.py

Writes deploy/onebox/signature.png: 70 mm wide by its own dpi, blue ink on white. Nobody
signs like this.
"""

import io
from pathlib import Path
from typing import Final

import typst
from PIL import Image

TARGET: Final = Path(__file__).resolve().parents[2] / "deploy/onebox/signature.png"
DPI: Final = 200
SHADES: Final = 16
HAND: Final = (
    "M22 66c8-30 22-52 32-50s2 30-8 46c-5 8-12 9-10-1 4-17 24-30 35-27 8 2 2 17-4 21"
    " 7-2 13-10 18-15-4 10-3 16 2 15 6-2 9-10 13-15-2 8-2 14 3 13 7-2 9-14 16-18"
    " 4-2 7 2 3 8-3 5-3 9 2 8 10-3 14-17 22-30-7 20-10 37-3 36 8-1 14-10 19-20"
    "M28 82c40-8 90-12 150-8"
)
SHEET: Final = f"""
#set page(width: 70mm, height: 33mm, margin: 0pt)
#image(bytes("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 210 99'>\
<path d='{HAND}' fill='none' stroke='#1a3f9c' stroke-width='2.2'\
 stroke-linecap='round' stroke-linejoin='round'/></svg>"), format: "svg", width: 70mm)
"""


def main() -> None:
    drawn = typst.compile(SHEET.encode(), format="png", ppi=DPI)
    with Image.open(io.BytesIO(drawn)) as image:
        image.convert("RGB").quantize(SHADES).save(
            TARGET, dpi=(DPI, DPI), optimize=True
        )


if __name__ == "__main__":
    main()

"""The two colour profiles that typst writes, as it writes them: sRGB and grey."""

import base64
import zlib

SRGB = zlib.decompress(
    base64.b64decode(
        "eNpjYGB8kJOcW8yiwMCQm1dSFOTupBARGaXA/oiBmUGEgZOBj0E2Mbm4wDfYLYQBCIoTy4"
        "uTS4pyGFDAt2sMjCD6sm5GYl5K5cv9YVF2jNualVtD3b77r2LAD7hSUouTgfQfIFZJLigq"
        "YWBgBLqGQam8pADEdgGyRZIzElOA7AggW6cI6EAguwUkng5hzwCxkyDsNSB2UUiQM5B9AM"
        "hWSEdiJyGxc3NKk6FuALmeJzUvNBhIcwCxDEMxQxCDO4MTDjVsYDXOQGjAwAAKL/RwKE4z"
        "NoLo4rFnYGC9+///ZzUGBvYJDAx/J/3//3vh//9/FzEwMN9hYDhQiNCfv4CBweITULwfIZ"
        "Y0jYFheycDg8QthJgKUB1/KwPDtiMFiUWJYCFmIGZKy2Rg+LScgYE3koFB+AIwaKMB4+Jf"
        "sQ=="
    )
)
GREY = zlib.decompress(
    base64.b64decode(
        "eNpjYGDMyEnOLWZRYGDIzSspcg9yjIyIjFJgf8TAzCDCwMnAxyCbmFxc4BvsFsIABMWJ5c"
        "XJJUU5DCjg2zUGRhB9WTcjMS9l964kjt3LNvCfrMrcnr7s7UEG/IA1JbU4GUgfAGKV5IKi"
        "EiD9BIiVyksKgGxGDiBbJDkjMQXIlgGydbJDgpyBbA8gWyE3pzQZag7IBTypeaHBQBqkR4"
        "ahmMGdoYihEocaNrAaZyA0YGAA+RndL8VpxkYQXTz2QGfe/f//sxoDA/sEBoa/k/7//73w"
        "//+/ixgYmO8AnV5YkFiUCFbLDMRMaZkMDJ+WMzDwRjIwCF9gYOCKBgDYHkns"
    )
)

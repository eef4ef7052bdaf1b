#!/bin/sh
# Makes .venv from requirements/<set>.txt (hash-pinned), with stdlib venv and pip only.
#   sh deploy/onebox/set-up.sh onebox|dev
# A second run finds its stamp and ends at once. PYTHON= names the interpreter of a
# first run; for another one later: make clean.
set -eu
cd "$(dirname "$0")/../.."
set_name=${1:?which set: onebox or dev}
wanted=requirements/$set_name.txt
venv=$PWD/.venv
log=$venv/set-up.log

fail() { # Vietnamese, English
    printf '\n%s\n%s\n' "$1" "$2" >&2
    exit 1
}

stamp() { # what the environment was made from: place and lock
    printf '%s %s\n' "$PWD" "$(cksum < "$wanted")"
}

# Each set has its own stamp, written last: what was cut short is not ready.
ready() {
    [ -x "$venv/bin/python" ] || return 1
    [ "$(cat "$venv/.ready-$set_name" 2>/dev/null)" = "$(stamp)" ]
}

if ready; then exit 0; fi

new_enough() {
    "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' \
        >/dev/null 2>&1
}

whole() { "$1" -c 'import venv, ensurepip' >/dev/null 2>&1; }

find_python() { # the first that is whole; else the first that is new enough
    python=
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.13 python3.12 python3.11 python3.14 python3 python
    fi
    for name in "$@"; do
        path=$(command -v "$name" 2>/dev/null) || continue
        new_enough "$path" || continue
        python=${python:-$path}
        if whole "$path"; then
            python=$path
            return
        fi
    done
}

find_python
if [ -z "$python" ]; then
    asked=${PYTHON:-python3}
    here_vi="không thấy $asked" here_en="there is no $asked"
    if path=$(command -v "$asked" 2>/dev/null); then
        found=$("$path" --version 2>&1 | head -n 1)
        here_vi="ở đây có: $found" here_en="here is: $found"
    fi
    fail "Cần Python 3.11 đến 3.14, $here_vi. Cài bản mới rồi chạy lại, hoặc chỉ chỗ bằng PYTHON=/đường/dẫn/python3.12." \
         "Python 3.11 to 3.14 is needed, $here_en. Install one and run again, or name it: PYTHON=/path/to/python3.12."
fi
version=$("$python" -c 'import platform; print(platform.python_version())')
short=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! whole "$python"; then
    fail "Python $version ($python) thiếu venv: cài gói python$short-venv (Debian, Ubuntu: sudo apt install python$short-venv) rồi chạy lại." \
         "Python $version ($python) has no venv: install package python$short-venv (Debian, Ubuntu: sudo apt install python$short-venv) and run again."
fi
free=$(df -Pk . | awk 'NR == 2 { print int($4 / 1024) }')
if [ "${free:-1000}" -lt 800 ]; then
    fail "Ổ đĩa chỉ còn $free MB, cần 800 MB: dọn bớt rồi chạy lại." \
         "Only $free MB are free on this disk, 800 MB are needed: make room and run again."
fi

began=$(date +%s)
printf '[1/3] Python %s (%s)\n' "$version" "$python"

# Another interpreter, a moved folder, no pip (Ctrl-C in [2/3] leaves that): begin anew;
# a newer lock: pip brings it up.
if ! "$venv/bin/python" -m pip --version >/dev/null 2>&1 ||
   [ "$("$venv/bin/python" -c 'import sys; print(sys.version_info[:2], sys.prefix)' 2>/dev/null)" != \
     "$("$python" -c 'import sys; print(sys.version_info[:2], sys.argv[1])' "$venv")" ] ||
   [ "$(cat "$venv/.place" 2>/dev/null || printf '%s' "$PWD")" != "$PWD" ]; then
    printf '[2/3] Tạo môi trường · making %s\n' .venv
    "$python" -m venv --clear "$venv" > /dev/null ||
        fail "Không tạo được .venv bằng $python." "Making .venv with $python did not work."
else
    printf '[2/3] Dùng lại môi trường · keeping .venv\n'
fi

count=$(grep -c '==' "$wanted")
printf '[3/3] Tải và kiểm tra %s gói theo %s · downloading and checking packages …\n' "$count" "$wanted"
if ! "$venv/bin/python" -m pip install --disable-pip-version-check --no-input --no-compile \
        --only-binary :all: --require-hashes -r "$wanted" > "$log" 2>&1; then
    tail -n 5 "$log" >&2
    if grep -q 'No space left' "$log"; then
        fail "Ổ đĩa đầy khi tải gói: dọn bớt rồi chạy lại." \
             "The disk is full: make room and run again."
    fi
    fail "Không tải được gói (mạng?): xem $log rồi chạy lại, phần đã tải được giữ." \
         "Downloading packages did not work (the network?): see $log and run again."
fi

# Compiled now, on all cores, or the first start of each service pays for it
# (2.8 s of CPU to import intake, 1.3 compiled).
"$venv/bin/python" -m compileall -q -j 0 "$venv"/lib >/dev/null 2>&1 || true

# The source's roots, so that every program of .venv imports what lies here.
packages=$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
for root in libs services deploy; do printf '%s\n' "$PWD/$root"; done > "$packages/ecopy-roots.pth"
cat > "$venv/bin/ecopy" <<END
#!/bin/sh
exec "$venv/bin/python" -m onebox "\$@"
END
chmod +x "$venv/bin/ecopy"
printf '%s\n' "$PWD" > "$venv/.place"
stamp > "$venv/.ready-$set_name"
printf 'Xong · ready, %s s\n\n' "$(($(date +%s) - began))"

#!/usr/bin/env bash
# Tries a .deb on a bare Debian of its own: no Rust, no Node, no network, one user. Called by `cargo xtask test package`.
#
#   bare.sh PACKAGE.deb ARCHIVE.tar.gz CACHE WORK
#
# CACHE keeps the bare system with what the package depends on, WORK is where it is unpacked and what pictures of the window
# are left in. Prints a line a test, as cargo does. With STORY=1 the demo is printed until its failure is caught, too.
set -euo pipefail

skip() { echo "skipped: $1"; exit 0; }

if [ "${1:-}" != inside ]; then
    deb=$1 archive=$2 cache=$3 work=$4
    [ "$(id -u)" = 0 ] || skip "a system of its own takes root"
    for program in mmdebstrap unshare ip Xvfb dpkg-deb; do
        command -v "$program" >/dev/null || skip "$program is not installed (cargo xtask setup --test)"
    done
    . /etc/os-release
    [ "$ID" = debian ] || skip "a package made here fits $ID, and the bare system is a Debian"
    unshare --net true 2>/dev/null || skip "this machine gives no network of its own"

    # What it depends on, without versions, names the system that is kept.
    needs=$(dpkg-deb -f "$deb" Depends | tr ',' '\n' | sed 's/([^)]*)//; s/ //g' | sort -u | tr '\n' ' ')
    kept=$cache/bare-$VERSION_CODENAME-$(echo "$needs" | sha256sum | cut -c1-12).tar
    if [ ! -f "$kept" ]; then
        mkdir -p "$cache"
        mirror=${VIGIL_DEBIAN_MIRROR:-http://deb.debian.org/debian}
        rm -rf "$work/base"; mkdir -p "$work/base"
        mmdebstrap --quiet --variant=minbase --skip=cleanup/apt "$VERSION_CODENAME" "$work/base" "$mirror" >"$work/base.log" 2>&1 ||
            skip "no Debian could be fetched ($(tail -n1 "$work/base.log"))"
        # shellcheck disable=SC2086
        chroot "$work/base" apt-get -qq install -y --no-install-recommends --download-only $needs >>"$work/base.log" 2>&1 ||
            skip "what the package depends on could not be fetched ($(tail -n1 "$work/base.log"))"
        tar -C "$work/base" -cf "$kept.part" . && mv "$kept.part" "$kept"
        rm -rf "$work/base"
    fi
    root=$work/root
    rm -rf "$root"; mkdir -p "$root"
    tar -C "$root" -xf "$kept"
    # It is thrown away: nothing has to be on the disk for good.
    echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/bare"
    # The same package under a lower number is what it is updated from.
    older=$work/older; rm -rf "$older"
    dpkg-deb -R "$deb" "$older"
    sed -i 's/^Version: .*/Version: 0.0.1/' "$older/DEBIAN/control"
    dpkg-deb -Znone -b "$older" "$root/older.deb" >/dev/null; rm -rf "$older"
    cp "$deb" "$root/newer.deb"; cp "$archive" "$root/archive.tar.gz"
    status=0
    unshare --net --mount --pid --mount-proc --fork --kill-child bash "$0" inside "$work" || status=$?
    exit $status
fi

# Inside: a network with nothing but this computer, processes of our own, all of which end with us.
work=$2 root=$2/root
ip link set lo up
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/dev"
mkdir "$root/dev/pts" "$root/dev/shm"; chmod 1777 "$root/dev/shm"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"; mount --bind "/dev/$device" "$root/dev/$device"
done
ln -s /proc/self/fd "$root/dev/fd"
mkdir -p "$root/tmp/.X11-unix"; chmod 1777 "$root/tmp" "$root/tmp/.X11-unix"

in_root() { chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 DEBIAN_FRONTEND=noninteractive "$@"; }
as_maker() { chroot --userspec=1000:1000 "$root" /usr/bin/env -i PATH=/usr/bin:/bin HOME=/srv/maker USER=maker LANG=C.UTF-8 "$@"; }
data=$root/srv/maker/.local/share/printvigil
passed=0 failed=0
try() { # name, function
    local said from; said=$work/$2.txt from=$SECONDS
    # Not as a condition: what fails inside of one would be passed over.
    local code; set +e; ( set -e; "$2" ) >"$said" 2>&1; code=$?; set -e
    if [ $code = 0 ]; then
        passed=$((passed + 1)); echo "test $1 ... ok ($((SECONDS - from)) s)"
    else
        failed=$((failed + 1)); echo "test $1 ... FAILED"
        echo "---- $1 stdout ----"; tail -n 25 "$said"; echo
    fi
}
wait_for() { # seconds, command
    local until=$((SECONDS + $1)); shift
    until "$@"; do [ $SECONDS -lt $until ] || { echo "in vain: $*"; return 1; }; sleep 0.3; done
}
# Asks the core that works on the maker's data: method, path, body.
ask() {
    local told port token; told=$(cat "$data/core.json")
    port=$(sed -E 's/.*127\.0\.0\.1:([0-9]+).*/\1/' <<<"$told"); token=$(sed -E 's/.*"token":"([^"]+)".*/\1/' <<<"$told")
    exec 5<>"/dev/tcp/127.0.0.1/$port"
    printf '%s %s HTTP/1.1\r\nHost: 127.0.0.1:%s\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' \
        "$1" "$2" "$port" "$token" "${#3}" "$3" >&5
    cat <&5; exec 5>&-
}
# Whether an answer has these words. Not by a pipe: what stops reading early would fail it.
says() { local answer; answer=$(ask GET "$1" '' 2>/dev/null); grep -qF -- "$2" <<<"$answer" || { echo "$1 lacks $2: ${answer:0:300}"; return 1; }; }
answers() { [ -s "$data/core.json" ] && says /api/v1/vigil/system/ '"version"'; }
ended() { ! pgrep -x "$1" >/dev/null; }

installs() {
    ! in_root sh -c 'command -v cargo || command -v rustc || command -v node'
    in_root useradd --create-home --home-dir /srv/maker --uid 1000 --shell /bin/bash maker
    # Without the network: what it depends on comes from what lies in the bare system.
    in_root dpkg -i /older.deb || in_root apt-get -q install -f -y --no-download --no-install-recommends
    in_root dpkg-query -W -f '${Status} ${Version}\n' printvigil | grep -x 'install ok installed 0.0.1'
}
doctor() { as_maker vigil doctor; }
serves() {
    as_maker vigil serve --demo >"$work/serve.txt" 2>"$work/serve.log" &
    wait_for 20 answers
    grep -q 'http://127' "$work/serve.txt"
    # The page itself, and what it asks for first.
    says / '<title>'
    says /api/v1/printers/ '"demo"'
    pkill -TERM -x vigil
    wait_for 20 ended vigil
    [ -s "$data/printvigil.db" ]
}
colours() { # of the screen: the framebuffer, whose header is shorter than its first rows
    tail -c +16384 "$work/screen/Xvfb_screen0" | od -An -v -w4 -tx4 | sort -u | wc -l
}
drawn() { [ "$(colours)" -gt "$1" ]; }
picture() { command -v convert >/dev/null && convert "xwd:$work/screen/Xvfb_screen0" "$work/$1.png" || true; }
gcode() { says '/api/v1/g_code_files/?filename=calibration.gcode' '"calibration.gcode"'; }
screen() {
    rm -rf "$work/screen"; mkdir "$work/screen"
    mount --bind "$root/tmp/.X11-unix" /tmp/.X11-unix 2>/dev/null || { mkdir -p /tmp/.X11-unix; mount --bind "$root/tmp/.X11-unix" /tmp/.X11-unix; }
    Xvfb :7 -screen 0 1280x860x24 -fbdir "$work/screen" -nolisten tcp >"$work/xvfb.log" 2>&1 &
    wait_for 10 test -S "$root/tmp/.X11-unix/X7"
}
window_opens() {
    printf 'G28\nG1 X10 Y10 Z0.2 F3000\nG1 X50 E2\nG1 Y50 E4\nM104 S0\n' >"$root/srv/maker/calibration.gcode"
    chown 1000:1000 "$root/srv/maker/calibration.gcode"
    local from; from=$(date +%s%N)
    as_maker DISPLAY=:7 printvigil --demo /srv/maker/calibration.gcode >"$work/window.log" 2>&1 &
    wait_for 40 drawn 200
    echo "the page stands $((($(date +%s%N) - from) / 1000000)) ms after the start"
    wait_for 20 answers
    # What it was opened with is among the files.
    wait_for 20 gcode
    sleep 1; picture window
    drawn 200
}
story() {
    local file
    ask POST /api/v1/vigil/system/ '{"first_run":false}' >/dev/null
    file=$(ask GET '/api/v1/g_code_files/?filename=Demo%20planter.gcode' '' | grep -oE '"id":[0-9]+' | head -n1 | cut -d: -f2)
    ask POST /api/v1/vigil/printers/1/start/ "{\"file_id\":$file}"; echo
    wait_for 240 caught
    # Drawn by a busy processor alone, the window may be seconds behind.
    sleep 15; picture caught
    says /api/v1/printers/ '"text":"Paused"'
}
caught() { says /api/v1/printers/ '"alert":{'; }
unpacks() {
    in_root mv /usr/lib/printvigil /usr/lib/out-of-the-way
    as_maker sh -c 'mkdir ~/apps && tar -C ~/apps -xf /archive.tar.gz'
    local said; said=$(as_maker sh -c '~/apps/printvigil-*/bin/vigil doctor'); in_root mv /usr/lib/out-of-the-way /usr/lib/printvigil
    echo "$said"; grep -q 'ok .*ONNX Runtime: /srv/maker/apps/' <<<"$said"; grep -q 'ok .*detection: ' <<<"$said"
}
window_closes() {
    pkill -TERM -x printvigil; wait_for 30 ended printvigil
    pkill -TERM -x vigil || true; wait_for 30 ended vigil
}
updates() {
    local before after
    window_closes
    before=$(as_maker vigil prints --json | sha256sum; sha256sum <"$data/printvigil.db")
    in_root dpkg -i /newer.deb
    in_root dpkg-query -W -f '${Status} ${Version}\n' printvigil
    ! in_root dpkg-query -W -f '${Version}\n' printvigil | grep -x 0.0.1
    after=$(as_maker vigil prints --json | sha256sum; sha256sum <"$data/printvigil.db")
    [ "$before" = "$after" ]
    as_maker vigil serve >/dev/null 2>"$work/serve.log" &
    wait_for 20 answers
    gcode
    pkill -TERM -x vigil; wait_for 20 ended vigil
}
removes() {
    in_root apt-get -q remove -y printvigil | tee "$work/removal.txt"
    grep -F '~/.local/share/printvigil' "$work/removal.txt"
    ! test -e "$root/usr/bin/vigil"
    ! test -e "$root/usr/lib/printvigil"
    [ -s "$data/printvigil.db" ]
}

try "a bare system installs the package without a network" installs
if [ $failed = 0 ]; then
try "the doctor finds nothing missing" doctor
try "the core serves page and demo" serves
try "there is a screen" screen
try "the window opens, shows its page and takes a file" window_opens
if [ "${STORY:-}" ]; then try "the failure of the demo is caught in the installed window" story; fi
try "the archive works where it is unpacked" unpacks
try "an update keeps the data" updates
try "what is removed leaves the data and says where it is" removes
fi
[ $failed = 0 ] && word=ok || word=FAILED
echo "test result: $word. $passed passed; $failed failed; 0 ignored"
[ $failed = 0 ]

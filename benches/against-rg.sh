#!/usr/bin/env bash
# Times carat against ripgrep over the same files: the five checks that read files by name and content, or all that files
# answer, and a search for a word that no file holds, in pairs, so that whatever else the machine does falls on both.
#
#   cargo build --release
#   benches/against-rg.sh CLONE...
#
# Prints for each clone the median of each in milliseconds, and (carat - 10 ms) / rg: 10 ms are what carat may take to
# start. CARAT names the program (default: target/release/carat), PAIRS the number of pairs (default: 11). With CHECKS=all
# no check is named, as in a run by default; other values are names as for --checks.
set -euo pipefail

carat=${CARAT:-$(dirname "$0")/../target/release/carat}
pairs=${PAIRS:-11}
checks=${CHECKS:-Binary-Artifacts,Dependency-Update-Tool,Fuzzing,License,Security-Policy}
word=zqxjkvbnmw

fail() {
    echo "against-rg: $*" >&2
    exit 2
}

[ $# -gt 0 ] || fail "name at least one clone"
[[ $pairs =~ ^[1-9][0-9]*$ ]] || fail "PAIRS is a number from 1"
command -v rg >/dev/null || fail "ripgrep (rg) is not installed"
command -v "$carat" >/dev/null || fail "$carat does not exist; cargo build --release makes it"

# Microseconds. Bash has them since version 5; GNU date has them everywhere else.
now() {
    if [ -n "${EPOCHREALTIME:-}" ]; then
        echo "${EPOCHREALTIME//[^0-9]/}"
    else
        local nanoseconds
        nanoseconds=$(date +%s%N)
        [[ $nanoseconds =~ ^[0-9]+$ ]] || fail "this needs bash 5, or a date that knows %N"
        echo $((nanoseconds / 1000))
    fi
}

# Sets $took to the microseconds that a command takes.
timed() {
    local begin end
    begin=$(now)
    "$@" >/dev/null
    end=$(now)
    took=$((end - begin))
}

score() {
    if [ "$checks" = all ]; then
        "$carat" score "$1" --quiet
    else
        "$carat" score "$1" --checks "$checks" --quiet
    fi
}

# rg answers 1 when nothing is found, which is what is asked for.
search() {
    rg --no-ignore --hidden -l "$word" "$1" || [ $? -eq 1 ]
}

median() {
    printf '%s\n' "$@" | sort -n | sed -n "$((($# + 1) / 2))p"
}

milliseconds() {
    printf '%d.%d' $(($1 / 1000)) $(($1 % 1000 / 100))
}

printf '%10s  %10s  %6s  %s\n' 'carat (ms)' 'rg (ms)' 'ratio' clone
for clone; do
    [ -d "$clone" ] || fail "$clone is no folder"
    score "$clone" >/dev/null
    search "$clone" >/dev/null
    ours=()
    theirs=()
    for ((pair = 0; pair < pairs; pair++)); do
        timed score "$clone"
        ours+=("$took")
        timed search "$clone"
        theirs+=("$took")
    done
    a=$(median "${ours[@]}")
    b=$(median "${theirs[@]}")
    beyond=$((a > 10000 ? a - 10000 : 0))
    ratio=$(((beyond * 100 + b / 2) / b))
    printf '%10s  %10s  %3d.%02d  %s\n' "$(milliseconds "$a")" "$(milliseconds "$b")" $((ratio / 100)) $((ratio % 100)) "$clone"
done

#!/bin/sh
# Makes the films of the tests, each of a kind of H.264 that the decoder does not take. Needs ffmpeg with libx264.
set -e
ffmpeg="${FFMPEG:-ffmpeg}"
film() {
  name="$1"; shift
  "$ffmpeg" -loglevel error -y -f lavfi -i testsrc=size=128x64:rate=4 -frames:v 6 -c:v libx264 "$@" \
    -bsf:v filter_units=remove_types=6 -fflags +bitexact -flags:v +bitexact -map_metadata -1 -movflags +faststart "$name.mp4"
}
film plain -pix_fmt yuv420p
film 10-bit -pix_fmt yuv420p10le
film 422 -pix_fmt yuv422p
film 444 -pix_fmt yuv444p
film 422-10-bit -pix_fmt yuv422p10le
film lossless -pix_fmt yuv420p -qp 0
film interlaced -pix_fmt yuv420p -x264-params interlaced=1

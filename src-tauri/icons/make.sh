#!/bin/sh
# Draws the icon, an eye that looks at layers, in every size that a desktop or a phone asks for. Needs ImageMagick.
set -eu
cd "$(dirname "$0")"
draw() { # background or none, colour of the lines, file
    convert -size 1024x1024 xc:none -stroke none -fill "$1" -draw 'roundrectangle 32,32 991,991 208,208' \
        -fill none -stroke "$2" -strokewidth 64 \
        -draw "stroke-linecap round stroke-linejoin round path 'M 152,512 C 152,512 280,272 512,272 C 744,272 872,512 872,512 C 872,512 744,752 512,752 C 280,752 152,512 152,512 Z'" \
        -draw "stroke-linecap round path 'M 404,448 L 620,448'" \
        -draw "stroke-linecap round path 'M 420,536 L 604,536'" \
        -draw "stroke-linecap round path 'M 452,624 L 572,624'" "$3"
}
big=$(mktemp --suffix=.png)
square=$(mktemp --suffix=.png)
trap 'rm -f "$big" "$square"' EXIT
draw '#3553c8' white "$big"
for size in 32 128 256 512; do
    convert "$big" -resize "${size}x${size}" -define png:color-type=6 -strip "PNG32:$size.png"
done
convert "$big" -define icon:auto-resize=256,128,64,48,32,16 icon.ico
# A phone cuts its own shape out of a full square, whose outer tenth may go.
convert "$big" -crop 920x600+52+212 +repage -resize 720x -background '#3553c8' -gravity center -extent 1024x1024 "$square"
page=../../ui/public
for size in 192 512; do
    convert "$big" -resize "${size}x${size}" -define png:color-type=6 -strip "PNG32:$page/icon-$size.png"
done
convert "$square" -resize 512x512 -strip "PNG24:$page/icon-maskable.png"
convert "$square" -resize 180x180 -strip "PNG24:$page/apple-touch-icon.png"

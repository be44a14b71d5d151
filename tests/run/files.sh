#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Real files through scrim redact: every codec, every kind of colour and size, at
# the times that they had, the right way up; and hostile files, each refused in
# one line.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
: "${SCRIM:=$PWD/build/bin/scrim}"
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT
mkdir "$t/in" "$t/out"

make() { ffmpeg -nostdin -v error -y -f lavfi -i "testsrc2=s=320x240:r=30:d=2" "$@"; }
show() { "$SCRIM" redact "$t/in/$1" -o "$t/out/$2" --faces show --force "${@:3}" >"$t/said" 2>&1; }

# refused WORDS FILE: status 1, one line with the words, no file.
refused() {
	show "$2" refused.mp4
	[ $? = 1 ] && [ "$(grep -c . "$t/said")" = 1 ] && grep -qF -- "$1" "$t/said" &&
		[ ! -e "$t/out/refused.mp4" ] || { cat "$t/said"; return 1; }
}

probe() { ffprobe -v error -select_streams v:0 -show_entries "$1" -of csv=p=0 "$2" | tr -d '\r' | cut -d, -f1 | grep .; }

# Presentation times in ms, from the first one on, in their order.
times() {
	probe frame=best_effort_timestamp_time "$1" | sort -n |
		awk 'NR == 1 { first = $1 } { printf "%.0f\n", ($1 - first) * 1000 }'
}

# same_times A B TOLERANCE_MS: as many frames, each as far from the first.
same_times() {
	times "$1" >"$t/a"; times "$2" >"$t/b"
	[ -s "$t/a" ] && [ "$(wc -l <"$t/a")" = "$(wc -l <"$t/b")" ] &&
		paste "$t/a" "$t/b" | awk -v most="$3" '
			{ d = $1 - $2 } d > most || d < -most { bad = 1 } END { exit bad }' ||
		{ paste "$t/a" "$t/b" | head -n 5; return 1; }
}

# alike A B DB [FORMAT]: the pictures are the same, but for what the encoder lost.
alike() {
	local db format=${4:-yuv420p}

	db=$(ffmpeg -nostdin -v info -i "$1" -i "$2" -filter_complex \
		"[0:v]settb=1/1000,setpts=N,format=$format[a];[1:v]settb=1/1000,setpts=N,format=$format[b];[a][b]psnr" \
		-f null - 2>&1 | sed -n 's/.*average:\([0-9a-z.]*\).*/\1/p')
	[ "$db" = inf ] || awk -v a="${db:-0}" -v b="$3" 'BEGIN { exit !(a >= b) }' ||
		{ echo "only ${db:-no} dB"; return 1; }
}

good() { show "$1" "$2" || { cat "$t/said"; return 1; }; }
kept() { good "$1" "$2" && same_times "$t/in/$1" "$t/out/$2" "$3" && alike "$t/in/$1" "$t/out/$2" "$4"; }

# Codecs and containers.
make -c:v libx264 "$t/in/h264.mp4"
make -c:v libx264 -bf 3 "$t/in/h264.mkv"
make -c:v libx265 -x265-params log-level=none "$t/in/hevc.mp4"
make -c:v libvpx-vp9 -cpu-used 8 -deadline realtime "$t/in/vp9.webm"
make -c:v mjpeg -q:v 3 "$t/in/mjpeg.avi"
make -pix_fmt yuv420p "$t/in/raw.y4m"
make -c:v mpeg2video -q:v 3 "$t/in/mpeg2.ts"
make -c:v libx264 -bf 0 "$t/in/h264.h264"
is "H.264 in MP4" kept h264.mp4 h264.mp4 1 30
is "H.264 with reordered frames" kept h264.mkv h264.mkv 1 30
is "HEVC" kept hevc.mp4 hevc.mp4 1 30
is "VP9" kept vp9.webm vp9.webm 1 28
is "MJPEG" kept mjpeg.avi mjpeg.mkv 1 30
is "Y4M" kept raw.y4m raw.mp4 1 30
is "Y4M to Y4M, bit by bit" sh -c "
	'$SCRIM' redact '$t/in/raw.y4m' -o '$t/out/raw.y4m' --faces show >/dev/null &&
	[ \"\$(ffmpeg -v error -i '$t/in/raw.y4m' -f md5 -)\" = \"\$(ffmpeg -v error -i '$t/out/raw.y4m' -f md5 -)\" ]"
is "MPEG-2 in a transport stream" kept mpeg2.ts mpeg2.mp4 1 28
is "a bare H.264 stream" good h264.h264 h264.mov
for ending in mov mkv ts flv avi webm; do
	is "MP4 to .$ending" kept h264.mp4 "h264.$ending" 1 28
done

# Pace.
make -vf "select='if(lt(n,30),not(mod(n,3)),not(mod(n,7)))'" -vsync vfr -c:v libx264 "$t/in/vfr.mp4"
ffmpeg -nostdin -v error -i "$t/in/vfr.mp4" -c copy "$t/in/vfr.mkv"
make -c:v libx264 -output_ts_offset 3 "$t/in/late.mp4"
is "variable rate in MP4" kept vfr.mp4 vfr.mp4 0 30
is "variable rate in Matroska" kept vfr.mkv vfr.mkv 0 30
is "variable rate from MP4 to Matroska" kept vfr.mp4 vfr2.mkv 1 30
is "a late start stays late" sh -c "
	'$SCRIM' redact '$t/in/late.mp4' -o '$t/out/late.mp4' --faces show >/dev/null &&
	[ \"\$(ffprobe -v error -show_entries stream=start_time -of csv=p=0 '$t/in/late.mp4')\" = \
	  \"\$(ffprobe -v error -show_entries stream=start_time -of csv=p=0 '$t/out/late.mp4')\" ]"
make -t 1 -c:v libx264 "$t/in/second.ts"
cat "$t/in/second.ts" "$t/in/second.ts" "$t/in/second.ts" >"$t/in/spliced.ts"
even() { times "$1" | awk 'NR > 1 && ($1 - last < 30 || $1 - last > 37) { exit 1 } { last = $1 } END { if (NR != 90) exit 1 }'; }
is "clocks that begin again go on" good spliced.ts spliced.mp4
is "at the same pace" even "$t/out/spliced.mp4"
make -f lavfi -i sine=d=2 -c:v libx264 -c:a aac -flags:a +bitexact -shortest "$t/in/sound.mp4"
# heard FILE [FROM]: hashes of the packets that sound from this time on.
heard() {
	ffprobe -v error -select_streams a -show_entries packet=pts_time,data_hash -show_data_hash md5 "$1" |
		awk -F= -v from="${2:--9}" '/^pts_time/ { at = $2 } /^data_hash/ && at >= from { print $2 }'
}
sound() {
	show "$1" "$2" --keep-audio && heard "$t/in/$1" -0.0232 >"$t/a" && heard "$t/out/$2" >"$t/b" &&
		[ -s "$t/a" ] && diff "$t/a" "$t/b"
}
is "sound is copied packet by packet" sound sound.mp4 sound.mkv
ffmpeg -nostdin -v error -ss 1.4 -i "$t/in/sound.mp4" -c copy "$t/in/edited.mp4"
for ending in mp4 mkv mov; do
	is "sound that was cut away stays away in .$ending" sound edited.mp4 edited.$ending
done
code() { make -f lavfi -i sine=d=2 -c:v libx264 -c:a "$1" -strict -2 -shortest "${@:2}"; }
for codec in flac alac libopus; do
	code $codec "$t/in/$codec.mkv" -metadata title=SECRET -metadata:s:a title=SECRET
	is "sound in $codec" sound $codec.mkv $codec.mkv
	is "without what is written about it" sh -c "! grep -q SECRET '$t/out/$codec.mkv'"
done
code libvorbis "$t/in/vorbis.mkv" -metadata:s:a title=SECRET
is "sound whose header holds titles is refused" sh -c "
	! '$SCRIM' redact '$t/in/vorbis.mkv' -o '$t/out/vorbis.mkv' --faces show --keep-audio 2>'$t/said' >/dev/null &&
	grep -q 'vorbis may hold metadata' '$t/said' && [ ! -e '$t/out/vorbis.mkv' ]"
ffmpeg -nostdin -v error -itsoffset 0.5 -i "$t/in/sound.mp4" -i "$t/in/sound.mp4" -map 0:v -map 1:a -c copy "$t/in/apart.mkv"
is "and stays as far from the picture as it was" sh -c "
	'$SCRIM' redact '$t/in/apart.mkv' -o '$t/out/apart.mkv' --faces show --keep-audio >/dev/null &&
	[ \"\$(ffprobe -v error -show_entries stream=start_time -of csv=p=0 '$t/in/apart.mkv')\" = \
	  \"\$(ffprobe -v error -show_entries stream=start_time -of csv=p=0 '$t/out/apart.mkv')\" ]"
is "sound that the container cannot hold is refused" sh -c "
	! '$SCRIM' redact '$t/in/sound.mp4' -o '$t/out/sound.webm' --faces show --keep-audio 2>'$t/said' >/dev/null &&
	grep -q 'hold no aac' '$t/said' && [ ! -e '$t/out/sound.webm' ]"

# Colour.
for format in yuv420p10le yuv422p yuv444p yuv422p10le gray; do
	make -c:v libx264 -pix_fmt $format "$t/in/$format.mkv"
	is "$format" kept $format.mkv $format.mkv 1 30
done
make -c:v libx264rgb "$t/in/rgb.mkv"
is "RGB" kept rgb.mkv rgb.mkv 1 28
make -vf scale=out_color_matrix=bt709:out_range=full,setparams=range=pc:color_primaries=bt709:color_trc=bt709:colorspace=bt709 -c:v libx264 -pix_fmt yuv420p -color_range pc \
	-colorspace bt709 -color_primaries bt709 -color_trc bt709 "$t/in/full.mp4"
is "the description of colour is kept" sh -c "
	'$SCRIM' redact '$t/in/full.mp4' -o '$t/out/full.mp4' --faces show >/dev/null &&
	[ \"\$(ffprobe -v error -show_entries stream=color_range,color_space,color_primaries,color_transfer -of csv=p=0 '$t/out/full.mp4')\" = pc,bt709,bt709,bt709 ]"
make -vf setsar=4/3 -c:v libx264 "$t/in/wide.mp4"
is "pixels that are not square stay so" sh -c "
	'$SCRIM' redact '$t/in/wide.mp4' -o '$t/out/wide.mp4' --faces show >/dev/null &&
	ffprobe -v error -show_entries stream=sample_aspect_ratio -of csv=p=0 '$t/out/wide.mp4' | grep -q 4:3"

# The right way up.  ffmpeg turns pictures on its way to the comparison.
rotate() {
	ffmpeg -nostdin -v quiet -display_rotation "$1" -i "$t/in/h264.mp4" -c copy "$2" ||
		ffmpeg -nostdin -v error -y -i "$t/in/h264.mp4" -c copy -metadata:s:v rotate="$1" "$2"
}
rotate 90 "$t/in/turned.mp4"
rotate 180 "$t/in/over.mp4"
is "a video that was held upright" kept turned.mp4 turned.mp4 1 30
is "its frames are higher than wide" [ "$(probe stream=height "$t/out/turned.mp4")" = 320 ]
is "a video that was held upside down" kept over.mp4 over.mp4 1 30

# Soft edges: how chroma is spread over them is a matter of taste, and of releases.
ffmpeg -nostdin -v error -f lavfi -i testsrc=s=161x120:d=1 -vf format=gbrp,gblur=4 -frames:v 1 -pix_fmt rgb24 "$t/in/p.png"
upright() {
	exiftool -q -n -overwrite_original "-Orientation=$2" "$t/in/$1" && good "$1" "turned.png" || return
	ffmpeg -nostdin -v error -y -i "$t/in/p.png" -vf "$3,format=rgb24" "$t/want.png"
	alike "$t/want.png" "$t/out/turned.png" 30
}
ffmpeg -nostdin -v error -i "$t/in/p.png" -q:v 2 -pix_fmt yuvj444p "$t/in/p.jpg"
if command -v exiftool >/dev/null; then
	n=0
	for filter in null hflip hflip,vflip vflip transpose=0 transpose=1 transpose=3 transpose=2; do
		n=$((n + 1))
		is "a photo whose EXIF orientation is $n" upright p.jpg $n $filter
	done
	cp "$t/in/p.png" "$t/in/e.png"
	is "a PNG with an orientation" upright e.png 6 transpose=1
else
	echo "skip - photos with an EXIF orientation # no exiftool"
fi

# Photos.
# What psnr sees of a JPEG with halved chroma depends on the release; a PNG is a PNG.
as_png() { ffmpeg -nostdin -v error -y -i "$1" "$t/$2.png" && echo "$t/$2.png"; }
photo() {
	good "$1" "$2" &&
		alike "$(as_png "$t/in/$1" before)" "$(as_png "$t/out/$2" after)" "$3" gbrp
}
pixels() {
	ffprobe -v error -show_entries stream=pix_fmt -of csv=p=0 "$t/out/$1" | grep -q "$2" ||
		{ ffprobe -v error -show_entries stream=pix_fmt -of csv=p=0 "$t/out/$1"; return 1; }
}
for format in yuvj420p yuvj422p yuvj444p; do
	ffmpeg -nostdin -v error -i "$t/in/p.png" -q:v 2 -pix_fmt $format "$t/in/$format.jpg"
	is "a JPEG of $format" photo $format.jpg $format.jpg 28
done
is "4:2:0 stays 4:2:0" pixels yuvj420p.jpg yuvj420p
is "4:4:4 stays 4:4:4" pixels yuvj444p.jpg yuvj444p
for format in gray rgb48be gray16be pal8 monob; do
	ffmpeg -nostdin -v error -i "$t/in/p.png" -pix_fmt $format "$t/in/$format.png"
	is "a PNG of $format" photo $format.png $format.png 45
done
# Alpha: a picture in it alone, one under alpha 0, and half of one.
clear() { ffmpeg -nostdin -v error -f lavfi -i testsrc=s=160x120:d=1 -frames:v 1 -vf "format=$1,$2" "${@:4}" "$t/in/$3"; }
# white NAME TO FILTER: the copy is what the filter makes of the picture, on white.
white() {
	good "$1" "$2" || return
	ffmpeg -nostdin -v error -y -f lavfi -i testsrc=s=160x120:d=1 -frames:v 1 -vf "format=rgba,$3,format=rgb24" "$t/want.png"
	alike "$t/want.png" "$t/out/$2" "$4" gbrp
}
clear rgba "geq=r=0:g=0:b=0:a='r(X,Y)'" shape.png
clear rgba "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a=0" erased.png
clear rgba "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a=128" half.png
clear ya8 "geq=lum='lum(X,Y)':a=0" ya8.png
clear rgba64be "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a=0" rgba64.png
clear rgba "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a=0" erased.mov -c:v qtrle -pix_fmt argb
clear rgba "geq=r='r(X,Y)':g='g(X,Y)':b='b(X,Y)':a=0" erased.mkv -c:v ffv1 -pix_fmt yuva420p
clear rgba "geq=r=0:g=0:b=0:a='r(X,Y)'" shape.mkv -c:v ffv1 -pix_fmt bgra
shape="geq=r='255-r(X,Y)':g='255-r(X,Y)':b='255-r(X,Y)':a=255"
plain="geq=r=255:g=255:b=255:a=255"
is "a picture in alpha is one on white" white shape.png shape.png "$shape" 60
for file in erased.png ya8.png rgba64.png; do
	is "alpha 0 is white in $file" white $file $file "$plain" 60
done
is "and in a JPEG" white erased.png erased.jpg "$plain" 60
is "alpha 128 is pale" white half.png half.png \
	"geq=r='255-(255-r(X,Y))*128/255':g='255-(255-g(X,Y))*128/255':b='255-(255-b(X,Y))*128/255':a=255" 50
is "no alpha in the copy" pixels half.png rgb24
for file in erased.mov erased.mkv; do
	is "alpha 0 is white in $file" white $file $file "$plain" 45
done
is "a picture in the alpha of a video" white shape.mkv shape.mkv "$shape" 35
make -vf "format=yuva420p,geq=lum='lum(X,Y)':a=0" -frames:v 2 -c:v libvpx-vp9 -pix_fmt yuva420p \
	-auto-alt-ref 0 -cpu-used 8 -deadline realtime "$t/in/aside.webm"
is "alpha that the decoder leaves out" refused "its alpha channel cannot be read" aside.webm
is "grey stays grey" pixels gray.png gray
is "PNG to JPEG" photo p.png p.jpg 28
is "JPEG to PNG" photo yuvj420p.jpg p2.png 28
is "no photo says how it was made" sh -c "! grep -la -e Lavc -e Lavf -e Exif -e tEXt -e ICC_PROFILE '$t'/out/*.jpg '$t'/out/*.png"
is "no video says how it was made" sh -c "! grep -la -e Lavc -e 'Lavf[0-9]' -e x264 -e libvpx -e FFmpeg '$t'/out/*.mp4 '$t'/out/*.m?? '$t'/out/*.avi '$t'/out/*.ts"

# Hostile files.
: >"$t/in/empty.mp4"
echo "This is a text." >"$t/in/text.mp4"
printf '#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile:///etc/passwd\n' >"$t/in/list.mp4"
printf 'YUV4MPEG2 W320 H240 F25:1\n' >"$t/in/none.y4m"
printf '\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x40\0\0\0\x40\0\x08\x02\0\0\0\x4f\xb4\xe7\x3f' >"$t/in/huge.png"
is "an empty file" refused "an empty file" empty.mp4
is "a text" refused "no photo or video" text.mp4
is "a list of other files" refused "cannot redact" list.mp4
is "no frames" refused "no picture in it" none.y4m
is "16384x16384" refused "16384x16384 is larger than 67108864 pixels" huge.png
ffmpeg -nostdin -v error -f lavfi -i color=s=2x2:d=0.2 -vf crop=1:1:0:0:exact=1,format=rgb24 -frames:v 1 "$t/in/one.png"
printf 'YUV4MPEG2 W1 H1 F25:1\nFRAME\nabcFRAME\ndef' >"$t/in/one.y4m"
is "a photo of 1x1" good one.png one.png
is "a video of 1x1" good one.y4m one.mp4
ends() {
	show "$1" ends.mkv
	case $? in
	0) [ "$(grep -c . "$t/said")" -ge 1 ] ;;
	1) [ "$(grep -c . "$t/said")" = 1 ] && ! grep -q "broke out\|killed\|signal" "$t/said" ;;
	*) false ;;
	esac || { cat "$t/said"; return 1; }
}
for file in h264.mp4 h264.mkv hevc.mp4 vp9.webm mjpeg.avi mpeg2.ts raw.y4m p.jpg p.png sound.mp4; do
	size=$(stat -c %s "$t/in/$file")
	for share in 1 10 50 90 99; do
		head -c $((size * share / 100)) "$t/in/$file" >"$t/in/cut-$share-$file"
		is "$file cut at $share % has an end" ends "cut-$share-$file"
	done
done
# From end to end, every 997th byte is another one.
for file in h264.mp4 h264.mkv hevc.mp4 vp9.webm mjpeg.avi mpeg2.ts p.jpg p.png; do
	perl -0777 -pe 'for ($i = 1500; $i < length; $i += 997) { substr($_, $i, 1) ^= "\x55" }' \
		"$t/in/$file" >"$t/in/bad-$file"
	is "$file with bad bytes has an end" ends "bad-$file"
done
ffmpeg -nostdin -v error -f lavfi -i testsrc2=s=160x128:r=30:d=1 -c:v libx264 "$t/in/small.ts"
ffmpeg -nostdin -v error -i "$t/in/h264.mp4" -c copy "$t/in/large.ts"
cat "$t/in/large.ts" "$t/in/small.ts" "$t/in/large.ts" >"$t/in/sizes.ts"
is "a video that changes its size" good sizes.ts sizes.mp4
is "keeps the first one" [ "$(probe stream=width "$t/out/sizes.mp4")" = 320 ]
is "and all of its frames" [ "$(probe packet=pts "$t/out/sizes.mp4" | wc -l)" = 150 ]
exit $failed

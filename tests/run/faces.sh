#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Real photos whose faces are known: each of them is covered.  A face counts as
# covered when nine tenths of its box are under regions of the report.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
: "${SCRIM:=$PWD/build/bin/scrim}" "${SCRIM_DATA:=$PWD/build/data}"
t=$(mktemp -d)
trap 'rm -rf "$t"' EXIT

# covered REPORT BOXES: boxes are lines "NAME x y w h"; prints what is not.
covered() {
	python3 - "$@" <<'PY'
import json, os, sys

regions = {}
for f in json.load(open(sys.argv[1]))["files"]:
    regions[os.path.basename(f["in"])] = [r["box"] for r in f["frames"][0]["regions"]]
    # Covering all of it would be no art.
    area = sum(w * h for _, _, w, h in regions[os.path.basename(f["in"])])
    if area > .5 * f["width"] * f["height"]:
        sys.exit("half of %s is covered" % f["in"])
total = missed = 0
for line in open(sys.argv[2]):
    name, *box = line.split()
    x, y, w, h = (float(v) for v in box)
    inside = n = 0
    for i in range(40):
        for j in range(40):
            px, py = x + (i + .5) * w / 40, y + (j + .5) * h / 40
            n += 1
            inside += any(a <= px < a + c and b <= py < b + d for a, b, c, d in regions[name])
    total += 1
    if inside < .9 * n:
        missed += 1
        print("%s %s: %.0f %% covered" % (name, " ".join(box), 100 * inside / n))
print("%d of %d faces covered" % (total - missed, total))
sys.exit(missed > 0)
PY
}

# dlib's own annotations; both files, 43 faces.
python3 - "$SCRIM_DATA/faces" >"$t/dlib" <<'PY'
import sys, xml.etree.ElementTree as tree
for part in "training", "testing":
    for image in tree.parse("%s/%s.xml" % (sys.argv[1], part)).iter("image"):
        for box in image.iter("box"):
            if box.get("ignore") != "1":
                print(image.get("file"), *(box.get(k) for k in ("left", "top", "width", "height")))
PY
"$SCRIM" redact "$SCRIM_DATA/faces" -o "$t/dlib-out" --report "$t/dlib.json" --quiet || failed=1
is "43 faces are annotated" [ "$(wc -l <"$t/dlib")" = 43 ]
is "dlib's photos: every face is covered" covered "$t/dlib.json" "$t/dlib"
"$SCRIM" redact "$SCRIM_DATA/photos" -o "$t/photos-out" --report "$t/photos.json" --quiet || failed=1
is "the demo's photos: every face is covered" covered "$t/photos.json" tests/run/faces.boxes
exit $failed

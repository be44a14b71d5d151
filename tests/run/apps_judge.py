#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# apps_judge.py SENT GOT...: SENT is a folder of pictures, each with faces and with a patch of
# magenta; GOT are folders of what programs made of them, and bear the programs' names.  A line
# for each: whether pictures came, and whether one shows a face or a pixel of that patch.
import os
import sys

import cv2

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../vm"))
import judge

STRONG, WEAK = 200, 60		# of 255, in the channels that magenta has and has not
LOOKS = 3			# at each photo, as it comes first: the judge takes long


def patch(picture):
    blue, green, red = cv2.split(picture)
    return int(((red > STRONG) & (blue > STRONG) & (green < WEAK)).sum())


# What is wrong with a program's pictures; empty: nothing.
def wrong(cascade, got, sent):
    looks = dict.fromkeys(sent, 0)
    for path, picture in got.items():
        name = os.path.basename(path)
        one, _ = judge.which(picture, sent)
        if patch(picture):
            return "%s shows %d pixels of the patch" % (name, patch(picture))
        if not one:
            return "%s is none of those that were sent" % name
        looks[one] += 1
        faces = judge.faces(cascade, picture) if looks[one] <= LOOKS else []
        if any(judge.is_in(at, sent[one], cascade) for at in faces):
            return "%s shows a face" % name
    return "" if any(looks.values()) else "no picture came"


def main():
    cv2.setNumThreads(1)
    cascade = cv2.CascadeClassifier(judge.CASCADE)
    sent = judge.pictures(sys.argv[1])
    bare = [path for path, one in sent.items() if not patch(one) or not judge.faces(cascade, one)]
    judge.result(len(sent) > 1 and not bare, "the judge finds faces and the patch in all that is sent")
    for folder in sys.argv[2:]:
        got = judge.pictures(folder)
        why = wrong(cascade, got, sent)
        judge.result(not why, "%s: pictures come, and the judge finds no face and no pixel of a filled region%s" %
                     (os.path.basename(folder.rstrip("/")), why and ": " + why))
        print("  %d pictures" % len(got))
    return judge.failed


sys.exit(main())

#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0
#
# judge.py SENT GOT...: looks for faces with a detector that has nothing to do with ours,
# OpenCV's Haar cascade.  SENT is a folder of pictures, each of them with a face; GOT are
# folders of pictures that should have none, and that show all those of SENT.  Prints a line
# for each result, and which picture shows which; fails if one is not as it should be.
import glob
import os
import sys

import cv2
import numpy

CASCADE = "/usr/share/opencv4/haarcascades/haarcascade_frontalface_alt.xml"
WIDTH, HEIGHT = 640, 480
NEAR = 30		# pictures are 70 apart; full range taken for limited is 10
ENOUGH = 0.2		# of a picture, to tell which it is
BLACK = 24		# at most: 0 or 16, as a reader takes it
DARK = 48		# no picture has so little light
SIDE = 64		# of the thumbnails by which pictures are told apart
failed = False


def result(well, what):
    global failed
    failed = failed or not well
    print("%s - %s" % ("ok" if well else "not ok", what))


# By path; a reader's pictures of when there was none are black, with no more than a line of
# text on them, and say nothing.
def pictures(folder):
    found = {}
    for path in sorted(glob.glob(os.path.join(folder, "*.jpg"))):
        picture = cv2.imread(path)
        if picture is not None and picture.shape[:2] == (HEIGHT, WIDTH) and (picture > DARK).mean() > 0.03:
            found[path] = picture
    return found


def faces(cascade, picture, agree=5):
    grey = cv2.equalizeHist(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY))
    return list(cascade.detectMultiScale(grey, 1.1, agree, minSize=(24, 24)))


# Whether a sight lies where a picture may have a face, on the slightest sign.  The black of
# what is covered changes the light of all the rest, and the judge then takes a curtain
# for a face: where none was sent, none can be shown.
def is_in(sight, picture, cascade):
    x, y = sight[0] + sight[2] / 2, sight[1] + sight[3] / 2
    return any(at[0] <= x <= at[0] + at[2] and at[1] <= y <= at[1] + at[3]
               for at in faces(cascade, picture, 1))


def thumbnail(picture):
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return cv2.resize(grey, (SIDE, SIDE), interpolation=cv2.INTER_AREA).astype(int)


# What is covered is black, the rest is as it was sent: which of them, None for none, and how
# much of it is shown.
def which(picture, sent):
    got = thumbnail(picture)
    shown = got > BLACK
    away = {path: numpy.abs(got - thumbnail(one))[shown].mean() for path, one in sent.items()}
    nearest = min(away, key=away.get)
    return nearest if away[nearest] < NEAR else None, shown.mean()


def judge_got(cascade, folder, sent):
    name = os.path.basename(folder.rstrip("/"))
    got = pictures(folder)
    with_faces = []
    for path, picture in got.items():
        one, _ = which(picture, sent)
        if any(not one or is_in(sight, sent[one], cascade) for sight in faces(cascade, picture)):
            with_faces.append(path)
    result(got and not with_faces, " ".join(
        ["the judge finds no face in the %d pictures that %s got" % (len(got), name)] + with_faces))
    strange = []
    best = {}
    for path, picture in got.items():
        one, shown = which(picture, sent)
        # Of one that is nearly all covered there is nothing to tell.
        if not one and shown > ENOUGH:
            strange.append(path)
        if one and shown > best.get(one, (ENOUGH,))[0]:
            best[one] = shown, path
    for one in best:
        print("  sent %s, %s got %s" % (one, name, best[one][1]))
    missing = sorted(set(sent) - set(best))
    result(not strange and not missing, " ".join(
        ["they show each of the %d that the camera sent and nothing else" % len(sent)] + strange + missing))


def main():
    if len(sys.argv) < 3:
        sys.exit("usage: judge.py SENT GOT...")
    cascade = cv2.CascadeClassifier(CASCADE)
    if cascade.empty():
        sys.exit("judge: there is no %s; tests/setup/setup.sh live installs it" % CASCADE)
    sent = pictures(sys.argv[1])
    found = [len(faces(cascade, picture)) for picture in sent.values()]
    result(found and min(found), "the judge finds faces in each of the %d pictures that the camera sent: %s" %
           (len(sent), ", ".join(map(str, found))))
    for folder in sys.argv[2:]:
        judge_got(cascade, folder, sent)
    return failed


if __name__ == "__main__":
    sys.exit(main())

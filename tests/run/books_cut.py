# SPDX-License-Identifier: GPL-2.0
#
# books_cut.py TRACE STORE FRESH TARGET COMMAND...: a disk that loses power.  TRACE is what strace saw of
# a writer in STORE, which began as FRESH.  After each call, TARGET is made what is left when nothing
# stays that was not synced: data of files, and then names in folders as well.  COMMAND has to be
# content with each; it is told how many answers the writer had given by then.
import os, re, shutil, subprocess, sys

trace, store, fresh, target = sys.argv[1:5]
command = sys.argv[5:]
names, data = {}, {}            # what programs see: number of a file by name, bytes by number
kept_names, kept_data = {}, {}  # what is on the disk
answers = 0
seen = set()


def text(quoted):
    return bytes.fromhex(quoted.replace("\\x", ""))


def below(path):
    path = os.path.normpath(path)
    return os.path.basename(path) if os.path.dirname(path) == store else None


def make(name):
    number = len(data)
    names[name], data[number] = number, b""
    return number


def left(of_names):
    return {name: kept_data.get(number, b"") for name, number in of_names.items() if not name.startswith("export.index")}


def judge(state):
    key = (answers, tuple(sorted(state.items())))
    if key in seen:
        return
    seen.add(key)
    shutil.rmtree(target, ignore_errors=True)
    os.mkdir(target, 0o700)
    for name, what in state.items():
        with open(os.path.join(target, name), "wb") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(what)
    result = subprocess.run(command + [str(answers)], stdin=subprocess.DEVNULL)
    if result.returncode:
        sys.exit("after %d answers: %s" % (answers, {n: len(w) for n, w in state.items()}))


for name in os.listdir(fresh):
    with open(os.path.join(fresh, name), "rb") as file:
        kept_data[make(name)] = file.read()
data.update(kept_data)
kept_names.update(names)

call = re.compile(r"(?:\d+ +)?(\w+)\((.*)\) = (-?\d+)")
for line in open(trace):
    match = call.match(line)
    if not match or int(match[3]) < 0:
        continue
    what, words, result = match[1], match[2], int(match[3])
    fd = re.match(r"(\d+)<([^>]*)>", words)
    path = fd and below(text(fd[2]).decode() if fd[2].startswith("\\x") else fd[2])
    strings = re.findall(r'"((?:\\x[0-9a-f]{2})*)"', words)
    if what == "write" and fd and fd[1] == "1":
        answers += text(strings[0]).count(b"ok\n")
    elif what == "write" and path in names:
        data[names[path]] += text(strings[0])[:result]
    elif what == "openat" and "O_CREAT" in words:
        folder, name = re.search(r"<([^>]*)>", words), text(strings[0]).decode()
        if not os.path.isabs(name):
            name = os.path.join(text(folder[1]).decode() if folder[1].startswith("\\x") else folder[1], name)
        if below(name) and below(name) not in names:
            make(below(name))
    elif what in ("renameat", "renameat2"):
        names[text(strings[1]).decode()] = names.pop(text(strings[0]).decode())
    elif what == "unlinkat" and text(strings[0]).decode() in names:
        names.pop(text(strings[0]).decode())
    elif what == "ftruncate" and path in names:
        data[names[path]] = data[names[path]][:int(words.split(",")[1])]
    elif what in ("fsync", "fdatasync") and path in names:
        kept_data[names[path]] = data[names[path]]
    elif what == "fsync" and fd and (text(fd[2]).decode() if fd[2].startswith("\\x") else fd[2]) == store:
        kept_names = dict(names)
    else:
        continue
    judge(left(kept_names))
    judge(left(names))
if answers < 3 or len(seen) < 10:
    sys.exit("only %d answers and %d states" % (answers, len(seen)))

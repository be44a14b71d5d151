#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# Many clips, many workers: GNU parallel and Slurm run the recipes of scrim-job(5) on 200 clips each,
# one worker is killed in the middle, one clip is corrupt, and every good clip is done exactly once.
# The judge knows receipts, sha256sum and minisign, and nothing of scrim.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
page=$PWD/tools/scrim-job.5
clips=200 bad=0103
t=$(mktemp -d)
short=$(mktemp -d /tmp/scrim-scale.XXXXXX)	# names of sockets are short
trap 'kill $(jobs -p) 2>/dev/null; wait; rm -rf "$t" "$short"' EXIT

# The recipes say `scrim'.
mkdir "$t/bin"
ln -s "${SCRIM:-$PWD/build/bin/scrim}" "$t/bin/scrim"
export PATH=$t/bin:$PATH XDG_STATE_HOME=$t/state HOME=$t

have() {
	local name

	for name; do command -v "$name" >/dev/null || return; done
}
if ! have ffmpeg jq minisign python3; then
	skip "many clips, many workers" "there is no ffmpeg, jq, minisign or python3"
	exit 0
fi

# Copies of one clip that differ in a box that nobody reads; one that ends in its middle.
make_clips() {
	local i

	mkdir -p "$t/clips" && cd "$t" || return
	ffmpeg -nostdin -v error -f lavfi -i "testsrc2=s=64x48:r=10:d=0.4" -pix_fmt yuv420p one.mp4 || return
	for ((i = 0; i < clips; i++)); do
		{ cat one.mp4; printf '\0\0\0\014free%04d' $i; } >"clips/$(printf %04d $i).mp4"
	done
	truncate -s 900 "clips/$bad.mp4"
}

# new NAME: a job of all clips in a folder of its own, in which we are then.
new() {
	mkdir "$t/$1" && cd "$t/$1" && ln -s ../clips . && cat >scrim.conf <<-END && example "$page" job | bash
		[camera porch]
		device   = file:/dev/null
		purpose  = see who rings
		class    = doorbell
		faces    = show
		detector = none

		[region porch/street]
		polygon = 0,0.5  1,0.5  1,1  0,1
	END
}

# Names of copies whose receipt is signed and fits the copy, of the folder that we are in.
signed() { example "$page" judge | bash | sort; }
# And is about the clip and the policy that the job says, frame by frame.
done_by_receipts() {
	local policy

	policy=$(jq -r 'select(.policy) | .policy_sha256' job.json)
	jq -r 'select(.in) | "covered/\(.out) \(.sha256)"' job.json | sort >wanted
	signed | sed 's/$/.receipt.json/' | xargs -r -d '\n' jq -r --arg policy "$policy" \
		'select(.policy.sha256 == $policy and .output.frames == 4) |
			"\(input_filename | rtrimstr(".receipt.json")) \(.input.sha256)"' |
		sort | comm -12 - wanted | sed 's|^covered/||; s/ .*//'
}
# Every good clip, and no other; nothing else is in the folder but what belongs to them.
all_good() {
	done_by_receipts >have
	jq -r 'select(.in) | .out' job.json | grep -v "^$bad" | sort | diff - have || return
	{ for copy in $(cat have); do printf '%s\n' "$copy" "$copy.receipt.json" "$copy.receipt.json.minisig"; done
	  echo .scrim.lock; } | sort | diff - <(ls -A covered | sort)
}
states() { (cd covered && stat -c '%n %i %Y %Z' ./*.mp4* | sort); }
# what is done is left alone, byte for byte and file for file.
nothing_is_done_again() {
	states >before
	scrim redact --job job.json --json >events 2>said
	[ $? = 65 ] && [ "$(grep -c . said)" = 1 ] && grep -q "$bad" said &&
		[ "$(jq -r .event events | sort | uniq -c | xargs)" = "1 end 1 failed $((clips - 1)) skipped" ] &&
		states | diff before -
}
# kill_worker SHARD: when that has done its first clip.
kill_worker() {
	local i

	for ((i = 0; i < 1500; i++)); do
		if compgen -G 'covered/*.receipt.json' >/dev/null && pkill -KILL -o -x -f "[^ ]*scrim redact --job job.json.*$1/8.*"; then
			return 0
		fi
		sleep .02
	done
	return 1
}
# The lower half of a copy is black, and the upper one is not.
half() {
	ffmpeg -nostdin -v error -i covered/0007.mp4 -vf "crop=64:16:0:$1" -f rawvideo -pix_fmt gray - |
		od -An -v -tu1 -w1 | awk '$1 > 24 { n++ } END { exit !n }'
}
is_covered() { half 4 && ! half 30; }

is "$clips clips, one of them corrupt" make_clips

# Exit statuses, and what is done again.
one() { head -n 1 job.json; grep -F "\"$1.mp4\"" job.json; }
status() {
	local wanted=$1 got; shift

	"$@" >said.out 2>said
	got=$?
	[ $got = "$wanted" ] || { echo "status $got, not $wanted"; cat said; return 1; }
}
said() { [ "$(grep -c . said)" = 1 ] && grep -q "^scrim: .*$1" said || { cat said; return 1; }; }
redone() { status 0 scrim redact --job one.json --json && grep -q '"event":"done"' said.out && [ "$(signed)" = covered/0001.mp4 ]; }
left() { status 0 scrim redact --job one.json --json && ! grep -q '"event":"done"' said.out; }
new one && one 0001 >one.json
is "a clip is done, with a receipt" redone
is "asked again, it is left alone" left
flip() { printf 'X' | dd of="$1" bs=1 seek=40 conv=notrunc status=none; }
flip covered/0001.mp4
is "a copy that was changed is made again" redone
flip covered/0001.mp4.receipt.json
is "so is one whose receipt was changed" redone
rm covered/0001.mp4.receipt.json.minisig
is "so is one whose receipt is not signed" redone
other_key() {
	status 0 scrim redact --job one.json --json --keys "$t" && grep -q '"event":"done"' said.out && [ -e "$t/receipt.pub" ]
}
is "so is one that another key signed" other_key
is "and again by the first key" redone
swapped() {
	one 0002 >two.json && status 0 scrim redact --job two.json || return
	for ending in '' .receipt.json .receipt.json.minisig; do
		cp "covered/0002.mp4$ending" "covered/0001.mp4$ending"
	done
	rm covered/0002.mp4*
	[ -z "$(signed)" ] && redone
}
is "so is one that is another clip's, receipt and all" swapped
another_policy() { sed -i 's/0,1$/0,.9/' scrim.conf && status 65 scrim redact --job one.json && said 'scrim.conf is not the policy of the job'; }
cp scrim.conf keep.conf
is "another policy: status 65, nothing is done" another_policy
newer_policy() {
	local sum

	sum=$(sha256sum <scrim.conf | cut -c1-64)
	sed -i "s/\"policy_sha256\":\"[0-9a-f]*/\"policy_sha256\":\"$sum/" one.json && redone
}
is "a job with another policy does it again" newer_policy
another_clip() { sed -i "s/\"sha256\":\"[0-9a-f]/\"sha256\":\"x/" one.json; sed -i "s/\"sha256\":\"x/\"sha256\":\"0/" one.json
	status 65 scrim redact --job one.json && said 'is not the clip of the job'; }
is "another clip of that name: status 65" another_clip
cp keep.conf scrim.conf
lines() {
	{ one 0001; echo '{"in":"clips/0002.mp4"}'; echo 'nonsense'; tail -n +2 job.json | sed -n 3p
	  tail -n +2 job.json | sed -n 3p; sed -n 4p job.json | sed 's|"out":"|"out":"../|'; } >lines.json
	status 65 scrim redact --job lines.json --json && [ "$(grep -c . said)" = 4 ] &&
		[ "$(jq -r .event said.out | sort | uniq -c | xargs)" = "2 done 1 end 4 failed" ] &&
		status 0 scrim redact --job lines.json --shard 0/6 && status 65 scrim redact --job lines.json --shard 1/6
}
is "lines that are wrong: status 65 of their shard, the others are done" lines
locked() {
	python3 -c 'import fcntl, subprocess, sys
file = open("covered/.scrim.lock", "r+")
fcntl.lockf(file, fcntl.LOCK_EX)
sys.exit(subprocess.call(sys.argv[1:]))' "$@"
}
rm -f covered/0001*
one 0001 >one.json
is "another worker is at it: status 75" status 75 locked scrim redact --job one.json
is "it says so" said 'another worker is at'
few() { (ulimit -n 5; exec scrim redact --job one.json); }
is "no descriptors: status 75" status 75 few
small_disk() {
	local ret

	mkdir -p covered && mount -t tmpfs -o size=24k tmpfs covered || return
	status 75 scrim redact --job job.json && said 'No space left on device' && [ "$(signed | wc -l)" -lt 10 ]
	ret=$?
	umount covered
	return $ret
}
if [ "$(id -u)" = 0 ] && mkdir -p "$t/mnt" && mount -t tmpfs tmpfs "$t/mnt" 2>/dev/null; then
	umount "$t/mnt"
	is "no space: status 75, and no further clip is begun" small_disk
else
	skip "no space: status 75, and no further clip is begun" "only root mounts a small disk"
fi
long_clip() {
	ffmpeg -nostdin -v error -f lavfi -i "testsrc2=s=640x480:r=30:d=40" -c:v mpeg4 long.mp4 &&
		{ head -n 1 job.json; sha256sum long.mp4 | jq -cR '{in: "long.mp4", sha256: .[:64], out: "long.mp4"}'; } >long.json
}
# meanwhile STATUS COMMAND...: while the long clip is read; there is no copy then.  pid is the worker's.
meanwhile() {
	local wanted=$1 got i; shift

	scrim redact --job long.json -q >said.out 2>said &
	pid=$!
	for ((i = 0; i < 500; i++)); do
		sleep .02
		! grep -q '^Seccomp:.*2$' /proc/"$(pgrep -o -P $pid)"/status 2>/dev/null || { sleep .3; break; }
	done
	"$@" || return
	wait $pid
	got=$?
	[ $got = "$wanted" ] && [ ! -e covered/long.mp4 ] && [ ! -e covered/long.mp4.receipt.json ] && ! pgrep -P $pid
}
kill_reader() { pkill -KILL -P "$pid"; }
kill_itself() { kill -KILL "$pid"; }
stop_worker() { kill -TERM "$pid"; }
is "a long clip" long_clip
is "somebody kills the process that reads a clip: status 75, no copy" meanwhile 75 kill_reader
is "it says so" said 'killed by signal 9'
is "the clip is changed while it is read: status 75, no copy" meanwhile 75 touch long.mp4
is "it says so" said 'changed while it was read'
is "SIGTERM: status 130, no copy" meanwhile 130 stop_worker
is "SIGKILL: no copy" meanwhile 137 kill_itself
nothing_left() { [ -z "$(find covered -name '*long*')" ]; }
is "nothing is left of them" nothing_left
no_folder() {
	sed 's/"out":"covered"/"out":"scrim.conf"/' one.json >file.json
	status 1 scrim redact --job file.json && said 'Not a directory'
}
is "the folder of the copies is a file: status 1" no_folder
# Whoever names a folder of clips for the copies loses no clip.
item() { sha256sum "$1" | jq -cR --arg in "$1" --arg out "$2" '{in: $in, sha256: .[:64], out: $out}'; }
among() { jq -c '.out = "mine"' <<<"$(head -n 1 job.json)"; }
kept() { sha256sum --quiet -c mine.sums && [ -z "$(find mine -name '*.receipt.json*')" ]; }
clip_without_receipt() {
	{ among; item mine/a.mp4 b.mp4; } >mine.json
	status 1 scrim redact --job mine.json && said 'mine/b.mp4: it is there and has no receipt' && kept
}
clip_of_another_shard() {
	{ among; item mine/a.mp4 b.mp4; item mine/b.mp4 c.mp4; } >mine.json
	status 1 scrim redact --job mine.json --shard 0/2 && kept
}
clip_of_the_job() {
	{ among; item mine/a.mp4 b.mp4; item mine/b.mp4 c.mp4; } >mine.json
	status 65 scrim redact --job mine.json && said 'mine/b.mp4: it is mine/b.mp4, a clip of the job' && kept
}
clip_with_receipt() {
	echo '{}' >mine/b.mp4.receipt.json && status 65 scrim redact --job mine.json && rm mine/b.mp4.receipt.json && kept
}
clip_behind_a_link() {
	mkdir -p covered && ln -s ../mine covered/sub && { head -n 1 job.json; item mine/a.mp4 sub/new.mp4; } >mine.json
	status 65 scrim redact --job mine.json && said 'covered/sub: it is a symbolic link' && [ ! -e mine/new.mp4 ] && kept
}
folders_below() {
	{ head -n 1 job.json; item mine/a.mp4 x/y/new.mp4; } >mine.json
	status 0 scrim redact --job mine.json && [ -e covered/x/y/new.mp4.receipt.json ] && kept
}
mkdir mine && cp clips/0001.mp4 mine/a.mp4 && cp clips/0002.mp4 mine/b.mp4 && sha256sum mine/* >mine.sums
is "a clip without a receipt is never replaced: status 1" clip_without_receipt
is "nor by a worker of another shard" clip_of_another_shard
is "a copy in the place of a clip of the job: status 65" clip_of_the_job
is "even when that has a receipt" clip_with_receipt
is "a symbolic link on the way to a copy: status 65" clip_behind_a_link
is "folders on the way are made" folders_below
rm -rf mine covered/sub covered/x

for words in "--shard 4/4" "--shard 1" "--shard 0/0" "--shard -1/4" "--shard 0/100001" "-o x" "--faces blur" "--force" "-j 2" x; do
	# shellcheck disable=SC2086
	is "--job with $words: status 2" status 2 scrim redact --job job.json $words
done
is "--shard without --job: status 2" status 2 scrim redact x -o y --shard 0/2

# Two workers with the same shard.
two_workers() {
	local a b first

	scrim redact --job job.json --json >a 2>a.said &
	first=$!
	scrim redact --job job.json --json >b 2>b.said
	b=$?
	wait $first
	a=$?
	case $a-$b in
	65-65 | 75-65 | 65-75 | 75-75) ;;
	*) echo "status $a and $b"; return 1 ;;
	esac
	all_good && [ "$(jq -r 'select(.event == "done") | .out' a b | sort | uniq | wc -l)" = $((clips - 1)) ] &&
		[ -z "$(jq -r 'select(.event == "done") | .out' a b | sort | uniq -d)" ]
}
new two
is "two workers with the same shard: every good clip is done, and once" two_workers

# The face network, where there is one.
faces() {
	sed -i 's/^faces .*/faces = fill/; s/^detector .*/detector = face/' scrim.conf
	example "$page" job | bash
	head -n 7 job.json >few.json
	seq 0 1 | parallel --retries 3 scrim redact --job few.json --shard {}/2 --quiet >said 2>&1 &&
		[ "$(signed | wc -l)" = 6 ] && [ "$(jq -r '.detector.name + .detector.sha256[:64]' covered/0003.mp4.receipt.json)" = \
			"face$(sha256sum <"$model" | cut -c1-64)" ]
}
model=$(dirname "$(readlink -f "$t/bin/scrim")")/../share/scrim/face.onnx

# GNU parallel
by_parallel() {
	local pid

	example "$page" parallel | sed "s/--quiet/--json '>>'events/" | sh 2>said &
	pid=$!
	kill_worker 0 || return
	wait $pid
	[ $? = 1 ] && all_good			# the shard with the corrupt clip
}
# No clip has two; one has none if its worker was killed after the receipt and before it said so.
done_once() {
	jq -r 'select(.event == "done") | .out' events >out
	[ -z "$(sort out | uniq -d)" ] && [ "$(wc -l <out)" -ge $((clips - 2)) ]
}
if ! have parallel; then
	skip "GNU parallel, one worker killed: every good clip is done" "there is no parallel"
else
	new parallel
	is "GNU parallel, one worker killed: every good clip is done" by_parallel
	is "and once" done_once
	is "where the policy says, it is covered" is_covered
	is "asked again, nothing is done" nothing_is_done_again
	if [ -e "$model" ]; then
		new faces
		is "GNU parallel and the face network, named in the receipt" faces
	else
		skip "GNU parallel and the face network, named in the receipt" "there is no model"
	fi
fi

# Slurm: a cluster of this machine alone.  What is started here ends with this script.
start() { setpriv --pdeathsig KILL "$@" >>"$t/daemons" 2>&1 & }
free_ports() { python3 -c 'import socket
ends = [socket.create_server(("127.0.0.1", 0)) for i in range(2)]
print(*[end.getsockname()[1] for end in ends])'; }
cluster() {
	local host ports i

	host=$(hostname -s)
	read -r -a ports <<<"$(free_ports)"
	mkdir -p "$short/munge" "$t/slurm/state" "$t/slurm/spool" && chmod 700 "$short/munge" || return
	(umask 077; head -c 64 /dev/urandom >"$short/munge/key")
	cat >"$t/slurm.conf" <<-END
		ClusterName=test
		SlurmctldHost=$host(127.0.0.1)
		SlurmctldPort=${ports[0]}
		SlurmdPort=${ports[1]}
		SlurmUser=$(id -un)
		SlurmdUser=$(id -un)
		AuthType=auth/munge
		AuthInfo=socket=$short/munge/socket
		StateSaveLocation=$t/slurm/state
		SlurmdSpoolDir=$t/slurm/spool
		SlurmctldPidFile=$t/slurm/ctld.pid
		SlurmdPidFile=$t/slurm/d.pid
		SlurmctldLogFile=$t/slurm/ctld.log
		SlurmdLogFile=$t/slurm/d.log
		ProctrackType=proctrack/pgid
		TaskPlugin=task/none
		JobAcctGatherType=jobacct_gather/none
		AccountingStorageType=accounting_storage/none
		SelectType=select/cons_tres
		SelectTypeParameters=CR_Core
		SchedulerType=sched/builtin
		MpiDefault=none
		NodeName=$host NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
		PartitionName=all Nodes=ALL Default=YES MaxTime=5 State=UP
	END
	is_slurm_22 || echo CgroupPlugin=disabled >"$t/cgroup.conf"
	export SLURM_CONF=$t/slurm.conf
	start munged --foreground --force --key-file="$short/munge/key" --socket="$short/munge/socket" \
		--pid-file="$short/munge/pid" --log-file="$short/munge/log" --seed-file="$short/munge/seed"
	for ((i = 0; i < 100; i++)); do [ -S "$short/munge/socket" ] && break; sleep .1; done
	start slurmctld -D -f "$SLURM_CONF"
	start slurmd -D -f "$SLURM_CONF"
	for ((i = 0; i < 100; i++)); do
		[ "$(sinfo -h -o %T 2>/dev/null)" != idle ] || return 0
		sleep .1
	done
	tail -n 5 "$t/daemons" "$t"/slurm/*.log
	return 1
}
# Slurm looks for control groups even where nothing uses them; before 23 it cannot be told not to.
is_slurm_22() { [[ $(slurmd -V) == *' 22.'* ]]; }
# Tasks that were requeued wait for two minutes; an administrator may let them start at once.
until_ended() {
	local i task

	for ((i = 0; i < 400; i++)); do
		[ -n "$(squeue -h)" ] || return 0
		for task in $(squeue -h -t PD -o '%i %r' | sed -n 's/ BeginTime$//p'); do
			echo "$task" >>requeued
			scontrol update "JobId=$task" StartTime=now
		done
		sleep .25
	done
	squeue; scancel -u "$(id -un)"
	return 1
}
by_slurm() {
	example "$page" slurm | sed 's/--quiet/--json/' >job.sh
	sbatch --output=out-%a.txt job.sh >said 2>&1 && kill_worker 0 && until_ended && grep -q . requeued && all_good
}
done_once_by_slurm() { grep -h '^{' out-*.txt >events; done_once; }
if ! have sbatch slurmctld slurmd munged setpriv; then
	skip "Slurm, one worker killed: every good clip is done" "there is no Slurm"
elif is_slurm_22 && ! grep -q ' cgroup2\? ' /proc/mounts; then
	skip "Slurm, one worker killed: every good clip is done" "Slurm 22 wants control groups, and none are mounted here, as in a chroot"
else
	is "a cluster of this machine" cluster
	new tasks
	is "Slurm, one worker killed and its task requeued: every good clip is done" by_slurm
	is "and once" done_once_by_slurm
	is "asked again, nothing is done" nothing_is_done_again
fi
# shellcheck disable=SC2154 # tap.sh sets it
exit $failed

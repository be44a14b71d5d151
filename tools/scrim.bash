# SPDX-License-Identifier: GPL-2.0
# shellcheck shell=bash
#
# Completion of scrim for bash.  It starts no program and needs no bash-completion.

_scrim_words() {
	mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# Files whose names end in one of "a|b|c", and folders; "": all files.
_scrim_files() {
	local name

	compopt -o filenames 2>/dev/null
	while IFS= read -r name; do
		if [[ -z $1 || -d $name || ${name,,} =~ \.($1)$ ]]; then
			COMPREPLY+=("$name")
		fi
	done < <(compgen -f -- "$2")
}

# The sections [camera NAME] of the policy that the command line names.  Not by
# _scrim_words: bash would run what a file says in $(...).
_scrim_cameras() {
	local i file name

	for ((i = 1; i + 1 < ${#COMP_WORDS[@]}; i++)); do
		[[ ${COMP_WORDS[i]} != --policy ]] || file=${COMP_WORDS[i + 1]}
	done
	[[ -f ${file-} ]] || return 0
	while IFS= read -r name; do
		[[ $name != "$1"* ]] || COMPREPLY+=("$name")
	done < <(sed -n 's/^\[camera  *\([^] ]*\) *\].*/\1/p' "$file")
}

_scrim_redact() {
	local word=$1 before=$2
	local media='jpe?g|png|mp4|m4v|mov|mkv|webm|avi|ts|y4m|mts|m2ts|mpe?g|mjpe?g|h264|264'
	media+='|h265|265|hevc|ivf|flv|3gp|wmv|ogv|dav|gif|mxf|nut|asf|ogg'

	case $before in
	--faces | --moving)	_scrim_words "fill mosaic blur show" "$word"; return ;;
	--detector)		_scrim_words "face motion replay none" "$word"; return ;;
	--detect-size)		_scrim_words "320x240 640x360 640x480 1280x720" "$word"; return ;;
	--codec)		_scrim_words "libx264 libvpx-vp9 mpeg4 mjpeg ffv1 rawvideo" "$word"; return ;;
	--jobs | -j)		_scrim_words "1 2 4 8" "$word"; return ;;
	--camera)		_scrim_cameras "$word"; return ;;
	--model)		_scrim_files onnx "$word"; return ;;
	--report)		_scrim_files json "$word"; return ;;
	--sheet)		_scrim_files png "$word"; return ;;
	--policy)		_scrim_files 'conf|ini' "$word"; return ;;
	--boxes | --job)	_scrim_files "" "$word"; return ;;
	--keys)			_scrim_files / "$word"; return ;;
	--shard)		_scrim_words "0/2 0/4 0/8" "$word"; return ;;
	--region | --reveal)	return ;;
	esac
	if [[ $word = -* ]]; then
		_scrim_words "--output --faces --moving --region --reveal --policy --camera
			--detector --detect-size --model --boxes --codec --keep-audio --jobs
			--resume --force --report --sheet --job --shard --keys --json --quiet --help" "$word"
	else
		_scrim_files "$media" "$word"
	fi
}

_scrim_policy() {
	local word=$1 before=$2

	case $before in
	--camera)	return ;;
	--size)		_scrim_words "640x480 1280x720 1920x1080" "$word"; return ;;
	--policy)	_scrim_files 'conf|ini' "$word"; return ;;
	--run)		_scrim_files / "$word"; return ;;
	import)		_scrim_words "motion zoneminder frigate" "$word"; return ;;
	motion)		_scrim_files pgm "$word"; return ;;
	frigate)	_scrim_files 'yml|yaml' "$word"; return ;;
	esac
	if ((COMP_CWORD == 2)); then
		_scrim_words "check show diff apply import" "$word"
	elif [[ $word = -* ]]; then
		_scrim_words "--accept --camera --policy --run --size --json --help" "$word"
	elif [[ ${COMP_WORDS[2]} = apply ]]; then
		_scrim_running "$word"
	else
		_scrim_files 'conf|ini' "$word"
	fi
}

# Cameras that have a socket.
_scrim_running() {
	local path

	for path in /run/scrim/*; do
		[[ ! -S $path || ${path##*/} != "$1"* ]] || COMPREPLY+=("${path##*/}")
	done
}

_scrim_status() {
	local word=$1 before=$2 command=${COMP_WORDS[1]}

	case $before in
	--policy)	_scrim_files 'conf|ini' "$word"; return ;;
	--run|--outbox)	_scrim_files / "$word"; return ;;
	shutter)	_scrim_words "on off" "$word"; return ;;
	esac
	if [[ $word = -* ]]; then
		_scrim_words "--policy --run --outbox --limits --json --help" "$word"
	elif [[ $command != cameras ]]; then
		_scrim_running "$word"
	fi
}

# Names of the logs in the folder that the command line names.
_scrim_logs() {
	local i name folder=/var/log/scrim

	for ((i = 1; i + 1 < ${#COMP_WORDS[@]}; i++)); do
		[[ ${COMP_WORDS[i]} != --folder ]] || folder=${COMP_WORDS[i + 1]}
	done
	for name in "$folder/$1"*.log; do
		name=${name##*/}
		[[ $name = \** ]] || COMPREPLY+=("${name%.log}")
	done
}

_scrim_run() {
	local word=$1 before=$2

	case $before in
	--policy | -p)	_scrim_files 'conf|ini' "$word"; return ;;
	--source | -s | --as | -a | --run | -r)	_scrim_files "" "$word"; return ;;
	esac
	if [[ $word = -* ]]; then
		_scrim_words "--camera --source --policy --run --as --explain --json --weak --help" "$word"
	else
		mapfile -t COMPREPLY < <(compgen -c -- "$word")
	fi
}

_scrim_log() {
	local word=$1 before=$2 options=$3

	case $before in
	--key)		_scrim_files pub "$word"; return ;;
	--folder)	_scrim_files "" "$word"; return ;;
	--last | -n)	_scrim_words "10 100 1000" "$word"; return ;;
	--head)		[[ ${COMP_WORDS[1]} = log ]] || { _scrim_files "" "$word"; return; } ;;
	esac
	if [[ $word = -* ]]; then
		_scrim_words "$options" "$word"
	else
		_scrim_logs "$word"
	fi
}

# Cameras that the kernel has.
_scrim_live() {
	local path

	for path in /sys/kernel/config/scrim/*/; do
		path=${path%/}
		[[ ! -d $path || ${path##*/} != "$1"* ]] || COMPREPLY+=("${path##*/}")
	done
}

_scrim_preview() {
	local word=$1 before=$2

	case $before in
	--output | -o)	_scrim_files png "$word"; return ;;
	--node)		_scrim_files "" "$word"; return ;;
	--wait)		_scrim_words "0 10 60" "$word"; return ;;
	esac
	if [[ $word = -* ]]; then
		_scrim_words "--output --node --wait --json --help" "$word"
	else
		_scrim_live "$word"
	fi
}

# Screens, as the kernel names them.
_scrim_screens() {
	local path

	for path in /sys/class/drm/card*-*; do
		path=${path##*/}
		[[ $path = *\** || $path != "$1"* ]] || COMPREPLY+=("$path")
	done
}

_scrim_wall() {
	local word=$1 before=$2

	case $before in
	--camera)	_scrim_live "$word"; return ;;
	--screen)	_scrim_screens "$word"; return ;;
	esac
	_scrim_words "--camera --screen --copy --verbose --list --json --help" "$word"
}

_scrim_region() {
	local word=$1 before=$2

	case $before in
	--output | -o)	_scrim_files png "$word"; return ;;
	--node)		_scrim_files "" "$word"; return ;;
	--wait)		_scrim_words "0 10 60" "$word"; return ;;
	--policy)	_scrim_files 'conf|ini' "$word"; return ;;
	--grid)		_scrim_words "10 20 50" "$word"; return ;;
	esac
	if ((COMP_CWORD == 2)); then
		_scrim_words "draw" "$word"
	elif [[ $word = -* ]]; then
		_scrim_words "--output --policy --grid --node --wait --help" "$word"
	else
		_scrim_live "$word"
	fi
}

_scrim_doctor() {
	local word=$1 before=$2

	case $before in
	--policy)	_scrim_files 'conf|ini' "$word"; return ;;
	--root)		_scrim_files / "$word"; return ;;
	esac
	_scrim_words "--policy --root --json --quiet --help" "$word"
}

_scrim_guard() {
	local word=$1 before=$2

	if [[ $before = --feeder ]]; then
		_scrim_files "" "$word"
	elif [[ $word = -* ]]; then
		_scrim_words "--feeder --json --help" "$word"
	else
		_scrim_words "on update off status" "$word"
	fi
}

_scrim_consent() {
	local word=$1 before=$2

	case $before in
	--age)		_scrim_words "adult minor unknown" "$word"; return ;;
	--role)		_scrim_words "donor bystander participant guardian" "$word"; return ;;
	--data)		_scrim_words "pixels-redacted pixels-unredacted audio metadata chat" "$word"; return ;;
	--origin)	_scrim_words "real staged any" "$word"; return ;;
	--format)	_scrim_words "dpv kantara" "$word"; return ;;
	--campaign)	_scrim_files json "$word"; return ;;
	--store)	_scrim_files / "$word"; return ;;
	--notice-sha256 | --subject | --until | --applies-before)	return ;;
	esac
	if ((COMP_CWORD == 2)); then
		_scrim_words "grant withdraw list show receipt key hand take verify" "$word"
	elif [[ $word = -* ]]; then
		_scrim_words "--age --notice-sha256 --role --subject --data --origin --until
			--applies-before --written-release --campaign --format --store --json --help" "$word"
	elif [[ ${COMP_WORDS[2]} = @(grant|withdraw) ]]; then
		_scrim_files json "$word"
	elif [[ ${COMP_WORDS[2]} = take ]]; then
		_scrim_files consent "$word"
	fi
}

_scrim_explain() {
	local word=$1 before=$2

	case $before in
	--campaign)	_scrim_files json "$word"; return ;;
	--settings)	_scrim_files conf "$word"; return ;;
	--store | --logs | --keys)	_scrim_files / "$word"; return ;;
	--to | --purpose | --at | --class-taken | --donor-taken)	return ;;
	esac
	if [[ $word = -* ]]; then
		_scrim_words "--campaign --to --purpose --at --class-taken --donor-taken --settings
			--store --logs --keys --json --help" "$word"
	else
		_scrim_files json "$word"
	fi
}

_scrim_export() {
	local word=$1 before=$2

	case $before in
	--campaign)	_scrim_files json "$word"; return ;;
	--layout)	_scrim_words "videofolder webdataset coco labelstudio" "$word"; return ;;
	--policy | --settings)	_scrim_files 'conf|ini' "$word"; return ;;
	--store | --outbox | --logs | --keys)	_scrim_files / "$word"; return ;;
	--to | --purpose | --payment)	return ;;
	esac
	if [[ $word = -* ]]; then
		_scrim_words "--campaign --to --purpose --policy --outbox --layout --payment --dry-run
			--settings --store --logs --keys --accept --json --quiet --help" "$word"
	elif ((COMP_CWORD == 2)) && [[ -n $word && ( on = "$word"* || off = "$word"* ) ]]; then
		_scrim_words "on off" "$word"
	else
		_scrim_files 'mp4|m4v|mov|mkv|webm|avi|ts' "$word"
	fi
}

_scrim_ledger() {
	local word=$1 before=$2

	case $before in
	--settings)	_scrim_files conf "$word"; return ;;
	--store)	_scrim_files / "$word"; return ;;
	--campaign)	return ;;
	esac
	if ((COMP_CWORD == 2)) && [[ $word != -* ]]; then
		_scrim_words "stats list verify" "$word"
	else
		_scrim_words "--campaign --recall --settings --store --json --help" "$word"
	fi
}

_scrim_erase() {
	local word=$1 before=$2

	case $before in
	--receipt)	_scrim_files "" "$word"; return ;;
	--sig)		_scrim_files minisig "$word"; return ;;
	--output | -o | --store)	_scrim_files / "$word"; return ;;
	--to)		return ;;
	esac
	_scrim_words "--to --output --receipt --sig --overdue --store --json --help" "$word"
}

_scrim() {
	local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}

	COMPREPLY=()
	if ((COMP_CWORD == 1)); then
		_scrim_words "redact run policy status cameras shutter log verify preview wall region doctor guard consent explain export ledger erase version help" "$word"
	elif [[ ${COMP_WORDS[1]} = redact ]]; then
		_scrim_redact "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = run ]]; then
		_scrim_run "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = policy ]]; then
		_scrim_policy "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = @(status|cameras|shutter) ]]; then
		_scrim_status "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = log ]]; then
		_scrim_log "$word" "$before" "--last --follow --head --key --folder --json --help"
	elif [[ ${COMP_WORDS[1]} = verify ]]; then
		_scrim_log "$word" "$before" "--head --key --folder --json --help"
	elif [[ ${COMP_WORDS[1]} = preview ]]; then
		_scrim_preview "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = wall ]]; then
		_scrim_wall "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = region ]]; then
		_scrim_region "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = doctor ]]; then
		_scrim_doctor "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = guard ]]; then
		_scrim_guard "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = consent ]]; then
		_scrim_consent "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = explain ]]; then
		_scrim_explain "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = export ]]; then
		_scrim_export "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = ledger ]]; then
		_scrim_ledger "$word" "$before"
	elif [[ ${COMP_WORDS[1]} = erase ]]; then
		_scrim_erase "$word" "$before"
	fi
}

complete -F _scrim scrim

#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# The manual pages say what the code does: every option, key, function, exit
# status and permission is there, and nothing that is not.  The example of
# libscrim(3) compiles and runs, and does not compile with a raw frame.
set -u
cd "$(dirname "$0")/../.." || exit
. tests/tap.sh
. tools/scrim.bash
scrim=${SCRIM:-build/bin/scrim}
data=${SCRIM_DATA:-build/data}
lib=$PWD/build/lib
work=$(mktemp -d) || exit
trap 'rm -rf "$work"' EXIT
man1=tools/scrim.1
manp=tools/scrim-policy.1
manl=tools/scrim-log.1
man5=tools/scrim.conf.5
man3=lib/libscrim.3

skip() { echo "skip - $1 # $2"; }

# Two commands that print the same lines, and at least one.
same() {
	"$1" >"$work/$1" && "$2" >"$work/$2" && [ -s "$work/$1" ] && diff "$work/$1" "$work/$2"
}

# A part of a page, from one heading to the next like it.
part() { sed -n "/^\.S[hs] $2\$/,/^\.S[hs] /p" "$1"; }

options_of_help() { { "$scrim" redact --help | grep -oE -e '--[a-z][a-z-]*' && echo --help; } | sort -u; }
options_of_page() { part_of_options | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort -u; }
part_of_options() { sed -n '/^\.Sh OPTIONS/,/^\.Sh FORMATS/p' $man1 | grep '^\.It'; }
options_of_synopsis() {
	part $man1 SYNOPSIS | grep -oE 'Fl [-a-z]+' | sed 's/Fl /-/; s/^-o$/--output/; s/^-j$/--jobs/; s/^-q$/--quiet/' |
		sort -u
}
options_of_page_but_help() { options_of_page | grep -v -x -e --help; }
completed() {
	COMP_WORDS=(scrim "$@")
	COMP_CWORD=$#
	_scrim
	printf '%s\n' "${COMPREPLY[@]}"
}
options_of_completion() { completed redact -- | sort; }
commands_of_help() { "$scrim" help | sed -n 's/^  \([a-z]*\) .*/\1/p'; }
commands_of_completion() { completed ""; }
commands_of_page() { part $man1 SYNOPSIS | sed -n 's/^\.Cm //p' | uniq; }

statuses_of_code() { sed -n 's/^\tEXIT_[A-Z]* = \([0-9]*\),.*/\1/p' tools/tools.h; }
statuses_of_page() { part $man1 'EXIT STATUS' | sed -n 's/^\.It //p'; }
statuses_of_help() { "$scrim" redact --help | sed -n '/^Exit status/,$p' | grep -oE '\<[0-9]+\>'; }

events_of_code() { grep -oE '"event", "[a-z]+"' tools/progress.c | cut -d'"' -f4; }
events_of_page() { part $man1 Events | sed -n 's/^\.It Qq //p'; }
causes_of_code() { sed -n 's/^\tcase CAUSE_.*return "\(.*\)";/\1/p' lib/frame/region.c; }
causes_of_page() { sed -n '/^\.It Va cause/,/^\.It Va method/s/^\.It Qq //p' $man1; }

permissions_of_code() {
	sed -n '/ cage_permissions\[\] = {/,/^};/s/^\tMAY(\([a-z_0-9]*\),[[:blank:]]*"\(.*\)"),$/\1 \2/p' lib/guard/cage.c
}
permissions_of_page() { sed -n 's/^\.It Li \([a-z_0-9]*\) Ta /\1 /p' $man1; }

permissions_of_command() {
	sed -n 's/^\tMAY(\([a-z_0-9]*\),[[:blank:]]*"\(.*\)"),$/\1 \2/p' lib/guard/cage_tool.c
}
permissions_of_ask() {
	sed -n '/ ask_permissions\[\] = {/,/^};/s/^\tMAY(\([a-z_0-9]*\),[[:blank:]]*"\(.*\)"),$/\1 \2/p' lib/guard/cage.c
}
permissions_of_ask_on_page() { sed -n 's/^\.It Ic \([a-z_0-9]*\) Ta /\1 /p' $man1; }
permissions_of_command_on_page() { sed -n 's/^\.It Cm \([a-z_0-9]*\) Ta /\1 /p' $man1; }

limits_of_code() {
	sed -n 's/^#define CAGE_MEMORY_MAX[[:blank:]]*(\([0-9]*\)ull << 20)/\1/p' lib/guard/cage.h
	echo $((1 << $(sed -n 's/^#define SCRIM_PIXELS_MAX.*<< \([0-9]*\))/\1/p' lib/scrim.h)))
	sed -n 's/^#define SCRIM_SIDE_MAX[[:blank:]]*\([0-9]*\)u/\1/p' lib/scrim.h
}
limits_of_page() {
	sed -n 's/^A worker may take \([0-9]*\) MiB.*/\1/p
		s/^Pictures of more than \([0-9]*\) pixels.*, or of more than \([0-9]*\)$/\1\n\2/p' $man1
}
endings_of_code() { sed -n '/^static const char \*const/,/^};/s/"//gp' tools/files.c | tr -d ',\t' | xargs -n 1; }
endings_of_page() { sed -n '/ending is one of$/,/^Others/s/^\.Pa //p' $man1 | tr -d . | xargs -n 1; }
containers_of_code() {
	sed -n '/^static const struct container containers/,/^};/s/^\t{ "\([a-z0-9]*\)".*/\1/p' lib/sink/container.c
	echo jpg jpeg png | xargs -n 1
}
containers_of_page() { sed -n '/^It is one of$/,/^A photo can/s/^\.Pa //p' $man1 | xargs -n 1; }
encoders_of_code() { sed -n 's/^\t\t\.name = "\(.*\)",.*/\1/p' lib/sink/container.c | grep -v wrapped_avframe; }
encoders_of_page() {
	sed -n '/^The encoder for videos/,/^as far as/s/^\.Cm //p' $man1 | tr -d ',' | xargs -n 1
}
encoders_of_completion() { completed redact --codec ""; }
endings_sorted() { endings_of_code | sort; }
endings_completed() {
	(
		mkdir "$work/media" && cd "$work/media" || exit
		while read -r ending; do
			touch "a.$ending"
		done <"$work/endings"
		touch a.txt a.conf a
		completed redact "" | sed 's/^a\.//' | sort
	)
}

keys_of_code() {
	sed -n 's/^\t{ "\([a-z-]*\)",[[:blank:]]*\(IN_CAMERA\|ALL_CAMERAS\|IN_REGION\),.*/\2 \1/p' lib/policy/policy.c |
		sed 's/^IN_//; s/^ALL_CAMERAS/CAMERA/'
}
keys_of_page() {
	part $man5 'Keys of a camera' | sed -n 's/^\.It Ic /CAMERA /p'
	part $man5 'Keys of a region' | sed -n 's/^\.It Ic /REGION /p'
}
keys_of_cameras_alone() { sed -n 's/^\t{ "\([a-z-]*\)",[[:blank:]]*IN_CAMERA,.*/\1/p' lib/policy/policy.c; }
keys_not_in_defaults() {
	sed -n '/^It may have every key of a camera but/,/^\.It Bq/s/^\.Ic //p' $man5 | tr -d ',.' | xargs -n 1
}
policy_options_of_help() { "$scrim" policy --help | grep -oE -e '--[a-z][a-z-]*' | sort -u; }
policy_options_of_page() { part $manp OPTIONS | grep '^\.It' | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort -u; }
policy_options_of_synopsis() {
	{ part $manp SYNOPSIS | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/'; echo --help; } | sort -u
}
policy_options_of_completion() { completed policy show -- | sort; }
verbs_of_help() { "$scrim" policy --help | sed -n 's/^  \([a-z]\+\) .*/\1/p' | sort; }
verbs_of_page() { part $manp DESCRIPTION | sed -n 's/^\.It Cm //p' | sort; }
verbs_of_completion() { completed policy "" | sort; }
policy_statuses_of_help() { "$scrim" policy --help | sed -n '/^Exit status/,$p' | grep -oE '\<[0-9]+\>'; }
policy_statuses_of_page() { part $manp 'EXIT STATUS' | sed -n 's/^\.It //p'; }
log_options_of_help() { "$scrim" log --help | grep -oE -e '^ +(-[a-z], )?--[a-z]+' | grep -oE -e '--[a-z]+' | sort; }
log_options_of_page() { part $manl 'Options of log' | grep '^\.It' | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort; }
log_options_of_completion() { completed log -- | sort; }
verify_options_of_help() { "$scrim" verify --help | grep -oE -e '^ +(-[a-z], )?--[a-z]+' | grep -oE -e '--[a-z]+' | sort; }
verify_options_of_page() { part $manl 'Options of verify' | grep '^\.It' | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort; }
verify_options_of_completion() { completed verify -- | sort; }
log_statuses_of_help() {
	{ "$scrim" log --help; "$scrim" verify --help; } | sed -n '/^Exit status/,/^$/p' | grep -oE '\<[0-9]+\>' | sort -u
}
log_statuses_of_page() { part $manl 'EXIT STATUS' | sed -n 's/^\.It //p'; }
kinds_of_code() {
	{ sed -n 's/.*add_entry(log, "\([a-z]*\)".*/\1/p' tools/scrimd_log.c
	  sed -n 's/.*batch_own(batch, l, [a-z]*, "\([a-z]*\)".*/\1/p' lib/consent/ledger.c; } | sort
}
kinds_of_page() { part $manl Entries | sed -n 's/^\.It Li //p' | sort; }
verdicts_of_code() { sed -n 's/^\tcase VERDICT_.*return "\(.*\)";/\1/p' lib/policy/compare.c | sort; }
verdicts_of_page() { sed -n 's/^\.It Li //p' $manp | sort; }
classes_of_code() {
	sed -n '/^static const char \*const classes/,/^};/p' lib/policy/policy.c | grep -oE '"[a-z]+"' | tr -d '"'
}
classes_of_page() {
	sed -n '/^\.It Ic class/,/^\.It Ic faces/s/^\.Cm //p' $man5 | tr -d ',.' | xargs -n 1
}

# "int scrim_sink_close(struct scrim_sink **sink, struct scrim_error *err)"
functions_of_header() {
	gcc -fpreprocessed -E -P lib/scrim.h | tr -s ' \n' ' ' |
		grep -oE '(const )?[a-z]+ \*?scrim_[a-z_]+\([^()]*\)' | sed 's/( /(/'
}
functions_of_page() {
	part $man3 SYNOPSIS | awk '
		function args(from,	text, i) {
			text = $0; sub(/^\.F[na] /, "", text)
			return text
		}
		/^\.Ft/ { type = args(); gsub(/"/, "", type); if (type !~ /\*$/) type = type " " }
		/^\.Fn/ { rest = args(); name = rest; sub(/ .*/, "", name); sub(/^[^ ]* /, "", rest)
			  gsub(/" "/, ", ", rest); gsub(/"/, "", rest); print type name "(" rest ")" }
		/^\.Fo/ { call = type $2 "("; comma = "" }
		/^\.Fa/ { rest = args(); gsub(/"/, "", rest); call = call comma rest; comma = ", " }
		/^\.Fc/ { print call ")" }' | sed 's/^\.Ft //'
}
names_of_header() { functions_of_header | grep -oE 'scrim_[a-z_]+\(' | tr -d '(' | sort; }
names_of_page() { part $man3 NAME | sed -n 's/^\.Nm \(scrim_[a-z_]*\).*/\1/p' | sort; }
names_described() {
	sed -n '/^\.Sh DESCRIPTION/,/^\.Sh EXAMPLES/s/^\.Fn \(scrim_[a-z_]*\).*/\1/p' $man3 | sort -u
}
errors_of_header() { sed -n 's/^ \*\t\(-E[A-Z]*\)\t.*/\1/p' lib/scrim.h; }
errors_of_page() { part $man3 Errors | sed -n 's/^\.It Dv //p'; }

is "scrim(1) has every option of --help, and no other" same options_of_help options_of_page
is "the synopsis of scrim(1) has every option" same options_of_page_but_help options_of_synopsis
is "the completion has every option, and no other" same options_of_help options_of_completion
is "scrim(1) has every command" same commands_of_help commands_of_page
is "the completion has every command" same commands_of_help commands_of_completion
is "scrim(1) has every exit status" same statuses_of_code statuses_of_page
is "--help has every exit status" same statuses_of_code statuses_of_help
is "scrim(1) has every event" same events_of_code events_of_page
is "scrim(1) has every cause" same causes_of_code causes_of_page
is "scrim(1) has the cage's table, with its reasons" same permissions_of_code permissions_of_page
is "scrim(1) has the table of who asks scrimd" same permissions_of_ask permissions_of_ask_on_page
is "scrim(1) has the table of commands that report" same permissions_of_command permissions_of_command_on_page
is "scrim(1) has every ending of a file" same endings_of_code endings_of_page
is "scrim(1) has the limits of memory and pictures" same limits_of_code limits_of_page
is "scrim(1) has every ending of a copy" same containers_of_code containers_of_page
is "scrim(1) has every encoder" same encoders_of_code encoders_of_page
is "the completion has every encoder" same encoders_of_code encoders_of_completion
endings_of_code >"$work/endings"
is "the completion offers files of these endings, and no other" same endings_sorted endings_completed
is "scrim.conf(5) has every key of a policy, and no other" same keys_of_code keys_of_page
is "scrim.conf(5) has the keys that cannot be defaults" same keys_of_cameras_alone keys_not_in_defaults
is "scrim-policy(1) has every option" same policy_options_of_help policy_options_of_page
is "the synopsis of scrim-policy(1) has every option" same policy_options_of_help policy_options_of_synopsis
is "the completion has every option of policy" same policy_options_of_help policy_options_of_completion
is "scrim-policy(1) has every command" same verbs_of_help verbs_of_page
is "the completion has every command of policy" same verbs_of_help verbs_of_completion
is "scrim-policy(1) has every exit status" same policy_statuses_of_help policy_statuses_of_page
is "scrim-policy(1) has every verdict" same verdicts_of_code verdicts_of_page
is "scrim-log(1) has every option of log" same log_options_of_help log_options_of_page
is "the completion has every option of log" same log_options_of_help log_options_of_completion
is "scrim-log(1) has every option of verify" same verify_options_of_help verify_options_of_page
is "the completion has every option of verify" same verify_options_of_help verify_options_of_completion
is "scrim-log(1) has every exit status" same log_statuses_of_help log_statuses_of_page
is "scrim-log(1) has every kind of entry" same kinds_of_code kinds_of_page
is "scrim.conf(5) has every class" same classes_of_code classes_of_page
is "the synopsis of libscrim(3) is what scrim.h declares" same functions_of_header functions_of_page
is "libscrim(3) is found by every function's name" same names_of_header names_of_page
is "libscrim(3) describes every function" same names_of_header names_described
is "libscrim(3) has every error" same errors_of_header errors_of_page

mans=tools/scrim-status.1
status_options_of_help() { "$scrim" status --help | grep -oE -e '--[a-z][a-z-]*' | sort -u; }
status_options_of_page() { sed -n '/^The options are/,/^\.Ss/p' $mans | grep '^\.It' | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort -u; }
status_options_of_synopsis() {
	{ part $mans SYNOPSIS | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/'; echo --help; } | sort -u
}
status_options_of_completion() { completed status -- | sort; }
status_statuses_of_help() { "$scrim" status --help | sed -n '/^Exit status/,$p' | grep -oE '\<[0-9]+\>'; }
status_statuses_of_page() { part $mans 'EXIT STATUS' | sed -n 's/^\.It //p'; }
states_of_code() { sed -n '/^const char \*camera_state/,/^}/s/.*return "\(.*\)";.*/\1/p' tools/cameras.c | sort -u; }
states_of_page() { sed -n '/^\.It Li camera/,/^\.It Li purpose/s/^\.Li //p' $mans | sed 's/^/ /; s/ *$//; s/^ //' | sort; }
# Every word of the document is described, or plain: those at its top are.
top_of_code() { grep -A 8 '"schema"' tools/status_json.c | grep -oE '"[a-z]+", ' | tr -d '", ' | sort; }
top_of_page() { part $mans JSON | sed -n '1,/^What is not known/s/^\.Va //p' | tr -d ',.' | xargs -n 1 | sort; }

is "scrim-status(1) has every option" same status_options_of_help status_options_of_page
is "its synopsis has every option" same status_options_of_help status_options_of_synopsis
is "the completion has every option of status" same status_options_of_help status_options_of_completion
is "scrim-status(1) has every exit status" same status_statuses_of_help status_statuses_of_page
is "scrim-status(1) has every state" same states_of_code states_of_page
is "scrim-status(1) has every word at the top of the document" same top_of_code top_of_page

# Commands with a page: COMMAND PAGE, whose options are those of --help.
manpreview=tools/scrim-preview.1
mandoctor=tools/scrim-doctor.1
manguard=tools/scrim-guard.8
manwall=tools/scrim-wall.1
options_of() { "$scrim" "$command" --help | grep -oE -e '--[a-z]+' | sort -u; }
options_on_pages() {
	sed -n '/^The options are/,/^\.Sh/p' $pages | grep '^\.It Fl' | grep -oE -e '-[a-z]{2,}' | sed 's/^/-/' | sort -u
}
options_in_synopses() {
	sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESC/p' $pages | grep -oE 'Fl [-a-z]+' |
		sed 's/Fl /-/; s/^-o$/--output/; s/^-q$/--quiet/; $a --help' | sort -u
}
options_completed() { for command in $commands; do completed "$command" "${verb[@]}" --; done | sort -u; }
options_of_all() { for command in $commands; do options_of; done | sort -u; }
statuses_of() { "$scrim" "$command" --help | sed -n '/^Exit status/,$p' | grep -oE '\<[0-9]+\>'; }
statuses_on_pages() { part "$pages" 'EXIT STATUS' | sed -n 's/^\.It //p'; }
checks_of_code() {
	grep -ohE 'doctor_(ok|problem|unknown)\(d, "[a-z]+"' tools/doctor_*.c | cut -d'"' -f2 | sort -u
}
checks_of_page() { part $mandoctor DESCRIPTION | sed -n 's/^\.It Li //p' | sort -u; }

verb=(porch)
for pages in $manpreview $mandoctor $manguard $manwall; do
	case $pages in
	"$manpreview")	commands="preview region" ;;
	"$mandoctor")	commands=doctor ;;
	"$manwall")	commands=wall ;;
	*)		commands=guard ;;
	esac
	is "$pages has the options of --help" same options_of_all options_on_pages
	is "its synopsis has them" same options_of_all options_in_synopses
	is "the completion has them" same options_of_all options_completed
	for command in $commands; do
		is "it has the exit statuses of $command" same statuses_of statuses_on_pages
	done
done
wall_json_of_code() { sed -n '/^static json_t \*screen_json/,/^}/p' tools/wall.c | grep -oE '"[a-z]+"' | tr -d '"' | sort; }
wall_json_of_page() { part $manwall DESCRIPTION | sed -n 's/^\.Va //p' | tr -d ',.' | xargs -n 1 | sort; }
is "scrim-wall(1) has every member of a screen" same wall_json_of_code wall_json_of_page
guard_of_help() { "$scrim" guard --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'; }
guard_of_page() { part $manguard DESCRIPTION | sed -n 's/^\.It Cm //p'; }
guard_completed() { completed guard ""; }
is "scrim-guard(8) has every command" same guard_of_help guard_of_page
is "the completion has every command of guard" same guard_of_help guard_completed
is "scrim-doctor(1) has every check, and no other" same checks_of_code checks_of_page

manr=tools/scrim-run.1
run_options_of_help() { "$scrim" run --help | grep -oE -e '--[a-z]{2,}' | sort -u; }
run_options_of_page() { part $manr DESCRIPTION | grep '^\.It' | grep -oE 'Fl -[a-z]+' | sed 's/Fl /-/' | sort -u; }
run_options_of_synopsis() { { part $manr SYNOPSIS | grep -oE 'Fl -[a-z]+' | sed 's/Fl /-/'; echo --help; } | sort -u; }
run_options_of_completion() { completed run -- | sort; }
run_statuses_of_page() { part $manr 'EXIT STATUS' | sed -n 's/^\.It \([0-9]*\).*/\1/p' | sort; }
run_statuses_of_help() { { "$scrim" run --help | sed -n '/^The exit/,$p' | grep -oE '\<1[0-9]+\>'; echo 2; } | sort; }
run_json_of_code() { grep -oE '"[a-z_]+",' tools/run_explain_print.c | tr -d '",' | sort -u; }
run_json_of_page() { part $manr 'What is explained' | sed -n 's/^\.\(It \)\?Va //p' | tr -d ',.:' | xargs -n 1 | sort -u; }
is "scrim-run(1) has every member of the JSON object" same run_json_of_code run_json_of_page
is "scrim-run(1) has every option" same run_options_of_help run_options_of_page
is "its synopsis has them" same run_options_of_help run_options_of_synopsis
is "the completion has every option of run" same run_options_of_help run_options_of_completion
is "scrim-run(1) has every exit status" same run_statuses_of_help run_statuses_of_page

manc=tools/scrim-consent.1
consent_help() { "$scrim" $command --help | grep -oE -e '--[a-z][a-z0-9-]*' | sort -u; }
consent_page() { part $manc "Options of $command" | grep '^\.It' | grep -oE 'Fl -[a-z0-9-]+' | sed 's/Fl /-/' | sort -u; }
consent_completed() { completed $command x -- | sort; }
consent_synopsis() { { part $manc SYNOPSIS | grep -oE 'Fl -[a-z0-9-]+' | sed 's/Fl /-/'; echo --help; } | sort -u; }
consent_helps() { for command in consent explain; do consent_help; done | sort -u; }
for command in consent explain; do
	is "scrim-consent(1) has every option of $command" same consent_help consent_page
	is "the completion has every option of $command" same consent_help consent_completed
done
is "the synopsis of scrim-consent(1) has every option" same consent_helps consent_synopsis
consent_verbs_of_help() { "$scrim" consent --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'; }
consent_verbs_of_page() { part $manc DESCRIPTION | sed -n 's/^\.It Cm //p'; }
consent_verbs_completed() { completed consent ""; }
is "scrim-consent(1) has every command" same consent_verbs_of_help consent_verbs_of_page
is "the completion has every command of consent" same consent_verbs_of_help consent_verbs_completed
rules_of_code() { sed -n 's/^\t{ E_[A-Z]*, "\(E_[A-Z]*\)".*/\1/p; s/^\t{ E_PURPOSE_BANNED, "\(E_PURPOSE_BANNED\)".*/\1/p' lib/consent/rules.c | awk '{ print $1, NR + 20 }'; }
rules_of_page() { sed -n 's/^\.It Li \(E_[A-Z_]*\) Ta \([0-9]*\) Ta .*/\1 \2/p' $manc; }
is "scrim-consent(1) has every rule, in its order, with its exit status" same rules_of_code rules_of_page
purposes_of_code() { sed -n '/^LIST(purposes/,/);/p' lib/consent/terms.c | sed -n '/FACE_DATABASE/q; s/.*= "\(.*\)",.*/\1/p'; }
purposes_of_page() { part $manc Purposes | sed -n 's/^\.Li //p'; }
is "scrim-consent(1) has every purpose" same purposes_of_code purposes_of_page
facts_of_rows() { sed -n 's/^\([0-9]*\)|-|.*/\1/p' tests/consent/rows; }
facts_of_page() { part $manc Facts | sed -n 's/^\.It Li //p'; }
is "scrim-consent(1) has every fact that is shown whole, and no other" same facts_of_rows facts_of_page
consent_statuses_of_help() {
	{ "$scrim" consent --help; "$scrim" explain --help; } | sed -n '/^Exit status/,/^$/p' | sed 's/, and 20\.//' |
		grep -oE '\<[0-9]+\>' | sort -un
}
consent_statuses_of_page() { part $manc 'EXIT STATUS' | sed -n 's/^\.It //p' | grep -oE '[0-9]+' | sort -un; }
is "scrim-consent(1) has every exit status" same consent_statuses_of_help consent_statuses_of_page

# Each has a page of its own.
manled=tools/scrim-ledger.1
maner=tools/scrim-erase.1
own_help() { "$scrim" $command --help | grep -oE -e '--[a-z][a-z-]*' | sort -u; }
own_page() { part tools/scrim-$command.1 Options | grep '^\.It' | grep -oE ' -[a-z-]+' | sed 's/ /-/' | sort -u; }
own_synopsis() { { part tools/scrim-$command.1 SYNOPSIS | grep -oE 'Fl -[a-z-]+|Fl o' | sed 's/Fl o/Fl -output/; s/Fl /-/'; echo --help; } | sort -u; }
own_completed() { completed $command x -- | sort; }
own_statuses_of_help() { "$scrim" $command --help | sed -n '/^Exit status/,/^$/p' | grep -oE '\<[0-9]+\>'; }
own_statuses_of_page() { part tools/scrim-$command.1 'EXIT STATUS' | sed -n 's/^\.It //p'; }
for command in ledger erase; do
	is "scrim-$command(1) has every option" same own_help own_page
	is "its synopsis has every option" same own_help own_synopsis
	is "the completion has every option of $command" same own_help own_completed
	is "scrim-$command(1) has every exit status" same own_statuses_of_help own_statuses_of_page
done
ledger_verbs_of_help() { "$scrim" ledger --help | sed -n 's/^  \([a-z]\+\) .*/\1/p'; }
ledger_verbs_of_page() { part $manled DESCRIPTION | sed -n 's/^\.It Cm //p'; }
ledger_verbs_completed() { completed ledger ""; }
is "scrim-ledger(1) has every command" same ledger_verbs_of_help ledger_verbs_of_page
is "the completion has every command of ledger" same ledger_verbs_of_help ledger_verbs_completed
export_kinds_of_code() { sed -n '/^static const char \*const kinds/,/^};/p' lib/consent/books_entry.c | grep -oE '"[a-z-]+"' | tr -d '"'; }
export_kinds_of_page() { part $manled Entries | sed -n 's/^\.It Li //p'; }
is "scrim-ledger(1) has every kind of entry" same export_kinds_of_code export_kinds_of_page

manx=tools/scrim-export.1
export_help() { "$scrim" export --help | grep -oE -e '--[a-z][a-z-]+' | sort -u; }
export_page() { part $manx DESCRIPTION | grep '^\.It' | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort -u; }
export_synopsis() { { part $manx SYNOPSIS | grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/'; echo --help; } | sort -u; }
export_completed() { completed export x -- | sort; }
export_statuses_of_help() { "$scrim" export --help | sed -n '/^Exit status/,$p' | sed 's/, and 20;/;/' | grep -oE '\<[0-9]+\>'; }
export_statuses_of_page() { part $manx 'EXIT STATUS' | sed -n 's/^\.It //p' | grep -oE '[0-9]+'; }
export_states_of_code() { sed -n '/^static const char \*state_name/,/^}/s/.*return "\([a-z ]*\)";.*/\1/p' tools/export.c | sort; }
export_states_of_page() { part $manx Events | sed -n '/^\.It Qq clip/,/^\.It Qq end/s/^\.Li \([a-z ]*[a-z]\) *[,;]*$/\1/p' | sort; }
export_events_of_code() { { grep -ohE '"event", "[a-z]+"' tools/export.c | cut -d'"' -f4; echo progress; } | sort -u; }
export_events_of_page() { part $manx Events | sed -n 's/^\.It Qq //p' | sort; }
layouts_of_code() { sed -n 's/^\t\[LAYOUT_.*= "\(.*\)",/\1/p' lib/export/layout.c; }
layouts_of_page() { sed -n '/^\.It Fl -layout/,/^\.It Fl -payment/s/^\.Cm \([a-z]*\).*/\1/p' $manx; }
layouts_completed() { completed export --layout ""; }
is "scrim-export(1) has every option" same export_help export_page
is "its synopsis has them" same export_help export_synopsis
is "the completion has every option of export" same export_help export_completed
is "scrim-export(1) has every exit status" same export_statuses_of_help export_statuses_of_page
is "scrim-export(1) has every state of a clip" same export_states_of_code export_states_of_page
is "scrim-export(1) has every event" same export_events_of_code export_events_of_page
is "scrim-export(1) has every layout" same layouts_of_code layouts_of_page
is "the completion has every layout" same layouts_of_code layouts_completed
manb=tools/scrim-bundle.5
papers_of_code() {
	{ sed -n '/^} papers\[\]/,/^}/s/^\t{ "\([^"]*\)".*/\1/p' lib/export/papers.c
	  sed -n 's/^#define ASSERTIONS\t"\(.*\)"/\1/p' lib/export/papers.c; } | sort
}
papers_of_page() { part $manb FILES | sed -n '/^The others are made/,$s/^\.It Pa //p' | sort; }
layouts_explained() { part $manb LAYOUTS | sed -n 's/^\.It Cm //p'; }
columns_of_code() {
	{ sed -n '/^json_t \*labels_row/,/^}/p' lib/export/labels.c | grep -oE '"[a-z_0-9]+"[,} ]' | tr -d '", }'
	  echo duration; } | sort -u
}
columns_of_page() { part $manb Rows | sed -n 's/^\.Va //p' | tr -d ',.' | xargs -n 1 | grep -vx -e videos -e data | sort -u; }
# What papers look for in a manifest, the last word of each path.
told_in_code() {
	grep -hoE '(told|told_text|told_day|told_number|summary_words|summary_sum)\([^"]*"[a-z_.]+"' lib/export/*.c |
		cut -d'"' -f2 | sed 's/.*\.//' | sort -u
}
told_on_page() { sed -n '/^\.Sh MANIFEST/,$p' $manb | grep -oE '^\.(It )?Va .*' | sed 's/^\.\(It \)*Va //' | tr -d ',' | xargs -n 1 | sort -u; }
is "scrim-bundle(5) has every file that papers are" same papers_of_code papers_of_page
is "scrim-bundle(5) has every layout" same layouts_of_code layouts_explained
is "scrim-bundle(5) has every column of a row" same columns_of_code columns_of_page
page_tells_all() { told_in_code >"$work/told_in_code" && [ "$(wc -l <"$work/told_in_code")" -gt 30 ] && [ -z "$(told_on_page | comm -13 - "$work/told_in_code")" ]; }
is "scrim-bundle(5) has every word of a manifest that papers look for" page_tells_all

manj=tools/scrim-job.5
fields_of_part() { sed -n "/^static [a-z_ *]* \\*\\?$2(/,/^}/p" "$1" | grep -oE '"[a-z_0-9]+"' | tr -d '"' | sort -u; }
fields_on_part() { part $manj "$1" | grep -v '^\.It Va schema' | sed -n 's/^\.It Va //p' | sort -u; }
job_fields_of_code() { { fields_of_part lib/job_file.c take_head; fields_of_part lib/job_file.c take_item; } | sort -u; }
job_fields_of_page() { fields_on_part 'The job file'; }
job_limits_of_code() {
	sed -n 's/^#define JOB_FILE_MAX[[:blank:]]*(\([0-9]*\)u << 20).*/\1/p' lib/job_file.h
	echo $(($(sed -n 's/^#define JOB_PATH_MAX[[:blank:]]*\([0-9]*\).*/\1/p' lib/job_file.h) - 1))
	sed -n 's/^#define JOB_ITEMS_MAX[[:blank:]]*\([0-9]*\).*/\1/p' lib/job_file.h
}
job_limits_of_page() {
	sed -n 's/^Text in UTF-8 of at most \([0-9]*\) MiB.*/\1/p; s/^Names of at most \([0-9]*\) bytes.*/\1/p
		s/^A shard has at most \([0-9]*\) clips.$/\1/p' $manj
}
job_statuses_of_page() { part $manj 'EXIT STATUS' | sed -n 's/^\.It //p' | sort -n; }
is "scrim-job(5) has every member of a job, and no other" same job_fields_of_code job_fields_of_page
is "scrim-job(5) has the limits of a job" same job_limits_of_code job_limits_of_page
is "scrim-job(5) has every exit status" same statuses_of_code job_statuses_of_page

# Not those that are another's name.
for page in $(grep -L '^\.so ' tools/*.[1-8] lib/*.3 driver/*.4); do
	what="mandoc finds nothing wrong with $page"
	if [ -n "$(command -v mandoc)" ]; then
		is "$what" mandoc -T lint -W warning $page
	else
		skip "$what" "there is no mandoc"
	fi
done

# The program runs from a folder of its own, beside which it finds the model.
mkdir "$work/bin"
[ ! -e build/share ] || ln -s "$PWD/build/share" "$work/share"
example $man3 redact.c >"$work/redact.c"
sed 's/scrim_sink_put(sink, clean,/scrim_sink_put(sink, raw,/' "$work/redact.c" >"$work/raw.c"

compile() {
	gcc -std=c17 -Wall -Wextra -Werror -Werror=incompatible-pointer-types -Ilib \
		-o "$work/bin/redact" "$1" -L"$lib" -lscrim -Wl,-rpath,"$lib"
}
is_short() { [ "$(wc -l <"$work/redact.c")" -le 40 ]; }
raw_is_refused() {
	! diff -q "$work/redact.c" "$work/raw.c" >/dev/null &&
		! gcc -std=c17 -Werror=incompatible-pointer-types -Ilib -fsyntax-only "$work/raw.c" 2>"$work/said" &&
		grep -q 'incompatible.pointer' "$work/said"
}
frames() {
	ffprobe -v error -select_streams v -count_frames -show_entries stream=nb_read_frames \
		-of csv=p=0 "$1" | tr -d ,
}
# redacted IN OUT: OUT has as many frames as IN, which is more than none.
redacted() {
	local count

	"$work/bin/redact" "$1" "$2" && count=$(frames "$1") && [ "$count" -gt 0 ] && [ "$(frames "$2")" = "$count" ]
}
clip() {
	ffmpeg -v error -f lavfi -i testsrc=duration=2:rate=10:size=320x240 -pix_fmt yuv420p "$work/clip.mp4"
}
says_why() {
	! "$work/bin/redact" "$work/missing.jpg" "$work/none.jpg" 2>"$work/said" &&
		[ ! -e "$work/none.jpg" ] && [ "$(wc -l <"$work/said")" = 1 ] &&
		grep -q "^redact: .*missing.jpg" "$work/said"
}

is "the example of libscrim(3) has at most 40 lines" is_short
is "the example of libscrim(3) compiles without a warning" compile "$work/redact.c"
is "the example with a raw frame for the sink does not compile" raw_is_refused
is "the example says in a line why it failed, and leaves nothing" says_why
if [ -z "$(command -v ffmpeg)" ]; then
	skip "the example redacts a clip" "there is no ffmpeg"
	skip "the example redacts a photo" "there is no ffprobe"
else
	is "ffmpeg makes a clip" clip
	is "the example redacts a clip" redacted "$work/clip.mp4" "$work/out.mp4"
	if [ -e "$data/photos/sample1.jpg" ]; then
		is "the example redacts a photo" redacted "$data/photos/sample1.jpg" "$work/out.jpg"
	else
		skip "the example redacts a photo" "there is no $data/photos/sample1.jpg"
	fi
fi

# What is really written, in words.
words() { grep -oE '"[a-z_]+":' "$1" | tr -d '":' | sort -u; }
words_of_report() { words "$work/report.json"; }
words_of_page() {
	part $man1 'The report' | sed -n 's/^\.It Va //p' | tr -d ',' | xargs -n 1 | sort -u
}
words_of_events() { words "$work/events" | comm -23 - "$work/told"; }
report_is_told() {
	echo '3 20 20 40 40' >"$work/boxes"
	"$scrim" redact "$work/clip.mp4" -o "$work/told.mp4" --detector replay --boxes "$work/boxes" \
		--region 0,0 .5,0 0,.5 --report "$work/report.json" --json >"$work/events" &&
		same words_of_report words_of_page
}
events_are_told() {
	part $man1 Events | sed -n 's/^\.Va //p' | tr -d ',:' | xargs -n 1 | sort -u >"$work/told"
	[ -s "$work/events" ] && [ -z "$(words_of_events)" ]
}
if [ -n "$(command -v ffmpeg)" ]; then
	is "scrim(1) has every word of a report, and no other" report_is_told
	is "scrim(1) has every word of the events" events_are_told
else
	skip "scrim(1) has every word of a report, and no other" "there is no ffmpeg"
	skip "scrim(1) has every word of the events" "there is no ffmpeg"
fi

# The policy of scrim.conf(5), on a picture of one colour.
policy_works() {
	example $man5 scrim.conf >"$work/scrim.conf"
	ffmpeg -v error -f lavfi -i color=red:size=64x64 -frames:v 1 "$work/red.png" &&
		"$scrim" redact "$work/red.png" -o "$work/black.png" --policy "$work/scrim.conf" --detector none &&
		[ -s "$work/black.png" ]
}
if [ -n "$(command -v ffmpeg)" ]; then
	is "the example of scrim.conf(5) is a policy" policy_works
else
	skip "the example of scrim.conf(5) is a policy" "there is no ffmpeg"
fi
# shellcheck disable=SC2154 # tap.sh sets it
exit $failed

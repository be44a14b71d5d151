// SPDX-License-Identifier: GPL-2.0
/*
 * Who may open raw cameras: by their V4L2, media and USB nodes.
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "doctor.h"

#define RULES		"72-scrim-raw.rules"

static bool has_rules(const struct doctor *d)
{
	return doctor_there(d, "/etc/udev/rules.d/" RULES) ||
	       doctor_there(d, "/usr/lib/udev/rules.d/" RULES) ||
	       doctor_there(d, "/lib/udev/rules.d/" RULES);
}

/* From the files: NSS knows this machine, and root may be another one. */
static void find_group(struct doctor *d)
{
	char path[PEEK_PATH_MAX];
	FILE *file = fopen(peek_path(path, d->root, "/etc/group"), "re");
	const struct group *group;

	while (file && (group = fgetgrent(file)))
		if (!strcmp(group->gr_name, "scrim"))
			d->group = group->gr_gid;
	if (file)
		fclose(file);
}

static void check_user(struct doctor *d)
{
	char path[PEEK_PATH_MAX];
	FILE *file = fopen(peek_path(path, d->root, "/etc/passwd"), "re");
	const struct passwd *user;

	while (file && (user = fgetpwent(file)))
		if (!strcmp(user->pw_name, "scrim"))
			d->scrim = user->pw_uid;
	if (file)
		fclose(file);
	if (d->scrim != NO_USER) {
		doctor_ok(d, "user", "there is a user scrim, %u", (unsigned)d->scrim);
		return;
	}
	doctor_problem(d, "user", "there is no user scrim, to whom raw cameras could belong");
	doctor_todo(d, "systemd-sysusers");
}

static void check_raw(struct doctor *d, const char *node)
{
	char path[PEEK_PATH_MAX];
	struct stat st;

	if (stat(peek_path(path, d->root, "%s", node), &st) < 0) {
		doctor_unknown(d, "raw", "%s: %s", node, strerror(errno));
		return;
	}
	if (st.st_uid == d->scrim && (st.st_mode & 0777) == 0600) {
		doctor_ok(d, "raw", "%s is for user scrim alone", node);
		return;
	}
	doctor_problem(d, "raw", "%s shows the camera to others: user %u, group %u, mode %04o", node,
		       (unsigned)st.st_uid, (unsigned)st.st_gid, st.st_mode & 07777);
	if (has_rules(d))
		doctor_todo(d, "udevadm control --reload && udevadm trigger --settle "
			    "--subsystem-match=video4linux --subsystem-match=media --subsystem-match=usb");
	else
		doctor_todo(d, "make install-service, or apt install scrim: there is no rule " RULES);
}

static void check_ours(struct doctor *d, const struct node *node)
{
	bool feed = node->kind == NODE_FEED;
	const char *what = feed ? "a feed" : "which applications read";
	char path[PEEK_PATH_MAX];
	struct stat st;

	if (stat(peek_path(path, d->root, "%s", node->path), &st) < 0)
		return;
	if (feed ? st.st_uid == d->scrim && (st.st_mode & 0777) == 0600 : !(st.st_mode & 0006)) {
		doctor_ok(d, "nodes", "%s, %s, has its owner and mode", node->path, what);
		return;
	}
	doctor_problem(d, "nodes", "%s, %s, is of user %u with mode %04o", node->path, what,
		       (unsigned)st.st_uid, st.st_mode & 07777);
	doctor_todo(d, "udevadm control --reload && udevadm trigger --settle "
		    "--subsystem-match=video4linux");
}

static void check_nodes(struct doctor *d)
{
	unsigned raw = 0;

	nodes_find(&d->nodes, d->root);
	for (unsigned i = 0; i < d->nodes.count; i++) {
		const struct node *node = &d->nodes.at[i];

		if (node->kind == NODE_RAW) {
			check_raw(d, node->path);
			raw++;
		} else {
			check_ours(d, node);
		}
	}
	if (!raw)
		doctor_ok(d, "raw", "no raw camera is plugged in");
	if (d->nodes.full)
		doctor_unknown(d, "raw", "there are more than %d nodes", NODES_MAX);
}

void doctor_nodes(struct doctor *d)
{
	find_group(d);
	check_user(d);
	check_nodes(d);
	if (has_rules(d)) {
		doctor_ok(d, "rules", "udev closes raw cameras that are plugged in");
		return;
	}
	doctor_problem(d, "rules", "a raw camera that is plugged in would be open to others");
	doctor_todo(d, "make install-service, or apt install scrim: there is no rule " RULES);
}

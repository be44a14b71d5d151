// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's part: the driver, why it may not load, and what the cages rest on.
 */
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "doctor.h"

/* Where the driver is put: by DKMS, by make modules_install, by a distribution. */
static const char *const places[] = { "updates/dkms", "updates", "extra", "misc", "." };
static const char *const endings[] = { "", ".xz", ".zst", ".gz" };

/* "/lib/modules/6.1.0-56-amd64/updates/dkms/scrim.ko"; false: there is none. */
static bool find_module(const struct doctor *d, const char *release, char path[PEEK_PATH_MAX])
{
	for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		for (unsigned j = 0; j < sizeof(endings) / sizeof(endings[0]); j++) {
			peek_path(path, "", "/lib/modules/%s/%s/scrim.ko%s", release, places[i],
				  endings[j]);
			if (doctor_there(d, "%s", path))
				return true;
		}
	return false;
}

/* The last bytes of a signed module are these; of a compressed one that cannot be seen. */
static bool is_signed(const struct doctor *d, const char *path)
{
	static const char magic[] = "~Module signature appended~\n";
	char whole[PEEK_PATH_MAX], tail[sizeof(magic)] = "";
	int fd = open(peek_path(whole, d->root, "%s", path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	bool found = false;

	if (fd < 0)
		return false;
	if (lseek(fd, -(off_t)(sizeof(magic) - 1), SEEK_END) >= 0 &&
	    read(fd, tail, sizeof(magic) - 1) == sizeof(magic) - 1)
		found = !strcmp(tail, magic);
	close(fd);
	return found || !strcmp(path + strlen(path) - 3, ".xz") ||
	       !strcmp(path + strlen(path) - 3, ".gz") || !strcmp(path + strlen(path) - 4, ".zst");
}

/* Why the kernel wants modules signed, or NULL. */
static const char *wants_signed(const struct doctor *d)
{
	char text[128];

	if (peek_text(text, sizeof(text), d->root, "/sys/kernel/security/lockdown") > 0 &&
	    (strstr(text, "[integrity]") || strstr(text, "[confidentiality]")))
		return "the kernel is locked down";
	if (peek_text(text, sizeof(text), d->root, "/sys/module/module/parameters/sig_enforce") > 0 &&
	    *text == 'Y')
		return "module.sig_enforce is set";
	return NULL;
}

static void module_missing(struct doctor *d, const char *release)
{
	if (!doctor_there(d, "/lib/modules/%s/build", release)) {
		doctor_problem(d, "module", "the driver is not built for this kernel, %s, and its "
			       "headers are missing", release);
		doctor_todo(d, "apt install linux-headers-%s scrim-dkms", release);
		return;
	}
	doctor_problem(d, "module", "the driver is not built for this kernel, %s", release);
	doctor_todo(d, "dkms autoinstall -k %s", release);
}

static void module_not_loaded(struct doctor *d)
{
	const char *why = wants_signed(d);
	char release[128], path[PEEK_PATH_MAX];

	if (peek_text(release, sizeof(release), d->root, "/proc/sys/kernel/osrelease") <= 0) {
		doctor_unknown(d, "module", "there is no /proc that says which kernel runs");
		return;
	}
	if (!find_module(d, release, path)) {
		module_missing(d, release);
		return;
	}
	if (why && !is_signed(d, path)) {
		doctor_problem(d, "module", "%s, so it takes signed modules only; %s is not signed",
			       why, path);
		doctor_todo(d, "mokutil --import /var/lib/dkms/mok.pub; then reboot, enrol the key, "
			    "and: dkms install --force scrim/%s", SCRIM_VERSION);
		return;
	}
	doctor_problem(d, "module", "the driver is there and not loaded");
	doctor_todo(d, "modprobe scrim");
}

static void check_module(struct doctor *d)
{
	char taint[64];

	d->loaded = doctor_there(d, "/sys/module/scrim");
	if (!d->loaded) {
		module_not_loaded(d);
		return;
	}
	peek_text(taint, sizeof(taint), d->root, "/sys/module/scrim/taint");
	doctor_ok(d, "module", "the driver is loaded%s", strchr(taint, 'E') ?
		  ", not signed, which this kernel takes; with Secure Boot it would not" : "");
}

static bool is_mounted(const struct doctor *d)
{
	static char mounts[1 << 16];

	return peek_text(mounts, sizeof(mounts), d->root, "/proc/mounts") > 0 &&
	       strstr(mounts, " /sys/kernel/config configfs ");
}

static void check_configfs(struct doctor *d)
{
	if (!is_mounted(d)) {
		doctor_problem(d, "configfs", "it is not mounted, and cameras are made there");
		doctor_todo(d, "systemctl start sys-kernel-config.mount");
	} else if (d->loaded && !doctor_there(d, "/sys/kernel/config/scrim")) {
		doctor_problem(d, "configfs", "the driver is loaded and has no folder in it");
		doctor_todo(d, "modprobe -r scrim && modprobe scrim");
	} else {
		doctor_ok(d, "configfs", "mounted");
	}
}

/* "landlock" in "lockdown,capability,landlock,bpf". */
static bool has_word(const char *list, const char *word)
{
	size_t length = strlen(word);

	for (const char *at = list; at; at = strchr(at, ',')) {
		at += *at == ',';
		if (!strncmp(at, word, length) && (at[length] == ',' || !at[length]))
			return true;
	}
	return false;
}

static void check_landlock(struct doctor *d, const char *lsm)
{
	bool has = has_word(lsm, "landlock");

	if (doctor_is_this_machine(d))
		has = syscall(__NR_landlock_create_ruleset, NULL, 0,
			      LANDLOCK_CREATE_RULESET_VERSION) > 0;
	if (has) {
		doctor_ok(d, "landlock", "workers and scrim run can be held by it");
		return;
	}
	doctor_problem(d, "landlock", "the kernel does not have it: workers are held by seccomp alone");
	doctor_todo(d, "add landlock to lsm= on the kernel's command line, and reboot");
}

static void check_security(struct doctor *d)
{
	char lsm[256];
	bool known = peek_text(lsm, sizeof(lsm), d->root, "/sys/kernel/security/lsm") > 0;

	if (known || doctor_is_this_machine(d))
		check_landlock(d, lsm);
	else
		doctor_unknown(d, "landlock", "there is no /sys/kernel/security/lsm to tell");
	if (doctor_there(d, "/proc/sys/kernel/seccomp/actions_avail"))
		doctor_ok(d, "seccomp", "workers are held by it");
	else
		doctor_problem(d, "seccomp", "the kernel does not have it, and scrimd starts no worker");
	if (!known)
		doctor_unknown(d, "bpf", "there is no /sys/kernel/security/lsm to tell");
	else if (has_word(lsm, "bpf"))
		doctor_ok(d, "bpf", "the kernel can close raw cameras to root as well: scrim guard status");
	else
		doctor_unknown(d, "bpf", "lsm= on the kernel's command line has no bpf: "
			       "raw cameras cannot be closed to root");
}

void doctor_kernel(struct doctor *d)
{
	check_module(d);
	check_configfs(d);
	check_security(d);
}

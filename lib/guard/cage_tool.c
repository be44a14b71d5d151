// SPDX-License-Identifier: LGPL-2.1-or-later
/*
 * The table has what the C libraries of Debian 12, Debian 13 and musl ask for behind
 * printf(), malloc() and abort(), which is not the same.
 */
#include "guard/cage_parts.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define LATER_CALLS	512		/* of years to come */

static const struct permission permissions[] = {
	MAY(read,	"read what is open"),
	MAY(lseek,	"from its beginning, and where standard input stands when it ends"),
	MAY(write,	"write the answer"),
	MAY(writev,	"the same, as musl does"),
	MAY(close,	"close what is open"),
	MAY(fstat,	"what standard output is, as glibc 2.41 asks"),
	MAY(newfstatat,	"the same of a descriptor, as glibc 2.36 asks"),
	MAY(ioctl,	"whether standard output is a terminal, and how wide"),
	MAY(brk,	"memory for small things"),
	MAY(mmap,	"memory; private, never executable"),
	MAY(munmap,	"give memory back"),
	MAY(mremap,	"let a large block grow"),
	MAY(madvise,	"give memory back in the middle of the heap, as musl does"),
	MAY(clock_gettime,	"the time, where the kernel lends no page for it"),
	MAY(rt_sigprocmask,	"end by abort()"),
	MAY(getpid,	"the same"),
	MAY(gettid,	"the same"),
	MAY(tgkill,	"the same: SIGABRT, to itself"),
	MAY(exit_group,	"end"),
};
const struct cage_table cage_tool = { CAGE_TABLE(permissions) };

/* Those that are permitted in one form only. */
static int allow(scmp_filter_ctx filter, const struct permission *may)
{
	int ret;

	switch (may->call) {
	case __NR_newfstatat:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, may->call, 1,
					SCMP_A3(SCMP_CMP_EQ, AT_EMPTY_PATH, 0));
	case __NR_ioctl:
		ret = seccomp_rule_add(filter, SCMP_ACT_ALLOW, may->call, 1,
				       SCMP_A1(SCMP_CMP_EQ, TCGETS, 0));
		return ret < 0 ? ret : seccomp_rule_add(filter, SCMP_ACT_ALLOW, may->call, 1,
							SCMP_A1(SCMP_CMP_EQ, TIOCGWINSZ, 0));
	case __NR_tgkill:
		return seccomp_rule_add(filter, SCMP_ACT_ALLOW, may->call, 2,
					SCMP_A0(SCMP_CMP_EQ, (unsigned)getpid(), 0),
					SCMP_A2(SCMP_CMP_EQ, SIGABRT, 0));
	}
	return cage_allow(filter, may);
}

static int fill(scmp_filter_ctx filter)
{
	int ret = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);

	/* There are many rules: a tree is shorter to walk than a list. */
	if (ret >= 0)
		ret = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	for (unsigned i = 0; ret >= 0 && i < cage_tool.count; i++)
		if (!cage_is_left_out(i))
			ret = allow(filter, &cage_tool.at[i]);
	if (ret >= 0)
		ret = cage_allow_sanitizer(filter);
	for (int call = CAGE_NEWEST_CALL + 1; ret >= 0 && call <= CAGE_NEWEST_CALL + LATER_CALLS; call++)
		ret = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), call, 0);
	return ret;
}

scmp_filter_ctx cage_tool_filter(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);

	if (filter && fill(filter) < 0) {
		seccomp_release(filter);
		filter = NULL;
	}
	return filter;
}

static int filter_calls(struct scrim_error *err)
{
	scmp_filter_ctx filter = cage_tool_filter();
	int ret = filter ? seccomp_load(filter) : -ENOMEM;

	if (filter)
		seccomp_release(filter);
	return ret < 0 ? fail(err, ret, "cannot enter the cage: no seccomp filter") : 0;
}

int cage_enter_tool(struct scrim_error *err)
{
	int ret;

	cage_look_around();
	ret = cage_drop_privileges(err);
	if (ret >= 0)
		ret = cage_deny_rights(err);
	return ret < 0 ? ret : filter_calls(err);
}

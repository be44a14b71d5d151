// SPDX-License-Identifier: GPL-2.0
/*
 * For libc.sh: writes the filter of commands that report to standard output, as the kernel
 * takes it, and the numbers and names of the calls in it to standard error.
 *
 *	libc_filter [LINE]	leave this line of the table out
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "guard/cage_parts.h"

int main(int argc, char **argv)
{
	scmp_filter_ctx filter;

	cage_leave_out(argc > 1 ? atoi(argv[1]) : -1);
	filter = cage_tool_filter();
	for (unsigned i = 0; i < cage_tool.count; i++)
		fprintf(stderr, "%d %s\n", cage_tool.at[i].call, cage_tool.at[i].name);
	return filter && seccomp_export_bpf(filter, STDOUT_FILENO) == 0 ? 0 : 1;
}

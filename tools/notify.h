/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a daemon tells the service manager, see sd_notify(3): lines in a datagram to
 * the socket that NOTIFY_SOCKET names.
 */
#ifndef TOOLS_NOTIFY_H
#define TOOLS_NOTIFY_H

/* Without a manager nothing happens; nor when it does not listen. */
void notify(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

#endif

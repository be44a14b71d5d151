/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Names of television services, taken out of MPEG-TS before libavformat sees
 * them: to read them it would open a character set, which a sandboxed process
 * does not survive.
 */
#ifndef SOURCE_SERVICES_H
#define SOURCE_SERVICES_H

#include <stddef.h>
#include <stdint.h>

/*
 * bytes are any part of such a file.  Returns how many of them are ready; what
 * follows is to be read again, together with what comes after.
 */
size_t services_mute(uint8_t *bytes, size_t size);

/* bytes are one packet. */
void services_mute_packet(uint8_t bytes[188]);

#endif

// SPDX-License-Identifier: LGPL-2.1-or-later
#include "source/services.h"

#include <stdbool.h>

#define SYNC		0x47
#define PID_SERVICES	0x11	/* service description table, ETSI EN 300 468 */
#define PID_UNUSED	0x1f	/* reserved there */
#define HEADER		3	/* sync byte, flags and identifier */

/*
 * Packets have 188 bytes, or 192 with a time before or 204 with a checksum after
 * them.  Where a neighbour lies outside of the bytes, the other one has to do.
 */
static bool is_packet(const uint8_t *bytes, size_t size, size_t at)
{
	static const size_t steps[] = { 188, 192, 204 };

	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		if ((at < steps[i] || bytes[at - steps[i]] == SYNC) &&
		    (size - at <= steps[i] || bytes[at + steps[i]] == SYNC))
			return true;
	return false;
}

static bool has_services(const uint8_t header[HEADER])
{
	return header[0] == SYNC && !(header[1] & 0x1f) && header[2] == PID_SERVICES;
}

void services_mute_packet(uint8_t bytes[188])
{
	if (has_services(bytes))
		bytes[2] = PID_UNUSED;
}

size_t services_mute(uint8_t *bytes, size_t size)
{
	if (size < HEADER)
		return size;
	for (size_t i = 0; i + HEADER <= size; i++)
		if (has_services(bytes + i) && is_packet(bytes, size, i))
			bytes[i + 2] = PID_UNUSED;
	/* A header that is cut in two is looked at when it is whole. */
	if (bytes[size - 1] == SYNC)
		return size - 1;
	return bytes[size - 2] == SYNC ? size - 2 : size;
}

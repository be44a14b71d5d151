// SPDX-License-Identifier: LGPL-2.1-or-later
#include "sink/property.h"

#include <string.h>

int property_find(struct property *property, int card, uint32_t object, uint32_t type,
		  const char *name)
{
	drmModeObjectProperties *all = drmModeObjectGetProperties(card, object, type);
	int ret = -ENOENT;

	*property = (struct property){ 0 };
	for (unsigned i = 0; all && ret < 0 && i < all->count_props; i++) {
		drmModePropertyRes *one = drmModeGetProperty(card, all->props[i]);

		if (one && !strcmp(one->name, name)) {
			*property = (struct property){ one->prop_id, all->prop_values[i] };
			ret = 0;
		}
		drmModeFreeProperty(one);
	}
	drmModeFreeObjectProperties(all);
	return ret;
}

int property_word(uint64_t *value, int card, const struct property *property, const char *word)
{
	drmModePropertyRes *one = property->id ? drmModeGetProperty(card, property->id) : NULL;
	int ret = -ENOENT;

	for (int i = 0; one && ret < 0 && i < one->count_enums; i++)
		if (!strcmp(one->enums[i].name, word)) {
			*value = one->enums[i].value;
			ret = 0;
		}
	drmModeFreeProperty(one);
	return ret;
}

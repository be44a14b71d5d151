// SPDX-License-Identifier: LGPL-2.1-or-later
#include "consent/place.h"

#include <string.h>

/* ISO 3166-1, alpha-2. */
static const char countries[] =
	"AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ "
	"BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM "
	"DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS "
	"GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN "
	"KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ "
	"MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM "
	"PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV "
	"SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI "
	"VN VU WF WS YE YT ZA ZM ZW ";
/* ISO 3166-2:US without the outlying areas, which have codes of countries. */
static const char states_of_us[] =
	"AK AL AR AZ CA CO CT DC DE FL GA HI IA ID IL IN KS KY LA MA MD ME MI MN MO MS MT NC ND NE "
	"NH NJ NM NV NY OH OK OR PA RI SC SD TN TX UT VA VT WA WI WV WY ";
static const char members_of_eu[] =
	"AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK ";

#define UNION	"EU"

/* A list is of two letters and a blank each. */
static bool has(const char *list, const char *code)
{
	for (; *list; list += 3)
		if (list[0] == code[0] && list[1] == code[1])
			return true;
	return false;
}

bool place_is_known(const char *code)
{
	size_t length = strlen(code);

	if (length == 2)
		return !strcmp(code, UNION) || has(countries, code);
	return length == 5 && !strncmp(code, "US-", 3) && has(states_of_us, code + 3);
}

/* All of b is in a. */
static bool holds(const char *a, const char *b)
{
	if (!strcmp(a, b))
		return true;
	if (!strcmp(a, UNION))
		return strlen(b) == 2 && has(members_of_eu, b);
	return strlen(a) == 2 && !strncmp(a, b, 2) && b[2] == '-';
}

bool places_cover(const struct places *places, const char *code)
{
	for (unsigned i = 0; i < places->count; i++)
		if (place_is_known(code) && holds(places->at[i], code))
			return true;
	return false;
}

bool places_touch(const struct places *places, const char *code)
{
	for (unsigned i = 0; i < places->count; i++)
		if (holds(places->at[i], code) || holds(code, places->at[i]))
			return true;
	return false;
}
